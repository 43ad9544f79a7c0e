#include "core/sandbox/state.h"

#include <fmt/format.h>

#include <functional>
#include <map>

#include "core/base/text.h"
#include "core/sandbox/configuration.h"

namespace foz::sandbox {

namespace {

constexpr std::string_view k_header = "foz-sandbox 1";

std::string file_of(const fs::path& folder) {
  return folder / "sandbox";
}

/// Sets what one line says; false when its value does not have the right form.
using Setter = std::function<bool(State&, std::string_view value)>;

template <class Number>
Setter number(Number& (*field)(State&)) {
  return [field](State& state, std::string_view value) {
    const auto parsed = parse_integer(value);
    if (parsed)
      field(state) = static_cast<std::remove_reference_t<decltype(field(state))>>(*parsed);
    return parsed.has_value();
  };
}

Setter optional_number(std::optional<int>& (*field)(State&)) {
  return [field](State& state, std::string_view value) {
    const auto parsed = parse_integer(value);
    if (parsed) field(state) = static_cast<int>(*parsed);
    return parsed.has_value();
  };
}

Setter text(std::string& (*field)(State&)) {
  return [field](State& state, std::string_view value) {
    field(state) = value;
    return true;
  };
}

bool set_release(State& state, std::string_view value) {
  const auto release = parse_release(fmt::format("slurm {}", value));
  if (release) state.release = *release;
  return release.has_value();
}

bool add_daemon(State& state, std::string_view value) {
  const auto fields = split(value, ' ', 3);
  if (fields.size() != 3) return false;
  const auto pid = parse_integer(fields[0]);
  const auto start = parse_integer(fields[1]);
  if (!pid || !start || *pid < 2) return false;
  state.daemons.push_back({std::string(fields[2]),
                           {static_cast<pid_t>(*pid), static_cast<std::uint64_t>(*start)},
                           false});
  return true;
}

const std::map<std::string_view, Setter>& setters() {
  static const std::map<std::string_view, Setter> table = {
      {"name", text([](State& state) -> std::string& { return state.options.name; })},
      {"nodes", number<int>([](State& state) -> int& { return state.options.nodes; })},
      {"cpus_per_node",
       number<int>([](State& state) -> int& { return state.options.cpus_per_node; })},
      {"memory_per_node", number<std::uint64_t>([](State& state) -> std::uint64_t& {
         return state.options.memory_per_node;
       })},
      {"gpus_per_node",
       number<int>([](State& state) -> int& { return state.options.gpus_per_node; })},
      {"gpu_type", text([](State& state) -> std::string& { return state.options.gpu_type; })},
      {"switches", number<int>([](State& state) -> int& { return state.options.switches; })},
      {"cred_expire", number<int>([](State& state) -> int& { return state.options.cred_expire; })},
      {"min_job_age", optional_number([](State& state) -> std::optional<int>& {
         return state.options.min_job_age;
       })},
      {"max_array_size", optional_number([](State& state) -> std::optional<int>& {
         return state.options.max_array_size;
       })},
      {"line",
       [](State& state, std::string_view value) {
         state.options.lines.emplace_back(value);
         return true;
       }},
      {"release", set_release},
      {"port", number<int>([](State& state) -> int& { return state.port; })},
      {"boot", text([](State& state) -> std::string& { return state.boot; })},
      {"daemon", add_daemon},
      {"ready",
       [](State& state, std::string_view) {
         state.progress = State::Progress::ready;
         return true;
       }},
  };
  return table;
}

std::string option_lines(const SandboxOptions& options) {
  std::string lines = fmt::format(
      "name {}\nnodes {}\ncpus_per_node {}\nmemory_per_node {}\ngpus_per_node {}\ngpu_type "
      "{}\nswitches {}\ncred_expire {}\n",
      options.name, options.nodes, options.cpus_per_node, options.memory_per_node,
      options.gpus_per_node, options.gpu_type, options.switches, options.cred_expire);
  if (options.min_job_age) lines += fmt::format("min_job_age {}\n", *options.min_job_age);
  if (options.max_array_size) lines += fmt::format("max_array_size {}\n", *options.max_array_size);
  for (const std::string& line : options.lines) lines += fmt::format("line {}\n", line);
  return lines;
}

}  // namespace

std::string format_state(const State& state) {
  std::string lines =
      fmt::format("{}\n{}release {}\nport {}\nboot {}\n", k_header, option_lines(state.options),
                  to_string(state.release), state.port, state.boot);
  for (const Daemon& daemon : state.daemons) {
    lines += fmt::format("daemon {} {} {}\n", daemon.process.pid, daemon.process.start_time,
                         daemon.role);
  }
  if (state.progress == State::Progress::ready) lines += "ready\n";
  return lines;
}

Result<State> parse_state(std::string_view bytes) {
  auto lines = split(bytes, '\n');
  if (lines.front() != k_header) {
    return fail(Code::invalid, fmt::format("the first line should be \"{}\", is {}", k_header,
                                           quoted(lines.front())));
  }
  State state;
  for (std::size_t index = 1; index < lines.size(); ++index) {
    const auto words = split(lines[index], ' ', 2);
    const auto setter = setters().find(words.front());
    if (setter == setters().end()) continue;
    if (!setter->second(state, words.size() > 1 ? words[1] : std::string_view())) {
      return fail(Code::invalid,
                  fmt::format("line {} cannot be read: {}", index + 1, quoted(lines[index])));
    }
  }
  return state;
}

Result<void> save_state(const fs::path& folder, const State& state) {
  return write_file(file_of(folder), format_state(state), Durability::cached);
}

Result<State> load_state(const fs::path& folder) {
  FOZ_TRY(const std::string bytes, read_file(file_of(folder)));
  auto state = parse_state(bytes);
  if (!state) return fail(with_context(fmt::format("in '{}'", file_of(folder)), state.error()));
  return state;
}

std::string boot_id() {
  const auto bytes = read_file("/proc/sys/kernel/random/boot_id");
  return bytes ? std::string(trim(*bytes)) : std::string();
}

}  // namespace foz::sandbox
