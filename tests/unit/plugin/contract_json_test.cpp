#include "core/plugin/contract_json.h"

#include <gtest/gtest.h>

#include "core/failure/failure.h"
#include "core/plugin/value_json.h"
#include "core/plugin/words.h"
#include "tests/unit/plugin/schema_json.h"
#include "tests/unit/plugin/world.h"

namespace foz::plugin {
namespace {

Description full_description() {
  Description out;
  out.name = "x";
  out.summary = "what \"it\" is";
  Field field;
  field.name = "n";
  field.type = FieldType::integer;
  field.fallback = Value("3");
  field.choices = {"3", "4"};
  field.not_yet = {"5"};
  field.help = "a number";
  Field needed;
  needed.name = "script";
  needed.required = true;
  out.fields = {field, needed};
  out.restart = Restart::rank;
  out.terminate = Terminate::pass;
  out.spawner = Spawner::pmix;
  out.exit_codes = {{42, "again"}};
  out.last_words = {{"taken", "launch_failed", "a port", true},
                    {"lost", "communication", "", false}};
  out.reacts = true;
  return out;
}

Shape full_shape() {
  Role role;
  role.name = "w";
  role.where = Where::rest;
  role.total = 5;
  role.cpus = 2;
  role.sees_gpus = false;
  role.ports = {"a"};
  role.counts_as_world = false;
  return {{role, Role{"v"}}, {"careful"}};
}

Launch full_launch() {
  RoleLaunch role = role_launch("w", {"p", "${{ rank }}", "\xff\xfe"});
  role.env = {{"B", "1"}, {"A", "2"}};
  role.unset = {"SLURM_*"};
  role.files = {{"f", "text\n", 0640}};
  role.after = {"v"};
  role.ready = Readiness{.role = "v",
                         .http_port = "ui",
                         .http_path = "/json/",
                         .json_equals = {{"status", "UP"}},
                         .timeout_s = 7};
  role.proof = Proof{"world", "2", "no"};
  RoleLaunch other = role_launch("v", {"q"});
  other.ready = Readiness{.line = "up"};
  return {{role, other}, "w", 5, "state"};
}

TEST(ContractJson, ComesBackAsItWent) {
  EXPECT_EQ(to_json(description_from_json(to_json(full_description())).value()),
            to_json(full_description()));
  EXPECT_EQ(to_json(shape_from_json(to_json(full_shape())).value()), to_json(full_shape()));
  const Launch launch = launch_from_json(to_json(full_launch())).value();
  EXPECT_EQ(to_json(launch), to_json(full_launch()));
  EXPECT_EQ(launch.roles[0].argv[2], "\xff\xfe");
  EXPECT_EQ(launch.roles[0].env[0].first, "B");
  EXPECT_EQ(launch.roles[0].ready->json_equals[0].second, "UP");
  EXPECT_EQ(to_json(launch_request_from_json(to_json(world_of_two())).value()),
            to_json(world_of_two()));
  const Reaction reaction{"restart_role", "hang", "stuck", "s"};
  EXPECT_EQ(to_json(reaction_from_json(to_json(reaction)).value()), to_json(reaction));
}

TEST(ContractJson, IsWhatTheSchemaSays) {
  ShapeRequest shape;
  shape.with = Value::Map{{"args", Value::List{"a"}}};
  EXPECT_EQ(differs_from_schema(describe_question_json(), "describe_question"), "");
  EXPECT_EQ(differs_from_schema(to_json(shape), "shape_question"), "");
  LaunchRequest launch = world_of_two();
  launch.with = shape.with;
  EXPECT_EQ(differs_from_schema(to_json(launch), "launch_question"), "");
  EXPECT_EQ(
      differs_from_schema(to_json(ReactRequest{"rank_exited", "w", 1, 3, ""}), "react_question"),
      "");
  EXPECT_EQ(differs_from_schema(to_json(full_description()), "description"), "");
  EXPECT_EQ(differs_from_schema(to_json(full_shape()), "shape"), "");
  EXPECT_EQ(differs_from_schema(to_json(full_launch()), "launch"), "");
  EXPECT_EQ(differs_from_schema(to_json(Reaction{}), "reaction"), "");
}

TEST(ContractJson, IgnoresUnknownMembers) {
  EXPECT_TRUE(
      shape_from_json(R"({"contract":1,"later":[1],"roles":[{"name":"w","later":{"a":null}}]})")
          .has_value());
}

template <class T>
std::string refusal(const Result<T>& result) {
  return result ? "none" : result.error().message;
}

TEST(ContractJson, NamesTheMemberThatIsWrong) {
  EXPECT_EQ(refusal(launch_from_json("{")), "is no JSON");
  EXPECT_EQ(refusal(launch_from_json("[]")), "must be a map, got a list (and 1 more)");
  EXPECT_EQ(refusal(launch_from_json(R"({"contract":1})")), "roles is missing");
  EXPECT_EQ(refusal(launch_from_json(R"({"roles":[{"role":"w"}]})")), "roles[0].argv is missing");
  EXPECT_EQ(refusal(launch_from_json(R"({"roles":[{"role":"w","argv":[]}]})")),
            "roles[0].argv must not be empty");
  EXPECT_EQ(refusal(launch_from_json(R"({"roles":[{"role":"w","argv":["a",["b"]]}]})")),
            "roles[0].argv[1] must be a text, got a list");
  EXPECT_EQ(refusal(launch_from_json(R"({"roles":[{"role":"w","argv":["a"],"ready":{}}]})")),
            "roles[0].ready must have one of tcp_port, http_port, file, line, got 0");
  EXPECT_EQ(refusal(launch_from_json(
                R"({"roles":[{"role":"w","argv":["a"],"files":[{"path":"f","mode":"0999"}]}]})")),
            "roles[0].files[0].mode must be like \"0600\", got \"0999\"");
  EXPECT_EQ(refusal(shape_from_json(R"({"roles":[{"name":"w","where":"frist","per_node":-1}]})")),
            "roles[0].where must be one of all, first, rest, got \"frist\" (and 1 more)");
  EXPECT_EQ(refusal(shape_from_json(R"({"roles":[{"name":"w","sees_gpus":"maybe"}]})")),
            "roles[0].sees_gpus must be true or false, got \"maybe\"");
  EXPECT_EQ(refusal(description_from_json(R"({"contract":2,"name":"x"})")),
            "contract is 2, wanted 1");
  EXPECT_EQ(refusal(description_from_json(R"({"name":"x"})")), "contract is missing: wanted 1");
  EXPECT_EQ(
      refusal(description_from_json(R"({"contract":1,"name":"x","with":{"n":{"type":"float"}}})")),
      "with.n.type must be one of text, int, number, bool, duration, bytes, list, map, "
      "path, got "
      "\"float\"");
  EXPECT_EQ(refusal(description_from_json(R"({"contract":1,"name":"x","exit_codes":{"700":"?"}})")),
            "exit_codes has \"700\", which is no exit code");
}

TEST(ValueJson, KeepsScalarsAsWritten) {
  const Value value = value_from_json(R"({"a":1,"b":true,"c":"0.10","d":[1.5],"e":null})").value();
  EXPECT_EQ(value,
            Value(Value::Map{{"a", "1"}, {"b", "true"}, {"c", "0.10"}, {"d", Value::List{"1.5"}}}));
}

TEST(ValueJson, RefusesWhatNoValueCanHold) {
  EXPECT_EQ(value_from_json("[null]").error().message, "null where a value must be");
  EXPECT_EQ(value_from_json(std::string(1000, '[') + std::string(1000, ']')).error().message,
            "deeper than 64 levels");
}

TEST(Words, FailureClassesAreThoseOfTheFailureRoom) {
  for (const std::string_view name : k_failure_classes)
    EXPECT_TRUE(failure::find_class(name).has_value()) << name;
}

}  // namespace
}  // namespace foz::plugin
