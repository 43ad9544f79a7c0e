#include <fmt/format.h>

#include "core/base/text.h"
#include "core/plan/plan.h"
#include "core/slurm/scheduler.h"

namespace foz::plan {

namespace {

/// One #SBATCH line for each option; sbatch reads quotes there as a shell would.
std::string directives(const slurm::SubmitRequest& request) {
  std::string lines;
  for (const std::string& option : slurm::sbatch_options(request))
    lines += "#SBATCH " + shell_quote(option) + "\n";
  return lines;
}

}  // namespace

std::string batch_script(const Plan& plan, const StagePlan& stage) {
  const std::string folder = shell_quote(plan.run_folder);
  return fmt::format(
      "#!/bin/bash\n"
      "# foz: stage {} of {}, run {}. The options below are for the reader: foz gives the same "
      "ones\n"
      "# to sbatch, with the array, the dependency and the name of each part.\n"
      "{}"
      "run={}\n"
      "exec \"$run/bin/foz-agent\" keep --run \"$run\" --stage {} --offset \"${{1:-0}}\"\n",
      stage.name, printable(plan.workflow), plan.run_id, directives(stage.request), folder,
      stage.name);
}

}  // namespace foz::plan
