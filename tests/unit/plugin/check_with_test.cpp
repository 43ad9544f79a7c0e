#include "core/plugin/check_with.h"

#include <gtest/gtest.h>

namespace foz::plugin {
namespace {

Field field(std::string name, FieldType type) {
  Field out;
  out.name = std::move(name);
  out.type = type;
  return out;
}

Description description() {
  Description out;
  out.name = "train";
  out.fields = {field("script", FieldType::text),    field("steps", FieldType::integer),
                field("rate", FieldType::number),    field("fast", FieldType::boolean),
                field("every", FieldType::duration), field("memory", FieldType::bytes),
                field("args", FieldType::list),      field("conf", FieldType::map),
                field("strategy", FieldType::text)};
  out.fields[0].required = true;
  out.fields[0].help = "the script";
  out.fields[6].fallback = Value(Value::List{});
  out.fields[8].fallback = Value("mirrored");
  out.fields[8].choices = {"mirrored", "multi"};
  out.fields[8].not_yet = {"server"};
  return out;
}

SourceRange at(int line) {
  static const auto file = std::make_shared<const std::string>("w.yaml");
  return {file, line, 5, 1};
}

/// The errors, each as "line: message (hint)".
std::string errors(const Value& with) {
  Diagnostics diagnostics;
  std::map<std::string, SourceRange> where;
  int line = 10;
  for (const auto& [key, value] : *with.as_map()) where[key] = at(line++);
  static_cast<void>(check_with(description(), with, where, at(1), diagnostics));
  std::string out;
  for (const Diagnostic& each : diagnostics.all()) {
    out += std::to_string(each.where.line) + ": " + each.message +
           (each.hint.empty() ? "" : " (" + each.hint + ")") + "\n";
  }
  return out;
}

TEST(CheckWith, FillsInDefaultsInTheOrderOfTheFields) {
  Diagnostics diagnostics;
  const Value with(Value::Map{{"steps", "3"}, {"script", "a.py"}});
  const Value checked = check_with(description(), with, {}, at(1), diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_EQ(
      checked,
      Value(Value::Map{
          {"script", "a.py"}, {"steps", "3"}, {"args", Value::List{}}, {"strategy", "mirrored"}}));
}

TEST(CheckWith, AcceptsEveryTypeAsWritten) {
  EXPECT_EQ(errors(Value::Map{{"script", ""},
                              {"steps", "-3"},
                              {"rate", "1e-3"},
                              {"fast", "true"},
                              {"every", "1h30m"},
                              {"memory", "4GiB"},
                              {"args", Value::List{"a", "0.10"}},
                              {"conf", Value::Map{{"k", "v"}}},
                              {"strategy", "multi"}}),
            "");
}

TEST(CheckWith, PointsAtUnknownKeysWithTheNearest) {
  EXPECT_EQ(errors(Value::Map{{"script", "a"}, {"stepz", "1"}, {"xylophone", "1"}}),
            "11: plugin 'train' has no key 'stepz' (did you mean 'steps'?)\n"
            "12: plugin 'train' has no key 'xylophone' (it knows script, steps, rate, fast, every, "
            "memory, args, conf, strategy)\n");
}

TEST(CheckWith, AsksForRequiredKeysAtTheUsesLine) {
  EXPECT_EQ(errors(Value::Map{}), "1: 'script' is missing in 'with' (the script)\n");
}

TEST(CheckWith, SaysWhatTypeIsWanted) {
  EXPECT_EQ(errors(Value::Map{{"script", Value::List{}},
                              {"steps", "1.5"},
                              {"rate", "0x1p3"},
                              {"fast", "yes"},
                              {"every", "30"},
                              {"memory", "4"},
                              {"args", "--x"},
                              {"conf", Value::List{}}}),
            "10: 'script' must be a text, got a list\n"
            "11: 'steps' must be an integer, got \"1.5\"\n"
            "12: 'rate' must be a number, got \"0x1p3\"\n"
            "13: 'fast' must be true or false, got \"yes\"\n"
            "14: 'every' must be a duration like \"30m\", got \"30\"\n"
            "15: 'memory' must be a size like \"4GiB\", got \"4\"\n"
            "16: 'args' must be a list, got \"--x\"\n"
            "17: 'conf' must be a mapping, got a list\n");
}

TEST(CheckWith, WantsTextsInsideListsAndMaps) {
  EXPECT_EQ(errors(Value::Map{{"script", "a"},
                              {"args", Value::List{Value::List{}}},
                              {"conf", Value::Map{{"k", Value::Map{}}}}}),
            "11: 'args' must hold texts only, got a list\n12: 'conf' must hold texts only, got a "
            "map for 'k'\n");
}

TEST(CheckWith, HoldsChoicesAndNamesWhatIsNotYetBuilt) {
  EXPECT_EQ(errors(Value::Map{{"script", "a"}, {"strategy", "mirorred"}}),
            "11: 'strategy' must be one of mirrored, multi, got \"mirorred\" (did you mean "
            "'mirrored'?)\n");
  EXPECT_EQ(errors(Value::Map{{"script", "a"}, {"strategy", "server"}}),
            "11: 'strategy' cannot be 'server' yet\n");
}

TEST(CheckWith, LetsReferencesPassAndSeesThemInTheJob) {
  EXPECT_EQ(
      errors(Value::Map{
          {"script", "a"}, {"steps", "${{ matrix.steps }}"}, {"strategy", "${{ matrix.s }}"}}),
      "");
  EXPECT_TRUE(check_filled(description(), Value::Map{{"script", "a"}, {"steps", "3"}}).has_value());
  EXPECT_EQ(
      check_filled(description(), Value::Map{{"script", "a"}, {"steps", "x"}}).error().message,
      "'steps' must be an integer, got \"x\"");
}

TEST(MapTexts, ChangesTextsAndNotKeys) {
  const Value value(Value::Map{{"a", Value::List{"b", Value::Map{{"a", "a"}}}}});
  EXPECT_EQ(map_texts(value, [](const std::string& text) { return text + "!"; }),
            Value(Value::Map{{"a", Value::List{"b!", Value::Map{{"a", "a!"}}}}}));
}

}  // namespace
}  // namespace foz::plugin
