#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/journal/journal.h"
#include "core/journal/line.h"
#include "core/journal/new_file.h"

namespace foz::journal {

namespace {

constexpr std::string_view k_ellipsis = "…";
constexpr std::size_t k_max_host_name = 200;

bool is_file_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

/// A damaged header is the reader's business; a newer format is not for this foz to write into.
Result<void> check_format(int file) {
  std::string start(k_max_record, '\0');
  const ssize_t count = ::pread(file, start.data(), start.size(), 0);
  if (count < 0) return fail(errno_error("cannot read its header", errno));
  start.resize(static_cast<std::size_t>(count));
  const auto format = decode_header(std::string_view(start).substr(0, start.find('\n')));
  if (!format || *format <= k_format) return {};
  return fail(Code::invalid, fmt::format("it has format {}, and this foz knows formats up to {}; "
                                         "use the foz that the run was made with",
                                         *format, k_format));
}

Result<Fd> open_host_file(const fs::path& path, const std::string& host, const Clock& clock) {
  for (int tries = 0; tries < 2; ++tries) {
    Fd file(::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC));
    if (file) {
      FOZ_CHECK(check_format(file.get()));
      return file;
    }
    if (errno != ENOENT) return fail(errno_error("cannot open it", errno));
    const std::string header = encode_header(host, clock.now());
    FOZ_CHECK(make_file(path, header, Durability::durable));
  }
  return fail(Code::failed, "it was removed while it was being made");
}

bool has_torn_tail(int file) {
  struct stat status {};
  char last = '\n';
  if (::fstat(file, &status) != 0 || status.st_size == 0) return false;
  return ::pread(file, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

std::string* longest_text(Record& record) {
  std::string* longest = nullptr;
  for (auto& [name, value] : record.fields) {
    auto* text = std::get_if<std::string>(&value);
    if (text == nullptr || *text == k_ellipsis) continue;
    if (longest == nullptr || text->size() > longest->size()) longest = text;
  }
  return longest;
}

void cut(std::string& text, std::size_t excess) {
  const std::size_t size = escaped_size(text);
  const std::size_t without = excess + k_ellipsis.size();
  text.resize(escaped_prefix(text, size > without ? size - without : 0).size());
  text += k_ellipsis;
}

Result<std::string> encode_within_limit(Record& record) {
  std::string line = encode(record);
  while (line.size() > k_max_record) {
    std::string* text = longest_text(record);
    if (text == nullptr) {
      return fail(Code::too_large, fmt::format("a record '{}' takes {} bytes, {} at most",
                                               record.kind, line.size(), k_max_record));
    }
    cut(*text, line.size() - k_max_record);
    line = encode(record);
  }
  return line;
}

/// One write(2); what fits only in part is closed off.
Result<void> write_once(int file, std::string_view line) {
  ssize_t count = 0;
  do {
    count = ::write(file, line.data(), line.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return fail(errno_error("cannot write", errno));
  if (static_cast<std::size_t>(count) == line.size()) return {};
  [[maybe_unused]] const ssize_t closed = ::write(file, "\n", 1);  // else the next writer does it
  return fail(Code::storage_full,
              fmt::format("only {} of {} bytes could be written", count, line.size()));
}

}  // namespace

std::string host_file_name(std::string_view host) {
  std::string name;
  for (const char c : host) {
    if (is_file_name_char(c) && !(c == '.' && name.empty())) {
      name += c;
    } else {
      fmt::format_to(std::back_inserter(name), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  if (name.empty()) name = "%";
  if (name.size() > k_max_host_name) {
    name = fmt::format("{}%{:08x}", name.substr(0, k_max_host_name), crc32(host));
  }
  return name + ".jsonl";
}

Writer::Writer(Fd file, std::string id, const Clock& clock)
    : file_(std::move(file)), id_(std::move(id)), clock_(&clock) {}

Result<Writer> Writer::open(const fs::path& folder, const std::string& host, const Clock& clock) {
  const fs::path path = folder / host_file_name(host);
  auto file = open_host_file(path, host, clock);
  if (!file) {
    return fail(with_context(fmt::format("cannot open journal '{}'", path.native()),
                             std::move(file).error()));
  }
  return Writer(std::move(*file), fmt::format("{}-{:08x}", ::getpid(), random_bits() & 0xffffffffU),
                clock);
}

Result<void> Writer::append(Record record, Durability durability) {
  record.writer = id_;
  record.sequence = sequence_ + 1;
  record.time = clock_->now();
  FOZ_TRY(std::string line, encode_within_limit(record));
  if (has_torn_tail(file_.get())) line.insert(line.begin(), '\n');
  if (auto written = write_once(file_.get(), line); !written) {
    return fail(with_context("cannot write to the journal", std::move(written).error()));
  }
  ++sequence_;
  if (durability == Durability::durable && ::fdatasync(file_.get()) != 0) {
    return fail(errno_error("cannot sync the journal", errno));
  }
  return {};
}

}  // namespace foz::journal
