#include "core/agent/hardware.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/host.h"
#include "core/base/ids.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

constexpr std::uint64_t k_mebi = 1U << 20U;
constexpr std::uint64_t k_small_file = 1U << 20U;

std::uint32_t allowed_cpus() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&set)));
}

std::uint64_t number_of(const Environment& environment, std::string_view name) {
  const auto text = find_variable(environment, name);
  const auto number = text ? parse_integer(*text) : std::nullopt;
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

/// "MemTotal:  16384000 kB" in MiB.
std::uint64_t built_in_memory(const fs::path& root) {
  const auto text = read_file(root / "proc/meminfo", k_small_file);
  constexpr std::string_view k_name = "MemTotal:";
  if (!text || !text->starts_with(k_name)) return 0;
  const std::string_view line =
      trim(std::string_view(*text).substr(k_name.size(), text->find('\n') - k_name.size()));
  return static_cast<std::uint64_t>(parse_integer(line.substr(0, line.find(' '))).value_or(0)) >>
         10U;
}

// ---- cgroups ------------------------------------------------------------------------------------

/// This process's memory cgroup: where the hierarchy is mounted, its path in it, and the file
/// names.
struct MemoryGroup {
  fs::path mount;
  std::string path;
  const char* limit_file;
  const char* events_file;
};

/// Lines of /proc/self/cgroup: "4:memory:/slurm/uid_1000/job_7" (v1) or "0::/system.slice" (v2).
std::optional<MemoryGroup> find_memory_group(const fs::path& root) {
  const auto text = read_file(root / "proc/self/cgroup", k_small_file);
  if (!text) return std::nullopt;
  std::optional<MemoryGroup> unified;
  for (const std::string_view line : split(*text, '\n')) {
    const auto fields = split(line, ':', 3);
    if (fields.size() != 3) continue;
    const auto controllers = split(fields[1], ',');
    if (std::find(controllers.begin(), controllers.end(), "memory") != controllers.end())
      return MemoryGroup{root / "sys/fs/cgroup/memory", std::string(fields[2]),
                         "memory.limit_in_bytes", "memory.oom_control"};
    if (fields[0] == "0" && fields[1].empty())
      unified = MemoryGroup{root / "sys/fs/cgroup", std::string(fields[2]), "memory.max",
                            "memory.events"};
  }
  return unified;
}

std::uint64_t limit_in(const fs::path& file) {
  const auto text = read_file(file, k_small_file);
  const auto bytes = text ? parse_integer(trim(*text)) : std::nullopt;
  constexpr std::int64_t k_no_limit = std::int64_t{1} << 60U;  // v1 writes a number near 2^63
  return bytes && *bytes > 0 && *bytes < k_no_limit ? static_cast<std::uint64_t>(*bytes) : 0;
}

void take_tighter(std::uint64_t& limit, std::uint64_t other) {
  if (other != 0 && (limit == 0 || other < limit)) limit = other;
}

// ---- addresses ----------------------------------------------------------------------------------

std::string numeric(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes =
      address->sa_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr)
          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return ::inet_ntop(address->sa_family, bytes, text.data(), text.size()) == nullptr ? ""
                                                                                     : text.data();
}

bool is_link_local(const sockaddr* address) {
  return address->sa_family == AF_INET6 &&
         IN6_IS_ADDR_LINKLOCAL(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
}

std::string interface_address(const std::string& interface) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, ::freeifaddrs);
  std::string v6;
  for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || interface != one->ifa_name) continue;
    if (one->ifa_addr->sa_family == AF_INET) return numeric(one->ifa_addr);
    if (one->ifa_addr->sa_family == AF_INET6 && v6.empty() && !is_link_local(one->ifa_addr))
      v6 = numeric(one->ifa_addr);
  }
  return v6;
}

/// Nobody can know the name beforehand: in /tmp a folder could wait for us otherwise.
std::string scratch_folder(const Environment& environment, const TaskPlan& task) {
  std::string base = expand_variables(task.scratch, environment);
  if (base.empty()) base = find_variable(environment, "TMPDIR").value_or("");
  if (base.empty()) base = "/tmp";
  const std::string run = fs::path(task.identity.run_dir).filename().native();
  const std::string node = find_variable(environment, "SLURM_NODEID").value_or("0");
  return fmt::format("{}/foz-{}-{}-{}.{}.n{}-{:08x}", base, ::getuid(), run, task.identity.name,
                     task.identity.attempt.value, node, random_bits() & 0xffffffffU);
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::uint64_t read_memory_limit(const fs::path& root) {
  const auto group = find_memory_group(root);
  if (!group) return 0;
  std::uint64_t limit = limit_in(group->mount / group->limit_file);
  fs::path folder = group->mount;
  for (const auto& piece : fs::path(group->path).relative_path()) {
    folder /= piece;
    take_tighter(limit, limit_in(folder / group->limit_file));
  }
  return limit / k_mebi;
}

std::uint64_t read_oom_kills(const fs::path& root) {
  const auto group = find_memory_group(root);
  if (!group) return 0;
  const auto text = read_file(
      group->mount / fs::path(group->path).relative_path() / group->events_file, k_small_file);
  if (!text) return 0;
  constexpr std::string_view k_name = "oom_kill ";
  for (const std::string_view line : split(*text, '\n'))
    if (line.starts_with(k_name))
      return static_cast<std::uint64_t>(parse_integer(line.substr(k_name.size())).value_or(0));
  return 0;
}

std::string find_address(const std::string& name, const std::string& form) {
  constexpr std::string_view k_suffix = "suffix:";
  constexpr std::string_view k_interface = "interface:";
  if (form.starts_with(k_suffix)) return name + form.substr(k_suffix.size());
  if (!form.starts_with(k_interface)) return name;
  const std::string address = interface_address(form.substr(k_interface.size()));
  return address.empty() ? name : address;
}

std::string expand_variables(std::string_view text, const Environment& environment) {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = text.find('$');
    out += text.substr(0, dollar);
    if (dollar == text.npos) return out;
    text.remove_prefix(dollar + 1);
    const bool has_brace = text.starts_with('{');
    if (has_brace) text.remove_prefix(1);
    const auto end = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_name_character) - text.begin());
    out += find_variable(environment, text.substr(0, end)).value_or("");
    text.remove_prefix(end);
    if (has_brace && text.starts_with('}')) text.remove_prefix(1);
  }
  return out;
}

plugin::Node read_node(const Environment& environment, const TaskPlan& task, const fs::path& root) {
  plugin::Node node;
  const std::string host = host_name();
  node.name = find_variable(environment, "SLURMD_NODENAME").value_or(host);
  // Several node names on one host (NodeHostname): only the host's own name can be reached.
  const bool is_own_name =
      host == node.name || host.starts_with(node.name + '.') || node.name.starts_with(host + '.');
  node.address = find_address(is_own_name ? node.name : host, task.address_form);
  node.switch_path = find_variable(environment, "SLURM_TOPOLOGY_ADDR").value_or("");
  node.cpus = static_cast<std::uint32_t>(number_of(environment, "SLURM_CPUS_ON_NODE"));
  if (node.cpus == 0) node.cpus = allowed_cpus();
  node.memory_mib = built_in_memory(root);
  take_tighter(node.memory_mib, read_memory_limit(root));
  take_tighter(node.memory_mib, task.memory_mib);
  node.gpus = find_gpus(environment);
  node.scratch = scratch_folder(environment, task);
  return node;
}

}  // namespace foz::agent
