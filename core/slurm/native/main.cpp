// foz-libslurm: Slurm's own library behind lines on standard streams (core/slurm/helper_wire.h). A
// program of its own, since the library's form changes with every release, its start may end the
// process, its calls may sleep, and it is under the GPL.

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "core/base/fd.h"
#include "core/slurm/helper_wire.h"
#include "core/slurm/native/calls.h"
#include "core/slurm/native/compat.h"

namespace foz::slurm::native {
namespace {

/// Lines of standard input. nullopt at its end.
class Lines {
 public:
  std::optional<std::string> next() {
    std::size_t end = buffer_.find('\n');
    while (end == buffer_.npos) {
      const std::size_t searched = buffer_.size();
      if (!fill()) return std::nullopt;
      end = buffer_.find('\n', searched);
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return line;
  }

 private:
  bool fill() {
    char bytes[65'536];
    ssize_t count = 0;
    do {
      count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    } while (count < 0 && errno == EINTR);
    if (count > 0) buffer_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }
  std::string buffer_;
};

/// False when nobody reads any more.
bool say(std::string line, std::string_view bytes = {}) {
  line += '\n';
  line += bytes;
  return write_all(STDOUT_FILENO, line).has_value();
}

template <class T>
bool take_error(HelperAnswer& answer, const Result<T>& result) {
  if (!result) answer.error = result.error();
  return !result;
}

/// The answer; what follows its line goes to `bytes`.
HelperAnswer perform(const HelperRequest& request, std::string& bytes) {
  HelperAnswer answer;
  answer.id = request.id;
  switch (request.call) {
    case HelperCall::submit:
      if (auto result = submit(request.submit); !take_error(answer, result)) {
        answer.submission = std::move(*result);
      }
      break;
    case HelperCall::release:
      take_error(answer, release(request.jobs));
      break;
    case HelperCall::cancel:
      take_error(answer, cancel(request.jobs));
      break;
    case HelperCall::jobs:
      if (auto result = jobs(); !take_error(answer, result)) bytes = std::move(*result);
      break;
    case HelperCall::facts:
      if (auto result = facts(); !take_error(answer, result)) answer.facts = std::move(*result);
      break;
  }
  answer.bytes = bytes.size();
  return answer;
}

int serve() {
  Lines lines;
  while (const auto line = lines.next()) {
    const auto request = request_from_line(*line);
    HelperAnswer answer;
    std::string bytes;
    if (request) {
      answer = perform(*request, bytes);
    } else {
      answer.error = request.error();
    }
    if (!say(to_line(answer), bytes)) return 1;
  }
  return 0;
}

int run() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);    // never outlives foz, not even inside a call
  ::setenv("SLURM_BITSTR_LEN", "0", 1);  // index lists in full
  if (!say(to_line(HelperGreeting{k_helper_contract, compiled_release()}))) return 1;
  slurm_init(nullptr);
  if (!say(ready_line())) return 1;
  return serve();
}

}  // namespace
}  // namespace foz::slurm::native

int main() {
  return foz::slurm::native::run();
}
