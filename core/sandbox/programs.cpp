#include "core/sandbox/programs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/sandbox/configuration.h"
#include "core/sandbox/mark.h"

namespace foz::sandbox {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_short_answer{5'000};
constexpr std::size_t k_most_words = 3;
constexpr std::array<std::string_view, 3> k_complaints = {
    "fatal: ", "error: ", "Error: "};  ///< Slurm, Slurm, munge

struct Wanted {
  std::string_view program;
  std::string_view package;
  std::string Programs::*field;
};

constexpr std::array<Wanted, 5> k_wanted = {{
    {"munged", "munge", &Programs::munged},
    {"slurmctld", "slurmctld", &Programs::slurmctld},
    {"slurmd", "slurmd", &Programs::slurmd},
    {"scontrol", "slurm-client", &Programs::scontrol},
    {"sinfo", "slurm-client", &Programs::sinfo},
}};

std::string search_path(const Environment& environment, std::string_view more_folders) {
  return fmt::format("{}:{}", find_variable(environment, "PATH").value_or("/usr/bin:/bin"),
                     more_folders);
}

std::string find_on(const std::string& path, std::string_view program) {
  for (const std::string_view folder : split(path, ':')) {
    std::string candidate = fmt::format("{}/{}", folder, program);
    if (folder.starts_with('/') && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

Environment plain_environment(const fs::path& folder, const Environment& callers) {
  Environment environment = {"PATH=" + search_path(callers, k_daemon_folders), "LC_ALL=C",
                             fmt::format("SLURM_CONF={}/slurm.conf", folder.native())};
  // What a private installation of Slurm may need, and what its log lines are in.
  for (const std::string_view name : {"HOME", "USER", "LOGNAME", "LD_LIBRARY_PATH", "TZ"}) {
    if (const auto value = find_variable(callers, name)) set_variable(environment, name, *value);
  }
  return environment;
}

Result<std::string> ask(const fs::path& folder, std::vector<std::string> argv) {
  Command command{.argv = std::move(argv),
                  .environment = plain_environment(folder, current_environment()),
                  .directory = "/"};
  command.deadline = k_short_answer;
  FOZ_TRY(const Finished finished, run_command(command));
  if (!finished.exited_with(0)) {
    return fail(Code::unavailable,
                fmt::format("{}: {}", finished.describe(), one_line(finished.err)));
  }
  return finished.out;
}

/// Log lines begin with a time in brackets or a date: of no interest in a message.
std::string_view without_time(std::string_view line) {
  const std::size_t bracket = line.starts_with('[') ? line.find("] ") : line.npos;
  return bracket == line.npos ? line : line.substr(bracket + 2);
}

bool is_complaint(std::string_view line) {
  return std::any_of(k_complaints.begin(), k_complaints.end(),
                     [&](std::string_view word) { return line.find(word) != line.npos; });
}

}  // namespace

Result<Programs> find_programs(const Environment& environment, std::string_view more_folders) {
  const std::string path = search_path(environment, more_folders);
  Programs programs;
  std::vector<std::string> missing;
  for (const Wanted& wanted : k_wanted) {
    std::string found = find_on(path, wanted.program);
    if (found.empty())
      missing.push_back(fmt::format("'{}' (Debian package '{}')", wanted.program, wanted.package));
    programs.*wanted.field = std::move(found);
  }
  if (missing.empty()) return programs;
  return fail(
      Code::not_found,
      fmt::format("a sandbox needs {}, not found on PATH or in the sbin folders: on Debian, "
                  "'apt-get install slurm-wlm munge' brings all",
                  join(missing, ", ")));
}

Result<Release> ask_release(const Programs& programs) {
  FOZ_TRY(const std::string answer, ask("/nonexistent", {programs.slurmctld, "-V"}));
  return parse_release(answer);
}

Environment daemon_environment(const fs::path& folder, const Environment& callers) {
  Environment environment = plain_environment(folder, callers);
  set_variable(environment, k_folder_variable, folder.native());
  return environment;
}

bool controller_answers(const Programs& programs, const fs::path& folder) {
  const auto answer = ask(folder, {programs.scontrol, "ping"});
  return answer && answer->find(" is UP") != answer->npos;
}

Result<std::vector<NodeState>> ask_nodes(const Programs& programs, const fs::path& folder) {
  FOZ_TRY(const std::string answer,
          ask(folder, {programs.sinfo, "--noheader", "--Node", "--format=%N|%T"}));
  std::vector<NodeState> nodes;
  for (const std::string_view line : split(answer, '\n')) {
    const auto fields = split(trim(line), '|');
    if (fields.size() != 2) continue;
    NodeState node{std::string(fields[0]), std::string(fields[1])};
    // A node has a row for each of its partitions, one after the other.
    if (nodes.empty() || nodes.back().name != node.name) nodes.push_back(std::move(node));
  }
  return nodes;
}

Result<std::size_t> count_running_jobs(const Programs& programs, const fs::path& folder) {
  const auto squeue = fs::path(programs.sinfo).replace_filename("squeue");  // of the same package
  FOZ_TRY(const std::string answer, ask(folder, {squeue.native(), "--noheader", "--array",
                                                 "--states=RUNNING", "--format=%i"}));
  return static_cast<std::size_t>(std::count(answer.begin(), answer.end(), '\n'));
}

std::string one_line(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) {
    if (!trim(line).empty()) lines.push_back(printable(trim(line)));
  }
  return join(lines, "; ");
}

std::string last_words(const fs::path& log) {
  const auto bytes = read_file(log);
  if (!bytes) return {};
  std::vector<std::string> words;
  for (const std::string_view line : split(*bytes, '\n')) {
    if (is_complaint(line)) words.push_back(printable(without_time(line)));
  }
  if (words.size() > k_most_words) words.erase(words.begin(), words.end() - k_most_words);
  return join(words, "; ");
}

}  // namespace foz::sandbox
