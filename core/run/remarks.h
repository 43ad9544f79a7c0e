/// What is to be said of a run beside its tasks: what was not learned, what nobody goes on with,
/// and which command does. Pure.
#pragma once

#include <string>

#include "core/run/observe.h"
#include "core/run/picture.h"

namespace foz::run {

/// Fills Picture::remarks, once the tasks are judged.
void add_remarks(const plan::Plan& plan, const Observation& seen, Picture& picture);

/// Of stages that are cancelled: the requests of which a job may still come, in a sentence. Empty:
/// there are none.
[[nodiscard]] std::string remark_on_requests(const Facts& facts, UnixMillis now);

}  // namespace foz::run
