/// Whatever a file holds, reading it costs under a second of CPU and 100 MB. Each kind is read in a
/// process of its own, which is measured.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "core/base/fd.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/spec/reading_support.h"

namespace foz::spec {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr double k_most_seconds = 20;
constexpr long k_most_kib = 4'000'000;
#else
constexpr double k_most_seconds = 1;
constexpr long k_most_kib = 100 * 1024;
#endif

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

enum class Expected { good, bad };

/// Reads what `make` gives in a child process.
void expect_cheap(Expected expected, const std::function<std::string()>& make,
                  const ReadOptions& options = {}) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit bound{static_cast<rlim_t>(k_most_seconds) * 20,
                       static_cast<rlim_t>(k_most_seconds) * 20};
    setrlimit(RLIMIT_CPU, &bound);
    Diagnostics diagnostics;
    const auto workflow = read_workflow(make(), "w.yaml", options, diagnostics);
    const std::string rendered = diagnostics.render();
    if (getenv("FOZ_SHOW") != nullptr) fprintf(stderr, "%.2000s\n", rendered.c_str());
    _exit(workflow.has_value() == (expected == Expected::good) && rendered.size() < 100'000 ? 0
                                                                                            : 1);
  }
  int status = 0;
  rusage usage{};
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
  const double seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  EXPECT_LT(seconds, k_most_seconds);
  EXPECT_LT(usage.ru_maxrss, k_most_kib);
  testing::Test::RecordProperty("cpu_ms", static_cast<int>(seconds * 1000));
  testing::Test::RecordProperty("rss_kib", static_cast<int>(usage.ru_maxrss));
}

std::string repeated(int count, const std::function<std::string(int)>& piece) {
  std::string out;
  for (int i = 0; i < count; ++i) out += piece(i);
  return out;
}

std::string number(int i) {
  return std::to_string(i);
}

TEST(HostileWorkflow, ManyStages) {
  expect_cheap(Expected::good, [] {
    return with_stages(repeated(5000, [](int i) { return "  s" + number(i) + ": {run: x}\n"; }));
  });
}

TEST(HostileWorkflow, MoreStagesThanThereMayBe) {
  expect_cheap(Expected::bad, [] {
    return with_stages(repeated(60'000, [](int i) { return "  s" + number(i) + ": {run: x}\n"; }));
  });
}

TEST(HostileWorkflow, OneLongCircle) {
  expect_cheap(Expected::bad, [] {
    return with_stages(repeated(5000, [](int i) {
      return "  s" + number(i) + ": {run: x, needs: s" + number((i + 1) % 5000) + "}\n";
    }));
  });
}

TEST(HostileWorkflow, ManyCircles) {
  expect_cheap(Expected::bad, [] {
    return with_stages(repeated(5000, [](int i) {
      return "  s" + number(i) + ": {run: x, needs: s" + number(i ^ 1) + "}\n";
    }));
  });
}

TEST(HostileWorkflow, EveryStageNeedsManyBefore) {
  expect_cheap(Expected::good, [] {
    return with_stages(repeated(600, [](int i) {
      const auto need = [](int j) { return "s" + number(j) + ", "; };
      return "  s" + number(i) + ": {run: x, needs: [" + repeated(std::min(i, 300), need) + "]}\n";
    }));
  });
}

TEST(HostileWorkflow, ManyUnknownNeeds) {
  expect_cheap(Expected::bad, [] {
    return with_stages(repeated(4000, [](int i) {
      const std::string near = std::string(50, 'a') + number(i);
      return "  " + near + ": {run: x, needs: [" + near + "b, " + near + "c, " + near + "d]}\n";
    }));
  });
}

TEST(HostileWorkflow, ManyUnknownKeys) {
  expect_cheap(Expected::bad, [] {
    return with_stages("  a:\n" + repeated(60'000, [](int i) {
                         return "    memory_per_nod" + number(i) + ": x\n";
                       }));
  });
}

TEST(HostileWorkflow, DefaultsBelowManyStages) {
  expect_cheap(Expected::bad, [] {
    return "foz: 1\nname: x\ndefaults:\n  env:\n" +
           repeated(2000, [](int i) { return "    V" + number(i) + ": x\n"; }) + "stages:\n" +
           repeated(5000, [](int i) { return "  s" + number(i) + ": {run: x}\n"; });
  });
}

TEST(HostileWorkflow, WrongDefaultsBelowManyStages) {
  expect_cheap(Expected::bad, [] {
    return "foz: 1\nname: x\ndefaults:\n  env:\n" +
           repeated(9, [](int i) { return "    " + number(i) + ": x\n"; }) + "stages:\n" +
           repeated(5000, [](int i) { return "  s" + number(i) + ": {run: x}\n"; });
  });
}

TEST(HostileWorkflow, OneLongAxis) {
  expect_cheap(Expected::good, [] {
    return with_stages("  a:\n    run: x\n    matrix:\n      v:\n" +
                       repeated(190'000, [](int i) { return "        - v" + number(i) + "\n"; }));
  });
}

TEST(HostileWorkflow, ManyWideExceptions) {
  expect_cheap(Expected::bad, [] {
    return with_stages(
        "  a:\n    run: x\n    matrix:\n      v: 1..10000\n      w: 1..10000\n      except:\n" +
        repeated(60'000, [](int i) { return "        - {v: " + number(i + 1) + "}\n"; }));
  });
}

TEST(HostileWorkflow, ManyExceptions) {
  expect_cheap(Expected::good, [] {
    return with_stages(
        "  a:\n    run: x\n    matrix:\n      v: 1..10000\n      w: 1..10000\n      except:\n" +
        repeated(39'000,
                 [](int i) { return "        - {v: " + number(i / 10 + 1) + ", w: 5}\n"; }));
  });
}

TEST(HostileWorkflow, ManyAxes) {
  expect_cheap(Expected::bad, [] {
    return with_stages("  a:\n    run: x\n    matrix:\n" +
                       repeated(60'000, [](int i) { return "      v" + number(i) + ": [1]\n"; }));
  });
}

TEST(HostileWorkflow, EachOfTwoLongMatricesManyTimes) {
  expect_cheap(Expected::good, [] {
    const auto matrix = [](const std::string& name) {
      return "  " + name + ":\n    run: x\n    matrix:\n      v:\n" +
             repeated(60'000, [](int i) { return "        - v" + number(i) + "\n"; });
    };
    return with_stages(matrix("a") + matrix("b") + repeated(4000, [](int i) {
                         return "  c" + number(i) + ": {run: x, needs: {a: each, b: each}}\n";
                       }));
  });
}

TEST(HostileWorkflow, OutputsOfTwoLongMatricesManyTimes) {
  expect_cheap(Expected::good, [] {
    return with_stages("  a:\n    run: x\n    matrix:\n      v:\n" +
                       repeated(100'000, [](int i) { return "        - v" + number(i) + "\n"; }) +
                       repeated(4000, [](int i) {
                         return "  c" + number(i) + ": {run: x, needs: {a: each}, outputs: {o: \"" +
                                number(i) + "/${{ matrix.v }}\"}}\n";
                       }));
  });
}

TEST(HostileWorkflow, OutputsThatNameEachOther) {
  expect_cheap(Expected::bad, [] {
    return with_stages("  a:\n    run: x\n    outputs:\n" + repeated(60'000, [](int i) {
                         return "      o" + number(i) + ": x/${{ task.outputs.o" + number(i + 1) +
                                " }}\n";
                       }));
  });
}

TEST(HostileWorkflow, ManyReferences) {
  expect_cheap(Expected::bad, [] {
    return with_stages("  a:\n    run:\n" + repeated(15'000, [](int i) {
                         return "      - ${{ needs.b" + number(i) +
                                ".x }}${{ matrix.a }}${{ bad.x }}${{ params.x }}${{ rank }}\n";
                       }));
  });
}

TEST(HostileWorkflow, OneTextOfReferences) {
  expect_cheap(Expected::bad, [] {
    return with_stages("  a:\n    run: [x, \"" + repeated(25'000, [](int) { return "${{ a }}"; }) +
                       "\"]\n");
  });
}

TEST(HostileWorkflow, OneParamManyTimes) {
  expect_cheap(Expected::bad, [] {
    return "foz: 1\nname: x\nparams:\n  p: \"" + std::string(100'000, 'x') +
           "\"\nstages:\n  a: {run: x, slurm: {comment: \"" +
           repeated(10'000, [](int) { return "${{ params.p }}"; }) + "\"}}\n";
  });
}

TEST(HostileWorkflow, ManyParams) {
  expect_cheap(Expected::bad, [] {
    return "foz: 1\nname: x\nparams:\n" +
           repeated(60'000, [](int i) { return "  p" + number(i) + ": {type: int}\n"; }) +
           "stages:\n  a: {run: [" +
           repeated(10'000, [](int i) { return "\"${{ params.q" + number(i) + " }}\", "; }) +
           "x]}\n";
  });
}

TEST(HostileWorkflow, ManyVerbatimOptions) {
  expect_cheap(Expected::bad, [] {
    return with_stages(
        "  a:\n    run: x\n    slurm:\n      sbatch_args:\n" +
        repeated(100'000, [](int i) { return "        - -HHHHHHHHHHHHHHHHN" + number(i) + "\n"; }));
  });
}

TEST(HostileWorkflow, HugeNodeLists) {
  expect_cheap(Expected::bad, [] {
    return with_stages(repeated(2000, [](int i) {
      return "  s" + number(i) +
             ": {run: x, slurm: {exclude: \"n[0-99999][0-9]\", nodelist: \"n[0-99999]\"}}\n";
    }));
  });
}

class HostileFiles : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  [[nodiscard]] ReadOptions options() const { return {folder_.path().string(), {}}; }

  test::TemporaryFolder folder_;
};

TEST_F(HostileFiles, ManyRows) {
  write("r.csv", "a,b,c,d\n" + repeated(120'000, [](int i) { return number(i) + ",x,y,z\n"; }));
  expect_cheap(
      Expected::good,
      [] {
        return with_stages(
            "  a: {run: x, matrix: {s: {csv: r.csv}}, outputs: {o: \"${{ matrix.s.a }}\"}}\n");
      },
      options());
}

TEST_F(HostileFiles, MoreValuesThanThereMayBe) {
  write("r.csv", "a,b\n" + repeated(400'000, [](int) { return "1,2\n"; }));
  write("l.txt", repeated(2'000'000, [](int) { return "x\n"; }));
  expect_cheap(
      Expected::bad,
      [] {
        return with_stages(
            "  a: {run: x, matrix: {s: {csv: r.csv}}}\n  b: {run: x, matrix: {s: {lines: "
            "l.txt}}}\n");
      },
      options());
}

TEST_F(HostileFiles, TheSameFileForEveryStage) {
  write("l.txt", repeated(10'000, [](int i) { return number(i) + "\n"; }));
  expect_cheap(
      Expected::bad,
      [] {
        return with_stages(repeated(5000, [](int i) {
          return "  s" + number(i) + ": {run: x, matrix: {s: {lines: l.txt}}}\n";
        }));
      },
      options());
}

TEST_F(HostileFiles, AFileOverTheLimit) {
  write("l.txt", std::string(40U << 20U, 'x'));
  expect_cheap(
      Expected::bad, [] { return with_stages("  a: {run: x, matrix: {s: {lines: l.txt}}}\n"); },
      options());
}

TEST_F(HostileFiles, APatternOverTheWholeFileSystem) {
  expect_cheap(
      Expected::bad,
      [] { return with_stages("  a: {run: x, matrix: {s: {glob: \"/*/*/*/*/*/*/*/none\"}}}\n"); },
      options());
}

TEST_F(HostileFiles, APatternOfStars) {
  write(std::string(250, 'a'), "");
  expect_cheap(
      Expected::bad,
      [] {
        return with_stages("  a: {run: x, matrix: {s: {glob: \"" +
                           repeated(60, [](int) { return "a*"; }) + "b\"}}}\n");
      },
      options());
}

}  // namespace
}  // namespace foz::spec
