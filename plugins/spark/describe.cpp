#include "plugins/spark/spark.h"

namespace foz::spark {

namespace {

using plugin::Field;
using plugin::FieldType;
using plugin::LastWords;
using plugin::Value;

Field required(std::string name, FieldType type, std::string help) {
  return {std::move(name), type, true, {}, {}, {}, std::move(help)};
}

Field optional(std::string name, FieldType type, std::string help,
               std::optional<Value> fallback = {}) {
  return {std::move(name), type, false, std::move(fallback), {}, {}, std::move(help)};
}

std::vector<Field> fields() {
  return {
      required("script", FieldType::path, "the Python script or the jar to run"),
      optional("args", FieldType::list, "its arguments", Value(Value::List{})),
      optional("main_class", FieldType::text,
               "the class in the jar; empty: what the jar's manifest says"),
      optional("driver_memory", FieldType::bytes, "Java heap of the driver", Value("1GiB")),
      optional("worker_memory", FieldType::bytes,
               "heap for executors on each node; without it what the node has left"),
      optional("master_memory", FieldType::bytes, "Java heap of the master", Value("512MiB")),
      optional("cores", FieldType::integer, "cores of each worker; without it the node's CPUs"),
      optional("conf", FieldType::map, "further settings of Spark", Value(Value::Map{})),
      optional("packages", FieldType::path, "a folder: its jars go with the application"),
      optional("python", FieldType::text, "the Python of driver and executors", Value("python3")),
      optional("spark_home", FieldType::path,
               "an unpacked Spark; without it $SPARK_HOME, then the pyspark of `python`"),
      optional("event_log", FieldType::text,
               "folder of the event log; without it spark-events in the task's folder"),
  };
}

/// First match wins.
std::vector<LastWords> last_words() {
  const std::string port_taken = "a port that Spark was given is taken on this node";
  const std::string no_java =
      "no Java was found on the node; on Debian: apt-get install openjdk-17-jre-headless";
  return {
      {"java.net.BindException", "launch_failed", port_taken, true},
      {"Address already in use", "launch_failed", port_taken, true},
      {"java.lang.OutOfMemoryError", "oom",
       "a Java process of Spark ran out of heap: give more memory_per_node or driver_memory",
       false},
      {"All masters are unresponsive", "communication",
       "the master could not be reached from a worker or the driver", false},
      {"no Java was found", "launch_failed", no_java, false},
      {"JAVA_HOME is not set", "launch_failed", no_java, false},
      {"UnsupportedClassVersionError", "launch_failed",
       "this Spark needs a newer Java; on Debian: apt-get install openjdk-17-jre-headless", false},
      {"no Spark was found", "launch_failed",
       "no Spark was found on the node: give spark_home, or install pyspark for `python`", false},
      {"Failed to find Spark jars directory", "launch_failed", "spark_home holds no built Spark",
       false},
  };
}

}  // namespace

plugin::Description describe() {
  plugin::Description description;
  description.name = "spark";
  description.summary = "Spark standalone: a master, a worker on every node, and your application";
  description.fields = fields();
  description.exit_codes = {{50, "a Spark process ended on an uncaught exception"},
                            {52, "a Spark process ran out of memory"}};
  description.last_words = last_words();
  return description;
}

}  // namespace foz::spark
