#include "core/run/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/host.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/journal/new_file.h"

namespace foz::run {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_look_again{200};
constexpr std::uint64_t k_longest_lock = 4096;
constexpr std::string_view k_released = "released\n";

struct Holder {
  std::string host, boot, pid_namespace, pid, start, random;
};

std::string first_line(const fs::path& path) {
  const auto text = read_file(path, 4096);
  return text ? std::string(trim(*text)) : std::string("-");
}

/// A pid is used again; with the time its process started it is not. "": there is no such process,
/// or only what is left of it.
std::string start_time(std::string_view pid) {
  const auto text = read_file(fmt::format("/proc/{}/stat", pid), 4096);
  if (!text) return {};
  const std::size_t behind_name = text->rfind(')');
  if (behind_name == text->npos) return {};
  const auto fields = split(trim(std::string_view(*text).substr(behind_name + 1)), ' ');
  constexpr std::size_t k_state = 0, k_start = 19;  // fields 3 and 22 of proc(5)
  if (fields.size() <= k_start || fields[k_state] == "Z" || fields[k_state] == "X") return {};
  return std::string(fields[k_start]);
}

std::string pid_namespace() {
  std::error_code error;
  const fs::path link = fs::read_symlink("/proc/self/ns/pid", error);
  return error ? "-" : link.native();
}

Holder myself() {
  const std::string pid = fmt::format("{}", ::getpid());
  return {host_name(),     first_line("/proc/sys/kernel/random/boot_id"), pid_namespace(), pid,
          start_time(pid), fmt::format("{:016x}", random_bits())};
}

std::string to_text(const Holder& holder) {
  return fmt::format("{} {} {} {} {} {}\n", holder.host, holder.boot, holder.pid_namespace,
                     holder.pid, holder.start, holder.random);
}

std::optional<Holder> parse(std::string_view text) {
  const auto words = split(trim(text), ' ');
  if (words.size() != 6) return std::nullopt;
  const auto word = [&words](std::size_t i) { return std::string(words[i]); };
  return Holder{word(0), word(1), word(2), word(3), word(4), word(5)};
}

bool is_known_dead(const Holder& holder, const Holder& me) {
  if (holder.host != me.host) return false;
  if (holder.boot != me.boot) return true;
  return holder.pid_namespace == me.pid_namespace && start_time(holder.pid) != holder.start;
}

fs::path file_of(const fs::path& folder, std::uint64_t number) {
  return folder / fmt::format("{}", number);
}

/// The numbers in the folder, in no order.
std::vector<std::uint64_t> numbers_in(const fs::path& folder) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const auto number = parse_integer(it->path().filename().native());
    if (number && *number > 0) numbers.push_back(static_cast<std::uint64_t>(*number));
  }
  return numbers;
}

/// The newest lock; and what shows that its holder lives.
struct Look {
  std::uint64_t number = 0;  ///< 0: there is none
  std::string text;
  std::int64_t seconds = 0, nanoseconds = 0;
  bool operator==(const Look&) const = default;
};

std::uint64_t highest_in(const fs::path& folder) {
  const auto numbers = numbers_in(folder);
  return numbers.empty() ? 0 : *std::max_element(numbers.begin(), numbers.end());
}

Look look_in(const fs::path& folder) {
  Look look;
  look.number = highest_in(folder);
  if (look.number == 0) return look;
  const fs::path path = file_of(folder, look.number);
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));  // a fresh handle: attributes anew
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return look;
  look.seconds = status.st_mtim.tv_sec;
  look.nanoseconds = status.st_mtim.tv_nsec;
  look.text = read_file(path, k_longest_lock).value_or("");
  return look;
}

void remove_older(const fs::path& folder, std::uint64_t number) {
  for (const std::uint64_t other : numbers_in(folder)) {
    if (other < number) ::unlink(file_of(folder, other).c_str());
  }
}

/// Whether lock `number` was made by this call, and is the newest.
Result<bool> make_lock(const fs::path& folder, std::uint64_t number, const std::string& identity) {
  const fs::path path = file_of(folder, number);
  auto made = journal::make_file(path, identity, Durability::cached);
  if (!made) {
    return fail(
        with_context(fmt::format("cannot lock '{}'", path.native()), std::move(made).error()));
  }
  if (*made == journal::Made::before) return false;
  if (highest_in(folder) != number) {
    ::unlink(path.c_str());
    return false;
  }
  remove_older(folder, number);
  return true;
}

tl::unexpected<Error> still_held(const std::string& text) {
  const auto holder = parse(text);
  return fail(Code::unavailable,
              holder ? fmt::format("another foz (process {} on {}) is at work on this run; try "
                                   "again when it has ended",
                                   holder->pid, printable(holder->host))
                     : "another foz is at work on this run; try again when it has ended");
}

}  // namespace

RunLock::RunLock(fs::path folder, std::uint64_t number, std::string identity)
    : folder_(std::move(folder)), number_(number), identity_(std::move(identity)) {}

RunLock::RunLock(RunLock&& other) noexcept
    : folder_(std::move(other.folder_)),
      number_(std::exchange(other.number_, 0)),
      identity_(std::move(other.identity_)) {}

RunLock::~RunLock() {
  if (number_ == 0 || !is_mine()) return;
  [[maybe_unused]] const auto ignored =
      write_file(file_of(folder_, number_), k_released, Durability::cached);
}

Result<RunLock> RunLock::take(const journal::RunFolder& folder, const Pause& pause) {
  const fs::path locks = folder.root() / "lock";
  FOZ_CHECK(make_directories(locks));
  const Holder me = myself();
  const std::string identity = to_text(me);
  std::optional<Look> last;
  milliseconds untouched{0}, waited{0};
  while (true) {
    Look seen = look_in(locks);
    untouched = seen == last ? untouched + k_look_again : milliseconds{0};
    const auto holder = parse(seen.text);
    const bool is_free = seen.number == 0 || seen.text == k_released;
    if (is_free || (holder && is_known_dead(*holder, me)) || untouched >= k_lock_patience) {
      FOZ_TRY(const bool is_made, make_lock(locks, seen.number + 1, identity));
      if (is_made) return RunLock(locks, seen.number + 1, identity);
      continue;
    }
    if (waited >= k_lock_wait) return still_held(seen.text);
    last = std::move(seen);
    pause(k_look_again);
    waited += k_look_again;
  }
}

bool RunLock::is_mine() const {
  const auto text = read_file(file_of(folder_, number_), k_longest_lock);
  return text && *text == identity_ && ::access(file_of(folder_, number_ + 1).c_str(), F_OK) != 0;
}

Result<void> RunLock::touch() const {
  if (!is_mine()) {
    return fail(Code::unavailable, "another foz has taken over this run; it goes on there");
  }
  ::utimensat(AT_FDCWD, file_of(folder_, number_).c_str(), nullptr, 0);
  return {};
}

}  // namespace foz::run
