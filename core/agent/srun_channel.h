/// The channel to several nodes: one srun, whose standard input is broadcast to every node agent
/// and whose standard output brings their lines. No port, no key, no interface to choose.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/agent/channel.h"
#include "core/agent/job.h"
#include "core/base/spawn.h"

namespace foz::agent {

struct SrunSetting {
  JobFacts job;
  std::vector<std::string> srun_args;  ///< the user's, verbatim
  Environment environment;             ///< the job's
  std::string program;                 ///< this program, where every node sees it
};
[[nodiscard]] std::unique_ptr<Channel> make_srun_channel(Loop& loop, Reaper& reaper,
                                                         SrunSetting setting);

}  // namespace foz::agent
