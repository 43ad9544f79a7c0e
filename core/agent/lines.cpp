#include "core/agent/lines.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace foz::agent {

namespace {

void make_nonblocking(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags >= 0) ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

}  // namespace

LineReader::LineReader(Loop& loop, Fd descriptor, Line line, std::function<void()> end)
    : descriptor_(std::move(descriptor)), line_(std::move(line)), end_(std::move(end)) {
  make_nonblocking(descriptor_.get());
  handle_ = loop.on_readable(descriptor_.get(), [this] { read_some(); });
}

void LineReader::read_some() {
  std::array<char, 64U << 10U> buffer;
  const ssize_t count = ::read(descriptor_.get(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    handle_.reset();
    if (!pending_.empty()) line_(std::exchange(pending_, {}));
    return std::exchange(end_, nullptr)();
  }
  pending_.append(buffer.data(), static_cast<std::size_t>(count));
  std::size_t begin = 0;
  for (std::size_t at = pending_.find('\n'); at != pending_.npos; at = pending_.find('\n', begin)) {
    line_(std::string_view(pending_).substr(begin, at - begin));
    begin = at + 1;
  }
  pending_.erase(0, begin);
}

LineWriter::LineWriter(Loop& loop, Fd descriptor)
    : loop_(loop), descriptor_(std::move(descriptor)) {
  make_nonblocking(descriptor_.get());
}

void LineWriter::write(std::string_view lines) {
  if (!descriptor_) return;
  pending_ += lines;
  if (!handle_) flush();
}

void LineWriter::close() {
  closing_ = true;
  if (!handle_) flush();
}

void LineWriter::flush() {
  while (!pending_.empty()) {
    const ssize_t count = ::write(descriptor_.get(), pending_.data(), pending_.size());
    if (count > 0) {
      pending_.erase(0, static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      if (!handle_) handle_ = loop_.on_writable(descriptor_.get(), [this] { flush(); });
      return;
    } else if (errno != EINTR) {
      pending_.clear();  // the reader is gone, which is learned otherwise
    }
  }
  handle_.reset();
  if (closing_) descriptor_.reset();
}

}  // namespace foz::agent
