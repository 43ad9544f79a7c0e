#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <future>

#include "core/base/text.h"
#include "core/slurm/commands.h"
#include "core/slurm/communication.h"
#include "core/slurm/fake.h"
#include "core/slurm/helper_client.h"
#include "core/slurm/scheduler.h"

namespace foz::slurm {

namespace {

constexpr std::chrono::milliseconds k_version_deadline{5'000};

/// Stateless, so that schedulers may keep a reference for ever.
const SystemClock& system_clock() {
  static const SystemClock clock;
  return clock;
}

CommandsSetup commands_setup() {
  CommandsSetup setup;
  setup.environment = clean_environment(current_environment()).environment;
  return setup;
}

Chosen commands(std::string why) {
  return Chosen{std::make_unique<CommandsScheduler>(commands_setup(), system_clock()),
                std::move(why)};
}

Result<Chosen> fake() {
  const auto folder = find_variable(current_environment(), "FOZ_FAKE_SLURM");
  if (!folder || folder->empty()) {
    return fail(Code::failed,
                "the fake scheduler needs FOZ_FAKE_SLURM: set it to an existing folder");
  }
  return Chosen{open_fake_folder(*folder, system_clock()),
                fmt::format("a fake cluster in '{}', as asked for", printable(*folder))};
}

/// The release of the cluster's own commands, without an RPC. Code::not_found: there is no cluster.
Result<std::string> cluster_release() {
  Command command;
  command.argv = {"scontrol", "-V"};
  command.environment = commands_setup().environment;
  command.deadline = k_version_deadline;
  const auto finished = run_command(command);
  if (!finished) return fail(start_error("scontrol", finished.error()));
  std::string release = release_of(finished->out);
  if (!release.empty()) return release;
  if (is_without_configuration(said(*finished)))
    return fail(Code::not_found, std::string(k_not_configured) + said(*finished));
  return fail(Code::failed,
              "'scontrol -V' does not say which release of Slurm this is:" + said(*finished));
}

/// Slurm's commands and its library each look for a minute for a configuration that is not there,
/// as that of a sandbox that is gone.
Result<void> check_configuration() {
  const auto path = find_variable(current_environment(), "SLURM_CONF");
  if (!path || path->empty() || ::access(path->c_str(), R_OK) == 0) return {};
  return fail(Code::unavailable,
              fmt::format("no Slurm can be asked: SLURM_CONF names '{}', which cannot be read: {}",
                          printable(*path), std::strerror(errno)));
}

Result<std::unique_ptr<HelperScheduler>> launch(const std::string& helper_dir) {
  HelperSetup setup;
  setup.program = helper_dir + "/foz-libslurm";
  setup.commands = commands_setup();
  if (::access(setup.program.c_str(), X_OK) != 0) {
    return fail(Code::not_found,
                fmt::format("there is no libslurm helper '{}'", printable(setup.program)));
  }
  return HelperScheduler::launch(std::move(setup), system_clock());
}

}  // namespace

/// The helper is a child of the calling thread (it dies with it); the commands are asked beside it.
struct Opening::Helper {
  Helper(const std::string& helper_dir, std::optional<std::string> release)
      : launched(launch(helper_dir)), known(std::move(release)) {
    if (launched && !known) asked = std::async(std::launch::async, cluster_release);
  }

  /// The helper, if it is of the cluster's release; else why not.
  Result<Chosen> finish() {
    FOZ_TRY(auto helper, std::move(launched));
    const auto release = known ? Result<std::string>(*known) : asked.get();
    is_anywhere = release || release.error().code != Code::not_found;
    FOZ_TRY(const std::string wanted, release);
    FOZ_CHECK(helper->greet());
    if (!is_same_release(helper->compiled(), wanted)) {
      return fail(Code::invalid,
                  fmt::format("the libslurm helper is for Slurm {}, the cluster runs {}",
                              helper->compiled(), wanted));
    }
    std::string why = fmt::format("the libslurm helper is for Slurm {}, as the cluster runs {}",
                                  helper->compiled(), wanted);
    return Chosen{std::move(helper), std::move(why)};
  }

  Result<std::unique_ptr<HelperScheduler>> launched;
  std::optional<std::string> known;
  std::future<Result<std::string>> asked;  ///< where it is not known
  bool is_anywhere = true;                 ///< false: the commands would find no cluster either
};

Opening::Opening(Backend backend, const std::string& helper_dir, std::optional<std::string> release)
    : backend_(backend) {
  if (backend != Backend::fake) configuration_ = check_configuration();
  if (configuration_ && (backend == Backend::libslurm || backend == Backend::automatic)) {
    helper_ = std::make_unique<Helper>(helper_dir, std::move(release));
  }
}
Opening::Opening(Opening&&) noexcept = default;
Opening& Opening::operator=(Opening&&) noexcept = default;
Opening::~Opening() = default;

Result<Chosen> Opening::finish() {
  if (backend_ == Backend::fake) return fake();
  FOZ_CHECK(configuration_);
  if (backend_ == Backend::commands) return commands("as asked for");
  auto chosen = helper_->finish();
  if (!helper_->is_anywhere) return fail(Code::unavailable, chosen.error().message);
  if (chosen || backend_ == Backend::libslurm) return chosen;
  return commands(chosen.error().message + ": using the commands");
}

Result<Chosen> open_scheduler(Backend backend, const std::string& helper_dir) {
  return Opening(backend, helper_dir).finish();
}

}  // namespace foz::slurm
