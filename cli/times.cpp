#include "cli/times.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace foz::cli {

namespace {

std::tm local_time(UnixMillis time) {
  const std::time_t seconds = time / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return local;
}

}  // namespace

std::string clock_time(UnixMillis time) {
  const std::tm local = local_time(time);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

std::string date_time(UnixMillis time) {
  const std::tm local = local_time(time);
  return fmt::format("{:04}-{:02}-{:02} {}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                     clock_time(time));
}

std::string span_text(UnixMillis span) {
  const auto tenths = std::max<UnixMillis>(span, 0) / 100, seconds = tenths / 10;
  const auto minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  if (seconds < 10) return fmt::format("{}.{} s", seconds, tenths % 10);
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (hours == 0) return fmt::format("{}:{:02} min", minutes, seconds % 60);
  const std::string rest = fmt::format("{:02}:{:02}:{:02}", hours % 24, minutes % 60, seconds % 60);
  return days == 0 ? rest + " h" : fmt::format("{}-{}", days, rest);
}

std::optional<Lasting> lasting(UnixMillis began, UnixMillis ended, bool is_over) {
  const bool has_ended = ended != 0;
  if (began == 0 || (is_over && !has_ended)) return std::nullopt;
  return Lasting{span_text((has_ended ? ended : SystemClock().now()) - began), has_ended};
}

}  // namespace foz::cli
