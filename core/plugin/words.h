/// The words of the contract's enumerations, in the order of their values.
#pragma once

#include <array>
#include <string_view>

namespace foz::plugin {

inline constexpr std::array<std::string_view, 9> k_field_types{
    "text", "int", "number", "bool", "duration", "bytes", "list", "map", "path"};
inline constexpr std::array<std::string_view, 3> k_restarts{"world", "role", "rank"};
inline constexpr std::array<std::string_view, 2> k_terminates{"shield", "pass"};
inline constexpr std::array<std::string_view, 2> k_spawners{"agent", "pmix"};
inline constexpr std::array<std::string_view, 3> k_places{"all", "first", "rest"};
inline constexpr std::array<std::string_view, 5> k_reactions{"", "restart_world", "restart_role",
                                                             "restart_rank", "fail"};
/// What a plugin may call a failure: the classes of core/failure that a framework's last words can
/// tell (held against them by a test).
inline constexpr std::array<std::string_view, 9> k_failure_classes{
    "user_error", "oom",     "timeout",       "node_fail", "launch_failed",
    "hang",       "storage", "communication", "world_size"};

}  // namespace foz::plugin
