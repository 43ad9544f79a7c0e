/// The variables that foz itself sets for every command: one table, for the agent, which sets them,
/// and for the page about them.
#pragma once

#include <array>
#include <string_view>

namespace foz::task {

namespace variable {
inline constexpr std::string_view k_run_dir = "FOZ_RUN_DIR";
inline constexpr std::string_view k_stage = "FOZ_STAGE";
inline constexpr std::string_view k_task_name = "FOZ_TASK_NAME";
inline constexpr std::string_view k_task_index = "FOZ_TASK_INDEX";
inline constexpr std::string_view k_attempt = "FOZ_ATTEMPT";
inline constexpr std::string_view k_matrix = "FOZ_MATRIX_";  ///< the beginning of several
inline constexpr std::string_view k_rank = "FOZ_RANK";
inline constexpr std::string_view k_local_rank = "FOZ_LOCAL_RANK";
inline constexpr std::string_view k_world_size = "FOZ_WORLD_SIZE";
}  // namespace variable

struct VariableHelp {
  std::string_view name;
  std::string_view help;
  bool in_setup = false;  ///< the lines of `setup` see it too
};

/// All of them; FOZ_MATRIX_ stands for those of a task's matrix.
inline constexpr auto k_variables = std::to_array<VariableHelp>({
    {variable::k_run_dir, "the run's folder", true},
    {variable::k_stage, "the stage's name", true},
    {variable::k_task_name, "the task's name, `train.3`; `train` for a stage without a matrix",
     true},
    {variable::k_task_index, "the task's number, from 0", true},
    {variable::k_attempt, "the task's attempt, from 1", true},
    {variable::k_matrix,
     "the task's value on each axis, the name in capitals, `-` and `.` as `_`: `FOZ_MATRIX_LR`, "
     "`FOZ_MATRIX_SAMPLE_ID`",
     true},
    {variable::k_rank, "the rank's number in the world, from 0", false},
    {variable::k_local_rank, "its number on its node, from 0", false},
    {variable::k_world_size, "ranks in the world", false},
});

}  // namespace foz::task
