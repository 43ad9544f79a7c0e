#include "core/agent/ledger.h"

namespace foz::agent {

namespace {

template <class T>
std::int64_t number(T value) {
  return static_cast<std::int64_t>(value);
}

std::string class_text(const std::optional<failure::Class>& cls) {
  return cls ? std::string(failure::class_name(*cls)) : std::string();
}

}  // namespace

journal::Record Ledger::record(std::string_view kind) const {
  journal::Record record;
  record.kind = kind;
  record.fields = {{"stage", task_.identity.stage},
                   {"index", number(task_.identity.index.value)},
                   {"attempt", number(task_.identity.attempt.value)}};
  return record;
}

void Ledger::append(journal::Record record) {
  auto written = journal_.append(std::move(record), Durability::cached);
  if (!written && !first_error_) first_error_ = std::move(written.error());
}

Result<void> Ledger::task_started(const Start& start) {
  journal::Record started = record(journal::kind::task_started);
  started.fields.insert(started.fields.end(), {{"job", number(start.job)},
                                               {"array_job", number(start.array_job)},
                                               {"array_index", start.array_index},
                                               {"nodes", start.nodes},
                                               {"restart", number(start.restart)}});
  return journal_.append(std::move(started), Durability::cached);
}

void Ledger::step_started(const action::RecordStepStarted& step) {
  journal::Record started = record(journal::kind::step_started);
  started.fields.insert(
      started.fields.end(),
      {{"step", number(step.step)}, {"start", number(step.start)}, {"ranks", number(step.ranks)}});
  append(std::move(started));
}

void Ledger::world_up(const action::RecordWorldUp& step) {
  journal::Record up = record(journal::kind::world_up);
  up.fields.insert(
      up.fields.end(),
      {{"step", number(step.step)}, {"start", number(step.start)}, {"ranks", number(step.ranks)}});
  append(std::move(up));
}

void Ledger::step_ended(const action::RecordStepEnded& step) {
  journal::Record ended = record(journal::kind::step_ended);
  ended.fields.insert(ended.fields.end(), {{"step", number(step.step)},
                                           {"start", number(step.start)},
                                           {"status", step.status},
                                           {"class", class_text(step.cls)},
                                           {"sentence", step.sentence}});
  append(std::move(ended));
}

void Ledger::note(const std::string& text) {
  journal::Record note = record(journal::kind::note);
  note.fields.emplace_back("text", text);
  append(std::move(note));
}

void Ledger::log_lost(const std::string& sentence) {
  journal::Record lost = record(journal::kind::log_lost);
  lost.fields.emplace_back("sentence", sentence);
  append(std::move(lost));
}

Result<void> Ledger::task_ended(const action::Finish& end, const std::string& log) {
  journal::Record ended = record(journal::kind::task_ended);
  ended.fields.insert(ended.fields.end(), {{"outcome", std::string(outcome_name(end.outcome))},
                                           {"class", class_text(end.cls)},
                                           {"sentence", end.sentence},
                                           {"exit", number(end.exit_code)},
                                           {"log", log}});
  return journal_.append(std::move(ended), Durability::durable);
}

}  // namespace foz::agent
