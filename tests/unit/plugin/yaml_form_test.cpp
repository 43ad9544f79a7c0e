#include "core/plugin/yaml_form.h"

#include <gtest/gtest.h>

#include "core/plugin/template_form.h"
#include "core/plugin/value_json.h"

namespace foz::plugin {
namespace {

constexpr const char* k_good = R"(contract: 1
name: ring
with:
  script: {required: true}
  args: {type: list, default: []}
  port: {type: int}
shape:
  error: {if: with.port, is: "13", then: "port 13 brings bad luck"}
  roles:
    - {name: w, per_node: "${{ resources.ranks_per_node }}", ports: [a]}
launch:
  roles:
    - role: w
      argv:
        - "${{ with.script }}"
        - ${{ with.args }}
        - if: with.port
          then: [--port, "${{ with.port }}"]
      env: {PEERS: "${{ endpoints.w.a }}"}
      ready: {if: with.port, then: {tcp_port: a}}
)";

/// Everything said about the file, rendered.
std::string said(const std::string& text) {
  Diagnostics diagnostics;
  const auto tree = read_plugin_yaml(text, "p.yaml", diagnostics);
  EXPECT_EQ(tree.has_value(), !diagnostics.has_errors());
  std::string out;
  for (const Diagnostic& each : diagnostics.all()) {
    out += std::to_string(each.where.line) + ":" + std::to_string(each.where.column) +
           (each.severity == Severity::warning ? ": warning: " : ": ") + each.message +
           (each.hint.empty() ? "" : " (" + each.hint + ")") + "\n";
  }
  return out;
}

/// k_good with one text replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = k_good;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

std::unique_ptr<Plugin> good_plugin() {
  Diagnostics diagnostics;
  return make_template_plugin(read_plugin_yaml(k_good, "p.yaml", diagnostics).value());
}

ShapeRequest shape_request(Value with, std::uint32_t ranks = 2) {
  ShapeRequest request;
  request.with = std::move(with);
  request.resources.ranks_per_node = ranks;
  return request;
}

TEST(YamlForm, AcceptsAGoodFile) {
  EXPECT_EQ(said(k_good), "");
}

TEST(YamlForm, DescribesItself) {
  const Description description = good_plugin()->describe();
  EXPECT_EQ(description.name, "ring");
  ASSERT_EQ(description.fields.size(), 3U);
  EXPECT_TRUE(description.fields[0].required);
  EXPECT_EQ(description.fields[1].fallback, Value(Value::List{}));
}

TEST(YamlForm, AnswersShapeFromWithAndResources) {
  const auto answer = good_plugin()->shape(shape_request(Value::Map{{"script", "a"}}, 3));
  ASSERT_TRUE(std::holds_alternative<Shape>(answer)) << std::get<std::string>(answer);
  EXPECT_EQ(std::get<Shape>(answer).roles[0].per_node, 3U);
}

TEST(YamlForm, RefusesByItsOwnSentence) {
  const auto answer =
      good_plugin()->shape(shape_request(Value::Map{{"script", "a"}, {"port", "13"}}));
  EXPECT_EQ(std::get<std::string>(answer), "port 13 brings bad luck");
}

TEST(YamlForm, SaysWhichMemberOfTheAnswerIsWrong) {
  Diagnostics diagnostics;
  auto tree =
      read_plugin_yaml(changed("resources.ranks_per_node", "with.script"), "p.yaml", diagnostics);
  const auto answer =
      make_template_plugin(std::move(*tree))->shape(shape_request(Value::Map{{"script", "two"}}));
  EXPECT_EQ(std::get<std::string>(answer),
            "shape.roles[0].per_node must be a whole number from 0 to 4294967295, got \"two\"");
}

TEST(YamlForm, AnswersLaunchWithRankReferencesLeftIn) {
  LaunchRequest request;
  request.with =
      Value::Map{{"script", "a.py"}, {"args", Value::List{"x", "${{ rank }}"}}, {"port", "7"}};
  const auto launch = std::get<Launch>(good_plugin()->launch(request));
  EXPECT_EQ(launch.roles[0].argv,
            (std::vector<std::string>{"a.py", "x", "${{ rank }}", "--port", "7"}));
  EXPECT_EQ(launch.roles[0].env[0].second, "${{ endpoints.w.a }}");
  EXPECT_EQ(launch.roles[0].ready->tcp_port, "a");
  request.with = Value::Map{{"script", "a.py"}, {"args", Value::List{}}};
  const auto plain = std::get<Launch>(good_plugin()->launch(request));
  EXPECT_EQ(plain.roles[0].argv, std::vector<std::string>{"a.py"});
  EXPECT_FALSE(plain.roles[0].ready.has_value());
}

TEST(YamlForm, PointsAtWhatIsMissingOrWrong) {
  EXPECT_EQ(said("name: x\nshape: {roles: []}\n"),
            "1:1: 'contract' is missing: wanted 1\n1:1: 'launch' is missing\n");
  EXPECT_EQ(said("- a\n"), "1:1: the file must be a map, got a list\n");
  EXPECT_EQ(said(changed("contract: 1", "contract: 2")), "1:11: 'contract' is 2, wanted 1\n");
  EXPECT_EQ(said(changed("name: ring\n", "")), "1:1: 'name' is missing\n");
  EXPECT_EQ(said(changed("type: list", "type: lsit")),
            "5:16: 'with.args.type' must be one of text, int, number, bool, duration, "
            "bytes, list, map, path, got \"lsit\" (did you mean 'list'?)\n");
  EXPECT_EQ(said(changed("ready: {if: with.port, then: {tcp_port: a}}",
                         "ready: {if: with.port, then: {http_path: a}}")),
            "20:36: 'launch.roles[0].ready.then' must have one of tcp_port, http_port, file, line, "
            "got 0\n");
  EXPECT_EQ(said(changed("- role: w", "- rolle: w")),
            "13:7: 'launch.roles[0].role' is missing\n13:14: warning: 'launch.roles[0].rolle' is "
            "not known here (did you mean 'role'?)\n");
}

TEST(YamlForm, ChecksReferencesBeforeAnyQuestion) {
  EXPECT_EQ(said(changed("${{ with.script }}", "${{ with.scirpt }}")),
            "15:11: 'launch.roles[0].argv[0]' refers to 'with.scirpt', but 'with' has no such key "
            "(did you mean 'with.script'?)\n");
  EXPECT_EQ(
      said(changed("${{ with.script }}", "${{ node.colour }}")),
      "15:11: 'launch.roles[0].argv[0]' refers to 'node.colour', which is not known in 'launch' "
      "(known are with.KEY and what a rank knows of its world (plugins/api/README.md); what a "
      "workflow knows comes by 'with')\n");
  EXPECT_EQ(
      said(changed("resources.ranks_per_node", "rank")),
      "10:27: 'shape.roles[0].per_node' refers to 'rank', which is not known in 'shape' (known "
      "are with.KEY and resources.NAME; what a workflow knows comes by 'with')\n");
  EXPECT_EQ(said(changed("${{ with.script }}", "${{ with.port }}")),
            "15:11: 'launch.roles[0].argv[0]' refers to 'with.port', which may not be given (put "
            "it below {if: with.port, then: ...}, or give the key a default)\n");
  EXPECT_EQ(said(changed("${{ with.script }}", "${{ with.script")),
            "15:11: 'launch.roles[0].argv[0]' has '${{' without '}}'\n");
}

TEST(YamlForm, ChecksTheRolesAndPortsThatTheLaunchNames) {
  EXPECT_EQ(
      said(changed("then: {tcp_port: a}", "then: {tcp_port: aa}")),
      "20:47: 'launch.roles[0].ready.then.tcp_port' names port 'aa', which role 'w' has not in "
      "'shape' (did you mean 'a'?)\n");
  EXPECT_EQ(said(changed("then: {tcp_port: a}", "then: {tcp_port: a, role: v}")),
            "20:56: 'launch.roles[0].ready.then.role' names role 'v', which 'shape' has not\n");
  EXPECT_EQ(said(changed("- role: w", "- role: worker")),
            "13:13: 'launch.roles[0].role' names role 'worker', which 'shape' has not\n");
  EXPECT_EQ(
      said(changed("endpoints.w.a", "endpoints.w.b.0")),
      "19:20: 'launch.roles[0].env.PEERS' names port 'b', which role 'w' has not in 'shape'\n");
  EXPECT_EQ(said(changed("ports: [a]", "ports: [\"${{ with.script }}\"]")), "");
}

TEST(YamlForm, WhatIsNotBuiltIsRefusedByName) {
  EXPECT_EQ(said(changed("shape:", "spawner: pmix\nreacts: true\nshape:")),
            "7:10: 'spawner' 'pmix' is not built yet (leave it out: foz starts the ranks)\n8:9: "
            "'reacts' must be false: templates "
            "answer no 'react'\n");
}

TEST(YamlForm, SurvivesItsOwnJson) {
  Diagnostics diagnostics;
  const Value tree = read_plugin_yaml(k_good, "p.yaml", diagnostics).value();
  const Value again = value_from_json(to_json(tree)).value();
  EXPECT_EQ(again, tree);
  EXPECT_TRUE(check_template(again).errors.empty());
}

}  // namespace
}  // namespace foz::plugin
