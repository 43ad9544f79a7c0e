#include <nlohmann/json.hpp>

#include "core/agent/wire.h"
#include "core/plugin/contract_json.h"

namespace foz::agent {

namespace {

using Json = nlohmann::json;

/// Paths and variables are bytes: they go as text where they are UTF-8, else as a list of numbers.
Json bytes(const std::string& text) {
  try {
    [[maybe_unused]] const std::string tried = Json(text).dump();
    return text;
  } catch (const Json::exception&) {
    Json list = Json::array();
    for (const char c : text) list.push_back(static_cast<unsigned char>(c));
    return list;
  }
}

std::string bytes_of(const Json& json) {
  if (!json.is_array()) return json.get<std::string>();
  std::string text;
  for (const Json& one : json) text += static_cast<char>(one.get<unsigned>());
  return text;
}

/// A number that is not negative, or a member that is absent (0).
std::uint64_t count_in(const Json& json, const char* name) {
  const auto member = json.find(name);
  return member == json.end() ? 0 : member->get_ref<const Json::number_unsigned_t&>();
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Runs `read` on parsed text; what nlohmann throws becomes an Error.
template <class Read>
auto parse(std::string_view text, Read read) -> Result<decltype(read(Json()))> {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& e) {
    return fail(Code::invalid, std::string("a message cannot be read: ") + e.what());
  }
}

Json texts(const std::vector<std::string>& list) {
  Json json = Json::array();
  for (const std::string& text : list) json.push_back(bytes(text));
  return json;
}

std::vector<std::string> texts_of(const Json& json) {
  std::vector<std::string> list;
  for (const Json& one : json) list.push_back(bytes_of(one));
  return list;
}

Json pairs(const std::vector<std::pair<std::string, std::string>>& list) {
  Json json = Json::array();
  for (const auto& [name, value] : list) json.push_back({bytes(name), bytes(value)});
  return json;
}

std::vector<std::pair<std::string, std::string>> pairs_of(const Json& json) {
  std::vector<std::pair<std::string, std::string>> list;
  for (const Json& one : json) list.emplace_back(bytes_of(one.at(0)), bytes_of(one.at(1)));
  return list;
}

// ---- orders -------------------------------------------------------------------------------------

Json write(const order::Prepare&) {
  return {{"o", "prepare"}};
}
Json write(const order::ReservePorts& one) {
  return {{"o", "ports"}, {"w", one.world}, {"n", one.count}};
}
Json write(const order::TakeWorld& one) {
  return {{"o", "world"}, {"w", one.plan->world}};
}
Json write(const order::StartRole& one) {
  return {{"o", "start"}, {"w", one.world}, {"role", one.role}};
}
Json write(const order::StopWorld& one) {
  return {{"o", "stop"},
          {"w", one.world},
          {"ms", one.grace.count()},
          {"out", one.teller == Teller::outside}};
}
Json write(const order::Forward& one) {
  return {{"o", "signal"}, {"s", one.signal}};
}

AddressedOrder read_order(const Json& json) {
  AddressedOrder read;
  if (json.contains("to")) read.to = NodeIndex{json["to"].get<std::uint32_t>()};
  const std::string kind = json.at("o").get<std::string>();
  const auto world = static_cast<WorldId>(count_in(json, "w"));
  if (kind == "prepare") read.order = order::Prepare{};
  if (kind == "ports") read.order = order::ReservePorts{world, json.at("n").get<std::uint32_t>()};
  if (kind == "world") read.world_file = world;
  if (kind == "start") read.order = order::StartRole{world, json.at("role").get<std::size_t>()};
  if (kind == "stop")
    read.order = order::StopWorld{world, milliseconds(json.at("ms").get<std::int64_t>()),
                                  json.at("out").get<bool>() ? Teller::outside : Teller::agent};
  if (kind == "signal") read.order = order::Forward{json.at("s").get<int>()};
  return read;
}

// ---- reports ------------------------------------------------------------------------------------

Json write(const report::Hello& one) {
  const plugin::Node& node = one.node;
  return {{"r", "hello"},
          {"name", node.name},
          {"address", node.address},
          {"switch", node.switch_path},
          {"cpus", node.cpus},
          {"memory_mib", node.memory_mib},
          {"gpus", texts(node.gpus)},
          {"scratch", bytes(node.scratch)}};
}
Json write(const report::Prepared&) {
  return {{"r", "prepared"}};
}
Json write(const report::Unfit& one) {
  return {{"r", "unfit"}, {"class", failure::class_name(one.cls)}, {"sentence", one.sentence}};
}
Json write(const report::Ports& one) {
  return {{"r", "ports"}, {"w", one.world}, {"ports", one.ports}, {"error", one.error}};
}
Json write(const report::Running& one) {
  return {{"r", "running"}, {"w", one.world}, {"slot", one.slot}};
}
Json write(const report::NotStarted& one) {
  return {{"r", "not_started"}, {"w", one.world}, {"slot", one.slot}, {"sentence", one.sentence}};
}
Json write(const report::Ready& one) {
  return {{"r", "ready"}, {"w", one.world}, {"slots", one.slots}};
}
Json write(const report::NotReady& one) {
  return {{"r", "not_ready"}, {"w", one.world}, {"slot", one.slot}, {"sentence", one.sentence}};
}
Json write(const report::Ended& one) {
  const failure::ProcessEnd& end = one.end;
  Json json{{"r", "ended"},
            {"w", one.world},
            {"slot", one.slot},
            {"role", end.role},
            {"role_rank", end.role_rank},
            {"node", end.node},
            {"status", end.wait_status},
            {"ours", end.ended_by_us},
            {"oom", end.oom_killed},
            {"bind", end.bind_failure},
            {"words", end.last_words_sentence},
            {"broken", one.broken_promise},
            {"lines", texts(end.last_lines)}};
  if (end.last_words_class) json["class"] = failure::class_name(*end.last_words_class);
  return json;
}
Json write(const report::Clear& one) {
  return {{"r", "clear"}, {"w", one.world}};
}
Json write(const report::Signalled& one) {
  return {{"r", "signalled"}, {"s", one.number}};
}
Json write(const report::Noted& one) {
  return {{"r", "noted"}, {"text", one.text}};
}
Json write(const report::LogLost& one) {
  return {{"r", "log_lost"}, {"sentence", one.sentence}};
}
Json write(const report::Lost& one) {
  return {{"r", "lost"}, {"sentence", one.sentence}};
}

report::Hello read_hello(const Json& json) {
  plugin::Node node;
  node.name = json.at("name").get<std::string>();
  node.address = json.at("address").get<std::string>();
  node.switch_path = json.at("switch").get<std::string>();
  node.cpus = json.at("cpus").get<std::uint32_t>();
  node.memory_mib = json.at("memory_mib").get<std::uint64_t>();
  node.gpus = texts_of(json.at("gpus"));
  node.scratch = bytes_of(json.at("scratch"));
  return {std::move(node)};
}

report::Ended read_ended(const Json& json) {
  report::Ended ended{static_cast<WorldId>(count_in(json, "w")),
                      count_in(json, "slot"),
                      {},
                      json.at("broken").get<std::string>()};
  failure::ProcessEnd& end = ended.end;
  end.role = json.at("role").get<std::string>();
  end.role_rank = json.at("role_rank").get<unsigned>();
  end.node = json.at("node").get<std::string>();
  end.wait_status = json.at("status").get<int>();
  end.ended_by_us = json.at("ours").get<bool>();
  end.oom_killed = json.at("oom").get<bool>();
  end.bind_failure = json.at("bind").get<bool>();
  end.last_words_sentence = json.at("words").get<std::string>();
  end.last_lines = texts_of(json.at("lines"));
  if (json.contains("class"))
    end.last_words_class = failure::find_class(json["class"].get<std::string>());
  return ended;
}

Report read_report(const Json& json) {
  const std::string kind = json.at("r").get<std::string>();
  const auto world = static_cast<WorldId>(count_in(json, "w"));
  const std::size_t slot = count_in(json, "slot");
  const std::string sentence = json.value("sentence", "");
  if (kind == "hello") return read_hello(json);
  if (kind == "prepared") return report::Prepared{};
  if (kind == "unfit")
    return report::Unfit{failure::find_class(json.at("class").get<std::string>())
                             .value_or(failure::Class::launch_failed),
                         sentence};
  if (kind == "ports")
    return report::Ports{world, json.at("ports").get<std::vector<std::uint16_t>>(),
                         json.at("error").get<std::string>()};
  if (kind == "running") return report::Running{world, slot};
  if (kind == "not_started") return report::NotStarted{world, slot, sentence};
  if (kind == "ready")
    return report::Ready{world, json.at("slots").get<std::vector<std::size_t>>()};
  if (kind == "not_ready") return report::NotReady{world, slot, sentence};
  if (kind == "ended") return read_ended(json);
  if (kind == "clear") return report::Clear{world};
  if (kind == "signalled") return report::Signalled{json.at("s").get<int>()};
  if (kind == "lost") return report::Lost{sentence};
  if (kind == "log_lost") return report::LogLost{sentence};
  return report::Noted{
      json.value("text", "a report of kind '" + kind + "' came, which is not known")};
}

// ---- files --------------------------------------------------------------------------------------

Json last_words(const std::vector<plugin::LastWords>& list) {
  Json json = Json::array();
  for (const auto& one : list)
    json.push_back({{"contains", bytes(one.contains)},
                    {"class", one.failure_class},
                    {"sentence", one.sentence},
                    {"bind", one.bind_failure}});
  return json;
}

Json exit_codes(const std::map<int, std::string>& meanings) {
  Json json = Json::array();
  for (const auto& [code, meaning] : meanings) json.push_back({code, meaning});
  return json;
}

std::vector<plugin::LastWords> last_words_of(const Json& json) {
  std::vector<plugin::LastWords> list;
  for (const Json& one : json)
    list.push_back({bytes_of(one.at("contains")), one.at("class").get<std::string>(),
                    one.at("sentence").get<std::string>(), one.at("bind").get<bool>()});
  return list;
}

Json shares(const std::vector<Share>& list) {
  Json json = Json::array();
  for (const Share& one : list)
    json.push_back({one.cpus, static_cast<int>(one.gpus.view), one.gpus.first, one.gpus.count});
  return json;
}

std::vector<Share> shares_of(const Json& json) {
  std::vector<Share> list;
  for (const Json& one : json)
    list.push_back({one.at(0).get<std::uint32_t>(),
                    {static_cast<GpuShare::View>(one.at(1).get<int>()),
                     one.at(2).get<std::uint32_t>(), one.at(3).get<std::uint32_t>()}});
  return list;
}

}  // namespace

std::string order_to_json(const Order& order, std::optional<NodeIndex> to) {
  Json json = std::visit([](const auto& one) { return write(one); }, order);
  if (to) json["to"] = to->value;
  return dump(json);
}

Result<AddressedOrder> order_from_json(std::string_view text) {
  return parse(text, read_order);
}

std::string report_to_json(const Report& report) {
  return dump(std::visit([](const auto& one) { return write(one); }, report));
}

Result<Report> report_from_json(std::string_view text) {
  return parse(text, read_report);
}

std::string task_to_json(const TaskPlan& task) {
  const TaskIdentity& identity = task.identity;
  Json json{{"foz_task", 1},
            {"run_dir", bytes(identity.run_dir)},
            {"stage", identity.stage},
            {"name", identity.name},
            {"index", identity.index.value},
            {"attempt", identity.attempt.value},
            {"values", pairs(identity.values)},
            {"task_dir", bytes(task.task_dir)},
            {"log_dir", bytes(task.log_dir)},
            {"workdir", bytes(task.workdir)},
            {"env", pairs(task.env)},
            {"setup", texts(task.setup)},
            {"scratch", bytes(task.scratch)},
            {"address_form", task.address_form},
            {"memory_mib", task.memory_mib},
            {"limits", task.limits}};
  if (task.umask) json["umask"] = *task.umask;
  return dump(json);
}

Result<TaskPlan> task_from_json(std::string_view text) {
  return parse(text, [](const Json& json) {
    TaskPlan task;
    task.identity = {bytes_of(json.at("run_dir")),
                     json.at("stage").get<std::string>(),
                     json.at("name").get<std::string>(),
                     TaskIndex{json.at("index").get<std::uint64_t>()},
                     Attempt{json.at("attempt").get<std::uint32_t>()},
                     pairs_of(json.at("values"))};
    task.task_dir = bytes_of(json.at("task_dir"));
    task.log_dir = bytes_of(json.at("log_dir"));
    task.workdir = bytes_of(json.at("workdir"));
    task.env = pairs_of(json.at("env"));
    task.setup = texts_of(json.at("setup"));
    task.scratch = bytes_of(json.at("scratch"));
    task.address_form = json.at("address_form").get<std::string>();
    task.memory_mib = json.at("memory_mib").get<std::uint64_t>();
    task.limits = json.at("limits").get<std::map<std::string, std::string>>();
    if (json.contains("umask")) task.umask = json["umask"].get<unsigned>();
    return task;
  });
}

std::string world_to_json(const WorldPlan& world) {
  Json nodes = Json::array();
  for (const NodeIndex node : world.channel_nodes) nodes.push_back(node.value);
  return dump({{"foz_world", 1},
               {"world", world.world},
               {"step", world.step},
               {"request", plugin::to_json(world.request)},
               {"launch", plugin::to_json(world.launch)},
               {"channel_nodes", nodes},
               {"shares", shares(world.shares)},
               {"needs_scratch", world.needs_scratch},
               {"shield", world.terminate == plugin::Terminate::shield},
               {"last_words", last_words(world.last_words)},
               {"exit_codes", exit_codes(world.exit_codes)}});
}

Result<WorldPlan> world_from_json(std::string_view text) {
  std::string request;
  std::string launch;
  FOZ_TRY(WorldPlan world, parse(text, [&](const Json& json) {
            WorldPlan plan;
            plan.world = json.at("world").get<WorldId>();
            plan.step = json.at("step").get<std::string>();
            request = json.at("request").get<std::string>();
            launch = json.at("launch").get<std::string>();
            for (const Json& node : json.at("channel_nodes"))
              plan.channel_nodes.push_back(NodeIndex{node.get<std::uint32_t>()});
            plan.shares = shares_of(json.at("shares"));
            plan.needs_scratch = json.at("needs_scratch").get<bool>();
            plan.terminate =
                json.at("shield").get<bool>() ? plugin::Terminate::shield : plugin::Terminate::pass;
            plan.last_words = last_words_of(json.at("last_words"));
            for (const Json& one : json.at("exit_codes"))
              plan.exit_codes[one.at(0).get<int>()] = one.at(1).get<std::string>();
            return plan;
          }));
  FOZ_TRY(world.request, plugin::launch_request_from_json(request));
  FOZ_TRY(world.launch, plugin::launch_from_json(launch));
  return world;
}

}  // namespace foz::agent
