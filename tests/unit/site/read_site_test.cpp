#include <gtest/gtest.h>

#include "core/base/fd.h"
#include "core/site/site.h"
#include "tests/support/folders.h"

namespace foz::site {
namespace {

std::string errors_of(std::string_view text) {
  Diagnostics diagnostics;
  const auto site = read_site(text, "site.yaml", diagnostics);
  EXPECT_EQ(site.has_value(), !diagnostics.has_errors());
  std::string out;
  for (const auto& d : diagnostics.all())
    out += std::to_string(d.where.line) + ": " + d.message +
           (d.hint.empty() ? "" : " (" + d.hint + ")") + "\n";
  return out;
}

TEST(ReadSite, TakesEveryKey) {
  Diagnostics diagnostics;
  const auto site = read_site(
      "foz_site: 1\nname: alps\ndefault_partition: normal\n"
      "gpus:\n  a100: {gres: a100_80, partition: gpu, constraint: hbm80g}\n  mig: {gres: ''}\n"
      "fabrics:\n  infiniband: {interface: ib0, env: {NCCL_IB_HCA: mlx5}}\n"
      "setup: [module load python]\nenv: {A: '1'}\nscratch: $TMPDIR\naddress: {suffix: -ib0}\nmpi: "
      "pmix\n"
      "memory: per_cpu\nrelease_from_nodes: false\nsbatch_args: [--account=x]\nrun_folder: "
      "/scratch/r\n"
      "outputs_wait: 30s\npolling_floor: 1m\njobs_at_once: 500\nvalues: {project: climate}\n",
      "site.yaml", diagnostics);
  ASSERT_TRUE(site) << diagnostics.render();
  EXPECT_EQ(site->name, "alps");
  EXPECT_EQ(site->default_partition, "normal");
  ASSERT_EQ(site->gpus.size(), 2U);
  EXPECT_EQ(site->gpus[0].gres, "a100_80");
  EXPECT_EQ(site->gpus[0].partition, "gpu");
  EXPECT_EQ(site->gpus[0].constraint, "hbm80g");
  EXPECT_EQ(site->gpus[1].gres, "");
  ASSERT_EQ(site->fabrics.size(), 1U);
  EXPECT_EQ(site->fabrics[0].interface, "ib0");
  EXPECT_EQ(site->fabrics[0].env.front().second, "mlx5");
  EXPECT_EQ(site->setup, std::vector<std::string>{"module load python"});
  EXPECT_EQ(site->address_form, "suffix:-ib0");
  EXPECT_EQ(site->mpi_kind, "pmix");
  EXPECT_EQ(site->memory_form, MemoryForm::per_cpu);
  EXPECT_EQ(site->release_from_nodes, ReleaseFromNodes::forbidden);
  EXPECT_EQ(site->sbatch_args, std::vector<std::string>{"--account=x"});
  EXPECT_EQ(site->run_folder, "/scratch/r");
  EXPECT_EQ(site->outputs_wait, Seconds(30));
  EXPECT_EQ(site->polling_floor, Seconds(60));
  EXPECT_EQ(site->jobs_at_once, 500U);
  EXPECT_EQ(site->values.at("project"), "climate");
}

TEST(ReadSite, ShowsAllErrorsWithTheNearestKey) {
  EXPECT_EQ(
      errors_of(
          "foz_site: 2\nnmae: x\ngpus: [a]\naddress: {suffix: a, interface: b}\nmemory: lots\n"),
      "1: site template of format 2, this foz reads 1\n"
      "2: unknown key 'nmae' in a site template (did you mean 'name'?)\n"
      "3: 'gpus' must be a mapping, got a list\n"
      "4: 'address' takes a suffix or an interface, not both\n"
      "5: 'memory' must be per_node, per_cpu or none, got \"lots\"\n");
}

TEST(ReadSite, QueueHoldsAJobAndThoseThatSendTheRest) {
  EXPECT_EQ(errors_of("foz_site: 1\njobs_at_once: 4\n"),
            "2: 'jobs_at_once' must be at least 5, got 4 "
            "(it counts the jobs that send the rest, too)\n");
  EXPECT_EQ(errors_of("foz_site: 1\njobs_at_once: 5\n"), "");
}

TEST(ReadSite, WantsTheVersionOfItsFormat) {
  EXPECT_EQ(errors_of("name: x\n"),
            "1: a site template must say 'foz_site: 1', the version of its format\n");
}

TEST(ReadSite, RefusesUnknownKeysInsideAGpu) {
  EXPECT_EQ(errors_of("foz_site: 1\ngpus: {a100: {gress: x}}\n"),
            "2: unknown key 'gress' in gpu 'a100' (did you mean 'gres'?)\n");
}

TEST(ReadSite, ShippedTemplatesAreSound) {
  for (const char* name : {"generic", "sandbox"}) {
    const auto text =
        read_file(test::source_folder() / "templates/site" / (std::string(name) + ".yaml"));
    ASSERT_TRUE(text);
    Diagnostics diagnostics;
    const auto site = read_site(*text, name, diagnostics);
    ASSERT_TRUE(site) << diagnostics.render();
    EXPECT_EQ(site->name, name);
  }
}

}  // namespace
}  // namespace foz::site
