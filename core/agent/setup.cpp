#include "core/agent/setup.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/agent/spawn_rank.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

constexpr int k_environment_descriptor = 3;
constexpr std::size_t k_environment_limit = 16U << 20U;
constexpr std::string_view k_failed_line = "foz: setup line ";

/// Of the shell that ran the lines, not of what they set up.
constexpr std::array<std::string_view, 4> k_shell_variables = {"_", "SHLVL", "PWD", "OLDPWD"};

std::string first_words(const std::string& line) {
  constexpr std::size_t k_longest = 80;
  const std::string shown = printable(trim(line));
  return shown.size() <= k_longest ? shown : shown.substr(0, k_longest) + "...";
}

}  // namespace

int print_environment() {
  std::string bytes;
  for (const std::string& entry : current_environment()) (bytes += entry) += '\0';
  return write_all(k_environment_descriptor, bytes) ? 0 : 1;
}

std::string setup_script(const std::vector<std::string>& lines, const std::string& agent) {
  std::string script;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string title =
        fmt::format("{}{} '{}' ended with status ", k_failed_line, i + 1, first_words(lines[i]));
    script += fmt::format(
        "eval {}\n__foz_status=$?\nif [ \"$__foz_status\" -ne 0 ]; then printf '%s%s\\n' {} "
        "\"$__foz_status\" >&2; exit 1; fi\n",
        shell_quote(lines[i]), shell_quote(title));
  }
  return script +
         fmt::format("unset __foz_status\nexec {} {}\n", shell_quote(agent), k_print_environment);
}

Environment parse_environment(std::string_view bytes) {
  Environment environment;
  for (const std::string_view entry : split(bytes, '\0')) {
    const std::string_view name = entry.substr(0, entry.find('='));
    if (name.empty() || name.size() == entry.size()) continue;
    if (std::find(k_shell_variables.begin(), k_shell_variables.end(), name) ==
        k_shell_variables.end())
      environment.emplace_back(entry);
  }
  return environment;
}

Setup::~Setup() {
  if (pid_ > 0) reaper_.forget(pid_);
}

void Setup::start(Request request, Done done) {
  request_ = std::move(request);
  done_ = std::move(done);
  if (auto spawned = spawn(); !spawned) {
    loop_.post([this, error = spawned.error()] { finish(fail(error)); });
    return;
  }
  reaper_.watch(pid_, [this](int status) { ended(status); });
  timer_ = loop_.after(request_.limit, [this] {
    timed_out_ = true;
    ::kill(-pid_, SIGKILL);
  });
}

Result<void> Setup::spawn() {
  captured_ = Fd(::memfd_create("foz-environment", MFD_CLOEXEC));
  if (!captured_) return fail(errno_error("cannot make a file in memory", errno));
  FOZ_TRY(output_, Output::open(loop_, request_.log, ""));
  SpawnRequest child;
  child.argv = {"bash", "--noprofile", "--norc", "-c", setup_script(request_.lines, request_.agent),
                "setup"};
  child.environment = request_.environment;
  child.workdir = request_.workdir;
  child.output = output_->writer();
  child.extra = captured_.get();
  FOZ_TRY(Spawned spawned, spawn_rank(child));
  output_->close_writer();
  pid_ = spawned.pid;
  outcome_ = std::move(spawned.outcome);
  return {};
}

void Setup::ended(int wait_status) {
  pid_ = -1;
  timer_.reset();
  output_->drain();
  if (wait_status != 0 || timed_out_) return finish(fail(describe_failure(wait_status)));
  ::lseek(captured_.get(), 0, SEEK_SET);
  auto bytes = read_file(fmt::format("/proc/self/fd/{}", captured_.get()), k_environment_limit);
  if (!bytes) return finish(fail(bytes.error()));
  if (bytes->empty()) return finish(fail(Code::failed, "setup ended before its last line"));
  finish(parse_environment(*bytes));
}

Error Setup::describe_failure(int wait_status) const {
  if (timed_out_)
    return {Code::failed, fmt::format("setup took over {} s", request_.limit.count() / 1000)};
  SpawnRequest asked;
  asked.argv = {"bash"};
  asked.workdir = request_.workdir;
  if (const auto why = read_spawn_error(outcome_.get(), asked))
    return {Code::failed, "setup: " + *why};
  const auto lines = output_->last_lines();
  if (!lines.empty() && lines.back().starts_with(k_failed_line)) {
    std::string sentence = lines.back().substr(std::string_view("foz: ").size());
    if (lines.size() > 1) sentence += ": " + printable(lines[lines.size() - 2]);
    return {Code::failed, sentence};
  }
  return {Code::failed, fmt::format("setup: {}", describe_wait_status(wait_status))};
}

void Setup::finish(Result<Environment> result) {
  if (done_) std::exchange(done_, nullptr)(std::move(result));
}

}  // namespace foz::agent
