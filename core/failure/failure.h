/// What went wrong, in classes that policy can act upon. Pure: evidence in, class and sentence out;
/// used by the keeper inside the job and by observe on the login node alike. Knows nothing of
/// Slurm, of frameworks or of what is done about a failure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foz::failure {

enum class Class {
  user_error,  ///< the user's program ended with an error of its own
  oom,         ///< memory limit
  timeout,     ///< time limit
  preempted,
  node_fail,
  launch_failed,  ///< the program or its world never started
  hang,
  communication,
  storage,
  lost,  ///< an attempt ended without saying anything
  cancelled,
  dependency_failed,  ///< a parent's record did not allow the start
  plugin_error,       ///< the plugin gave no usable answer
  output_missing,     ///< ended well, but a declared output is not there or not of this attempt
  world_size,         ///< the world had not the size asked for
};

[[nodiscard]] std::string_view class_name(Class value);
[[nodiscard]] std::optional<Class> find_class(std::string_view name);
/// Every class, in the order above.
[[nodiscard]] const std::vector<Class>& all_classes();

/// What is known about one process that ended.
struct ProcessEnd {
  std::string role;
  unsigned role_rank = 0;
  std::string node;
  int wait_status = 0;
  bool ended_by_us = false;   ///< we had sent it a signal before
  bool oom_killed = false;    ///< the cgroup counted an OOM kill for it
  bool bind_failure = false;  ///< its last words name a taken port
  long order = 0;             ///< who ended first; smaller is earlier
  std::vector<std::string> last_lines;
  std::optional<Class> last_words_class;  ///< from the plugin's patterns
  std::string last_words_sentence;
};

/// A class with the sentence that a user reads.
struct Verdict {
  Class cls = Class::user_error;
  std::string sentence;     ///< "rank worker.1 on n2 was killed by signal 9 (SIGKILL)"
  std::size_t culprit = 0;  ///< index into the ends given
};

/// The first cause among several ends. A memory kill comes first (also one whose process hid it and
/// exited 0), then deaths that we did not bring about, the earliest of them; echoes (a survivor's
/// "connection reset") never win over the death that caused them, whatever the order. `ends` is not
/// empty.
[[nodiscard]] Verdict judge(const std::vector<ProcessEnd>& ends);

}  // namespace foz::failure
