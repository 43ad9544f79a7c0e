/// Answers of Slurm's commands, made up for tests.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/spawn.h"
#include "core/slurm/delimited.h"

namespace foz::slurm {

inline Finished ended(int status, std::string out, std::string err = {}) {
  return Finished{status << 8, std::move(out), std::move(err)};
}

inline Finished killed(int signal, std::string out = {}, std::string err = {}) {
  return Finished{signal, std::move(out), std::move(err)};
}

/// A row as squeue and sinfo print it with foz's formats; `front` is the throw-away column.
inline std::string marked_row(std::initializer_list<std::string_view> fields,
                              std::string_view front = {}) {
  std::string row(front);
  row += k_row_mark;
  for (const std::string_view field : fields) {
    row += field;
    row += k_field_mark;
  }
  return row + "\n";
}

/// A row as sacct prints it: marks behind every field, none in front.
inline std::string closed_row(std::initializer_list<std::string_view> fields) {
  std::string row;
  for (const std::string_view field : fields) {
    row += field;
    row += k_field_mark;
  }
  return row + "\n";
}

}  // namespace foz::slurm
