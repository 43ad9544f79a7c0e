#include "core/plugin/fill.h"

#include <gtest/gtest.h>

namespace foz::plugin {
namespace {

Meanings meanings(const Value& with) {
  return [with](std::string_view path) {
    if (!path.starts_with("with.")) return Meaning::later();
    const Value* value = with.find(path.substr(5));
    return value != nullptr ? Meaning::given(*value) : Meaning::absent();
  };
}

const Value k_with(Value::Map{{"script", "a b.py"},
                              {"args", Value::List{"--x", "${{ rank }}", ""}},
                              {"none", Value::List{}},
                              {"conf", Value::Map{{"k", "v"}}},
                              {"zero", "0"},
                              {"price", "5$"}});

Value filled(const Value& tree) {
  return fill(tree, meanings(k_with)).value();
}

std::string refusal(const Value& tree) {
  const auto outcome = fill(tree, meanings(k_with));
  return outcome ? "none" : outcome.error().message;
}

TEST(Fill, PutsATextIntoAText) {
  EXPECT_EQ(filled("run ${{ with.script }} now"), Value("run a b.py now"));
}

TEST(Fill, LeavesWhatIsKnownLaterInPlace) {
  EXPECT_EQ(filled("${{ with.script }}:${{ endpoints.worker.grpc }}"),
            Value("a b.py:${{ endpoints.worker.grpc }}"));
  EXPECT_EQ(filled("${{ rank }}"), Value("${{ rank }}"));
}

TEST(Fill, LeavesEscapesInPlace) {
  EXPECT_EQ(filled("$${{ with.script }} ${{ with.script }}"), Value("$${{ with.script }} a b.py"));
}

TEST(Fill, SplicesAListIntoAList) {
  EXPECT_EQ(filled(Value::List{"p", "${{ with.args }}", "q"}),
            Value(Value::List{"p", "--x", "${{ rank }}", "", "q"}));
  EXPECT_EQ(filled(Value::List{"p", "${{ with.none }}"}), Value(Value::List{"p"}));
}

TEST(Fill, MakesAMemberTheValueItself) {
  EXPECT_EQ(filled(Value::Map{{"env", "${{ with.conf }}"}, {"argv", "${{ with.args }}"}}),
            Value(Value::Map{{"env", Value::Map{{"k", "v"}}},
                             {"argv", Value::List{"--x", "${{ rank }}", ""}}}));
}

TEST(Fill, KeepsNestedListsAsTheyAre) {
  EXPECT_EQ(filled(Value::List{Value::List{"${{ with.args }}"}}),
            Value(Value::List{Value::List{"--x", "${{ rank }}", ""}}));
}

TEST(Fill, ADollarAtTheEndOfAValueDoesNotRunIntoAReference) {
  EXPECT_EQ(filled("${{ with.price }}${{ rank }}"), Value("5${{ dollar }}${{ rank }}"));
}

TEST(Fill, ChoosesByWhetherSomethingIsGiven) {
  const auto choice = [](const char* path) {
    return Value(Value::List{
        Value::Map{{"if", path}, {"then", Value::List{"--with", "yes"}}, {"else", "no"}}});
  };
  EXPECT_EQ(filled(choice("with.script")), Value(Value::List{"--with", "yes"}));
  for (const char* path : {"with.absent", "with.none", "with.zero"}) {
    EXPECT_EQ(filled(choice(path)), Value(Value::List{"no"})) << path;
  }
}

TEST(Fill, ChoosesByEquality) {
  const Value tree(
      Value::Map{{"a", Value::Map{{"if", "with.zero"}, {"is", "0"}, {"then", "zero"}}},
                 {"b", Value::Map{{"if", "with.zero"}, {"is", "1"}, {"then", "one"}}}});
  EXPECT_EQ(filled(tree), Value(Value::Map{{"a", "zero"}}));
}

TEST(Fill, LeavesOutAChoiceWithoutElse) {
  const Value choice(Value::Map{{"if", "with.absent"}, {"then", "x"}});
  EXPECT_EQ(filled(Value::List{"a", choice}), Value(Value::List{"a"}));
  EXPECT_EQ(filled(Value::Map{{"k", choice}}), Value(Value::Map{}));
}

TEST(Fill, RefusesWhatWasNotGiven) {
  EXPECT_EQ(refusal(Value::Map{{"argv", Value::List{"a", "${{ with.absent }}"}}}),
            "argv[1] uses 'with.absent', which was not given: put it below {if: with.absent}");
}

TEST(Fill, RefusesAListInTheMiddleOfAText) {
  EXPECT_EQ(refusal(Value::Map{{"x", "-${{ with.args }}"}}),
            "x has 'with.args', a list or a map, in the middle of a text");
}

TEST(Fill, RefusesMalformedReferencesAndUnknownQuestions) {
  EXPECT_EQ(refusal(Value::Map{{"x", "${{ with.script"}}), "x has '${{' without '}}'");
  EXPECT_EQ(refusal(Value::Map{{"x", Value::Map{{"if", "rank"}, {"then", "a"}}}}),
            "x asks 'rank', which is not known here");
}

TEST(Fill, CollectsReferencesWithTheirGuards) {
  const Value tree(Value::List{
      "${{ a.b }}",
      Value::Map{{"if", "with.x"}, {"then", "${{ with.x }}"}, {"else", "${{ with.y }}"}}});
  const auto found = references_of(tree, "argv");
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].member, "argv[0]");
  EXPECT_EQ(found[2].member, "argv[1].then");
  EXPECT_EQ(found[2].guards, std::vector<std::string>{"with.x"});
  EXPECT_EQ(found[3].path, "with.y");
  EXPECT_TRUE(found[3].guards.empty());
}

}  // namespace
}  // namespace foz::plugin
