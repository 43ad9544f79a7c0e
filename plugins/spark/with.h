/// The `with:` block of a Spark stage as values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plugins/api/api.h"
#include "plugins/spark/memory.h"
#include "plugins/spark/properties.h"

namespace foz::spark {

struct With {
  std::string script, main_class, python, spark_home, packages, event_log, cores;
  std::vector<std::string> args;
  Properties conf;
  Memory memory;
};

/// Whether the block's references are filled: while they are not, a size may not be known, and the
/// default stands for it.
enum class Values { open, filled };

/// A sentence for what the fields of describe() cannot say: a size or number that is none, a
/// setting that foz makes itself.
[[nodiscard]] plugin::Answer<With> read_with(const plugin::Value& with, Values values);

}  // namespace foz::spark
