/// Files that are made to hurt: each is answered in a bounded time and memory, whatever it holds.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "core/yaml/tree.h"

namespace foz::yaml {
namespace {

constexpr std::size_t k_size = k_max_bytes;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool k_measures = false;  // sanitizers multiply both
#else
constexpr bool k_measures = true;
#endif

std::string filled(std::string text, std::string_view unit) {
  text.reserve(k_size);
  while (text.size() + unit.size() <= k_size) text += unit;
  return text;
}

long peak_memory_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) / 1024;
  }
  return 0;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

struct Cost {
  double seconds = 0;
  long mebibytes = 0;
  bool has_errors = false;
};

/// Reads and renders in a process of its own, so that what earlier tests used does not count.
Cost cost_of(const std::string& text) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const double before = cpu_seconds();
    Diagnostics diagnostics;
    const auto node = read_yaml(text, "f.yaml", diagnostics);
    const std::string rendered = diagnostics.render();
    const Cost cost{cpu_seconds() - before, peak_memory_mib(), diagnostics.has_errors()};
    ::_exit(::write(ends[1], &cost, sizeof cost) == sizeof cost && rendered.size() < 1'000'000 ? 0
                                                                                               : 1);
  }
  ::close(ends[1]);
  Cost cost;
  EXPECT_EQ(::read(ends[0], &cost, sizeof cost), static_cast<ssize_t>(sizeof cost));
  ::close(ends[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
  return cost;
}

struct Hostile {
  const char* name;
  const char* begin;
  const char* unit;
};

void PrintTo(const Hostile& hostile, std::ostream* out) {
  *out << hostile.name;
}

class HostileYaml : public testing::TestWithParam<Hostile> {};

TEST_P(HostileYaml, IsAnsweredInASecondAndAHundredMebibytes) {
  const Cost cost = cost_of(filled(GetParam().begin, GetParam().unit));
  if (!k_measures) return;
  EXPECT_LT(cost.seconds, 1.0);
  EXPECT_LT(cost.mebibytes, 100);
}

const std::vector<Hostile> k_hostile = {
    {"OpenBrackets", "", "["},
    {"OpenBraces", "", "{a: "},
    {"ClosedBrackets", "", "[]{}"},
    {"Items", "a: [", "a,"},
    {"ItemsOnLines", "a: [\n", "a,\n"},
    {"Pairs", "{", "a: b, "},
    {"Commas", "[", ","},
    {"LineEndsInBrackets", "[", "\n"},
    {"KeysInBrackets", "[", "[a]: "},
    {"Dashes", "", "- "},
    {"QuestionMarks", "", "? "},
    {"Colons", "", ": "},
    {"ColonsWithoutBlank", "a: ", "a:b "},
    {"SameKeys", "", "a: 1\n"},
    {"ItemsInBlock", "", "- a\n"},
    {"Pairs2", "", "- a: 1\n  b: 2\n"},
    {"Maps", "", "- {a: 1}\n"},
    {"Quote", "a: \"", "x"},
    {"Escapes", "a: \"", "\\x41"},
    {"EscapedLineEnds", "a: \"", "\\\n"},
    {"SingleQuotes", "a: ", "''"},
    {"QuotesInBrackets", "[", "\"x\","},
    {"Plain", "a: ", "x"},
    {"Words", "a: ", "x y "},
    {"Lines", "a: x\n", " y\n"},
    {"Block", "a: |\n", "  x\n"},
    {"Comments", "", "# c\n"},
    {"EmptyLines", "", "\n"},
    {"Blanks", "", " "},
    {"Tabs", "", "\t"},
    {"Anchors", "", "&a "},
    {"AnchorLines", "", "&a\n"},
    {"AnchoredItems", "", "- &a x\n"},
    {"Aliases", "a: &a x\nb:\n", "- *a\n"},
    {"Stars", "", "*"},
    {"Tags", "", "- !a x\n"},
    {"ExclamationMarks", "", "! "},
    {"Pipes", "", "|"},
    {"Documents", "", "---\n"},
    {"DocumentEnds", "", "...\n"},
    {"ByteOrderMarks", "", "\xef\xbb\xbf"},
    {"Accents", "- - [", "\"\xc3\xa9\","},
};

INSTANTIATE_TEST_SUITE_P(Each, HostileYaml, testing::ValuesIn(k_hostile),
                         testing::PrintToStringParamName());

TEST(HostileYaml, ManyDifferentKeysAreBounded) {
  std::string text;
  for (int i = 0; text.size() < k_size - 20; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const Cost cost = cost_of(text);
  EXPECT_TRUE(cost.has_errors);
  if (!k_measures) return;
  EXPECT_LT(cost.seconds, 1.0);
  EXPECT_LT(cost.mebibytes, 100);
}

TEST(HostileYaml, MergesThatDoubleAreBounded) {
  std::string text = "a0: &a0 {x: 1}\n";
  for (int i = 1; i < 60; ++i) {
    const std::string one = std::to_string(i);
    const std::string before = std::to_string(i - 1);
    text += "a" + one + ": &a" + one + " {<<: *a" + before + ", b" + one + ": *a" + before + "}\n";
  }
  const Cost cost = cost_of(text);
  EXPECT_TRUE(cost.has_errors);
  if (!k_measures) return;
  EXPECT_LT(cost.seconds, 1.0);
  EXPECT_LT(cost.mebibytes, 100);
}

TEST(HostileYaml, AnchorsInAnchorsAreBounded) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "&a" + std::to_string(i) + " [";
  for (int i = 0; i < 10'000; ++i) text += "x, ";
  const Cost cost = cost_of(text);
  EXPECT_TRUE(cost.has_errors);
  if (!k_measures) return;
  EXPECT_LT(cost.mebibytes, 100);
}

}  // namespace
}  // namespace foz::yaml
