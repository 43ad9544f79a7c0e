#include "core/slurm/native/submit_environment.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "core/base/hostlist.h"
#include "core/base/text.h"
#include "core/slurm/native/compat.h"

namespace foz::slurm::native {

namespace {

struct Limit {
  int resource;
  std::string_view name;
};
constexpr std::array<Limit, 10> k_limits = {{{RLIMIT_CPU, "CPU"},
                                             {RLIMIT_FSIZE, "FSIZE"},
                                             {RLIMIT_DATA, "DATA"},
                                             {RLIMIT_STACK, "STACK"},
                                             {RLIMIT_CORE, "CORE"},
                                             {RLIMIT_RSS, "RSS"},
                                             {RLIMIT_NPROC, "NPROC"},
                                             {RLIMIT_NOFILE, "NOFILE"},
                                             {RLIMIT_MEMLOCK, "MEMLOCK"},
                                             {RLIMIT_AS, "AS"}}};

/// Whether they start through Slurm, and with what more.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> k_hydra = {
    {{"HYDRA_BOOTSTRAP", "HYDRA_LAUNCHER_EXTRA_ARGS"},
     {"I_MPI_HYDRA_BOOTSTRAP", "I_MPI_HYDRA_BOOTSTRAP_EXEC_EXTRA_ARGS"}}};

struct MailWord {
  std::string_view word;
  std::uint16_t flags;
};
constexpr std::array<MailWord, 13> k_mail_words = {{
    {"NONE", 0},
    {"BEGIN", MAIL_JOB_BEGIN},
    {"END", MAIL_JOB_END},
    {"FAIL", MAIL_JOB_FAIL},
    {"REQUEUE", MAIL_JOB_REQUEUE},
    {"INVALID_DEPEND", MAIL_INVALID_DEPEND},
    {"STAGE_OUT", MAIL_JOB_STAGE_OUT},
    {"TIME_LIMIT", MAIL_JOB_TIME100},
    {"TIME_LIMIT_90", MAIL_JOB_TIME90},
    {"TIME_LIMIT_80", MAIL_JOB_TIME80},
    {"TIME_LIMIT_50", MAIL_JOB_TIME50},
    {"ARRAY_TASKS", MAIL_ARRAY_TASKS},
    {"ALL", MAIL_JOB_BEGIN | MAIL_JOB_END | MAIL_JOB_FAIL | MAIL_JOB_REQUEUE | MAIL_INVALID_DEPEND |
                MAIL_JOB_STAGE_OUT},
}};

void add(Environment& environment, std::string_view name, std::uint64_t value) {
  set_variable(environment, name, fmt::format("{}", value));
}

/// slurmd looks at these as the site's configuration says, and takes them out.
void add_limits(Environment& environment) {
  for (const Limit& limit : k_limits) {
    struct rlimit value {};
    if (::getrlimit(static_cast<__rlimit_resource_t>(limit.resource), &value) != 0) continue;
    add(environment, fmt::format("SLURM_RLIMIT_{}", limit.name), value.rlim_cur);
  }
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

unsigned current_umask() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

void add_origin(Environment& environment, const SubmitRequest& request) {
  errno = 0;
  const int priority = ::getpriority(PRIO_PROCESS, 0);
  if (errno == 0) set_variable(environment, "SLURM_PRIO_PROCESS", fmt::format("{}", priority));
  set_variable(environment, "SLURM_SUBMIT_DIR", request.workdir);
  set_variable(environment, "SLURM_SUBMIT_HOST", host_name());
  set_variable(environment, "SLURM_UMASK", fmt::format("{:04o}", current_umask()));
}

void add_options(Environment& environment, const SubmitRequest& request) {
  if (k_tells_name) {
    set_variable(environment, "SLURM_JOB_NAME", request.name);
    set_variable(environment, "SLURM_OPEN_MODE", "a");
  }
  if (!request.dependency.empty()) {
    set_variable(environment, "SLURM_JOB_DEPENDENCY", request.dependency);
  }
  if (request.memory.kind == Memory::Kind::per_gpu) {
    add(environment, "SLURM_MEM_PER_GPU", request.memory.mebibytes);
  }
  if (!request.hyperthreads) return;
  set_variable(environment, "SLURM_HINT", *request.hyperthreads ? "multithread" : "nomultithread");
  if (*request.hyperthreads) {
    add(environment, "SLURM_NTASKS_PER_CORE", INFINITE16);
  } else {
    add(environment, "SLURM_THREADS_PER_CORE", 1);
  }
}

void add_counts(Environment& environment, const SubmitRequest& request) {
  add(environment, "SLURM_CPUS_PER_TASK", request.cpus_per_task);
  if (const auto tasks = task_count(request)) {
    add(environment, "SLURM_NPROCS", *tasks);
    add(environment, "SLURM_NTASKS", *tasks);
  }
  add(environment, "SLURM_NTASKS_PER_NODE", request.tasks_per_node);
  const std::string_view tres = k_cpus_per_task_tres;
  if (tres.empty()) return;
  set_variable(environment, "SLURM_TRES_PER_TASK",
               fmt::format("{}{}", tres, request.cpus_per_task));
}

/// What the user has set is left as it is.
void add_launchers(Environment& environment) {
  if (!k_tells_launchers) return;
  const auto add_if_unset = [&environment](std::string_view name, std::string_view value) {
    if (!find_variable(environment, name)) set_variable(environment, name, value);
  };
  add_if_unset("OMPI_MCA_plm_slurm_args", "--external-launcher");
  add_if_unset("PRTE_MCA_plm_slurm_args", "--external-launcher");
  for (const auto& [bootstrap, extra] : k_hydra) {
    if (find_variable(environment, bootstrap).value_or("slurm") != "slurm") continue;
    add_if_unset(bootstrap, "slurm");
    add_if_unset(extra, "--external-launcher");
  }
}

}  // namespace

std::uint32_t least_nodes(const SubmitRequest& request) {
  if (!k_counts_tasks || request.nodelist.empty()) return request.nodes_min;
  const auto hosts = expand_hostlist(request.nodelist);
  const auto named = hosts ? static_cast<std::uint32_t>(hosts->size()) : 0;
  return std::max(request.nodes_min, named);
}

std::optional<std::uint32_t> task_count(const SubmitRequest& request) {
  if (!k_counts_tasks || least_nodes(request) < request.nodes_max) return std::nullopt;
  return least_nodes(request) * request.tasks_per_node;
}

Environment submit_environment(const SubmitRequest& request) {
  Environment environment = request.environment;
  add_limits(environment);
  add_origin(environment, request);
  add_options(environment, request);
  add_counts(environment, request);
  add_launchers(environment);
  return environment;
}

Result<std::uint16_t> mail_flags(const std::string& words) {
  std::uint16_t flags = 0;
  if (words.empty()) return flags;
  for (const std::string_view word : split(words, ',')) {
    bool known = false;
    for (const MailWord& entry : k_mail_words) {
      if (entry.word != word) continue;
      flags = static_cast<std::uint16_t>(flags | entry.flags);
      known = true;
    }
    if (!known) {
      return fail(Code::refused,
                  fmt::format("'mail' has {}, which Slurm does not know", quoted(word)));
    }
  }
  return flags;
}

}  // namespace foz::slurm::native
