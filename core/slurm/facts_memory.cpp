#include "core/slurm/facts_memory.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <charconv>

#include "core/base/text.h"
#include "core/slurm/facts_json.h"

namespace foz::slurm {

namespace {

constexpr UnixMillis k_longest = 10 * 60 * 1000;
constexpr std::uint64_t k_largest_bytes = 16U << 20U;

/// As libslurm looks for it.
fs::path configuration(const Environment& environment) {
  if (const auto named = find_variable(environment, "SLURM_CONF")) return *named;
  std::error_code error;
  for (const char* place : {"/etc/slurm/slurm.conf", "/run/slurm/conf/slurm.conf"}) {
    if (fs::exists(place, error)) return place;
  }
  return {};
}

/// "MARK MILLISECONDS", the first line of the file.
std::string first_line(const std::string& mark, UnixMillis time) {
  return fmt::format("{} {}", mark, time);
}

std::optional<UnixMillis> time_of(std::string_view line, std::string_view mark) {
  if (!line.starts_with(mark) || line.size() <= mark.size() + 1) return std::nullopt;
  line.remove_prefix(mark.size() + 1);
  UnixMillis time = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), time);
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return time;
}

}  // namespace

std::string cluster_mark(const Environment& environment) {
  const fs::path path = configuration(environment);
  struct stat facts {};
  if (path.empty() || ::stat(path.c_str(), &facts) != 0) return {};
  return fmt::format("foz-facts 1 {} {} {}.{:09} {} {}", quoted(path.native()), facts.st_size,
                     facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_ino,
                     quoted(find_variable(environment, "SLURM_CLUSTERS").value_or("")));
}

std::optional<ClusterFacts> FactsMemory::recall(UnixMillis now) const {
  if (mark_.empty()) return std::nullopt;
  const auto text = read_file(file_, k_largest_bytes);
  const auto end = text ? text->find('\n') : std::string::npos;
  if (end == std::string::npos) return std::nullopt;
  const auto time = time_of(std::string_view(*text).substr(0, end), mark_);
  if (!time || *time > now || now - *time > k_longest) return std::nullopt;
  auto facts = facts_from_json(std::string_view(*text).substr(end + 1));
  return facts ? std::optional(std::move(*facts)) : std::nullopt;
}

void FactsMemory::remember(const ClusterFacts& facts, UnixMillis now) const {
  if (mark_.empty()) return;
  const std::string text = first_line(mark_, now) + "\n" + to_json(facts);
  static_cast<void>(write_file(file_, text, Durability::cached));
}

void FactsMemory::forget() const {
  std::error_code error;
  fs::remove(file_, error);
}

}  // namespace foz::slurm
