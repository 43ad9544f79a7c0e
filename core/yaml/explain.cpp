#include "core/yaml/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"

namespace foz::yaml {

namespace {

constexpr std::string_view k_blanks = " \t";

struct Words {
  std::string_view library;  ///< how the library's message begins
  std::string_view message;
  std::string_view hint;
};

constexpr std::string_view k_same_column =
    "keys of one mapping begin in the same column, and so do the '-' of one list";
constexpr std::array<Words, 20> k_words = {{
    {"illegal map key", "a key is not expected here", k_same_column},
    {"illegal block entry", "a '-' is not expected here",
     "a list begins on a line of its own, each item with '- '"},
    {"illegal flow end", "no bracket of this kind is open here",
     "put a value with brackets in it in quotes"},
    {"illegal document indicator in scalar", "the document ends within a quoted text",
     "close the quote"},
    {"illegal character in scalar", "this character is not expected in a value",
     "put the value in quotes"},
    {"unknown token", "a value cannot begin with this character", "put the value in quotes"},
    {"unknown escape character", "this is no escape of a text in double quotes",
     "write a backslash as \\\\, or use single quotes"},
    {"bad character found while scanning hex", "this escape needs hexadecimal digits",
     "write a backslash as \\\\, or use single quotes"},
    {"invalid unicode", "this escape is no character",
     "write a backslash as \\\\, or use single quotes"},
    {"illegal tab when looking for indentation", "a tab cannot be indentation",
     "indent with spaces"},
    {"cannot set zero indentation", "the indentation of a block cannot be 0",
     "leave out the number"},
    {"unexpected character in block scalar",
     "only an indentation, '+' or '-' may follow '|' or '>' on its line",
     "begin the text on the next line, or put it in quotes"},
    {"alias not found after", "a value cannot begin with '*'", "put the value in quotes"},
    {"illegal character found while scanning alias", "a value cannot begin with '*'",
     "put the value in quotes"},
    {"anchor not found after", "a value cannot begin with '&'", "put the value in quotes"},
    {"illegal character found while scanning anchor", "a value cannot begin with '&'",
     "put the value in quotes"},
    {"cannot assign multiple", "a value has one anchor at most", ""},
    {"illegal character found while scanning tag", "a value cannot begin with '!'",
     "put the value in quotes"},
    {"tag handle with no suffix", "a value cannot begin with '!'", "put the value in quotes"},
    {"end of verbatim tag not found", "a value cannot begin with '!'", "put the value in quotes"},
}};

Words words_for(std::string_view library) {
  const auto found = std::find_if(k_words.begin(), k_words.end(), [library](const Words& words) {
    return library.starts_with(words.library);
  });
  return found == k_words.end() ? Words{library, "this is not YAML", ""} : *found;
}

Diagnostic said(SourceRange where, std::string message, std::string hint) {
  return {Severity::error, std::move(where), std::move(message), {}, std::move(hint)};
}

/// The first quote that opens a text at or after `from` and is not closed before the end of the
/// file.
std::optional<Place> find_open_quote(const Source& source, const Place& from) {
  const std::string_view text = source.text();
  for (std::size_t at = from.offset; at < text.size(); ++at) {
    const char before = at == 0 ? '\n' : text[at - 1];
    const bool begins = std::string_view(" \t\r\n[{,").find(before) != std::string_view::npos;
    if (begins && text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (begins && (text[at] == '"' || text[at] == '\'')) {
      const char quote = text[at];
      std::size_t end = at + 1;
      for (; end < text.size() && text[end] != quote; ++end) {
        if (quote == '"' && text[end] == '\\') ++end;
      }
      if (end >= text.size()) return source.place_at(at);
      at = end;
    }
  }
  return std::nullopt;
}

/// The tab that the failing line is indented with, if it is.
std::optional<Place> find_tab(const Source& source, const Place& place) {
  if (!source.is_tab_indented(place.line)) return std::nullopt;
  return source.place(place.line, static_cast<int>(source.line(place.line).find('\t')));
}

Diagnostic about_alias(const Source& source, const Place& place, const Builder& builder) {
  const SourceRange where = source.range(place);
  const std::string_view rest = source.rest(place);
  const std::size_t length = rest.find_first_of(" \t\r\n,[]{}");
  const std::string_view name = rest.substr(0, length).substr(1);
  const auto nearest = find_nearest(name, builder.anchor_names());
  return {Severity::error,
          where,
          fmt::format("there is no '&{0}' before the alias '*{0}'", printable(name.substr(0, 60))),
          {},
          nearest ? fmt::format("did you mean '*{}'?", printable(*nearest))
                  : "put a value that begins with '*' in quotes"};
}

/// "${{ x }}" right before `place`, in brackets, where braces are YAML's own.
std::optional<Diagnostic> about_bare_expression(const Source& source, const Place& place) {
  const std::string_view line = source.line(place.line);
  const std::size_t open = line.rfind("${{", static_cast<std::size_t>(place.column));
  if (open == line.npos) return std::nullopt;
  const std::size_t close = line.find("}}", open);
  const std::size_t length = close == line.npos ? 3 : close + 2 - open;
  return said(
      source.range(source.place(place.line, static_cast<int>(open)), length),
      "in brackets, '${{ }}' must be in quotes",
      fmt::format("write {}", quoted(line.substr(open, std::min<std::size_t>(length, 60)))));
}

/// The quote or bracket that ends right before `place` on its line.
std::optional<char> closed_before(const Source& source, const Place& place) {
  const std::string_view before =
      source.line(place.line).substr(0, static_cast<std::size_t>(place.column));
  const std::size_t last = before.find_last_not_of(k_blanks);
  if (last == before.npos ||
      std::string_view("\"']}").find(before[last]) == std::string_view::npos) {
    return std::nullopt;
  }
  return before[last];
}

/// Whether the line before `place`, comments and empty ones aside, holds a value that this line
/// goes on.
bool goes_on_from_above(const Source& source, const Place& place) {
  for (int line = place.line - 1; line >= 0; --line) {
    const std::string_view content = trim(source.line(line));
    if (content.empty() || content.starts_with('#')) continue;
    return !content.ends_with(':') && !content.ends_with('-');
  }
  return false;
}

/// Where the library's mark is behind the '*', '&' or '!' that it could not read.
Place step_back(const Source& source, const Place& place) {
  const std::string_view before =
      source.line(place.line).substr(0, static_cast<std::size_t>(place.column));
  const std::size_t mark = before.find_last_of("*&!");
  return mark == before.npos ? place : source.place(place.line, static_cast<int>(mark));
}

Diagnostic about_open_bracket(const Source& source, const Place& place, const Place& bracket) {
  const char open = source.text()[bracket.offset];
  Diagnostic result = said(source.range(bracket, 1), fmt::format("this '{}' is not closed", open),
                           "close it, or put this value in quotes");
  result.notes.push_back(fmt::format("'{}' is missing before line {}, column {}",
                                     open == '[' ? ']' : '}', place.line + 1,
                                     source.range(place).column));
  return result;
}

/// What does not continue the mapping or list above it.
Diagnostic about_stranger(const Source& source, const Place& place, std::string_view what,
                          const Builder& builder) {
  const auto closed = closed_before(source, place);
  if (source.rest(place).starts_with('*')) {
    return said(source.range(place), "an alias stands alone, without an anchor before it", "");
  }
  if (!closed) {
    return said(source.range(place), fmt::format("this does not continue the {} above", what),
                std::string(k_same_column));
  }
  const bool is_quote = *closed == '"' || *closed == '\'';
  Diagnostic result =
      said(source.range(place),
           fmt::format("nothing may follow the closing {}", is_quote ? "quote" : "bracket"),
           *closed == '\'' ? "a ' inside single quotes is written twice: 'it''s'"
                           : "put the whole value in quotes");
  if (builder.last_place().line < place.line) {
    result.notes.push_back(
        fmt::format("the value begins on line {}", builder.last_place().line + 1));
  }
  return result;
}

Diagnostic about_colon(const Source& source, const Place& place, const Builder& builder) {
  const bool goes_on = builder.last_place().line < place.line && goes_on_from_above(source, place);
  Diagnostic result =
      said(source.range(place), "a ':' is not expected here",
           goes_on ? std::string(k_same_column) : "put a value with ': ' in it in quotes");
  if (goes_on) result.notes.push_back("this line goes on with the value above it");
  return result;
}

Diagnostic about_grammar(const std::string& library, const Source& source, const Place& place,
                         const Builder& builder) {
  const bool in_flow =
      library == YAML::ErrorMsg::END_OF_MAP_FLOW || library == YAML::ErrorMsg::END_OF_SEQ_FLOW;
  if (const auto bracket = builder.open_bracket(); bracket && in_flow) {
    auto expression = about_bare_expression(source, place);
    return expression ? *expression : about_open_bracket(source, place, *bracket);
  }
  if (library == YAML::ErrorMsg::END_OF_MAP)
    return about_stranger(source, place, "mapping", builder);
  if (library == YAML::ErrorMsg::END_OF_SEQ) return about_stranger(source, place, "list", builder);
  if (library == YAML::ErrorMsg::MAP_VALUE) return about_colon(source, place, builder);
  const Words words = words_for(library);
  const bool is_behind = words.message.starts_with("a value cannot begin with '");
  return said(source.range(is_behind ? step_back(source, place) : place),
              std::string(words.message), std::string(words.hint));
}

}  // namespace

void explain(const YAML::Exception& problem, const Source& source, const Builder& builder,
             Diagnostics& diagnostics) {
  const Place place = source.place(problem.mark.line, problem.mark.column);
  if (problem.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
    diagnostics.add(about_alias(source, place, builder));
    return;
  }
  const Place last = builder.last_place();
  if (const auto tab = find_tab(source, place)) {
    diagnostics.error(source.range(*tab, 1), "a tab cannot be indentation", "indent with spaces");
    return;
  }
  if (problem.msg == YAML::ErrorMsg::EOF_IN_SCALAR) {
    const Place quote = find_open_quote(source, last).value_or(place);
    diagnostics.error(source.range(quote, 1), "this quote is not closed");
    return;
  }
  diagnostics.add(about_grammar(problem.msg, source, place, builder));
}

void explain_long_stretch(const Source& source, const Builder& builder, Diagnostics& diagnostics) {
  const Place last = builder.last_place();
  if (const auto quote = find_open_quote(source, last)) {
    diagnostics.error(source.range(*quote, 1), "this quote is not closed");
    return;
  }
  diagnostics.error(
      source.range(last), fmt::format("no value ends within {} bytes from here", k_max_stretch),
      "look for a bracket that is not closed; keep long texts and lists in a file of their own");
}

}  // namespace foz::yaml
