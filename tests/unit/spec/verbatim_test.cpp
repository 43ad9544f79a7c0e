#include "core/spec/verbatim.h"

#include <gtest/gtest.h>

#include "core/spec/verbatim_options.h"

namespace foz::spec {
namespace {

std::size_t errors_of(Program program, const std::vector<std::string>& words) {
  Diagnostics diagnostics;
  std::vector<Located<std::string>> located;
  for (const std::string& word : words) located.push_back({word, {}});
  check_verbatim(program, located, diagnostics);
  return diagnostics.error_count();
}

TEST(Verbatim, LetsFreeOptionsThroughInEveryForm) {
  EXPECT_EQ(errors_of(Program::sbatch,
                      {"--contiguous", "--deadline=now+1day", "--deadline", "now", "--dead=x",
                       "-S4", "-S", "4", "-Os", "--propagate", "--newer=1", "--newer", "-z"}),
            0U);
  EXPECT_EQ(errors_of(Program::srun,
                      {"--cpu-bind=cores", "--cpu-bind", "cores", "-m", "block", "-vvQ", "--x11"}),
            0U);
}

TEST(Verbatim, RefusesEveryForbiddenOptionInEveryForm) {
  for (const Program program : {Program::sbatch, Program::srun}) {
    for (const SlurmOption& option : options_of(program)) {
      if (option.fate.empty()) continue;
      const std::string name = "--" + std::string(option.name);
      EXPECT_EQ(errors_of(program, {name + "=1"}), 1U) << name;
      EXPECT_GE(errors_of(program, {name, "1"}), 1U) << name;
      EXPECT_GE(errors_of(program, {name.substr(0, name.size() - 1) + "=1"}), 1U) << name;
      if (option.letter == 0) continue;
      EXPECT_EQ(errors_of(program, {std::string("-") + option.letter}),
                option.argument == Argument::required ? 2U : 1U)
          << name;
      EXPECT_GE(errors_of(program, {std::string("-s") + option.letter + "1"}), 1U) << name;
    }
  }
}

TEST(Verbatim, RefusesABeginningThatMayMeanAForbiddenOption) {
  EXPECT_EQ(errors_of(Program::sbatch, {"--d=1"}),
            1U);  // dependency, deadline, distribution, delay-boot
  EXPECT_EQ(errors_of(Program::sbatch, {"--dea=1"}), 0U);
}

TEST(Verbatim, RefusesAWordThatWouldBeTheProgram) {
  EXPECT_EQ(errors_of(Program::sbatch, {"job.sh"}), 1U);
  EXPECT_EQ(errors_of(Program::sbatch, {"--contiguous", "job.sh"}), 1U);
  EXPECT_EQ(errors_of(Program::sbatch, {"--propagate", "ALL"}),
            1U);  // an optional value needs the '='
  EXPECT_EQ(errors_of(Program::srun, {"--"}), 1U);
  EXPECT_EQ(errors_of(Program::srun, {"-"}), 1U);
}

TEST(Verbatim, RefusesAnOptionThatWouldTakeTheNextWordOfFoz) {
  EXPECT_EQ(errors_of(Program::sbatch, {"--deadline"}), 1U);
  EXPECT_EQ(errors_of(Program::sbatch, {"-S"}), 1U);
  EXPECT_EQ(errors_of(Program::sbatch, {"--deadline", "--contiguous"}), 1U);
}

}  // namespace
}  // namespace foz::spec
