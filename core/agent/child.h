/// What a child of the agent does between fork and what it is for. System calls, and nothing that
/// touches the agent's objects.
#pragma once

#include <sys/types.h>

namespace foz::agent {

/// A session of its own; it ends with the agent whose process is `agent`.
void leave_agent(pid_t agent);

/// The agent's files, pipes and sockets: who reads their other ends must not wait for this child.
void close_all_descriptors() noexcept;

/// The same as /proc/self/fd lists them, where the kernel (before 5.9) or a filter refuses
/// close_range(2).
void close_listed_descriptors() noexcept;

}  // namespace foz::agent
