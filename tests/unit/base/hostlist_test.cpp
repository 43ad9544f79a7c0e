#include "core/base/hostlist.h"

#include <gmock/gmock.h>

#include <random>

#include "core/base/fd.h"
#include "core/base/spawn.h"
#include "core/base/text.h"
#include "tests/support/temporary_folder.h"

namespace foz {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string expanded(std::string_view text) {
  const auto hosts = expand_hostlist(text);
  return hosts ? join(*hosts, " ") : "error: " + hosts.error().message;
}

std::size_t count_hosts(std::string_view text) {
  return expand_hostlist(text).value().size();
}

TEST(Hostlist, ExpandsPlainNames) {
  EXPECT_EQ(expanded("login"), "login");
  EXPECT_EQ(expanded("a,b"), "a b");
  EXPECT_EQ(expanded("big-mem-3"), "big-mem-3");
  EXPECT_EQ(expanded("c1.site.example"), "c1.site.example");
}

TEST(Hostlist, KeepsWidths) {
  EXPECT_EQ(expanded("n[08-11]"), "n08 n09 n10 n11");
  EXPECT_EQ(expanded("n[9-11]"), "n9 n10 n11");
  EXPECT_EQ(expanded("n[01-3]"), "n01 n02 n03");
  EXPECT_EQ(expanded("n[099-101]"), "n099 n100 n101");
  EXPECT_EQ(expanded("cn[002000-002003,002010]"), "cn002000 cn002001 cn002002 cn002003 cn002010");
  EXPECT_EQ(expanded("cn[007]"), "cn007");
}

TEST(Hostlist, KeepsDigitsBeforeTheBracket) {
  EXPECT_EQ(expanded("cn0[0042,0156-0157]"), "cn00042 cn00156 cn00157");
  EXPECT_EQ(expanded("cn00[131,246,264-265]"), "cn00131 cn00246 cn00264 cn00265");
  EXPECT_EQ(count_hosts("run-pg0-[1,3-100],run-pg1-[1-100],run-pg5-[1-12]"), 211U);
  EXPECT_EQ(expanded("run-pg5-[1-2]"), "run-pg5-1 run-pg5-2");
}

TEST(Hostlist, SplitsAtCommasOutsideBracketsOnly) {
  EXPECT_EQ(count_hosts("r01c[01-48],r02c[01-48],r07c[07-48,53-56]"), 142U);
  EXPECT_EQ(count_hosts("m[3101-3104,4101-4104]"), 8U);
  EXPECT_EQ(count_hosts("rack[0001-0008,0013-0014]"), 10U);
  EXPECT_EQ(expanded("jn[0026,0098,0193]"), "jn0026 jn0098 jn0193");
}

TEST(Hostlist, TakesAPrefixTwice) {
  EXPECT_EQ(count_hosts("big-bm[021-029],big-bm[039-043]"), 14U);
}

TEST(Hostlist, DashesOutsideBracketsAreLetters) {
  EXPECT_EQ(expanded("t004-009-v[7-8]"), "t004-009-v7 t004-009-v8");
  EXPECT_EQ(expanded("n1-2"), "n1-2");
}

TEST(Hostlist, SeveralBracketsGiveTheProduct) {
  EXPECT_EQ(expanded("a[1-2]b[1-2]"), "a1b1 a1b2 a2b1 a2b2");
  EXPECT_EQ(expanded("c[1-3]-[2,4]"), "c1-2 c1-4 c2-2 c2-4 c3-2 c3-4");
}

TEST(Hostlist, ANameGoesOnBehindABracket) {
  EXPECT_EQ(expanded("gpu[01-03,7]-ib,login,rack-2-n[1-2]a"),
            "gpu01-ib gpu02-ib gpu03-ib gpu7-ib login rack-2-n1a rack-2-n2a");
}

TEST(Hostlist, KeepsOrderAndDuplicates) {
  EXPECT_EQ(expanded("node[0,3-4,8],host,host[2,5],node[4,12],host[8]"),
            "node0 node3 node4 node8 host host2 host5 node4 node12 host8");
  EXPECT_EQ(expanded("n[3,1,1]"), "n3 n1 n1");
}

TEST(Hostlist, SkipsEmptyTerms) {
  EXPECT_EQ(expanded("n0119,n0159,,n0080,"), "n0119 n0159 n0080");
}

TEST(Hostlist, NoNodesAreAnEmptyList) {
  for (const char* text : {"", " ", "(null)", "None assigned", "n/a", "N/A"}) {
    EXPECT_THAT(expand_hostlist(text).value(), IsEmpty()) << text;
  }
}

TEST(Hostlist, RefusesReasons) {
  EXPECT_EQ(expanded("(Resources)"),
            "error: '(Resources)' is not a host list: it is a reason, not a list");
  EXPECT_EQ(expanded("(ReqNodeNotAvail, UnavailableNodes:n03-01n[01-16])"),
            "error: '(ReqNodeNotAvail, UnavailableNodes:n03-01n[01-16])' is not a host list: it is "
            "a reason, "
            "not a list");
}

TEST(Hostlist, RefusesWhatIsBroken) {
  EXPECT_EQ(expanded("n[1-3"), "error: 'n[1-3' is not a host list: its brackets do not match");
  EXPECT_EQ(expanded("n1-3]"), "error: 'n1-3]' is not a host list: its brackets do not match");
  EXPECT_EQ(expanded("n[1-2]]"), "error: 'n[1-2]]' is not a host list: its brackets do not match");
  EXPECT_EQ(expanded("n[3-1]"),
            "error: 'n[3-1]' is not a host list: the range '3-1' runs backwards");
  EXPECT_EQ(expanded("n[010-9]"),
            "error: 'n[010-9]' is not a host list: the range '010-9' runs backwards");
  EXPECT_EQ(expanded("n[]"),
            "error: 'n[]' is not a host list: '' in brackets is not a number or a range");
  EXPECT_EQ(expanded("n[1-2,]"),
            "error: 'n[1-2,]' is not a host list: '' in brackets is not a number or a range");
  EXPECT_EQ(expanded("n[a-b]"),
            "error: 'n[a-b]' is not a host list: 'a-b' in brackets is not a number or a range");
  EXPECT_EQ(expanded("n[1-2-3]"),
            "error: 'n[1-2-3]' is not a host list: '1-2-3' in brackets is not a number or a range");
  EXPECT_EQ(expanded("n[[1]]"),
            "error: 'n[[1]]' is not a host list: '[1' in brackets is not a number or a range");
  EXPECT_EQ(expanded("n1 n2"), "error: 'n1 n2' is not a host list: 'n1 n2' is not a host name");
  EXPECT_EQ(expanded("n1;id"), "error: 'n1;id' is not a host list: 'n1;id' is not a host name");
  EXPECT_EQ(expanded("n\x1b[1]"),
            "error: 'n\\x1b[1]' is not a host list: 'n\\x1b' is not a host name");
}

TEST(Hostlist, RefusesAListThatWasCutShort) {
  EXPECT_EQ(expanded("n1,n2,..."),
            "error: 'n1,n2,...' is not a host list: it was cut short ('...')");
  EXPECT_EQ(expanded("r[1-2],..,r9"),
            "error: 'r[1-2],..,r9' is not a host list: it was cut short ('...')");
  EXPECT_EQ(expanded("n[1-3,...]"),
            "error: 'n[1-3,...]' is not a host list: '...' in brackets is not a number or a range");
}

TEST(Hostlist, BoundsWhatItExpands) {
  EXPECT_EQ(expanded("n[1-99999999]"),
            "error: 'n[1-99999999]' is not a host list: it has more than 1000000 names");
  EXPECT_EQ(expanded("n[1-2000][1-2000]"),
            "error: 'n[1-2000][1-2000]' is not a host list: it has more than 1000000 names");
  EXPECT_EQ(expanded("n[0-999999999999999999]"),
            "error: 'n[0-999999999999999999]' is not a host list: it has more than 1000000 names");
  EXPECT_FALSE(expand_hostlist("n[1-99999999999999999999]"));
  EXPECT_FALSE(expand_hostlist(std::string(300, 'n') + "[1-9]"));
  EXPECT_EQ(expand_hostlist("a[1-3],b[1-3]", 6).value().size(), 6U);
  EXPECT_FALSE(expand_hostlist("a[1-3],b[1-3]", 5));
}

TEST(Hostlist, CutsALongListInItsMessage) {
  EXPECT_EQ(
      expanded(std::string(70, 'x') + "["),
      "error: '" + std::string(60, 'x') + "...' is not a host list: its brackets do not match");
}

TEST(Hostlist, Compresses) {
  EXPECT_EQ(compress_hostlist({"n1", "n2", "n3"}), "n[1-3]");
  EXPECT_EQ(compress_hostlist({"n1", "n2", "n3", "n5", "x"}), "n[1-3,5],x");
  EXPECT_EQ(compress_hostlist({"n9", "n10", "n11"}), "n[9-11]");
  EXPECT_EQ(compress_hostlist({"n08", "n09", "n10"}), "n[08-10]");
  EXPECT_EQ(compress_hostlist({"n9", "n010"}), "n[9,010]");
  EXPECT_EQ(compress_hostlist({"n3", "n1", "n1"}), "n[3,1,1]");
  EXPECT_EQ(compress_hostlist({"a1", "b2"}), "a1,b2");
  EXPECT_EQ(compress_hostlist({"n1"}), "n1");
  EXPECT_EQ(compress_hostlist({}), "");
}

TEST(Hostlist, CompressesOnlyToWhatSlurmReads) {
  EXPECT_EQ(compress_hostlist({"gpu1-ib", "gpu2-ib"}), "gpu1-ib,gpu2-ib");
}

TEST(Hostlist, ExpandsWhatItCompresses) {
  const std::vector<std::string> hosts = {"a1",
                                          "a2",
                                          "a3",
                                          "b-7",
                                          "b-08",
                                          "b-09",
                                          "login",
                                          "x1y",
                                          "x2y",
                                          "a1",
                                          "n12345678901234567890",
                                          "n12345678901234567891"};
  EXPECT_EQ(expand_hostlist(compress_hostlist(hosts)).value(), hosts);
}

TEST(Hostlist, ExpandsAsSlurmDoes) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(
      write_file(folder / "slurm.conf",
                 "ClusterName=t\nSlurmctldHost=localhost\nNodeName=n1\nPartitionName=p Nodes=n1\n",
                 Durability::cached));
  Command command;
  command.argv = {"scontrol", "show", "hostnames", ""};
  command.environment = current_environment();
  set_variable(*command.environment, "SLURM_CONF", (folder / "slurm.conf").native());
  if (const auto found = run_command(command); !found && found.error().code == Code::not_found) {
    GTEST_SKIP() << "no scontrol here to compare with";
  }
  for (const char* text :
       {"a[1-2]b[1-2],x,,n[08-11]", "n[01-3]", "n[9-11]", "t004-009-v[7-8]", "n[099-101]", "n[007]",
        "n[1-2],n[2-3]", "c[1-3]-[2,4]", "node[0,3-4,8],host,host[2,5],node[4,12]",
        "cn0[0042,0156-0157]", "n1.x[1-2]"}) {
    command.argv.back() = text;
    const auto finished = run_command(command);
    ASSERT_TRUE(finished && finished->exited_with(0)) << text;
    EXPECT_EQ(join(expand_hostlist(text).value(), "\n") + "\n", finished->out) << text;
  }
}

/// Expressions of every form that Slurm reads, made by chance from a fixed seed.
class Expressions {
 public:
  std::string next() {
    std::string text;
    const unsigned terms = 1 + chance(4);
    for (unsigned i = 0; i < terms; ++i) text += (i > 0 ? "," : "") + term();
    return text;
  }

 private:
  unsigned chance(unsigned below) { return static_cast<unsigned>(random_() % below); }

  std::string name() {
    constexpr std::string_view k_names[] = {"n",        "gpu", "rack-2-n", "t004-009-v",
                                            "login",    "cn0", "c1.site",  "a_b",
                                            "big-mem-", "x1y", "IB-n0",    "n00"};
    return std::string(k_names[chance(std::size(k_names))]);
  }
  std::string number(unsigned value, unsigned width) {
    std::string digits = std::to_string(value);
    return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
  }
  std::string range() {
    const unsigned first = chance(120), width = chance(5);
    if (chance(3) == 0) return number(first, width);
    return number(first, width) + "-" + number(first + chance(12), width);
  }
  std::string bracket() {
    std::string text = "[";
    const unsigned ranges = 1 + chance(3);
    for (unsigned i = 0; i < ranges; ++i) text += (i > 0 ? "," : "") + range();
    return text + "]";
  }
  std::string term() {
    switch (chance(5)) {
      case 0:
        return name();
      case 1:
        return name() + std::to_string(chance(200));
      case 2:
        return name() + bracket() + std::string(chance(3), '-') + bracket();
      default:
        return name() + bracket();
    }
  }

  std::minstd_rand random_{20'261'125};
};

/// `scontrol show hostnames` in a configuration of its own, or why there is none.
class Hostnames {
 public:
  Hostnames() {
    EXPECT_TRUE(write_file(
        folder_ / "slurm.conf",
        "ClusterName=t\nSlurmctldHost=localhost\nNodeName=n1\nPartitionName=p Nodes=n1\n",
        Durability::cached));
    command_.environment = current_environment();
    set_variable(*command_.environment, "SLURM_CONF", (folder_ / "slurm.conf").native());
  }
  [[nodiscard]] bool are_there() { return ask("").has_value(); }
  /// nullopt: there is no scontrol, or it refuses the expression.
  std::optional<std::string> ask(const std::string& expression) {
    command_.argv = {"scontrol", "show", "hostnames", expression};
    const auto finished = run_command(command_);
    if (!finished) return std::nullopt;
    return finished->exited_with(0) || expression.empty() ? std::optional(finished->out)
                                                          : std::nullopt;
  }

 private:
  test::TemporaryFolder folder_;
  Command command_;
};

TEST(Hostlist, ExpandsWhateverSlurmExpandsToTheSameNames) {
  Hostnames slurm;
  if (!slurm.are_there()) GTEST_SKIP() << "no scontrol here to compare with";
  Expressions expressions;
  for (int i = 0; i < 300; ++i) {
    const std::string text = expressions.next();
    const auto names = slurm.ask(text);
    ASSERT_TRUE(names) << text;
    const auto ours = expand_hostlist(text);
    ASSERT_TRUE(ours) << text << ": " << ours.error().message;
    EXPECT_EQ(join(*ours, "\n") + "\n", *names) << text;
  }
}

TEST(Hostlist, SlurmReadsWhatItCompresses) {
  Hostnames slurm;
  if (!slurm.are_there()) GTEST_SKIP() << "no scontrol here to compare with";
  Expressions expressions;
  for (int i = 0; i < 100; ++i) {
    const auto hosts = expand_hostlist(expressions.next());
    ASSERT_TRUE(hosts);
    const std::string text = compress_hostlist(*hosts);
    EXPECT_EQ(slurm.ask(text), join(*hosts, "\n") + "\n") << text;
    EXPECT_EQ(expand_hostlist(text), *hosts) << text;
  }
}

TEST(Counts, RepeatsByNode) {
  EXPECT_THAT(expand_counts("4(x2),8").value(), ElementsAre(4, 4, 8));
  EXPECT_THAT(expand_counts("40,8(x2)").value(), ElementsAre(40, 8, 8));
  EXPECT_THAT(expand_counts("40,8").value(), ElementsAre(40, 8));
  EXPECT_THAT(expand_counts("128\n").value(), ElementsAre(128));
}

TEST(Counts, RefusesWhatIsBroken) {
  for (const char* text : {"", "4(x0)", "4(x2", "4x2", "(x2)", "4,,8", "-4", "a", "4(x99999999)",
                           "4 (x2)", "4(x-1)", "99999999999"}) {
    EXPECT_EQ(expand_counts(text).error(),
              (Error{Code::invalid,
                     "'" + std::string(text) + "' is not a list of counts like '40,8(x2)'"}))
        << text;
  }
}

}  // namespace
}  // namespace foz
