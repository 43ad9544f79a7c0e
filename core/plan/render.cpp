#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plan/plan.h"

namespace foz::plan {

namespace {

std::string_view edge_word(task::EdgeKind kind) {
  switch (kind) {
    case task::EdgeKind::success:
      return "success";
    case task::EdgeKind::each:
      return "each";
    case task::EdgeKind::finished:
      return "finished";
    case task::EdgeKind::percent:
      return "percent";
  }
  return "";
}

std::string edge_text(const task::Parent& parent) {
  const std::string rule = parent.kind == task::EdgeKind::percent
                               ? fmt::format("{}%", parent.percent)
                               : std::string(edge_word(parent.kind));
  return parent.stage + " (" + rule + ")";
}

std::string memory_text(const slurm::Memory& memory) {
  const std::string size = format_bytes({memory.mebibytes << 20U});
  switch (memory.kind) {
    case slurm::Memory::Kind::unset:
      return "";
    case slurm::Memory::Kind::all:
      return "all memory";
    case slurm::Memory::Kind::per_node:
      return size + " a node";
    case slurm::Memory::Kind::per_cpu:
      return size + " a CPU";
    case slurm::Memory::Kind::per_gpu:
      return size + " a GPU";
  }
  return "";
}

std::string nodes_text(const slurm::SubmitRequest& request) {
  if (request.nodes_min == request.nodes_max) return count_of(request.nodes_min, "node");
  return fmt::format("{}..{} nodes", request.nodes_min, request.nodes_max);
}

/// Slurm knows whole minutes only, and takes the next one: measured in tests/slurm/assumptions.
std::string limit_text(Seconds limit) {
  const std::string text = "limit " + format_duration(limit);
  const Seconds minutes = std::chrono::ceil<std::chrono::minutes>(limit);
  return minutes == limit ? text : fmt::format("{} ({} to Slurm)", text, format_duration(minutes));
}

std::string resources_text(const slurm::SubmitRequest& request) {
  std::vector<std::string> words{nodes_text(request),
                                 count_of(request.cpus_per_task, "CPU") + " a node"};
  const auto add = [&](std::string word) {
    if (!word.empty()) words.push_back(std::move(word));
  };
  add(request.gres);
  add(memory_text(request.memory));
  add(request.tmp_mib == 0 ? "" : format_bytes({request.tmp_mib << 20U}) + " of local disk");
  add(request.exclusive ? "exclusive" : "");
  if (request.hyperthreads) add(*request.hyperthreads ? "hyperthreads" : "no hyperthreads");
  if (request.switches)
    add(*request.switches == 1 ? "within 1 switch"
                               : fmt::format("within {} switches", *request.switches));
  add(request.time_limit ? limit_text(*request.time_limit) : "");
  add(request.partition.empty() ? "" : "partition " + request.partition);
  return join(words, ", ");
}

/// Where Slurm puts the jobs, in its own words; then what goes to sbatch verbatim.
std::string place_text(const slurm::SubmitRequest& request) {
  std::vector<std::string> words;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) words.push_back(fmt::format("{} {}", name, value));
  };
  add("qos", request.qos);
  add("account", request.account);
  add("reservation", request.reservation);
  add("constraint", request.constraint);
  add("nodelist", request.nodelist);
  add("exclude", request.exclude);
  add("licenses", request.licenses);
  add("begin", request.begin);
  add("nice", request.nice ? std::to_string(*request.nice) : "");
  add("comment", request.comment.empty() ? "" : quoted(request.comment));
  add("mail", request.mail_type);
  add("to", request.mail_user);
  for (const std::string& word : request.extra_args) words.push_back(shell_quote(word));
  return join(words, ", ");
}

std::string jobs_text(const StagePlan& stage) {
  const auto& tasks = stage.tasks;
  const std::string jobs =
      tasks.is_array ? count_of(tasks.parts.size(), "array") : count_of(tasks.parts.size(), "job");
  const std::string most =
      stage.at_most == 0 ? "" : fmt::format(", at most {} at once", stage.at_most);
  return count_of(tasks.tasks, "task") + " in " + jobs + most;
}

std::string matrix_text(const task::MatrixRule& rule) {
  std::vector<std::string> axes;
  for (const task::Axis& axis : rule.axes) {
    if (const auto* list = std::get_if<task::ListAxis>(&axis.values))
      axes.push_back(fmt::format("{} [{}]", axis.name, list->values.size()));
    else if (const auto* range = std::get_if<task::RangeAxis>(&axis.values))
      axes.push_back(fmt::format("{} {}..{}", axis.name, range->first, range->last));
    else
      axes.push_back(fmt::format("{} [{} rows]", axis.name,
                                 std::get<task::RowsAxis>(axis.values).rows.size()));
  }
  const std::string except =
      rule.except.empty() ? "" : fmt::format(", except {}", rule.except.size());
  return join(axes, " x ") + except;
}

std::string first_line(const std::string& text) {
  const auto line = text.substr(0, text.find('\n'));
  return line + (line.size() < text.size() ? " ..." : "");
}

std::string what_text(const task::Step& step) {
  if (const auto* command = std::get_if<task::PluginCommand>(&step.command))
    return "uses " + command->plugin;
  if (const auto* command = std::get_if<task::ArgvCommand>(&step.command))
    return "run " + shell_quote(command->argv);
  return "run " + first_line(std::get<task::ShellCommand>(step.command).script);
}

/// Where a step runs when not as the stage's ranks, and whether its failure counts.
std::string step_text(const task::Step& step) {
  std::vector<std::string> words;
  if (step.place == task::StepPlace::first_node) words.emplace_back("on the first node");
  if (step.place == task::StepPlace::every_node) words.emplace_back("on every node");
  if (step.may_fail) words.emplace_back("may fail");
  return what_text(step) + (words.empty() ? "" : "  (" + join(words, ", ") + ")");
}

/// Empty where nothing is said: one rank a node, or what the plugin answers.
std::string ranks_text(const task::Geometry& geometry) {
  if (geometry.ranks_per_node == 0) return "";
  std::string text = fmt::format("{} a node", geometry.ranks_per_node);
  if (geometry.cpus_per_rank > 0) text += ", " + count_of(geometry.cpus_per_rank, "CPU") + " each";
  return text;
}

std::string setup_text(const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  return first_line(lines.front()) +
         (lines.size() == 1 ? "" : fmt::format("  (and {} more)", lines.size() - 1));
}

constexpr std::size_t k_most_shown = 20;
constexpr std::size_t k_longest_value = 60;

/// The first of them, and how many more there are.
std::string bounded(std::vector<std::string> words) {
  const std::size_t more = words.size() - std::min(words.size(), k_most_shown);
  words.resize(words.size() - more);
  return join(words, ", ") + (more == 0 ? "" : fmt::format("  (and {} more)", more));
}

std::string shortened(const std::string& value) {
  if (value.size() <= k_longest_value) return shell_quote(value);
  std::size_t end = k_longest_value;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
  return shell_quote(value.substr(0, end)) + "...";
}

/// Names alone: a value may be long, or nobody's business.
std::string env_text(const std::vector<std::pair<std::string, std::string>>& env) {
  std::vector<std::string> names;
  for (const auto& [name, value] : env) names.push_back(name);
  return bounded(std::move(names));
}

std::string limits_text(const task::Limits& limits) {
  std::vector<std::string> words;
  for (const auto& [name, value] : limits.values) words.push_back(name + " " + value);
  return join(words, ", ");
}

std::string params_text(const Plan& plan) {
  std::vector<std::string> words;
  for (const auto& [name, value] : plan.params) words.push_back(name + "=" + shortened(value));
  return words.empty() ? "" : "  params: " + printable(bounded(std::move(words))) + "\n";
}

/// As the workflow says it; empty where it is the workflow's own folder.
std::string workdir_text(const std::string& workdir, const std::string& folder) {
  const std::string own = plugin::literal(folder);
  if (workdir == own) return "";
  return workdir.starts_with(own + "/") ? workdir.substr(own.size() + 1) : workdir;
}

void line(std::string& out, std::string_view label, const std::string& text) {
  if (!text.empty()) out += fmt::format("    {:<10}{}\n", label, printable(text));
}

std::string stage_text(const StagePlan& stage, const std::string& folder) {
  std::string out = fmt::format("  {}\n", stage.name);
  for (const task::Step& step : stage.tasks.steps) line(out, "does", step_text(step));
  line(out, "tasks", jobs_text(stage));
  line(out, "matrix", matrix_text(stage.tasks.matrix));
  std::vector<std::string> edges;
  for (const auto& parent : stage.tasks.parents) edges.push_back(edge_text(parent));
  line(out, "needs", join(edges, ", "));
  line(out, "asks for", resources_text(stage.request));
  line(out, "ranks", ranks_text(stage.tasks.geometry));
  line(out, "slurm", place_text(stage.request));
  line(out, "env", env_text(stage.tasks.env));
  line(out, "limits", limits_text(stage.tasks.limits));
  line(out, "umask", stage.tasks.umask ? fmt::format("{:03o}", *stage.tasks.umask) : "");
  line(out, "setup", setup_text(stage.tasks.setup));
  line(out, "workdir", workdir_text(stage.tasks.workdir, folder));
  for (const auto& output : stage.tasks.outputs)
    line(out, "output", output.name + ": " + output.path);
  for (const std::string& note : stage.notes) line(out, "note", note);
  return out;
}

std::string waves_text(const Plan& plan) {
  if (!plan.waves) return "";
  return fmt::format(
      "  {} are more than the {} that may be in the queue at once: they go in waves, sent on by an "
      "advance job\n",
      count_of(plan.tasks, "task"), plan.waves->jobs_at_once);
}

std::string counts_text(const Plan& plan) {
  std::string out =
      fmt::format("  {} to submit, {} to release, {} written\n", count_of(plan.rpcs.submit, "RPC"),
                  count_of(plan.rpcs.release, "RPC"), count_of(plan.files, "file"));
  if (plan.rpcs.from_jobs > 0)
    out += fmt::format("  later, from the jobs: {}, one for each task that waits for its partner\n",
                       count_of(plan.rpcs.from_jobs, "RPC"));
  return out;
}

/// Names that begin with `prefix`, or all the others.
enum class Names { with_prefix, others };
std::vector<std::string> choose(const std::vector<std::string>& names, std::string_view prefix,
                                Names which) {
  std::vector<std::string> chosen;
  for (const std::string& name : names)
    if (name.starts_with(prefix) == (which == Names::with_prefix)) chosen.push_back(name);
  return chosen;
}

std::string environment_text(const std::vector<std::string>& dropped) {
  const auto defaults = choose(dropped, "SBATCH_", Names::with_prefix);
  const auto others = choose(dropped, "SBATCH_", Names::others);
  std::string out;
  if (!defaults.empty())
    out +=
        "  defaults for sbatch that do not count here (say it in the workflow or the site "
        "template): " +
        printable(join(defaults, ", ")) + "\n";
  if (!others.empty())
    out +=
        "  left out of the jobs' environment (they belong to the job or shell around this "
        "command): " +
        printable(join(others, ", ")) + "\n";
  return out;
}

}  // namespace

std::string render_text(const Plan& plan) {
  std::string out =
      fmt::format("{}: {}, {}\n", printable(plan.workflow), count_of(plan.stages.size(), "stage"),
                  count_of(plan.tasks, "task"));
  out += params_text(plan);
  for (const StagePlan& stage : plan.stages) out += stage_text(stage, plan.workdir);
  return out + waves_text(plan) + counts_text(plan) + environment_text(plan.dropped_environment);
}

}  // namespace foz::plan
