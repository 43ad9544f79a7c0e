#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plan/plan.h"
#include "core/slurm/scheduler.h"

namespace foz::plan {

namespace {

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20U || c == 0x7fU; });
}

/// As sbatch reads a word: quotes as in a shell, but a backslash counts inside them too.
std::string directive(const std::string& option) {
  std::string escaped;
  for (const char c : option) escaped += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return "#SBATCH " + shell_quote(escaped) + "\n";
}

/// One #SBATCH line for each option. What is more than one line would end the comment and become
/// code: it is left to sbatch's own arguments.
std::string directives(const slurm::SubmitRequest& request) {
  std::string lines;
  for (const std::string& option : slurm::sbatch_options(request)) {
    if (is_one_line(option)) {
      lines += directive(option);
    } else {
      lines += "# (given to sbatch alone, as no line can hold it: " +
               printable(option.substr(0, option.find('='))) + ")\n";
    }
  }
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

std::string advance_script(const Plan& plan, const Waves& waves) {
  return fmt::format(
      "#!/bin/bash\n"
      "# foz: sends on what did not fit into the queue at once, of {}, run {}.\n"
      "{}"
      "run={}\n"
      "for wait in 30 60 120 240 0; do  # exit status 3: Slurm or another foz did not answer\n"
      "  \"$run/bin/foz\" advance \"$run\"\n"
      "  status=$?\n"
      "  [ $status = 3 ] || exit $status\n"
      "  sleep $wait\n"
      "done\n"
      "exit $status\n",
      printable(plan.workflow), plan.run_id, directives(waves.request),
      shell_quote(plan.run_folder));
}

}  // namespace foz::plan
