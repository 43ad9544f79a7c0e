#include "core/slurm/refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace foz::slurm {

namespace {

using enum RefusalClass;

struct Words {
  std::string_view words;  ///< lower case
  RefusalClass kind;
};

/// Most exact first: words of a cause stand before Slurm's collective ones.
constexpr Words k_words[] = {
    {"dos line breaks", script},
    {"does not look like a batch script", script},
    {"batch script is empty", script},
    {"only whitespace", script},
    {"unable to open file", script},
    {"i/o error writing script/environment", script},
    {"not allowed from this host", host},
    {"maxsubmitjob", submit_limit},
    {"grpsubmitjob", submit_limit},
    {"maxwalldurationperjob", time_limit},
    {"maxwall", time_limit},
    {"time limit is invalid", time_limit},
    {"timelimit exceeds", time_limit},
    {"time limit exceeds", time_limit},
    {"invalid time limit", time_limit},
    {"invalid --time specification", time_limit},
    {"assocmax", limits},
    {"assocgrp", limits},
    {"qosmax", limits},
    {"qosmin", limits},
    {"qosgrp", limits},
    {"maxjobcount limit reached", queue_full},
    {"job queue full", queue_full},
    {"temporarily unable to accept job", queue_full},
    {"resource temporarily unavailable", queue_full},  // the same, as libslurm has it
    {"unable to create job record", queue_full},
    {"invalid qos", qos},
    {"qos usage threshold", qos},
    {"invalid account or account/partition", account},
    {"invalid account", account},
    {"without specifying a", site_filter},
    {"invalid partition", partition},
    {"no partition specified", partition},
    {"not permitted to use this partition", partition},
    {"required partition not available", partition},
    {"partition in down state", partition},
    {"partition configuration not available", partition},
    {"nodes not in this partition", nodes},
    {"invalid node name", nodes},
    {"required node not available", nodes},
    {"requested node configuration is not available", shape},
    {"more processors requested than permitted", shape},
    {"node count specification invalid", shape},
    {"cpu count specification invalid", shape},
    {"cpu count per node can not be satisfied", shape},
    {"task count specification invalid", shape},
    {"memory specification can not be satisfied", shape},
    {"memory required by task is not available", shape},
    {"generic resource (gres) specification", shape},
    {"invalid gres", shape},
    {"trackable resource (tres) specification", shape},
    {"invalid feature specification", shape},
    {"invalid --", option},
    {"unrecognized option", option},
    {"invalid argument", option},
    {"reservation", reservation},
    {"license", licenses},
    {"dependency", dependency},
    {"invalid job array", array},
    {"violates accounting/qos policy", limits},
    {"permission denied", permission},
    {"invalid user id", permission},
    {"submission error:", site_filter},
    {"slurm_job_submit", site_filter},
    {"unspecified error", site_filter},
};

std::string_view sentence_of(RefusalClass kind) {
  switch (kind) {
    case account:
      return "the account is wrong, or may not use this partition: set 'account' under 'slurm' "
             "('sacctmgr show assoc user=$USER' lists yours)";
    case partition:
      return "the partition is wrong, closed or not for you: set 'partition' under 'slurm' "
             "('sinfo -s' lists those you may use)";
    case qos:
      return "the QOS is wrong or not yours: set 'qos' under 'slurm' "
             "('sacctmgr show assoc user=$USER format=qos' lists yours)";
    case submit_limit:
      return "you have as many jobs in the queue as the site allows: wait until some have ended, "
             "then run it again";
    case limits:
      return "the request is over a limit of your account or QOS: ask for less, or name another "
             "'qos' or 'account' under 'slurm'";
    case time_limit:
      return "the time limit is missing or longer than allowed here: set 'time' under 'resources'";
    case shape:
      return "no node here has this shape: look at nodes, cpus, memory and gpus under 'resources', "
             "and at 'constraint' under 'slurm'";
    case option:
      return "Slurm does not take the value of an option: what it names below comes from the key "
             "of that name under 'slurm' or 'resources', or from 'sbatch_args'";
    case nodes:
      return "the named nodes do not exist, are down or belong to another partition: look at "
             "'nodelist' and 'partition' under 'slurm'";
    case reservation:
      return "the reservation does not exist, is over or is not for you: look at 'reservation' "
             "under 'slurm' ('scontrol show reservation' lists them)";
    case licenses:
      return "the licenses do not exist here or are all taken: look at 'licenses' under 'slurm'";
    case dependency:
      return "a job that this one waits for is not known to Slurm any more: run it again";
    case array:
      return "the array is larger than the site allows ('scontrol show config' says MaxArraySize)";
    case script:
      return "Slurm does not take the batch script";
    case host:
      return "jobs may not be submitted from this host: run foz on a login node";
    case queue_full:
      return "the cluster's queue is full (MaxJobCount): wait, then run it again";
    case permission:
      return "you may not do this here: ask the site";
    case site_filter:
      return "a rule of this site refused it";
    case other:
      return "";
  }
  return "";
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

Refusal classify_refusal(std::string_view text) {
  const std::string lower = to_lower(text);
  const auto* const found =
      std::find_if(std::begin(k_words), std::end(k_words),
                   [&lower](const Words& entry) { return lower.find(entry.words) != lower.npos; });
  const RefusalClass kind = found == std::end(k_words) ? other : found->kind;
  return Refusal{kind, sentence_of(kind)};
}

Error refusal_error(std::string_view job_name, std::string_view said) {
  const Refusal refusal = classify_refusal(said);
  std::string message = fmt::format("Slurm refused job {}", quoted(job_name));
  if (!refusal.sentence.empty()) message += fmt::format(": {}", refusal.sentence);
  message += said.empty() ? "; it gave no reason" : fmt::format("; it said:{}", said);
  return Error{Code::refused, std::move(message)};
}

}  // namespace foz::slurm
