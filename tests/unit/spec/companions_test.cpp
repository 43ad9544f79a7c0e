#include "core/spec/companions.h"

#include <gtest/gtest.h>

#include <set>

namespace foz::spec {
namespace {

TEST(Companions, NameBuiltKeysOfOneBlockAndSayWhatToDo) {
  std::set<std::pair<Block, std::string_view>> seen;
  for (const Companion& one : all_companions()) {
    const Key* key = find_key(one.block, one.key);
    const Key* other = find_key(one.block, one.other);
    ASSERT_TRUE(key != nullptr && other != nullptr) << one.key;
    EXPECT_TRUE(is_built(*key) && is_built(*other)) << one.key;
    EXPECT_FALSE(one.hint.empty()) << one.key;
    EXPECT_TRUE(seen.emplace(one.block, one.key).second) << one.key;
  }
}

/// A mapping with `keys`, each of the text "1".
yaml::Node mapping(std::initializer_list<std::string_view> keys) {
  yaml::Node node;
  node.kind = yaml::Node::Kind::map;
  for (const std::string_view key : keys) {
    yaml::Node value;
    value.kind = yaml::Node::Kind::scalar;
    value.text = "1";
    node.entries.push_back({{std::string(key), {}}, std::move(value)});
  }
  return node;
}

std::vector<std::string> messages_of(const yaml::Node& node, Block block) {
  Diagnostics diagnostics;
  refuse_idle_keys(node, block, diagnostics);
  std::vector<std::string> messages;
  for (const Diagnostic& one : diagnostics.all()) messages.push_back(one.message);
  return messages;
}

TEST(Companions, EachIsRefusedWhereItSaysNothingAndOnlyThere) {
  for (const Companion& one : all_companions()) {
    const bool is_beside = one.presence == Presence::beside;
    const yaml::Node alone = mapping({one.key});
    const yaml::Node both = mapping({one.key, one.other});
    const std::string word = is_beside ? "beside" : "without";
    const std::vector<std::string> said = {"'" + std::string(one.key) + "' has no effect " + word +
                                           " '" + std::string(one.other) + "'"};
    EXPECT_EQ(messages_of(is_beside ? both : alone, one.block), said);
    EXPECT_EQ(messages_of(is_beside ? alone : both, one.block), std::vector<std::string>());
    EXPECT_EQ(is_idle(both, one.block, one.key), is_beside);
    EXPECT_EQ(is_idle(alone, one.block, one.key), !is_beside);
  }
}

}  // namespace
}  // namespace foz::spec
