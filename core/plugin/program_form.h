/// A plugin that is a program, in any language: one process per question, one JSON line in, one
/// JSON line out.
///
///   in    {"contract":1,"question":"describe"|"shape"|"launch"|"react",...} LF, then end of file
///   out   {"contract":1,...}             an answer (plugins/api/contract.schema.json)
///       | {"contract":1,"error":TEXT}    why there is none, one sentence for the user
///   end   exit status 0 within 10 s, at most 1 MiB of output; standard error is for whoever
///         debugs it and is shown when anything goes wrong
///
/// A program that crashes, hangs, floods or answers anything else is refused by its path, with what
/// was found and what was wanted; foz goes on.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "core/base/result.h"
#include "plugins/api/api.h"

namespace foz::plugin {

struct ProgramLimits {
  std::chrono::milliseconds time{10'000};
  std::size_t output = 1U << 20U;
};

/// Asks `describe` once. `program` is an absolute path; its folder is the working directory of
/// every question.
[[nodiscard]] Result<std::unique_ptr<Plugin>> start_program_plugin(
    const std::filesystem::path& program, const ProgramLimits& limits = {});

}  // namespace foz::plugin
