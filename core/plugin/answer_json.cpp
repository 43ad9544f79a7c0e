#include <fmt/format.h>

#include "core/plugin/contract_json.h"
#include "core/plugin/contract_source_json.h"
#include "core/plugin/words.h"

namespace foz::plugin {

namespace {

template <class Enum, std::size_t N>
std::string word_of(Enum value, const std::array<std::string_view, N>& words) {
  return std::string(words[static_cast<std::size_t>(value)]);
}

Json json_of(const Field& field) {
  Json out;
  out["type"] = word_of(field.type, k_field_types);
  if (field.required) out["required"] = true;
  if (field.fallback) out["default"] = value_json(*field.fallback);
  if (!field.choices.empty()) out["choices"] = texts_json(field.choices);
  if (!field.not_yet.empty()) out["not_yet"] = texts_json(field.not_yet);
  if (!field.help.empty()) out["help"] = text_json(field.help);
  return out;
}

Json json_of(const LastWords& words) {
  Json out;
  out["contains"] = text_json(words.contains);
  out["class"] = words.failure_class;
  out["sentence"] = text_json(words.sentence);
  if (words.bind_failure) out["bind_failure"] = true;
  return out;
}

Json json_of(const Role& role) {
  Json out;
  out["name"] = text_json(role.name);
  out["where"] = word_of(role.where, k_places);
  if (role.total == 0) out["per_node"] = role.per_node;
  if (role.total != 0) out["total"] = role.total;
  if (role.cpus != 0) out["cpus"] = role.cpus;
  out["sees_gpus"] = role.sees_gpus;
  out["ports"] = texts_json(role.ports);
  out["counts_as_world"] = role.counts_as_world;
  return out;
}

Json json_of(const RoleLaunch& role) {
  Json out;
  out["role"] = text_json(role.role);
  out["argv"] = texts_json(role.argv);
  out["env"] = pairs_json(role.env);
  if (!role.unset.empty()) out["unset"] = texts_json(role.unset);
  if (!role.files.empty()) out["files"] = json_of(role.files);
  if (!role.after.empty()) out["after"] = texts_json(role.after);
  if (role.ready) out["ready"] = json_of(*role.ready);
  if (role.proof) out["proof"] = json_of(*role.proof);
  return out;
}

template <class T>
Json list_of(const std::vector<T>& items) {
  Json out = Json::array();
  for (const T& item : items) out.push_back(json_of(item));
  return out;
}

}  // namespace

Json json_of(const Readiness& ready) {
  Json out;
  if (!ready.role.empty()) out["role"] = text_json(ready.role);
  if (!ready.tcp_port.empty()) out["tcp_port"] = text_json(ready.tcp_port);
  if (!ready.http_port.empty()) {
    out["http_port"] = text_json(ready.http_port);
    out["http_path"] = text_json(ready.http_path);
  }
  if (!ready.json_equals.empty()) out["json_equals"] = pairs_json(ready.json_equals);
  if (!ready.file.empty()) out["file"] = text_json(ready.file);
  if (!ready.line.empty()) out["line"] = text_json(ready.line);
  out["timeout_s"] = ready.timeout_s;
  return out;
}

Json json_of(const Proof& proof) {
  return {{"file", text_json(proof.file)},
          {"equals", text_json(proof.equals)},
          {"sentence", text_json(proof.sentence)}};
}

Json json_of(const std::vector<File>& files) {
  Json out = Json::array();
  for (const File& file : files) {
    out.push_back({{"path", text_json(file.path)},
                   {"content", text_json(file.content)},
                   {"mode", fmt::format("{:04o}", file.mode)}});
  }
  return out;
}

Json json_of(const Description& description) {
  Json out;
  out["contract"] = description.contract;
  out["name"] = text_json(description.name);
  out["summary"] = text_json(description.summary);
  out["with"] = Json::object();
  for (const Field& field : description.fields) out["with"][field.name] = json_of(field);
  out["spawner"] = word_of(description.spawner, k_spawners);
  out["restart"] = word_of(description.restart, k_restarts);
  out["terminate"] = word_of(description.terminate, k_terminates);
  out["exit_codes"] = Json::object();
  for (const auto& [code, meaning] : description.exit_codes) {
    out["exit_codes"][std::to_string(code)] = text_json(meaning);
  }
  out["last_words"] = list_of(description.last_words);
  out["reacts"] = description.reacts;
  return out;
}

Json json_of(const Shape& shape) {
  Json out;
  out["contract"] = k_contract;
  out["roles"] = list_of(shape.roles);
  out["warnings"] = texts_json(shape.warnings);
  return out;
}

Json json_of(const Launch& launch) {
  Json out;
  out["contract"] = k_contract;
  out["roles"] = list_of(launch.roles);
  out["ends_with"] = text_json(launch.ends_with);
  out["stop_grace_s"] = launch.stop_grace_s;
  out["state"] = text_json(launch.state);
  return out;
}

Json json_of(const Reaction& reaction) {
  Json out;
  out["contract"] = k_contract;
  out["action"] = text_json(reaction.action);
  out["failure_class"] = text_json(reaction.failure_class);
  out["sentence"] = text_json(reaction.sentence);
  out["state"] = text_json(reaction.state);
  return out;
}

std::string to_json(const Description& description) {
  return line_of(json_of(description));
}
std::string to_json(const Shape& shape) {
  return line_of(json_of(shape));
}
std::string to_json(const Launch& launch) {
  return line_of(json_of(launch));
}
std::string to_json(const Reaction& reaction) {
  return line_of(json_of(reaction));
}

}  // namespace foz::plugin
