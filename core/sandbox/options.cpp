#include <fmt/format.h>

#include <algorithm>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/sandbox/sandbox.h"

namespace foz::sandbox {

namespace {

constexpr int k_most_nodes = 1'000;
constexpr int k_most_cpus = 1'024;
constexpr std::uint64_t k_most_memory = 64U << 20U;  ///< MiB: 64 TiB
constexpr int k_most_gpus = 4;
constexpr int k_most_switches = 500;
constexpr int k_largest_array = 4'000'001;  ///< Slurm's own limit

class Complaints {
 public:
  template <class Number>
  void check_range(std::string_view name, Number value, Number least, Number most,
                   std::string_view reason = {}) {
    if (value >= least && value <= most) return;
    add(fmt::format("{} must be {} to {}, got {}{}", name, least, most, value, reason));
  }
  void add(std::string complaint) { complaints_.push_back(std::move(complaint)); }
  [[nodiscard]] Result<void> result() const {
    if (complaints_.empty()) return {};
    return fail(Code::invalid, join(complaints_, "; "));
  }

 private:
  std::vector<std::string> complaints_;
};

/// One setting on one line: anything else could smuggle a second one in, or include a file.
bool is_setting(std::string_view line) {
  const std::size_t equals = line.find('=');
  const std::string_view key = line.substr(0, std::min(equals, line.size()));
  const bool is_word =
      !key.empty() && std::all_of(key.begin(), key.end(),
                                  [](unsigned char letter) { return std::isalnum(letter) != 0; });
  const bool is_one_line = line.find_first_of(std::string_view("\n\r\0#", 4)) == line.npos;
  return equals != line.npos && is_word && is_one_line;
}

}  // namespace

Result<void> check_options(const SandboxOptions& options) {
  Complaints complaints;
  if (!is_safe_name(options.name)) {
    complaints.add(
        fmt::format("a sandbox's name is a letter or digit, then letters, digits, '_' and '-' (64 "
                    "at most), got {}",
                    quoted(options.name)));
  }
  complaints.check_range("nodes", options.nodes, 1, k_most_nodes);
  complaints.check_range("cpus_per_node", options.cpus_per_node, 1, k_most_cpus);
  complaints.check_range<std::uint64_t>("memory_per_node", options.memory_per_node, 1,
                                        k_most_memory, " (MiB)");
  complaints.check_range("gpus_per_node", options.gpus_per_node, 0, k_most_gpus,
                         ": every GPU of a node is a device file of its own that anybody may open, "
                         "and there are four");
  complaints.check_range("switches", options.switches, 0, k_most_switches);
  complaints.check_range("cred_expire", options.cred_expire, 1, 3'600, " (seconds)");
  complaints.check_range("min_job_age", options.min_job_age.value_or(2), 2, 1'000'000,
                         " (seconds)");
  complaints.check_range("max_array_size", options.max_array_size.value_or(2), 2, k_largest_array);
  if (!options.gpu_type.empty() && !is_safe_name(options.gpu_type)) {
    complaints.add(fmt::format("a GPU's type is letters, digits, '_' and '-', got {}",
                               quoted(options.gpu_type)));
  }
  for (const std::string& line : options.lines) {
    if (!is_setting(line))
      complaints.add(fmt::format(
          "a line of slurm.conf is KEY=VALUE without '#' or a line break, got {}", quoted(line)));
  }
  return complaints.result();
}

std::string to_string(const Release& release) {
  return fmt::format("{:02}.{:02}.{}", release.year, release.month, release.patch);
}

std::string_view to_string(Condition condition) {
  switch (condition) {
    case Condition::absent:
      return "absent";
    case Condition::up:
      return "up";
    case Condition::damaged:
      return "damaged";
  }
  FOZ_ASSERT(false);
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::started:
      return "started";
    case Outcome::rebuilt:
      return "rebuilt, without the jobs that it had,";
    case Outcome::already_up:
      return "already up";
  }
  FOZ_ASSERT(false);
}

}  // namespace foz::sandbox
