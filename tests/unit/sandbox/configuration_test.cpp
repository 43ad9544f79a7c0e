#include "core/sandbox/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foz::sandbox {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Machine k_machine{"vm", "1000", {22, 5, 8}, 20'000, "/tmp/home/box"};

std::vector<std::string> names_of(const std::vector<ConfigurationFile>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.name);
  return names;
}

std::string text_of(const SandboxOptions& options, std::string_view name,
                    const Machine& machine = k_machine) {
  for (const auto& file : make_configuration(options, machine)) {
    if (file.name == name) return file.text;
  }
  return "no such file";
}

TEST(Configuration, PutsEverythingInTheFolderAndOnLoopback) {
  const std::string text = text_of({}, "slurm.conf");
  EXPECT_THAT(text,
              testing::StartsWith(
                  std::string(k_first_line) +
                  "\nClusterName=foz-default\nSlurmctldHost=vm(127.0.0.1)\nSlurmctldPort=20000\n"));
  EXPECT_THAT(text, HasSubstr("\nSlurmUser=1000\nSlurmdUser=1000\n"));
  EXPECT_THAT(text, HasSubstr("\nAuthInfo=socket=/tmp/home/box/munge.sock,cred_expire=5\n"));
  EXPECT_THAT(text, HasSubstr("\nCommunicationParameters=NoInAddrAny,NoCtldInAddrAny\n"));
  EXPECT_THAT(text, HasSubstr("\nNodeName=n[1-4] NodeHostname=vm NodeAddr=127.0.0.1 "
                              "Port=[20001-20004] CPUs=4 RealMemory=6144 State=UNKNOWN\n"));
  EXPECT_THAT(text, HasSubstr("\nDefMemPerCPU=1536\n"));
}

TEST(Configuration, OneNodeHasNoBrackets) {
  SandboxOptions options;
  options.nodes = 1;
  EXPECT_THAT(text_of(options, "slurm.conf"),
              HasSubstr("\nNodeName=n1 NodeHostname=vm NodeAddr=127.0.0.1 Port=20001 CPUs=4"));
}

TEST(Configuration, AUsersLineReplacesOursOfTheSameKey) {
  SandboxOptions options;
  options.lines = {"slurmdtimeout=10", "KillWait=5", "PartitionName=main Nodes=n1 Default=YES",
                   "PartitionName=gpu Nodes=n2"};
  const std::string text = text_of(options, "slurm.conf");
  EXPECT_THAT(text, AllOf(HasSubstr("\nslurmdtimeout=10\n"), Not(HasSubstr("SlurmdTimeout="))));
  EXPECT_THAT(text, testing::EndsWith("\nslurmdtimeout=10\nKillWait=5\nPartitionName=main Nodes=n1 "
                                      "Default=YES\nPartitionName=gpu Nodes=n2\n"));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("PartitionName=main Nodes=ALL")),
                          HasSubstr("\nPartitionName=short Nodes=ALL MaxTime=5 State=UP\n")));
}

TEST(Configuration, LeavesOfTheTreeAreNearlyEqual) {
  SandboxOptions options;
  options.nodes = 7;
  options.switches = 3;
  EXPECT_EQ(text_of(options, "topology.conf"),
            "SwitchName=s1 Nodes=n[1-2]\nSwitchName=s2 Nodes=n[3-4]\nSwitchName=s3 "
            "Nodes=n[5-7]\nSwitchName=top Switches=s[1-3]\n");
  options.switches = 1;
  EXPECT_EQ(text_of(options, "topology.conf"),
            "SwitchName=s1 Nodes=n[1-7]\nSwitchName=top Switches=s1\n");
}

TEST(Configuration, MoreSwitchesThanNodesAreAsManyAsNodes) {
  SandboxOptions options;
  options.nodes = 1;
  options.switches = 2;
  EXPECT_EQ(text_of(options, "topology.conf"),
            "SwitchName=s1 Nodes=n1\nSwitchName=top Switches=s1\n");
}

TEST(Configuration, WithoutSwitchesThereIsNoTopology) {
  SandboxOptions options;
  options.switches = 0;
  EXPECT_THAT(names_of(make_configuration(options, k_machine)), ElementsAre("slurm.conf"));
  EXPECT_THAT(text_of(options, "slurm.conf"), Not(HasSubstr("Topology")));
}

TEST(Configuration, GpusAreDevicesThatAnybodyMayOpen) {
  SandboxOptions options;
  options.gpus_per_node = 2;
  options.gpu_type = "a100";
  EXPECT_EQ(text_of(options, "gres.conf"),
            "AutoDetect=off\nNodeName=n[1-4] Name=gpu Type=a100 File=/dev/null,/dev/zero "
            "Flags=nvidia_gpu_env\n");
  EXPECT_THAT(
      text_of(options, "slurm.conf"),
      AllOf(HasSubstr("\nGresTypes=gpu\n"), HasSubstr(" RealMemory=6144 Gres=gpu:a100:2 State=")));
  options.gpu_type.clear();
  EXPECT_EQ(
      text_of(options, "gres.conf"),
      "AutoDetect=off\nNodeName=n[1-4] Name=gpu File=/dev/null,/dev/zero Flags=nvidia_gpu_env\n");
  EXPECT_THAT(text_of(options, "slurm.conf"), HasSubstr(" Gres=gpu:2 State="));
}

TEST(Configuration, NewerReleasesAreToldToLeaveCgroupsAlone) {
  Machine machine = k_machine;
  EXPECT_THAT(names_of(make_configuration({}, machine)),
              ElementsAre("slurm.conf", "topology.conf"));
  machine.release = {23, 2, 0};
  EXPECT_EQ(text_of({}, "cgroup.conf", machine), "CgroupPlugin=disabled\n");
}

TEST(Configuration, SaysHowLongTheControllerRemembers) {
  SandboxOptions options;
  EXPECT_THAT(text_of(options, "slurm.conf"),
              AllOf(HasSubstr("\nMaxArraySize=100001\n"), Not(HasSubstr("MinJobAge"))));
  options.min_job_age = 2;
  options.max_array_size = 101;
  EXPECT_THAT(text_of(options, "slurm.conf"),
              AllOf(HasSubstr("\nMaxArraySize=101\n"), HasSubstr("\nMinJobAge=2\n")));
}

TEST(Configuration, ReadsTheReleaseThatSlurmctldNames) {
  EXPECT_EQ(parse_release("slurm-wlm 22.05.8\n"), (Release{22, 5, 8}));
  EXPECT_EQ(parse_release("slurm 24.11.5-1\n"), (Release{24, 11, 5}));
  EXPECT_EQ(parse_release("slurm 26.05.0-0rc1"), (Release{26, 5, 0}));
  EXPECT_EQ(
      parse_release("command not found").error().message,
      "expected something like \"slurm 22.05.8\" from 'slurmctld -V', got \"command not found\"");
  EXPECT_FALSE(parse_release(""));
}

}  // namespace
}  // namespace foz::sandbox
