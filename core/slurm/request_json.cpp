#include "core/slurm/request_json.h"

#include <nlohmann/json.hpp>

namespace foz::slurm {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view k_memory_kinds[] = {"unset", "per_node", "per_cpu", "per_gpu", "all"};

/// Calls `visit(name, member)` for every member whose JSON form is its own value: the one list of
/// members.
template <class Request, class Visitor>
void for_each_plain_member(Request& r, Visitor visit) {
  visit("name", r.name), visit("comment", r.comment), visit("script", r.script);
  visit("script_args", r.script_args), visit("workdir", r.workdir), visit("output", r.output);
  visit("array", r.array), visit("dependency", r.dependency);
  visit("nodes_min", r.nodes_min), visit("nodes_max", r.nodes_max);
  visit("tasks_per_node", r.tasks_per_node), visit("cpus_per_task", r.cpus_per_task);
  visit("gres", r.gres), visit("exclusive", r.exclusive);
  visit("partition", r.partition), visit("qos", r.qos), visit("account", r.account);
  visit("reservation", r.reservation), visit("constraint", r.constraint),
      visit("nodelist", r.nodelist);
  visit("exclude", r.exclude), visit("licenses", r.licenses), visit("begin", r.begin);
  visit("mail_type", r.mail_type), visit("mail_user", r.mail_user), visit("tmp_mib", r.tmp_mib);
  visit("extra_args", r.extra_args);
}

template <class Request, class Visitor>
void for_each_optional_member(Request& r, Visitor visit) {
  visit("switches", r.switches), visit("hyperthreads", r.hyperthreads), visit("nice", r.nice);
}

Json memory_to_json(const Memory& memory) {
  return {{"kind", k_memory_kinds[static_cast<std::size_t>(memory.kind)]},
          {"mib", memory.mebibytes}};
}

Memory memory_from_json(const Json& json) {
  const auto kind = json.at("kind").get<std::string>();
  for (std::size_t i = 0; i < std::size(k_memory_kinds); ++i)
    if (k_memory_kinds[i] == kind)
      return {static_cast<Memory::Kind>(i), json.at("mib").get<std::uint64_t>()};
  return {};
}

SubmitRequest read(const Json& json) {
  SubmitRequest request;
  for_each_plain_member(request, [&](const char* name, auto& member) {
    if (json.contains(name)) json.at(name).get_to(member);
  });
  for_each_optional_member(request, [&](const char* name, auto& member) {
    using Value = typename std::remove_reference_t<decltype(member)>::value_type;
    if (json.contains(name)) member = json.at(name).get<Value>();
  });
  if (json.contains("hold")) request.hold = json.at("hold").get<bool>() ? Hold::yes : Hold::no;
  if (json.contains("no_kill") && json.at("no_kill").get<bool>()) {
    request.node_loss = NodeLoss::keeps_job;
  }
  if (json.contains("memory")) request.memory = memory_from_json(json.at("memory"));
  if (json.contains("time_limit_s"))
    request.time_limit = Seconds(json.at("time_limit_s").get<std::int64_t>());
  return request;
}

/// Applies a function to what is text, in a string or a list of them.
struct TextChanger {
  std::string (*change)(std::string_view);
  void operator()(const char* /*name*/, std::string& text) const { text = change(text); }
  void operator()(const char* /*name*/, std::vector<std::string>& texts) const {
    for (std::string& text : texts) text = change(text);
  }
  template <class Other>
  void operator()(const char* /*name*/, const Other& /*number*/) const {}
};

}  // namespace

SubmitRequest with_texts(SubmitRequest request, std::string (*change)(std::string_view)) {
  for_each_plain_member(request, TextChanger{change});
  return request;
}

std::string to_json(const SubmitRequest& request) {
  Json json = Json::object();
  const SubmitRequest defaults;
  Json standard = Json::object();
  for_each_plain_member(defaults,
                        [&](const char* name, const auto& member) { standard[name] = member; });
  for_each_plain_member(request, [&](const char* name, const auto& member) {
    if (Json value = member; value != standard[name]) json[name] = std::move(value);
  });
  for_each_optional_member(request, [&](const char* name, const auto& member) {
    if (member) json[name] = *member;
  });
  if (request.hold == Hold::yes) json["hold"] = true;
  if (request.node_loss == NodeLoss::keeps_job) json["no_kill"] = true;
  if (request.memory.kind != Memory::Kind::unset) json["memory"] = memory_to_json(request.memory);
  if (request.time_limit) json["time_limit_s"] = request.time_limit->count();
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SubmitRequest> request_from_json(std::string_view text) {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    return fail(Code::invalid,
                std::string("a submit request that does not parse: ") + error.what());
  }
}

}  // namespace foz::slurm
