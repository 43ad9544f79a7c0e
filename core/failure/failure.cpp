#include "core/failure/failure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "core/base/result.h"
#include "core/base/spawn.h"

namespace foz::failure {

namespace {

constexpr std::array<std::pair<Class, std::string_view>, 15> k_names = {{
    {Class::user_error, "user_error"},
    {Class::oom, "oom"},
    {Class::timeout, "timeout"},
    {Class::preempted, "preempted"},
    {Class::node_fail, "node_fail"},
    {Class::launch_failed, "launch_failed"},
    {Class::hang, "hang"},
    {Class::communication, "communication"},
    {Class::storage, "storage"},
    {Class::lost, "lost"},
    {Class::cancelled, "cancelled"},
    {Class::dependency_failed, "dependency_failed"},
    {Class::plugin_error, "plugin_error"},
    {Class::output_missing, "output_missing"},
    {Class::world_size, "world_size"},
}};

/// How likely an end is the cause of the others; smaller is likelier.
enum class Rank { out_of_memory, own_death, echo, stopped_by_us, ended_well };

Rank rank_of(const ProcessEnd& end) {
  if (end.oom_killed) return Rank::out_of_memory;
  if (end.wait_status == 0) return Rank::ended_well;
  if (end.ended_by_us) return Rank::stopped_by_us;
  return end.last_words_class == Class::communication ? Rank::echo : Rank::own_death;
}

Class class_of(const ProcessEnd& end) {
  if (end.oom_killed) return Class::oom;
  if (end.wait_status != 0 && end.ended_by_us) return Class::cancelled;
  if (end.bind_failure) return Class::launch_failed;
  return end.last_words_class.value_or(Class::user_error);
}

std::string who(const ProcessEnd& end) {
  const std::string role = end.role.empty() ? "rank " : fmt::format("rank {}.", end.role);
  return fmt::format("{}{}{}", role, end.role_rank,
                     end.node.empty() ? std::string() : " on " + end.node);
}

/// "was killed by signal 9 (SIGKILL)", "ended with exit status 3".
std::string how(int wait_status) {
  const std::string words = describe_wait_status(wait_status);
  return words.starts_with("killed") ? "was " + words : "ended with " + words;
}

std::string sentence_of(const ProcessEnd& end) {
  const std::string fate = how(end.wait_status);
  if (end.oom_killed) {
    return fmt::format(
        "{} went over its memory limit: the kernel killed a process of it, and it {}", who(end),
        fate);
  }
  if (end.ended_by_us && end.wait_status != 0) {
    return fmt::format("{} was stopped by foz and {}", who(end), fate);
  }
  if (end.bind_failure) return fmt::format("{} found its port taken and {}", who(end), fate);
  if (end.last_words_sentence.empty()) return fmt::format("{} {}", who(end), fate);
  return fmt::format("{} {}: {}", who(end), fate, end.last_words_sentence);
}

}  // namespace

std::string_view class_name(Class value) {
  const auto* const found = std::find_if(k_names.begin(), k_names.end(),
                                         [value](auto& one) { return one.first == value; });
  FOZ_ASSERT(found != k_names.end());
  return found->second;
}

std::optional<Class> find_class(std::string_view name) {
  const auto* const found = std::find_if(k_names.begin(), k_names.end(),
                                         [name](auto& one) { return one.second == name; });
  if (found == k_names.end()) return std::nullopt;
  return found->first;
}

const std::vector<Class>& all_classes() {
  static const std::vector<Class> k_all = [] {
    std::vector<Class> all;
    for (const auto& [value, name] : k_names) all.push_back(value);
    return all;
  }();
  return k_all;
}

Verdict judge(const std::vector<ProcessEnd>& ends) {
  FOZ_ASSERT(!ends.empty());
  const auto first = std::min_element(ends.begin(), ends.end(), [](auto& one, auto& other) {
    return std::tuple(rank_of(one), one.order) < std::tuple(rank_of(other), other.order);
  });
  return {class_of(*first), sentence_of(*first),
          static_cast<std::size_t>(std::distance(ends.begin(), first))};
}

}  // namespace foz::failure
