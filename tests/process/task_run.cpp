#include "tests/process/task_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>

#include "core/base/text.h"
#include "tests/support/folders.h"

namespace foz::test {

namespace {

fs::path make_root() {
  std::string path =
      (fs::temp_directory_path() / "foz test XXXXXX").native();  // a space, as users have them
  if (::mkdtemp(path.data()) == nullptr) std::abort();
  return path;
}

}  // namespace

std::string agent_program() {
  return test::build_folder().native() + "/bin/foz-agent";
}

TaskRun::TaskRun() : root_(make_root()), folder_(root_ / "brave-tide-4f2a") {
  for (const char* name : {"journal", "stages", "logs"})
    fs::create_directories(folder_.root() / name);
  fs::create_directories(workdir());
  stage.workflow = "test";
  stage.run_id = folder_.run_id();
  stage.stage = "train";
  stage.workdir = workdir().native();
  stage.outputs_wait = Seconds(0);
  for (const char* name : {"PATH", "HOME"})
    set(name, ::getenv(name) == nullptr ? "" : ::getenv(name));
  set("SLURMD_NODENAME", "n1");
}

TaskRun::~TaskRun() {
  if (testing::Test::HasFailure()) {
    fmt::print("the run folder was left at '{}'\n", folder_.root().native());
    return;
  }
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void TaskRun::add_shell(const std::string& script) {
  stage.steps.push_back({"", task::ShellCommand{script}, task::StepPlace::ranks, false});
}

void TaskRun::add_argv(const std::vector<std::string>& argv) {
  stage.steps.push_back({"", task::ArgvCommand{argv}, task::StepPlace::ranks, false});
}

void TaskRun::add_plugin(const std::string& name, plugin::Value with,
                         const std::string& plugin_json) {
  fs::create_directories(folder_.plugin(name));
  EXPECT_TRUE(write_file(folder_.plugin(name) / "plugin.json", plugin_json, Durability::cached));
  stage.steps.push_back(
      {"", task::PluginCommand{name, std::move(with)}, task::StepPlace::ranks, false});
}

void TaskRun::write_stage() {
  if (stage.steps.size() > 1)
    for (std::size_t i = 0; i < stage.steps.size(); ++i) stage.steps[i].name = std::to_string(i);
  EXPECT_TRUE(write_file(folder_.stage(stage.stage), task::to_json(stage), Durability::cached));
}

std::vector<std::string> TaskRun::command() const {
  return {agent_program(), "keep", "--run", folder_.root().native(), "--stage", stage.stage};
}

Finished TaskRun::keep(const std::vector<std::string>& more_arguments) {
  write_stage();
  Command keeper;
  keeper.argv = command();
  keeper.argv.insert(keeper.argv.end(), more_arguments.begin(), more_arguments.end());
  keeper.environment = environment;
  keeper.directory = root_.native();
  auto finished = run_command(keeper);
  EXPECT_TRUE(finished) << finished.error().message;
  return finished ? std::move(*finished) : Finished{-1, {}, {}};
}

pid_t TaskRun::start_keeper(const fs::path& job_output) {
  write_stage();
  std::vector<std::string> words = command();
  std::vector<char*> argv;
  std::vector<char*> variables;
  for (std::string& word : words) argv.push_back(word.data());
  for (std::string& entry : environment) variables.push_back(entry.data());
  argv.push_back(nullptr);
  variables.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!job_output.empty())
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, job_output.c_str(),
                                     O_WRONLY | O_APPEND | O_CREAT, 0600);
  pid_t pid = -1;
  EXPECT_EQ(::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), variables.data()), 0);
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

int TaskRun::wait_keeper(pid_t pid) {
  int status = -1;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

std::vector<journal::Record> TaskRun::records(std::string_view kind) const {
  const auto contents = journal::read(folder_.journal());
  EXPECT_TRUE(contents) << contents.error().message;
  std::vector<journal::Record> found;
  if (!contents) return found;
  EXPECT_TRUE(contents->damage.empty());
  for (const journal::Record& record : contents->records)
    if (record.kind == kind) found.push_back(record);
  return found;
}

journal::Record TaskRun::end() const {
  auto ends = records(journal::kind::task_ended);
  EXPECT_EQ(ends.size(), 1U);
  return ends.empty() ? journal::Record{} : ends.front();
}

std::string TaskRun::log(const std::string& name) const {
  return read_file(folder_.logs(stage.stage) / name).value_or("(no log '" + name + "')");
}

std::string TaskRun::file(const std::string& name) const {
  return read_file(workdir() / name).value_or("(no file '" + name + "')");
}

std::vector<int> find_processes_with(const std::string& entry) {
  std::vector<int> found;
  std::error_code error;
  for (const auto& process : fs::directory_iterator("/proc", error)) {
    const auto pid = parse_integer(process.path().filename().native());
    const auto bytes = pid ? read_file(process.path() / "environ")
                           : Result<std::string>(fail(Code::not_found, ""));
    if (!bytes) continue;
    for (const std::string_view one : split(*bytes, '\0'))
      if (one == entry) found.push_back(static_cast<int>(*pid));
  }
  return found;
}

}  // namespace foz::test
