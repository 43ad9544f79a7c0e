#include "core/slurm/sbatch_answer.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include "core/base/text.h"
#include "core/slurm/communication.h"
#include "core/slurm/delimited.h"
#include "core/slurm/refusal.h"

namespace foz::slurm {

namespace {

struct Named {
  JobId id;
  std::string cluster;
  bool operator==(const Named&) const = default;
};

bool is_cluster_name(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t;") == text.npos;
}

/// "ID<separator>CLUSTER" or "ID".
std::optional<Named> read_pair(std::string_view text, std::string_view separator) {
  const std::size_t at = text.find(separator);
  const auto id = parse_job_id(text.substr(0, at));
  if (!id) return std::nullopt;
  if (at == text.npos) return Named{*id, {}};
  const std::string_view cluster = text.substr(at + separator.size());
  if (!is_cluster_name(cluster)) return std::nullopt;
  return Named{*id, std::string(cluster)};
}

std::optional<Named> read_line(std::string_view line) {
  constexpr std::string_view k_sentence = "Submitted batch job ";
  if (line.starts_with(k_sentence)) {
    return read_pair(line.substr(k_sentence.size()), " on cluster ");
  }
  return read_pair(line, ";");
}

/// The ids of an answer, and all else it holds.
struct Answer {
  std::vector<Named> ids;
  std::vector<std::string> notes;
};

void add_id(Answer& answer, Named id) {
  for (Named& known : answer.ids) {
    if (known.id != id.id) continue;
    if (known.cluster.empty()) known.cluster = std::move(id.cluster);
    return;
  }
  answer.ids.push_back(std::move(id));
}

Answer read_streams(const Finished& finished) {
  Answer answer;
  for (const std::string_view raw : split(finished.out, '\n')) {
    const std::string_view line = trim(raw);
    if (auto id = read_line(line)) {
      add_id(answer, std::move(*id));
    } else if (!line.empty()) {
      answer.notes.push_back(printable(line));
    }
  }
  for (const std::string_view raw : split(finished.err, '\n')) {
    if (!trim(raw).empty()) answer.notes.push_back(printable(trim(raw)));
  }
  return answer;
}

tl::unexpected<Error> unknown(std::string_view name, std::string_view why,
                              const Finished& finished) {
  const std::string text = said(finished);
  return fail(Code::unknown_outcome,
              fmt::format("it is not known whether job {} was submitted: {}{}", quoted(name), why,
                          text.empty() ? "" : "; sbatch said:" + text));
}

Result<Submission> read_success(Answer answer, std::string_view name, const Finished& finished) {
  if (answer.ids.empty()) return unknown(name, "sbatch's answer has no job id", finished);
  if (answer.ids.size() > 1) {
    return unknown(name,
                   fmt::format("sbatch's answer has two job ids, {} and {}", answer.ids[0].id.value,
                               answer.ids[1].id.value),
                   finished);
  }
  return Submission{answer.ids[0].id, std::move(answer.ids[0].cluster), std::move(answer.notes)};
}

}  // namespace

Result<Submission> read_sbatch_answer(const Finished& finished, std::string_view name) {
  Answer answer = read_streams(finished);
  if (finished.exited_with(0)) return read_success(std::move(answer), name, finished);
  const std::string text = said(finished);
  if (answer.ids.empty() && finished.err.find(k_sbatch_waits) != std::string::npos) {
    Error error = refusal_error(name, text);
    if (!WIFEXITED(finished.wait_status)) error.code = Code::unknown_outcome;
    return fail(std::move(error));
  }
  if (!WIFEXITED(finished.wait_status)) {
    return unknown(name, "sbatch was " + finished.describe(), finished);
  }
  if (!answer.ids.empty()) {
    return unknown(name, "sbatch named a job id, yet ended with " + finished.describe(), finished);
  }
  if (is_silent_controller(text)) {
    return unknown(name, "the controller did not answer", finished);
  }
  if (is_unsent(text)) {
    return fail(Code::failed,
                fmt::format("job {} was not submitted; sbatch said:{}", quoted(name), text));
  }
  return fail(refusal_error(name, text));
}

}  // namespace foz::slurm
