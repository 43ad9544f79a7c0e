/// Real agents on several pretended nodes of this machine, below a stand-in for srun: the channel,
/// the order of ranks, roles and ports of plugins, and what happens when a piece dies.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "tests/process/task_run.h"
#include "tests/support/folders.h"

namespace foz::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SeveralNodes : public testing::Test {
 protected:
  SeveralNodes() { take(3); }

  void take(int nodes) {
    std::string names = "n1";
    for (int i = 2; i <= nodes; ++i) names += ",n" + std::to_string(i);
    run.set("PATH", test::source_folder().native() +
                        "/tests/process/fake:" + *find_variable(run.environment, "PATH"));
    run.set("FAKE_NODES", names);
    run.set("FAKE_PIDS", (run.root() / "pids").native());
    run.set("SLURM_JOB_ID", "7");
    run.set("SLURM_JOB_NODELIST", "n[1-" + std::to_string(nodes) + "]");
    run.set("SLURM_JOB_NUM_NODES", std::to_string(nodes));
    run.set("SLURM_JOB_CPUS_PER_NODE", "4(x" + std::to_string(nodes) + ")");
    run.set("SLURM_NTASKS", "99");
    run.set("SLURM_EXPORT_ENV", "NONE");
    run.stage.env = {{"MARK", run.root().native()}};
    run.stage.address_form = "interface:lo";
  }
  [[nodiscard]] std::vector<int> left() const {
    return find_processes_with("MARK=" + run.root().native());
  }
  [[nodiscard]] std::vector<pid_t> agents() const {
    std::vector<pid_t> pids;
    const std::string text = read_file(run.root() / "pids").value_or("");
    for (const std::string_view one : split(trim(text), ' '))
      if (const auto pid = parse_integer(one)) pids.push_back(static_cast<pid_t>(*pid));
    return pids;
  }

  TaskRun run;
};

TEST_F(SeveralNodes, NumbersRanksNodeByNodeWithTheNodesOfASwitchTogether) {
  run.stage.geometry.ranks_per_node = 2;
  run.add_argv({"sh", "-c",
                "echo $0 $1 $FOZ_RANK $FOZ_WORLD_SIZE ${SLURM_PROCID-none} ${SLURM_NTASKS-none} "
                "${PMI_RANK-none} $SLURM_JOB_ID",
                "${{ node.name }}", "${{ hosts }} ${{ addresses }}"});
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  const std::vector<std::string> nodes = {"n1", "n1", "n3",
                                          "n3", "n2", "n2"};  // n1 and n3 are below s0
  for (std::size_t rank = 0; rank < nodes.size(); ++rank)
    EXPECT_EQ(run.log("train.1.rank." + std::to_string(rank) + ".log"),
              nodes[rank] + " n1,n3,n2 127.0.0.1,127.0.0.1,127.0.0.1 " + std::to_string(rank) +
                  " 6 none none none 7\n");
  EXPECT_EQ(run.records(journal::kind::world_up).front().integer("ranks"), 6);
  EXPECT_EQ(run.records(journal::kind::task_started).front().text("nodes"), "n[1-3]");
}

TEST_F(SeveralNodes, RunsSetupOnceOnEachNode) {
  run.stage.geometry.ranks_per_node = 4;
  run.stage.setup = {"echo \"$SLURMD_NODENAME\" >> setups", "export WHERE=$SLURMD_NODENAME"};
  run.add_argv({"sh", "-c", "test $WHERE = $0", "${{ node.name }}"});
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  const std::string setups = run.file("setups");
  std::multiset<std::string_view> names;
  for (const std::string_view line : split(trim(setups), '\n')) names.insert(line);
  EXPECT_THAT(names, ElementsAre("n1", "n2", "n3"));
}

TEST_F(SeveralNodes, PlacesAStepOnTheFirstNodeOrOnEvery) {
  run.add_argv({"sh", "-c", "echo $0 >> every", "${{ node.name }}"});
  run.stage.steps.back().place = task::StepPlace::every_node;
  run.add_argv({"sh", "-c", "echo $0 >> first", "${{ node.name }}"});
  run.stage.steps.back().place = task::StepPlace::first_node;
  run.stage.geometry.ranks_per_node = 5;
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.file("every").size(), 9U);
  EXPECT_EQ(run.file("first"), "n1\n");
}

/// What is started by hand from the first node (mpirun, ssh) needs to know of all of them.
TEST_F(SeveralNodes, AStepOnTheFirstNodeKnowsTheOthers) {
  run.add_argv(
      {"sh", "-c", "echo $0 $FOZ_WORLD_SIZE; cat \"$1\"", "${{ hosts }}", "${{ hostfile }}"});
  run.stage.steps.back().place = task::StepPlace::first_node;
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.log(), "n1,n3,n2 1\nn1\nn3\nn2\n");
}

TEST_F(SeveralNodes, EveryFileAndFolderThatIsNamedIsThere) {
  run.stage.env.insert(run.stage.env.end(), {{"NODES", "${{ hostfile }}"},
                                             {"MINE", "${{ rank_dir }}"},
                                             {"OURS", "${{ task_dir }}"},
                                             {"SCRATCH", "${{ node.scratch }}"}});
  run.add_shell(
      R"(cat "$NODES"; test -d "$SCRATCH"; echo $FOZ_RANK > "$MINE/rank"; echo $FOZ_RANK > "$OURS/$FOZ_RANK")");
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  const fs::path task = run.folder().attempt("train", Attempt{1});
  for (const std::string rank : {"0", "1", "2"}) {
    EXPECT_EQ(run.log("train.1.rank." + rank + ".log"), "n1\nn3\nn2\n");
    EXPECT_EQ(read_file(task / "0.1" / ("rank." + rank) / "rank").value_or(""), rank + "\n");
    EXPECT_EQ(read_file(task / rank).value_or(""), rank + "\n");
  }
}

TEST_F(SeveralNodes, CarriesHostileBytesToEveryRank) {
  const std::string hostile = "two\nlines 'and' \"quotes\" $HOME grün ☃ ${{ x }}";
  run.stage.env.emplace_back("HOSTILE", plugin::literal(hostile));
  run.add_argv({"python3", "-c",
                "import os,sys; assert os.environ['HOSTILE'] == sys.argv[1]; print(sys.argv[1])",
                plugin::literal(hostile)});
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.log("train.1.rank.2.log"), hostile + "\n");
}

TEST_F(SeveralNodes, StopsTheOthersWhenARankFailsAndNamesIt) {
  run.add_shell(
      "if [ $FOZ_RANK = 1 ]; then echo 'bad shape'; exit 9; fi\nsetsid sleep 1000 & sleep 1000");
  const Finished finished = run.keep();
  EXPECT_TRUE(finished.exited_with(9)) << finished.err;
  EXPECT_EQ(run.end().text("sentence"),
            "rank 1 on n3 ended with exit status 9: the last line of its log is \"bad shape\"");
  EXPECT_EQ(run.end().text("log"), "logs/train/train.1.rank.1.log");
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(SeveralNodes, ALostAgentIsALostNode) {
  run.add_shell("touch ready.$FOZ_RANK; sleep 1000");
  const pid_t keeper = run.start_keeper();
  wait_until([&] {
    return fs::exists(run.workdir() / "ready.0") && fs::exists(run.workdir() / "ready.1") &&
           fs::exists(run.workdir() / "ready.2");
  });
  ASSERT_EQ(agents().size(), 3U);
  ::kill(agents()[1], SIGKILL);
  EXPECT_EQ(run.wait_keeper(keeper), 1 << 8);
  EXPECT_EQ(run.end().text("class"), "node_fail");
  EXPECT_EQ(run.end().text("sentence"), "the agent on n2 is gone: srun: error: n2: task 1: Killed");
  wait_until([&] { return left().empty(); });
}

TEST_F(SeveralNodes, NothingRunsOnWhenTheKeeperIsKilled) {
  run.add_shell("touch ready.$FOZ_RANK; sleep 1000 & wait");
  const pid_t keeper = run.start_keeper();
  wait_until([&] {
    return fs::exists(run.workdir() / "ready.0") && fs::exists(run.workdir() / "ready.1") &&
           fs::exists(run.workdir() / "ready.2");
  });
  ::kill(keeper, SIGKILL);
  run.wait_keeper(keeper);
  wait_until([&] { return left().empty(); });
}

TEST_F(SeveralNodes, TermLetsEveryRankSave) {
  unset_variable(run.environment, "SLURM_JOB_ID");
  run.add_shell(
      "trap 'sleep 0.1; echo saved > saved.$FOZ_RANK; exit 0' TERM\ntouch ready.$FOZ_RANK; while "
      "true; do sleep 0.02; done");
  const pid_t keeper = run.start_keeper();
  wait_until([&] {
    return fs::exists(run.workdir() / "ready.0") && fs::exists(run.workdir() / "ready.1") &&
           fs::exists(run.workdir() / "ready.2");
  });
  ::kill(keeper, SIGTERM);
  run.wait_keeper(keeper);
  EXPECT_EQ(run.end().text("outcome"), "cancelled");
  for (const char* name : {"saved.0", "saved.1", "saved.2"}) EXPECT_EQ(run.file(name), "saved\n");
}

TEST_F(SeveralNodes, SaysWhySrunMadeNoStep) {
  run.set("FAKE_SRUN", "refuse");
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("class"), "launch_failed");
  EXPECT_EQ(run.end().text("sentence"),
            "srun ended (exit status 1) before the task was over; srun last said: srun: error: "
            "Unable to create step for job 7: More processors requested than permitted");
}

TEST_F(SeveralNodes, SaysThatSrunIsMissing) {
  run.set("PATH", "/nowhere");
  run.add_shell("true");
  run.keep();
  EXPECT_EQ(run.end().text("sentence"),
            "srun ended (exit status 127) before the task was over; srun last said: program 'srun' "
            "is not on PATH");
}

TEST_F(SeveralNodes, LinesOfTheSiteBetweenOursDoNoHarm) {
  run.set("FAKE_SRUN", "noise");
  run.add_shell("true");
  const Finished finished = run.keep();
  EXPECT_TRUE(finished.exited_with(0));
  EXPECT_EQ(finished.err, "Welcome to this cluster\n");
}

TEST_F(SeveralNodes, RunsManyRanksWithLongLastWords) {
  take(4);
  run.stage.geometry.ranks_per_node = 16;
  run.add_shell("for i in {1..40}; do printf '%0500d\\n' $i; done; exit 3");
  EXPECT_TRUE(run.keep().exited_with(3));
  EXPECT_EQ(run.end().text("class"), "user_error");
}

// ---- plugins ------------------------------------------------------------------------------------

/// A server of one rank, and workers that ask it; the server's answer is readiness too.
constexpr const char* k_pair =
    R"({"contract": 1, "name": "pair", "summary": "a server and its workers",
  "with": {"script": {"type": "text", "required": true, "help": "what a worker runs"}},
  "last_words": [{"contains": "Address already in use", "class": "launch_failed", "bind_failure": true, "sentence": "its port was taken"}],
  "exit_codes": {"42": "checkpointed, start again"},
  "shape": {"roles": [{"name": "server", "where": "first", "per_node": 1, "ports": ["http"], "counts_as_world": false, "sees_gpus": false},
                      {"name": "worker", "where": "all", "per_node": 2, "ports": ["rpc"]}]},
  "launch": {"ends_with": "worker", "stop_grace_s": 2, "roles": [
    {"role": "server", "argv": ["python3", "${{ plugin_dir }}/server.py", "${{ port.http }}"],
     "ready": {"http_port": "http", "http_path": "/json/", "json_equals": {"status": "ALIVE"}, "timeout_s": 20}},
    {"role": "worker", "after": ["server"], "argv": ["python3", "-c", "${{ with.script }}", "${{ endpoints.server.http.0 }}", "${{ rank }}", "${{ endpoints.worker.rpc }}"],
     "env": {"WORLD": "${{ world_size }}"},
     "files": [{"path": "hello", "content": "for ${{ role_rank }}"}],
     "proof": {"file": "${{ rank_dir }}/proof", "equals": "${{ world_size }}", "sentence": "the world had not the size asked for"}}]}})";

constexpr const char* k_server = R"(
import http.server, sys, time, json
began = time.monotonic()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        alive = time.monotonic() - began > 0.3
        body = json.dumps({"status": "ALIVE" if alive else "STANDBY"}).encode()
        self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
)";

constexpr const char* k_worker = R"(
import json, os, socket, sys, urllib.request
answer = json.load(urllib.request.urlopen("http://%s/json/" % sys.argv[1]))
ports = [int(e.split(":")[1]) for e in sys.argv[3].split(",")]
s = socket.socket(); s.bind(("127.0.0.1", ports[int(sys.argv[2])]))
print(answer["status"], sys.argv[2], len(set(ports)))
)";

class Plugins : public SeveralNodes {
 protected:
  Plugins() { take(2); }
  void use(const std::string& worker) {
    run.add_plugin("pair", plugin::Value::Map{{"script", plugin::literal(worker)}}, k_pair);
    ASSERT_TRUE(
        write_file(run.folder().plugin("pair") / "server.py", k_server, Durability::cached));
  }
  const std::string prove =
      "\nimport glob\nd = sorted(glob.glob(os.environ['FOZ_RUN_DIR'] + '/tasks/train/1/*/worker.' "
      "+ sys.argv[2]))[-1]\n"
      "assert open(d + '/hello').read() == 'for ' + sys.argv[2]\n"
      "open(d + '/proof', 'w').write(os.environ['WORLD'] + chr(10))\n";
};

TEST_F(Plugins, StartWorkersOnceTheServerIsReadyAndEndIt) {
  use(std::string(k_worker) + prove);
  const Finished finished = run.keep();
  ASSERT_TRUE(finished.exited_with(0)) << finished.err;
  for (int rank = 0; rank < 4; ++rank)
    EXPECT_EQ(run.log("train.1.worker." + std::to_string(rank) + ".log"),
              "ALIVE " + std::to_string(rank) + " 4\n");
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(Plugins, AWorldOfTheWrongSizeIsAFailureThoughEveryExitWasGood) {
  use(std::string(k_worker) + "os.environ['WORLD'] = '1'\n" + prove);
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("class"), "world_size");
  EXPECT_THAT(run.end().text("sentence"), HasSubstr("says \"1\", not \"4\""));
}

TEST_F(Plugins, NoProofIsAFailureToo) {
  use(k_worker);
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("class"), "world_size");
  EXPECT_THAT(run.end().text("sentence"), HasSubstr("left no proof"));
}

/// The first start finds its port stolen by another process (as a neighbour's task may), the second
/// does not.
TEST_F(Plugins, AStolenPortIsAnsweredWithANewStartAndNewPorts) {
  const std::string steal = R"(
import os, socket, sys
first = sys.argv[2] == '1' and not os.path.exists('stolen')
if first:
    port = int(sys.argv[3].split(',')[1].split(':')[1])
    thief = socket.socket(); thief.bind(('127.0.0.1', port)); thief.listen()
    open('stolen', 'w').close()
)";
  use(steal + k_worker + prove);
  const Finished finished = run.keep();
  ASSERT_TRUE(finished.exited_with(0)) << finished.err;
  const auto steps = run.records(journal::kind::step_ended);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].text("status"), "restarted");
  EXPECT_THAT(steps[0].text("sentence"), HasSubstr("found its port taken"));
  EXPECT_EQ(steps[1].text("status"), "succeeded");
  EXPECT_THAT(run.log("train.1.worker.0.log"), HasSubstr("--- foz: start 2 ---\nALIVE 0 4\n"));
}

TEST_F(Plugins, AServerThatDiesEndsTheStepWithItsLastWords) {
  use("import time; time.sleep(1000)");
  ASSERT_TRUE(write_file(run.folder().plugin("pair") / "server.py",
                         "import sys; sys.exit('no java here')", Durability::cached));
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("sentence"),
            "rank server.0 on n1 ended with exit status 1: the last line of its log is "
            "\"no java here\"");
  EXPECT_FALSE(fs::exists(run.folder().logs("train") / "train.1.worker.0.log"));
}

TEST_F(Plugins, SayWhatAnExitStatusMeans) {
  use("import sys; print('x'); sys.exit(42)");
  EXPECT_TRUE(run.keep().exited_with(42));
  EXPECT_THAT(run.end().text("sentence"),
              HasSubstr("ended with exit status 42: checkpointed, start again"));
}

TEST_F(Plugins, ThatAreBrokenAreNamed) {
  run.add_plugin("pair", plugin::Value::Map{}, "{\"contract\": 1}");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("class"), "plugin_error");
}

}  // namespace
}  // namespace foz::test
