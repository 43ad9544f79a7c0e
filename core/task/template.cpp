#include "core/task/template.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"

namespace foz::task {

namespace {

constexpr std::string_view k_open = "${{";
constexpr std::string_view k_close = "}}";
constexpr std::string_view k_escaped_open = "$${{";
constexpr std::string_view k_dollar_path = "dollar";

/// A stretch of plain bytes, or a reference with the text it was written as.
struct Piece {
  std::size_t offset = 0;
  std::string_view written;
  std::string path;   ///< empty: plain bytes
  std::string bytes;  ///< the plain bytes, escapes taken away
};

/// A template taken apart, up to its first mistake.
struct Pieces {
  std::vector<Piece> list;
  std::size_t end = 0;  ///< bytes taken apart
  std::optional<TemplateError> mistake;
};

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

bool is_path(std::string_view path) {
  const auto names = split(path, '.');
  return std::all_of(names.begin(), names.end(), is_name);
}

void append_plain(Pieces& pieces, std::size_t offset, std::string_view bytes) {
  if (pieces.list.empty() || !pieces.list.back().path.empty()) {
    pieces.list.push_back({offset, {}, {}, {}});
  }
  pieces.list.back().bytes += bytes;
}

std::optional<TemplateError> append_reference(Pieces& pieces, std::string_view text) {
  const std::size_t offset = pieces.end;
  const std::size_t close = text.find(k_close, offset);
  if (close == text.npos) return TemplateError{offset, "'${{' without '}}'"};
  const std::string_view written = text.substr(offset, close + k_close.size() - offset);
  const std::string_view path =
      trim(written.substr(k_open.size(), written.size() - k_open.size() - k_close.size()));
  if (path.empty()) return TemplateError{offset, "empty reference"};
  if (!is_path(path)) {
    return TemplateError{offset, fmt::format("'{}' is not a dotted path", printable(path))};
  }
  if (path == k_dollar_path) {
    append_plain(pieces, offset, "$");
  } else {
    pieces.list.push_back({offset, written, std::string(path), {}});
  }
  pieces.end += written.size();
  return std::nullopt;
}

Pieces take_apart(std::string_view text) {
  Pieces pieces;
  while (pieces.end < text.size() && !pieces.mistake) {
    const std::string_view rest = text.substr(pieces.end);
    if (rest.starts_with(k_escaped_open)) {
      append_plain(pieces, pieces.end, k_open);
      pieces.end += k_escaped_open.size();
    } else if (rest.starts_with(k_open)) {
      pieces.mistake = append_reference(pieces, text);
    } else {
      const std::size_t plain = std::min(rest.find('$', 1), rest.size());
      append_plain(pieces, pieces.end, rest.substr(0, plain));
      pieces.end += plain;
    }
  }
  return pieces;
}

/// Writes a template bit by bit. Plain bytes that meet (a "$" and a "{{" from two values) are
/// escaped as one, and a "$" never runs into a reference.
class Writer {
 public:
  void plain(std::string_view bytes) { plain_ += bytes; }

  void reference(std::string_view written) {
    std::string dollars;
    for (; plain_.ends_with('$'); plain_.pop_back()) dollars += "${{ dollar }}";
    flush();
    out_ += dollars;
    out_ += written;
  }

  /// The text, with `rest` as it stands behind it.
  std::string end(std::string_view rest) {
    if (!rest.empty()) {
      reference(rest);
    } else {
      flush();
    }
    return std::move(out_);
  }

 private:
  void flush() {
    std::string_view rest = plain_;
    for (std::size_t at = rest.find(k_open); at != rest.npos; at = rest.find(k_open)) {
      out_ += rest.substr(0, at);
      out_ += k_escaped_open;
      rest.remove_prefix(at + k_open.size());
    }
    out_ += rest;
    plain_.clear();
  }

  std::string out_;
  std::string plain_;
};

}  // namespace

tl::expected<std::vector<Reference>, TemplateError> find_references(std::string_view text) {
  Pieces pieces = take_apart(text);
  if (pieces.mistake) return tl::unexpected<TemplateError>(std::move(*pieces.mistake));
  std::vector<Reference> references;
  for (Piece& piece : pieces.list) {
    if (!piece.path.empty()) references.push_back({piece.offset, std::move(piece.path)});
  }
  return references;
}

std::string fill(std::string_view text, const Lookup& lookup) {
  const Pieces pieces = take_apart(text);
  Writer writer;
  for (const Piece& piece : pieces.list) {
    if (piece.path.empty()) {
      writer.plain(piece.bytes);
    } else if (const auto value = lookup(piece.path)) {
      writer.plain(*value);
    } else {
      writer.reference(piece.written);
    }
  }
  return writer.end(text.substr(pieces.end));
}

Result<std::string> finish(std::string_view text, const Lookup& lookup) {
  const Pieces pieces = take_apart(text);
  if (pieces.mistake) return fail(Code::invalid, pieces.mistake->message);
  std::string out;
  for (const Piece& piece : pieces.list) {
    if (piece.path.empty()) {
      out += piece.bytes;
      continue;
    }
    const auto value = lookup(piece.path);
    if (!value) return fail(Code::not_found, fmt::format("'{}' is not known here", piece.path));
    out += *value;
  }
  return out;
}

}  // namespace foz::task
