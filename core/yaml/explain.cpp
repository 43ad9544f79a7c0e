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

constexpr std::array<Words, 28> k_words = {{
    {"end of map not found", "this does not continue the mapping above", k_same_column},
    {"end of sequence not found", "this does not continue the list above", k_same_column},
    {"end of map flow not found", "a '{' is not closed before this",
     "close it with '}', or put this value in quotes"},
    {"end of sequence flow not found", "a '[' is not closed before this",
     "close it with ']', or put this value in quotes"},
    {"illegal map value", "a ':' is not expected here", "put a value with ': ' in it in quotes"},
    {"illegal map key", "a key is not expected here", k_same_column},
    {"illegal block entry", "a '-' is not expected here",
     "a list begins on a line of its own, each item with '- '"},
    {"illegal flow end", "this bracket closes nothing",
     "put a value with brackets in it in quotes"},
    {"illegal EOF in scalar", "this quote is not closed", ""},
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
    {"the referenced anchor is not defined", "", ""},  // told with its name
    {"cannot assign multiple", "a value has one anchor at most", ""},
    {"aliases can't have any content", "an alias stands alone", ""},
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

/// The first line with a tab as indentation between the last event and the failure: the library
/// stumbles only later.
std::optional<Place> find_tab(const Source& source, const Place& from, const Place& to) {
  for (int line = from.line; line <= to.line; ++line) {
    const std::string_view text = source.line(line);
    const std::size_t content = text.find_first_not_of(k_blanks);
    const bool counts = content != text.npos && text[content] != '#';
    if (counts && source.is_tab_indented(line)) {
      return source.place(line, static_cast<int>(text.find('\t')));
    }
  }
  return std::nullopt;
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

/// "${{ x }}" in a list in brackets, where braces are YAML's own.
bool is_bare_expression(const Source& source, const Place& place) {
  const std::string_view line = source.line(place.line);
  const std::size_t open = line.rfind("${{", static_cast<std::size_t>(place.column));
  return open != line.npos && line.substr(0, open).find_last_of("[{,") != line.npos;
}

/// "key:value", which lacks the blank that makes it a key.
bool lacks_blank_after_colon(std::string_view line) {
  const std::string_view content = trim(line);
  const std::size_t colon = content.find(':');
  return colon != content.npos && colon > 0 && colon + 1 < content.size() &&
         content[colon + 1] != ' ' &&
         content.substr(0, colon).find_first_of(" \t\"'") == content.npos;
}

Diagnostic about_grammar(std::string_view library, const Source& source, const Place& place,
                         const Builder& builder) {
  const Words words = words_for(library);
  Diagnostic said{Severity::error,
                  source.range(place),
                  std::string(words.message),
                  {},
                  std::string(words.hint)};
  const bool in_flow = library.find("flow not found") != library.npos;
  if (const auto bracket = builder.open_bracket(); bracket && in_flow) {
    said.notes.push_back(fmt::format("opened on line {}, column {}", bracket->line + 1,
                                     source.range(*bracket).column));
  }
  if (is_bare_expression(source, place) && builder.open_bracket()) {
    said.hint = "in brackets, put quotes around ${{ }}: \"${{ params.name }}\"";
  } else if (library.starts_with("end of map not") &&
             lacks_blank_after_colon(source.line(place.line))) {
    said.hint = "put a blank after the ':'";
  }
  return said;
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
  if (const auto tab = find_tab(source, last, place)) {
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
      source.range(last),
      fmt::format("what follows here is one value of over {} bytes", k_max_stretch),
      "look for a bracket that is not closed; keep long texts and lists in a file of their own");
}

}  // namespace foz::yaml
