/// The mark that a submission carries in its job name: how a job says whose it is, when our own
/// record of it is missing. Pure. Private to this room (the keeper compares job ids, not marks).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foz::run {

struct Mark {
  std::string stage;
  std::string run_id;
  std::uint32_t part = 0;
  std::string nonce;  ///< 8 hex digits

  bool operator==(const Mark&) const = default;
};

/// "<stage>@<run-id>.<part>.<nonce>": the job's name. plan::k_advance_job stands as a stage here.
[[nodiscard]] std::string job_name(const Mark& mark);
/// nullopt for a name that is none of ours.
[[nodiscard]] std::optional<Mark> parse_job_name(std::string_view name);
/// "foz run=<id> stage=<s> part=<p> nonce=<n>": the job's comment.
[[nodiscard]] std::string job_comment(const Mark& mark);

[[nodiscard]] std::string make_nonce();

}  // namespace foz::run
