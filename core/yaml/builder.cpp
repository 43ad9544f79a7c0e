#include "core/yaml/builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"

namespace foz::yaml {

namespace {

constexpr std::string_view k_blanks = " \t";
constexpr std::string_view k_blanks_and_breaks = " \t\r\n";
constexpr std::string_view k_ends_alias = " \t\r\n,[]{}";

std::string shown(std::string_view name) {
  constexpr std::size_t k_longest = 60;
  return printable(name.substr(0, k_longest)) + (name.size() > k_longest ? "..." : "");
}

bool is_anchor_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

/// Behind "&name" and the blanks that follow, where the library's mark stands on the anchor.
std::size_t skip_anchor(std::string_view rest) {
  if (!rest.starts_with('&')) return 0;
  const std::size_t blank = rest.find_first_of(k_blanks_and_breaks);
  const std::size_t value = rest.find_first_not_of(k_blanks_and_breaks, blank);
  return value == rest.npos ? 0 : value;
}

/// The word that the library took for null, as it was written.
std::string null_text(std::string_view rest) {
  for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
    if (!rest.starts_with(word)) continue;
    const std::string_view next = rest.substr(word.size(), 1);
    if (next.empty() || std::string_view(" \t\r\n,]}:#").find(next) != next.npos)
      return std::string(word);
  }
  return {};
}

}  // namespace

std::optional<Place> Builder::open_bracket() const {
  const auto found = std::find_if(frames_.rbegin(), frames_.rend(),
                                  [](const Frame& frame) { return frame.is_flow; });
  if (found == frames_.rend()) return std::nullopt;
  return found->place;
}

std::vector<std::string> Builder::anchor_names() const {
  std::vector<std::string> names;
  for (const auto& [name, line] : anchor_lines_) names.push_back(name);
  return names;
}

void Builder::OnDocumentStart(const YAML::Mark& mark) {
  const Place place = begin_event(mark);
  if (!root_) return;
  if (source_.rest(place).starts_with("---")) {
    stop(place, "a second document begins here", "a file holds one document: leave out the '---'");
  }
  stop(place, "this does not belong to what stands above",
       "a file is one mapping: its keys begin in the same column");
}

void Builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const Place place = begin_event(mark);
  count_nodes(1, place);
  Piece piece;
  piece.node.text = null_text(source_.rest(place));
  if (!piece.node.text.empty()) check_indentation(place);
  piece.node.where = where_null(place, piece.node.text);
  const bool in_brackets = !frames_.empty() && frames_.back().is_flow;
  if (piece.node.text.empty() && in_brackets && frames_.back().piece.node.is_sequence()) {
    diagnostics_.error(piece.node.where, "an item is missing here", "leave out the ','");
  }
  if (piece.node.text.empty() && anchor != YAML::NullAnchor) {
    diagnostics_.error(source_.range(last_place_), "nothing stands behind this anchor",
                       "put a value that begins with '&' in quotes");
  }
  finish(std::move(piece), anchor);
}

/// Nothing at all is shown at the key or '-' that it belongs to: the library's mark is at what
/// follows.
SourceRange Builder::where_null(const Place& place, const std::string& text) const {
  if (!text.empty()) return source_.range(place, text.size());
  if (expects_value()) return frames_.back().key->where;
  const std::string_view before = source_.text().substr(0, place.offset);
  const std::size_t last = before.find_last_not_of(k_blanks_and_breaks);
  const bool is_dash = last != before.npos && before[last] == '-';
  return is_dash ? source_.range(source_.place_at(last), 1) : source_.range(place);
}

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const Place place = begin_event(mark);
  check_indentation(place);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) stop(place, "an alias cannot stand inside what it names");
  count_nodes(found->second.size, place);
  if (static_cast<int>(frames_.size()) + found->second.height > k_max_depth) {
    stop(place, fmt::format("with this alias there are more than {} levels", k_max_depth));
  }
  Piece piece = found->second;
  const std::size_t end = source_.rest(place).find_first_of(k_ends_alias);
  piece.node.where = source_.range(place);
  if (end != std::string_view::npos) piece.end = place.offset + end;
  finish(std::move(piece), YAML::NullAnchor);
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       const std::string& value) {
  const Place place = begin_event(mark);
  count_nodes(1, place);
  refuse_tag(tag, place);
  check_indentation(place);
  Piece piece;
  piece.node.kind = Node::Kind::scalar;
  piece.node.plain = tag != "!";
  piece.node.text = value;
  piece.end = end_of_scalar(place, piece.node);
  const bool on_one_line = piece.end && piece.node.plain;
  piece.node.where = on_one_line ? source_.range(place, value.size()) : source_.range(place);
  if (value.find('\0') != value.npos) {
    diagnostics_.error(piece.node.where, "a text cannot hold a zero byte");
  }
  finish(std::move(piece), anchor);
}

/// Stops where a quote is not closed, which the library lets pass at the end of the file.
std::optional<std::size_t> Builder::end_of_scalar(const Place& place, const Node& scalar) {
  const std::string_view rest = source_.rest(place);
  if (scalar.plain) {
    return rest.starts_with(scalar.text) ? std::optional(place.offset + scalar.text.size())
                                         : std::nullopt;
  }
  if (rest.starts_with('|') || rest.starts_with('>')) check_block_header(place);
  if (!rest.starts_with('"') && !rest.starts_with('\'')) return std::nullopt;
  const auto end = source_.end_of_quoted(place);
  if (!end) {
    diagnostics_.error(source_.range(place, 1), "this quote is not closed");
    throw StopReading{};
  }
  return end;
}

/// The library takes "|#text" for a comment, and the text for gone.
void Builder::check_block_header(const Place& place) {
  const std::string_view line =
      source_.line(place.line).substr(static_cast<std::size_t>(place.column));
  const std::size_t end = line.find_first_not_of("+-0123456789", 1);
  if (end == line.npos || k_blanks.find(line[end]) != k_blanks.npos) return;
  const Place behind = source_.place_at(place.offset + end);
  diagnostics_.error(source_.range(behind),
                     "only an indentation, '+' or '-' may follow '|' or '>' on its line",
                     "begin the text on the next line, or put it in quotes");
}

void Builder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                              YAML::EmitterStyle::value style) {
  begin_collection(Node::Kind::sequence, mark, tag, anchor, style);
}

void Builder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) {
  begin_collection(Node::Kind::map, mark, tag, anchor, style);
}

void Builder::OnAnchor(const YAML::Mark& mark, const std::string& name) {
  const Place place = source_.place(mark.line, mark.column);
  if (!is_anchor_name(name)) {
    stop(place, "the name of an anchor has letters, digits, '_' and '-' only",
         "put a value that begins with '&' in quotes");
  }
  const auto [entry, is_new] = anchor_lines_.emplace(name, place.line + 1);
  if (is_new) return;
  diagnostics_.add({Severity::error,
                    source_.range(place),
                    fmt::format("the anchor '&{}' is given twice", shown(name)),
                    {fmt::format("first given on line {}", entry->second)},
                    "give each anchor a name of its own"});
}

/// The place of the value that an event is about.
Place Builder::begin_event(const YAML::Mark& mark) {
  ++event_count_;
  last_place_ = source_.place(mark.line, mark.column);
  const std::size_t skipped = skip_anchor(source_.rest(last_place_));
  return skipped == 0 ? last_place_ : source_.place_at(last_place_.offset + skipped);
}

void Builder::count_nodes(std::size_t count, const Place& place) {
  if (diagnostics_.error_count() - errors_before_ > Diagnostics::k_max_diagnostics) {
    throw StopReading{};  // more would not be shown
  }
  node_count_ += count;
  if (node_count_ <= k_max_nodes) return;
  stop(place,
       fmt::format("the file has more than {} keys and values, aliases written out", k_max_nodes),
       "keep long lists in a file of their own");
}

void Builder::refuse_tag(const std::string& tag, const Place& place) {
  const bool is_own =
      tag.empty() || tag == "?" || tag == "!";  // the library's, for plain and quoted
  if (is_own && !source_.rest(place).starts_with('!')) return;
  diagnostics_.error(source_.range(place), "tags are not used here",
                     "leave out what begins with '!', or put the value in quotes");
}

void Builder::check_indentation(const Place& place) {
  const bool in_flow = !frames_.empty() && frames_.back().is_flow;
  if (in_flow || place.line == checked_line_) return;
  checked_line_ = place.line;
  if (!source_.is_tab_indented(place.line)) return;
  const auto tab = static_cast<int>(source_.line(place.line).find('\t'));
  diagnostics_.error(source_.range(source_.place(place.line, tab), 1),
                     "a tab cannot be indentation", "indent with spaces");
  throw StopReading{};  // what belongs to what is not known from here on
}

void Builder::begin_collection(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
                               YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  const Place place = begin_event(mark);
  count_nodes(1, place);
  refuse_tag(tag, place);
  check_indentation(place);
  if (source_.rest(place).starts_with('{') &&
      source_.text().substr(0, place.offset).ends_with('{')) {
    stop(source_.place_at(place.offset - 1), "a value with '{{ }}' must be in quotes");
  }
  if (static_cast<int>(frames_.size()) >= k_max_depth) {
    stop(place, fmt::format("there are more than {} levels in each other", k_max_depth));
  }
  Frame frame;
  frame.piece.node.kind = kind;
  frame.piece.node.where = source_.range(place);
  frame.piece.height = 1;
  frame.anchor = anchor;
  frame.place = place;
  frame.is_flow = style == YAML::EmitterStyle::Flow;
  frames_.push_back(std::move(frame));
}

void Builder::end_collection() {
  ++event_count_;
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  apply_merged(frame);
  finish(std::move(frame.piece), frame.anchor);
}

/// A value is complete: it goes into the collection that is open.
void Builder::finish(Piece piece, YAML::anchor_t anchor) {
  if (anchor != YAML::NullAnchor) remember(piece, anchor);
  if (frames_.empty()) {
    root_ = std::move(piece.node);
    return;
  }
  Frame& frame = frames_.back();
  frame.piece.size += piece.size;
  frame.piece.height = std::max(frame.piece.height, piece.height + 1);
  if (frame.piece.node.is_sequence()) {
    frame.piece.node.items.push_back(std::move(piece.node));
  } else if (frame.key) {
    add_value(frame, std::move(piece));
  } else {
    add_key(frame, piece);
  }
}

void Builder::remember(const Piece& piece, YAML::anchor_t anchor) {
  count_nodes(piece.size, last_place_);
  anchors_.insert_or_assign(anchor, piece);
}

void Builder::refuse_key(const Node& key) {
  const bool is_word = key.is_null() && !key.text.empty();
  diagnostics_.error(key.where, fmt::format("a key must be a name, got {}", describe(key)),
                     is_word ? "put it in quotes" : "");
}

/// The library takes "a" and "a:1" for keys of nothing; a user who wrote that forgot something.
bool Builder::check_colon(const Frame& map, const Piece& piece) {
  const std::size_t end = piece.end.value_or(source_.text().size());
  const std::string_view blanks = map.is_flow ? k_blanks_and_breaks : k_blanks;
  const std::size_t next = source_.text().find_first_not_of(blanks, end);
  if (next != std::string_view::npos && source_.text()[next] == ':') return true;
  if (next == std::string_view::npos && map.is_flow) return false;  // the bracket is told instead
  const std::size_t colon = piece.node.text.find(':');
  const bool is_joined = piece.node.plain && colon != std::string::npos && colon > 0;
  diagnostics_.error(piece.node.where,
                     fmt::format("a ':' is missing behind '{}'", shown(piece.node.text)),
                     is_joined ? "put a blank after the ':'" : "write 'key: value'");
  return false;
}

void Builder::add_key(Frame& map, const Piece& piece) {
  const Node& key = piece.node;
  map.use = Use::take;
  map.key = Located<std::string>{key.text, key.where};
  if (!key.is_scalar()) {
    refuse_key(key);
    map.use = Use::drop;
    return;
  }
  if (!check_colon(map, piece)) {
    map.use = Use::drop;
    return;
  }
  const auto [entry, is_new] = map.lines.emplace(key.text, key.where.line);
  if (!is_new) {
    const bool is_merge = key.plain && key.text == "<<";
    diagnostics_.add({Severity::error,
                      key.where,
                      fmt::format("the key '{}' is given twice", shown(key.text)),
                      {fmt::format("first given on line {}", entry->second)},
                      is_merge ? "merge several with one list: '<<: [*a, *b]'" : ""});
    map.use = Use::drop;
  } else if (key.plain && key.text == "<<") {
    map.use = Use::merge;
  }
}

void Builder::add_value(Frame& map, Piece piece) {
  Located<std::string> key = std::move(*map.key);
  map.key.reset();
  switch (map.use) {
    case Use::take:
      map.piece.node.entries.push_back({std::move(key), std::move(piece.node)});
      break;
    case Use::merge:
      collect_merged(map, std::move(piece.node));
      break;
    case Use::drop:
      break;
  }
}

void Builder::collect_merged(Frame& map, Node value) {
  if (value.is_map()) {
    map.merged.push_back(std::move(value));
    return;
  }
  const bool is_list = value.is_sequence() && !value.items.empty();
  if (is_list && std::all_of(value.items.begin(), value.items.end(),
                             [](const Node& node) { return node.is_map(); })) {
    std::move(value.items.begin(), value.items.end(), std::back_inserter(map.merged));
    return;
  }
  diagnostics_.error(value.where, fmt::format("'<<' merges mappings, got {}", describe(value)),
                     "give it an alias of a mapping, '<<: *base', or a list of such");
}

/// Own keys win wherever they stand, then the earlier source.
void Builder::apply_merged(Frame& map) {
  for (Node& source : map.merged) {
    for (Entry& entry : source.entries) {
      if (map.lines.emplace(entry.key.value, entry.key.where.line).second) {
        map.piece.node.entries.push_back(std::move(entry));
      }
    }
  }
}

bool Builder::expects_value() const {
  return !frames_.empty() && frames_.back().piece.node.is_map() && frames_.back().key.has_value();
}

void Builder::stop(const Place& place, std::string message, std::string hint) {
  diagnostics_.error(source_.range(place), std::move(message), std::move(hint));
  throw StopReading{};
}

}  // namespace foz::yaml
