#include <functional>

#include "core/site/site.h"
#include "core/yaml/scalar.h"
#include "core/yaml/tree.h"

namespace foz::site {

namespace {

constexpr int k_format = 1;
constexpr std::int64_t k_least_jobs = 5;  // a task, and those that send the rest

using yaml::Node;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// One key of a map: its name and what reads it.
struct Key {
  std::string name;
  std::function<void(const Node&)> read;
};

/// Reads every entry of `map` with its key's reader; an unknown key is an error with the nearest
/// known one.
void read_map(const Node& map, std::string_view what, const std::vector<Key>& keys,
              Diagnostics& diagnostics) {
  if (!map.is_map()) {
    diagnostics.error(map.where,
                      std::string(what) + " must be a mapping, got " + yaml::describe(map));
    return;
  }
  std::vector<std::string> names;
  for (const Key& key : keys) names.push_back(key.name);
  for (const yaml::Entry& entry : map.entries) {
    bool known = false;
    for (const Key& key : keys)
      if (key.name == entry.key.value) key.read(entry.value), known = true;
    if (known) continue;
    diagnostics.error(entry.key.where,
                      "unknown key '" + entry.key.value + "' in " + std::string(what),
                      suggest(entry.key.value, names));
  }
}

class SiteReader {
 public:
  explicit SiteReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Site read(const Node& root) {
    read_map(
        root, "a site template",
        {{"foz_site", [this](const Node& n) { version(n); }},
         text_key("name", site_.name),
         text_key("default_partition", site_.default_partition),
         {"gpus", [this](const Node& n) { gpus(n); }},
         {"fabrics", [this](const Node& n) { fabrics(n); }},
         {"setup", [this](const Node& n) { site_.setup = lines(n, "setup"); }},
         {"env", [this](const Node& n) { site_.env = pairs(n, "env"); }},
         text_key("scratch", site_.scratch),
         {"address", [this](const Node& n) { address(n); }},
         text_key("mpi", site_.mpi_kind),
         {"memory", [this](const Node& n) { memory(n); }},
         {"release_from_nodes", [this](const Node& n) { release(n); }},
         {"sbatch_args", [this](const Node& n) { site_.sbatch_args = lines(n, "sbatch_args"); }},
         text_key("run_folder", site_.run_folder),
         duration_key("outputs_wait", site_.outputs_wait),
         duration_key("polling_floor", site_.polling_floor),
         {"jobs_at_once", [this](const Node& n) { jobs_at_once(n); }},
         {"values", [this](const Node& n) { values(n); }}},
        diagnostics_);
    if (root.is_map() && root.find("foz_site") == nullptr)
      diagnostics_.error(root.where,
                         "a site template must say 'foz_site: 1', the version of its format");
    return std::move(site_);
  }

 private:
  Key text_key(const std::string& name, std::string& into) {
    return {name, [this, name, &into](const Node& n) {
              if (const auto text = yaml::as_string(n, name, diagnostics_)) into = *text;
            }};
  }

  Key duration_key(const std::string& name, Seconds& into) {
    return {name, [this, name, &into](const Node& n) {
              if (const auto duration = yaml::as_duration(n, name, diagnostics_)) into = *duration;
            }};
  }

  void version(const Node& node) {
    const auto number = yaml::as_integer(node, "foz_site", diagnostics_);
    if (number && *number != k_format)
      diagnostics_.error(node.where, "site template of format " + std::to_string(*number) +
                                         ", this foz reads " + std::to_string(k_format));
  }

  std::vector<std::string> lines(const Node& node, std::string_view name) {
    std::vector<std::string> out;
    if (!node.is_sequence()) {
      diagnostics_.error(node.where,
                         "'" + std::string(name) + "' must be a list, got " + yaml::describe(node));
      return out;
    }
    for (const Node& item : node.items)
      if (const auto text = yaml::as_string(item, name, diagnostics_)) out.push_back(*text);
    return out;
  }

  Pairs pairs(const Node& node, std::string_view name) {
    Pairs out;
    if (!node.is_map()) {
      diagnostics_.error(
          node.where, "'" + std::string(name) + "' must be a mapping, got " + yaml::describe(node));
      return out;
    }
    for (const yaml::Entry& entry : node.entries)
      if (const auto text = yaml::as_string(entry.value, entry.key.value, diagnostics_))
        out.emplace_back(entry.key.value, *text);
    return out;
  }

  /// Entries of a map of maps: `read_one(name, node)` for each.
  template <class ReadOne>
  void named(const Node& node, std::string_view name, ReadOne read_one) {
    if (!node.is_map()) {
      diagnostics_.error(
          node.where, "'" + std::string(name) + "' must be a mapping, got " + yaml::describe(node));
      return;
    }
    for (const yaml::Entry& entry : node.entries) read_one(entry.key.value, entry.value);
  }

  void gpus(const Node& node) {
    named(node, "gpus", [this](const std::string& name, const Node& value) {
      GpuKind kind{name, "", "", ""};
      read_map(value, "gpu '" + name + "'",
               {text_key("gres", kind.gres), text_key("partition", kind.partition),
                text_key("constraint", kind.constraint)},
               diagnostics_);
      site_.gpus.push_back(std::move(kind));
    });
  }

  void fabrics(const Node& node) {
    named(node, "fabrics", [this](const std::string& name, const Node& value) {
      Fabric fabric{name, "", {}};
      read_map(value, "fabric '" + name + "'",
               {text_key("interface", fabric.interface),
                {"env", [&](const Node& n) { fabric.env = pairs(n, "env"); }}},
               diagnostics_);
      site_.fabrics.push_back(std::move(fabric));
    });
  }

  /// `address: {suffix: -ib0}` or `{interface: ib0}`.
  void address(const Node& node) {
    std::string suffix, interface;
    read_map(node, "'address'", {text_key("suffix", suffix), text_key("interface", interface)},
             diagnostics_);
    if (!suffix.empty() && !interface.empty())
      diagnostics_.error(node.where, "'address' takes a suffix or an interface, not both");
    site_.address_form = !suffix.empty()      ? "suffix:" + suffix
                         : !interface.empty() ? "interface:" + interface
                                              : "";
  }

  void memory(const Node& node) {
    const auto word = yaml::as_string(node, "memory", diagnostics_);
    if (!word) return;
    if (*word == "per_node")
      site_.memory_form = MemoryForm::per_node;
    else if (*word == "per_cpu")
      site_.memory_form = MemoryForm::per_cpu;
    else if (*word == "none")
      site_.memory_form = MemoryForm::none;
    else
      diagnostics_.error(node.where,
                         "'memory' must be per_node, per_cpu or none, got \"" + *word + "\"");
  }

  void jobs_at_once(const Node& node) {
    const auto number = yaml::as_integer(node, "jobs_at_once", diagnostics_);
    if (!number) return;
    if (*number < k_least_jobs || *number > UINT32_MAX)
      diagnostics_.error(node.where,
                         "'jobs_at_once' must be at least " + std::to_string(k_least_jobs) +
                             ", got " + std::to_string(*number),
                         "it counts the jobs that send the rest, too");
    else
      site_.jobs_at_once = static_cast<std::uint32_t>(*number);
  }

  void release(const Node& node) {
    const auto flag = yaml::as_bool(node, "release_from_nodes", diagnostics_);
    if (flag)
      site_.release_from_nodes = *flag ? ReleaseFromNodes::allowed : ReleaseFromNodes::forbidden;
  }

  void values(const Node& node) {
    for (const auto& [name, value] : pairs(node, "values")) site_.values[name] = value;
  }

  Diagnostics& diagnostics_;
  Site site_;
};

}  // namespace

std::optional<Site> read_site(std::string_view text, const std::string& file_name,
                              Diagnostics& diagnostics) {
  const auto tree = yaml::read_yaml(text, file_name, diagnostics);
  if (!tree) return std::nullopt;
  Site site = SiteReader(diagnostics).read(*tree);
  site.origin = file_name;
  if (diagnostics.has_errors()) return std::nullopt;
  return site;
}

}  // namespace foz::site
