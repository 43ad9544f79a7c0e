#include "core/journal/run_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <tuple>

#include "core/base/text.h"
#include "core/journal/pending_release.h"

namespace foz::journal {

namespace {

fs::path runs_of(const fs::path& folder) {
  return folder / ".foz" / "runs";
}

bool has_plan(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / "plan.json", ignored);
}

/// A run folder is whole as soon as it has its name: one that is called like a run and has no plan,
/// or may not be looked into, is a damaged run.
bool is_run(const fs::path& folder) {
  if (has_plan(folder)) return true;
  if (!is_run_id(folder.filename().native())) return false;
  std::error_code error;
  const bool is_empty = fs::is_empty(folder, error);
  return fs::is_directory(folder, error) && !is_empty;
}

/// When a run was made: from what is written once, the plan first.
std::tuple<std::int64_t, std::int64_t> made_at(const RunFolder& run) {
  for (const fs::path& path : {run.plan(), run.workflow(), run.root() / "stages", run.root()}) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
  }
  return {0, 0};
}

std::vector<std::string> ids_of(const std::vector<RunFolder>& runs) {
  std::vector<std::string> ids;
  for (const RunFolder& run : runs) ids.push_back(run.run_id());
  return ids;
}

/// nullopt: no run of this folder is meant.
Result<std::optional<RunFolder>> pick(const std::vector<RunFolder>& runs, std::string_view name) {
  if (name == "latest" && !runs.empty()) return runs.back();
  std::vector<RunFolder> matches;
  for (const RunFolder& run : runs) {
    if (run.run_id() == name) return run;
    if (run.run_id().starts_with(name)) matches.push_back(run);
  }
  if (matches.empty()) return std::nullopt;
  if (matches.size() == 1) return matches.front();
  return fail(Code::invalid, fmt::format("'{}' fits several runs: {}; give more letters", name,
                                         join(ids_of(matches), ", ")));
}

/// Oldest first; no error where there is no such folder.
std::vector<RunFolder> collect_runs(const fs::path& folder, std::error_code& error) {
  std::vector<RunFolder> runs;
  for (fs::directory_iterator it(runs_of(folder), error), end; !error && it != end;
       it.increment(error)) {
    const bool is_hidden = it->path().filename().native().starts_with('.');  // being made
    if (!is_hidden && is_run(it->path())) runs.emplace_back(it->path());
  }
  if (error == std::errc::no_such_file_or_directory) error.clear();
  std::sort(runs.begin(), runs.end(), [](const RunFolder& one, const RunFolder& other) {
    return std::tuple(made_at(one), one.root()) < std::tuple(made_at(other), other.root());
  });
  return runs;
}

/// Where a search from `folder` upwards begins.
fs::path start_of(const fs::path& folder) {
  const fs::path start = fs::absolute(folder).lexically_normal();
  return start.has_filename() ? start : start.parent_path();
}

bool is_top(const fs::path& folder) {
  return !folder.has_parent_path() || folder == folder.parent_path();
}

/// The runs of `at`, which is `start` or above it, where a `.foz` may be somebody else's.
Result<std::vector<RunFolder>> runs_seen_from(const fs::path& start, const fs::path& at) {
  if (at == start) return list_runs(at);
  std::error_code error;
  std::vector<RunFolder> runs = collect_runs(at, error);
  if (error == std::errc::permission_denied || error == std::errc::not_a_directory) return {};
  return error ? list_runs(at) : std::move(runs);
}

Result<RunFolder> run_at(const fs::path& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  const fs::path root = whole.has_filename() ? whole : whole.parent_path();
  const bool is_among_runs = root.parent_path().filename() == "runs" && is_run(root);
  if (has_plan(root) || is_among_runs) return RunFolder(root);
  return fail(Code::not_found,
              fmt::format("'{}' is no run: there is no plan.json in it", root.native()));
}

}  // namespace

fs::path RunFolder::stage(std::string_view stage) const {
  return root_ / "stages" / fmt::format("{}.json", stage);
}

fs::path RunFolder::script(std::string_view stage) const {
  return root_ / "scripts" / fmt::format("{}.sh", stage);
}

fs::path RunFolder::outcome(std::string_view stage, TaskIndex index) const {
  return root_ / "outcome" / stage / fmt::format("{}.json", index.value);
}

fs::path RunFolder::pending_release(std::string_view child, TaskIndex index) const {
  return pending_releases() / pending_release_name(child, index);
}

fs::path RunFolder::gate(std::string_view stage) const {
  return root_ / "gates" / fmt::format("{}.json", stage);
}

fs::path RunFolder::cut_off(std::string_view stage) const {
  return root_ / "gates" / fmt::format("{}.cut", stage);
}

fs::path RunFolder::manifest(std::string_view stage, std::string_view parent) const {
  return root_ / "manifests" / fmt::format("{}.{}.jsonl", stage, parent);
}

fs::path RunFolder::attempt(std::string_view task_name, Attempt attempt) const {
  return root_ / "tasks" / task_name / fmt::format("{}", attempt.value);
}

Result<std::vector<RunFolder>> list_runs(const fs::path& folder) {
  std::error_code error;
  std::vector<RunFolder> runs = collect_runs(folder, error);
  if (error) {
    return fail(errno_error(fmt::format("cannot list runs in '{}'", runs_of(folder).native()),
                            error.value()));
  }
  return runs;
}

Result<std::vector<RunFolder>> nearest_runs(const fs::path& folder) {
  const fs::path start = start_of(folder);
  for (fs::path at = start;; at = at.parent_path()) {
    FOZ_TRY(std::vector<RunFolder> runs, runs_seen_from(start, at));
    if (!runs.empty() || is_top(at)) return runs;
  }
}

Result<RunFolder> find_run(const fs::path& folder, std::string_view name) {
  if (name.empty()) return fail(Code::invalid, "the name of a run is empty");
  if (name.find('/') != name.npos) return run_at(folder / name);
  const fs::path start = start_of(folder);
  for (fs::path at = start;; at = at.parent_path()) {
    FOZ_TRY(const std::vector<RunFolder> runs, runs_seen_from(start, at));
    FOZ_TRY(const std::optional<RunFolder> found, pick(runs, name));
    if (found) return *found;
    if (is_top(at)) break;
  }
  const std::string where = fmt::format("in '{}' and the folders above it", start.native());
  if (name == "latest") return fail(Code::not_found, fmt::format("there is no run {}", where));
  return fail(Code::not_found, fmt::format("there is no run '{}' {}", name, where));
}

}  // namespace foz::journal
