#include "core/task/matrix.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/task/exclude.h"

namespace foz::task {
namespace {

Axis list(std::string name, std::vector<std::string> values) {
  return {std::move(name), ListAxis{std::move(values)}};
}

Axis range(std::string name, std::int64_t first, std::int64_t last, std::int64_t step = 1,
           int width = 0) {
  return {std::move(name), RangeAxis{first, last, step, width}};
}

/// "lr=0.1 seed=2" of every element, one a line.
std::string all_of(const Matrix& matrix) {
  std::string out;
  for (std::uint64_t i = 0; i < matrix.size(); ++i) {
    std::string line;
    for (const auto& [name, value] : matrix.values({i})) {
      line += (line.empty() ? "" : " ") + name + "=" + value;
    }
    out += line + "\n";
  }
  return out;
}

Error error_of(MatrixRule rule) {
  const auto matrix = Matrix::make(std::move(rule));
  return matrix ? Error{Code::internal, "no error"} : matrix.error();
}

TEST(Matrix, WithoutAxesIsOneTask) {
  const auto matrix = Matrix::make({});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->size(), 1U);
  EXPECT_TRUE(matrix->values({0}).empty());
}

TEST(Matrix, CountsWithTheLastAxisFastestAndKeepsValuesAsWritten) {
  const auto matrix = Matrix::make({{list("lr", {"0.10", "1e-3"}), range("seed", 1, 3)}, {}});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(all_of(*matrix),
            "lr=0.10 seed=1\nlr=0.10 seed=2\nlr=0.10 seed=3\n"
            "lr=1e-3 seed=1\nlr=1e-3 seed=2\nlr=1e-3 seed=3\n");
}

TEST(Matrix, RangesAreInclusiveStepAndKeepTheirWidth) {
  const auto matrix = Matrix::make({{range("i", 8, 14, 3, 3)}, {}});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(all_of(*matrix), "i=008\ni=011\ni=014\n");
  EXPECT_EQ(all_of(*Matrix::make({{range("i", 8, 13, 3)}, {}})), "i=8\ni=11\n");
  EXPECT_EQ(all_of(*Matrix::make({{range("i", 3, -3, -3)}, {}})), "i=3\ni=0\ni=-3\n");
  EXPECT_EQ(all_of(*Matrix::make({{range("i", -1, 0, 1, 2)}, {}})), "i=-01\ni=00\n");
}

TEST(Matrix, RowsGiveOneValueAColumn) {
  const Axis named{"sample", RowsAxis{{"id", "fastq"}, {{"a7", "x.fq"}, {"b1", "y.fq"}}}};
  const Axis plain{"file", RowsAxis{{}, {{"one"}, {"two"}}}};
  const auto matrix = Matrix::make({{named, plain}, {}});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(all_of(*matrix),
            "sample.id=a7 sample.fastq=x.fq file=one\nsample.id=a7 sample.fastq=x.fq file=two\n"
            "sample.id=b1 sample.fastq=y.fq file=one\nsample.id=b1 sample.fastq=y.fq file=two\n");
}

TEST(Matrix, ExceptedElementsGetNoNumber) {
  const auto matrix = Matrix::make({{list("lr", {"1e-3", "1e-4"}), range("w", 1, 3)},
                                    {{{"lr", "1e-3"}, {"w", "3"}}, {{"w", "1"}}}});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(all_of(*matrix), "lr=1e-3 w=2\nlr=1e-4 w=2\nlr=1e-4 w=3\n");
}

TEST(Matrix, ExceptsByTheColumnsOfARow) {
  const Axis rows{"s", RowsAxis{{"id", "kind"}, {{"a", "x"}, {"b", "x"}, {"a", "y"}}}};
  const auto matrix = Matrix::make({{rows}, {{{"s.id", "a"}, {"s.kind", "x"}}}});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(all_of(*matrix), "s.id=b s.kind=x\ns.id=a s.kind=y\n");
}

TEST(Matrix, AgreesWithAListOfAllElements) {
  const std::vector<Axis> axes = {range("a", 0, 4), range("b", 5, 1, -2), list("c", {"x", "y"})};
  const std::vector<MatrixValues> except = {
      {{"a", "0"}}, {{"b", "3"}, {"c", "y"}}, {{"a", "4"}, {"b", "1"}, {"c", "y"}}, {{"a", "0"}}};
  std::string expected;
  for (int a = 0; a <= 4; ++a) {
    for (int b = 5; b >= 1; b -= 2) {
      for (const char c : {'x', 'y'}) {
        if (a == 0 || (b == 3 && c == 'y') || (a == 4 && b == 1 && c == 'y')) continue;
        expected += "a=" + std::to_string(a) + " b=" + std::to_string(b) + " c=" + c + "\n";
      }
    }
  }
  const auto matrix = Matrix::make({axes, except});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(all_of(*matrix), expected);
}

TEST(Matrix, RefusesWhatIsEmpty) {
  EXPECT_EQ(error_of({{list("lr", {})}, {}}), (Error{Code::invalid, "axis 'lr' is empty"}));
  EXPECT_EQ(error_of({{range("i", 2, 1)}, {}}), (Error{Code::invalid, "axis 'i' is empty"}));
  EXPECT_EQ(error_of({{range("i", 1, 2, 0)}, {}}), (Error{Code::invalid, "axis 'i' is empty"}));
  EXPECT_EQ(error_of({{range("i", 1, 2)}, {{{"i", "1"}}, {{"i", "2"}}}}),
            (Error{Code::invalid, "'except' takes away every element"}));
}

TEST(Matrix, RefusesAnExceptThatNamesNothing) {
  EXPECT_EQ(error_of({{range("i", 1, 2)}, {{{"j", "1"}}}}),
            (Error{Code::invalid, "'except' names 'j', which is no axis"}));
  EXPECT_EQ(error_of({{range("i", 1, 2)}, {{{"i", "01"}}}}),
            (Error{Code::invalid, "'except' names \"01\", which is no value of axis 'i'"}));
  EXPECT_EQ(error_of({{list("i", {"a"})}, {{{"i.x", "a"}}}}),
            (Error{Code::invalid, "'except' names 'i.x', which is no column of axis 'i'"}));
  EXPECT_EQ(error_of({{range("i", 1, 2)}, {{{"i.x", "1"}}}}),
            (Error{Code::invalid, "'except' names 'i.x', which is no column of axis 'i'"}));
  const Axis rows{"s", RowsAxis{{"id", "kind"}, {{"a", "x"}, {"b", "y"}}}};
  EXPECT_EQ(error_of({{rows}, {{{"s", "a"}}}}),
            (Error{Code::invalid, "'except' names 's', which is no column of axis 's'"}));
  EXPECT_EQ(error_of({{rows}, {{{"s.id", "a"}, {"s.kind", "y"}}}}),
            (Error{Code::invalid, "an 'except' entry matches no element"}));
  EXPECT_EQ(error_of({{range("i", 1, 2)}, {{}}}),
            (Error{Code::invalid, "an 'except' entry matches no element"}));
}

TEST(Matrix, RefusesUnevenRowsAndTwins) {
  EXPECT_EQ(error_of({{{"s", RowsAxis{{"a", "b"}, {{"1", "2"}, {"3"}}}}}, {}}),
            (Error{Code::invalid, "row 2 of axis 's' has 1 value, not 2"}));
  EXPECT_EQ(error_of({{range("i", 1, 2), list("i", {"x"})}, {}}),
            (Error{Code::invalid, "axis 'i' stands twice"}));
}

TEST(Matrix, RefusesAnExplosionWithoutComputingIt) {
  constexpr auto k_least = std::numeric_limits<std::int64_t>::min();
  constexpr auto k_most = std::numeric_limits<std::int64_t>::max();
  const Error too_large{Code::too_large, "the matrix has over 100000000 elements"};
  EXPECT_EQ(error_of({{range("i", k_least, k_most)}, {}}), too_large);
  EXPECT_EQ(error_of({{range("i", k_most, k_least, -1)}, {}}), too_large);
  EXPECT_EQ(error_of({{range("i", 0, k_most), range("j", 0, k_most)}, {}}), too_large);
  EXPECT_EQ(
      error_of(
          {std::vector<Axis>{range("i", 1, 1000), range("j", 1, 1000), range("k", 1, 101)}, {}}),
      too_large);
  EXPECT_EQ(Matrix::make({{range("i", 1, 10'000), range("j", 1, 10'000)}, {}})->size(),
            Matrix::k_max_elements);
}

TEST(Matrix, StepsOverTheWholeRangeOfIntegers) {
  constexpr auto k_least = std::numeric_limits<std::int64_t>::min();
  constexpr auto k_most = std::numeric_limits<std::int64_t>::max();
  const auto up = Matrix::make({{range("i", k_least, k_most, k_most)}, {}});
  ASSERT_TRUE(up);
  EXPECT_EQ(all_of(*up), "i=-9223372036854775808\ni=-1\ni=9223372036854775806\n");
  const auto down = Matrix::make({{range("i", k_most, k_least, k_least)}, {{{"i", "-1"}}}});
  ASSERT_TRUE(down);
  EXPECT_EQ(all_of(*down), "i=9223372036854775807\n");
}

TEST(Matrix, BoundsWhatExceptTakesAway) {
  EXPECT_EQ(error_of({{range("i", 1, 10), range("j", 1, 200'000)}, {{{"i", "1"}}}}).message,
            "no error");
  EXPECT_EQ(error_of({{range("i", 1, 10), range("j", 1, 1'000'001)}, {{{"i", "1"}}}}),
            (Error{Code::too_large, "'except' takes away over 1000000 elements"}));
}

/// No list of them would fit into memory.
TEST(Matrix, IsARuleAndNoList) {
  const auto matrix = Matrix::make({{range("a", 1, 100'000), range("b", 1, 1'000)}, {}});
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->size(), 100'000'000U);
  EXPECT_EQ(matrix->values({99'999'999}), (MatrixValues{{"a", "100000"}, {"b", "1000"}}));
}

}  // namespace
}  // namespace foz::task
