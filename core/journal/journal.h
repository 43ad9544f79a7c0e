/// The journal of a run: what was intended, done and seen, by every process of the run on every
/// host.
///
///   journal/<host>.jsonl := header LF (record LF)*
///   header := {"foz_journal":1,"host":NAME,"created":UNIX_MS,"crc":"8 hex digits"}
///   record := {"k":KIND,"w":WRITER,"n":SEQ,"t":UNIX_MS, <flat members: strings, integers,
///             booleans>, "crc":"8 hex digits"}
///
/// One write(2) on an O_APPEND descriptor per record, at most 4,096 bytes with its LF; several
/// processes of one host may append at once. WRITER is "<pid>-<8 random hex digits>", SEQ counts
/// from 1 in each writer, so that a gap is seen. `crc` is the last member: CRC-32 of the bytes
/// before `,"crc"`, in lower-case hex. jq reads the file: a byte that is not UTF-8 stands as
/// \udcXX. Order: by attempt and by a writer's own sequence; clocks of hosts differ and are for
/// people only.
///
/// A reader skips nothing silently: at a record that does not parse or whose CRC fails, it notes
/// file and offset as damage and goes on behind the next LF. Bytes behind the last LF are a torn
/// tail, expected after a power cut, never an error of the run. Empty lines mean nothing (a writer
/// that finds a torn tail begins with a LF). A newer format number is refused by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/base/result.h"

namespace foz::journal {

inline constexpr std::int64_t k_format = 1;
inline constexpr std::size_t k_max_record = 4096;      ///< bytes written, LF included
inline constexpr std::size_t k_max_line = 64U << 10U;  ///< what a reader takes at most

using Scalar = std::variant<std::string, std::int64_t, bool>;

struct Record {
  std::string kind;
  std::string writer;
  std::uint64_t sequence = 0;
  UnixMillis time = 0;
  std::vector<std::pair<std::string, Scalar>> fields;

  [[nodiscard]] const Scalar* find(std::string_view name) const;
  /// "" when absent or of another type.
  [[nodiscard]] std::string text(std::string_view name) const;
  /// 0 when absent or of another type.
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  /// false when absent or of another type.
  [[nodiscard]] bool flag(std::string_view name) const;

  bool operator==(const Record&) const = default;
};

/// Kinds and their members. An event that cannot change state may be added freely; one that can
/// changes the format number.
namespace kind {
// by the login node (core/run)
/// workflow, run, version
inline constexpr std::string_view run_created = "run_created";
/// stage, part, nonce, name
inline constexpr std::string_view submit_intended = "submit_intended";
/// stage, part, nonce, job, cluster, adopted (found by its name, not told by the answer)
inline constexpr std::string_view submitted = "submitted";
/// stage, part, nonce, what ("refused": for good, "nothing": Slurm was not reached, "unseen":
/// outcome unknown, and the queue did not show it), reason
inline constexpr std::string_view submit_failed = "submit_failed";
/// stage, part
inline constexpr std::string_view release_intended = "release_intended";
/// stage, part
inline constexpr std::string_view released = "released";
/// stage ("" all), reason, by ("user", "foz")
inline constexpr std::string_view cancel_intended = "cancel_intended";
/// stage ("" all)
inline constexpr std::string_view cancelled = "cancelled";
/// stage, index, last, attempt, class, sentence, ended (ms; 0: not known): tasks index..last, judged
/// by advance from Slurm's own word, or known never to start
inline constexpr std::string_view task_lost = "task_lost";
/// stage (the child), job, elements, what ("released", "cancelled"): partners of `each` edges, and
/// tasks that can never start, seen to by advance
inline constexpr std::string_view sweep_intended = "sweep_intended";
inline constexpr std::string_view swept = "swept";

// by the keeper (core/agent)
/// stage, index, attempt, job, array_job, array_index, nodes, restart
inline constexpr std::string_view task_started = "task_started";
/// stage, index, attempt, step, start, ranks
inline constexpr std::string_view step_started = "step_started";
/// stage, index, attempt, step, start, ranks: every rank is running
inline constexpr std::string_view world_up = "world_up";
/// stage, index, attempt, step, start, status, class, sentence
inline constexpr std::string_view step_ended = "step_ended";
/// stage, index, attempt, outcome ("succeeded", "failed", "cancelled", "dependency_failed"; and
/// "interrupted": Slurm will start it again), class, sentence, exit, log
inline constexpr std::string_view task_ended = "task_ended";
/// stage, index, child
inline constexpr std::string_view partner_intended = "partner_intended";
/// stage, index, child, what ("released", "cancelled", "gone")
inline constexpr std::string_view partner_done = "partner_done";
/// stage, index, attempt, sentence: a part of a rank's log could not be written
inline constexpr std::string_view log_lost = "log_lost";
/// stage, index, attempt, text
inline constexpr std::string_view note = "note";
}  // namespace kind

/// The name of a host's file: "n1.jsonl". What is not a letter, digit, '.', '-' or '_' stands as
/// %XX, and a first '.' too; an over-long name is cut and told apart by its checksum.
[[nodiscard]] std::string host_file_name(std::string_view host);

/// Appends records to this host's file. A record is durable once append() has returned, unless
/// asked for `cached`. Not for several threads.
class Writer {
 public:
  /// Makes `folder`/<host>.jsonl with its header when missing (several processes may race: the file
  /// is made whole and linked into place). `folder` must exist, `clock` outlive the writer. A file
  /// of a newer format is Code::invalid.
  [[nodiscard]] static Result<Writer> open(const fs::path& folder, const std::string& host,
                                           const Clock& clock);

  /// Fills in writer, sequence and time. Over 4,096 bytes: the longest texts are cut at the end
  /// (whole code points) and marked "…"; Code::too_large when that is not enough. ENOSPC, EDQUOT:
  /// Code::storage_full, and the record was not written (a partial write is closed off by a LF, so
  /// that readers see damage and not a false record). An error of the fsync itself: the record may
  /// or may not be there.
  [[nodiscard]] Result<void> append(Record record, Durability durability = Durability::durable);

  /// WRITER of this writer's records.
  [[nodiscard]] const std::string& id() const { return id_; }

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
  /// "header is missing", "header does not parse", "record does not parse", "checksum differs",
  /// "line is over 65536 bytes", "torn tail", "file shrank",
  /// "records 4 to 6 of writer 812-0a1b2c3d are missing"
  std::string what;

  bool operator==(const Damage&) const = default;
};

struct Contents {
  std::vector<Record> records;  ///< file by file, in the order of the bytes
  std::vector<Damage> damage;
};

/// Whether a record is wanted. What is left out costs no memory; damage is reported all the same.
using Wanted = std::function<bool(const Record&)>;

/// All files of the folder. Code::not_found without the folder, Code::invalid for a newer format.
[[nodiscard]] Result<Contents> read(const fs::path& folder, const Wanted& wanted = {});

/// The same, again and again: keeps an offset for each file and gives only what is new (for follow
/// and `--wait`). A torn tail is no damage here: the rest of it may be on its way.
class Follower {
 public:
  explicit Follower(fs::path folder, Wanted wanted = {})
      : folder_(std::move(folder)), wanted_(std::move(wanted)) {}
  [[nodiscard]] Result<Contents> poll();

 private:
  friend Result<Contents> read(const fs::path& folder, const Wanted& wanted);
  struct Position {
    std::uint64_t offset = 0;  ///< behind the last LF that was read
    std::uint64_t tail = 0;    ///< bytes behind it
  };

  fs::path folder_;
  Wanted wanted_;
  std::map<std::string, Position> positions_;                     ///< by file name
  std::unordered_map<std::string, std::uint64_t> last_sequence_;  ///< by writer
};

/// The line of a record, with its crc and LF (record_json.cpp).
[[nodiscard]] std::string encode(const Record& record);
/// And back, with or without the LF. nullopt when it does not parse or the crc differs.
[[nodiscard]] std::optional<Record> decode(std::string_view line);

}  // namespace foz::journal
