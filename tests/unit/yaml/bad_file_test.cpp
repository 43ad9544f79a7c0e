/// What is wrong with a file as a whole: nothing in it, several documents, bytes that are no text.
#include "tests/unit/yaml/bad_input.h"

namespace foz::yaml {
namespace {

const std::vector<BadInput> k_inputs = {
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

INSTANTIATE_TEST_SUITE_P(File, BadYaml, testing::ValuesIn(k_inputs),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace foz::yaml
