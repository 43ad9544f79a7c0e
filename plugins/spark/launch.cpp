#include <algorithm>

#include "plugins/spark/spark.h"
#include "plugins/spark/with.h"

namespace foz::spark {

namespace {

using plugin::Launch;
using plugin::LaunchRequest;
using plugin::Readiness;
using plugin::RoleLaunch;

constexpr const char* k_properties_file = "spark.properties";
constexpr const char* k_properties_path = "${{ rank_dir }}/spark.properties";
constexpr const char* k_master_url = "spark://${{ endpoints.master.rpc }}";
/// Masters and workers do little: compiled lightly they are there in half the time, for half the
/// CPU.
constexpr const char* k_daemon_options = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
constexpr std::uint32_t k_ready_timeout_s = 120;
constexpr std::uint32_t k_stop_grace_s = 20;

std::string megabytes(std::uint64_t mib) {
  return std::to_string(mib) + "m";
}

/// A folder of this rank alone on the node's own disk; without one, the rank's folder.
std::string scratch(const LaunchRequest& request) {
  const bool is_known = std::all_of(request.nodes.begin(), request.nodes.end(),
                                    [](const plugin::Node& node) { return !node.scratch.empty(); });
  return is_known ? "${{ node.scratch }}/spark-${{ role }}-${{ role_rank }}" : "${{ rank_dir }}";
}

/// Settings that every process of this start shares. Kill buttons are off: a page that anyone on
/// the network may see.
Properties shared_settings(const LaunchRequest& request) {
  return {{"spark.authenticate", "true"},
          {"spark.authenticate.secret", request.nonce},
          {"spark.ui.killEnabled", "false"}};
}

Properties daemon_settings(const LaunchRequest& request) {
  Properties out = shared_settings(request);
  out.emplace_back("spark.port.maxRetries",
                   "0");  // another port than the one we wait for is no start
  out.emplace_back("spark.master.rest.enabled", "false");
  return out;
}

std::string event_log(const LaunchRequest& request, const With& with) {
  return with.event_log.empty() ? plugin::literal(request.task_dir) + "/spark-events"
                                : with.event_log;
}

Properties driver_settings(const LaunchRequest& request, const With& with,
                           std::uint64_t worker_mib) {
  Properties out = shared_settings(request);
  const Properties more{{"spark.master", k_master_url},
                        {"spark.submit.deployMode", "client"},
                        {"spark.driver.host", "${{ node.address }}"},
                        {"spark.driver.bindAddress", "${{ node.address }}"},
                        {"spark.driver.port", "${{ port.rpc }}"},
                        {"spark.driver.blockManager.port", "${{ port.block }}"},
                        {"spark.driver.memory", megabytes(with.memory.driver_mib)},
                        {"spark.executor.memory", megabytes(worker_mib)},
                        {"spark.ui.port", "${{ port.ui }}"},
                        {"spark.ui.showConsoleProgress", "false"},
                        {"spark.log.level", "WARN"},
                        {"spark.eventLog.enabled", "true"},
                        {"spark.eventLog.dir", event_log(request, with)}};
  out.insert(out.end(), more.begin(), more.end());
  out.insert(out.end(), with.conf.begin(), with.conf.end());
  return out;
}

/// What all three roles have in common. `daemon_mib` is the Java heap of a daemon.
RoleLaunch common(const LaunchRequest& request, const With& with, std::string role,
                  std::uint64_t daemon_mib) {
  RoleLaunch out;
  out.role = std::move(role);
  out.argv = {"sh", plugin::literal(request.plugin_dir) + "/foz_spark.sh"};
  out.unset = {"SPARK_MASTER_*",         "SPARK_WORKER_*",      "SPARK_DAEMON_*",
               "SPARK_LOCAL_*",          "SPARK_EXECUTOR_*",    "SPARK_DRIVER_MEMORY",
               "SPARK_PUBLIC_DNS",       "SPARK_ENV_LOADED",    "SPARK_CONNECT_*",
               "SPARK_REMOTE",           "PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_*",
               "PYSPARK_DRIVER_PYTHON*", "FOZ_SPARK_*"};
  out.env = {{"SPARK_LOCAL_IP", "${{ node.address }}"},
             {"SPARK_LOCAL_DIRS", scratch(request) + "/local"},
             {"SPARK_DAEMON_MEMORY", megabytes(daemon_mib)},
             {"SPARK_DAEMON_JAVA_OPTS", k_daemon_options},
             {"PYSPARK_PYTHON", with.python},
             {"FOZ_SPARK_PYTHON", with.python}};
  if (!with.spark_home.empty()) out.env.emplace_back("FOZ_SPARK_HOME", with.spark_home);
  return out;
}

void add(std::vector<std::string>& argv, std::vector<std::string> more) {
  argv.insert(argv.end(), std::make_move_iterator(more.begin()),
              std::make_move_iterator(more.end()));
}

Readiness master_says(std::vector<std::pair<std::string, std::string>> json) {
  Readiness ready;
  ready.role = "master";
  ready.http_port = "ui";
  ready.http_path = "/json/";
  ready.json_equals = std::move(json);
  ready.timeout_s = k_ready_timeout_s;
  return ready;
}

RoleLaunch master(const LaunchRequest& request, const With& with) {
  RoleLaunch out = common(request, with, "master", with.memory.master_mib);
  add(out.argv, {"daemon", "org.apache.spark.deploy.master.Master", "--host", "${{ node.address }}",
                 "--port", "${{ port.rpc }}", "--webui-port", "${{ port.ui }}", "--properties-file",
                 k_properties_path});
  out.files = {{k_properties_file, to_text(daemon_settings(request)), 0600}};
  out.ready = master_says({{"status", "ALIVE"}});
  return out;
}

RoleLaunch worker(const LaunchRequest& request, const With& with, std::uint64_t worker_mib,
                  std::size_t count) {
  RoleLaunch out = common(request, with, "worker", k_default_master_mib);
  add(out.argv, {"daemon", "org.apache.spark.deploy.worker.Worker", "--host", "${{ node.address }}",
                 "--port", "${{ port.rpc }}", "--webui-port", "${{ port.ui }}", "--cores",
                 with.cores.empty() ? "${{ node.cpus }}" : with.cores, "--memory",
                 megabytes(worker_mib), "--work-dir", scratch(request) + "/work",
                 "--properties-file", k_properties_path, k_master_url});
  out.files = {{k_properties_file, to_text(daemon_settings(request)), 0600}};
  out.after = {"master"};
  out.ready = master_says({{"status", "ALIVE"}, {"aliveworkers", std::to_string(count)}});
  return out;
}

RoleLaunch driver(const LaunchRequest& request, const With& with, std::uint64_t worker_mib) {
  RoleLaunch out = common(request, with, "driver", k_default_master_mib);
  add(out.argv, {"submit", "--properties-file", k_properties_path});
  if (!with.main_class.empty()) add(out.argv, {"--class", with.main_class});
  add(out.argv, {with.script});
  add(out.argv, with.args);
  out.env.emplace_back("FOZ_SPARK_EVENT_LOG", event_log(request, with));
  if (!with.packages.empty()) out.env.emplace_back("FOZ_SPARK_PACKAGES", with.packages);
  out.env.emplace_back("PYTHONUNBUFFERED", "1");
  out.files = {{k_properties_file, to_text(driver_settings(request, with, worker_mib)), 0600}};
  out.after = {"worker"};
  return out;
}

std::vector<NodeMemory> memory_of(const LaunchRequest& request) {
  std::vector<NodeMemory> out;
  for (const plugin::Node& node : request.nodes) out.push_back({node.name, node.memory_mib});
  return out;
}

std::size_t count_workers(const LaunchRequest& request) {
  return static_cast<std::size_t>(
      std::count_if(request.ranks.begin(), request.ranks.end(),
                    [](const plugin::RankSlot& slot) { return slot.role == "worker"; }));
}

class Spark final : public plugin::Plugin {
 public:
  [[nodiscard]] plugin::Description describe() const override { return spark::describe(); }
  [[nodiscard]] plugin::Answer<plugin::Shape> shape(
      const plugin::ShapeRequest& request) const override {
    return spark::shape(request);
  }
  [[nodiscard]] plugin::Answer<Launch> launch(const LaunchRequest& request) const override {
    return spark::launch(request);
  }
};

}  // namespace

plugin::Answer<Launch> launch(const LaunchRequest& request) {
  auto read = read_with(request.with, Values::filled);
  if (auto* refusal = std::get_if<std::string>(&read)) return std::move(*refusal);
  const With& with = std::get<With>(read);
  const auto memory = worker_memory(memory_of(request), with.memory);
  if (const auto* refusal = std::get_if<std::string>(&memory)) return *refusal;
  const std::uint64_t worker_mib = std::get<std::uint64_t>(memory);
  Launch out;
  out.roles = {master(request, with), worker(request, with, worker_mib, count_workers(request)),
               driver(request, with, worker_mib)};
  out.ends_with = "driver";
  out.stop_grace_s = k_stop_grace_s;
  return out;
}

std::unique_ptr<plugin::Plugin> make_plugin() {
  return std::make_unique<Spark>();
}

}  // namespace foz::spark
