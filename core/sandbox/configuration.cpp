#include "core/sandbox/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/hostlist.h"
#include "core/base/text.h"

namespace foz::sandbox {

namespace {

constexpr std::array<std::string_view, 4> k_harmless_devices = {"/dev/null", "/dev/zero",
                                                                "/dev/full", "/dev/urandom"};
constexpr int k_default_max_array_size = 100'001;
constexpr Release k_first_with_cgroup_plugin_disabled{23, 2, 0};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return result;
}

/// "n[1-4]", "n1".
std::string all_nodes(int nodes) {
  return compress_hostlist(node_names(nodes));
}

/// What a line sets. Of most keys there is one line, of partitions and nodes one for each name.
std::string subject(std::string_view line) {
  const std::string_view assignment = line.substr(0, line.find_first_of(" \t"));
  const std::string key = lower(trim(assignment.substr(0, assignment.find('='))));
  const bool is_named = key == "partitionname" || key == "nodename";
  return is_named ? lower(assignment) : key;
}

/// Puts the user's lines over ours.
std::string merge(std::vector<std::string> ours, const std::vector<std::string>& users) {
  for (const std::string& line : users) {
    std::erase_if(ours, [&](const std::string& own) { return subject(own) == subject(line); });
  }
  ours.insert(ours.begin(), std::string(k_first_line));
  ours.insert(ours.end(), users.begin(), users.end());
  return join(ours, "\n") + "\n";
}

std::vector<std::string> identity_lines(const SandboxOptions& options, const Machine& machine) {
  const std::string folder = machine.folder.native();
  return {
      // One name for each sandbox: whoever caches by cluster must not mix two of them.
      "ClusterName=foz-" + lower(options.name),
      fmt::format("SlurmctldHost={}(127.0.0.1)", machine.hostname),
      fmt::format("SlurmctldPort={}", machine.first_port),
      "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny",  // loopback only
      "SlurmUser=" + machine.user,
      "SlurmdUser=" + machine.user,
      "AuthType=auth/munge",
      fmt::format("AuthInfo=socket={}/munge.sock,cred_expire={}", folder, options.cred_expire),
  };
}

std::vector<std::string> file_lines(const Machine& machine) {
  const std::string folder = machine.folder.native();
  return {
      fmt::format("StateSaveLocation={}/state", folder),
      fmt::format("SlurmdSpoolDir={}/spool/%n", folder),
      fmt::format("TmpFS={}/tmp/%n", folder),  // PMIx makes its sockets there: one folder a node
      fmt::format("SlurmctldPidFile={}/slurmctld.pid", folder),
      fmt::format("SlurmdPidFile={}/slurmd-%n.pid", folder),
      fmt::format("SlurmctldLogFile={}/log/slurmctld.log", folder),
      fmt::format("SlurmdLogFile={}/log/slurmd-%n.log", folder),
      "SlurmctldDebug=error",
      "SlurmdDebug=error",
      "SlurmctldSyslogDebug=quiet",
      "SlurmdSyslogDebug=quiet",
      "MailProg=/bin/true",
  };
}

std::vector<std::string> behaviour_lines(const SandboxOptions& options) {
  std::vector<std::string> lines = {
      "ProctrackType=proctrack/linuxproc",
      "TaskPlugin=task/none",
      "SlurmdParameters=config_overrides",  // the invented CPUs and memory count
      "JobAcctGatherType=jobacct_gather/none",
      "AccountingStorageType=accounting_storage/none",
      "MpiDefault=none",
      "ReturnToService=2",
      "SlurmdTimeout=120",
      "SelectType=select/cons_tres",
      "SelectTypeParameters=CR_Core_Memory",
      "EnforcePartLimits=ALL",  // what can never run is refused at once
      fmt::format("DefMemPerCPU={}", std::max<std::uint64_t>(
                                         1, options.memory_per_node /
                                                static_cast<std::uint64_t>(options.cpus_per_node))),
      "SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1,"
      "default_queue_depth=1000",
      // slurmd reports an epilog's end by itself and the controller schedules at once; without one
      // the next task waits for the controller's round of a second (1,000 tasks of `true` on 16
      // CPUs: 63 s without, 19 s with).
      "Epilog=/bin/true",
      fmt::format("MaxArraySize={}", options.max_array_size.value_or(k_default_max_array_size)),
      "MaxJobCount=250000",
  };
  if (options.min_job_age) lines.push_back(fmt::format("MinJobAge={}", *options.min_job_age));
  if (options.switches > 0) lines.emplace_back("TopologyPlugin=topology/tree");
  if (options.gpus_per_node > 0) lines.emplace_back("GresTypes=gpu");
  return lines;
}

std::string gres_of_node(const SandboxOptions& options) {
  if (options.gpus_per_node == 0) return {};
  const std::string type = options.gpu_type.empty() ? "" : options.gpu_type + ":";
  return fmt::format(" Gres=gpu:{}{}", type, options.gpus_per_node);
}

/// "[7001-7004]" or "7001": slurmd of node i listens on the i-th.
std::string node_ports(int first, int nodes) {
  return nodes == 1 ? std::to_string(first) : fmt::format("[{}-{}]", first, first + nodes - 1);
}

std::vector<std::string> node_lines(const SandboxOptions& options, const Machine& machine) {
  return {
      fmt::format("NodeName={} NodeHostname={} NodeAddr=127.0.0.1 Port={} CPUs={} RealMemory={}{} "
                  "State=UNKNOWN",
                  all_nodes(options.nodes), machine.hostname,
                  node_ports(machine.first_port + 1, options.nodes), options.cpus_per_node,
                  options.memory_per_node, gres_of_node(options)),
      "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
      "PartitionName=short Nodes=ALL MaxTime=5 State=UP",
  };
}

std::string slurm_conf(const SandboxOptions& options, const Machine& machine) {
  std::vector<std::string> lines;
  for (auto&& group : {identity_lines(options, machine), file_lines(machine),
                       behaviour_lines(options), node_lines(options, machine)}) {
    lines.insert(lines.end(), group.begin(), group.end());
  }
  return merge(std::move(lines), options.lines);
}

/// Leaf switches s1, s2, ... of nearly equal size, in node order, below one switch 'top'.
std::string topology_conf(const SandboxOptions& options) {
  const std::vector<std::string> names = node_names(options.nodes);
  const int leaf_count = std::min(options.switches, options.nodes);
  std::string text;
  int first = 0;
  for (int leaf = 0; leaf < leaf_count; ++leaf) {
    const int end = options.nodes * (leaf + 1) / leaf_count;
    const std::vector<std::string> below(names.begin() + first, names.begin() + end);
    text += fmt::format("SwitchName=s{} Nodes={}\n", leaf + 1, compress_hostlist(below));
    first = end;
  }
  const std::string leaves = leaf_count == 1 ? "s1" : fmt::format("s[1-{}]", leaf_count);
  return text + fmt::format("SwitchName=top Switches={}\n", leaves);
}

/// Devices that anybody may open stand for GPUs: each GPU of a node needs one of its own.
std::string gres_conf(const SandboxOptions& options) {
  const std::vector<std::string> devices(k_harmless_devices.begin(),
                                         k_harmless_devices.begin() + options.gpus_per_node);
  const std::string type = options.gpu_type.empty() ? "" : " Type=" + options.gpu_type;
  return fmt::format("AutoDetect=off\nNodeName={} Name=gpu{} File={} Flags=nvidia_gpu_env\n",
                     all_nodes(options.nodes), type, join(devices, ","));
}

/// A number at the front of `text`, taken off it with the character behind it.
std::optional<int> take_number(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_integer(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

}  // namespace

std::vector<std::string> node_names(int nodes) {
  std::vector<std::string> names;
  for (int node = 1; node <= nodes; ++node) names.push_back(fmt::format("n{}", node));
  return names;
}

std::vector<ConfigurationFile> make_configuration(const SandboxOptions& options,
                                                  const Machine& machine) {
  std::vector<ConfigurationFile> files = {{"slurm.conf", slurm_conf(options, machine)}};
  if (options.switches > 0) files.push_back({"topology.conf", topology_conf(options)});
  if (options.gpus_per_node > 0) files.push_back({"gres.conf", gres_conf(options)});
  if (machine.release >= k_first_with_cgroup_plugin_disabled) {
    files.push_back({"cgroup.conf", "CgroupPlugin=disabled\n"});
  }
  return files;
}

Result<Release> parse_release(std::string_view version_line) {
  const std::string_view line = trim(version_line);
  std::string_view rest = line.substr(std::min(line.find(' ') + 1, line.size()));
  const auto year = take_number(rest);
  const auto month = take_number(rest);
  const auto patch = take_number(rest);
  if (line.find(' ') == line.npos || !year || !month) {
    return fail(Code::invalid,
                fmt::format("expected something like \"slurm 22.05.8\" from 'slurmctld -V', got {}",
                            quoted(line)));
  }
  return Release{*year, *month, patch.value_or(0)};
}

}  // namespace foz::sandbox
