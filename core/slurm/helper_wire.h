/// The wire between foz and foz-libslurm, a line of JSON each way on the helper's standard streams.
/// Contract 1:
///
///   session  := greeting LF ready LF (request LF answer)*     the helper speaks first
///   greeting := {"foz-libslurm":1,"compiled":"22.05.8"}       before libslurm is touched
///   ready    := {"ready":true}                                libslurm has its configuration
///   request  := {"id":N,"call":CALL, ...}
///                 submit:           "request":{...},"environment":[TEXT*]
///                 release, cancel:  "jobs":["12","13_[0-9]"]
///   answer   := {"id":N} LF
///             | {"id":N,"job":{"id":N,"notes":[TEXT*]}} LF
///             | {"id":N,"facts":{...}} LF
///             | {"id":N,"bytes":M} LF rows                    the queue, as squeue_row() writes it
///             | {"id":N,"error":{"code":"refused","message":TEXT}} LF
///   CALL     := submit | release | cancel | jobs | facts
///
/// A TEXT is bytes, each one a code point below 256, so that JSON carries what is no UTF-8 too.
/// Unknown members are left aside. Knows neither libslurm nor processes. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

constexpr int k_helper_contract = 1;

struct HelperGreeting {
  int contract = 0;
  std::string compiled;  ///< "22.05.8": of the headers and library the helper was built with
};

enum class HelperCall { submit, release, cancel, jobs, facts };

struct HelperRequest {
  std::uint64_t id = 0;
  HelperCall call = HelperCall::jobs;
  SubmitRequest submit;           ///< with its environment
  std::vector<JobSelector> jobs;  ///< to release or cancel
};

struct HelperAnswer {
  std::uint64_t id = 0;
  std::optional<Error> error;
  Submission submission;
  ClusterFacts facts;
  std::size_t bytes = 0;  ///< that follow the line
};

/// Each is one line, without its end.
[[nodiscard]] std::string to_line(const HelperGreeting& greeting);
[[nodiscard]] std::string ready_line();
[[nodiscard]] std::string to_line(const HelperRequest& request);
[[nodiscard]] std::string to_line(const HelperAnswer& answer);

/// Code::invalid for a line that is not of the form.
[[nodiscard]] Result<HelperGreeting> greeting_from_line(std::string_view line);
[[nodiscard]] Result<HelperRequest> request_from_line(std::string_view line);
[[nodiscard]] Result<HelperAnswer> answer_from_line(std::string_view line);

/// Bytes as code points below 256, in UTF-8; and back (what was never written so stays as it is).
[[nodiscard]] std::string to_wire(std::string_view bytes);
[[nodiscard]] std::string from_wire(std::string_view text);

}  // namespace foz::slurm
