/// What a node has for this job, read from its environment, /proc and /sys (hwloc comes with
/// placement to the NUMA node; what is needed today stands in these). `root` is "/" but for tests.
#pragma once

#include <cstdint>
#include <string>

#include "core/agent/world.h"
#include "core/base/fd.h"
#include "core/base/spawn.h"
#include "plugins/api/api.h"

namespace foz::agent {

/// The node of `environment`: name (SLURMD_NODENAME, else the host's), address by the form the site
/// gives, switch (SLURM_TOPOLOGY_ADDR), CPUs (SLURM_CPUS_ON_NODE, else those this process may run
/// on), memory (the tightest of cgroup limits, the job's word, and what is built in), GPUs, and the
/// path of its scratch folder, which is not made here.
[[nodiscard]] plugin::Node read_node(const Environment& environment, const TaskPlan& task,
                                     const fs::path& root = "/");

/// The tightest memory limit in MiB over the cgroups of this process, v1 or v2; 0: none.
[[nodiscard]] std::uint64_t read_memory_limit(const fs::path& root = "/");

/// How many processes the kernel has killed for memory in this process's cgroup; 0 when not known.
[[nodiscard]] std::uint64_t read_oom_kills(const fs::path& root = "/");

/// The address by a site's form: "" the host's name, "suffix:-ib0" the name and that,
/// "interface:ib0" that interface's first address (IPv4 before IPv6). The name when there is none.
[[nodiscard]] std::string find_address(const std::string& name, const std::string& form);

/// "$TMPDIR/x" and "${USER}" filled from the environment; an unset one is empty.
[[nodiscard]] std::string expand_variables(std::string_view text, const Environment& environment);

}  // namespace foz::agent
