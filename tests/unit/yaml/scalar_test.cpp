#include "core/yaml/scalar.h"

#include <gtest/gtest.h>

namespace foz::yaml {
namespace {

/// The value of `x: VALUE` as one of the readers gives it; its rendered errors otherwise, without
/// their source lines.
template <class Reader>
auto ask(Reader reader, const std::string& value, std::string_view name, std::string& errors) {
  Diagnostics reading;
  const auto root = read_yaml("x: " + value + "\n", "f.yaml", reading);
  EXPECT_TRUE(root && !reading.has_errors()) << reading.render();
  Diagnostics diagnostics;
  auto result = reader(*root->find("x"), name, diagnostics);
  errors = diagnostics.render();
  EXPECT_EQ(result.has_value(), errors.empty());
  return result;
}

template <class Reader>
std::string error_of(Reader reader, const std::string& value, std::string_view name) {
  std::string errors;
  (void)ask(reader, value, name, errors);
  return errors;
}

template <class Reader>
auto value_of(Reader reader, const std::string& value) {
  std::string errors;
  auto result = ask(reader, value, "x", errors);
  EXPECT_TRUE(result) << errors;
  return result;
}

TEST(AsInteger, TakesPlainDecimals) {
  EXPECT_EQ(value_of(as_integer, "4"), 4);
  EXPECT_EQ(value_of(as_integer, "0"), 0);
  EXPECT_EQ(value_of(as_integer, "-12"), -12);
  EXPECT_EQ(value_of(as_integer, "9223372036854775807"), INT64_MAX);
}

TEST(AsInteger, RefusesTheRestWithAHint) {
  const auto error = [](const std::string& value) { return error_of(as_integer, value, "nodes"); };
  EXPECT_EQ(error("two"), "f.yaml:1:4: error: 'nodes' must be an integer, got \"two\"\n");
  EXPECT_EQ(error("010"),
            "f.yaml:1:4: error: 'nodes' must be an integer, got \"010\"\nhint: write 10: leading "
            "zeros are not allowed here\n");
  EXPECT_EQ(error("-007"),
            "f.yaml:1:4: error: 'nodes' must be an integer, got \"-007\"\nhint: write -7: leading "
            "zeros are not allowed here\n");
  EXPECT_EQ(error("00"),
            "f.yaml:1:4: error: 'nodes' must be an integer, got \"00\"\nhint: write 0: leading "
            "zeros are not allowed here\n");
  EXPECT_EQ(error("+4"),
            "f.yaml:1:4: error: 'nodes' must be an integer, got \"+4\"\nhint: write 4\n");
  EXPECT_EQ(
      error("\"4\""),
      "f.yaml:1:4: error: 'nodes' must be an integer, got \"4\"\nhint: leave out the quotes\n");
  EXPECT_EQ(error("9223372036854775808"),
            "f.yaml:1:4: error: 'nodes' must be an integer, got \"9223372036854775808\"\nhint: "
            "this number is too large\n");
  EXPECT_EQ(error("4.0"), "f.yaml:1:4: error: 'nodes' must be an integer, got \"4.0\"\n");
  EXPECT_EQ(error("1e3"), "f.yaml:1:4: error: 'nodes' must be an integer, got \"1e3\"\n");
  EXPECT_EQ(error("0x10"), "f.yaml:1:4: error: 'nodes' must be an integer, got \"0x10\"\n");
  EXPECT_EQ(error("1_000"), "f.yaml:1:4: error: 'nodes' must be an integer, got \"1_000\"\n");
  EXPECT_EQ(error("[4]"), "f.yaml:1:4: error: 'nodes' must be an integer, got a list\n");
  EXPECT_EQ(error("{a: 4}"), "f.yaml:1:4: error: 'nodes' must be an integer, got a mapping\n");
  EXPECT_EQ(error(""), "f.yaml:1:1: error: 'nodes' must be an integer, got nothing\n");
  EXPECT_EQ(error("null"), "f.yaml:1:4: error: 'nodes' must be an integer, got null\n");
}

TEST(AsIntegerBetween, KeepsToItsBounds) {
  const auto reader = [](const Node& node, std::string_view name, Diagnostics& diagnostics) {
    return as_integer_between(node, name, 1, 64, diagnostics);
  };
  EXPECT_EQ(value_of(reader, "1"), 1);
  EXPECT_EQ(value_of(reader, "64"), 64);
  EXPECT_EQ(error_of(reader, "0", "nodes"),
            "f.yaml:1:4: error: 'nodes' must be at least 1, got 0\n");
  EXPECT_EQ(error_of(reader, "65", "nodes"),
            "f.yaml:1:4: error: 'nodes' must be at most 64, got 65\n");
  EXPECT_EQ(error_of(reader, "x", "nodes"),
            "f.yaml:1:4: error: 'nodes' must be an integer, got \"x\"\n");
}

TEST(AsBool, TakesTrueAndFalseOnly) {
  EXPECT_EQ(value_of(as_bool, "true"), true);
  EXPECT_EQ(value_of(as_bool, "false"), false);
  const auto error = [](const std::string& value) { return error_of(as_bool, value, "exclusive"); };
  for (const char* word : {"yes", "Yes", "on", "True", "TRUE", "y", "1"}) {
    EXPECT_EQ(error(word), "f.yaml:1:4: error: 'exclusive' must be true or false, got \"" +
                               std::string(word) + "\"\nhint: write true\n");
  }
  for (const char* word : {"no", "NO", "off", "False", "n", "0"}) {
    EXPECT_EQ(error(word), "f.yaml:1:4: error: 'exclusive' must be true or false, got \"" +
                               std::string(word) + "\"\nhint: write false\n");
  }
  EXPECT_EQ(error("'true'"),
            "f.yaml:1:4: error: 'exclusive' must be true or false, got \"true\"\nhint: leave out "
            "the quotes\n");
  EXPECT_EQ(error("maybe"),
            "f.yaml:1:4: error: 'exclusive' must be true or false, got \"maybe\"\n");
  EXPECT_EQ(error("[true]"), "f.yaml:1:4: error: 'exclusive' must be true or false, got a list\n");
}

TEST(AsString, TakesAnyScalarAsWritten) {
  EXPECT_EQ(value_of(as_string, "010"), "010");
  EXPECT_EQ(value_of(as_string, "1e-3"), "1e-3");
  EXPECT_EQ(value_of(as_string, "yes"), "yes");
  EXPECT_EQ(value_of(as_string, "\"\""), "");
  EXPECT_EQ(error_of(as_string, "[a]", "name"),
            "f.yaml:1:4: error: 'name' must be a text, got a list\n");
  EXPECT_EQ(error_of(as_string, "", "name"),
            "f.yaml:1:1: error: 'name' must be a text, got nothing\n");
  EXPECT_EQ(error_of(as_string, "~", "name"),
            "f.yaml:1:4: error: 'name' must be a text, got ~\nhint: put it in quotes\n");
}

TEST(AsDuration, DemandsAUnit) {
  EXPECT_EQ(value_of(as_duration, "1h30m"), Seconds(5'400));
  EXPECT_EQ(value_of(as_duration, "1-12:00:00"), Seconds(129'600));
  EXPECT_EQ(value_of(as_duration, "\"4h\""), Seconds(14'400));
  EXPECT_EQ(error_of(as_duration, "4", "time"),
            "f.yaml:1:4: error: 'time' must be a duration, got \"4\"\nhint: give a unit: 4s, 4m, "
            "4h or 4d\n");
  EXPECT_EQ(error_of(as_duration, "05:30", "time"),
            "f.yaml:1:4: error: 'time' must be a duration, got \"05:30\"\n"
            "hint: write it like 90s, 30m, 4h, 2d, 1h30m, 12:30:00 or 1-12:00:00\n");
  EXPECT_EQ(error_of(as_duration, "[4h]", "time"),
            "f.yaml:1:4: error: 'time' must be a duration, got a list\n"
            "hint: write it like 90s, 30m, 4h, 2d, 1h30m, 12:30:00 or 1-12:00:00\n");
}

TEST(AsBytes, DemandsAUnitThatMeansOneThing) {
  EXPECT_EQ(value_of(as_bytes, "120GiB"), Bytes{120ULL << 30U});
  EXPECT_EQ(value_of(as_bytes, "2.5GB"), Bytes{2'500'000'000});
  EXPECT_EQ(
      error_of(as_bytes, "120", "memory_per_node"),
      "f.yaml:1:4: error: 'memory_per_node' must be a number of bytes with a unit, got \"120\"\n"
      "hint: give a unit: 120MiB, 120GiB, 120GB\n");
  EXPECT_EQ(
      error_of(as_bytes, "4G", "memory_per_node"),
      "f.yaml:1:4: error: 'memory_per_node' must be a number of bytes with a unit, got \"4G\"\n"
      "hint: say which: 4GiB (powers of 1024) or 4GB (powers of 1000)\n");
  EXPECT_EQ(
      error_of(as_bytes, "lots", "memory_per_node"),
      "f.yaml:1:4: error: 'memory_per_node' must be a number of bytes with a unit, got \"lots\"\n"
      "hint: write it like 512MiB, 120GiB or 1.5TB\n");
}

TEST(Scalars, AnErrorInAnAliasPointsAtItsUse) {
  Diagnostics diagnostics;
  const auto root = read_yaml("a: &n two\nnodes: *n\n", "f.yaml", diagnostics);
  EXPECT_FALSE(as_integer(*root->find("nodes"), "nodes", diagnostics));
  EXPECT_EQ(diagnostics.render(),
            "f.yaml:2:8: error: 'nodes' must be an integer, got \"two\"\n"
            "    2 | nodes: *n\n"
            "      |        ^~\n");
}

}  // namespace
}  // namespace foz::yaml
