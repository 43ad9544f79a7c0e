/// What users get wrong, and the whole of what foz answers.
#include <gtest/gtest.h>

#include "core/yaml/tree.h"

namespace foz::yaml {
namespace {

struct BadInput {
  std::string name;
  std::string text;
  std::string rendered;
};

void PrintTo(const BadInput& input, std::ostream* out) {
  *out << input.name;
}

class BadYaml : public testing::TestWithParam<BadInput> {};

TEST_P(BadYaml, IsAnsweredInFull) {
  Diagnostics diagnostics;
  (void)read_yaml(GetParam().text, "f.yaml", diagnostics);
  EXPECT_EQ(diagnostics.render(), GetParam().rendered);
  EXPECT_TRUE(diagnostics.has_errors());
}

const std::vector<BadInput> k_bad_inputs = {
    {"EmptyFile", "", "f.yaml: error: the file is empty\n"},
    {"OnlyComments", "# nothing yet\n", "f.yaml: error: the file is empty\n"},
    {"EmptyDocument", "---\n", "f.yaml: error: the file is empty\n"},
    {"SecondDocument",
     "a: 1\n"
     "---\n"
     "b: 2\n",
     "f.yaml:2:1: error: a second document begins here\n"
     "    2 | ---\n"
     "      | ^~~\n"
     "hint: a file holds one document: leave out the '---'\n"},
    {"MappingBehindList",
     "- 1\n"
     "b: 2\n",
     "f.yaml:2:1: error: this does not belong to what stands above\n"
     "    2 | b: 2\n"
     "      | ^\n"
     "hint: a file is one mapping: its keys begin in the same column\n"},
    {"Directive",
     "%YAML 1.2\n"
     "---\n"
     "a: 1\n",
     "f.yaml:1:1: error: a line cannot begin with '%'\n"
     "    1 | %YAML 1.2\n"
     "      | ^~~~~~~~~\n"
     "hint: leave out a '%YAML' line; indent what belongs to a text\n"},
    {"DirectiveInTheMiddle",
     "run: |\n"
     "  a\n"
     "%b: 1\n",
     "f.yaml:3:1: error: a line cannot begin with '%'\n"
     "    3 | %b: 1\n"
     "      | ^~\n"
     "hint: leave out a '%YAML' line; indent what belongs to a text\n"},
    {"DuplicateKey",
     "nodes: 4\n"
     "time: 1h\n"
     "nodes: 8\n",
     "f.yaml:3:1: error: the key 'nodes' is given twice\n"
     "    3 | nodes: 8\n"
     "      | ^~~~~\n"
     "note: first given on line 1\n"},
    {"DuplicateKeyInBraces", "a: {b: 1, b: 2}\n",
     "f.yaml:1:11: error: the key 'b' is given twice\n"
     "    1 | a: {b: 1, b: 2}\n"
     "      |           ^\n"
     "note: first given on line 1\n"},
    {"DuplicateMerge",
     "a: &a {x: 1}\n"
     "b:\n"
     "  <<: *a\n"
     "  <<: *a\n",
     "f.yaml:4:3: error: the key '<<' is given twice\n"
     "    4 |   <<: *a\n"
     "      |   ^~\n"
     "note: first given on line 3\n"
     "hint: merge several with one list: '<<: [*a, *b]'\n"},
    {"TabBeforeKey",
     "a:\n"
     "\tb: 1\n",
     "f.yaml:2:1: error: a tab cannot be indentation\n"
     "    2 |     b: 1\n"
     "      | ^~~~\n"
     "hint: indent with spaces\n"},
    {"TabInTheMiddle",
     "a:\n"
     "  b: 1\n"
     "\tc: 2\n",
     "f.yaml:3:1: error: a tab cannot be indentation\n"
     "    3 |     c: 2\n"
     "      | ^~~~\n"
     "hint: indent with spaces\n"},
    {"TabBeforeItem",
     "a:\n"
     "  - x\n"
     "\t- y\n",
     "f.yaml:3:1: error: a tab cannot be indentation\n"
     "    3 |     - y\n"
     "      | ^~~~\n"
     "hint: indent with spaces\n"},
    {"TabBeforeValue",
     "a:\n"
     "\tplain\n",
     "f.yaml:2:1: error: a tab cannot be indentation\n"
     "    2 |     plain\n"
     "      | ^~~~\n"
     "hint: indent with spaces\n"},
    {"TabBehindBlanks",
     "a:\n"
     "  \tb: 1\n",
     "f.yaml:2:3: error: a tab cannot be indentation\n"
     "    2 |       b: 1\n"
     "      |   ^~~~\n"
     "hint: indent with spaces\n"},
    {"TabInBlock",
     "run: |\n"
     "  x\n"
     "\ty\n",
     "f.yaml:3:1: error: a tab cannot be indentation\n"
     "    3 |     y\n"
     "      | ^~~~\n"
     "hint: indent with spaces\n"},
    {"UnknownAlias", "a: *base\n",
     "f.yaml:1:4: error: there is no '&base' before the alias '*base'\n"
     "    1 | a: *base\n"
     "      |    ^~~~~\n"
     "hint: put a value that begins with '*' in quotes\n"},
    {"NearAlias",
     "a: &base 1\n"
     "b: *bsae\n",
     "f.yaml:2:4: error: there is no '&bsae' before the alias '*bsae'\n"
     "    2 | b: *bsae\n"
     "      |    ^~~~~\n"
     "hint: did you mean '*base'?\n"},
    {"Wildcard", "run: *.py\n",
     "f.yaml:1:6: error: there is no '&.py' before the alias '*.py'\n"
     "    1 | run: *.py\n"
     "      |      ^~~~\n"
     "hint: put a value that begins with '*' in quotes\n"},
    {"LoneStar", "a: * x\n",
     "f.yaml:1:4: error: a value cannot begin with '*'\n"
     "    1 | a: * x\n"
     "      |    ^\n"
     "hint: put the value in quotes\n"},
    {"LoneAmpersand", "a: & x\n",
     "f.yaml:1:4: error: a value cannot begin with '&'\n"
     "    1 | a: & x\n"
     "      |    ^\n"
     "hint: put the value in quotes\n"},
    {"AnchorOfNothing",
     "a: &x\n"
     "b: 1\n",
     "f.yaml:1:4: error: nothing stands behind this anchor\n"
     "    1 | a: &x\n"
     "      |    ^~\n"
     "hint: put a value that begins with '&' in quotes\n"},
    {"OddAnchor", "a: &x'y' 1\n",
     "f.yaml:1:4: error: the name of an anchor has letters, digits, '_' and '-' only\n"
     "    1 | a: &x'y' 1\n"
     "      |    ^~~~~\n"
     "hint: put a value that begins with '&' in quotes\n"},
    {"AliasInItself", "a: &x {b: *x}\n",
     "f.yaml:1:11: error: an alias cannot stand inside what it names\n"
     "    1 | a: &x {b: *x}\n"
     "      |           ^~\n"},
    {"AnchorTwice",
     "a: &x 1\n"
     "b: &x 2\n",
     "f.yaml:2:4: error: the anchor '&x' is given twice\n"
     "    2 | b: &x 2\n"
     "      |    ^~\n"
     "note: first given on line 1\n"
     "hint: give each anchor a name of its own\n"},
    {"TwoAnchors", "a: &x &y 1\n",
     "f.yaml:1:7: error: a value has one anchor at most\n"
     "    1 | a: &x &y 1\n"
     "      |       ^~\n"},
    {"AnchoredAlias",
     "a: &x 1\n"
     "b: &y *x\n",
     "f.yaml:2:4: error: nothing stands behind this anchor\n"
     "    2 | b: &y *x\n"
     "      |    ^~\n"
     "hint: put a value that begins with '&' in quotes\n"
     "f.yaml:2:7: error: an alias stands alone, without an anchor before it\n"
     "    2 | b: &y *x\n"
     "      |       ^~\n"},
    {"PythonTag", "a: !!python/object:os.system ls\n",
     "f.yaml:1:4: error: tags are not used here\n"
     "    1 | a: !!python/object:os.system ls\n"
     "      |    ^~~~~~~~~~~~~~~~~~~~~~~~~\n"
     "hint: leave out what begins with '!', or put the value in quotes\n"},
    {"LocalTag", "a: !important\n",
     "f.yaml:1:4: error: tags are not used here\n"
     "    1 | a: !important\n"
     "      |    ^~~~~~~~~~\n"
     "hint: leave out what begins with '!', or put the value in quotes\n"},
    {"StandardTag", "a: !!str 1\n",
     "f.yaml:1:4: error: tags are not used here\n"
     "    1 | a: !!str 1\n"
     "      |    ^~~~~\n"
     "hint: leave out what begins with '!', or put the value in quotes\n"},
    {"NonSpecificTag", "a: ! 1\n",
     "f.yaml:1:4: error: tags are not used here\n"
     "    1 | a: ! 1\n"
     "      |    ^\n"
     "hint: leave out what begins with '!', or put the value in quotes\n"},
    {"BrokenTag", "a: !<x y\n",
     "f.yaml:1:4: error: a value cannot begin with '!'\n"
     "    1 | a: !<x y\n"
     "      |    ^~~\n"
     "hint: put the value in quotes\n"},
    {"OpenBracket", "a: [1, 2\n",
     "f.yaml:1:4: error: this '[' is not closed\n"
     "    1 | a: [1, 2\n"
     "      |    ^\n"
     "note: ']' is missing before line 2, column 1\n"
     "hint: close it, or put this value in quotes\n"},
    {"OpenBracketThenKey",
     "a: [1, 2\n"
     "b: 3\n",
     "f.yaml:1:4: error: this '[' is not closed\n"
     "    1 | a: [1, 2\n"
     "      |    ^\n"
     "note: ']' is missing before line 2, column 2\n"
     "hint: close it, or put this value in quotes\n"},
    {"OpenBrace",
     "a: {b: 1\n"
     "c: 2\n",
     "f.yaml:1:4: error: this '{' is not closed\n"
     "    1 | a: {b: 1\n"
     "      |    ^\n"
     "note: '}' is missing before line 2, column 2\n"
     "hint: close it, or put this value in quotes\n"},
    {"WrongBracket", "a: [1, 2}\n",
     "f.yaml:1:9: error: no bracket of this kind is open here\n"
     "    1 | a: [1, 2}\n"
     "      |         ^\n"
     "hint: put a value with brackets in it in quotes\n"},
    {"LoneBracket", "a: ]\n",
     "f.yaml:1:4: error: no bracket of this kind is open here\n"
     "    1 | a: ]\n"
     "      |    ^\n"
     "hint: put a value with brackets in it in quotes\n"},
    {"TextBehindBracket", "a: [b]c\n",
     "f.yaml:1:7: error: nothing may follow the closing bracket\n"
     "    1 | a: [b]c\n"
     "      |       ^\n"
     "hint: put the whole value in quotes\n"},
    {"MissingItem", "a: [1, , 2]\n",
     "f.yaml:1:8: error: an item is missing here\n"
     "    1 | a: [1, , 2]\n"
     "      |        ^\n"
     "hint: leave out the ','\n"},
    {"OpenQuote",
     "a: \"text\n"
     "b: 1\n",
     "f.yaml:1:4: error: this quote is not closed\n"
     "    1 | a: \"text\n"
     "      |    ^\n"},
    {"OpenSingleQuote",
     "a: 1\n"
     "b: 'text\n",
     "f.yaml:2:4: error: this quote is not closed\n"
     "    2 | b: 'text\n"
     "      |    ^\n"},
    {"QuoteClosedByTheNext",
     "a: 'text\n"
     "b: 'x'\n",
     "f.yaml:2:5: error: nothing may follow the closing quote\n"
     "    2 | b: 'x'\n"
     "      |     ^~\n"
     "note: the value begins on line 1\n"
     "hint: a ' inside single quotes is written twice: 'it''s'\n"},
    {"QuoteInQuotes", "a: 'it's'\n",
     "f.yaml:1:8: error: nothing may follow the closing quote\n"
     "    1 | a: 'it's'\n"
     "      |        ^~\n"
     "hint: a ' inside single quotes is written twice: 'it''s'\n"},
    {"TextBehindQuote", "a: \"x\" y\n",
     "f.yaml:1:8: error: nothing may follow the closing quote\n"
     "    1 | a: \"x\" y\n"
     "      |        ^\n"
     "hint: put the whole value in quotes\n"},
    {"DocumentInQuote",
     "a: 'x\n"
     "---\n",
     "f.yaml:2:1: error: the document ends within a quoted text\n"
     "    2 | ---\n"
     "      | ^~~\n"
     "hint: close the quote\n"},
    {"BadEscape", "a: \"C:\\dir\"\n",
     "f.yaml:1:9: error: this is no escape of a text in double quotes\n"
     "    1 | a: \"C:\\dir\"\n"
     "      |         ^~~\n"
     "hint: write a backslash as \\\\, or use single quotes\n"},
    {"BadHexEscape", "a: \"\\xZZ\"\n",
     "f.yaml:1:9: error: this escape needs hexadecimal digits\n"
     "    1 | a: \"\\xZZ\"\n"
     "      |         ^\n"
     "hint: write a backslash as \\\\, or use single quotes\n"},
    {"BadUnicodeEscape", "a: \"\\ud800\"\n",
     "f.yaml:1:11: error: this escape is no character\n"
     "    1 | a: \"\\ud800\"\n"
     "      |           ^\n"
     "hint: write a backslash as \\\\, or use single quotes\n"},
    {"ZeroEscape", "a: \"a\\0b\"\n",
     "f.yaml:1:4: error: a text cannot hold a zero byte\n"
     "    1 | a: \"a\\0b\"\n"
     "      |    ^~~~~~\n"},
    {"ColonInValue", "run: echo a: b\n",
     "f.yaml:1:12: error: a ':' is not expected here\n"
     "    1 | run: echo a: b\n"
     "      |            ^\n"
     "hint: put a value with ': ' in it in quotes\n"},
    {"ColonTwice", "a: b: c\n",
     "f.yaml:1:5: error: a ':' is not expected here\n"
     "    1 | a: b: c\n"
     "      |     ^\n"
     "hint: put a value with ': ' in it in quotes\n"},
    {"KeyTooDeep",
     "a: 1\n"
     "  b: 2\n",
     "f.yaml:2:4: error: a ':' is not expected here\n"
     "    2 |   b: 2\n"
     "      |    ^\n"
     "note: this line goes on with the value above it\n"
     "hint: keys of one mapping begin in the same column, and so do the '-' of one list\n"},
    {"KeyNotDeepEnough",
     "a:\n"
     "    b: 1\n"
     "  c: 2\n",
     "f.yaml:3:3: error: this does not continue the mapping above\n"
     "    3 |   c: 2\n"
     "      |   ^\n"
     "hint: keys of one mapping begin in the same column, and so do the '-' of one list\n"},
    {"KeyAmongItems",
     "a:\n"
     "  - 1\n"
     "  b: 2\n",
     "f.yaml:3:3: error: this does not continue the mapping above\n"
     "    3 |   b: 2\n"
     "      |   ^\n"
     "hint: keys of one mapping begin in the same column, and so do the '-' of one list\n"},
    {"ItemAmongKeys",
     "a:\n"
     "  b: 1\n"
     "  - c\n",
     "f.yaml:3:3: error: this does not continue the mapping above\n"
     "    3 |   - c\n"
     "      |   ^\n"
     "hint: keys of one mapping begin in the same column, and so do the '-' of one list\n"},
    {"KeyDeeperThanItem",
     "- a: 1\n"
     "   b: 2\n",
     "f.yaml:2:5: error: a ':' is not expected here\n"
     "    2 |    b: 2\n"
     "      |     ^\n"
     "note: this line goes on with the value above it\n"
     "hint: keys of one mapping begin in the same column, and so do the '-' of one list\n"},
    {"NoBlankBehindColon",
     "a: 1\n"
     "b:2\n",
     "f.yaml:2:1: error: a ':' is missing behind 'b:2'\n"
     "    2 | b:2\n"
     "      | ^~~\n"
     "hint: put a blank after the ':'\n"},
    {"NoColon",
     "a: 1\n"
     "b\n",
     "f.yaml:2:1: error: a ':' is missing behind 'b'\n"
     "    2 | b\n"
     "      | ^\n"
     "hint: write 'key: value'\n"},
    {"NoColonInBraces", "a: {b}\n",
     "f.yaml:1:5: error: a ':' is missing behind 'b'\n"
     "    1 | a: {b}\n"
     "      |     ^\n"
     "hint: write 'key: value'\n"},
    {"ExplicitKey",
     "? a\n"
     ": 1\n",
     "f.yaml:1:3: error: a ':' is missing behind 'a'\n"
     "    1 | ? a\n"
     "      |   ^\n"
     "hint: write 'key: value'\n"},
    {"ListOnTheKeysLine", "a: - 1\n",
     "f.yaml:1:4: error: a '-' is not expected here\n"
     "    1 | a: - 1\n"
     "      |    ^\n"
     "hint: a list begins on a line of its own, each item with '- '\n"},
    {"AtSign", "a: @x\n",
     "f.yaml:1:4: error: a value cannot begin with this character\n"
     "    1 | a: @x\n"
     "      |    ^~\n"
     "hint: put the value in quotes\n"},
    {"Backtick", "a: `x`\n",
     "f.yaml:1:4: error: a value cannot begin with this character\n"
     "    1 | a: `x`\n"
     "      |    ^~~\n"
     "hint: put the value in quotes\n"},
    {"PercentSign", "a: %x\n",
     "f.yaml:1:4: error: a value cannot begin with this character\n"
     "    1 | a: %x\n"
     "      |    ^~\n"
     "hint: put the value in quotes\n"},
    {"TextBehindBlockMark",
     "run: |x\n"
     "  t\n",
     "f.yaml:1:7: error: only an indentation, '+' or '-' may follow '|' or '>' on its line\n"
     "    1 | run: |x\n"
     "      |       ^\n"
     "hint: begin the text on the next line, or put it in quotes\n"},
    {"CommentGluedToBlockMark",
     "run: |# a\n"
     "  t\n",
     "f.yaml:1:7: error: only an indentation, '+' or '-' may follow '|' or '>' on its line\n"
     "    1 | run: |# a\n"
     "      |       ^~~\n"
     "hint: begin the text on the next line, or put it in quotes\n"},
    {"ZeroIndentation",
     "run: |0\n"
     "  t\n",
     "f.yaml:1:8: error: the indentation of a block cannot be 0\n"
     "    1 | run: |0\n"
     "      |        ^\n"
     "hint: leave out the number\n"},
    {"BareExpressionInBrackets", "a: [--day, ${{ params.day }}]\n",
     "f.yaml:1:12: error: in brackets, '${{ }}' must be in quotes\n"
     "    1 | a: [--day, ${{ params.day }}]\n"
     "      |            ^~~~~~~~~~~~~~~~~\n"
     "hint: write \"${{ params.day }}\"\n"},
    {"BareExpressionInBraces", "a: {x: ${{ p }}}\n",
     "f.yaml:1:8: error: in brackets, '${{ }}' must be in quotes\n"
     "    1 | a: {x: ${{ p }}}\n"
     "      |        ^~~~~~~~\n"
     "hint: write \"${{ p }}\"\n"},
    {"BareTemplate", "a: {{ x }}\n",
     "f.yaml:1:4: error: a value with '{{ }}' must be in quotes\n"
     "    1 | a: {{ x }}\n"
     "      |    ^\n"},
    {"ListAsKey", "[a]: 1\n",
     "f.yaml:1:1: error: a key must be a name, got a list\n"
     "    1 | [a]: 1\n"
     "      | ^\n"},
    {"MapAsKey",
     "? {a: 1}\n"
     ": 1\n",
     "f.yaml:1:3: error: a key must be a name, got a mapping\n"
     "    1 | ? {a: 1}\n"
     "      |   ^\n"},
    {"NullAsKey", "null: 1\n",
     "f.yaml:1:1: error: a key must be a name, got null\n"
     "    1 | null: 1\n"
     "      | ^~~~\n"
     "hint: put it in quotes\n"},
    {"NothingAsKey", ": 1\n",
     "f.yaml:1:1: error: a key must be a name, got nothing\n"
     "    1 | : 1\n"
     "      | ^\n"},
    {"MergeOfScalar", "<<: 1\n",
     "f.yaml:1:5: error: '<<' merges mappings, got \"1\"\n"
     "    1 | <<: 1\n"
     "      |     ^\n"
     "hint: give it an alias of a mapping, '<<: *base', or a list of such\n"},
    {"MergeOfList", "<<: [1]\n",
     "f.yaml:1:5: error: '<<' merges mappings, got a list\n"
     "    1 | <<: [1]\n"
     "      |     ^\n"
     "hint: give it an alias of a mapping, '<<: *base', or a list of such\n"},
    {"ControlCharacter", "a: \033[31m\n",
     "f.yaml:1:4: error: the control character \\x1b is not allowed\n"
     "    1 | a: \\x1b[31m\n"
     "      |    ^~~~\n"
     "hint: write it as an escape in double quotes: \"\\x1b\"\n"},
    {"LoneCarriageReturn", "a: b\rc: d\n",
     "f.yaml:1:5: error: the control character \\r is not allowed\n"
     "    1 | a: b\\rc: d\n"
     "      |     ^~\n"
     "hint: end lines with \\n or \\r\\n\n"},
    {"ZeroByte", std::string("a\000b\n", 4),
     "f.yaml:1:2: error: a zero byte: this is not a text file\n"
     "    1 | a\\x00b\n"
     "      |  ^~~~\n"},
    {"NotUtf8", "a: \351t\351\n",
     "f.yaml:1:4: error: the byte \\xe9 is not UTF-8\n"
     "    1 | a: \\xe9t\\xe9\n"
     "      |    ^~~~\n"
     "hint: save the file as UTF-8\n"},
    {"Utf16", std::string("\377\376a\000:\000", 6),
     "f.yaml:1:1: error: the byte \\xff is not UTF-8\n"
     "    1 | \\xff\\xfea\\x00:\\x00\n"
     "      | ^~~~\n"
     "hint: the file looks like UTF-16: save it as UTF-8\n"},
    {"CaretBehindWideText", "\346\227\245\346\234\254: [a\n",
     "f.yaml:1:5: error: this '[' is not closed\n"
     "    1 | \346\227\245\346\234\254: [a\n"
     "      |       ^\n"
     "note: ']' is missing before line 2, column 1\n"
     "hint: close it, or put this value in quotes\n"},
    {"CaretBehindAccents", "d\303\251j\303\240: vu: x\n",
     "f.yaml:1:9: error: a ':' is not expected here\n"
     "    1 | d\303\251j\303\240: vu: x\n"
     "      |         ^\n"
     "hint: put a value with ': ' in it in quotes\n"},
    {"AllErrorsOfAFile",
     "a: 1\n"
     "a: 2\n"
     "b: !x 3\n"
     "[c]: 4\n"
     "d\n",
     "f.yaml:2:1: error: the key 'a' is given twice\n"
     "    2 | a: 2\n"
     "      | ^\n"
     "note: first given on line 1\n"
     "f.yaml:3:4: error: tags are not used here\n"
     "    3 | b: !x 3\n"
     "      |    ^~\n"
     "hint: leave out what begins with '!', or put the value in quotes\n"
     "f.yaml:4:1: error: a key must be a name, got a list\n"
     "    4 | [c]: 4\n"
     "      | ^\n"
     "f.yaml:5:1: error: a ':' is missing behind 'd'\n"
     "    5 | d\n"
     "      | ^\n"
     "hint: write 'key: value'\n"},
};

INSTANTIATE_TEST_SUITE_P(Each, BadYaml, testing::ValuesIn(k_bad_inputs),
                         testing::PrintToStringParamName());

std::string rendered(std::string_view text) {
  Diagnostics diagnostics;
  (void)read_yaml(text, "f.yaml", diagnostics);
  return diagnostics.render();
}

TEST(BadYaml, ALongKeyIsCutInTheMessage) {
  const std::string key(70, 'k');
  EXPECT_EQ(rendered(key + ": 1\n" + key + ": 2\n"),
            "f.yaml:2:1: error: the key '" + std::string(60, 'k') + "...' is given twice\n" +
                "    2 | " + key + ": 2\n" + "      | ^" + std::string(69, '~') + "\n" +
                "note: first given on line 1\n");
}

TEST(BadYaml, TooManyLevelsInBrackets) {
  EXPECT_EQ(rendered(std::string(65, '[') + std::string(65, ']')),
            "f.yaml:1:65: error: there are more than 64 levels in each other\n"
            "    1 | " +
                std::string(65, '[') + std::string(25, ']') + "...\n" + "      | " +
                std::string(64, ' ') + "^\n");
}

TEST(BadYaml, TooManyLevelsOfIndentation) {
  std::string text;
  for (std::size_t i = 0; i < 65; ++i) text += std::string(i, ' ') + "a:\n";
  EXPECT_EQ(rendered(text),
            "f.yaml:65:65: error: there are more than 64 levels in each other\n"
            "   65 | " +
                std::string(64, ' ') + "a:\n" + "      | " + std::string(64, ' ') + "^\n");
}

TEST(BadYaml, AnAliasCountsItsLevels) {
  EXPECT_EQ(rendered("a: &a " + std::string(40, '[') + std::string(40, ']') +
                     "\nb: " + std::string(24, '[') + "*a" + std::string(24, ']') + "\n"),
            "f.yaml:2:28: error: with this alias there are more than 64 levels\n"
            "    2 | b: " +
                std::string(24, '[') + "*a" + std::string(24, ']') + "\n" + "      | " +
                std::string(27, ' ') + "^~\n");
}

TEST(BadYaml, AnAliasBombIsCountedBeforeItIsBuilt) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string one = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    text += name + ": &" + name + " [" + one;
    for (int k = 1; k < 10; ++k) text += ", " + one;
    text += "]\n";
  }
  EXPECT_EQ(
      rendered(text),
      "f.yaml:5:55: error: the file has more than 200000 keys and values, aliases written out\n"
      "    5 | a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]\n"
      "      |                                                       ^~~\n"
      "hint: keep long lists in a file of their own\n");
}

TEST(BadYaml, AFileOverTheLimitIsRefusedUnread) {
  EXPECT_EQ(rendered("a: " + std::string(k_max_bytes, 'x')),
            "f.yaml: error: the file has 4194307 bytes, 4194304 are allowed\n");
}

TEST(BadYaml, AValueOfTooManyBytesIsRefused) {
  EXPECT_EQ(rendered("a: 1\nb: |\n" + std::string(300'000, ' ') + "x\n"),
            "f.yaml:2:1: error: no value ends within 262144 bytes from here\n"
            "    2 | b: |\n"
            "      | ^\n"
            "hint: look for a bracket that is not closed; keep long texts and lists in a file of "
            "their own\n");
}

TEST(BadYaml, AnOpenQuoteBeforeALongRestIsFound) {
  EXPECT_EQ(rendered("a: \"text\n" + std::string(1'000'000, '\n')),
            "f.yaml:1:4: error: this quote is not closed\n"
            "    1 | a: \"text\n"
            "      |    ^\n");
}

TEST(BadYaml, ManyErrorsEndTheReading) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "- !x y\n";
  Diagnostics diagnostics;
  EXPECT_FALSE(read_yaml(text, "f.yaml", diagnostics));
  EXPECT_EQ(diagnostics.error_count(), Diagnostics::k_max_diagnostics + 1);
  EXPECT_TRUE(diagnostics.render().ends_with("1 more message not shown\n"));
}

}  // namespace
}  // namespace foz::yaml
