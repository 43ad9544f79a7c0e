#include "plugins/spark/with.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace foz::spark {

namespace {

using plugin::Value;

/// Settings that foz makes from the allocation, and what to say instead.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> k_own_settings{{
    {"spark.master", "foz starts the master"},
    {"spark.submit.deployMode", "the driver runs inside the allocation"},
    {"spark.authenticate", "every start has a secret of its own"},
    {"spark.authenticate.secret", "every start has a secret of its own"},
    {"spark.driver.host", "it is the first node's address"},
    {"spark.driver.bindAddress", "it is the first node's address"},
    {"spark.driver.port", "foz finds a free port"},
    {"spark.driver.blockManager.port", "foz finds a free port"},
    {"spark.driver.memory", "use driver_memory in 'with'"},
    {"spark.eventLog.dir", "use event_log in 'with'"},
    {"spark.local.dir", "it is the node's scratch folder"},
}};

std::string text_of(const Value& with, std::string_view key) {
  const Value* value = with.find(key);
  const std::string* text = value != nullptr ? value->as_text() : nullptr;
  return text != nullptr ? *text : std::string();
}

std::vector<std::string> texts_of(const Value& with, std::string_view key) {
  std::vector<std::string> out;
  const Value* value = with.find(key);
  const Value::List* list = value != nullptr ? value->as_list() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (const std::string* text = (*list)[i].as_text()) out.push_back(*text);
  }
  return out;
}

Properties properties_of(const Value& with, std::string_view key) {
  Properties out;
  const Value* value = with.find(key);
  const Value::Map* map = value != nullptr ? value->as_map() : nullptr;
  for (std::size_t i = 0; map != nullptr && i < map->size(); ++i) {
    if (const std::string* text = (*map)[i].second.as_text())
      out.emplace_back((*map)[i].first, *text);
  }
  return out;
}

bool is_open(std::string_view text) {
  return text.find("${{") != text.npos;
}

/// Reads sizes and numbers; the first that is none is kept.
class Checker {
 public:
  explicit Checker(Values values) : values_(values) {}

  std::string refusal;

  std::optional<std::uint64_t> size(const Value& with, const std::string& key) {
    const std::string text = text_of(with, key);
    if (text.empty() || (values_ == Values::open && is_open(text))) return std::nullopt;
    const auto mib = parse_mib(text);
    if (!mib) refuse("'" + key + "' must be a size like \"4GiB\", got \"" + text + "\"");
    return mib;
  }

  void check_cores(const std::string& text) {
    if (text.empty() || (values_ == Values::open && is_open(text))) return;
    const bool is_number = text.size() < 6 && text.find_first_not_of("0123456789") == text.npos;
    if (!is_number || text.front() == '0')
      refuse("'cores' must be a number from 1, got \"" + text + "\"");
  }

  /// Spark does not look at a class where it runs Python.
  void check_main_class(const With& with) {
    if (!with.main_class.empty() && with.script.ends_with(".py"))
      refuse("'main_class' has no effect beside a Python script: it names a class in a jar");
  }

  void check_conf(const Properties& conf) {
    for (const auto& [key, value] : conf) {
      const auto own = std::find_if(
          k_own_settings.begin(), k_own_settings.end(),
          [&, name = std::string_view(key)](const auto& each) { return each.first == name; });
      if (own != k_own_settings.end())
        refuse("'" + key + "' in conf is set by foz: " + std::string(own->second));
      if (!key.starts_with("spark."))
        refuse("'" + key + "' in conf is no setting of Spark: they begin with \"spark.\"");
    }
  }

 private:
  void refuse(std::string sentence) {
    if (refusal.empty()) refusal = std::move(sentence);
  }

  Values values_;
};

}  // namespace

plugin::Answer<With> read_with(const Value& value, Values values) {
  Checker checker(values);
  With with;
  with.script = text_of(value, "script");
  with.main_class = text_of(value, "main_class");
  with.python = text_of(value, "python");
  with.spark_home = text_of(value, "spark_home");
  with.packages = text_of(value, "packages");
  with.event_log = text_of(value, "event_log");
  with.cores = text_of(value, "cores");
  with.args = texts_of(value, "args");
  with.conf = properties_of(value, "conf");
  with.memory.driver_mib = checker.size(value, "driver_memory").value_or(with.memory.driver_mib);
  with.memory.master_mib = checker.size(value, "master_memory").value_or(with.memory.master_mib);
  with.memory.worker_mib = checker.size(value, "worker_memory");
  checker.check_cores(with.cores);
  checker.check_main_class(with);
  checker.check_conf(with.conf);
  if (!checker.refusal.empty()) return checker.refusal;
  return with;
}

}  // namespace foz::spark
