/// Strong types for the numbers that must not be mixed up, and the names foz makes safe before they
/// reach a path, a script or Slurm.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace foz {

/// An integer that only equals its own kind.
template <class Tag, class Rep>
struct StrongId {
  Rep value{};
  auto operator<=>(const StrongId&) const = default;
};

using JobId = StrongId<struct JobIdTag, std::uint32_t>;  ///< Slurm's id; 0 is none
using TaskIndex =
    StrongId<struct TaskIndexTag, std::uint64_t>;  ///< element of a stage's matrix, from 0
using ArrayIndex =
    StrongId<struct ArrayIndexTag, std::uint32_t>;  ///< SLURM_ARRAY_TASK_ID, from 0 within its part
using Rank = StrongId<struct RankTag, std::uint32_t>;
using NodeIndex =
    StrongId<struct NodeIndexTag, std::uint32_t>;  ///< position in the allocation's node list
using Attempt = StrongId<struct AttemptTag, std::uint32_t>;  ///< from 1

/// A task's address: stage and element. Printed "train.3"; a stage without a matrix has the single
/// element 0, printed "train".
struct TaskId {
  std::string stage;
  TaskIndex index;
  auto operator<=>(const TaskId&) const = default;
};

/// True for names that are safe in a path, a shell and Slurm: a letter or digit first, then
/// letters, digits, '_', '-'; 1 to 64 characters. ('.' separates stage and index, so it is not
/// allowed.)
[[nodiscard]] bool is_safe_name(std::string_view name);

/// A pronounceable run id like "brave-tide-4f2a", from 64 random bits.
[[nodiscard]] std::string make_run_id(std::uint64_t random_bits);
[[nodiscard]] bool is_run_id(std::string_view text);

/// 64 bits from the kernel.
[[nodiscard]] std::uint64_t random_bits();

}  // namespace foz

template <class Tag, class Rep>
struct std::hash<foz::StrongId<Tag, Rep>> {
  std::size_t operator()(const foz::StrongId<Tag, Rep>& id) const {
    return std::hash<Rep>{}(id.value);
  }
};
