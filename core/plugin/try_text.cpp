#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plugin/try.h"

namespace foz::plugin {

namespace {

void add_line(std::string& out, std::string_view label, std::string_view text) {
  out += fmt::format("  {:<6} {}\n", label, printable(text));
}

std::string ports_of(const RankSlot& slot) {
  std::vector<std::string> ports;
  for (const auto& [name, port] : slot.ports) ports.push_back(fmt::format("{} {}", name, port));
  return ports.empty() ? "" : ", ports " + join(ports, ", ");
}

std::string headline(const Trial& trial, const TriedRank& rank) {
  const RankSlot& slot = rank.slot;
  const auto role = std::find_if(trial.shape.roles.begin(), trial.shape.roles.end(),
                                 [&](const Role& each) { return each.name == slot.role; });
  const bool is_world = role != trial.shape.roles.end() && role->counts_as_world;
  const std::string place =
      is_world ? fmt::format("rank {} of {}", slot.rank, trial.world_size) : "helper";
  return fmt::format("{}.{}: {}, on {}{}\n", slot.role, slot.role_rank, place,
                     trial.nodes[slot.node].name, ports_of(slot));
}

std::string describe_ready(const Readiness& ready, const std::string& own_role) {
  const std::string whose = fmt::format(" of {}", ready.role.empty() ? own_role : ready.role);
  std::string what;
  if (!ready.tcp_port.empty()) what = "port " + ready.tcp_port + whose + " accepts connections";
  if (!ready.http_port.empty()) {
    what = fmt::format("{} on port {}{} answers", ready.http_path, ready.http_port, whose);
  }
  if (!ready.file.empty()) what = ready.file + " exists";
  if (!ready.line.empty()) what = "it prints " + quoted(ready.line);
  std::vector<std::string> members;
  for (const auto& [name, text] : ready.json_equals) members.push_back(name + " " + text);
  if (!members.empty()) what += " with " + join(members, ", ");
  return fmt::format("when {}, within {} s", what, ready.timeout_s);
}

void add_file(std::string& out, const File& file) {
  add_line(out, "file", fmt::format("{} (mode {:04o})", file.path, file.mode));
  for (const std::string_view line : split(file.content, '\n')) {
    if (!line.empty()) add_line(out, "", fmt::format("| {}", line));
  }
}

void add_rank(std::string& out, const Trial& trial, const TriedRank& rank) {
  const RankCommand& command = rank.command;
  out += headline(trial, rank);
  add_line(out, "argv", shell_quote(command.argv));
  for (const auto& [name, value] : command.env) add_line(out, "env", name + "=" + value);
  if (!command.unset.empty()) add_line(out, "unset", join(command.unset, " "));
  for (const File& file : command.files) add_file(out, file);
  if (!command.after.empty()) add_line(out, "after", join(command.after, ", "));
  if (command.ready) add_line(out, "ready", describe_ready(*command.ready, rank.slot.role));
  if (command.proof) {
    add_line(out, "proof",
             fmt::format("the first line of {} is {}", command.proof->file,
                         quoted(command.proof->equals)));
  }
}

}  // namespace

std::string render_text(const Trial& trial) {
  std::string out = fmt::format("{}, {}, a world of {}\n", count_of(trial.nodes.size(), "node"),
                                count_of(trial.ranks.size(), "process"), trial.world_size);
  for (const std::string& warning : trial.shape.warnings) {
    out += fmt::format("warning: {}\n", printable(warning));
  }
  for (const TriedRank& rank : trial.ranks) {
    out += "\n";
    add_rank(out, trial, rank);
  }
  out += fmt::format("\nends with {}; what still runs then has {} s after TERM\n",
                     trial.launch.ends_with.empty() ? "every role" : trial.launch.ends_with,
                     trial.launch.stop_grace_s);
  return out;
}

}  // namespace foz::plugin
