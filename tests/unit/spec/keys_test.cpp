#include "core/spec/keys.h"

#include <gtest/gtest.h>

#include <set>

#include "core/spec/references.h"
#include "core/spec/verbatim_options.h"

namespace foz::spec {
namespace {

constexpr std::array k_blocks = {Block::workflow, Block::param, Block::stage,     Block::step,
                                 Block::axis,     Block::array, Block::resources, Block::slurm};

TEST(Keys, StandBlockByBlockWithoutTwins) {
  std::size_t count = 0;
  for (const Block block : k_blocks) {
    std::set<std::string_view> names;
    for (const Key& key : keys_of(block)) {
      EXPECT_EQ(key.block, block);
      EXPECT_TRUE(names.insert(key.name).second) << key.name;
      EXPECT_EQ(find_key(block, key.name), &key);
    }
    count += names.size();
  }
  EXPECT_EQ(count, all_keys().size());  // a block in two pieces would be cut
}

TEST(Keys, SayWhatTheyAreOrWhatTheyWillBring) {
  for (const Key& key : all_keys()) {
    EXPECT_NE(key.help.empty(), key.brings.empty()) << key.name;
    EXPECT_EQ(is_built(key), key.brings.empty()) << key.name;
    EXPECT_EQ(key.group.empty(), key.block != Block::stage) << key.name;
  }
}

TEST(Keys, HoldTheWholeVocabularyOfAStage) {
  for (const std::string_view name :
       {"run",     "uses",       "with",       "steps",     "services", "needs",      "matrix",
        "array",   "cache",      "until",      "resources", "mesh",     "components", "slurm",
        "env",     "secrets",    "setup",      "modules",   "venv",     "conda",      "container",
        "workdir", "limits",     "umask",      "wrapper",   "outputs",  "stage_in",   "stage_out",
        "logs",    "checkpoint", "on_failure", "stop_if",   "health",   "notify"}) {
    EXPECT_NE(find_key(Block::stage, name), nullptr) << name;
  }
  EXPECT_EQ(find_key(Block::stage, "unknown"), nullptr);
}

TEST(ReferenceTable, HasNoTwins) {
  std::set<std::string_view> patterns;
  for (const ReferenceKind& kind : all_references())
    EXPECT_TRUE(patterns.insert(kind.pattern).second) << kind.pattern;
}

TEST(SlurmOptions, HaveNamesAndLettersOfTheirOwn) {
  for (const Program program : {Program::sbatch, Program::srun}) {
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const SlurmOption& option : options_of(program)) {
      EXPECT_TRUE(names.insert(option.name).second) << option.name;
      if (option.letter != 0) {
        EXPECT_TRUE(letters.insert(option.letter).second) << option.name;
      }
    }
  }
}

TEST(SlurmOptions, NameKeysThatExist) {
  for (const Program program : {Program::sbatch, Program::srun}) {
    for (const SlurmOption& option : options_of(program)) {
      if (!option.fate.starts_with('=')) continue;
      const std::string_view key = option.fate.substr(1);
      const bool exists = find_key(Block::resources, key) != nullptr ||
                          find_key(Block::slurm, key) != nullptr ||
                          find_key(Block::stage, key) != nullptr;
      EXPECT_TRUE(exists) << option.name;
    }
  }
}

}  // namespace
}  // namespace foz::spec
