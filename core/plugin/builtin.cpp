#include "core/plugin/builtin.h"

#include "plugins/spark/spark.h"

namespace foz::plugin {

const std::vector<Builtin>& builtins() {
  static const std::vector<Builtin> all{{"spark", spark::make_plugin}};
  return all;
}

}  // namespace foz::plugin
