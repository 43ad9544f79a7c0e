#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/host.h"
#include "core/base/ids.h"
#include "core/run/run.h"

namespace foz::run {

namespace {

using journal::RunFolder;

constexpr unsigned k_script_mode = 0700;

Result<void> write(const fs::path& path, std::string_view bytes, unsigned mode = 0600) {
  FOZ_CHECK(make_directories(path.parent_path()));
  return write_file(path, bytes, Durability::cached, mode);
}

Result<void> write_stage(const RunFolder& folder, const plan::StagePlan& stage) {
  FOZ_CHECK(write(folder.stage(stage.name), task::to_json(stage.tasks)));
  FOZ_CHECK(write(folder.script(stage.name), stage.script, k_script_mode));
  FOZ_CHECK(make_directories(folder.logs(stage.name)));  // Slurm makes no folder for its output
  if (stage.tasks.each_children.empty()) return {};
  return make_directories(folder.outcome(stage.name, TaskIndex{0}).parent_path());
}

Result<void> write_advance_job(const RunFolder& folder, const plan::Waves& waves) {
  FOZ_CHECK(write(folder.script(plan::k_advance_job), waves.script, k_script_mode));
  return make_directories(folder.logs(plan::k_advance_job));
}

/// A path below the folder, whatever the plan says.
bool is_inside(const fs::path& relative) {
  const fs::path clean = relative.lexically_normal();
  return !clean.empty() && clean.is_relative() && *clean.begin() != "..";
}

Result<void> sync(const fs::path& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail(errno_error(fmt::format("cannot open '{}'", path.native()), errno));
  if (::fsync(file.get()) == 0 || errno == EINVAL) return {};
  return fail(errno_error(fmt::format("cannot sync '{}'", path.native()), errno));
}

/// Keeps the mode. (std::filesystem's own copy calls a full disk an I/O error.)
Result<void> copy_program(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const auto mode = static_cast<unsigned>(fs::status(from, error).permissions());
  FOZ_TRY(const std::string bytes, read_file(from, 1U << 30U));
  return write_file(to, bytes, Durability::cached, mode);
}

/// Beside the folder of the runs.
fs::path pinned_folder(const RunFolder& folder) {
  return folder.root().parent_path().parent_path() / "pinned";
}

/// The copy of a program that all runs here link to: durable, and never changed once it is there.
/// Another version, or one that was built anew, differs in size or time and gets a copy of its own.
Result<fs::path> shared_copy(const fs::path& from, const fs::path& folder) {
  struct stat facts {};
  if (::stat(from.c_str(), &facts) != 0) {
    return fail(errno_error(fmt::format("cannot read '{}'", from.native()), errno));
  }
  const fs::path place =
      folder / fmt::format("{}-{:x}-{:x}{:08x}", from.filename().native(), facts.st_size,
                           facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
  std::error_code error;
  if (fs::exists(place, error)) return place;
  FOZ_CHECK(make_directories(folder));
  const fs::path made = folder / fmt::format(".{:016x}", random_bits());
  auto done = copy_program(from, made);
  if (done) done = sync(made);
  if (done) fs::rename(made, place, error);
  if (done && !error) done = sync_folder(folder);
  if (done && !error) return place;
  if (done)
    done = fail(errno_error(fmt::format("cannot make '{}'", place.native()), error.value()));
  fs::remove(made, error);
  return fail(std::move(done).error());
}

Result<void> pin(const RunFolder& folder, const PinnedFile& file) {
  if (!is_inside(file.to)) {
    return fail(Code::invalid, fmt::format("'{}' is no path inside the run folder", file.to));
  }
  const fs::path to = folder.root() / file.to;
  if (file.from.empty()) return write(to, file.content);
  FOZ_CHECK(make_directories(to.parent_path()));
  if (file.pin == Pin::own) return copy_program(file.from, to);
  FOZ_TRY(const fs::path shared, shared_copy(file.from, pinned_folder(folder)));
  std::error_code error;
  fs::create_hard_link(shared, to, error);
  return error ? copy_program(file.from, to) : Result<void>{};
}

Result<void> fill(const RunFolder& folder, const plan::Plan& plan, std::string_view workflow_text,
                  const std::vector<PinnedFile>& pinned, const Clock& clock) {
  for (const fs::path& path :
       {folder.journal(), folder.pending_releases(), folder.root() / "outcome",
        folder.root() / "gates", folder.root() / "manifests", folder.root() / "tasks"}) {
    FOZ_CHECK(make_directories(path));
  }
  FOZ_CHECK(write(folder.workflow(), workflow_text));
  FOZ_CHECK(write(folder.plan(), plan::to_json(plan)));
  for (const plan::StagePlan& stage : plan.stages) FOZ_CHECK(write_stage(folder, stage));
  if (plan.waves) FOZ_CHECK(write_advance_job(folder, *plan.waves));
  for (const PinnedFile& file : pinned) FOZ_CHECK(pin(folder, file));
  FOZ_TRY(auto writer, journal::Writer::open(folder.journal(), host_name(), clock));
  return writer.append({std::string(journal::kind::run_created),
                        "",
                        0,
                        0,
                        {{"workflow", plan.workflow}, {"run", plan.run_id}}},
                       Durability::cached);
}

/// What needs no sync of its own: a folder without entries (its parent's is enough), and a link to
/// what is durable already.
bool is_durable(const fs::directory_entry& entry) {
  std::error_code error;
  if (entry.is_directory(error)) return fs::is_empty(entry.path(), error);
  return entry.hard_link_count(error) > 1;
}

/// Every file and folder once, the outermost last.
Result<void> sync_all(const fs::path& root) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(root, error), end; !error && it != end;
       it.increment(error)) {
    if (!is_durable(*it)) FOZ_CHECK(sync(it->path()));
  }
  if (error) {
    return fail(errno_error(fmt::format("cannot read '{}'", root.native()), error.value()));
  }
  return sync(root);
}

Result<void> put_in_place(const fs::path& made, const fs::path& place) {
  if (::rename(made.c_str(), place.c_str()) != 0) {
    if (errno == ENOTEMPTY || errno == EEXIST) {
      return fail(Code::refused, fmt::format("there is a run '{}' already", place.native()));
    }
    return fail(errno_error(fmt::format("cannot put run '{}' in place", place.native()), errno));
  }
  return sync_folder(place.parent_path());
}

/// What a `foz run` that was killed at its very beginning left; one at work is far younger.
constexpr std::chrono::hours k_left_behind{24};

void remove_left_behind(const fs::path& runs) {
  std::error_code error;
  const auto before = fs::file_time_type::clock::now() - k_left_behind;
  for (const auto& entry : fs::directory_iterator(runs, error)) {
    const std::string name = entry.path().filename().native();
    if (name.starts_with('.') && name.ends_with(".new") && entry.last_write_time(error) < before)
      fs::remove_all(entry.path(), error);
  }
}

Result<void> make_whole(const fs::path& made, const fs::path& place, const plan::Plan& plan,
                        std::string_view workflow_text, const std::vector<PinnedFile>& pinned,
                        const Clock& clock) {
  FOZ_CHECK(make_directories(made));
  FOZ_CHECK(fill(RunFolder(made), plan, workflow_text, pinned, clock));
  FOZ_CHECK(sync_all(made));
  return put_in_place(made, place);
}

}  // namespace

Result<RunFolder> create_run(const plan::Plan& plan, std::string_view workflow_text,
                             const std::vector<PinnedFile>& pinned, const Clock& clock) {
  const fs::path place(plan.run_folder);
  FOZ_ASSERT(place.is_absolute() && place.has_filename());
  std::error_code error;
  if (fs::exists(place, error)) {
    return fail(Code::refused, fmt::format("there is a run '{}' already", place.native()));
  }
  const fs::path made = place.parent_path() / fmt::format(".{}.new", place.filename().native());
  remove_left_behind(place.parent_path());
  fs::remove_all(made, error);  // of an earlier try with this id
  auto done = make_whole(made, place, plan, workflow_text, pinned, clock);
  if (done) return RunFolder(place);
  fs::remove_all(made, error);
  return fail(with_context(fmt::format("cannot make run folder '{}'", place.native()),
                           std::move(done).error()));
}

}  // namespace foz::run
