#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/task/json_text.h"
#include "core/task/stage.h"
#include "core/task/stage_source_json.h"

namespace foz::task {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view k_version_key = "foz-stage";

/// Every name of an enumeration, in its order: how it stands in the file.
constexpr std::array<std::string_view, 3> k_place_names = {"ranks", "first_node", "every_node"};
constexpr std::array<std::string_view, 4> k_edge_names = {"success", "each", "finished", "percent"};
constexpr std::array<std::string_view, 2> k_releaser_names = {"keeper", "slurm"};

// ---- writing ------------------------------------------------------------------------------------

Json text_of(std::string_view bytes) {
  return to_json_text(bytes);
}

template <class List, class Write>
Json list_of(const List& list, Write write) {
  Json out = Json::array();
  for (const auto& item : list) out.push_back(write(item));
  return out;
}

Json texts_of(const std::vector<std::string>& texts) {
  return list_of(texts, text_of);
}

Json pairs_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
  return list_of(pairs, [](const auto& pair) {
    return Json::array({text_of(pair.first), text_of(pair.second)});
  });
}

Json value_of(const plugin::Value& value) {
  if (const auto* list = value.as_list()) return list_of(*list, value_of);
  if (const auto* map = value.as_map()) {
    Json::object_t out;  // filled from behind: keys are unique, and looking them up again costs
    for (const auto& [key, member] : *map) out.emplace_back(to_json_text(key), value_of(member));
    return out;
  }
  return text_of(*value.as_text());
}

Json axis_of(const Axis& axis) {
  Json out{{"name", text_of(axis.name)}};
  if (const auto* list = std::get_if<ListAxis>(&axis.values)) {
    out["list"] = texts_of(list->values);
  } else if (const auto* range = std::get_if<RangeAxis>(&axis.values)) {
    out["range"] = {{"first", range->first},
                    {"last", range->last},
                    {"step", range->step},
                    {"width", range->width}};
  } else {
    const auto& rows = std::get<RowsAxis>(axis.values);
    out["columns"] = texts_of(rows.columns);
    out["rows"] = list_of(rows.rows, texts_of);
  }
  return out;
}

Json matrix_of(const MatrixRule& rule) {
  return {{"axes", list_of(rule.axes, axis_of)}, {"except", list_of(rule.except, pairs_of)}};
}

Json step_of(const Step& step) {
  Json out{{"name", text_of(step.name)}};
  if (const auto* command = std::get_if<ArgvCommand>(&step.command)) {
    out["argv"] = texts_of(command->argv);
  } else if (const auto* shell = std::get_if<ShellCommand>(&step.command)) {
    out["script"] = text_of(shell->script);
  } else {
    const auto& plugin = std::get<PluginCommand>(step.command);
    out["plugin"] = text_of(plugin.plugin);
    out["with"] = value_of(plugin.with);
  }
  out["place"] = k_place_names.at(static_cast<std::size_t>(step.place));
  out["may_fail"] = step.may_fail;
  return out;
}

Json output_of(const Output& output) {
  return {{"name", text_of(output.name)}, {"path", text_of(output.path)}};
}

Json parent_of(const Parent& parent) {
  return {{"stage", text_of(parent.stage)},
          {"kind", k_edge_names.at(static_cast<std::size_t>(parent.kind))},
          {"percent", parent.percent},
          {"tasks", parent.tasks},
          {"matrix", matrix_of(parent.matrix)},
          {"workdir", text_of(parent.workdir)},
          {"outputs", list_of(parent.outputs, output_of)}};
}

Json child_of(const EachChild& child) {
  return {{"stage", text_of(child.stage)},
          {"other_parents", texts_of(child.other_parents)},
          {"released_by", k_releaser_names.at(static_cast<std::size_t>(child.released_by))}};
}

Json geometry_of(const Geometry& geometry) {
  return {{"nodes_min", geometry.nodes_min},
          {"nodes_max", geometry.nodes_max},
          {"ranks_per_node", geometry.ranks_per_node},
          {"cpus_per_rank", geometry.cpus_per_rank},
          {"cpus_per_node", geometry.cpus_per_node},
          {"gpus_per_node", geometry.gpus_per_node},
          {"memory_per_node_mib", geometry.memory_per_node_mib},
          {"time_limit_s", geometry.time_limit.count()}};
}

Json limits_of(const Limits& limits) {
  Json out = Json::object();
  for (const auto& [name, value] : limits.values) out[to_json_text(name)] = text_of(value);
  return out;
}

void add_task(Json& out, const StageTasks& stage) {
  out["matrix"] = matrix_of(stage.matrix);
  out["tasks"] = stage.tasks;
  out["is_array"] = stage.is_array;
  out["parts"] = list_of(stage.parts, [](const Part& part) {
    return Json{{"offset", part.offset}, {"count", part.count}};
  });
  out["steps"] = list_of(stage.steps, step_of);
  out["parents"] = list_of(stage.parents, parent_of);
  out["each_children"] = list_of(stage.each_children, child_of);
  out["cut_off"] = texts_of(stage.cut_off);
}

void add_world(Json& out, const StageTasks& stage) {
  out["env"] = pairs_of(stage.env);
  out["setup"] = texts_of(stage.setup);
  out["workdir"] = text_of(stage.workdir);
  if (stage.umask) out["umask"] = *stage.umask;
  out["limits"] = limits_of(stage.limits);
  out["outputs"] = list_of(stage.outputs, output_of);
  out["outputs_wait_s"] = stage.outputs_wait.count();
  out["kill_wait_s"] = stage.kill_wait.count();
  out["geometry"] = geometry_of(stage.geometry);
  out["scratch"] = text_of(stage.scratch);
  out["address_form"] = text_of(stage.address_form);
  out["srun_args"] = texts_of(stage.srun_args);
  out["mpi_kind"] = text_of(stage.mpi_kind);
}

// ---- reading ------------------------------------------------------------------------------------

std::vector<std::string> read_texts(const JsonSource& source) {
  return source.list([](const JsonSource& item) { return item.text(); });
}

std::vector<std::pair<std::string, std::string>> read_pairs(const JsonSource& source) {
  return source.list([](const JsonSource& item) {
    auto pair = read_texts(item);
    if (pair.size() != 2) item.refuse("must be a list of two texts");
    pair.resize(2);
    return std::pair(std::move(pair[0]), std::move(pair[1]));
  });
}

plugin::Value read_value(const JsonSource& source) {
  if (source.is_list()) return source.list(read_value);
  if (!source.is_map()) return source.text();
  return source.map(read_value);
}

Axis read_axis(const JsonSource& source) {
  Axis axis{source.at("name").text(), {}};
  if (source.has("list")) {
    axis.values = ListAxis{read_texts(source.at("list"))};
  } else if (source.has("range")) {
    const JsonSource range = source.at("range");
    axis.values = RangeAxis{
        range.at("first").integer<std::int64_t>(), range.at("last").integer<std::int64_t>(),
        range.at("step").integer<std::int64_t>(), range.at("width").integer<int>()};
  } else {
    axis.values = RowsAxis{read_texts(source.at("columns")), source.at("rows").list(read_texts)};
  }
  return axis;
}

MatrixRule read_matrix(const JsonSource& source) {
  return {source.at("axes").list(read_axis), source.at("except").list(read_pairs)};
}

Step read_step(const JsonSource& source) {
  Step step;
  step.name = source.at("name").text();
  if (source.has("argv")) {
    step.command = ArgvCommand{read_texts(source.at("argv"))};
  } else if (source.has("script")) {
    step.command = ShellCommand{source.at("script").text()};
  } else {
    step.command = PluginCommand{source.at("plugin").text(), read_value(source.at("with"))};
  }
  step.place = static_cast<StepPlace>(source.at("place").choice(k_place_names));
  step.may_fail = source.at("may_fail").flag();
  return step;
}

Output read_output(const JsonSource& source) {
  return {source.at("name").text(), source.at("path").text()};
}

Parent read_parent(const JsonSource& source) {
  Parent parent;
  parent.stage = source.at("stage").text();
  parent.kind = static_cast<EdgeKind>(source.at("kind").choice(k_edge_names));
  parent.percent = source.at("percent").integer<int>();
  parent.tasks = source.at("tasks").integer<std::uint64_t>();
  parent.matrix = read_matrix(source.at("matrix"));
  parent.workdir = source.at("workdir").text();
  parent.outputs = source.at("outputs").list(read_output);
  return parent;
}

EachChild read_child(const JsonSource& source) {
  return {source.at("stage").text(), read_texts(source.at("other_parents")),
          static_cast<ReleasedBy>(source.at("released_by").choice(k_releaser_names))};
}

Geometry read_geometry(const JsonSource& source) {
  const auto number = [&source](std::string_view key) {
    return source.at(key).integer<std::uint32_t>();
  };
  Geometry geometry;
  geometry.nodes_min = number("nodes_min");
  geometry.nodes_max = number("nodes_max");
  geometry.ranks_per_node = number("ranks_per_node");
  geometry.cpus_per_rank = number("cpus_per_rank");
  geometry.cpus_per_node = number("cpus_per_node");
  geometry.gpus_per_node = number("gpus_per_node");
  geometry.memory_per_node_mib = source.at("memory_per_node_mib").integer<std::uint64_t>();
  geometry.time_limit = Seconds(source.at("time_limit_s").integer<std::int64_t>());
  return geometry;
}

Limits read_limits(const JsonSource& source) {
  Limits limits;
  for (auto& [name, value] : source.map([](const JsonSource& item) { return item.text(); })) {
    limits.values.emplace(std::move(name), std::move(value));
  }
  return limits;
}

void read_task(StageTasks& stage, const JsonSource& source) {
  stage.workflow = source.at("workflow").text();
  stage.run_id = source.at("run_id").text();
  stage.stage = source.at("stage").text();
  stage.matrix = read_matrix(source.at("matrix"));
  stage.tasks = source.at("tasks").integer<std::uint64_t>();
  stage.is_array = source.at("is_array").flag();
  stage.parts = source.at("parts").list([](const JsonSource& part) {
    return Part{part.at("offset").integer<std::uint64_t>(),
                part.at("count").integer<std::uint32_t>()};
  });
  stage.steps = source.at("steps").list(read_step);
  stage.parents = source.at("parents").list(read_parent);
  stage.each_children = source.at("each_children").list(read_child);
  if (source.has("cut_off")) stage.cut_off = read_texts(source.at("cut_off"));
}

void read_world(StageTasks& stage, const JsonSource& source) {
  stage.env = read_pairs(source.at("env"));
  stage.setup = read_texts(source.at("setup"));
  stage.workdir = source.at("workdir").text();
  if (source.has("umask")) stage.umask = source.at("umask").integer<unsigned>();
  stage.limits = read_limits(source.at("limits"));
  stage.outputs = source.at("outputs").list(read_output);
  stage.outputs_wait = Seconds(source.at("outputs_wait_s").integer<std::int64_t>());
  stage.kill_wait = Seconds(source.at("kill_wait_s").integer<std::int64_t>());
  stage.geometry = read_geometry(source.at("geometry"));
  stage.scratch = source.at("scratch").text();
  stage.address_form = source.at("address_form").text();
  stage.srun_args = read_texts(source.at("srun_args"));
  stage.mpi_kind = source.at("mpi_kind").text();
}

/// Nothing of ours is nested deeper, and the library copies nested values recursively.
constexpr int k_max_depth = 200;

Json parse(std::string_view text) {
  bool too_deep = false;
  const auto bound = [&too_deep](int depth, Json::parse_event_t, const Json&) {
    too_deep = too_deep || depth > k_max_depth;
    return !too_deep;
  };
  Json json = Json::parse(text, bound, false);
  return too_deep ? Json(Json::value_t::discarded) : json;
}

}  // namespace

std::string to_json(const StageTasks& stage) {
  Json out{{k_version_key, StageTasks::k_version},
           {"workflow", text_of(stage.workflow)},
           {"run_id", text_of(stage.run_id)},
           {"stage", text_of(stage.stage)}};
  add_task(out, stage);
  add_world(out, stage);
  return out.dump(1) + "\n";
}

Result<StageTasks> stage_from_json(std::string_view text) {
  const Json json = parse(text);
  std::optional<Error> error;
  const JsonSource source(json, error);
  const int version = source.at(k_version_key).integer<int>();
  if (!error && version != StageTasks::k_version) {
    return fail(Code::invalid,
                fmt::format("the stage file is of version {}, this foz reads version {}", version,
                            StageTasks::k_version));
  }
  StageTasks stage;
  read_task(stage, source);
  read_world(stage, source);
  if (error) return fail(with_context("stage file", std::move(*error)));
  return stage;
}

}  // namespace foz::task
