/// One rank's life on its node: files, log, process, end, and readiness where a line of its output
/// says it. Tells what happens, decides nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/agent/loop.h"
#include "core/agent/output.h"
#include "core/agent/rank_start.h"
#include "core/agent/reaper.h"
#include "core/failure/failure.h"

namespace foz::agent {

class Rank {
 public:
  struct Events {
    std::function<void()> running;
    std::function<void(std::string why)> not_started;
    std::function<void()> ready;
    std::function<void(std::string why)> not_ready;
    std::function<void(failure::ProcessEnd end, std::string broken_promise)> ended;
  };

  Rank(Loop& loop, Reaper& reaper, RankStart start, Events events);
  ~Rank();
  Rank(const Rank&) = delete;
  Rank& operator=(const Rank&) = delete;

  /// Exactly one of running and not_started follows, maybe before this returns; after running comes
  /// one ended.
  void begin();

  [[nodiscard]] std::size_t slot() const { return start_.slot; }
  [[nodiscard]] const std::string& title() const { return start_.title; }
  [[nodiscard]] bool is_alive() const { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::optional<plugin::Readiness>& readiness() const { return start_.ready; }
  /// Its end from now on was brought about by us.
  void mark_stopped() { stopped_by_us_ = true; }
  /// Takes in what is still in the pipe and gives the log's complaint, if any: when nothing is left
  /// of the world.
  [[nodiscard]] std::string close();

 private:
  [[nodiscard]] Result<void> write_files() const;
  [[nodiscard]] Result<void> spawn();
  void resolve_start();
  void on_ended(int wait_status);
  [[nodiscard]] failure::ProcessEnd describe_end(int wait_status) const;
  [[nodiscard]] std::string check_proof() const;
  void watch_for_line();

  enum class Started { pending, yes, no };

  Loop& loop_;
  Reaper& reaper_;
  RankStart start_;
  Events events_;
  std::unique_ptr<Output> output_;
  Loop::Handle line_deadline_;
  Fd outcome_;
  Loop::Handle outcome_handle_;
  pid_t pid_ = -1;
  Started started_ = Started::pending;
  bool stopped_by_us_ = false;
  std::uint64_t oom_kills_before_ = 0;
};

/// What an end that was not good means: the first of the patterns that a line holds; else what the
/// plugin says of the exit status; else the last line that is not empty. Pure.
void read_last_words(failure::ProcessEnd& end, const std::vector<plugin::LastWords>& patterns,
                     const std::map<int, std::string>& exit_codes);

}  // namespace foz::agent
