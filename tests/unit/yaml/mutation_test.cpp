/// Spoils good files in small ways, many times, always the same: whatever comes of it, the reader
/// must answer.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "core/base/text.h"
#include "core/yaml/tree.h"

namespace foz::yaml {
namespace {

constexpr int k_rounds = 4'000;

const std::array<std::string, 3> k_files = {
    "foz: 1\nparams:\n  day: 2013-06-01\n  n: {type: int, min: 1, help: passes over}\nstages:\n  "
    "f:\n    uses: x\n"
    "    with: {script: f.py, args: [--day, \"${{ params.day }}\"]}\n    run: |\n      a: b\n      "
    "c\n",
    "a: &x\n  k: 010\n  l: \"q\"\nb: *x\nc: {<<: *x}\nseq:\n  - x\n  - y: 1\n    z: 'it''s'\n  -\n "
    " - >-\n    folded\n"
    "  - [1, {a: b}, \"c\"]\nd: plain text\n  more\n",
    "- a\n- b: c\n  d: \xc3\xa9\n- - \xe6\x97\xa5\n  - y # c\n"};

const std::array<std::string, 24> k_pieces = {
    " ", "\n",  "\t", ":", "-", "[", "]", "{", "}",    ",",       "\"",   "'",
    "#", "&a ", "*x", "!", "|", ">", "%", "?", "\r\n", "\n---\n", "<<: ", std::string(1, '\0')};

std::string spoiled(std::mt19937& random) {
  std::string text = k_files[random() % k_files.size()];
  const auto times = 1 + random() % 4;
  for (unsigned i = 0; i < times; ++i) {
    const std::size_t at = random() % (text.size() + 1);
    const std::string& piece = k_pieces[random() % k_pieces.size()];
    switch (random() % 4) {
      case 0:
        text.insert(at, piece);
        break;
      case 1:
        text.erase(at, 1 + random() % 3);
        break;
      case 2:
        text.replace(at, 1, piece);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 20));
    }
    if (text.empty()) text = "a";
  }
  return text;
}

/// All places lie in the file.
void check_places(const Node& node, int lines, const std::string& text) {
  ASSERT_GE(node.where.line, 1) << printable(text);
  ASSERT_LE(node.where.line, lines) << printable(text);
  ASSERT_GE(node.where.column, 1) << printable(text);
  ASSERT_GE(node.where.length, 1) << printable(text);
  for (const Node& item : node.items) check_places(item, lines, text);
  for (const Entry& entry : node.entries) check_places(entry.value, lines, text);
}

TEST(SpoiledYaml, IsReadOrRefusedWithAPlace) {
  std::mt19937 random(20'130'601);
  int refused = 0;
  for (int round = 0; round < k_rounds; ++round) {
    const std::string text = spoiled(random);
    const auto lines = static_cast<int>(split(text, '\n').size());
    Diagnostics diagnostics;
    const auto node = read_yaml(text, "f.yaml", diagnostics);
    ASSERT_TRUE(node || diagnostics.has_errors()) << printable(text);
    if (node) check_places(*node, lines, text);
    for (const Diagnostic& one : diagnostics.all()) {
      ASSERT_LE(one.where.line, lines) << printable(text);
      ASSERT_FALSE(one.message.empty()) << printable(text);
    }
    ASSERT_EQ(printable(diagnostics.render()).find("\\x1b"), std::string::npos);
    refused += diagnostics.has_errors() ? 1 : 0;
  }
  EXPECT_GT(refused, k_rounds / 4);
  EXPECT_LT(refused, k_rounds);
}

TEST(CutYaml, IsReadOrRefusedAtEveryByte) {
  for (const std::string& file : k_files) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      Diagnostics diagnostics;
      const auto node = read_yaml(std::string_view(file).substr(0, size), "f.yaml", diagnostics);
      ASSERT_TRUE(node || diagnostics.has_errors()) << size;
    }
  }
}

}  // namespace
}  // namespace foz::yaml
