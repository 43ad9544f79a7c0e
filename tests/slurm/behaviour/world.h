/// Where the behaviour tests take place: a Slurm, real or played, and a way to let its jobs go on.
/// The tests know nothing else, so that every back end is held to the same.
///
/// Jobs run one script, whose first argument says what it does:
///   exit CODE        ends at once
///   wait GATE        until the gate is opened, then ends well; each element of an array has its
///   own record FILE ARG* leaves its arguments and environment, NUL-separated (real Slurm only)
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/slurm/scheduler.h"

namespace foz::slurm {

enum class WorldKind { fake, commands, libslurm };
[[nodiscard]] std::string world_name(WorldKind kind);

class World {
 public:
  virtual ~World() = default;
  [[nodiscard]] virtual Scheduler& scheduler() = 0;
  /// A scheduler of the same kind that waits for a second only.
  [[nodiscard]] virtual Scheduler& impatient_scheduler() = 0;
  /// A request for a job that does what `args` say, with a name that no other job has.
  [[nodiscard]] virtual SubmitRequest job(std::vector<std::string> args) = 0;
  virtual void open_gate(const std::string& gate) = 0;
  /// While silent, the controller answers nobody.
  virtual void silence() = 0;
  virtual void speak() = 0;
  /// Lets what can happen happen, once.
  virtual void go_on() = 0;
};

[[nodiscard]] std::unique_ptr<World> make_fake_world();
/// Over the test program's sandbox (sandbox_of_this_program()).
[[nodiscard]] std::unique_ptr<World> make_slurm_world(WorldKind kind);

/// Why there is no real Slurm to test with; empty: there is. Starts the sandbox at first.
[[nodiscard]] const std::string& why_no_slurm();
/// Why there is no libslurm helper; empty: there is.
[[nodiscard]] std::string why_no_helper();
/// The environment in which commands reach the sandbox.
[[nodiscard]] Environment sandbox_environment();
/// A folder that all of the sandbox's nodes see, gone with the program.
[[nodiscard]] std::string sandbox_folder();
/// Standard output of one of Slurm's commands in the sandbox.
[[nodiscard]] std::string output_of(std::vector<std::string> argv);

/// Lets `world` go on until `condition` holds; false after a minute.
[[nodiscard]] bool eventually(World& world, const std::function<bool()>& condition);

}  // namespace foz::slurm
