/// What is wrong with a value: aliases, tags, brackets, quotes, blocks, references.
#include "tests/unit/yaml/bad_input.h"

namespace foz::yaml {
namespace {

const std::vector<BadInput> k_inputs = {
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
};

INSTANTIATE_TEST_SUITE_P(Value, BadYaml, testing::ValuesIn(k_inputs),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace foz::yaml
