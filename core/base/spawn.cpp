#include "core/base/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <unordered_set>

#include "core/base/fd.h"
#include "core/base/spawn_setup.h"
#include "core/base/text.h"

namespace foz {

namespace {

using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

constexpr milliseconds k_term_grace{1'000};        ///< between TERM and KILL
constexpr milliseconds k_kill_grace{2'000};        ///< for the kernel to end a killed group
constexpr milliseconds k_grandchild_grace{1'000};  ///< for a pipe kept open after the end
constexpr milliseconds k_longest_tick{20};         ///< between looks at a child without a pidfd

Time now() {
  return std::chrono::steady_clock::now();
}

// ---- finding the program ------------------------------------------------------------------------

bool is_executable(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

/// Only absolute entries of PATH count: no program is taken from the folder one happens to be in.
Result<std::string> find_program(const std::string& name, const Environment& environment) {
  if (name.find('/') != name.npos) return name;
  const std::string path = find_variable(environment, "PATH").value_or("/usr/bin:/bin");
  for (const std::string_view folder : split(path, ':')) {
    const std::string candidate = fmt::format("{}/{}", folder, name);
    if (folder.starts_with('/') && is_executable(candidate)) return candidate;
  }
  return fail(Code::not_found, fmt::format("program '{}' is not on PATH", printable(name)));
}

Result<void> check_directory(const std::string& directory) {
  if (directory.empty()) return {};
  const Fd folder(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (folder) return {};
  return fail(Code::failed,
              errno_error(fmt::format("cannot work in folder '{}'", directory), errno).message);
}

// ---- descriptors --------------------------------------------------------------------------------

/// Moves a descriptor out of 0, 1 and 2, which the child's own ones are put on.
Result<Fd> above_standard(Fd fd) {
  if (!fd) return fail(errno_error("cannot open a descriptor", errno));
  if (fd.get() > STDERR_FILENO) return fd;
  Fd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved) return fail(errno_error("cannot open a descriptor", errno));
  return moved;
}

struct Pipe {
  Fd reader;
  Fd writer;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errno_error("cannot make a pipe", errno));
  Fd first(ends[0]);
  Fd second(ends[1]);
  FOZ_TRY(Fd reader, above_standard(std::move(first)));
  FOZ_TRY(Fd writer, above_standard(std::move(second)));
  if (::fcntl(reader.get(), F_SETFL, O_NONBLOCK) != 0) {
    return fail(errno_error("cannot set up a pipe", errno));
  }
  return Pipe{std::move(reader), std::move(writer)};
}

/// Input goes by an anonymous file in memory: no pipe that could fill, break or be waited for.
Result<Fd> open_input(const std::string& input) {
  if (input.empty()) {
    Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing) return fail(errno_error("cannot open '/dev/null'", errno));
    return above_standard(std::move(nothing));
  }
  FOZ_TRY(Fd file, above_standard(Fd(::memfd_create("foz-input", MFD_CLOEXEC))));
  FOZ_CHECK(write_all(file.get(), input));
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return fail(errno_error("cannot give input", errno));
  return file;
}

// ---- starting -----------------------------------------------------------------------------------

/// Each name once, its last value, in the order of those.
Environment with_unique_names(const Environment& environment) {
  std::unordered_set<std::string_view> seen;
  Environment unique;
  for (auto entry = environment.rbegin(); entry != environment.rend(); ++entry) {
    const std::string_view name = std::string_view(*entry).substr(0, entry->find('='));
    if (seen.insert(name).second) unique.push_back(*entry);
  }
  std::reverse(unique.begin(), unique.end());
  return unique;
}

struct Child {
  pid_t pid = -1;
  Fd out;
  Fd err;
};

Result<Child> start_child(const Command& command) {
  FOZ_ASSERT(!command.argv.empty());
  const Environment environment =
      with_unique_names(command.environment ? *command.environment : current_environment());
  FOZ_TRY(const std::string program, find_program(command.argv.front(), environment));
  FOZ_CHECK(check_directory(command.directory));
  FOZ_TRY(Fd input, open_input(command.input));
  FOZ_TRY(Pipe out, make_pipe());
  FOZ_TRY(Pipe err, make_pipe());
  SpawnSetup setup;
  setup.connect(input, out.writer, err.writer);
  setup.change_directory(command.directory);
  Child child{-1, std::move(out.reader), std::move(err.reader)};
  const int error = setup.start(program, command.argv, environment, child.pid);
  if (error != 0) {
    return fail(errno_error(fmt::format("cannot start '{}'", printable(program)), error));
  }
  return child;
}

// ---- watching -----------------------------------------------------------------------------------

/// The group of a command that is waited for, for a handler, which gets no argument of ours; 0:
/// none.
std::atomic<pid_t> g_running = 0;
static_assert(std::atomic<pid_t>::is_always_lock_free);

/// While one lives, a group that is not reaped is known to the handler: of several, the first.
class Running {
 public:
  explicit Running(pid_t pid) : pid_(pid) {
    pid_t none = 0;
    g_running.compare_exchange_strong(none, pid);
  }
  ~Running() { end(); }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void end() {
    pid_t own = pid_;
    g_running.compare_exchange_strong(own, 0);
  }

 private:
  pid_t pid_;
};

/// Watches one child from start to reaping. The child is reaped last, so that its pid, which names
/// the group as well, cannot come to mean another process while signals may still be sent.
class Watch {
 public:
  Watch(const Command& command, Child child)
      : command_(command),
        child_(std::move(child)),
        running_(child_.pid),
        pidfd_(static_cast<int>(::syscall(SYS_pidfd_open, child_.pid, 0))),
        start_(now()) {}

  Result<Finished> run() {
    const Time deadline = start_ + command_.deadline;
    wait_until(deadline);
    if (too_large_) return stop_for_size();
    if (!has_ended()) return stop_for_deadline();
    wait_for_pipes(std::min(now() + k_grandchild_grace, std::max(deadline, now())));
    if (too_large_) return stop_for_size();
    return reap();
  }

 private:
  [[nodiscard]] bool pipes_open() const { return child_.out || child_.err; }

  bool has_ended() {
    if (ended_) return true;
    siginfo_t info{};
    const int result =
        ::waitid(P_PID, static_cast<id_t>(child_.pid), &info, WEXITED | WNOHANG | WNOWAIT);
    ended_ = (result == 0 && info.si_pid == child_.pid) || (result < 0 && errno == ECHILD);
    return ended_;
  }

  /// Until the child has ended, `until` has come or the output is too large.
  void wait_until(Time until) {
    while (!too_large_ && !has_ended() && now() < until) poll_once(until);
  }

  /// Until both pipes are at their end, `until` has come or the output is too large.
  void wait_for_pipes(Time until) {
    do {
      drain();
      if (too_large_ || !pipes_open() || now() >= until) return;
      poll_once(until);
    } while (true);
  }

  void poll_once(Time until) {
    auto timeout = std::chrono::ceil<milliseconds>(until - now());
    if (!pidfd_ && !ended_) {
      timeout = std::min(timeout, tick_);
      tick_ = std::min(tick_ * 2, k_longest_tick);
    }
    // poll() skips entries whose descriptor is negative.
    std::array<pollfd, 3> entries = {pollfd{child_.out.get(), POLLIN, 0},
                                     pollfd{child_.err.get(), POLLIN, 0},
                                     pollfd{ended_ ? -1 : pidfd_.get(), POLLIN, 0}};
    const int bounded = static_cast<int>(std::clamp<std::int64_t>(timeout.count(), 0, 60'000));
    if (::poll(entries.data(), entries.size(), bounded) > 0) drain();
  }

  void drain() {
    read_available(child_.out, finished_.out);
    read_available(child_.err, finished_.err);
    if (!is_killed_ && has_said_enough()) {
      is_killed_ = true;
      signal_group(SIGKILL);
    }
  }

  [[nodiscard]] bool has_said_enough() const {
    const std::string& words = command_.kill_when_said;
    return !words.empty() && finished_.err.find(words) != std::string::npos;
  }

  void read_available(Fd& pipe, std::string& into) {
    std::array<char, 64U << 10U> buffer;
    while (pipe && !too_large_) {
      const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
      if (count > 0) {
        into.append(buffer.data(), static_cast<std::size_t>(count));
        too_large_ = into.size() > command_.output_limit;
      } else if (count == 0) {
        pipe.reset();
      } else if (errno != EINTR) {
        if (errno != EAGAIN) pipe.reset();
        return;
      }
    }
  }

  void signal_group(int number) const { ::kill(-child_.pid, number); }

  Result<Finished> stop_for_size() {
    end_group_now();
    return fail(Code::too_large, fmt::format("'{}' printed more than {} bytes and was stopped",
                                             name(), command_.output_limit));
  }

  Result<Finished> stop_for_deadline() {
    signal_group(SIGTERM);
    const Time until = now() + k_term_grace;
    wait_until(until);
    wait_for_pipes(until);
    end_group_now();
    std::string message = fmt::format("'{}' did not end within {} and was stopped", name(),
                                      describe(command_.deadline));
    const std::string said = last_line(finished_.err);
    if (!said.empty()) message += fmt::format("; it last said {}", quoted(said));
    return fail(Code::unavailable, std::move(message));
  }

  /// KILL to all that is left of the group, and reaping: a process the kernel cannot end is left
  /// behind.
  void end_group_now() {
    signal_group(SIGKILL);
    const Time until = now() + k_kill_grace;
    too_large_ = false;
    child_.out.reset();
    child_.err.reset();
    wait_until(until);
    running_.end();
    if (has_ended()) ::waitpid(child_.pid, nullptr, WNOHANG);
  }

  Result<Finished> reap() {
    running_.end();
    pid_t result = 0;
    do {
      result = ::waitpid(child_.pid, &finished_.wait_status, 0);
    } while (result < 0 && errno == EINTR);
    if (result != child_.pid) {
      return fail(Code::unknown_outcome, fmt::format("the exit status of '{}' is lost", name()));
    }
    return std::move(finished_);
  }

  [[nodiscard]] std::string name() const { return printable(command_.argv.front()); }

  static std::string describe(milliseconds time) {
    if (time.count() % 1'000 != 0) return fmt::format("{}ms", time.count());
    return fmt::format("{}s", time.count() / 1'000);
  }

  static std::string last_line(std::string_view text) {
    const std::string_view all = trim(text);
    const std::size_t begin = all.rfind('\n');
    return std::string(all.substr(begin == all.npos ? 0 : begin + 1).substr(0, 300));
  }

  const Command& command_;
  Child child_;
  Running running_;
  Fd pidfd_;  ///< none on kernels before 5.3: then the child is looked at every tick
  Time start_;
  Finished finished_;
  milliseconds tick_{1};
  bool ended_ = false;
  bool too_large_ = false;
  bool is_killed_ = false;
};

}  // namespace

bool Finished::exited_with(int code) const {
  return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == code;
}

std::string Finished::describe() const {
  return describe_wait_status(wait_status);
}

std::string describe_wait_status(int wait_status) {
  if (WIFEXITED(wait_status)) return fmt::format("exit status {}", WEXITSTATUS(wait_status));
  if (!WIFSIGNALED(wait_status)) return fmt::format("wait status {:#x}", wait_status);
  const int number = WTERMSIG(wait_status);
  const char* name = sigabbrev_np(number);
  if (name == nullptr) return fmt::format("killed by signal {}", number);
  return fmt::format("killed by signal {} (SIG{})", number, name);
}

void end_running_command() {
  const pid_t group = g_running.load();
  if (group > 0) ::kill(-group, SIGKILL);
}

Result<Finished> run_command(const Command& command) {
  FOZ_TRY(Child child, start_child(command));
  return Watch(command, std::move(child)).run();
}

}  // namespace foz
