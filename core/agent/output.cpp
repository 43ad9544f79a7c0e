#include "core/agent/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/text.h"

namespace foz::agent {

namespace {

constexpr std::size_t k_chunk = 64U << 10U;
constexpr std::size_t k_most_at_once = 4U << 20U;  ///< more than any pipe holds
constexpr std::size_t k_longest_line = 64U << 10U;

Result<Fd> open_log(const std::string& path, const std::string& separator) {
  Fd log(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!log) return fail(errno_error(fmt::format("cannot open log '{}'", path), errno));
  struct stat status {};
  if (separator.empty() || ::fstat(log.get(), &status) != 0 || status.st_size == 0) return log;
  char last = '\n';
  [[maybe_unused]] const ssize_t count = ::pread(log.get(), &last, 1, status.st_size - 1);
  FOZ_CHECK(write_all(log.get(), (last == '\n' ? "" : "\n") + separator + "\n"));
  return log;
}

}  // namespace

Result<std::unique_ptr<Output>> Output::open(Loop& loop, const std::string& log,
                                             const std::string& separator) {
  FOZ_TRY(Fd file, open_log(log, separator));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errno_error("cannot make a pipe", errno));
  Fd reader(ends[0]);
  Fd writer(ends[1]);
  if (::fcntl(reader.get(), F_SETFL, O_NONBLOCK) != 0)
    return fail(errno_error("cannot set up a pipe", errno));
  return std::make_unique<Output>(loop, std::move(reader), std::move(writer), std::move(file), log);
}

Output::Output(Loop& loop, Fd reader, Fd writer, Fd log, std::string path)
    : reader_(std::move(reader)),
      writer_(std::move(writer)),
      log_(std::move(log)),
      path_(std::move(path)) {
  handle_ = loop.on_readable(reader_.get(), [this] {
    if (read_some() == Read::end) handle_.reset();
  });
}

void Output::watch_for_line(std::string text, std::function<void()> seen) {
  wanted_ = std::move(text);
  seen_ = std::move(seen);
}

void Output::drain() {
  const std::size_t most = k_most_at_once / k_chunk;
  for (std::size_t i = 0; i < most; ++i)
    if (read_some() != Read::something) return;
}

Output::Read Output::read_some() {
  static std::array<char, k_chunk> buffer;  // one thread: all outputs of the agent share it
  ssize_t count = 0;
  do {
    count = ::read(reader_.get(), buffer.data(), buffer.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return errno == EAGAIN ? Read::nothing : Read::end;
  if (count == 0) return Read::end;
  take({buffer.data(), static_cast<std::size_t>(count)});
  return Read::something;
}

void Output::take(std::string_view bytes) {
  write_log(bytes);
  tail_ += bytes.substr(bytes.size() - std::min(bytes.size(), k_last_bytes));
  if (tail_.size() > 2 * k_last_bytes) tail_.erase(0, tail_.size() - k_last_bytes);
  if (seen_) look_for_line(bytes);
}

void Output::write_log(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(log_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      lost_ += bytes.size();
      lost_reason_ = errno;
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Output::look_for_line(std::string_view bytes) {
  for (const char c : bytes) {
    if (c != '\n' && line_.size() < k_longest_line) {
      line_ += c;
      continue;
    }
    if (line_.find(wanted_) != line_.npos) return std::exchange(seen_, nullptr)();
    line_.clear();
  }
}

std::vector<std::string> Output::last_lines() const {
  std::string_view text = tail_;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return {};
  std::vector<std::string> lines;
  while (lines.size() < k_last_lines) {
    const std::size_t at = text.rfind('\n');
    lines.emplace_back(text.substr(at == text.npos ? 0 : at + 1));
    if (at == text.npos) break;
    text = text.substr(0, at);
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

std::string Output::complaint() const {
  if (lost_ == 0) return {};
  return fmt::format("{} of log '{}' were lost: {}", count_of(lost_, "byte"), path_,
                     std::strerror(lost_reason_));
}

}  // namespace foz::agent
