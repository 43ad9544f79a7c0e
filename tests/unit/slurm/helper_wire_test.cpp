#include "core/slurm/helper_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/slurm/scheduler.h"

namespace foz::slurm {
namespace {

using ::testing::ElementsAre;

std::string every_byte() {
  std::string bytes;
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  return bytes;
}

TEST(HelperWire, BytesSurvive) {
  EXPECT_EQ(from_wire(to_wire(every_byte())), every_byte());
  EXPECT_EQ(from_wire(to_wire("ol\xc3\xa1")), "ol\xc3\xa1");
  EXPECT_EQ(to_wire("plain text\n"), "plain text\n");
}

TEST(HelperWire, TextThatWasNeverWrittenSoStaysAsItIs) {
  EXPECT_EQ(from_wire("\xe2\x82\xac\xff"), "\xe2\x82\xac\xff");
}

TEST(HelperWire, GreetingAndReady) {
  EXPECT_EQ(to_line(HelperGreeting{1, "22.05.8"}), R"({"foz-libslurm":1,"compiled":"22.05.8"})");
  const auto greeting = greeting_from_line(R"({"foz-libslurm":7,"compiled":"26.05.3","new":[]})");
  ASSERT_TRUE(greeting);
  EXPECT_EQ(greeting->contract, 7);
  EXPECT_EQ(greeting->compiled, "26.05.3");
  EXPECT_FALSE(greeting_from_line("foz-libslurm: error while loading shared libraries"));
  EXPECT_FALSE(greeting_from_line("{}"));
}

TEST(HelperWire, ASubmissionGoesOverWhole) {
  HelperRequest request;
  request.id = 9;
  request.call = HelperCall::submit;
  request.submit.name = "train";
  request.submit.comment = every_byte();
  request.submit.script = "/x.sh";
  request.submit.script_args = {"", "a b", "\xe9", "$(no)"};
  request.submit.hold = Hold::yes;
  request.submit.node_loss = NodeLoss::keeps_job;
  request.submit.memory = {Memory::Kind::per_cpu, 2'000};
  request.submit.time_limit = Seconds{3'600};
  request.submit.hyperthreads = false;
  request.submit.nice = -3;
  request.submit.environment = {"A=" + every_byte(), "B=", "C=x=y\nz"};
  const auto back = request_from_line(to_line(request));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->id, 9);
  EXPECT_EQ(back->call, HelperCall::submit);
  EXPECT_EQ(back->submit.comment, request.submit.comment);
  EXPECT_EQ(back->submit.script_args, request.submit.script_args);
  EXPECT_EQ(back->submit.environment, request.submit.environment);
  EXPECT_EQ(sbatch_options(back->submit), sbatch_options(request.submit));
  EXPECT_EQ(to_line(request).find('\n'), std::string::npos);
}

TEST(HelperWire, JobsAreNamedAsSlurmNamesThem) {
  HelperRequest request;
  request.id = 2;
  request.call = HelperCall::release;
  request.jobs = {{JobId{12}, ""}, {JobId{13}, "0-9,12"}};
  EXPECT_EQ(to_line(request), R"({"id":2,"call":"release","jobs":["12","13_[0-9,12]"]})");
  const auto back = request_from_line(to_line(request));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->jobs.size(), 2);
  EXPECT_EQ(back->jobs[1].id, JobId{13});
  EXPECT_EQ(back->jobs[1].elements, "0-9,12");
}

TEST(HelperWire, WhatIsNoRequestIsInvalid) {
  for (const auto* line :
       {"", "x", "[]", "{}", R"({"id":1})", R"({"id":1,"call":"dance"})",
        R"({"id":1,"call":"submit","request":{}})", R"({"id":1,"call":"release","jobs":["x"]})",
        R"({"id":-1,"call":"jobs","jobs":7})"}) {
    const auto request = request_from_line(line);
    ASSERT_FALSE(request) << line;
    EXPECT_EQ(request.error().code, Code::invalid) << line;
  }
}

TEST(HelperWire, AnswersOfEveryKind) {
  HelperAnswer job;
  job.id = 3;
  job.submission = {JobId{812}, {}, {"hello \xe9"}};
  const auto submitted = answer_from_line(to_line(job));
  ASSERT_TRUE(submitted) << submitted.error().message;
  EXPECT_EQ(submitted->submission.id, JobId{812});
  EXPECT_THAT(submitted->submission.notes, ElementsAre("hello \xe9"));

  HelperAnswer refused;
  refused.id = 4;
  refused.error = Error{Code::unknown_outcome, "who knows\n  \xff"};
  EXPECT_EQ(answer_from_line(to_line(refused))->error, refused.error);

  HelperAnswer rows;
  rows.id = 5;
  rows.bytes = 71;
  EXPECT_EQ(to_line(rows), R"({"id":5,"bytes":71})");
  EXPECT_EQ(answer_from_line(to_line(rows))->bytes, 71);
}

TEST(HelperWire, FactsGoOverWhole) {
  HelperAnswer answer;
  answer.id = 6;
  ClusterFacts& facts = answer.facts;
  facts.name = "blue";
  facts.version = "24.11.5";
  facts.max_array_size = 0;
  facts.has_accounting = true;
  facts.partitions = {
      {"gpu", true, false, {TimeLimit::Kind::value, Seconds{86'400}}, 4, 130, "g[1-130]"},
      {"open", false, true, {TimeLimit::Kind::unlimited, Seconds{0}}, std::nullopt, 0, ""},
      {"odd", false, true, {}, std::nullopt, 1, "o1"}};
  facts.shapes = {{"gpu", 130, 144, 500'000, {{"gpu", "a100", 4}, {"ssd", "", 1}}}};
  facts.nodes_unknown = "because";
  const auto back = answer_from_line(to_line(answer));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->facts.name, "blue");
  EXPECT_EQ(back->facts.max_array_size, 0);
  EXPECT_TRUE(back->facts.has_accounting);
  ASSERT_EQ(back->facts.partitions.size(), 3);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(back->facts.partitions[i].max_time, facts.partitions[i].max_time) << i;
    EXPECT_EQ(back->facts.partitions[i].max_nodes, facts.partitions[i].max_nodes) << i;
    EXPECT_EQ(back->facts.partitions[i].is_default, facts.partitions[i].is_default) << i;
    EXPECT_EQ(back->facts.partitions[i].is_up, facts.partitions[i].is_up) << i;
    EXPECT_EQ(back->facts.partitions[i].nodes, facts.partitions[i].nodes) << i;
  }
  ASSERT_EQ(back->facts.shapes.size(), 1);
  EXPECT_EQ(back->facts.shapes[0].gres, facts.shapes[0].gres);
  EXPECT_EQ(back->facts.nodes_unknown, "because");
}

}  // namespace
}  // namespace foz::slurm
