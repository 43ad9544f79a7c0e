#include "cli/installation.h"

#include <system_error>

namespace foz::cli {

Result<Installation> find_installation() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error)
    return fail(with_context("finding this program's folder", {Code::failed, error.message()}));
  const fs::path bin = program.parent_path();
  return Installation{bin, bin.parent_path() / "share" / "foz"};
}

}  // namespace foz::cli
