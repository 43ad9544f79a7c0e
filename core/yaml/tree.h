/// YAML text as a tree that knows where everything stands. Scalars stay as written: `010`, `1e-3`
/// and `yes` are text until a reader (scalar.h) asks for a type. Nothing above this room sees the
/// YAML library, and nothing here knows what the keys mean.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/diagnostic.h"

namespace foz::yaml {

struct Entry;

/// One value. Copies are deep.
struct Node {
  enum class Kind { null, scalar, sequence, map };

  Kind kind = Kind::null;
  SourceRange where;  ///< an alias stands at its use, what is inside it where it was written;
                      ///< nothing at all: its key
  std::string text;  ///< scalar: its characters after unquoting; null: as written ("", "~", "null")
  bool plain = true;        ///< scalar without quotes and not a block ('|', '>')
  std::vector<Node> items;  ///< of a sequence
  /// Of a map, in the order of the file, each key once; merged ones ('<<') last.
  std::vector<Entry> entries;

  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
  [[nodiscard]] bool is_map() const { return kind == Kind::map; }

  /// The value of `key` in a map; null pointer where there is none, or no map.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] const Entry* find_entry(std::string_view key) const;
};

struct Entry {
  Located<std::string> key;
  Node value;
};

inline constexpr std::size_t k_max_bytes = 4U << 20U;  ///< of a file
inline constexpr std::size_t k_max_nodes = 200'000;    ///< keys and values, aliases written out
inline constexpr int k_max_depth = 64;                 ///< collections in each other
/// Bytes of one scalar or one list in brackets.
inline constexpr std::size_t k_max_stretch = 256U << 10U;

/// Reads one document. `file` is the name for messages; `text` becomes the source that
/// `diagnostics` shows.
///
/// nullopt: the text has no tree (always with an error). A tree can come together with errors that
/// leave the rest readable (a key given twice, a tag): the caller goes on, to find more, and looks
/// at diagnostics.has_errors() at the end.
///
/// Refused: more than one document, none, over the limits above, anything but UTF-8, control
/// characters, tabs as indentation, lines that begin with '%', keys that are no names or lack their
/// ':' on their line, duplicate keys and anchors, tags.
/// Accepted: a byte-order mark, CRLF, anchors and aliases, and merging by '<<' (own keys win, then
/// the earlier source).
[[nodiscard]] std::optional<Node> read_yaml(std::string_view text, const std::string& file,
                                            Diagnostics& diagnostics);

/// What a node is, for messages: `"two"`, "a list", "a mapping", "nothing".
[[nodiscard]] std::string describe(const Node& node);

}  // namespace foz::yaml
