#include "core/base/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/diagnostic_excerpt.h"
#include "core/base/text.h"

namespace foz {

namespace {

constexpr std::size_t k_longest_compared = 100;

/// "file:12:9: ", "file: " or nothing.
std::string place_of(const SourceRange& where) {
  if (!where.file) return {};
  const std::string file = printable(*where.file);
  if (where.line == 0) return file + ": ";
  return fmt::format("{}:{}:{}: ", file, where.line, where.column);
}

std::string_view name_of(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

/// Edits (insert, remove, change, swap of neighbours) from one word to the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before(to.size() + 1), last(to.size() + 1), row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t change = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[to.size()];
}

}  // namespace

bool SourceRange::operator==(const SourceRange& other) const {
  const bool same_file = file == other.file || (file && other.file && *file == *other.file);
  return same_file && line == other.line && column == other.column && length == other.length;
}

Diagnostics::Scope::Scope(Diagnostics& owner, std::string note) : owner_(owner) {
  owner_.scopes_.push_back(std::move(note));
}

Diagnostics::Scope::~Scope() {
  owner_.scopes_.pop_back();
}

Diagnostics::Scope Diagnostics::in(std::string note) {
  return {*this, std::move(note)};
}

void Diagnostics::error(SourceRange where, std::string message, std::string hint) {
  add({Severity::error, std::move(where), std::move(message), {}, std::move(hint)});
}

void Diagnostics::warning(SourceRange where, std::string message, std::string hint) {
  add({Severity::warning, std::move(where), std::move(message), {}, std::move(hint)});
}

void Diagnostics::add(Diagnostic diagnostic) {
  const bool is_error = diagnostic.severity == Severity::error;
  if (is_error) ++error_count_;
  if (diagnostics_.size() >= k_max_diagnostics) {
    ++dropped_;
    if (!is_error) return;
    // An error takes the place of the last warning: a failed check must always show why.
    const auto last =
        std::find_if(diagnostics_.rbegin(), diagnostics_.rend(),
                     [](const auto& kept) { return kept.severity == Severity::warning; });
    if (last == diagnostics_.rend()) return;
    diagnostics_.erase(std::next(last).base());
  }
  diagnostic.notes.insert(diagnostic.notes.end(), scopes_.rbegin(), scopes_.rend());
  diagnostics_.push_back(std::move(diagnostic));
}

void Diagnostics::set_source(const std::string& file, std::string text) {
  sources_.insert_or_assign(file, std::move(text));
}

std::string Diagnostics::render() const {
  std::string out;
  for (const Diagnostic& one : diagnostics_) {
    out += fmt::format("{}{}: {}\n", place_of(one.where), name_of(one.severity),
                       printable(one.message));
    const auto source = one.where.file ? sources_.find(*one.where.file) : sources_.end();
    if (source != sources_.end()) out += render_excerpt(source->second, one.where);
    for (const std::string& note : one.notes) out += fmt::format("note: {}\n", printable(note));
    if (!one.hint.empty()) out += fmt::format("hint: {}\n", printable(one.hint));
  }
  if (dropped_ > 0) out += fmt::format("{} not shown\n", count_of(dropped_, "more message"));
  return out;
}

std::optional<std::string> find_nearest(std::string_view word,
                                        const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > k_longest_compared) return std::nullopt;
  const std::size_t bound = std::max<std::size_t>(word.size() / 3, 1);
  std::size_t best = std::min(bound + 1, word.size());  // nothing in common is never near
  std::optional<std::string> nearest;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > word.size() + bound) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string suggest(std::string_view word, const std::vector<std::string>& candidates,
                    std::string otherwise) {
  const auto nearest = find_nearest(word, candidates);
  return nearest ? "did you mean '" + *nearest + "'?" : std::move(otherwise);
}

}  // namespace foz
