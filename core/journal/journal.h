/// The journal of a run: what was intended, done and seen, by every process of the run on every host.
///
///   journal/<host>.jsonl := header LF record*
///   header := {"foz_journal":1,"host":NAME,"created":UNIX_MS}
///   record := {"k":KIND,"w":WRITER,"n":SEQ,"t":UNIX_MS, <flat members: strings, integers, booleans>, "crc":"8 hex digits"} LF
///
/// One write(2) on an O_APPEND descriptor per record, at most 4,096 bytes; several processes of one host may append at once. WRITER is "<pid>-<8 random hex>",
/// SEQ counts from 1 in each writer, so that a gap is seen. `crc` is the last member: CRC-32 of the bytes before `,"crc"`. jq reads the file.
/// Order: by attempt and by a writer's own sequence; clocks of hosts differ and are for people only.
///
/// A reader skips nothing silently: at a record that does not parse or whose CRC fails, it notes file and offset as damage and goes on behind the next LF; bytes behind
/// the last LF are a torn tail, expected after a power cut, never an error of the run. A newer format number is refused by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/base/result.h"

namespace foz::journal {

using Scalar = std::variant<std::string, std::int64_t, bool>;

struct Record {
  std::string kind;
  std::string writer;
  std::uint64_t sequence = 0;
  UnixMillis time = 0;
  std::vector<std::pair<std::string, Scalar>> fields;

  [[nodiscard]] const Scalar* find(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const;       ///< "" when absent or of another type
  [[nodiscard]] std::int64_t integer(std::string_view name) const;   ///< 0 when absent or of another type
  [[nodiscard]] bool flag(std::string_view name) const;              ///< false when absent or of another type
};

/// Kinds and their members. An event that cannot change state may be added freely; one that can changes the format number.
namespace kind {
// by the login node (core/run)
inline constexpr std::string_view run_created = "run_created";          // workflow, run, version
inline constexpr std::string_view submit_intended = "submit_intended";  // stage, part, nonce, name
inline constexpr std::string_view submitted = "submitted";              // stage, part, nonce, job, cluster
inline constexpr std::string_view submit_failed = "submit_failed";      // stage, part, nonce, reason
inline constexpr std::string_view release_intended = "release_intended";  // stage, part
inline constexpr std::string_view released = "released";                // stage, part
inline constexpr std::string_view cancel_intended = "cancel_intended";  // stage ("" all), reason
inline constexpr std::string_view cancelled = "cancelled";              // stage ("" all)
inline constexpr std::string_view task_lost = "task_lost";              // stage, index, attempt, class, sentence: judged by advance from Slurm's word
// by the keeper (core/agent)
inline constexpr std::string_view task_started = "task_started";  // stage, index, attempt, job, array_job, array_index, nodes, restart
inline constexpr std::string_view step_started = "step_started";  // stage, index, attempt, step, start, ranks
inline constexpr std::string_view world_up = "world_up";          // stage, index, attempt, step, start, ranks: every rank is running
inline constexpr std::string_view step_ended = "step_ended";      // stage, index, attempt, step, start, status, class, sentence
inline constexpr std::string_view task_ended = "task_ended";      // stage, index, attempt, outcome ("succeeded","failed","cancelled","dependency_failed"), class, sentence, exit, log
inline constexpr std::string_view partner_intended = "partner_intended";  // stage, index, child
inline constexpr std::string_view partner_done = "partner_done";  // stage, index, child, what ("released","cancelled","gone")
inline constexpr std::string_view note = "note";                  // stage, index, attempt, text
}  // namespace kind

/// Appends records to this host's file. A record is durable once append() has returned, unless asked for `cached`.
class Writer {
 public:
  /// Makes `folder`/<host>.jsonl with its header when missing (several processes may race: the file is made whole and linked into place).
  [[nodiscard]] static Result<Writer> open(const fs::path& folder, const std::string& host, const Clock& clock);

  /// Fills in writer, sequence and time. Over 4,096 bytes: long texts are cut at the end and marked "…". ENOSPC, EDQUOT: Code::storage_full, and the record was not written
  /// (a partial write is closed off by a LF, so that readers see damage and not a false record).
  [[nodiscard]] Result<void> append(Record record, Durability durability = Durability::durable);

 private:
  Writer(Fd file, std::string id, const Clock& clock);
  Fd file_;
  std::string id_;
  std::uint64_t sequence_ = 0;
  const Clock* clock_;
};

struct Damage {
  fs::path file;
  std::uint64_t offset = 0;
  std::string what;  ///< "record does not parse", "checksum differs", "torn tail"
};

struct Contents {
  std::vector<Record> records;   ///< file by file, in the order of the bytes
  std::vector<Damage> damage;
};

/// All files of the folder. Reads are bounded: a line over 64 KiB is damage.
[[nodiscard]] Result<Contents> read(const fs::path& folder);

/// The same, again and again: keeps an offset for each file and gives only what is new (for follow and `--wait`).
class Follower {
 public:
  explicit Follower(fs::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Result<Contents> poll();

 private:
  fs::path folder_;
  std::vector<std::pair<std::string, std::uint64_t>> offsets_;
};

/// The line of a record, with its crc and LF (record_json.cpp); and back. nullopt when it does not parse or the crc differs.
[[nodiscard]] std::string encode(const Record& record);
[[nodiscard]] std::optional<Record> decode(std::string_view line);

}  // namespace foz::journal
