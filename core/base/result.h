/// Result<T>: what a call that touches the environment returns. The only place that names
/// tl::expected, so that std::expected can take over when the compilers of the field have it.
///
/// Three channels of errors never mix: user input goes to Diagnostics (diagnostic.h), the
/// environment (files, Slurm, processes) comes back as Result, a bug of foz aborts through
/// FOZ_ASSERT.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace foz {

/// What a caller may want to tell apart. `message` is for people, `code` is for decisions.
enum class Code {
  failed,       ///< the environment refused; nothing more specific is known
  invalid,      ///< data from outside (a file, an answer) does not have the form it must have
  not_found,    ///< the thing asked for does not exist, which is known for sure
  unavailable,  ///< the other side did not answer (controller down, time-out of a query): ask again
                ///< later
  unknown_outcome,  ///< an action was sent and nobody knows whether it was carried out
  refused,       ///< the other side understood and said no (a limit, a permission, a wrong option)
  storage_full,  ///< ENOSPC or EDQUOT
  too_large,     ///< over a documented limit
  internal,      ///< a bug that could be reported instead of aborting
};

/// One failure of the environment. Lower case, no full stop, the thing in quotes, then what to do
/// about it.
struct Error {
  Code code = Code::failed;
  std::string message;

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Code code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

/// `error` with what the caller was doing put before it: "doing what: error". Keeps the code.
[[nodiscard]] Error with_context(std::string_view doing, Error error);

/// An Error from errno: "doing what: strerror". ENOENT gives not_found, ENOSPC and EDQUOT
/// storage_full.
[[nodiscard]] Error errno_error(std::string_view doing, int error_number);

/// Aborts with the place; for states that only a bug can bring about.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace foz

/// Evaluates `condition` in every build; a false one is a bug in foz (exit by abort, the place on
/// stderr).
#define FOZ_ASSERT(condition) \
  ((condition) ? void(0) : ::foz::assertion_failed(#condition, __FILE__, __LINE__))

/// `FOZ_TRY(auto value, call());` binds the value of a Result, or returns its error from the
/// calling function.
#define FOZ_CONCAT_(a, b) a##b
#define FOZ_CONCAT(a, b) FOZ_CONCAT_(a, b)
#define FOZ_TRY(declaration, ...)                                                                  \
  auto FOZ_CONCAT(foz_try_, __LINE__) = (__VA_ARGS__);                                             \
  if (!FOZ_CONCAT(foz_try_, __LINE__)) return ::foz::fail(FOZ_CONCAT(foz_try_, __LINE__).error()); \
  declaration = std::move(*FOZ_CONCAT(foz_try_, __LINE__))
/// The same for Result<void>.
#define FOZ_CHECK(...)                                                                          \
  if (auto FOZ_CONCAT(foz_check_, __LINE__) = (__VA_ARGS__); !FOZ_CONCAT(foz_check_, __LINE__)) \
  return ::foz::fail(FOZ_CONCAT(foz_check_, __LINE__).error())
