#include "core/yaml/tree.h"

#include <gtest/gtest.h>

namespace foz::yaml {
namespace {

Node read(std::string_view text) {
  Diagnostics diagnostics;
  auto node = read_yaml(text, "f.yaml", diagnostics);
  EXPECT_TRUE(node) << diagnostics.render();
  return node.value_or(Node{});
}

TEST(Node, FindsItsKeys) {
  const Node node = read("a: 1\nb: {c: 2}\n");
  ASSERT_NE(node.find("b"), nullptr);
  EXPECT_EQ(node.find("b")->find("c")->text, "2");
  EXPECT_EQ(node.find_entry("a")->key.where.line, 1);
  EXPECT_EQ(node.find("x"), nullptr);
  EXPECT_EQ(node.find("a")->find("x"), nullptr);
}

TEST(Node, CopiesAreDeep) {
  Node node = read("a: [1, 2]\n");
  const Node copy = node;
  node.entries[0].value.items[0].text = "changed";
  EXPECT_EQ(copy.find("a")->items[0].text, "1");
}

TEST(Node, IsDescribed) {
  EXPECT_EQ(describe(read("two")), "\"two\"");
  EXPECT_EQ(describe(read("\"a\\nb\"")), "\"a\\nb\"");
  EXPECT_EQ(describe(read("[1]")), "a list");
  EXPECT_EQ(describe(read("{a: 1}")), "a mapping");
  EXPECT_EQ(describe(*read("a:\n").find("a")), "nothing");
  EXPECT_EQ(describe(*read("a: ~\n").find("a")), "~");
  EXPECT_EQ(describe(read(std::string(100, 'x'))), "\"" + std::string(60, 'x') + "\"...");
}

}  // namespace
}  // namespace foz::yaml
