// What only a real Slurm can show: that both back ends make the same job of a request, that bytes
// arrive, and what a call costs the controller.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/fd.h"
#include "core/base/text.h"
#include "tests/slurm/behaviour/world.h"

namespace foz::slurm {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

void require_slurm() {
  if (!why_no_slurm().empty()) GTEST_SKIP() << "no Slurm to test with: " << why_no_slurm();
}

std::string setting(std::string_view name) {
  for (const std::string_view line : split(output_of({"scontrol", "show", "config"}), '\n')) {
    if (line.starts_with(name)) return std::string(trim(line.substr(line.find(" = ") + 3)));
  }
  return {};
}

// ---- the same job -------------------------------------------------------------------------------

/// What differs between two submissions of one request.
bool is_own(std::string_view word) {
  for (const std::string_view key :
       {"JobId=", "ArrayJobId=", "SubmitTime=", "EligibleTime=", "AccrueTime=", "LastSchedEval=",
        "AllocNode:Sid=", "StdErr=", "StdOut=", "StartTime=", "Deadline=", "Priority="}) {
    if (word.starts_with(key)) return true;
  }
  return false;
}

using Words = std::set<std::string>;

Words described(JobId id) {
  Words words;
  const std::string text =
      output_of({"scontrol", "--oneliner", "show", "job", std::to_string(id.value)});
  for (const std::string_view word : split(trim(text), ' ')) {
    if (!word.empty() && !is_own(word)) words.emplace(word);
  }
  return words;
}

/// What the controller keeps of a job: "environment" or "script".
std::string kept(JobId id, std::string_view what) {
  static const std::string state = setting("StateSaveLocation");
  for (const auto& folder : fs::directory_iterator(state)) {
    const fs::path file = folder.path() / fmt::format("job.{}", id.value) / what;
    if (fs::exists(file)) return read_file(file).value_or(std::string());
  }
  return {};
}

/// Variables by name; the first four bytes count them.
Words kept_variables(JobId id) {
  Words variables;
  const std::string bytes = kept(id, "environment").substr(4);
  for (const std::string_view entry : split(bytes, '\0')) {
    if (!entry.empty()) variables.emplace(entry);
  }
  return variables;
}

/// "only the commands: X", "only libslurm: Y".
std::vector<std::string> differences(const Words& commands, const Words& libslurm) {
  std::vector<std::string> all;
  for (const std::string& word : commands) {
    if (!libslurm.contains(word)) all.push_back("only the commands: " + word);
  }
  for (const std::string& word : libslurm) {
    if (!commands.contains(word)) all.push_back("only libslurm: " + word);
  }
  return all;
}

/// Requests that, together, use every member.
std::map<std::string, SubmitRequest> requests(World& world) {
  std::map<std::string, SubmitRequest> all;
  const auto add = [&](const std::string& name) -> SubmitRequest& {
    SubmitRequest request = world.job({"exit", "0", "a b", ""});
    request.name = name;
    request.hold = Hold::yes;
    return all.emplace(name, std::move(request)).first->second;
  };
  add("least").memory = {};
  SubmitRequest& shaped = add("shaped");
  shaped.nodes_min = shaped.nodes_max = 2;
  shaped.tasks_per_node = 3;
  shaped.cpus_per_task = 2;
  shaped.gres = "gpu:a100:2";
  shaped.exclusive = true;
  shaped.time_limit = Seconds{3'601};
  shaped.switches = 1;
  shaped.tmp_mib = 1;
  shaped.node_loss = NodeLoss::keeps_job;
  shaped.comment = "two words";
  SubmitRequest& range = add("range");
  range.nodes_min = 1;
  range.nodes_max = 2;
  range.memory = {Memory::Kind::per_cpu, 10};
  range.hyperthreads = false;
  range.nodelist = "n[1-2]";
  SubmitRequest& array = add("array");
  array.array = "0-7:2%3";
  array.nice = 100;
  array.hyperthreads = true;
  array.mail_type = "END,FAIL,TIME_LIMIT_80";
  array.mail_user = "ana@example.org";
  array.memory = {Memory::Kind::all, 0};
  SubmitRequest& placed = add("placed");
  placed.partition = "short";
  placed.time_limit = Seconds{60};
  placed.gres = "gpu:1";
  placed.memory = {Memory::Kind::per_gpu, 20};
  placed.exclude = "n2";
  placed.begin = "2030-01-02T03:04:05";
  SubmitRequest& child = add("child");
  child.dependency = "afterany:1";
  child.environment.push_back("ODD=a,b\n\"c\" \xe9 $HOME");
  child.environment.push_back("EMPTY=");
  return all;
}

TEST(RealSlurm, BothBackEndsMakeTheSameJob) {
  require_slurm();
  if (!why_no_helper().empty()) GTEST_SKIP() << why_no_helper();
  const auto commands = make_slurm_world(WorldKind::commands);
  const auto libslurm = make_slurm_world(WorldKind::libslurm);
  for (const auto& [name, request] : requests(*commands)) {
    const auto one = commands->scheduler().submit(request);
    const auto other = libslurm->scheduler().submit(request);
    ASSERT_TRUE(one) << name << ": " << one.error().message;
    ASSERT_TRUE(other) << name << ": " << other.error().message;
    EXPECT_THAT(differences(described(one->id), described(other->id)), IsEmpty()) << name;
    EXPECT_THAT(differences(kept_variables(one->id), kept_variables(other->id)), IsEmpty()) << name;
    EXPECT_EQ(kept(one->id, "script"), kept(other->id, "script")) << name;
  }
}

// ---- bytes --------------------------------------------------------------------------------------

class RealBackEnd : public ::testing::TestWithParam<WorldKind> {
 protected:
  void SetUp() override {
    require_slurm();
    if (GetParam() == WorldKind::libslurm && !why_no_helper().empty()) {
      GTEST_SKIP() << why_no_helper();
    }
    if (!IsSkipped()) world_ = make_slurm_world(GetParam());
  }
  std::unique_ptr<World> world_;
};

std::vector<std::string> words_of(const std::string& file) {
  const std::string bytes = read_file(file).value_or(std::string());
  std::vector<std::string> words;
  for (const std::string_view word : split(bytes, '\0')) words.emplace_back(word);
  words.pop_back();
  return words;
}

TEST_P(RealBackEnd, ArgumentsAndEnvironmentArriveAsTheyWereSent) {
  const std::string file = fmt::format("{}/record-{}", sandbox_folder(), world_name(GetParam()));
  const std::vector<std::string> arguments = {"record", file,    "a b",  "",          "$(id) `id`",
                                              "--x",    "'\"\\", "\xe9", "two\nlines"};
  SubmitRequest request = world_->job(arguments);
  const Environment odd = {"A=a,b", "B=x=y z", "C='\"",      "D=two\nlines",
                           "E=",    "F=$HOME", "G=\xe9\x01", "LC_ALL=C.UTF-8"};
  request.environment.insert(request.environment.end(), odd.begin(), odd.end());
  ASSERT_TRUE(world_->scheduler().submit(request));
  ASSERT_TRUE(eventually(*world_, [&] { return fs::exists(file + ".env"); }));
  EXPECT_EQ(words_of(file + ".args"), arguments);
  const auto environment = words_of(file + ".env");
  for (const std::string& entry : odd) EXPECT_THAT(environment, Contains(entry));
  for (const auto* ours : {"SLURM_TIME_FORMAT", "SLURM_BITSTR_LEN", "TZ"}) {
    EXPECT_EQ(find_variable(environment, ours), std::nullopt) << ours;
  }
}

// ---- cost ---------------------------------------------------------------------------------------

using Served = std::map<std::string, int>;

/// Requests that the controller has served since `sdiag -r`, by name.
std::map<std::string, int> served() {
  std::map<std::string, int> counts;
  const std::string text = output_of({"sdiag"});
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view trimmed = trim(line);
    const std::size_t at = trimmed.find("count:");
    if (!trimmed.starts_with("REQUEST_") || at == trimmed.npos) continue;
    const std::string_view name = trimmed.substr(0, trimmed.find(' '));
    if (name == "REQUEST_STATS_INFO") continue;
    const auto count = parse_integer(split(trimmed.substr(at + 6), ' ', 2).front());
    counts[std::string(name)] = static_cast<int>(count.value_or(0));
  }
  return counts;
}

TEST_P(RealBackEnd, WhatACallCostsTheController) {
  const bool native = GetParam() == WorldKind::libslurm;
  Scheduler& scheduler = world_->scheduler();
  const auto cost_of = [](const auto& call) {
    (void)output_of({"sdiag", "-r"});
    EXPECT_TRUE(call());
    return served();
  };
  // As root squeue asks for everybody's jobs: uid 0 is "no user" to it.
  const std::string queue =
      native || ::getuid() != 0 ? "REQUEST_JOB_USER_INFO" : "REQUEST_JOB_INFO";
  Served question = {{queue, 1}};
  Served facts = {
      {"REQUEST_BUILD_INFO", 1}, {"REQUEST_NODE_INFO", 1}, {"REQUEST_PARTITION_INFO", 1}};
  if (!native) {
    question["REQUEST_PARTITION_INFO"] = 1;  // squeue asks for the partitions as well
    facts["REQUEST_PING"] = 1;               // scontrol pings the controller as well
  }
  SubmitRequest request = world_->job({"exit", "0"});
  request.array = "0-99";
  request.hold = Hold::yes;
  JobId id;
  const auto submit = [&] {
    const auto submission = scheduler.submit(request);
    if (submission) id = submission->id;
    return submission.has_value();
  };
  EXPECT_EQ(cost_of(submit), (Served{{"REQUEST_SUBMIT_BATCH_JOB", 1}}));
  EXPECT_EQ(cost_of([&] { return scheduler.jobs({{id}, true}).has_value(); }), question);
  EXPECT_EQ(cost_of([&] { return scheduler.facts().has_value(); }), facts);
  EXPECT_EQ(cost_of([&] {
              return scheduler.cancel({{id, "0-49"}, {id, ""}}).has_value();
            }),
            (Served{{"REQUEST_KILL_JOB", 2}}));
  EXPECT_EQ(cost_of([&] {
              return scheduler.release({{id, ""}}).has_value();
            }),
            (Served{{"REQUEST_UPDATE_JOB", 1}}));
}

INSTANTIATE_TEST_SUITE_P(Each, RealBackEnd,
                         ::testing::Values(WorldKind::commands, WorldKind::libslurm),
                         [](const auto& suite) { return world_name(suite.param); });

}  // namespace
}  // namespace foz::slurm
