/// Why a command ends without having done what was asked, with the exit code that this deserves.
///
/// core tells what went wrong, never whose mistake that is: that a thing is not there may be a word
/// on the command line (exit 2) or a file that is gone (exit 3). Only the command knows, so it says
/// so where it uses an argument: of_argument(), bad_usage(). Every other Error is the
/// environment's.
#pragma once

#include <string>
#include <utility>

#include "core/base/result.h"

namespace foz::cli {

/// Documented in `foz --help` and docs/reference/commands.md.
enum Exit : int {
  k_done = 0,
  k_workload_failed = 1,
  k_bad_usage = 2,    ///< usage or spec
  k_environment = 3,  ///< Slurm, files, the environment
  k_bug = 70,
  k_interrupted = 130,  ///< by Ctrl-C, as shells have it
};

struct Fault {
  int status = k_environment;
  std::string message;

  Fault(int code, std::string text) : status(code), message(std::move(text)) {}
  /// Implicit, so that FOZ_TRY takes an error of core as the environment's.
  Fault(const Error& error)
      : status(error.code == Code::internal ? k_bug : k_environment), message(error.message) {}
};

/// What a command's parts return.
template <class T>
using Outcome = tl::expected<T, Fault>;

/// What was asked for cannot be: the command line is wrong.
[[nodiscard]] inline tl::unexpected<Fault> bad_usage(std::string message) {
  return tl::unexpected<Fault>(Fault{k_bad_usage, std::move(message)});
}

/// What is not there, or is no such thing, is the command line's mistake where it was an argument.
[[nodiscard]] inline Fault argument_fault(const Error& error) {
  const bool is_its_fault = error.code == Code::not_found || error.code == Code::invalid;
  return is_its_fault ? Fault{k_bad_usage, error.message} : Fault{error};
}

/// The answer to a question about an argument.
template <class T>
[[nodiscard]] Outcome<T> of_argument(Result<T> result) {
  return std::move(result).map_error(argument_fault);
}

}  // namespace foz::cli

namespace foz {

/// For FOZ_TRY in what returns an Outcome.
[[nodiscard]] inline tl::unexpected<cli::Fault> fail(cli::Fault fault) {
  return tl::unexpected<cli::Fault>(std::move(fault));
}

}  // namespace foz
