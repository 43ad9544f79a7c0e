/// Site: how this cluster wants to be asked. Data only; nothing about a site is compiled in. First
/// cut: partitions, GPU names, setup lines, scratch, host address form and limits; the whole kit
/// (extends, probe, check) furnishes this room later.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/base/units.h"

namespace foz::site {

/// How a GPU kind is asked for here.
struct GpuKind {
  std::string name;       ///< the portable word: "a100"
  std::string gres;       ///< Slurm's type: "a100_80", or "" for untyped gpu:N
  std::string partition;  ///< partition to use when the stage names none; "" none
  std::string constraint;
};

struct Fabric {
  std::string name;       ///< "infiniband"
  std::string interface;  ///< "ib0"
  std::vector<std::pair<std::string, std::string>> env;
};

enum class MemoryForm {
  per_node,
  per_cpu,
  none
};  ///< what the site accepts: --mem, --mem-per-cpu, or nothing
enum class ReleaseFromNodes { allowed, forbidden };  ///< may a job call scontrol?

struct Site {
  std::string name = "generic";
  std::string origin;             ///< the file it came from
  std::string default_partition;  ///< "" = Slurm's default
  std::vector<GpuKind> gpus;
  std::vector<Fabric> fabrics;
  std::vector<std::string> setup;  ///< before the stage's own lines
  std::vector<std::pair<std::string, std::string>> env;
  std::string scratch;       ///< "$SLURM_TMPDIR", "/local/$USER"; "" = $TMPDIR or /tmp
  std::string address_form;  ///< "", "suffix:-ib0", "interface:ib0"
  std::string mpi_kind = "none";
  MemoryForm memory_form = MemoryForm::per_node;
  ReleaseFromNodes release_from_nodes = ReleaseFromNodes::allowed;
  std::vector<std::string> sbatch_args;  ///< mandatory options of the site, verbatim
  std::string run_folder;                ///< where .foz/runs goes; "" = beside the workflow
  Seconds outputs_wait{5};
  Seconds polling_floor{30};
  /// Jobs and array tasks that a user may have in the queue; 0: as many as the cluster takes.
  std::uint32_t jobs_at_once = 0;
  std::map<std::string, std::string> values;  ///< ${{ site.NAME }}
};

/// Reads a template; all errors at once.
[[nodiscard]] std::optional<Site> read_site(std::string_view text, const std::string& file_name,
                                            Diagnostics& diagnostics);

/// The search order: `explicit_path`, $FOZ_SITE, ./site.yaml of `folder` if it is no workflow,
/// $XDG_CONFIG_HOME/foz/site.yaml, /etc/foz/site.yaml, then the shipped generic one. A named
/// template ("sandbox") means the shipped file of that name.
[[nodiscard]] Result<fs::path> find_site(const std::string& explicit_path, const fs::path& folder,
                                         const fs::path& shipped);

}  // namespace foz::site
