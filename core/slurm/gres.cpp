#include <algorithm>

#include "core/base/text.h"
#include "core/slurm/types.h"

namespace foz::slurm {

namespace {

/// Pieces between commas that stand outside brackets: "gpu:l4:4(S:1,3),ssd:1".
std::vector<std::string_view> split_outside_brackets(std::string_view text) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (i == text.size() || (c == ',' && depth <= 0)) {
      pieces.push_back(trim(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  return pieces;
}

/// "3", or "4G" as GRES that are counted in units are written.
std::optional<std::uint64_t> parse_count(std::string_view text) {
  constexpr std::string_view k_suffixes = "KMGT";
  unsigned shift = 0;
  if (!text.empty() && k_suffixes.find(text.back()) != k_suffixes.npos) {
    shift = 10U * (static_cast<unsigned>(k_suffixes.find(text.back())) + 1U);
    text.remove_suffix(1);
  }
  const auto count = parse_integer(text);
  if (!count || *count < 0 || text.front() == '+' || *count > (INT64_MAX >> shift)) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(*count) << shift;
}

/// What stands in brackets behind the count (sockets, indices) is left out; the "(null)" of a
/// missing type is not that.
std::string_view without_places(std::string_view item) {
  const std::size_t open = item.rfind('(');
  if (!item.ends_with(')') || open == item.npos || item.substr(open) == "(null)") return item;
  return item.substr(0, open);
}

/// Requests carry the class: "gres:gpu:1", "gres/gpu:l4:1", "gres/gpu=16".
std::string_view without_class(std::string_view item) {
  const bool has_class = item.starts_with("gres:") || item.starts_with("gres/");
  return has_class ? item.substr(5) : item;
}

std::string type_of(const std::vector<std::string_view>& fields, std::size_t end) {
  std::string type;
  for (std::size_t i = 1; i < end; ++i) {
    if (fields[i] == "(null)" || fields[i] == "no_consume") continue;
    if (!type.empty()) type += ':';
    type += fields[i];
  }
  return type;
}

std::optional<Gres> parse_item(std::string_view text) {
  std::string item(without_class(without_places(text)));
  std::replace(item.begin(), item.end(), '=', ':');
  if (item.empty() || item == "(null)" || item == "N/A" || item == "n/a") return std::nullopt;
  const auto fields = split(item, ':');
  const auto count =
      fields.size() > 1 ? parse_count(fields.back()) : std::optional<std::uint64_t>();
  const std::size_t type_end = count ? fields.size() - 1 : fields.size();
  // A name alone asks for one.
  return Gres{std::string(fields.front()), type_of(fields, type_end), count.value_or(1)};
}

}  // namespace

std::vector<Gres> parse_gres(std::string_view text) {
  std::vector<Gres> found;
  for (const std::string_view item : split_outside_brackets(text)) {
    if (auto gres = parse_item(item)) found.push_back(std::move(*gres));
  }
  return found;
}

std::uint64_t count_gpus_of_tres(std::string_view tres) {
  std::optional<std::uint64_t> total;
  std::uint64_t typed = 0;
  for (const std::string_view item : split_outside_brackets(tres)) {
    if (!item.starts_with("gres/gpu")) continue;
    const auto gres = parse_item(item);
    if (!gres || gres->name != "gpu") continue;
    if (gres->type.empty()) {
      total = gres->count;
    } else {
      typed += gres->count;
    }
  }
  return total.value_or(typed);
}

}  // namespace foz::slurm
