/// The one event loop of the agent: one thread, descriptors, timers, signals. The only place that
/// sees Boost.Asio. It knows nothing of ranks or nodes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"

struct signalfd_siginfo;

namespace foz::agent {

class Loop {
 public:
  using Callback = std::function<void()>;
  /// A registration; dropping it ends it, also from within its own callback.
  class Registration {
   public:
    virtual ~Registration() = default;
  };
  using Handle = std::unique_ptr<Registration>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs callbacks until stop().
  void run();
  void stop();
  /// Runs `callback` soon, never before this call returns.
  void post(Callback callback);

  /// `ready` is called again and again while `descriptor`, which must stay open, can be read
  /// (end of file and errors count) or written. What cannot be waited for (a plain file,
  /// /dev/null) counts as always ready.
  [[nodiscard]] Handle on_readable(int descriptor, Callback ready);
  [[nodiscard]] Handle on_writable(int descriptor, Callback ready);

  /// Once, after that time.
  [[nodiscard]] Handle after(std::chrono::milliseconds time, Callback callback);

  /// Blocks these signals in the process and gives each that comes to `came`, lowest number first.
  [[nodiscard]] Result<Handle> on_signals(const std::vector<int>& numbers,
                                          std::function<void(int number)> came);

 private:
  struct Service;
  std::unique_ptr<Service> service_;
};

}  // namespace foz::agent
