#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "core/slurm/types.h"

namespace foz::slurm {

std::ostream& operator<<(std::ostream& out, const Gres& gres) {
  return out << gres.name << '/' << gres.type << '=' << gres.count;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParseGres, NothingIsNone) {
  for (const auto* text : {"", "(null)", "N/A", "n/a", " "}) {
    EXPECT_THAT(parse_gres(text), IsEmpty()) << text;
  }
}

TEST(ParseGres, CountWithoutAType) {
  EXPECT_THAT(parse_gres("gpu:8"), ElementsAre(Gres{"gpu", "", 8}));
  EXPECT_THAT(parse_gres("gpu:0"), ElementsAre(Gres{"gpu", "", 0}));
  EXPECT_THAT(parse_gres("gpu:(null):3(IDX:0-7)"), ElementsAre(Gres{"gpu", "", 3}));
}

TEST(ParseGres, SocketsAreNoPartOfTheKind) {
  EXPECT_THAT(parse_gres("gpu:a100:4(S:0-1)"), ElementsAre(Gres{"gpu", "a100", 4}));
  EXPECT_THAT(parse_gres("gpu:a100:4"), ElementsAre(Gres{"gpu", "a100", 4}));
}

TEST(ParseGres, CommasInsideBracketsDoNotSeparate) {
  EXPECT_THAT(parse_gres("gpu:l4:4(S:1,3,5,7),ssd:1"),
              ElementsAre(Gres{"gpu", "l4", 4}, Gres{"ssd", "", 1}));
  EXPECT_THAT(parse_gres("gpu:a100_3g.20gb:3(S:1,3,7),gpu:a100_4g.20gb:1(S:3),"
                         "gpu:a100_1g.5gb:7(S:1,5,7)"),
              ElementsAre(Gres{"gpu", "a100_3g.20gb", 3}, Gres{"gpu", "a100_4g.20gb", 1},
                          Gres{"gpu", "a100_1g.5gb", 7}));
}

TEST(ParseGres, TypesHoldDigitsDotsAndDashes) {
  EXPECT_THAT(parse_gres("gpu:nvidia_h100_80gb_hbm3_3g.40gb:3(S:0-1)"),
              ElementsAre(Gres{"gpu", "nvidia_h100_80gb_hbm3_3g.40gb", 3}));
  EXPECT_THAT(parse_gres("gpu:v100-32:16(S:0-95)"), ElementsAre(Gres{"gpu", "v100-32", 16}));
}

TEST(ParseGres, OtherKindsBesideGpus) {
  EXPECT_THAT(parse_gres("gpu:v100:4(S:0-1),nvme:3600"),
              ElementsAre(Gres{"gpu", "v100", 4}, Gres{"nvme", "", 3'600}));
  EXPECT_THAT(parse_gres("gpu:a40:8,nvme:40000"),
              ElementsAre(Gres{"gpu", "a40", 8}, Gres{"nvme", "", 40'000}));
  EXPECT_THAT(parse_gres("gpu:a100:4,mps:400"),
              ElementsAre(Gres{"gpu", "a100", 4}, Gres{"mps", "", 400}));
  EXPECT_THAT(
      parse_gres("scratchdir:fast:1,ime:1,gpfs:project:1"),
      ElementsAre(Gres{"scratchdir", "fast", 1}, Gres{"ime", "", 1}, Gres{"gpfs", "project", 1}));
}

TEST(ParseGres, CountsWithAUnit) {
  EXPECT_THAT(parse_gres("bandwidth:lustre:no_consume:4G"),
              ElementsAre(Gres{"bandwidth", "lustre", 4ULL << 30U}));
}

TEST(ParseGres, UsedCounts) {
  EXPECT_THAT(parse_gres("gpu:h100:1(IDX:0),ssd:0"),
              ElementsAre(Gres{"gpu", "h100", 1}, Gres{"ssd", "", 0}));
  EXPECT_THAT(parse_gres("gpu:a40:0(IDX:N/A)"), ElementsAre(Gres{"gpu", "a40", 0}));
  EXPECT_THAT(parse_gres("gpu:a100:2(IDX:0-1)"), ElementsAre(Gres{"gpu", "a100", 2}));
}

TEST(ParseGres, FormsOfRequests) {
  EXPECT_THAT(parse_gres("gres:gpu:1"), ElementsAre(Gres{"gpu", "", 1}));
  EXPECT_THAT(parse_gres("gres:gpu:h100-80:1"), ElementsAre(Gres{"gpu", "h100-80", 1}));
  EXPECT_THAT(parse_gres("gres:gpu:a40"), ElementsAre(Gres{"gpu", "a40", 1}));
  EXPECT_THAT(parse_gres("gres/gpu:1"), ElementsAre(Gres{"gpu", "", 1}));
  EXPECT_THAT(parse_gres("gres/gpu:l4:1"), ElementsAre(Gres{"gpu", "l4", 1}));
  EXPECT_THAT(parse_gres("gres/gpu:h100-80=2"), ElementsAre(Gres{"gpu", "h100-80", 2}));
  EXPECT_THAT(parse_gres("gpu:2"), ElementsAre(Gres{"gpu", "", 2}));
}

TEST(ParseGres, HostileTextDoesNoHarm) {
  for (const auto* text :
       {",,,", "(((", ")))", "gpu:", ":", "gpu:99999999999999999999T", "a(b,c"}) {
    (void)parse_gres(text);
  }
  EXPECT_THAT(parse_gres("gpu:9999999999999999T"),
              ElementsAre(Gres{"gpu", "9999999999999999T", 1}));
}

TEST(CountGpusOfTres, TheRollUpIsTheTotal) {
  EXPECT_EQ(count_gpus_of_tres("cpu=192,mem=2060000M,billing=448,gres/gpu=16,gres/gpu:b200=4"), 16);
  EXPECT_EQ(count_gpus_of_tres("billing=64,cpu=64,gres/gpu=1,mem=512G,node=1"), 1);
}

TEST(CountGpusOfTres, WithoutARollUpTheTypesAreAdded) {
  EXPECT_EQ(count_gpus_of_tres("cpu=2,mem=382000M,node=1,gres/gpu:v100=4,gres/nvme=3600"), 4);
  EXPECT_EQ(count_gpus_of_tres("gres/gpu:a=1,gres/gpu:b=2"), 3);
  EXPECT_EQ(count_gpus_of_tres("cpu=2"), 0);
  EXPECT_EQ(count_gpus_of_tres(""), 0);
}

}  // namespace
}  // namespace foz::slurm
