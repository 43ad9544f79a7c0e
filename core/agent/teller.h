/// Who tells the ranks that they are to end.
#pragma once

namespace foz::agent {

enum class Teller {
  agent,    ///< this program sends SIGTERM
  outside,  ///< SIGTERM came from outside: Slurm sends it to every process of a job by itself
};

}  // namespace foz::agent
