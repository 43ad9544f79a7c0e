#include "core/sandbox/programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/unit/sandbox/child.h"

namespace foz::sandbox {
namespace {

void make_program(const fs::path& path) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "#!/bin/sh\n";
  ::chmod(path.c_str(), 0755);
}

TEST(Programs, AreLookedForOnPathAndThenInTheDaemonsFolders) {
  const test::TemporaryFolder folder;
  const fs::path bin = folder.path() / "bin";
  const fs::path sbin = folder.path() / "sbin";
  for (const char* name : {"scontrol", "sinfo", "slurmd"}) make_program(bin / name);
  for (const char* name : {"munged", "slurmctld", "slurmd"}) make_program(sbin / name);
  const auto programs = find_programs({"PATH=" + bin.native()}, sbin.native());
  ASSERT_TRUE(programs);
  EXPECT_EQ(programs->munged, sbin / "munged");
  EXPECT_EQ(programs->slurmd, bin / "slurmd");
  EXPECT_EQ(programs->sinfo, bin / "sinfo");
}

TEST(Programs, EveryMissingOneIsNamedWithItsPackage) {
  const test::TemporaryFolder folder;
  make_program(folder.path() / "slurmd");
  make_program(folder.path() / "sinfo");
  const auto programs = find_programs({"PATH=" + folder.path().native()}, "/nonexistent");
  ASSERT_FALSE(programs);
  EXPECT_EQ(programs.error().code, Code::not_found);
  EXPECT_EQ(programs.error().message,
            "a sandbox needs 'munged' (Debian package 'munge'), 'slurmctld' (Debian package "
            "'slurmctld'), 'scontrol' (Debian package 'slurm-client'), "
            "not found on PATH or in the sbin folders: on Debian, 'apt-get install slurm-wlm "
            "munge' brings all");
}

TEST(Programs, DaemonsGetLittleOfTheCallersEnvironment) {
  const Environment environment = daemon_environment(
      "/tmp/home/box",
      {"PATH=/opt/bin", "SLURM_JOB_ID=5", "LD_PRELOAD=x.so", "HOME=/root", "LC_ALL=pt_PT.UTF-8"});
  EXPECT_THAT(environment, testing::ElementsAre("PATH=/opt/bin:/usr/local/sbin:/usr/sbin:/sbin",
                                                "LC_ALL=C", "SLURM_CONF=/tmp/home/box/slurm.conf",
                                                "HOME=/root", "FOZ_SANDBOX_FOLDER=/tmp/home/box"));
}

TEST(Programs, LastWordsAreTheLastComplaintsOfALog) {
  const test::TemporaryFolder folder;
  const fs::path log = folder.path() / "log";
  EXPECT_EQ(last_words(log), "");
  std::ofstream(log) << "[2026-11-25T03:16:25.489] slurmctld version 22.05.8 "
                        "started\n[2026-11-25T03:16:25.489] error: one\n"
                        "[2026-11-25T03:16:25.490] error: two\n[2026-11-25T03:16:25.491] error: "
                        "three\n[2026-11-25T03:16:25.492] fatal: four\n";
  EXPECT_EQ(last_words(log), "error: two; error: three; fatal: four");
}

TEST(Programs, WhatAProgramSaidIsOneLine) {
  EXPECT_EQ(one_line("first\n\n  second\x1b[31m \n"), "first; second\\x1b[31m");
  EXPECT_EQ(one_line(""), "");
}

}  // namespace
}  // namespace foz::sandbox
