/// A scheduler that hands every call on to another one; a test overrides what is to go otherwise.
#pragma once

#include "core/slurm/scheduler.h"

namespace foz::run {

class Forwarding : public slurm::Scheduler {
 public:
  explicit Forwarding(slurm::Scheduler& inner) : inner_(inner) {}

  [[nodiscard]] std::string_view name() const override { return inner_.name(); }
  [[nodiscard]] Result<slurm::Submission> submit(const slurm::SubmitRequest& request) override {
    return inner_.submit(request);
  }
  [[nodiscard]] Result<void> release(const std::vector<slurm::JobSelector>& jobs) override {
    return inner_.release(jobs);
  }
  [[nodiscard]] Result<void> cancel(const std::vector<slurm::JobSelector>& jobs) override {
    return inner_.cancel(jobs);
  }
  [[nodiscard]] Result<std::vector<slurm::JobRow>> jobs(const slurm::JobQuery& query) override {
    return inner_.jobs(query);
  }
  [[nodiscard]] Result<std::vector<slurm::AccountingRow>> history(
      const slurm::HistoryQuery& query) override {
    return inner_.history(query);
  }
  [[nodiscard]] Result<slurm::ClusterFacts> facts() override { return inner_.facts(); }

 protected:
  slurm::Scheduler& inner_;
};

}  // namespace foz::run
