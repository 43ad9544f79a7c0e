#include "core/plugin/check_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/diagnostic.h"
#include "core/base/text.h"
#include "core/plugin/fill.h"

namespace foz::plugin {

namespace {

using Names = std::vector<std::string>;

bool is_template(std::string_view text) {
  return text.empty() || text.find("${{") != text.npos;
}

class NameCheck {
 public:
  NameCheck(const Value& shape, Faults& faults) : faults_(faults) {
    Faults said_elsewhere;
    Reader reader(shape, "shape", Stage::open, said_elsewhere);
    reader.items("roles", [this](Reader& role) { take(role); });
    is_known_ = is_known_ && !ports_.empty();
  }

  void check(const Value& launch) {
    Faults said_elsewhere;
    Reader reader(launch, "launch", Stage::open, said_elsewhere);
    reader.items("roles", [this](Reader& role) { check_role(role); });
    check_role_name(reader, "ends_with");
    for (const TreeReference& reference : references_of(launch, "launch"))
      check_endpoint(reference);
  }

 private:
  void take(Reader& role) {
    const std::string name = role.text("name");
    if (is_template(name)) is_known_ = false;
    Names& ports = ports_[name];
    const Value* stated = role.find("ports");
    const Names more = role.texts("ports");
    ports.insert(ports.end(), more.begin(), more.end());
    if (stated != nullptr && (is_open(*stated) || std::ranges::any_of(more, is_template)))
      ports_open_.insert(name);
  }

  void check_role(Reader& role) {
    const std::string name = role.text("role");
    check_role_name(role, "role");
    for (const std::string& other : role.texts("after")) check_known(role, "after", other);
    role.member("ready", [&](Reader& ready) {
      check_role_name(ready, "role");
      const std::string other = ready.text("role");
      for (const char* key : {"tcp_port", "http_port"})
        check_port(ready.path_of(key), other.empty() ? name : other, ready.text(key));
    });
  }

  /// "endpoints.master.rpc", and with a number behind it.
  void check_endpoint(const TreeReference& reference) {
    const auto parts = split(reference.path, '.');
    if (parts.size() < 3 || (parts[0] != "endpoints" && parts[0] != "endpoints_json")) return;
    const std::string role(parts[1]);
    if (is_known_ && !ports_.contains(role)) return no_role(reference.member, role);
    if (ports_.contains(role)) check_port(reference.member, role, std::string(parts[2]));
  }

  void check_role_name(Reader& reader, const char* key) {
    check_known(reader, key, reader.text(key));
  }

  void check_known(Reader& reader, const char* key, const std::string& name) {
    if (!is_known_ || is_template(name) || ports_.contains(name)) return;
    no_role(reader.path_of(key), name);
  }

  void no_role(std::string member, const std::string& name) {
    Names roles;
    for (const auto& [role, ports] : ports_) roles.push_back(role);
    faults_.errors.push_back(
        {std::move(member), fmt::format("names role '{}', which 'shape' has not", printable(name)),
         suggest(name, roles)});
  }

  void check_port(std::string member, const std::string& role, const std::string& port) {
    const auto found = ports_.find(role);
    if (is_template(port) || found == ports_.end() || ports_open_.contains(role)) return;
    if (std::ranges::find(found->second, port) != found->second.end()) return;
    faults_.errors.push_back({std::move(member),
                              fmt::format("names port '{}', which role '{}' has not in 'shape'",
                                          printable(port), printable(role)),
                              suggest(port, found->second)});
  }

  std::map<std::string, Names> ports_;  ///< by role
  std::set<std::string> ports_open_;    ///< of these roles not all names are known
  bool is_known_ = true;                ///< every role's name
  Faults& faults_;
};

}  // namespace

void check_names(const Value& shape, const Value& launch, Faults& faults) {
  NameCheck(shape, faults).check(launch);
}

}  // namespace foz::plugin
