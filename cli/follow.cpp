#include <fmt/format.h>

#include <ctime>
#include <map>

#include "cli/interrupt.h"
#include "cli/runs.h"
#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

std::string clock_time() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

/// "2 running, 1 succeeded": what moved, the merely waiting left out.
std::string moving(const run::StageStatus& stage) {
  std::vector<std::string> words;
  for (const auto& [state, count] : stage.counts)
    if (count != 0 && state != run::TaskState::waiting && state != run::TaskState::held)
      words.push_back(fmt::format("{} {}", count, run::state_name(state)));
  return join(words, ", ");
}

/// Prints a line for each stage whose counts are not those of the last time.
class Ticker {
 public:
  void show(const run::RunStatus& status) {
    for (const auto& stage : status.stages) {
      const std::string now = moving(stage);
      if (now.empty() || now == last_[stage.name]) continue;
      last_[stage.name] = now;
      print(fmt::format("  {}  {:<16} {}\n", paint(clock_time(), Colour::dim), stage.name, now));
    }
    for (const auto& remark : status.remarks)
      if (told_[remark]++ == 0)
        print(fmt::format("  {}  note: {}\n", paint(clock_time(), Colour::dim),
                          printable_lines(remark, "                  ")));
  }

 private:
  std::map<std::string, std::string> last_;
  std::map<std::string, int> told_;
};

}  // namespace

int follow(const OpenRun& run, slurm::Scheduler& scheduler) {
  const SystemClock clock;
  const std::string name = name_from_here(run.folder);
  const Interrupt interrupt(
      fmt::format("foz: run {} goes on: 'foz status {}' shows it, 'foz advance --wait {}' follows "
                  "it again, 'foz cancel {}' ends it",
                  run.folder.run_id(), name, name, name));
  Ticker ticker;
  run::WaitOptions options;
  options.on_change = [&](const run::RunStatus& status) { ticker.show(status); };
  options.queue_interval = run.plan.polling_floor;
  const auto status = run::wait_until_over(run.folder, scheduler, clock, options);
  if (!status) return report(status.error());
  print(render_status(run, *status));
  return exit_code_of(*status);
}

}  // namespace foz::cli
