#include "core/slurm/helper_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/base/spawn_setup.h"
#include "core/base/text.h"

namespace foz::slurm {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_words_kept = 4'096;
constexpr std::size_t k_largest_answer = 1U << 30U;

struct Ends {
  Fd ours;
  Fd theirs;
};

/// A stream to or from the child: our end never blocks, neither is inherited by accident. A socket,
/// so that writing to a child that is gone gives EPIPE without a signal (MSG_NOSIGNAL).
Result<Ends> make_stream() {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return fail(errno_error("cannot make a stream for the libslurm helper", errno));
  }
  Ends ends{Fd(pair[0]), Fd(pair[1])};
  ::fcntl(ends.ours.get(), F_SETFL, O_NONBLOCK);
  return ends;
}

std::string how_it_ended(int wait_status) {
  const std::string_view verb = WIFEXITED(wait_status) ? "ended with" : "was";
  return fmt::format("{} {}", verb, describe_wait_status(wait_status));
}

}  // namespace

Result<HelperProcess> HelperProcess::start(const std::string& program,
                                           const Environment& environment) {
  FOZ_TRY(Ends input, make_stream());
  FOZ_TRY(Ends out, make_stream());
  FOZ_TRY(Ends err, make_stream());
  SpawnSetup setup;
  setup.connect(input.theirs, out.theirs, err.theirs);
  HelperProcess process;
  const int error = setup.start(program, {program}, environment, process.pid_);
  if (error != 0) {
    process.pid_ = -1;
    return fail(errno_error(fmt::format("cannot start '{}'", printable(program)), error));
  }
  process.input_ = std::move(input.ours);
  process.out_ = std::move(out.ours);
  process.err_ = std::move(err.ours);
  return process;
}

HelperProcess::HelperProcess(HelperProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::move(other.input_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)),
      buffer_(std::move(other.buffer_)),
      said_(std::move(other.said_)) {}

HelperProcess& HelperProcess::operator=(HelperProcess&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = std::exchange(other.pid_, -1);
  input_ = std::move(other.input_);
  out_ = std::move(other.out_);
  err_ = std::move(other.err_);
  buffer_ = std::move(other.buffer_);
  said_ = std::move(other.said_);
  return *this;
}

/// The child holds nothing that would need a gentle end.
void HelperProcess::end() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

Result<void> HelperProcess::write(std::string_view bytes, Time until) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(input_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
      FOZ_CHECK(wait(until, POLLOUT));
    } else {
      return fail(gone());
    }
  }
  return {};
}

Result<std::string> HelperProcess::read_line(Time until) {
  std::size_t searched = 0;
  while (true) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != buffer_.npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    searched = buffer_.size();
    if (!out_) return fail(gone());
    FOZ_CHECK(wait(until, 0));
  }
}

Result<std::string> HelperProcess::read_bytes(std::size_t count, Time until) {
  while (buffer_.size() < count) {
    if (!out_) return fail(gone());
    FOZ_CHECK(wait(until, 0));
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

Result<void> HelperProcess::wait(Time until, short write_events) {
  const auto left =
      std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()).count();
  if (left <= 0) {
    return fail(Code::unavailable, "the libslurm helper did not answer in time" + last_words());
  }
  const int writer = write_events == 0 ? -1 : input_.get();
  std::array<pollfd, 3> entries = {pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0},
                                   pollfd{writer, write_events, 0}};
  const int timeout = static_cast<int>(std::min<std::int64_t>(left, 60'000));
  if (::poll(entries.data(), entries.size(), timeout) <= 0) return {};
  if (out_ && !take(out_, buffer_)) out_.reset();
  if (err_ && !take(err_, said_)) err_.reset();
  if (said_.size() > k_words_kept) said_.erase(0, said_.size() - k_words_kept);
  if (buffer_.size() > k_largest_answer) {
    return fail(Code::too_large, "the libslurm helper's answer is too large");
  }
  return {};
}

/// False at the end of the stream.
bool HelperProcess::take(Fd& from, std::string& into) const {
  std::array<char, 64U << 10U> bytes;
  while (true) {
    const ssize_t count = ::read(from.get(), bytes.data(), bytes.size());
    if (count > 0) {
      into.append(bytes.data(), static_cast<std::size_t>(count));
    } else {
      return count < 0 && (errno == EAGAIN || errno == EINTR);
    }
  }
}

/// The child closed its stream: it has ended, or will be ended.
Error HelperProcess::gone() {
  std::string how = "closed its stream";
  int status = 0;
  if (err_) take(err_, said_);
  if (pid_ >= 0) {
    ::kill(-pid_, SIGKILL);
    if (::waitpid(pid_, &status, 0) == pid_) how = how_it_ended(status);
    pid_ = -1;
  }
  return Error{Code::unavailable, fmt::format("the libslurm helper {}{}", how, last_words())};
}

std::string HelperProcess::last_words() const {
  std::string words;
  for (const std::string_view line : split(said_, '\n')) {
    if (!trim(line).empty()) words += fmt::format("\n  {}", printable(trim(line)));
  }
  return words.empty() ? words : "; it said:" + words;
}

}  // namespace foz::slurm
