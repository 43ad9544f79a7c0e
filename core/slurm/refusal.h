/// Why Slurm, or a site's filter in front of it, refused a submission: its class and a plain
/// sentence of what to do. From text, as both the commands and libslurm give it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace foz::slurm {

enum class RefusalClass {
  account,
  partition,
  qos,
  submit_limit,
  limits,
  time_limit,
  shape,
  nodes,
  reservation,
  licenses,
  dependency,
  array,
  option,
  script,
  host,
  queue_full,
  permission,
  site_filter,
  other,
};

struct Refusal {
  RefusalClass kind = RefusalClass::other;
  std::string_view sentence;  ///< what is wrong and what to do; empty for `other`
};

/// The most exact class of all lines of `text`; it is often not in the last one.
[[nodiscard]] Refusal classify_refusal(std::string_view text);

/// Code::refused: "Slurm refused job 'NAME': SENTENCE" and below it every line of `said` (as
/// communication.h's said() gives them).
[[nodiscard]] Error refusal_error(std::string_view job_name, std::string_view said);

}  // namespace foz::slurm
