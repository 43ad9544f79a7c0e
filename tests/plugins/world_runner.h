/// Runs a plugin's launch on one machine that pretends to be several nodes: real processes, real
/// ports, no Slurm and no agent. What it does is what the keeper and its node agents do, in the
/// simplest way that a test can read.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/plugin/host.h"

namespace foz::plugin {

struct WorldOptions {
  fs::path folder;   ///< of this world; exists
  fs::path workdir;  ///< of every rank
  std::uint32_t nodes = 2;
  std::uint64_t memory_mib = 6144;
  std::uint32_t cpus = 2;
  Environment environment;
  std::chrono::seconds deadline{500};
  /// "worker.0.grpc" -> a port that is not free, for failures.
  std::map<std::string, std::uint16_t> ports;
};

struct RankEnd {
  std::string name;  ///< "worker.0"
  int wait_status = 0;
  bool ended_by_us = false;
  std::string log;
  std::string proof;      ///< first line of its proof's file; empty: none
  bool is_proved = true;  ///< false: it had to prove the world's size and did not
};

struct WorldEnd {
  std::vector<RankEnd> ranks;
  [[nodiscard]] const RankEnd& rank(const std::string& name) const;
  [[nodiscard]] std::string logs() const;
};

/// Pins the plugin, loads the pinned copy, asks it and starts what it says. An Error where the
/// world did not come to its end in time; the logs are in the message.
[[nodiscard]] Result<WorldEnd> run_world(Registry& registry, const std::string& name,
                                         const Value& with, const WorldOptions& options);

/// The first of the description's last words found in the last 50 lines of a log; null: none.
[[nodiscard]] const LastWords* find_last_words(const Description& description,
                                               const std::string& log);

}  // namespace foz::plugin
