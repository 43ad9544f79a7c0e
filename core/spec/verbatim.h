/// `sbatch_args` and `srun_args`: options that go to Slurm word for word, unless they fight what
/// foz sets itself. Read as getopt_long reads them: `--name=value`, `--name value`, any unambiguous
/// beginning of a name, `-N4`, `-HN4`.
#pragma once

#include <vector>

#include "core/base/diagnostic.h"

namespace foz::spec {

enum class Program { sbatch, srun };

/// One error for each word that foz cannot let through: an option it sets, an option that has a key
/// of its own, a word that is no option (Slurm would take it for the program to run).
void check_verbatim(Program program, const std::vector<Located<std::string>>& words,
                    Diagnostics& diagnostics);

}  // namespace foz::spec
