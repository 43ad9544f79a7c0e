/// What is wrong with how keys, items and lines stand to each other.
#include "tests/unit/yaml/bad_input.h"

namespace foz::yaml {
namespace {

const std::vector<BadInput> k_inputs = {
    {"MappingBehindList",
     "- 1\n"
     "b: 2\n",
     "f.yaml:2:1: error: this does not belong to what stands above\n"
     "    2 | b: 2\n"
     "      | ^\n"
     "hint: a file is one mapping: its keys begin in the same column\n"},
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
};

INSTANTIATE_TEST_SUITE_P(Layout, BadYaml, testing::ValuesIn(k_inputs),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace foz::yaml
