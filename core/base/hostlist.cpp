#include "core/base/hostlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "core/base/text.h"

namespace foz {

namespace {

/// 18 digits fit 64 bits with room for one more.
constexpr std::size_t k_most_digits = 18;
constexpr std::size_t k_longest_name = 255;
constexpr std::size_t k_most_counts = 1'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_host_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         c == '.';
}

std::optional<std::uint64_t> parse_digits(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || text.size() > k_most_digits ||
      !std::all_of(text.begin(), text.end(), is_digit)) {
    return std::nullopt;
  }
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string padded(std::uint64_t value, std::size_t width) {
  return fmt::format("{:0{}}", value, width);
}

tl::unexpected<Error> bad_list(std::string_view text, std::string_view why) {
  constexpr std::size_t k_shown = 60;
  const std::string shown =
      printable(text.substr(0, k_shown)) + (text.size() > k_shown ? "..." : "");
  return fail(Code::invalid, fmt::format("'{}' is not a host list: {}", shown, why));
}

/// Words by which Slurm's commands say that there is no node.
bool says_no_nodes(std::string_view text) {
  return text.empty() || text == "(null)" || text == "None assigned" || text == "n/a" ||
         text == "N/A";
}

/// One term's expansion: starts as one empty name and grows by text and brackets.
class Term {
 public:
  explicit Term(std::size_t limit) : limit_(limit) {}

  void add_text(std::string_view text) {
    for (std::string& name : names_) name += text;
  }

  /// `items`: what stands between the brackets. Gives what is wrong, or nothing.
  std::optional<std::string> add_bracket(std::string_view items) {
    std::vector<std::string> suffixes;
    for (const std::string_view item : split(items, ',')) {
      if (auto wrong = add_range(item, suffixes)) return wrong;
    }
    multiply(suffixes);
    return std::nullopt;
  }

  std::vector<std::string>& names() { return names_; }

 private:
  std::optional<std::string> add_range(std::string_view item, std::vector<std::string>& suffixes) {
    const std::size_t dash = item.find('-');
    const std::string_view low_digits = item.substr(0, dash);
    const auto low = parse_digits(low_digits);
    const auto high = dash == item.npos ? low : parse_digits(item.substr(dash + 1));
    if (!low || !high)
      return fmt::format("'{}' in brackets is not a number or a range",
                         printable(item.substr(0, 60)));
    if (*high < *low) return fmt::format("the range '{}' runs backwards", item);
    const std::uint64_t count = *high - *low + 1;
    if (count > limit_ || (count + suffixes.size()) * names_.size() > limit_) {
      return fmt::format("it has more than {} names", limit_);
    }
    for (std::uint64_t value = *low; value <= *high; ++value) {
      suffixes.push_back(padded(value, low_digits.size()));
    }
    return std::nullopt;
  }

  void multiply(const std::vector<std::string>& suffixes) {
    std::vector<std::string> product;
    product.reserve(names_.size() * suffixes.size());
    for (const std::string& name : names_) {
      for (const std::string& suffix : suffixes) product.push_back(name + suffix);
    }
    names_ = std::move(product);
  }

  std::size_t limit_;
  std::vector<std::string> names_{""};
};

/// The term at the front of `rest` (up to a comma outside brackets), taken off it.
std::string_view take_term(std::string_view& rest) {
  std::size_t end = 0;
  int depth = 0;
  for (; end < rest.size() && (depth > 0 || rest[end] != ','); ++end) {
    if (rest[end] == '[') ++depth;
    if (rest[end] == ']' && depth > 0) --depth;
  }
  const std::string_view term = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return term;
}

/// Grows `term` by all of `text`. Gives what is wrong, or nothing.
std::optional<std::string> expand_term(std::string_view text, Term& term) {
  if (text.find_first_not_of('.') == text.npos) return "it was cut short ('...')";
  while (!text.empty()) {
    const std::size_t open = text.find_first_of("[]");
    const std::string_view plain = text.substr(0, open);
    if (plain.size() > k_longest_name ||
        !std::all_of(plain.begin(), plain.end(), is_host_character)) {
      return fmt::format("'{}' is not a host name", printable(plain.substr(0, 60)));
    }
    term.add_text(plain);
    if (open == text.npos) break;
    const std::size_t close = text.find(']', open);
    if (text[open] == ']' || close == text.npos) return "its brackets do not match";
    if (auto wrong = term.add_bracket(text.substr(open + 1, close - open - 1))) return wrong;
    text.remove_prefix(close + 1);
  }
  return std::nullopt;
}

/// A name cut before the digits at its end: "gpu", "07". Slurm takes no text behind a bracket, so
/// that digits elsewhere are letters here.
struct Pieces {
  std::string_view prefix;
  std::string_view digits;
};

Pieces cut_at_number(std::string_view name) {
  const auto last = std::find_if_not(name.rbegin(), name.rend(), is_digit);
  const auto begin = static_cast<std::size_t>(name.rend() - last);
  if (name.size() - begin > k_most_digits) return {name, {}};
  return {name.substr(0, begin), name.substr(begin)};
}

bool may_share_bracket(const Pieces& a, const Pieces& b) {
  return a.prefix == b.prefix && !a.digits.empty() && !b.digits.empty();
}

/// The bracket of hosts[begin, end), which share their prefix: "1-3,7".
std::string ranges_of(const std::vector<Pieces>& hosts, std::size_t begin, std::size_t end) {
  std::string out;
  while (begin < end) {
    const std::string_view low = hosts[begin].digits;
    std::uint64_t value = *parse_digits(low);
    std::size_t stop = begin + 1;
    while (stop < end && hosts[stop].digits == padded(value + 1, low.size())) {
      ++value;
      ++stop;
    }
    if (!out.empty()) out += ',';
    out += low;
    if (stop - begin > 1) fmt::format_to(std::back_inserter(out), "-{}", hosts[stop - 1].digits);
    begin = stop;
  }
  return out;
}

/// One entry of a list of counts: "8" or "8(x2)".
bool add_counts(std::string_view entry, std::vector<int>& counts) {
  std::uint64_t repeat = 1;
  const std::size_t open = entry.find("(x");
  if (open != entry.npos) {
    if (!entry.ends_with(')')) return false;
    const auto times = parse_digits(entry.substr(open + 2, entry.size() - open - 3));
    if (!times || *times == 0) return false;
    repeat = *times;
  }
  const auto value = parse_digits(entry.substr(0, open));
  if (!value || *value > INT32_MAX || repeat > k_most_counts - counts.size()) return false;
  counts.insert(counts.end(), repeat, static_cast<int>(*value));
  return true;
}

}  // namespace

Result<std::vector<std::string>> expand_hostlist(std::string_view text, std::size_t limit) {
  text = trim(text);
  std::vector<std::string> hosts;
  if (says_no_nodes(text)) return hosts;
  if (text.starts_with('(')) return bad_list(text, "it is a reason, not a list");
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view part = take_term(rest);
    if (part.empty()) continue;
    Term term(limit - hosts.size());
    if (auto wrong = expand_term(part, term)) return bad_list(text, *wrong);
    if (term.names().size() > limit - hosts.size()) {
      return bad_list(text, fmt::format("it has more than {} names", limit));
    }
    std::move(term.names().begin(), term.names().end(), std::back_inserter(hosts));
  }
  return hosts;
}

std::string compress_hostlist(const std::vector<std::string>& hosts) {
  std::vector<Pieces> pieces;
  pieces.reserve(hosts.size());
  for (const std::string& host : hosts) pieces.push_back(cut_at_number(host));
  std::string out;
  for (std::size_t begin = 0; begin < pieces.size();) {
    std::size_t end = begin + 1;
    while (end < pieces.size() && may_share_bracket(pieces[begin], pieces[end])) ++end;
    if (!out.empty()) out += ',';
    if (end - begin == 1) {
      out += hosts[begin];
    } else {
      fmt::format_to(std::back_inserter(out), "{}[{}]", pieces[begin].prefix,
                     ranges_of(pieces, begin, end));
    }
    begin = end;
  }
  return out;
}

Result<std::vector<int>> expand_counts(std::string_view text) {
  std::vector<int> counts;
  for (const std::string_view entry : split(trim(text), ',')) {
    if (!add_counts(entry, counts)) {
      return fail(Code::invalid, fmt::format("'{}' is not a list of counts like '40,8(x2)'",
                                             printable(text.substr(0, 60))));
    }
  }
  return counts;
}

}  // namespace foz
