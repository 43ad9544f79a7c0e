/// SubmitRequest as JSON: in plan.json, and on the wire to the libslurm helper. Members that hold
/// their default are left out; the environment is never written (it may hold secrets, and belongs
/// to whoever submits).
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

/// `request` with each of its texts passed through `change`, the environment left as it is.
[[nodiscard]] SubmitRequest with_texts(SubmitRequest request,
                                       std::string (*change)(std::string_view));

[[nodiscard]] std::string to_json(const SubmitRequest& request);
/// Code::invalid with the member's name where a type is wrong. Unknown members are ignored.
[[nodiscard]] Result<SubmitRequest> request_from_json(std::string_view text);

}  // namespace foz::slurm
