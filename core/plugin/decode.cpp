#include "core/plugin/decode.h"

#include <fmt/format.h>

#include <limits>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/plugin/words.h"

namespace foz::plugin {

namespace {

// ---- describe -----------------------------------------------------------------------------------

Field decode_field(const std::string& name, Reader& reader) {
  Field field;
  field.name = name;
  field.type = static_cast<FieldType>(reader.word("type", k_field_types, 0));
  field.required = reader.flag("required", false);
  if (const Value* fallback = reader.find("default")) field.fallback = *fallback;
  field.choices = reader.texts("choices");
  field.not_yet = reader.texts("not_yet");
  field.help = reader.text("help");
  if (!is_safe_name(name)) reader.fault({}, "has a name that no 'with' key can have");
  if (field.required && field.fallback)
    reader.fault("default", "is never used: the key is required");
  return field;
}

LastWords decode_last_words(Reader& reader) {
  LastWords words;
  words.contains = reader.required_text("contains");
  words.failure_class = k_failure_classes[reader.word("class", k_failure_classes, 0)];
  words.sentence = reader.text("sentence");
  words.bind_failure = reader.flag("bind_failure", false);
  return words;
}

void decode_exit_codes(Reader& reader, Description& description) {
  for (auto& [code, meaning] : reader.pairs("exit_codes")) {
    const auto number = parse_integer(code);
    if (number && *number >= 0 && *number <= 255) {
      description.exit_codes.emplace(static_cast<int>(*number), std::move(meaning));
    } else {
      reader.fault("exit_codes", fmt::format("has {}, which is no exit code", quoted(code)));
    }
  }
}

// ---- launch -------------------------------------------------------------------------------------

constexpr unsigned k_default_mode = 0600;

unsigned decode_mode(Reader& reader) {
  const std::string text = reader.text("mode", "0600");
  if (text.find("${{") != text.npos) return k_default_mode;
  unsigned mode = 0;
  bool is_octal = !text.empty() && text.size() <= 4;
  for (const char digit : text) {
    is_octal = is_octal && digit >= '0' && digit <= '7';
    mode = mode * 8 + static_cast<unsigned>(digit - '0');
  }
  if (!is_octal || mode > 0777) reader.fault("mode", "must be like \"0600\", got " + quoted(text));
  return mode;
}

File decode_file(Reader& reader) {
  File file;
  file.path = reader.required_text("path");
  file.content = reader.text("content");
  file.mode = decode_mode(reader);
  return file;
}

Readiness decode_ready(Reader& reader) {
  Readiness ready;
  ready.role = reader.text("role");
  ready.tcp_port = reader.text("tcp_port");
  ready.http_port = reader.text("http_port");
  ready.http_path = reader.text("http_path", "/");
  ready.json_equals = reader.pairs("json_equals");
  ready.file = reader.text("file");
  ready.line = reader.text("line");
  ready.timeout_s = reader.number32("timeout_s", ready.timeout_s);
  const int kinds = !ready.tcp_port.empty() + !ready.http_port.empty() + !ready.file.empty() +
                    !ready.line.empty();
  if (kinds != 1) {
    reader.fault({},
                 fmt::format("must have one of tcp_port, http_port, file, line, got {}", kinds));
  }
  return ready;
}

Proof decode_proof(Reader& reader) {
  Proof proof;
  proof.file = reader.required_text("file");
  proof.equals = reader.required_text("equals");
  proof.sentence = reader.text("sentence");
  return proof;
}

RoleLaunch decode_role_launch(Reader& reader, Stage stage) {
  RoleLaunch role;
  role.role = reader.required_text("role");
  const bool has_argv = reader.has("argv");
  role.argv = reader.texts("argv");
  if (!has_argv) reader.fault("argv", "is missing");
  if (has_argv && role.argv.empty() && stage == Stage::filled) {
    reader.fault("argv", "must not be empty");
  }
  role.env = reader.pairs("env");
  role.unset = reader.texts("unset");
  reader.items("files", [&](Reader& item) { role.files.push_back(decode_file(item)); });
  role.after = reader.texts("after");
  reader.member("ready", [&](Reader& item) { role.ready = decode_ready(item); });
  reader.member("proof", [&](Reader& item) { role.proof = decode_proof(item); });
  return role;
}

// ---- launch request -----------------------------------------------------------------------------

Node decode_node(Reader& reader) {
  Node node;
  node.name = reader.required_text("name");
  node.address = reader.required_text("address");
  node.switch_path = reader.text("switch");
  node.cpus = reader.number32("cpus", 0);
  node.memory_mib = reader.number("memory_mib", 0, std::numeric_limits<std::int64_t>::max());
  node.gpus = reader.texts("gpus");
  node.scratch = reader.text("scratch");
  return node;
}

RankSlot decode_slot(Reader& reader) {
  RankSlot slot;
  slot.role = reader.required_text("role");
  slot.role_rank = reader.number32("role_rank", 0);
  slot.rank = reader.number32("rank", 0);
  slot.node = reader.number32("node", 0);
  slot.local_rank = reader.number32("local_rank", 0);
  for (const auto& [name, text] : reader.pairs("ports")) {
    const auto port = parse_integer(text);
    if (!port || *port < 0 || *port > 65535) reader.fault("ports", "has a port that is none");
    slot.ports.emplace(name, static_cast<std::uint16_t>(port.value_or(0)));
  }
  return slot;
}

Role decode_role(Reader& reader) {
  Role role;
  role.name = reader.required_text("name");
  role.where = static_cast<Where>(reader.word("where", k_places, 0));
  role.per_node = reader.number32("per_node", 1);
  role.total = reader.number32("total", 0);
  role.cpus = reader.number32("cpus", 0);
  role.sees_gpus = reader.flag("sees_gpus", true);
  role.ports = reader.texts("ports");
  role.counts_as_world = reader.flag("counts_as_world", true);
  return role;
}

}  // namespace

void check_contract(Reader& reader) {
  const bool stated = reader.has("contract");
  const std::uint64_t found = reader.number("contract", k_contract);
  if (!stated) reader.fault("contract", fmt::format("is missing: wanted {}", k_contract));
  if (found != k_contract) {
    reader.fault("contract", fmt::format("is {}, wanted {}", found, k_contract));
  }
}

Description decode_description(const Value& tree, Faults& faults) {
  Reader reader(tree, {}, Stage::filled, faults);
  check_contract(reader);
  Description description;
  description.name = reader.required_text("name");
  description.summary = reader.text("summary");
  reader.members("with", [&](const std::string& name, Reader& member) {
    description.fields.push_back(decode_field(name, member));
  });
  description.spawner = static_cast<Spawner>(reader.word("spawner", k_spawners, 0));
  description.restart = static_cast<Restart>(reader.word("restart", k_restarts, 0));
  description.terminate = static_cast<Terminate>(reader.word("terminate", k_terminates, 0));
  decode_exit_codes(reader, description);
  reader.items("last_words",
               [&](Reader& item) { description.last_words.push_back(decode_last_words(item)); });
  description.reacts = reader.flag("reacts", false);
  return description;
}

Shape decode_shape(const Value& tree, const std::string& at, Stage stage, Faults& faults) {
  Reader reader(tree, at, stage, faults);
  Shape shape;
  if (!reader.has("roles")) reader.fault("roles", "is missing");
  reader.items("roles", [&](Reader& item) { shape.roles.push_back(decode_role(item)); });
  shape.warnings = reader.texts("warnings");
  static_cast<void>(reader.find("error"));
  static_cast<void>(reader.find("contract"));
  return shape;
}

Launch decode_launch(const Value& tree, const std::string& at, Stage stage, Faults& faults) {
  Reader reader(tree, at, stage, faults);
  Launch launch;
  if (!reader.has("roles")) reader.fault("roles", "is missing");
  reader.items("roles",
               [&](Reader& item) { launch.roles.push_back(decode_role_launch(item, stage)); });
  launch.ends_with = reader.text("ends_with");
  launch.stop_grace_s = reader.number32("stop_grace_s", launch.stop_grace_s);
  launch.state = reader.text("state");
  static_cast<void>(reader.find("error"));
  static_cast<void>(reader.find("contract"));
  return launch;
}

Reaction decode_reaction(const Value& tree, Faults& faults) {
  Reader reader(tree, {}, Stage::filled, faults);
  Reaction reaction;
  reaction.action = k_reactions[reader.word("action", k_reactions, 0)];
  reaction.failure_class = reader.text("failure_class");
  reaction.sentence = reader.text("sentence");
  reaction.state = reader.text("state");
  return reaction;
}

LaunchRequest decode_launch_request(const Value& tree, Faults& faults) {
  Reader reader(tree, {}, Stage::filled, faults);
  LaunchRequest request;
  if (const Value* with = reader.find("with")) request.with = *with;
  request.attempt = reader.number32("attempt", 1);
  request.start = reader.number32("start", 1);
  request.world_size = reader.number32("world_size", 1);
  reader.items("nodes", [&](Reader& item) { request.nodes.push_back(decode_node(item)); });
  reader.items("ranks", [&](Reader& item) { request.ranks.push_back(decode_slot(item)); });
  request.task_dir = reader.text("task_dir");
  request.plugin_dir = reader.text("plugin_dir");
  request.checkpoint = reader.text("checkpoint");
  request.state = reader.text("state");
  request.nonce = reader.text("nonce");
  return request;
}

}  // namespace foz::plugin
