/// The keeper: lives in the job, brings events to the machine and carries its actions out. Decides
/// nothing itself. One thread, one loop; whatever may block is asked only when no rank runs.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/agent/arranger.h"
#include "core/agent/channel.h"
#include "core/agent/gate.h"
#include "core/agent/job.h"
#include "core/agent/ledger.h"
#include "core/agent/loop.h"
#include "core/agent/machine.h"
#include "core/agent/outputs.h"
#include "core/agent/partners.h"
#include "core/agent/reason.h"
#include "core/agent/references.h"
#include "core/journal/journal.h"
#include "core/journal/run_folder.h"
#include "core/task/stage.h"

namespace foz::agent {

/// All that is known before anything starts.
struct KeeperSetting {
  journal::RunFolder folder;
  task::StageTasks stage;
  TaskIndex index;
  Attempt attempt;
  JobFacts job;
};

class Keeper {
 public:
  /// Everything must outlive the keeper. Code::invalid where a task-level text cannot be filled.
  [[nodiscard]] static Result<std::unique_ptr<Keeper>> make(
      Loop& loop, const KeeperSetting& setting, const References& references, Channel& channel,
      journal::Writer& journal, Partners::OpenScheduler open_scheduler);

  struct End {
    Outcome outcome = Outcome::failed;
    std::string sentence;  ///< for the job's own output; empty on success
    int exit_status = 1;   ///< 0 only for a success that is recorded
  };
  /// From the start record to the end record. Runs the loop.
  [[nodiscard]] End run();

  /// A signal to this process other than SIGCHLD.
  void signalled(int number);

 private:
  Keeper(Loop& loop, const KeeperSetting& setting, const References& references, Channel& channel,
         journal::Writer& journal, Partners::OpenScheduler open_scheduler, TaskPlan task,
         std::vector<WantedOutput> outputs);

  void feed(Event event);
  void perform(const action::AskGate&);
  void perform(const action::Connect&);
  void perform(const action::Prepare&);
  void perform(const action::ArrangeWorld& world);
  void perform(const action::StartRole& role);
  void perform(const action::StopWorld& stop);
  void perform(const action::Forward& forward);
  void perform(const action::SetTimer& timer);
  void perform(const action::AskReason&);
  void perform(const action::CheckOutputs&);
  void perform(const action::RecordStepStarted& step) { ledger_.step_started(step); }
  void perform(const action::RecordWorldUp& step) { ledger_.world_up(step); }
  void perform(const action::RecordStepEnded& step) { ledger_.step_ended(step); }
  void perform(const action::Note& note) { ledger_.note(note.text); }
  void perform(const action::Finish& finish);

  void hear(NodeIndex node, Report report);
  void on(NodeIndex node, report::Hello& hello);
  void on(NodeIndex node, report::Prepared&) { feed(event::NodePrepared{node}); }
  void on(NodeIndex node, report::Unfit& unfit) {
    feed(event::NodeUnfit{node, unfit.cls, unfit.sentence});
  }
  void on(NodeIndex node, report::Ports& ports) { arranger_.take(node, ports); }
  void on(NodeIndex, report::Running& one) { feed(event::RankRunning{one.world, one.slot}); }
  void on(NodeIndex, report::NotStarted& one) {
    feed(event::RankNotStarted{one.world, one.slot, one.sentence});
  }
  void on(NodeIndex, report::Ready& ready);
  void on(NodeIndex, report::NotReady& one) {
    feed(event::RankNotReady{one.world, one.slot, one.sentence});
  }
  void on(NodeIndex, report::Ended& one);
  void on(NodeIndex node, report::Clear& one) { feed(event::NodeClear{one.world, node}); }
  void on(NodeIndex, report::Signalled& one) { feed(event::Signalled{one.number}); }
  void on(NodeIndex, report::Noted& one) { ledger_.note(one.text); }
  void on(NodeIndex, report::LogLost& one) { ledger_.log_lost(one.sentence); }
  void on(NodeIndex node, report::Lost& lost) { feed(event::NodeLost{node, lost.sentence}); }

  void record_end(const action::Finish& finish);
  [[nodiscard]] Result<void> write_outcome(const action::Finish& finish);
  [[nodiscard]] std::string main_log() const;
  void tend_partners(std::chrono::milliseconds pause);
  void leave_partners();
  void stop_when_done();

  Loop& loop_;
  const KeeperSetting& setting_;
  const References& references_;
  Channel& channel_;
  TaskPlan task_;
  Ledger ledger_;
  Partners partners_;
  Partners::OpenScheduler open_scheduler_;
  JobOutput output_;
  Gate gate_;
  Arranger arranger_;
  std::vector<WantedOutput> wanted_outputs_;
  std::optional<OutputCheck> outputs_;
  std::vector<plugin::Node> nodes_;
  State state_;
  std::deque<Event> events_;
  bool is_stepping_ = false;
  long ends_seen_ = 0;
  std::map<Timer, Loop::Handle> timers_;
  Loop::Handle next_try_;  ///< for partners, after the end
  std::chrono::steady_clock::time_point give_up_at_;
  bool is_closed_ = false;
  End end_;
};

}  // namespace foz::agent
