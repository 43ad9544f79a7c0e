/// A run folder with one stage, and foz-agent run in it as Slurm's batch script would: what a user
/// of the tests changes is the stage and the environment.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/base/spawn.h"
#include "core/journal/journal.h"
#include "core/journal/run_folder.h"
#include "core/task/stage.h"

namespace foz::test {

class TaskRun {
 public:
  TaskRun();
  ~TaskRun();
  TaskRun(const TaskRun&) = delete;
  TaskRun& operator=(const TaskRun&) = delete;

  task::StageTasks stage;   ///< one task, a workdir of its own, no steps yet
  Environment environment;  ///< of the job

  void add_shell(const std::string& script);
  void add_argv(const std::vector<std::string>& argv);
  void add_plugin(const std::string& name, plugin::Value with, const std::string& plugin_json);
  void set(std::string_view name, std::string_view value) {
    set_variable(environment, name, value);
  }

  /// Writes the stage and runs the keeper to its end.
  Finished keep(const std::vector<std::string>& more_arguments = {});
  /// Starts it and returns its pid; wait_keeper() gives its status. `job_output`: a file to append
  /// its standard error to.
  pid_t start_keeper(const fs::path& job_output = {});
  int wait_keeper(pid_t pid);

  [[nodiscard]] const journal::RunFolder& folder() const { return folder_; }
  [[nodiscard]] fs::path workdir() const { return root_ / "work"; }
  [[nodiscard]] fs::path root() const { return root_; }
  [[nodiscard]] std::vector<journal::Record> records(std::string_view kind) const;
  /// The one task_ended record.
  [[nodiscard]] journal::Record end() const;
  /// Of logs/<stage>/NAME.
  [[nodiscard]] std::string log(const std::string& name) const;
  [[nodiscard]] std::string log() const { return log(stage.stage + ".1.log"); }
  [[nodiscard]] std::string file(const std::string& name) const;  ///< of the workdir

 private:
  void write_stage();
  [[nodiscard]] std::vector<std::string> command() const;

  fs::path root_;
  journal::RunFolder folder_;
};

/// The agent that was built.
[[nodiscard]] std::string agent_program();

/// Waits for a condition by looking at it often; fails the test after 20 s.
template <class Condition>
void wait_until(Condition condition);

/// Pids whose environment holds NAME=VALUE (this user's).
[[nodiscard]] std::vector<int> find_processes_with(const std::string& entry);

}  // namespace foz::test

#include <chrono>
#include <thread>

template <class Condition>
void foz::test::wait_until(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << "the condition did not come about";
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}
