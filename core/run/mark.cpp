#include "core/run/mark.h"

#include <fmt/format.h>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/plan/plan.h"

namespace foz::run {

std::string job_name(const Mark& mark) {
  return fmt::format("{}@{}.{}.{}", mark.stage, mark.run_id, mark.part, mark.nonce);
}

std::optional<Mark> parse_job_name(std::string_view name) {
  const std::vector<std::string_view> halves = split(name, '@');
  if (halves.size() != 2) return std::nullopt;
  const std::vector<std::string_view> pieces = split(halves[1], '.');
  const bool is_named = is_safe_name(halves[0]) || halves[0] == plan::k_advance_job;
  if (pieces.size() != 3 || !is_named || pieces[0].empty()) return std::nullopt;
  const auto part = parse_integer(pieces[1]);
  if (!part || *part < 0 || *part > UINT32_MAX || pieces[2].empty()) return std::nullopt;
  return Mark{std::string(halves[0]), std::string(pieces[0]), static_cast<std::uint32_t>(*part),
              std::string(pieces[2])};
}

std::string job_comment(const Mark& mark) {
  return fmt::format("foz run={} stage={} part={} nonce={}", mark.run_id, mark.stage, mark.part,
                     mark.nonce);
}

std::string make_nonce() {
  return fmt::format("{:08x}", random_bits() & 0xffffffffU);
}

}  // namespace foz::run
