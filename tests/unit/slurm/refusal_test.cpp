#include "core/slurm/refusal.h"

#include <gtest/gtest.h>

namespace foz::slurm {
namespace {

using enum RefusalClass;

void expect_class(std::string_view text, RefusalClass kind) {
  EXPECT_EQ(classify_refusal(text).kind, kind) << text;
}

TEST(Refusal, Accounts) {
  expect_class(
      "sbatch: error: Batch job submission failed: Invalid account or account/partition "
      "combination specified",
      account);
}

TEST(Refusal, TheExactLineDecidesNotTheLast) {
  const std::string_view policy =
      "\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job "
      "submit "
      "limit, user's size and/or time limits)";
  const auto with_policy = [policy](std::string line) { return line.append(policy); };
  expect_class(with_policy("sbatch: error: AssocMaxSubmitJobLimit"), submit_limit);
  expect_class(with_policy("sbatch: error: QOSMaxSubmitJobPerUserLimit"), submit_limit);
  expect_class(with_policy("sbatch: error: AssocGrpSubmitJobsLimit"), submit_limit);
  expect_class(with_policy("sbatch: error: QOSGrpSubmitJobsLimit"), submit_limit);
  expect_class(with_policy("sbatch: error: QOSMaxWallDurationPerJobLimit"), time_limit);
  expect_class(
      with_policy("sbatch: error:     --> error: requested timelimit exceeds max of 24 hours"),
      time_limit);
  expect_class(with_policy("sbatch: error: QOSMaxGRESPerUser"), limits);
  expect_class(with_policy(""), limits);
}

TEST(Refusal, TimeLimits) {
  expect_class("Requested time limit is invalid (missing or exceeds some limit)", time_limit);
}

TEST(Refusal, Partitions) {
  expect_class(
      "sbatch: error: invalid partition specified: shared_gpu\n"
      "sbatch: error: Batch job submission failed: Invalid partition name specified",
      partition);
  expect_class("User's group not permitted to use this partition", partition);
  expect_class("Required partition not available (inactive or drain)", partition);
}

TEST(Refusal, ShapesThatNoNodeHas) {
  expect_class("Requested node configuration is not available", shape);
  expect_class("Invalid generic resource (gres) specification", shape);
  expect_class("CPU count per node can not be satisfied", shape);
  expect_class("Memory specification can not be satisfied", shape);
  expect_class("Invalid feature specification", shape);
}

TEST(Refusal, ValuesOfOptions) {
  expect_class("sbatch: error: Invalid --begin specification: soon", option);
  expect_class("sbatch: unrecognized option '--bogus'", option);
  expect_class("sbatch: error: Invalid --time specification", time_limit);
}

TEST(Refusal, Qos) {
  expect_class("allocation failure: Invalid qos specification", qos);
}

TEST(Refusal, RulesOfASite) {
  expect_class(
      "sbatch: error: !!! slurm_job_submit ERROR: 1234 submitted a job to a big partition, without "
      "specifying a BIG Account.\n"
      "sbatch: error: Batch job submission failed: Unspecified error",
      site_filter);
  expect_class(
      "sbatch: error: GPU-shared maximum is 4 GPUs\n"
      "sbatch: error: Batch job submission failed: Unspecified error",
      site_filter);
}

TEST(Refusal, ScriptsAndHosts) {
  expect_class(
      "sbatch: error: Batch script contains DOS line breaks (\\r\\n)\n"
      "sbatch: error: instead of expected UNIX line breaks (\\n).",
      script);
  expect_class("[SITE]: Job submission is not allowed from this host. Use a login node.", host);
}

TEST(Refusal, TheRest) {
  expect_class("Invalid job array specification", array);
  expect_class("Job dependency problem", dependency);
  expect_class("Requested reservation is invalid", reservation);
  expect_class("Access denied to requested reservation", reservation);
  expect_class("Invalid license specification", licenses);
  expect_class("Invalid node name specified", nodes);
  expect_class("Requested nodes not in this partition", nodes);
  expect_class("MaxJobCount limit reached", queue_full);
  expect_class("Slurm temporarily unable to accept job, sleeping and retrying", queue_full);
  expect_class("Resource temporarily unavailable", queue_full);
  expect_class("Access/permission denied", permission);
  expect_class("the moon is in the wrong house", other);
  expect_class("", other);
}

TEST(Refusal, SaysWhatToDo) {
  EXPECT_EQ(refusal_error("fit", "\n  Invalid qos specification").message,
            "Slurm refused job \"fit\": the QOS is wrong or not yours: set 'qos' under 'slurm' "
            "('sacctmgr show assoc user=$USER format=qos' lists yours); it said:\n"
            "  Invalid qos specification");
  EXPECT_EQ(refusal_error("fit", "\n  no such moon").message,
            "Slurm refused job \"fit\"; it said:\n  no such moon");
}

}  // namespace
}  // namespace foz::slurm
