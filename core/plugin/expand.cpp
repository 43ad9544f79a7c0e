#include "core/plugin/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "core/plugin/value_json.h"
#include "core/task/template.h"

namespace foz::plugin {

namespace {

constexpr std::string_view k_hostfile = "hostfile";
constexpr std::string_view k_rank_dir = "rank_dir";
constexpr std::string_view k_task_dir = "task_dir";

/// References that are one word, or a first word and one of a few others.
constexpr std::array<std::string_view, 16> k_plain_references{
    "rank",       "world_size", "role",       "role_rank", "role_size", "local_rank",
    "local_size", "attempt",    "start",      "nonce",     "hosts",     "addresses",
    k_task_dir,   k_rank_dir,   "plugin_dir", k_hostfile};
constexpr std::array<std::string_view, 9> k_dotted_references{
    "checkpoint.path", "node.index",      "node.name", "node.address", "node.switch",
    "node.cpus",       "node.memory_mib", "node.gpus", "node.scratch"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "address:port", an IPv6 address in brackets.
std::string endpoint(const std::string& address, std::uint16_t port) {
  if (address.find(':') == address.npos) return fmt::format("{}:{}", address, port);
  return fmt::format("[{}]:{}", address, port);
}

std::string json_list(const std::vector<std::string>& texts) {
  Value::List list(texts.begin(), texts.end());
  return to_json(Value(std::move(list)));
}

std::optional<std::string> find_in(const std::map<std::string, std::string, std::less<>>& map,
                                   std::string_view key) {
  const auto found = map.find(key);
  return found != map.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<std::string> node_value(const Node& node, std::uint32_t index,
                                      std::string_view name) {
  if (name == "index") return std::to_string(index);
  if (name == "name") return node.name;
  if (name == "address") return node.address;
  if (name == "switch") return node.switch_path;
  if (name == "cpus") return std::to_string(node.cpus);
  if (name == "memory_mib") return std::to_string(node.memory_mib);
  if (name == "gpus") return join(node.gpus, ",");
  if (name == "scratch") return node.scratch;
  return std::nullopt;
}

std::optional<std::string> request_value(const LaunchRequest& request, std::string_view path) {
  if (path == "world_size") return std::to_string(request.world_size);
  if (path == "attempt") return std::to_string(request.attempt);
  if (path == "start") return std::to_string(request.start);
  if (path == "nonce") return request.nonce;
  if (path == k_task_dir) return request.task_dir;
  if (path == "plugin_dir") return request.plugin_dir;
  if (path == "checkpoint.path") return request.checkpoint;
  return std::nullopt;
}

std::optional<std::string> slot_value(const RankSlot& slot, std::string_view path) {
  if (path == "rank") return std::to_string(slot.rank);
  if (path == "role") return slot.role;
  if (path == "role_rank") return std::to_string(slot.role_rank);
  if (path == "local_rank") return std::to_string(slot.local_rank);
  if (!path.starts_with("port.")) return std::nullopt;
  const auto port = slot.ports.find(std::string(path.substr(5)));
  return port != slot.ports.end() ? std::optional(std::to_string(port->second)) : std::nullopt;
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.find('=') == name.npos && name.find('\0') == name.npos;
}

std::string absolute(const std::string& path, std::string_view folder) {
  return path.starts_with('/') ? path : fmt::format("{}/{}", folder, path);
}

}  // namespace

bool is_rank_reference(std::string_view path) {
  if (holds(k_plain_references, path) || holds(k_dotted_references, path)) return true;
  const std::size_t parts = split(path, '.').size();
  if (path.starts_with("port.")) return parts == 2;
  if (path.starts_with("endpoints_json.")) return parts == 3;
  return path.starts_with("endpoints.") && (parts == 3 || parts == 4);
}

Expander::Expander(const Launch& launch, const LaunchRequest& request)
    : launch_(launch), request_(request) {
  std::vector<std::string> hosts;
  std::vector<std::string> addresses;
  for (const Node& node : request.nodes) {
    hosts.push_back(node.name);
    addresses.push_back(node.address);
  }
  hosts_ = join(hosts, ",");
  addresses_ = join(addresses, ",");
  for (const RankSlot& slot : request.ranks) {
    FOZ_ASSERT(slot.node < request.nodes.size());
    ++role_size_[slot.role];
    ++local_size_[{slot.role, slot.node}];
    for (const auto& [name, port] : slot.ports) {
      endpoints_[slot.role + "." + name].push_back(
          endpoint(request.nodes[slot.node].address, port));
    }
  }
  for (const auto& [key, list] : endpoints_) {
    joined_[key] = join(list, ",");
    as_json_[key] = json_list(list);
  }
}

std::optional<std::string> Expander::find_endpoint(std::string_view path) const {
  if (path.starts_with("endpoints_json.")) return find_in(as_json_, path.substr(15));
  if (!path.starts_with("endpoints.")) return std::nullopt;
  const std::string_view key = path.substr(10);
  if (auto all = find_in(joined_, key)) return all;
  const std::size_t dot = key.rfind('.');
  if (dot == key.npos) return std::nullopt;
  const auto list = endpoints_.find(key.substr(0, dot));
  const auto index = parse_integer(key.substr(dot + 1));
  if (list == endpoints_.end() || !index || *index < 0) return std::nullopt;
  const auto position = static_cast<std::size_t>(*index);
  return position < list->second.size() ? std::optional(list->second[position]) : std::nullopt;
}

std::optional<std::string> Expander::find_value(std::size_t slot_index, std::string_view rank_dir,
                                                std::string_view path) const {
  FOZ_ASSERT(slot_index < request_.ranks.size());
  const RankSlot& slot = request_.ranks[slot_index];
  if (path == k_rank_dir) return std::string(rank_dir);
  if (path == k_hostfile) return fmt::format("{}/{}", rank_dir, k_hostfile);
  if (path == "hosts") return hosts_;
  if (path == "addresses") return addresses_;
  if (path == "role_size") return std::to_string(role_size_.at(slot.role));
  if (path == "local_size") return std::to_string(local_size_.at({slot.role, slot.node}));
  if (path.starts_with("node.")) {
    return node_value(request_.nodes[slot.node], slot.node, path.substr(5));
  }
  if (auto value = slot_value(slot, path)) return value;
  if (auto value = request_value(request_, path)) return value;
  return find_endpoint(path);
}

/// Fills the templates of one rank. The first thing that goes wrong is kept with its place.
class Expander::Rank {
 public:
  Rank(const Expander& owner, std::size_t slot, std::string_view rank_dir)
      : owner_(owner), slot_(slot), rank_dir_(rank_dir) {}

  RankCommand expand(const RoleLaunch& role, const Variables& own_env) {
    RankCommand command;
    for (const auto& [name, value] : own_env)
      command.own_env.emplace_back(name, text(value, fmt::format("variable '{}'", name)));
    for (const std::string& argument : role.argv) command.argv.push_back(text(argument, "argv"));
    for (const auto& [name, value] : role.env) {
      if (!is_variable_name(name))
        refuse(fmt::format("'{}' is no name of a variable", printable(name)));
      command.env.emplace_back(name, text(value, name));
    }
    command.unset = role.unset;
    for (const File& file : role.files) {
      command.files.push_back(
          {absolute(text(file.path, "file"), rank_dir_), fill(file.content, file.path), file.mode});
    }
    command.after = role.after;
    command.ready = ready(role.ready);
    command.proof = proof(role.proof);
    if (is_named(k_rank_dir)) command.folders.emplace_back(rank_dir_);
    if (is_named(k_task_dir)) command.folders.push_back(owner_.request_.task_dir);
    if (is_named(k_hostfile)) command.files.push_back(hostfile());
    if (command.argv.empty() || command.argv.front().empty()) refuse("its argv names no program");
    return command;
  }

  std::optional<Error> error;

 private:
  void refuse(std::string what, Code code = Code::invalid) {
    if (error) return;
    const RankSlot& slot = owner_.request_.ranks[slot_];
    error = Error{code, fmt::format("{}.{}: {}", slot.role, slot.role_rank, what)};
  }

  std::string fill(const std::string& text, std::string_view where) {
    auto filled = task::finish(text, [this](std::string_view path) {
      auto value = owner_.find_value(slot_, rank_dir_, path);
      if (value) named_.emplace(path);
      return value;
    });
    if (filled) return std::move(*filled);
    refuse(fmt::format("{}: {}", printable(where), filled.error().message), filled.error().code);
    return {};
  }

  /// What goes to exec: no NUL byte can.
  std::string text(const std::string& text, std::string_view where) {
    std::string filled = fill(text, where);
    if (filled.find('\0') != filled.npos)
      refuse(fmt::format("{} holds a NUL byte", printable(where)));
    return filled;
  }

  std::optional<Readiness> ready(std::optional<Readiness> ready) {
    if (!ready) return ready;
    if (!ready->file.empty()) ready->file = absolute(text(ready->file, "ready.file"), rank_dir_);
    ready->line = text(ready->line, "ready.line");
    return ready;
  }

  std::optional<Proof> proof(std::optional<Proof> proof) {
    if (!proof) return proof;
    proof->file = absolute(text(proof->file, "proof.file"), rank_dir_);
    proof->equals = text(proof->equals, "proof.equals");
    return proof;
  }

  [[nodiscard]] bool is_named(std::string_view path) const { return named_.contains(path); }

  [[nodiscard]] File hostfile() const {
    std::string content;
    for (const Node& node : owner_.request_.nodes) content += node.name + "\n";
    return {absolute(std::string(k_hostfile), rank_dir_), content, 0600};
  }

  const Expander& owner_;
  std::size_t slot_;
  std::string_view rank_dir_;
  std::set<std::string, std::less<>> named_;  ///< the references that were met
};

Result<RankCommand> Expander::expand(std::size_t slot, std::string_view rank_dir,
                                     const Variables& own_env) const {
  FOZ_ASSERT(slot < request_.ranks.size());
  const std::string& name = request_.ranks[slot].role;
  const auto role = std::find_if(launch_.roles.begin(), launch_.roles.end(),
                                 [&](const RoleLaunch& each) { return each.role == name; });
  if (role == launch_.roles.end()) {
    return fail(Code::not_found,
                fmt::format("the launch says nothing of role '{}'", printable(name)));
  }
  Rank rank(*this, slot, rank_dir);
  RankCommand command = rank.expand(*role, own_env);
  if (rank.error) return fail(*rank.error);
  return command;
}

}  // namespace foz::plugin
