/// The text as the YAML library reads it, with a leash: the library may read no more than
/// k_max_stretch bytes between two events. It queues every token of a list in brackets until it
/// knows whether the list is a key, so that this, and not the file's size, is what bounds its
/// memory and time.
#pragma once

#include <algorithm>
#include <streambuf>
#include <string_view>

#include "core/yaml/builder.h"
#include "core/yaml/tree.h"

namespace foz::yaml {

/// Thrown through the library where the leash ends.
struct StretchTooLong {};

class Input final : public std::streambuf {
 public:
  Input(std::string_view text, const Builder& builder) : builder_(builder) {
    char* begin = const_cast<char*>(text.data());  // never written: this buffer is for reading only
    setg(begin, begin, begin + text.size());
  }

 protected:
  std::streamsize xsgetn(char* into, std::streamsize count) override {
    if (builder_.event_count() != seen_events_) {
      seen_events_ = builder_.event_count();
      consumed_ = 0;
    }
    const std::streamsize got = std::min<std::streamsize>(count, egptr() - gptr());
    consumed_ += static_cast<std::size_t>(got);
    if (consumed_ > k_max_stretch) throw StretchTooLong{};
    std::copy_n(gptr(), got, into);
    setg(eback(), gptr() + got, egptr());
    return got;
  }

 private:
  const Builder& builder_;
  std::size_t seen_events_ = 0;
  std::size_t consumed_ = 0;
};

}  // namespace foz::yaml
