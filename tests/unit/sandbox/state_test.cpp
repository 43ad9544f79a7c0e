#include "core/sandbox/state.h"

#include <gtest/gtest.h>

#include "tests/unit/sandbox/child.h"

namespace foz::sandbox {
namespace {

State full_state() {
  State state;
  state.options.name = "two";
  state.options.nodes = 2;
  state.options.gpus_per_node = 1;
  state.options.gpu_type = "a100";
  state.options.min_job_age = 2;
  state.options.max_array_size = 1001;
  state.options.lines = {"KillWait=5", "PartitionName=gpu Nodes=n1"};
  state.release = {22, 5, 8};
  state.port = 12345;
  state.boot = "5f0e";
  state.daemons = {{"munged", {100, 4000}, false}, {"slurmd n1", {104, 4010}, false}};
  state.progress = State::Progress::ready;
  return state;
}

const std::string k_full_text =
    "foz-sandbox 1\nname two\nnodes 2\ncpus_per_node 4\nmemory_per_node 6144\ngpus_per_node "
    "1\ngpu_type a100\nswitches 2\ncred_expire 5\n"
    "min_job_age 2\nmax_array_size 1001\nline KillWait=5\nline PartitionName=gpu Nodes=n1\nrelease "
    "22.05.8\nport 12345\nboot 5f0e\n"
    "daemon 100 4000 munged\ndaemon 104 4010 slurmd n1\nready\n";

TEST(State, IsOneLineForEachFact) {
  EXPECT_EQ(format_state(full_state()), k_full_text);
}

TEST(State, ComesBackAsItWas) {
  const auto state = parse_state(k_full_text);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->options, full_state().options);
  EXPECT_EQ(format_state(*state), k_full_text);
}

TEST(State, SkipsKeysItDoesNotKnow) {
  const auto state = parse_state("foz-sandbox 1\nname a\ncolour blue\n");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->options.name, "a");
}

TEST(State, WithoutReadyTheStartWasCutShort) {
  EXPECT_EQ(parse_state("foz-sandbox 1\nname a\n")->progress, State::Progress::starting);
}

TEST(State, RefusesAnotherFormatAndTornLines) {
  EXPECT_EQ(parse_state("foz-sandbox 2\n").error().message,
            "the first line should be \"foz-sandbox 1\", is \"foz-sandbox 2\"");
  EXPECT_EQ(parse_state("").error().message, "the first line should be \"foz-sandbox 1\", is \"\"");
  EXPECT_EQ(parse_state("foz-sandbox 1\nnodes four\n").error().message,
            "line 2 cannot be read: \"nodes four\"");
  EXPECT_EQ(parse_state("foz-sandbox 1\ndaemon 12\n").error().message,
            "line 2 cannot be read: \"daemon 12\"");
  EXPECT_FALSE(parse_state("foz-sandbox 1\ndaemon -1 5 slurmd n1\n"));
}

TEST(State, SurvivesACutAtEveryByte) {
  for (std::size_t length = 0; length <= k_full_text.size(); ++length) {
    const auto state = parse_state(std::string_view(k_full_text).substr(0, length));
    const bool is_whole = length >= k_full_text.size() - 1;
    if (state) {
      EXPECT_EQ(state->progress, is_whole ? State::Progress::ready : State::Progress::starting)
          << length;
    }
  }
}

TEST(State, IsReadFromWhereItWasSaved) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(load_state(folder.path()).error().code, Code::not_found);
  ASSERT_TRUE(save_state(folder.path(), full_state()));
  EXPECT_EQ(format_state(load_state(folder.path()).value()), k_full_text);
}

}  // namespace
}  // namespace foz::sandbox
