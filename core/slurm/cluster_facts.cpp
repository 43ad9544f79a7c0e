#include "core/slurm/cluster_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "core/base/text.h"
#include "core/slurm/delimited.h"

namespace foz::slurm {

namespace {

// ---- scontrol show config -----------------------------------------------------------------------

using Settings = std::map<std::string, std::string, std::less<>>;

Settings read_settings(std::string_view answer) {
  Settings settings;
  for (const std::string_view line : split(answer, '\n')) {
    const std::size_t at = line.find(" = ");
    if (at == line.npos) continue;
    settings.emplace(trim(line.substr(0, at)), trim(line.substr(at + 3)));
  }
  return settings;
}

std::string setting(const Settings& settings, std::string_view name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::string() : found->second;
}

/// "1001" or "30 sec".
std::uint32_t number_setting(const Settings& settings, std::string_view name,
                             std::uint32_t otherwise) {
  const std::string value = setting(settings, name);
  const auto number = parse_integer(split(value, ' ', 2).front());
  if (!number || *number < 0 || *number > UINT32_MAX) return otherwise;
  return static_cast<std::uint32_t>(*number);
}

// ---- sinfo --------------------------------------------------------------------------------------

enum Column : std::size_t {
  k_name,
  k_up,
  k_max_time,
  k_job_size,
  k_count,
  k_cpus,
  k_memory,
  k_gres,
  k_nodes,
  k_columns,
};
constexpr std::string_view k_codes[k_columns] = {"%P", "%a", "%l", "%s", "%D",
                                                 "%c", "%m", "%G", "%N"};

std::string format() {
  std::string text(k_row_mark);
  for (const std::string_view code : k_codes) text += fmt::format("{}{}", code, k_field_mark);
  return text;
}

/// "4000000", or "4000000+" where nodes of a group differ.
std::uint64_t read_number(std::string_view text) {
  if (text.ends_with('+')) text.remove_suffix(1);
  const auto number = parse_integer(text);
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

/// "1-infinite", "1-4", "4".
std::optional<std::uint32_t> read_max_nodes(std::string_view job_size) {
  const std::size_t dash = job_size.rfind('-');
  const std::string_view most = dash == job_size.npos ? job_size : job_size.substr(dash + 1);
  const auto number = parse_integer(most);
  if (!number || *number < 0 || *number > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

PartitionFacts read_partition(const Fields& fields) {
  PartitionFacts partition;
  partition.is_default = fields[k_name].ends_with('*');
  partition.name = std::string(
      fields[k_name].substr(0, fields[k_name].size() - (partition.is_default ? 1U : 0U)));
  partition.is_up = fields[k_up] == "up";
  partition.max_time = parse_time_limit(fields[k_max_time]).value_or(TimeLimit{});
  partition.max_nodes = read_max_nodes(fields[k_job_size]);
  return partition;
}

PartitionFacts& find_or_add(std::vector<PartitionFacts>& partitions, PartitionFacts partition) {
  const auto found =
      std::find_if(partitions.begin(), partitions.end(),
                   [&partition](const auto& known) { return known.name == partition.name; });
  if (found != partitions.end()) return *found;
  return partitions.emplace_back(std::move(partition));
}

void add_nodes(PartitionFacts& partition, std::string_view nodes, std::uint32_t count) {
  if (count == 0) return;
  partition.total_nodes += count;
  const std::string list = text_or_nothing(nodes);
  if (!partition.nodes.empty() && !list.empty()) partition.nodes += ',';
  partition.nodes += list;
}

NodeShape read_shape(const Fields& fields, std::string partition, std::uint32_t count) {
  return NodeShape{std::move(partition), count,
                   static_cast<std::uint32_t>(read_number(fields[k_cpus])),
                   read_number(fields[k_memory]), parse_gres(fields[k_gres])};
}

}  // namespace

std::vector<std::string> config_command() {
  return {"scontrol", "show", "config"};
}

Result<ClusterFacts> parse_config(std::string_view answer) {
  const Settings settings = read_settings(answer);
  ClusterFacts facts;
  facts.name = setting(settings, "ClusterName");
  facts.version = setting(settings, "SLURM_VERSION");
  if (facts.name.empty() || facts.version.empty()) {
    return fail(Code::invalid,
                "the answer of 'scontrol show config' has no ClusterName or no SLURM_VERSION");
  }
  facts.max_array_size = number_setting(settings, "MaxArraySize", facts.max_array_size);
  facts.max_job_count = number_setting(settings, "MaxJobCount", facts.max_job_count);
  facts.kill_wait_s = number_setting(settings, "KillWait", facts.kill_wait_s);
  facts.has_accounting = setting(settings, "AccountingStorageType").ends_with("slurmdbd");
  return facts;
}

std::vector<std::string> sinfo_command() {
  return {"sinfo", "--noheader", "--exact", fmt::format("--format={}", format())};
}

Result<ClusterFacts> parse_sinfo(ClusterFacts facts, std::string_view answer) {
  FOZ_TRY(const auto rows, split_rows(answer, k_columns, "sinfo"));
  for (const Fields& fields : rows) {
    PartitionFacts& partition = find_or_add(facts.partitions, read_partition(fields));
    const auto count = static_cast<std::uint32_t>(read_number(fields[k_count]));
    add_nodes(partition, fields[k_nodes], count);
    if (count > 0) facts.shapes.push_back(read_shape(fields, partition.name, count));
  }
  return facts;
}

}  // namespace foz::slurm
