#include "core/agent/wire.h"

#include <gmock/gmock.h>

#include "core/base/text.h"

namespace foz::agent {
namespace {

using testing::ElementsAre;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  return lines;
}

TEST(Lines, KeepAShortMessageInOne) {
  EXPECT_EQ(to_lines(NodeIndex{3}, "{\"r\":\"prepared\"}"), "@foz1 3 . {\"r\":\"prepared\"}\n");
}

TEST(Lines, CutALongMessageAndPutItTogetherAgainWhoeverSpeaksBetween) {
  std::string message;
  for (int i = 0; i < 5'000; ++i) message += static_cast<char>('a' + i % 26);
  const auto of_one = lines_of(to_lines(NodeIndex{1}, message));
  const auto of_two = lines_of(to_lines(NodeIndex{2}, message + "!"));
  LineJoiner joiner;
  std::vector<LineJoiner::Message> got;
  for (std::size_t i = 0; i < of_one.size(); ++i)
    for (const auto& line : {of_one[i], of_two[i]}) {
      EXPECT_LT(line.size(), k_max_line);
      auto taken = joiner.take(line);
      EXPECT_TRUE(taken.is_ours);
      if (taken.message) got.push_back(std::move(*taken.message));
    }
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].from, NodeIndex{1});
  EXPECT_EQ(got[0].text, message);
  EXPECT_EQ(got[1].text, message + "!");
}

TEST(Lines, LeaveForeignOnesAlone) {
  LineJoiner joiner;
  for (const char* line : {"", "Welcome", "@foz1", "@foz1 x . {}", "@foz1 1", "@foz2 1 . {}"})
    EXPECT_FALSE(joiner.take(line).is_ours) << line;
  EXPECT_FALSE(joiner.take("@foz1 * . {}").message->from);
}

template <class O>
O order_round(const O& order, std::optional<NodeIndex> to = std::nullopt) {
  const auto back = order_from_json(order_to_json(order, to));
  EXPECT_TRUE(back);
  EXPECT_EQ(back->to, to);
  return std::get<O>(back->order);
}

TEST(Orders, ComeBackAsTheyWere) {
  order_round(order::Prepare{});
  EXPECT_EQ(order_round(order::ReservePorts{4, 7}, NodeIndex{2}).count, 7U);
  EXPECT_EQ(order_round(order::StartRole{4, 1}).role, 1U);
  EXPECT_EQ(order_round(order::StopWorld{4, milliseconds(2'500)}).grace, milliseconds(2'500));
  for (const Teller teller : {Teller::agent, Teller::outside})
    EXPECT_EQ(order_round(order::StopWorld{4, milliseconds(1), teller}).teller, teller);
  EXPECT_EQ(order_round(order::Forward{10}).signal, 10);
  auto plan = std::make_shared<WorldPlan>();
  plan->world = 9;
  EXPECT_EQ(order_from_json(order_to_json(order::TakeWorld{plan}, std::nullopt))->world_file, 9U);
}

template <class R>
R report_round(const R& report) {
  const auto back = report_from_json(report_to_json(report));
  EXPECT_TRUE(back);
  return std::get<R>(*back);
}

TEST(Reports, ComeBackAsTheyWere) {
  plugin::Node node{"n1", "10.0.0.1", "top.s1.n1", 8, 4096, {"GPU-1", "3"}, "/tmp/x \xff"};
  const auto hello = report_round(report::Hello{node}).node;
  EXPECT_EQ(hello.name, "n1");
  EXPECT_EQ(hello.gpus, node.gpus);
  EXPECT_EQ(hello.scratch, node.scratch);
  EXPECT_EQ(report_round(report::Unfit{failure::Class::storage, "full"}).cls,
            failure::Class::storage);
  EXPECT_THAT(report_round(report::Ports{2, {1024, 65535}, "x"}).ports, ElementsAre(1024, 65535));
  EXPECT_EQ(report_round(report::Running{2, 3}).slot, 3U);
  EXPECT_EQ(report_round(report::NotStarted{2, 3, "why"}).sentence, "why");
  EXPECT_THAT(report_round(report::Ready{2, {3, 4}}).slots, ElementsAre(3, 4));
  EXPECT_EQ(report_round(report::NotReady{2, 3, "why"}).world, 2U);
  EXPECT_EQ(report_round(report::Clear{2}).world, 2U);
  EXPECT_EQ(report_round(report::Signalled{15}).number, 15);
  EXPECT_EQ(report_round(report::Noted{"text"}).text, "text");
  EXPECT_EQ(report_round(report::Lost{"why"}).sentence, "why");
  EXPECT_EQ(report_round(report::LogLost{"why"}).sentence, "why");

  failure::ProcessEnd end{
      "worker", 1, "n2", 9, true, true, true, 0, {"a", "b\xff"}, failure::Class::oom, "no memory"};
  const auto ended = report_round(report::Ended{2, 3, end, "broken"});
  EXPECT_EQ(ended.broken_promise, "broken");
  EXPECT_EQ(ended.end.wait_status, 9);
  EXPECT_TRUE(ended.end.ended_by_us && ended.end.oom_killed && ended.end.bind_failure);
  EXPECT_EQ(ended.end.last_lines, end.last_lines);
  EXPECT_EQ(ended.end.last_words_class, failure::Class::oom);
}

TEST(Messages, ThatCannotBeReadAreErrors) {
  for (const char* text :
       {"", "{", "[]", "{}", "{\"r\":5}", "{\"r\":\"ports\"}", "{\"r\":\"running\",\"w\":-1}"})
    EXPECT_FALSE(report_from_json(text)) << text;
  for (const char* text : {"", "{}", "{\"o\":\"stop\"}"})
    EXPECT_FALSE(order_from_json(text)) << text;
}

TEST(TaskFile, ComesBackAsItWas) {
  TaskPlan task;
  task.identity = {"/run dir", "train", "train.3", TaskIndex{3}, Attempt{2}, {{"lr", "0.10"}}};
  task.task_dir = "/run/\xff";
  task.log_dir = "/logs";
  task.workdir = "/work";
  task.env = {{"A", "two\nlines ${{ rank }}"}, {"B", "\xfe"}};
  task.setup = {"module load x"};
  task.umask = 027;
  task.limits = {{"nofile", "9"}};
  task.scratch = "$TMPDIR";
  task.address_form = "suffix:-ib0";
  task.memory_mib = 77;
  const auto back = task_from_json(task_to_json(task));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->identity.values, task.identity.values);
  EXPECT_EQ(back->identity.attempt, task.identity.attempt);
  EXPECT_EQ(back->task_dir, task.task_dir);
  EXPECT_EQ(back->env, task.env);
  EXPECT_EQ(back->setup, task.setup);
  EXPECT_EQ(back->umask, task.umask);
  EXPECT_EQ(back->limits, task.limits);
  EXPECT_EQ(back->memory_mib, 77U);
}

TEST(WorldFile, ComesBackAsItWas) {
  WorldPlan world;
  world.world = 4;
  world.step = "1";
  world.request.nodes = {{"n1", "a", "", 4, 9, {"g"}, "/s"}};
  world.request.ranks = {{"worker", 1, 2, 0, 3, {{"rpc", 11}}}};
  world.request.start = 2;
  world.request.world_size = 5;
  world.request.nonce = "00ff";
  plugin::RoleLaunch role;
  role.role = "worker";
  role.argv = {"x", "${{ rank }}"};
  world.launch.roles = {role};
  world.channel_nodes = {NodeIndex{6}};
  world.shares = {{3, {GpuShare::View::part, 1, 2}}};
  world.needs_scratch = true;
  world.terminate = plugin::Terminate::shield;
  world.last_words = {{"in use", "launch_failed", "taken", true}};
  world.exit_codes = {{42, "again"}};
  const auto back = world_from_json(world_to_json(world));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->request.ranks.front().ports.at("rpc"), 11);
  EXPECT_EQ(back->request.nonce, "00ff");
  EXPECT_EQ(back->launch.roles.front().argv, role.argv);
  EXPECT_EQ(back->channel_nodes, world.channel_nodes);
  EXPECT_EQ(back->shares.front().gpus, world.shares.front().gpus);
  EXPECT_EQ(back->terminate, plugin::Terminate::shield);
  EXPECT_TRUE(back->needs_scratch);
  EXPECT_EQ(back->last_words.front().sentence, "taken");
  EXPECT_EQ(back->exit_codes, world.exit_codes);
}

}  // namespace
}  // namespace foz::agent
