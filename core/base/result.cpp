#include "core/base/result.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace foz {

namespace {

Code code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Code::not_found;
    case ENOSPC:
    case EDQUOT:
      return Code::storage_full;
    case EFBIG:
      return Code::too_large;
    default:
      return Code::failed;
  }
}

}  // namespace

Error with_context(std::string_view doing, Error error) {
  error.message = std::string(doing) + ": " + error.message;
  return error;
}

Error errno_error(std::string_view doing, int error_number) {
  char buffer[128];
  const char* text = strerror_r(error_number, buffer, sizeof buffer);
  return {code_of(error_number), std::string(doing) + ": " + text};
}

void assertion_failed(const char* condition, const char* file, int line) {
  const std::string text = std::string("foz: bug: '") + condition + "' does not hold at " + file +
                           ":" + std::to_string(line) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  std::abort();
}

}  // namespace foz
