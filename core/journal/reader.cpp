#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "core/journal/journal.h"
#include "core/journal/line.h"

namespace foz::journal {

namespace {

constexpr std::size_t k_chunk = 1U << 20U;

/// Names of the hosts' files, sorted: the order of the hosts means nothing, but it is the same each
/// time.
Result<std::vector<std::string>> host_files(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().native();
    if (name.ends_with(".jsonl") && !name.starts_with('.')) names.push_back(std::move(name));
  }
  if (error) {
    return fail(
        errno_error(fmt::format("cannot read journal '{}'", folder.native()), error.value()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Hands out the lines of a file from an offset on, a bounded piece in memory at a time.
class LineReader {
 public:
  /// Up to `end`, the file's size when it was opened: what is appended meanwhile comes next time.
  LineReader(const Fd& file, std::uint64_t offset, std::uint64_t end)
      : file_(file), end_(end), offset_(offset) {}

  struct Line {
    std::uint64_t offset = 0;
    std::string_view text;     ///< without LF, until the next call
    bool is_too_long = false;  ///< then without text
  };

  /// nullopt: no further LF. An error of read(2) ends it the same way; see error().
  std::optional<Line> next() {
    while (true) {
      const std::size_t end = buffer_.find('\n', searched_);
      if (end != buffer_.npos) return take(end);
      searched_ = buffer_.size();
      if (!fill()) return std::nullopt;
    }
  }

  [[nodiscard]] std::uint64_t offset() const { return offset_ + begin_; }  ///< behind the last LF
  [[nodiscard]] std::uint64_t tail() const { return skipped_ + buffer_.size() - begin_; }
  [[nodiscard]] int error() const { return error_; }

 private:
  Line take(std::size_t end) {
    Line line{offset(), std::string_view(buffer_).substr(begin_, end - begin_), false};
    line.is_too_long = skipped_ + line.text.size() > k_max_line;
    if (line.is_too_long) line.text = {};
    offset_ += skipped_;
    skipped_ = 0;
    begin_ = searched_ = end + 1;
    return line;
  }

  bool fill() {
    drop_read();
    const std::size_t size = buffer_.size();
    const std::uint64_t place = offset_ + skipped_ + size;
    if (place >= end_) return false;
    const std::size_t wanted = std::min<std::uint64_t>(k_chunk, end_ - place);
    buffer_.resize(size + wanted);
    ssize_t count = 0;
    do {
      count = ::pread(file_.get(), buffer_.data() + size, wanted, static_cast<off_t>(place));
    } while (count < 0 && errno == EINTR);
    if (count < 0) error_ = errno;
    buffer_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return count > 0;
  }

  /// Forgets what was handed out, and a line that is over-long anyway.
  void drop_read() {
    buffer_.erase(0, begin_);
    offset_ += begin_;
    begin_ = 0;
    if (buffer_.size() > k_max_line) {
      skipped_ += buffer_.size();
      buffer_.clear();
    }
    searched_ = buffer_.size();
  }

  const Fd& file_;
  std::uint64_t end_;
  std::uint64_t offset_;       ///< of buffer_, less what was skipped of the present line
  std::uint64_t skipped_ = 0;  ///< bytes of the present line that were not kept
  std::string buffer_;
  std::size_t begin_ = 0, searched_ = 0;
  int error_ = 0;
};

}  // namespace

/// One pass over what is new in all files.
class Pass {
 public:
  Pass(const Wanted& wanted, std::unordered_map<std::string, std::uint64_t>& last_sequence)
      : wanted_(wanted), last_sequence_(last_sequence) {}

  [[nodiscard]] Contents&& take() && { return std::move(contents_); }

  /// What read_on() came to.
  struct Reached {
    std::uint64_t offset = 0;  ///< behind the last LF
    std::uint64_t tail = 0;    ///< bytes behind it
  };

  Result<Reached> read_on(const fs::path& path, std::uint64_t offset) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return fail(errno_error(fmt::format("cannot open '{}'", path.native()), errno));
    const off_t end = ::lseek(file.get(), 0, SEEK_END);
    if (end < 0) return fail(errno_error(fmt::format("cannot read '{}'", path.native()), errno));
    const auto size = static_cast<std::uint64_t>(end);
    if (size == 0) damage(path, 0, "header is missing");
    if (size < offset) {
      damage(path, size, "file shrank");
      return Reached{size, 0};
    }
    LineReader lines(file, offset, size);
    while (const auto line = lines.next()) FOZ_CHECK(take_line(path, *line));
    if (lines.error() == 0) return Reached{lines.offset(), lines.tail()};
    return fail(errno_error(fmt::format("cannot read '{}'", path.native()), lines.error()));
  }

  void damage(const fs::path& path, std::uint64_t offset, std::string what) {
    contents_.damage.push_back({path, offset, std::move(what)});
  }

 private:
  Result<void> take_line(const fs::path& path, const LineReader::Line& line) {
    if (line.is_too_long) {
      damage(path, line.offset, fmt::format("line is over {} bytes", k_max_line));
      return {};
    }
    if (line.offset == 0) return take_header(path, line.text);
    if (line.text.empty()) return {};
    auto record = decode(line.text);
    if (record) {
      take_record(path, line.offset, std::move(*record));
    } else {
      damage(path, line.offset,
             unseal(line.text) ? "record does not parse" : checksum_or_parse(line.text));
    }
    return {};
  }

  static const char* checksum_or_parse(std::string_view text) {
    const bool has_form =
        text.starts_with('{') && text.ends_with("\"}") && text.find(R"(,"crc":")") != text.npos;
    return has_form ? "checksum differs" : "record does not parse";
  }

  Result<void> take_header(const fs::path& path, std::string_view text) {
    const auto format = decode_header(text);
    if (!format) {
      damage(path, 0, "header does not parse");
      if (auto record = decode(text)) take_record(path, 0, std::move(*record));
      return {};
    }
    if (*format <= k_format) return {};
    return fail(Code::invalid,
                fmt::format("'{}' has format {}, and this foz reads formats up to {}; use the foz "
                            "that the run was made with",
                            path.native(), *format, k_format));
  }

  void take_record(const fs::path& path, std::uint64_t offset, Record record) {
    std::uint64_t& last = last_sequence_[record.writer];
    if (record.sequence > last + 1) damage(path, offset, gap(record, last));
    last = std::max(last, record.sequence);
    if (!wanted_ || wanted_(record)) contents_.records.push_back(std::move(record));
  }

  static std::string gap(const Record& record, std::uint64_t last) {
    if (record.sequence == last + 2) {
      return fmt::format("record {} of writer {} is missing", last + 1, record.writer);
    }
    return fmt::format("records {} to {} of writer {} are missing", last + 1, record.sequence - 1,
                       record.writer);
  }

  const Wanted& wanted_;
  std::unordered_map<std::string, std::uint64_t>& last_sequence_;
  Contents contents_;
};

Result<Contents> Follower::poll() {
  FOZ_TRY(const std::vector<std::string> names, host_files(folder_));
  Pass pass(wanted_, last_sequence_);
  for (const std::string& name : names) {
    Position& position = positions_[name];
    auto reached = pass.read_on(folder_ / name, position.offset);
    if (!reached && reached.error().code == Code::not_found)
      continue;  // removed since it was listed
    if (!reached) return fail(std::move(reached).error());
    position = {reached->offset, reached->tail};
  }
  return std::move(pass).take();
}

Result<Contents> read(const fs::path& folder, const Wanted& wanted) {
  Follower once(folder, wanted);
  FOZ_TRY(Contents contents, once.poll());
  for (const auto& [name, position] : once.positions_) {
    if (position.tail > 0) {
      contents.damage.push_back({folder / name, position.offset, "torn tail"});
    }
  }
  return contents;
}

}  // namespace foz::journal
