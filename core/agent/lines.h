/// Lines over descriptors of the loop, in and out. Neither side can stop the agent: what cannot be
/// written yet waits in memory.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/agent/loop.h"
#include "core/base/fd.h"

namespace foz::agent {

class LineReader {
 public:
  using Line = std::function<void(std::string_view line)>;
  /// `line` for each without its LF (a last one without LF too), then `end` once. The descriptor is
  /// owned, and made non-blocking.
  LineReader(Loop& loop, Fd descriptor, Line line, std::function<void()> end);

 private:
  void read_some();

  Fd descriptor_;
  Line line_;
  std::function<void()> end_;
  std::string pending_;
  Loop::Handle handle_;
};

class LineWriter {
 public:
  LineWriter(Loop& loop, Fd descriptor);

  void write(std::string_view lines);
  /// End of file for the reader, once all is written.
  void close();

 private:
  void flush();

  Loop& loop_;
  Fd descriptor_;
  std::string pending_;
  bool closing_ = false;
  Loop::Handle handle_;
};

}  // namespace foz::agent
