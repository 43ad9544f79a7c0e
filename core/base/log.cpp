#include "core/base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "core/base/text.h"

namespace foz::log {

namespace {

spdlog::sink_ptr make_sink(const std::string& target) {
  if (target != "1" && target != "stderr") {
    try {
      return std::make_shared<spdlog::sinks::basic_file_sink_mt>(target);
    } catch (const spdlog::spdlog_ex&) {  // a log that cannot be opened must not stop the work
    }
  }
  return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

std::unique_ptr<spdlog::logger> make_logger() {
  const char* target = std::getenv("FOZ_DEBUG");
  if (target == nullptr || *target == '\0') return nullptr;
  auto logger = std::make_unique<spdlog::logger>("foz", make_sink(target));
  logger->set_level(spdlog::level::debug);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e [%P] %v");
  logger->flush_on(spdlog::level::debug);
  return logger;
}

spdlog::logger* logger() {
  static const std::unique_ptr<spdlog::logger> k_logger = make_logger();
  return k_logger.get();
}

}  // namespace

bool is_on() {
  return logger() != nullptr;
}

void write(std::string_view room, std::string_view text) {
  if (logger() != nullptr) logger()->debug("{}: {}", room, printable(text));
}

}  // namespace foz::log
