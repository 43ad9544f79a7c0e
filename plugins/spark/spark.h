/// Spark standalone inside an allocation: a master, a worker on every node, and the driver, each a
/// rank in the foreground. No ssh, no daemons.
///
///   master   first node, helper    ready when its /json/ says ALIVE
///   worker   every node            ready when the master's /json/ counts them all
///   driver   first node, helper    spark-submit in client mode; its end is the step's end, its
///                                  exit code the step's
///
/// Pure: answers from its arguments alone. What only the node knows (where Spark and Java are) is
/// found by foz_spark.sh, pinned beside.
#pragma once

#include <memory>

#include "plugins/api/api.h"

namespace foz::spark {

[[nodiscard]] std::unique_ptr<plugin::Plugin> make_plugin();

[[nodiscard]] plugin::Description describe();
[[nodiscard]] plugin::Answer<plugin::Shape> shape(const plugin::ShapeRequest& request);
[[nodiscard]] plugin::Answer<plugin::Launch> launch(const plugin::LaunchRequest& request);

}  // namespace foz::spark
