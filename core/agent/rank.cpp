#include "core/agent/rank.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "core/agent/hardware.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

constexpr std::size_t k_longest_words = 300;

std::string shorten(std::string_view line) {
  std::string shown = printable(trim(line));
  if (shown.size() > k_longest_words) shown = shown.substr(0, k_longest_words) + "...";
  return shown;
}

bool holds(const std::vector<std::string>& lines, const std::string& text) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](auto& line) { return line.find(text) != line.npos; });
}

}  // namespace

void read_last_words(failure::ProcessEnd& end, const std::vector<plugin::LastWords>& patterns,
                     const std::map<int, std::string>& exit_codes) {
  if (end.wait_status == 0) return;
  for (const plugin::LastWords& pattern : patterns) {
    if (!holds(end.last_lines, pattern.contains)) continue;
    end.last_words_class = failure::find_class(pattern.failure_class);
    end.last_words_sentence = pattern.sentence;
    end.bind_failure = pattern.bind_failure;
    return;
  }
  const auto meaning =
      exit_codes.find(WIFEXITED(end.wait_status) ? WEXITSTATUS(end.wait_status) : -1);
  if (meaning != exit_codes.end()) {
    end.last_words_sentence = meaning->second;
    return;
  }
  const auto last = std::find_if(end.last_lines.rbegin(), end.last_lines.rend(),
                                 [](auto& line) { return !trim(line).empty(); });
  if (last == end.last_lines.rend()) return;
  // called what it is: it need not be the cause
  end.last_words_sentence = "the last line of its log is \"" + shorten(*last) + "\"";
}

Rank::Rank(Loop& loop, Reaper& reaper, RankStart start, Events events)
    : loop_(loop), reaper_(reaper), start_(std::move(start)), events_(std::move(events)) {}

Rank::~Rank() {
  if (is_alive()) reaper_.forget(pid_);
}

void Rank::begin() {
  oom_kills_before_ = read_oom_kills();
  auto begun = write_files();
  if (begun) begun = spawn();
  if (begun) return;
  started_ = Started::no;
  events_.not_started(begun.error().message);
}

Result<void> Rank::write_files() const {
  for (const std::string& folder : start_.folders) FOZ_CHECK(make_directories(folder));
  for (const plugin::File& file : start_.files) {
    FOZ_CHECK(make_directories(fs::path(file.path).parent_path()));
    FOZ_CHECK(write_file(file.path, file.content, Durability::cached, file.mode));
  }
  if (!start_.proof) return {};
  // A proof left by an earlier start proves nothing.
  ::unlink(start_.proof->file.c_str());
  return make_directories(fs::path(start_.proof->file).parent_path());
}

Result<void> Rank::spawn() {
  FOZ_TRY(output_, Output::open(loop_, start_.log, start_.separator));
  watch_for_line();
  start_.spawn.output = output_->writer();
  FOZ_TRY(Spawned spawned, spawn_rank(start_.spawn));
  output_->close_writer();
  pid_ = spawned.pid;
  outcome_ = std::move(spawned.outcome);
  reaper_.watch(pid_, [this](int status) { on_ended(status); });
  outcome_handle_ = loop_.on_readable(outcome_.get(), [this] { resolve_start(); });
  return {};
}

void Rank::watch_for_line() {
  if (!start_.ready || start_.ready->line.empty()) return;
  output_->watch_for_line(start_.ready->line, [this] {
    line_deadline_.reset();
    events_.ready();
  });
  line_deadline_ = loop_.after(std::chrono::seconds(start_.ready->timeout_s), [this] {
    events_.not_ready(fmt::format("no line of its output held {} within {} s",
                                  quoted(start_.ready->line), start_.ready->timeout_s));
  });
}

void Rank::resolve_start() {
  if (started_ != Started::pending) return;
  outcome_handle_.reset();
  if (const auto why = read_spawn_error(outcome_.get(), start_.spawn)) {
    started_ = Started::no;
    return events_.not_started(*why);
  }
  started_ = Started::yes;
  // The environment is the largest thing that a running rank would keep here.
  start_.spawn.environment = {};
  events_.running();
}

void Rank::on_ended(int wait_status) {
  pid_ = -1;
  resolve_start();
  line_deadline_.reset();
  if (started_ == Started::no) return;
  output_->drain();
  events_.ended(describe_end(wait_status), wait_status == 0 ? check_proof() : "");
}

failure::ProcessEnd Rank::describe_end(int wait_status) const {
  failure::ProcessEnd end;
  end.role = start_.role;
  end.role_rank = start_.role_rank;
  end.node = start_.node;
  end.wait_status = wait_status;
  end.ended_by_us = stopped_by_us_;
  end.oom_killed = !stopped_by_us_ && wait_status != 0 && read_oom_kills() > oom_kills_before_;
  end.last_lines = output_->last_lines();
  read_last_words(end, start_.last_words, start_.exit_codes);
  return end;
}

std::string Rank::check_proof() const {
  if (!start_.proof) return {};
  const auto text = read_file(start_.proof->file, 1U << 20U);
  if (!text)
    return fmt::format("{}: {} left no proof ({})", start_.proof->sentence, start_.title,
                       text.error().message);
  const std::string_view line = trim(std::string_view(*text).substr(0, text->find('\n')));
  if (line == start_.proof->equals) return {};
  return fmt::format("{}: {} says {}, not {}", start_.proof->sentence, start_.title, quoted(line),
                     quoted(start_.proof->equals));
}

std::string Rank::close() {
  if (!output_) return {};
  output_->drain();
  std::string complaint = output_->complaint();
  output_.reset();
  return complaint;
}

}  // namespace foz::agent
