#include "core/agent/loop.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <utility>  // before Asio: Boost 1.74 uses std::exchange without including it

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace foz::agent {

namespace asio = boost::asio;
using boost::system::error_code;
using Descriptor = asio::posix::stream_descriptor;

struct Loop::Service {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
};

namespace {

/// A wait that arms itself again. Its state is shared with the pending wait, so that dropping the
/// registration in the middle of a callback is sound.
class Wait {
 public:
  Wait(asio::io_context& context, Descriptor::wait_type type, Loop::Callback ready)
      : descriptor_(context), type_(type), ready_(std::move(ready)) {}

  static void arm(const std::shared_ptr<Wait>& self, int descriptor) {
    error_code error;
    self->descriptor_.assign(descriptor, error);
    error ? poll_always(self) : wait(self);
  }

  void drop() {
    dropped_ = true;
    if (descriptor_.is_open()) descriptor_.release();
  }

 private:
  static void wait(const std::shared_ptr<Wait>& self) {
    self->descriptor_.async_wait(self->type_, [self](const error_code& error) {
      if (self->dropped_ || error == asio::error::operation_aborted) return;
      self->ready_();
      if (!self->dropped_) wait(self);
    });
  }

  /// epoll refuses plain files: they never make one wait.
  static void poll_always(const std::shared_ptr<Wait>& self) {
    asio::post(self->descriptor_.get_executor(), [self] {
      if (self->dropped_) return;
      self->ready_();
      if (!self->dropped_) poll_always(self);
    });
  }

  Descriptor descriptor_;
  Descriptor::wait_type type_;
  Loop::Callback ready_;
  bool dropped_ = false;
};

class DescriptorRegistration final : public Loop::Registration {
 public:
  explicit DescriptorRegistration(std::shared_ptr<Wait> wait) : wait_(std::move(wait)) {}
  ~DescriptorRegistration() override { wait_->drop(); }

 private:
  std::shared_ptr<Wait> wait_;
};

class TimerRegistration final : public Loop::Registration {
 public:
  TimerRegistration(asio::io_context& context, std::chrono::milliseconds time,
                    Loop::Callback callback)
      : timer_(context, time), alive_(std::make_shared<bool>(true)) {
    timer_.async_wait([alive = alive_, callback = std::move(callback)](const error_code& error) {
      if (*alive && !error) callback();
    });
  }
  ~TimerRegistration() override { *alive_ = false; }

 private:
  asio::steady_timer timer_;
  std::shared_ptr<bool> alive_;
};

class SignalRegistration final : public Loop::Registration {
 public:
  SignalRegistration(Fd descriptor, Loop& loop, std::function<void(int)> came)
      : descriptor_(std::move(descriptor)), came_(std::move(came)) {
    handle_ = loop.on_readable(descriptor_.get(), [this] { read_one(); });
  }

 private:
  void read_one() {
    signalfd_siginfo info{};
    if (::read(descriptor_.get(), &info, sizeof info) == sizeof info)
      came_(static_cast<int>(info.ssi_signo));
  }

  Fd descriptor_;
  std::function<void(int)> came_;
  Loop::Handle handle_;  ///< dropped before the descriptor is closed
};

}  // namespace

Loop::Loop() : service_(std::make_unique<Service>()) {}
Loop::~Loop() = default;

void Loop::run() {
  service_->context.restart();
  service_->context.run();
}

void Loop::stop() {
  service_->context.stop();
}

void Loop::post(Callback callback) {
  asio::post(service_->context, std::move(callback));
}

Loop::Handle Loop::on_readable(int descriptor, Callback ready) {
  auto wait = std::make_shared<Wait>(service_->context, Descriptor::wait_read, std::move(ready));
  Wait::arm(wait, descriptor);
  return std::make_unique<DescriptorRegistration>(std::move(wait));
}

Loop::Handle Loop::on_writable(int descriptor, Callback ready) {
  auto wait = std::make_shared<Wait>(service_->context, Descriptor::wait_write, std::move(ready));
  Wait::arm(wait, descriptor);
  return std::make_unique<DescriptorRegistration>(std::move(wait));
}

Loop::Handle Loop::after(std::chrono::milliseconds time, Callback callback) {
  return std::make_unique<TimerRegistration>(service_->context, time, std::move(callback));
}

Result<Loop::Handle> Loop::on_signals(const std::vector<int>& numbers,
                                      std::function<void(int)> came) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers) sigaddset(&set, number);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0)
    return fail(errno_error("cannot block signals", errno));
  Fd descriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!descriptor) return fail(errno_error("cannot watch for signals", errno));
  return Handle(
      std::make_unique<SignalRegistration>(std::move(descriptor), *this, std::move(came)));
}

}  // namespace foz::agent
