#include "core/slurm/squeue.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/slurm/delimited.h"

namespace foz::slurm {

namespace {

/// The columns in order; what is free text stands last. Width 0 means: neither cut nor padded.
enum Column : std::size_t {
  k_id,
  k_array_id,
  k_indices,
  k_state,
  k_submit,
  k_start,
  k_end,
  k_restarts,
  k_partition,
  k_nodes,
  k_reason,
  k_dependency,
  k_comment,
  k_name,
  k_columns,
};
constexpr std::string_view k_column_names[k_columns] = {
    "JobID",      "ArrayJobID", "ArrayTaskID", "State",  "SubmitTime", "StartTime", "EndTime",
    "RestartCnt", "Partition",  "NodeList",    "Reason", "Dependency", "Comment",   "Name"};

/// Cluster is there to carry the mark of a row: -O knows no text in front of its first column.
std::string columns() {
  std::string text = fmt::format("Cluster:0{}", k_row_mark);
  for (const std::string_view name : k_column_names) {
    text += fmt::format(",{}:0{}", name, k_field_mark);
  }
  return text;
}

tl::unexpected<Error> odd_row(std::string_view what, std::string_view text) {
  return fail(Code::invalid,
              fmt::format("the answer of 'squeue' has {} as {}", quoted(text), what));
}

/// "7" is one element, "3-16,20%4" the pending rest, "N/A" no array, or the end of a whole rest.
Result<void> read_indices(JobRow& row, std::string_view text) {
  if (text == "N/A" || text.empty()) return {};
  if (text.ends_with("...")) return odd_row("array indices, which are cut", text);
  if (text.find_first_not_of("0123456789") == text.npos) {
    const auto index = parse_integer(text);
    if (!index || *index >= UINT32_MAX) return odd_row("an array index", text);
    row.index = ArrayIndex{static_cast<std::uint32_t>(*index)};
  } else {
    row.pending_indices = std::string(split(text, '%', 2).front());
  }
  return {};
}

Result<JobRow> read_row(const Fields& fields) {
  JobRow row;
  const auto id = parse_job_id(fields[k_id]);
  const auto array_id = parse_job_id(fields[k_array_id]);
  if (!id) return odd_row("a job id", fields[k_id]);
  row.id = *id;
  FOZ_CHECK(read_indices(row, fields[k_indices]));
  if (row.index || !row.pending_indices.empty()) {
    if (!array_id) return odd_row("an array's job id", fields[k_array_id]);
    row.array_id = *array_id;
  }
  row.state_text = std::string(trim(fields[k_state]));
  row.state = parse_state(row.state_text);
  row.submit_time = parse_epoch(fields[k_submit]);
  row.start_time = parse_epoch(fields[k_start]);
  row.end_time = parse_epoch(fields[k_end]);
  row.restarts = static_cast<int>(parse_integer(fields[k_restarts]).value_or(0));
  row.partition = std::string(fields[k_partition]);
  row.nodes = text_or_nothing(fields[k_nodes]);
  row.reason = text_or_nothing(fields[k_reason]);
  row.dependency = text_or_nothing(fields[k_dependency]);
  row.comment = text_or_nothing(fields[k_comment]);
  row.name = std::string(fields[k_name]);
  return row;
}

}  // namespace

/// Without --local squeue also asks for the federation, which costs a request more.
std::vector<std::string> squeue_command() {
  return {"squeue",
          "--me",
          "--all",
          "--local",
          "--noheader",
          "--states=all",
          fmt::format("--Format={}", columns())};
}

std::string squeue_row(const JobRow& row) {
  const auto seconds = [](UnixMillis time) {
    return time == 0 ? std::string("N/A") : fmt::format("{}", time / 1'000);
  };
  const JobId array_id = row.array_id.value == 0 ? row.id : row.array_id;
  const std::string indices = row.index ? fmt::format("{}", row.index->value) : row.pending_indices;
  std::string text(k_row_mark);
  for (const std::string& field :
       {fmt::format("{}", row.id.value), fmt::format("{}", array_id.value),
        indices.empty() ? std::string("N/A") : indices, row.state_text, seconds(row.submit_time),
        seconds(row.start_time), seconds(row.end_time), fmt::format("{}", row.restarts),
        row.partition, row.nodes, row.reason, row.dependency, row.comment, row.name}) {
    text += field;
    text += k_field_mark;
  }
  return text;
}

Result<std::vector<JobRow>> parse_squeue(std::string_view answer) {
  FOZ_TRY(const auto lines, split_rows(answer, k_columns, "squeue"));
  std::vector<JobRow> rows;
  rows.reserve(lines.size());
  for (const Fields& fields : lines) {
    FOZ_TRY(JobRow row, read_row(fields));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace foz::slurm
