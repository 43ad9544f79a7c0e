#include "core/agent/agent_main.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <system_error>

#include "core/agent/command_line.h"
#include "core/agent/keeper.h"
#include "core/agent/node_main.h"
#include "core/agent/owner.h"
#include "core/agent/setup.h"
#include "core/agent/srun_channel.h"
#include "core/base/clock.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

constexpr int k_usage = 2;
constexpr int k_environment = 3;

int complain(const std::string& sentence, int status) {
  fmt::print(stderr, "foz-agent: {}\n", sentence);
  return status;
}

/// What Slurm or a user may send: TERM and INT end the task, the others go to the ranks.
std::vector<int> watched_signals() {
  return {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
}

Result<KeeperSetting> read_setting(const CommandLine& line, const Environment& environment) {
  journal::RunFolder folder((fs::path(line.run)));
  FOZ_TRY(const std::string text, read_file(folder.stage(line.stage)));
  FOZ_TRY(task::StageTasks stage, task::stage_from_json(text));
  if (stage.steps.empty())
    return fail(Code::invalid, fmt::format("stage '{}' has no steps", line.stage));
  FOZ_TRY(JobFacts job, read_job(environment));
  FOZ_TRY(const TaskIndex index, find_task(stage, job, line.offset));
  const Attempt attempt{line.attempt_base + job.restarts + 1};
  return KeeperSetting{std::move(folder), std::move(stage), index, attempt, std::move(job)};
}

Result<std::unique_ptr<slurm::Scheduler>> open_commands() {
  FOZ_TRY(slurm::Chosen chosen, slurm::open_scheduler(slurm::Backend::commands, ""));
  return std::move(chosen.scheduler);
}

/// Where every node sees this program: the copy pinned with the run, normally.
std::string own_program() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? fmt::format("/proc/{}/exe", ::getpid()) : path.native();
}

std::unique_ptr<Channel> make_channel(Loop& loop, Reaper& reaper, const KeeperSetting& setting,
                                      Environment environment) {
  if (setting.job.nodes.size() == 1)
    return make_local_channel(loop, reaper, {NodeIndex{0}, std::move(environment), own_program()});
  return make_srun_channel(
      loop, reaper, {setting.job, setting.stage.srun_args, std::move(environment), own_program()});
}

/// Nothing is recorded: the task is the other job's.
Keeper::End end_as_orphan(JobId other) {
  return {Outcome::cancelled,
          fmt::format("job {} runs this task; this job's submission had been given up: it ends "
                      "without doing anything",
                      other.value),
          0};
}

/// Slurm started a job again (requeued by hand, or when its node was lost at its very end) whose
/// task had succeeded: others may be reading what it wrote.
Keeper::End end_as_done(const KeeperSetting& setting, journal::Writer& journal) {
  Partners(setting.stage, setting.index, setting.folder, journal, open_commands).finish();
  return {Outcome::succeeded,
          fmt::format("{} has succeeded in an earlier attempt: it is not run again",
                      task::task_name(setting.stage, setting.index)),
          0};
}

Result<Keeper::End> keep(const CommandLine& line) {
  const Environment environment = current_environment();
  FOZ_TRY(const KeeperSetting setting, read_setting(line, environment));
  const JobId other = find_other_owner(setting.folder, setting.stage, setting.index, setting.job);
  if (other.value != 0) return end_as_orphan(other);
  FOZ_TRY(const task::Matrix matrix, task::Matrix::make(setting.stage.matrix));
  const SystemClock clock;
  FOZ_TRY(journal::Writer journal,
          journal::Writer::open(setting.folder.journal(), setting.job.host, clock));
  if (setting.attempt.value > 1 && has_succeeded(setting.folder, setting.stage, setting.index))
    return end_as_done(setting, journal);
  const References references(setting.stage, matrix.values(setting.index), setting.index,
                              setting.folder);

  Loop loop;
  Reaper reaper;
  const auto channel = make_channel(loop, reaper, setting, environment);
  FOZ_TRY(const auto keeper,
          Keeper::make(loop, setting, references, *channel, journal, open_commands));
  FOZ_TRY(const auto signals, loop.on_signals(watched_signals(), [&](int number) {
    number == SIGCHLD ? reaper.reap() : keeper->signalled(number);
  }));
  return keeper->run();
}

int exit_status_of(const Result<Keeper::End>& end) {
  if (!end) return complain(end.error().message, k_environment);
  if (!end->sentence.empty())
    return complain(fmt::format("{}: {}", outcome_name(end->outcome), end->sentence),
                    end->exit_status);
  return end->exit_status;
}

}  // namespace

int run_agent(const std::vector<std::string>& arguments) {
  const auto line = read_command_line(arguments);
  if (!line) return complain(line.error().message, k_usage);
  ::signal(SIGPIPE, SIG_IGN);
  switch (line->verb) {
    case CommandLine::Verb::version:
      fmt::print("foz-agent {}\n", FOZ_VERSION);
      return 0;
    case CommandLine::Verb::print_environment:
      return print_environment();
    case CommandLine::Verb::keep:
      return exit_status_of(keep(*line));
    case CommandLine::Verb::node:
      break;
  }
  const auto status = run_node(line->task_file);
  return status ? *status : complain(status.error().message, k_environment);
}

}  // namespace foz::agent
