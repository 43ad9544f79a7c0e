/// Array indices as Slurm takes them, in pieces that it does not refuse. Pure. Private to this
/// room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.h"

namespace foz::run {

/// Slurm refuses an index list of more characters than this.
inline constexpr std::size_t k_max_index_list = 4096;
/// And a dependency of more than this [read in Slurm's source].
inline constexpr std::size_t k_max_dependency = 128U << 10U;

/// Index lists "0-9,12" that together name every index once, none longer than `limit`: one
/// submission or one selector each.
[[nodiscard]] std::vector<std::string> split_indices(std::vector<ArrayIndex> indices,
                                                     std::size_t limit = k_max_index_list);

/// "0-99%10" for a whole part of `count` elements; `at_most` 0: no throttle.
[[nodiscard]] std::string array_spec(std::uint32_t count, std::uint32_t at_most);

/// What a part may run at once, where the stage's bound is shared by its parts: at least 1 each.
[[nodiscard]] std::uint32_t share_of(std::uint32_t at_most, std::size_t parts, std::size_t part);

}  // namespace foz::run
