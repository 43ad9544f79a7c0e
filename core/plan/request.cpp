#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plan/builder.h"

namespace foz::plan {

namespace {

const site::GpuKind* find_gpu(const site::Site& site, std::string_view name) {
  const auto found = std::find_if(site.gpus.begin(), site.gpus.end(),
                                  [&](const auto& g) { return g.name == name; });
  return found == site.gpus.end() ? nullptr : &*found;
}

template <class T>
std::vector<std::string> names_of(const std::vector<T>& items) {
  std::vector<std::string> names;
  for (const T& item : items) names.push_back(item.name);
  return names;
}

/// "gpu:a100_80:4" on this site, and what follows from the kind (partition, constraint).
void ask_for_gpus(const spec::Stage& stage, const task::Geometry& geometry, const site::Site& site,
                  slurm::SubmitRequest& request, std::vector<std::string>& notes,
                  Diagnostics& diagnostics) {
  if (geometry.gpus_per_node == 0) return;
  const auto& wanted = stage.resources.gpu;
  if (wanted.empty() || site.gpus.empty()) {
    const std::string type = wanted.empty() ? "" : wanted.front().value + ":";
    request.gres = fmt::format("gpu:{}{}", type, geometry.gpus_per_node);
    if (!wanted.empty())
      notes.push_back(fmt::format("site '{}' names no GPUs: '{}' goes to Slurm as it is", site.name,
                                  wanted.front().value));
    return;
  }
  for (const auto& word : wanted) {
    const site::GpuKind* kind = find_gpu(site, word.value);
    if (kind == nullptr) continue;
    request.gres = kind->gres.empty()
                       ? fmt::format("gpu:{}", geometry.gpus_per_node)
                       : fmt::format("gpu:{}:{}", kind->gres, geometry.gpus_per_node);
    if (request.partition.empty()) request.partition = kind->partition;
    if (request.constraint.empty()) request.constraint = kind->constraint;
    notes.push_back(fmt::format("gpu '{}' is {} here", word.value, request.gres));
    return;
  }
  const auto names = names_of(site.gpus);
  diagnostics.error(wanted.front().where,
                    fmt::format("site '{}' has no GPU named '{}'", site.name, wanted.front().value),
                    suggest(wanted.front().value, names, "it has: " + join(names, ", ")));
}

std::uint32_t cpus_of(const task::Geometry& geometry) {
  if (geometry.cpus_per_node != 0) return geometry.cpus_per_node;
  const std::uint32_t ranks = std::max(1U, geometry.ranks_per_node);
  return ranks * std::max(1U, geometry.cpus_per_rank);
}

slurm::Memory memory_of(const spec::Resources& resources) {
  if (!resources.memory) return {};
  const spec::MemorySpec& spec = resources.memory->value;
  switch (spec.kind) {
    case spec::MemoryKind::all:
      return {slurm::Memory::Kind::all, 0};
    case spec::MemoryKind::per_cpu:
      return {slurm::Memory::Kind::per_cpu, to_mebibytes(spec.bytes)};
    case spec::MemoryKind::per_gpu:
      return {slurm::Memory::Kind::per_gpu, to_mebibytes(spec.bytes)};
    case spec::MemoryKind::per_node:
      return {slurm::Memory::Kind::per_node, to_mebibytes(spec.bytes)};
  }
  return {};
}

/// The site's way of asking for memory: per node, per CPU, or not at all.
slurm::Memory in_site_form(slurm::Memory memory, std::uint32_t cpus, std::uint32_t gpus,
                           const site::Site& site, std::vector<std::string>& notes) {
  using Kind = slurm::Memory::Kind;
  if (memory.kind == Kind::unset || site.memory_form == site::MemoryForm::per_node) return memory;
  if (site.memory_form == site::MemoryForm::none) {
    notes.push_back(fmt::format("site '{}' takes no memory request: it is left out", site.name));
    return {};
  }
  if (memory.kind != Kind::per_node && memory.kind != Kind::per_gpu) return memory;
  const std::uint64_t whole = memory.mebibytes * (memory.kind == Kind::per_gpu ? gpus : 1);
  const std::uint64_t each = (whole + cpus - 1) / cpus;
  notes.push_back(fmt::format("memory is asked per CPU here: {} MiB for each of {}", each,
                              count_of(cpus, "CPU")));
  return {Kind::per_cpu, each};
}

void check_fabric(const spec::Stage& stage, const site::Site& site, std::vector<std::string>& notes,
                  Diagnostics& diagnostics) {
  if (!stage.resources.fabric) return;
  const auto& word = *stage.resources.fabric;
  const auto names = names_of(site.fabrics);
  for (const site::Fabric& fabric : site.fabrics)
    if (fabric.name == word.value) {
      if (!fabric.interface.empty())
        notes.push_back(
            fmt::format("fabric '{}' is interface '{}' here", fabric.name, fabric.interface));
      return;
    }
  diagnostics.error(
      word.where, fmt::format("site '{}' has no fabric named '{}'", site.name, word.value),
      suggest(word.value, names,
              names.empty() ? "its template names no fabrics; add them under 'fabrics:'"
                            : "it has: " + join(names, ", ")));
}

/// Options that the site gives to every job come last, so they count more than a stage's own.
void note_overrides(const spec::SlurmBlock& block, const site::Site& site,
                    std::vector<std::string>& notes) {
  for (const std::string& word : site.sbatch_args)
    for (const auto& [name, value] : block.options)
      if (word.starts_with("--" + name + "="))
        notes.push_back(fmt::format("site '{}' gives every job {}: '{}' does not count", site.name,
                                    word, name));
}

std::string option(const spec::SlurmBlock& block, const std::string& name) {
  const auto found = block.options.find(name);
  return found == block.options.end() ? "" : found->second.value;
}

void copy_options(const spec::SlurmBlock& block, const site::Site& site,
                  slurm::SubmitRequest& request) {
  request.partition = option(block, "partition");
  request.qos = option(block, "qos");
  request.account = option(block, "account");
  request.reservation = option(block, "reservation");
  request.constraint = option(block, "constraint");
  request.nodelist = option(block, "nodelist");
  request.exclude = option(block, "exclude");
  request.licenses = option(block, "licenses");
  request.begin = option(block, "begin");
  request.comment = option(block, "comment");
  const std::string mail = option(block, "mail");
  if (mail.find('@') != std::string::npos) request.mail_user = mail;
  if (!mail.empty()) request.mail_type = request.mail_user.empty() ? mail : "END,FAIL";
  if (const auto nice = parse_integer(option(block, "nice")))
    request.nice = static_cast<std::int32_t>(*nice);
  request.extra_args = site.sbatch_args;
  for (const auto& word : block.sbatch_args) request.extra_args.push_back(word.value);
}

}  // namespace

std::string as_pattern(std::string_view path) {
  std::string pattern;
  for (const char c : path) pattern += c == '%' ? std::string("%%") : std::string(1, c);
  return pattern;
}

slurm::SubmitRequest make_request(const spec::Stage& stage, const task::StageTasks& tasks,
                                  const Context& context, std::vector<std::string>& notes,
                                  Diagnostics& diagnostics) {
  const site::Site& site = context.site;
  const spec::Resources& resources = stage.resources;
  slurm::SubmitRequest request;
  copy_options(stage.slurm, site, request);
  note_overrides(stage.slurm, site, notes);
  request.name = tasks.stage + "@" + context.run_id;
  request.script = context.run_folder + "/scripts/" + tasks.stage + ".sh";
  request.workdir = context.workdir;
  request.output = as_pattern(context.run_folder + "/logs/" + tasks.stage) +
                   (tasks.is_array ? "/slurm-%A_%a.out" : "/slurm-%j.out");
  request.nodes_min = tasks.geometry.nodes_min;
  request.nodes_max = tasks.geometry.nodes_max;
  request.cpus_per_task = cpus_of(tasks.geometry);
  request.memory = in_site_form(memory_of(resources), request.cpus_per_task,
                                tasks.geometry.gpus_per_node, site, notes);
  ask_for_gpus(stage, tasks.geometry, site, request, notes, diagnostics);
  check_fabric(stage, site, notes, diagnostics);
  if (request.partition.empty()) request.partition = site.default_partition;
  request.exclusive = resources.exclusive && resources.exclusive->value;
  if (resources.hyperthreads) request.hyperthreads = resources.hyperthreads->value;
  if (resources.time) request.time_limit = resources.time->value;
  if (resources.switches) request.switches = resources.switches->value;
  if (resources.local_disk) request.tmp_mib = to_mebibytes(resources.local_disk->value);
  return request;
}

}  // namespace foz::plan
