#include "core/agent/channel.h"

namespace foz::agent {

namespace {

constexpr milliseconds k_close_grace{2'000};

class LocalChannel final : public Channel {
 public:
  LocalChannel(Loop& loop, Reaper& reaper, NodeAgent::Options options)
      : loop_(loop), agent_(loop, reaper, std::move(options), [this](Report report) {
          pass_on(std::move(report));
        }) {}

  void connect(const TaskPlan& task, Hear hear) override {
    hear_ = std::move(hear);
    agent_.greet(task);
  }

  void send(const Order& order, std::optional<NodeIndex> /*to*/) override { agent_.take(order); }

  void close(std::function<void()> done) override { agent_.leave(k_close_grace, std::move(done)); }

 private:
  void pass_on(Report report) {
    loop_.post(
        [this, report = std::move(report)]() mutable { hear_(NodeIndex{0}, std::move(report)); });
  }

  Loop& loop_;
  Hear hear_;
  NodeAgent agent_;
};

}  // namespace

std::unique_ptr<Channel> make_local_channel(Loop& loop, Reaper& reaper,
                                            NodeAgent::Options options) {
  return std::make_unique<LocalChannel>(loop, reaper, std::move(options));
}

}  // namespace foz::agent
