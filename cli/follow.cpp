#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "cli/interrupt.h"
#include "cli/runs.h"
#include "cli/task_names.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

/// Beyond as many, a line for each stage that moves would be read by nobody.
constexpr std::size_t k_stages_told_singly = 20;

/// Why a job waits that waits its turn; of any other reason the user wants to know at once.
constexpr std::array<std::string_view, 5> k_ordinary_reasons{"Priority", "Resources", "Dependency",
                                                             "JobArrayTaskLimit", "Cleaning"};

/// " (BadConstraints)"
std::string odd_reasons(const run::StageStatus& stage) {
  std::vector<std::string> odd;
  for (const std::string& reason : stage.waits_for)
    if (std::ranges::find(k_ordinary_reasons, reason) == k_ordinary_reasons.end())
      odd.push_back(printable(reason));
  return odd.empty() ? "" : fmt::format(" ({})", join(odd, ", "));
}

/// "2 queued (BeginTime), 1 succeeded": what moved, the merely waiting left out.
std::string moving(const run::StageStatus& stage) {
  std::vector<std::string> words;
  for (const auto& [state, count] : stage.counts)
    if (count != 0 && state != run::TaskState::waiting && state != run::TaskState::held)
      words.push_back(fmt::format("{} {}{}", count, run::state_name(state),
                                  state == run::TaskState::queued ? odd_reasons(stage) : ""));
  return join(words, ", ");
}

/// "12 of 40 stages over, 3 under way": of all stages together.
std::string moving(const run::RunStatus& status) {
  std::size_t over = 0, under_way = 0;
  for (const auto& stage : status.stages) {
    std::uint64_t ended = 0, untouched = 0;
    for (const auto& [state, count] : stage.counts) {
      if (run::is_over(state)) ended += count;
      if (state == run::TaskState::waiting || state == run::TaskState::held) untouched += count;
    }
    if (ended == stage.tasks)
      ++over;
    else if (untouched != stage.tasks)
      ++under_way;
  }
  return fmt::format("{} of {} stages over, {} under way", over, status.stages.size(), under_way);
}

/// Prints, at each look, a line for each stage whose counts are not those of the last time, or one
/// for all where there are many; with the tasks that have failed since. While Slurm is silent,
/// which is told elsewhere, remarks wait: most of them come of it.
class Ticker {
 public:
  Ticker(const OpenRun& run, const WatchedScheduler& scheduler)
      : run_(run), scheduler_(scheduler) {}

  void show(const run::RunStatus& status) {
    if (status.stages.size() > k_stages_told_singly)
      show_together(status);
    else
      show_stages(status);
    if (scheduler_.is_silent()) return;
    for (const auto& remark : status.remarks)
      if (told_.insert(remark).second)
        say("note: " + printable_lines(remark, "                  "));
  }

 private:
  static void say(const std::string& text) {
    print(fmt::format("  {}  {}\n", paint(clock_time(SystemClock().now()), Colour::dim), text));
  }

  void show_stages(const run::RunStatus& status) {
    for (std::size_t i = 0; i < status.stages.size(); ++i) {
      const run::StageStatus& stage = status.stages[i];
      const std::string now = moving(stage);
      if (now.empty() || now == last_[stage.name]) continue;
      last_[stage.name] = now;
      const std::string failed = stage.tasks == 1 ? "" : new_failures(status, i);
      say(fmt::format("{:<16} {}{}", stage.name, now, failed.empty() ? "" : "; " + failed));
    }
  }

  void show_together(const run::RunStatus& status) {
    std::vector<std::string> failed;
    for (std::size_t i = 0; i < status.stages.size(); ++i)
      if (std::string words = new_failures(status, i); !words.empty()) failed.push_back(words);
    const std::string now = moving(status);
    if (now == last_[""] && failed.empty()) return;
    last_[""] = now;
    if (failed.size() > 1)
      failed = {failed.front(), count_of(failed.size() - 1, "stage") + " more"};
    say(now + (failed.empty() ? "" : "; " + join(failed, ", ")));
  }

  /// "train[5] (lr=1.1) failed", "... and 3 more failed": those that were not told before.
  std::string new_failures(const run::RunStatus& status, std::size_t place) {
    const run::StageStatus& stage = status.stages[place];
    const auto count = stage.counts.find(run::TaskState::failed);
    std::set<std::uint64_t>& before = failed_[stage.name];
    if (count == stage.counts.end() || count->second == before.size()) return "";
    std::optional<std::uint64_t> first;
    std::size_t more = 0;
    for (const auto& [index, task] : stage.known) {
      if (task.state != run::TaskState::failed || !before.insert(index).second) continue;
      if (first) ++more;
      if (!first) first = index;
    }
    if (!first) return "";
    return fmt::format("{}{} failed", TaskNames(run_.plan.stages[place]).with_values(*first),
                       more == 0 ? "" : fmt::format(" and {} more", more));
  }

  const OpenRun& run_;
  const WatchedScheduler& scheduler_;
  std::map<std::string, std::string> last_;  ///< by stage; "": of all together
  std::map<std::string, std::set<std::uint64_t>> failed_;
  std::set<std::string> told_;
};

}  // namespace

int follow(const OpenRun& run, WatchedScheduler& scheduler) {
  const SystemClock clock;
  scheduler.keep_trying();
  const std::string name = name_from_here(run.folder);
  const Interrupt interrupt(
      fmt::format("foz: run {} goes on: 'foz status {}' shows it, 'foz advance --wait {}' follows "
                  "it again, 'foz cancel {}' ends it",
                  run.folder.run_id(), name, name, name));
  Ticker ticker(run, scheduler);
  run::WaitOptions options;
  options.on_change = [&](const run::RunStatus& status) { ticker.show(status); };
  options.queue_interval = run.plan.polling_floor;
  const auto status = run::wait_until_over(run.folder, scheduler, clock, options);
  if (!status) return report(status.error());
  print(render_status(run, *status));
  return exit_code_of(*status);
}

}  // namespace foz::cli
