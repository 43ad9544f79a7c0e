#include <fmt/format.h>

#include "core/slurm/scheduler.h"

namespace foz::slurm {

namespace {

/// Collects options as "--name=value" words: one word each, so that a value with blanks or a
/// leading dash stays one.
class Options {
 public:
  void flag(std::string_view name) { words_.push_back(fmt::format("--{}", name)); }
  void value(std::string_view name, std::string_view value) {
    words_.push_back(fmt::format("--{}={}", name, value));
  }
  void unless_empty(std::string_view name, std::string_view text) {
    if (!text.empty()) value(name, text);
  }
  void number(std::string_view name, std::int64_t number) {
    words_.push_back(fmt::format("--{}={}", name, number));
  }
  void append(const std::vector<std::string>& words) {
    words_.insert(words_.end(), words.begin(), words.end());
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
};

void add_names(Options& options, const SubmitRequest& request) {
  options.unless_empty("job-name", request.name);
  options.unless_empty("comment", request.comment);
  options.unless_empty("chdir", request.workdir);
  options.unless_empty("output", request.output);
}

/// What every submission of foz has, whatever the site's defaults are.
void add_habits(Options& options) {
  options.flag("requeue");
  options.value("open-mode", "append");
  options.value("export", "ALL");
  options.value("kill-on-invalid-dep", "yes");
}

void add_order(Options& options, const SubmitRequest& request) {
  options.unless_empty("array", request.array);
  options.unless_empty("dependency", request.dependency);
  options.unless_empty("begin", request.begin);
  if (request.hold == Hold::yes) options.flag("hold");
  if (request.nice) options.number("nice", *request.nice);
}

void add_memory(Options& options, const Memory& memory) {
  switch (memory.kind) {
    case Memory::Kind::unset:
      return;
    case Memory::Kind::per_node:
      return options.value("mem", fmt::format("{}M", memory.mebibytes));
    case Memory::Kind::per_cpu:
      return options.value("mem-per-cpu", fmt::format("{}M", memory.mebibytes));
    case Memory::Kind::per_gpu:
      return options.value("mem-per-gpu", fmt::format("{}M", memory.mebibytes));
    case Memory::Kind::all:
      return options.value("mem", "0");
  }
}

void add_nodes(Options& options, const SubmitRequest& request) {
  if (request.nodes_max > request.nodes_min) {
    options.value("nodes", fmt::format("{}-{}", request.nodes_min, request.nodes_max));
  } else {
    options.number("nodes", request.nodes_min);
  }
  options.number("ntasks-per-node", request.tasks_per_node);
  options.number("cpus-per-task", request.cpus_per_task);
}

void add_shape(Options& options, const SubmitRequest& request) {
  add_nodes(options, request);
  add_memory(options, request.memory);
  options.unless_empty("gres", request.gres);
  if (request.exclusive) options.flag("exclusive");
  if (request.time_limit) options.value("time", format_slurm_time(*request.time_limit));
  if (request.switches) options.number("switches", *request.switches);
  if (request.hyperthreads) {
    options.value("hint", *request.hyperthreads ? "multithread" : "nomultithread");
  }
  if (request.tmp_mib > 0) options.value("tmp", fmt::format("{}M", request.tmp_mib));
  if (request.node_loss == NodeLoss::keeps_job) options.flag("no-kill");
}

void add_place(Options& options, const SubmitRequest& request) {
  options.unless_empty("partition", request.partition);
  options.unless_empty("qos", request.qos);
  options.unless_empty("account", request.account);
  options.unless_empty("reservation", request.reservation);
  options.unless_empty("constraint", request.constraint);
  options.unless_empty("nodelist", request.nodelist);
  options.unless_empty("exclude", request.exclude);
  options.unless_empty("licenses", request.licenses);
  options.unless_empty("mail-type", request.mail_type);
  options.unless_empty("mail-user", request.mail_user);
}

}  // namespace

std::vector<std::string> sbatch_options(const SubmitRequest& request) {
  Options options;
  add_names(options, request);
  add_habits(options);
  add_order(options, request);
  add_shape(options, request);
  add_place(options, request);
  options.append(request.extra_args);
  return options.take();
}

}  // namespace foz::slurm
