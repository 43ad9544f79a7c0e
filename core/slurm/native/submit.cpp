#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>

#include "core/base/fd.h"
#include "core/base/text.h"
#include "core/slurm/communication.h"
#include "core/slurm/native/calls.h"
#include "core/slurm/native/compat.h"
#include "core/slurm/native/submit_environment.h"
#include "core/slurm/refusal.h"
#include "core/slurm/scheduler.h"

namespace foz::slurm::native {

namespace {

constexpr std::uint64_t k_largest_script = 4U << 20U;

/// A job description and the storage its pointers point into, for the length of one call.
class Description {
 public:
  Description() {
    slurm_init_job_desc_msg(&message_);
    set_unset(message_);
  }
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;

  job_desc_msg_t& message() { return message_; }

  /// A pointer that lives as long as this; null for "".
  char* text(std::string value) {
    if (value.empty()) return nullptr;
    return texts_.emplace_back(std::make_unique<std::string>(std::move(value)))->data();
  }
  char** list(const std::vector<std::string>& values) {
    auto& pointers = lists_.emplace_back();
    for (const std::string& value : values) {
      pointers.push_back(texts_.emplace_back(std::make_unique<std::string>(value))->data());
    }
    pointers.push_back(nullptr);
    return pointers.data();
  }

 private:
  job_desc_msg_t message_{};
  std::vector<std::unique_ptr<std::string>> texts_;
  std::list<std::vector<char*>> lists_;
};

void fill_names(Description& to, const SubmitRequest& request) {
  job_desc_msg_t& message = to.message();
  message.name = to.text(request.name);
  message.comment = to.text(request.comment);
  message.work_dir = to.text(request.workdir);
  message.std_out = to.text(request.output);
  message.account = to.text(request.account);
  message.partition = to.text(request.partition);
  message.qos = to.text(request.qos);
  message.reservation = to.text(request.reservation);
  message.features = to.text(request.constraint);
  message.req_nodes = to.text(request.nodelist);
  message.exc_nodes = to.text(request.exclude);
  message.licenses = to.text(request.licenses);
  message.mail_user = to.text(request.mail_user);
}

void fill_order(Description& to, const SubmitRequest& request) {
  job_desc_msg_t& message = to.message();
  message.array_inx = to.text(request.array);
  message.dependency = to.text(request.dependency);
  message.bitflags |= KILL_INV_DEP;
  message.requeue = 1;
  message.open_mode = OPEN_MODE_APPEND;
  if (request.hold == Hold::yes) message.priority = 0;
  if (request.nice) {
    message.nice = static_cast<std::uint32_t>(NICE_OFFSET + std::int64_t{*request.nice});
  }
}

void fill_nodes(Description& to, const SubmitRequest& request) {
  job_desc_msg_t& message = to.message();
  message.min_nodes = least_nodes(request);
  message.max_nodes = std::max(message.min_nodes, request.nodes_max);
  message.ntasks_per_node = static_cast<std::uint16_t>(request.tasks_per_node);
  message.cpus_per_task = static_cast<std::uint16_t>(request.cpus_per_task);
  message.bitflags |= JOB_CPUS_SET;
  message.pn_min_cpus = message.cpus_per_task;
  message.min_cpus = request.cpus_per_task;
  if (const auto tasks = task_count(request)) {
    message.num_tasks = *tasks;
    message.min_cpus = *tasks * request.cpus_per_task;
    message.bitflags |= JOB_NTASKS_SET;
  }
  if (request.node_loss == NodeLoss::keeps_job) message.kill_on_node_fail = 0;
  if (request.exclusive) message.shared = JOB_SHARED_NONE;
  if (request.switches) message.req_switch = *request.switches;
}

void fill_memory(Description& to, const Memory& memory) {
  job_desc_msg_t& message = to.message();
  switch (memory.kind) {
    case Memory::Kind::unset:
      return;
    case Memory::Kind::per_node:
      message.pn_min_memory = memory.mebibytes;
      return;
    case Memory::Kind::per_cpu:
      message.pn_min_memory = memory.mebibytes | MEM_PER_CPU;
      return;
    case Memory::Kind::per_gpu:
      message.mem_per_tres = to.text(fmt::format("{}gpu:{}", k_gres_prefix, memory.mebibytes));
      return;
    case Memory::Kind::all:
      message.pn_min_memory = 0;
      return;
  }
}

/// "gpu:a100:4,ssd:1": each kind with the class in front.
std::string tres_of(std::string_view gres) {
  std::vector<std::string> kinds;
  for (const std::string_view kind : split(gres, ',')) {
    kinds.push_back(fmt::format("{}{}", k_gres_prefix, kind));
  }
  return join(kinds, ",");
}

void fill_shape(Description& to, const SubmitRequest& request) {
  job_desc_msg_t& message = to.message();
  fill_nodes(to, request);
  fill_memory(to, request.memory);
  const std::string_view cpus = k_cpus_per_task_tres;
  if (!cpus.empty())
    message.tres_per_task = to.text(fmt::format("{}{}", cpus, request.cpus_per_task));
  if (!request.gres.empty()) message.tres_per_node = to.text(tres_of(request.gres));
  if (request.tmp_mib > 0) message.pn_min_tmp_disk = static_cast<std::uint32_t>(request.tmp_mib);
  if (request.hyperthreads) {
    // --hint=multithread and nomultithread.
    if (*request.hyperthreads) {
      message.ntasks_per_core = INFINITE16;
    } else {
      message.threads_per_core = 1;
    }
  }
  if (request.time_limit) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(*request.time_limit);
    message.time_limit = static_cast<std::uint32_t>(minutes.count());
  }
}

Result<void> fill_begin(Description& to, const SubmitRequest& request) {
  if (request.begin.empty()) return {};
  const time_t begin = slurm_parse_time != nullptr ? slurm_parse_time(request.begin.c_str(), 0) : 0;
  if (begin == 0) {
    return fail(refusal_error(request.name, fmt::format("\n  Invalid --begin specification: {}",
                                                        printable(request.begin))));
  }
  to.message().begin_time = begin;
  return {};
}

Result<void> fill_mail(Description& to, const SubmitRequest& request) {
  FOZ_TRY(const std::uint16_t mail, mail_flags(request.mail_type));
  to.message().mail_type = mail;
  return {};
}

Result<std::string> read_script(const SubmitRequest& request) {
  auto script = read_file(request.script, k_largest_script);
  if (!script) {
    return fail(refusal_error(request.name, "\n  Unable to open file: " + script.error().message));
  }
  if (!script->starts_with("#!") || script->find('\0') != script->npos) {
    return fail(refusal_error(request.name, "\n  This does not look like a batch script"));
  }
  if (script->find("\r\n") != script->npos) {
    return fail(refusal_error(request.name, "\n  Batch script contains DOS line breaks"));
  }
  return script;
}

/// The command that makes the same job: accounting shows it.
std::string submit_line(const SubmitRequest& request) {
  std::vector<std::string> words = {"sbatch", "--parsable"};
  const auto options = sbatch_options(request);
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(request.script);
  words.insert(words.end(), request.script_args.begin(), request.script_args.end());
  return join(words, " ");
}

Result<void> fill(Description& to, const SubmitRequest& request) {
  job_desc_msg_t& message = to.message();
  FOZ_TRY(std::string script, read_script(request));
  fill_names(to, request);
  fill_order(to, request);
  fill_shape(to, request);
  FOZ_CHECK(fill_begin(to, request));
  FOZ_CHECK(fill_mail(to, request));
  message.script = to.text(std::move(script));
  std::vector<std::string> argv = {request.script};
  argv.insert(argv.end(), request.script_args.begin(), request.script_args.end());
  message.argv = to.list(argv);
  message.argc = static_cast<std::uint32_t>(argv.size());
  const Environment environment = submit_environment(request);
  message.environment = to.list(environment);
  message.env_size = static_cast<std::uint32_t>(environment.size());
  message.std_in = to.text("/dev/null");
  message.submit_line = to.text(submit_line(request));
  message.user_id = ::getuid();
  message.group_id = ::getgid();
  return {};
}

Error submit_error(const SubmitRequest& request, int error_number) {
  const std::string words = slurm_strerror(error_number);
  if (is_silent_controller(words)) {
    return Error{Code::unknown_outcome,
                 fmt::format("it is not known whether job {} was submitted: {}",
                             quoted(request.name), words)};
  }
  if (is_unsent(words)) {
    return Error{Code::failed,
                 fmt::format("job {} was not submitted: {}", quoted(request.name), words)};
  }
  return refusal_error(request.name, "\n  " + words);
}

std::vector<std::string> lines_of(const char* text) {
  std::vector<std::string> lines;
  if (text == nullptr) return lines;
  for (const std::string_view line : split(text, '\n')) {
    if (!trim(line).empty()) lines.push_back(printable(trim(line)));
  }
  return lines;
}

}  // namespace

Result<Submission> submit(const SubmitRequest& request) {
  Description description;
  FOZ_CHECK(fill(description, request));
  submit_response_msg_t* response = nullptr;
  errno = 0;
  const int result = slurm_submit_batch_job(&description.message(), &response);
  if (result != 0) return fail(submit_error(request, error_of(result)));
  if (response == nullptr) return fail(submit_error(request, errno));
  Submission submission{submitted_id(*response), {}, lines_of(response->job_submit_user_msg)};
  slurm_free_submit_response_response_msg(response);
  return submission;
}

}  // namespace foz::slurm::native
