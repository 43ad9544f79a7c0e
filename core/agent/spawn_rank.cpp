#include "core/agent/spawn_rank.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/agent/child.h"
#include "core/base/spawn_setup.h"
#include "core/base/text.h"
#include "core/base/units.h"

namespace foz::agent {

namespace {

constexpr int k_extra_descriptor = 3;

constexpr std::array<std::pair<std::string_view, int>, 15> k_limits = {{
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"locks", RLIMIT_LOCKS},
    {"memlock", RLIMIT_MEMLOCK},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
}};

/// What went wrong between fork and exec; small enough to go through a pipe whole.
enum class Stage : int { descriptors, limit, folder, exec };
struct Failure {
  Stage stage = Stage::exec;
  int number = 0;  ///< errno
  int limit = 0;   ///< for Stage::limit
};

/// Everything that needs memory is made before the fork.
struct Prepared {
  std::vector<char*> argv;
  std::vector<char*> environment;
  std::vector<std::string> candidates;  ///< programs to try, in order
  std::vector<std::pair<int, rlim_t>> limits;
};

std::vector<std::string> candidates_for(const std::string& name, const Environment& environment) {
  if (name.find('/') != name.npos) return {name};
  const std::string path = find_variable(environment, "PATH").value_or("/usr/bin:/bin");
  std::vector<std::string> candidates;
  for (const std::string_view folder : split(path, ':'))
    candidates.push_back(folder.empty() ? name : fmt::format("{}/{}", folder, name));
  return candidates;
}

Result<Prepared> prepare(const SpawnRequest& request) {
  FOZ_ASSERT(!request.argv.empty());
  Prepared prepared;
  prepared.argv = pointers_to(request.argv);
  prepared.environment = pointers_to(request.environment);
  prepared.candidates = candidates_for(request.argv.front(), request.environment);
  prepared.limits.emplace_back(RLIMIT_CORE, 0);
  for (const auto& [name, value] : request.limits) {
    FOZ_TRY(const auto limit, parse_limit(name, value));
    prepared.limits.push_back(limit);
  }
  return prepared;
}

// ---- in the child: nothing but system calls -----------------------------------------------------

[[noreturn]] void give_up(int outcome, Stage stage, int limit = 0) {
  const Failure failure{stage, errno, limit};
  [[maybe_unused]] const ssize_t count = ::write(outcome, &failure, sizeof failure);
  ::_exit(127);
}

void reset_signals(plugin::Terminate terminate) {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  if (terminate == plugin::Terminate::shield) ::signal(SIGTERM, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool set_soft_limit(const std::pair<int, rlim_t>& limit) {
  const auto resource = static_cast<__rlimit_resource_t>(limit.first);
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  if (limit.second > now.rlim_max) now.rlim_max = limit.second;  // for the privileged only
  now.rlim_cur = limit.second;
  return ::setrlimit(resource, &now) == 0;
}

/// A copy out of the way of what is put in place, closed by exec.
int copy_above(int descriptor) {
  return ::fcntl(descriptor, F_DUPFD_CLOEXEC, k_extra_descriptor + 1);
}

/// Standard descriptors in place, `outcome` kept until exec, all others closed by exec.
bool set_descriptors(const SpawnRequest& request, int& outcome) {
  const int null = request.input < 0 ? ::open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
  outcome = copy_above(outcome);
  const int input = copy_above(request.input < 0 ? null : request.input);
  const int output = copy_above(request.output);
  const int error = copy_above(request.error < 0 ? request.output : request.error);
  const int extra = request.extra < 0 ? -1 : copy_above(request.extra);
  if (outcome < 0 || input < 0 || output < 0 || error < 0) return false;
  // Descriptors that others left open; our own all have CLOEXEC. Older kernels lack the call.
  ::syscall(SYS_close_range, k_extra_descriptor, ~0U, CLOSE_RANGE_CLOEXEC);
  return ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 &&
         ::dup2(error, STDERR_FILENO) >= 0 && (extra < 0 || ::dup2(extra, k_extra_descriptor) >= 0);
}

[[noreturn]] void become(const SpawnRequest& request, const Prepared& prepared, int outcome,
                         pid_t agent) {
  leave_agent(agent);
  reset_signals(request.terminate);
  if (!set_descriptors(request, outcome)) give_up(outcome, Stage::descriptors);
  for (const auto& limit : prepared.limits)
    if (!set_soft_limit(limit)) give_up(outcome, Stage::limit, limit.first);
  if (request.umask) ::umask(*request.umask);
  if (!request.workdir.empty() && ::chdir(request.workdir.c_str()) != 0)
    give_up(outcome, Stage::folder);
  int denied = 0;
  for (const std::string& program : prepared.candidates) {
    ::execve(program.c_str(), prepared.argv.data(), prepared.environment.data());
    if (errno == EACCES) denied = EACCES;
    if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) give_up(outcome, Stage::exec);
  }
  if (denied != 0) errno = denied;
  give_up(outcome, Stage::exec);
}

// ---- in words -----------------------------------------------------------------------------------

std::string limit_name(int resource) {
  const auto* const found = std::find_if(k_limits.begin(), k_limits.end(),
                                         [resource](auto& one) { return one.second == resource; });
  return std::string(found == k_limits.end() ? "?" : found->first);
}

/// The interpreter that the first line of a script names.
std::optional<std::string> find_interpreter(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::array<char, 256> buffer{};
  const ssize_t count = file ? ::read(file.get(), buffer.data(), buffer.size()) : 0;
  const std::string_view text(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  if (!text.starts_with("#!")) return std::nullopt;
  const std::string_view line = trim(text.substr(2, text.find('\n') - 2));
  return std::string(line.substr(0, line.find_first_of(" \t\r")));
}

std::string describe_exec_failure(int number, const SpawnRequest& request) {
  const std::string& name = request.argv.front();
  if (number == ENOENT && name.find('/') == name.npos)
    return fmt::format("program '{}' is not on PATH", printable(name));
  const std::string what =
      fmt::format("cannot execute '{}': {}", printable(name), std::strerror(number));
  if (number == ENOEXEC) return what + "; a script needs a first line such as '#!/bin/bash'";
  const std::string path = name.starts_with('/') ? name : request.workdir + '/' + name;
  const auto interpreter = number == ENOENT ? find_interpreter(path) : std::nullopt;
  return interpreter
             ? fmt::format("{}: its interpreter '{}' is missing", what, printable(*interpreter))
             : what;
}

std::string describe(const Failure& failure, const SpawnRequest& request) {
  const char* words = std::strerror(failure.number);
  switch (failure.stage) {
    case Stage::descriptors:
      return fmt::format("cannot set up its descriptors: {}", words);
    case Stage::folder:
      return fmt::format("cannot work in folder '{}': {}", printable(request.workdir), words);
    case Stage::limit: {
      const std::string name = limit_name(failure.limit);
      const auto asked = request.limits.find(name);
      return fmt::format("cannot set limit '{}' to {}: {}", name,
                         asked == request.limits.end() ? "0" : asked->second, words);
    }
    case Stage::exec:
      break;
  }
  return describe_exec_failure(failure.number, request);
}

}  // namespace

Result<std::pair<int, rlim_t>> parse_limit(const std::string& name, const std::string& value) {
  const auto* const found = std::find_if(k_limits.begin(), k_limits.end(),
                                         [&name](auto& one) { return one.first == name; });
  if (found == k_limits.end())
    return fail(Code::invalid, fmt::format("there is no limit named '{}'", printable(name)));
  if (value == "unlimited") return std::pair{found->second, RLIM_INFINITY};
  if (const auto number = parse_integer(value); number && *number >= 0)
    return std::pair{found->second, static_cast<rlim_t>(*number)};
  if (const auto bytes = parse_bytes(value))
    return std::pair{found->second, static_cast<rlim_t>(bytes->count)};
  return fail(Code::invalid, fmt::format("limit '{}' cannot be {}", name, quoted(value)));
}

Result<Spawned> spawn_rank(const SpawnRequest& request) {
  FOZ_TRY(const Prepared prepared, prepare(request));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    return fail(errno_error("cannot make a pipe", errno));
  Fd outcome(ends[0]);
  const Fd writer(ends[1]);
  const pid_t agent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(errno_error("cannot fork", errno));
  if (pid == 0) become(request, prepared, writer.get(), agent);
  return Spawned{pid, std::move(outcome)};
}

std::optional<std::string> read_spawn_error(int outcome, const SpawnRequest& request) {
  Failure failure;
  ssize_t count = 0;
  do {
    count = ::read(outcome, &failure, sizeof failure);
  } while (count < 0 && errno == EINTR);
  if (count != sizeof failure) return std::nullopt;
  return describe(failure, request);
}

}  // namespace foz::agent
