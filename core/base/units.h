/// Bytes and durations as users write them and as Slurm wants them. One conversion for all of foz:
/// memory goes to Slurm in whole MiB, rounded up, always with a unit; time in whole minutes or
/// seconds, rounded up.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foz {

/// A number of bytes.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

/// Reads "120GiB", "1.5TB", "500MB", "64KiB", "123B": binary and decimal units told apart, a unit
/// is demanded. nullopt for anything else, a negative value or an overflow of 64 bits.
[[nodiscard]] std::optional<Bytes> parse_bytes(std::string_view text);
/// Whole MiB, rounded up.
[[nodiscard]] std::uint64_t to_mebibytes(Bytes bytes);
/// The shortest exact binary form: "120GiB", "1536MiB", "17B".
[[nodiscard]] std::string format_bytes(Bytes bytes);

using Seconds = std::chrono::seconds;

/// Reads "90s", "30m", "4h", "2d", "1h30m", "1-12:00:00", "12:30:00" (h:m:s). A bare number is
/// refused (nullopt), as is 0-length text.
[[nodiscard]] std::optional<Seconds> parse_duration(std::string_view text);
/// "1-12:00:00", "4:00:00", "0:30:00": the form Slurm reads without ambiguity.
[[nodiscard]] std::string format_slurm_time(Seconds duration);
/// For people: "1d12h", "4h", "90s" becomes "1m30s".
[[nodiscard]] std::string format_duration(Seconds duration);

}  // namespace foz
