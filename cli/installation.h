/// Where this installation's own files lie: beside the running program, so that one copied folder
/// works.
///
///   PREFIX/bin/foz, foz-agent, foz-libslurm
///   PREFIX/share/foz/plugins/NAME/, site/NAME.yaml
///
/// A build folder has the same shape.
#pragma once

#include "core/base/fd.h"

namespace foz::cli {

struct Installation {
  fs::path bin;
  fs::path share;

  [[nodiscard]] fs::path agent() const { return bin / "foz-agent"; }
  [[nodiscard]] fs::path plugins() const { return share / "plugins"; }
  [[nodiscard]] fs::path sites() const { return share / "site"; }
};

/// From /proc/self/exe.
[[nodiscard]] Result<Installation> find_installation();

}  // namespace foz::cli
