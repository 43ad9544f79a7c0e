/// JsonSource: a place in a parsed JSON file that is read against the type it must have. The first
/// mistake is kept with its place
/// ("steps[1].argv must be a list"); reading goes on with empty values, so that readers need no
/// branch for it. Included by *_json.cpp only.
#pragma once

#include <fmt/format.h>

#include <array>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/task/json_text.h"

namespace foz::task {

class JsonSource {
 public:
  using Json = nlohmann::ordered_json;

  /// The whole file; `error` gets the first mistake. Both outlive this.
  JsonSource(const Json& json, std::optional<Error>& error) : json_(json), error_(error) {
    if (json.is_discarded()) refuse("is no JSON");
  }

  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  [[nodiscard]] bool is_list() const { return json_.is_array(); }
  [[nodiscard]] bool is_map() const { return json_.is_object(); }

  /// The member `key`, which must be there. Lives no longer than this.
  [[nodiscard]] JsonSource at(std::string_view key) const {
    const Json* member = find(key);
    const JsonSource source(member != nullptr ? *member : null_json(), *this, key, 0);
    if (member == nullptr) source.refuse("is missing");
    return source;
  }

  [[nodiscard]] std::string text() const {
    if (!json_.is_string()) return refuse("must be a text"), std::string();
    return from_json_text(json_.get_ref<const std::string&>());
  }

  [[nodiscard]] bool flag() const {
    if (!json_.is_boolean()) refuse("must be true or false");
    return json_.is_boolean() && json_.get<bool>();
  }

  template <std::integral Int>
  [[nodiscard]] Int integer() const {
    if (json_.is_number_unsigned() && std::in_range<Int>(json_.get<std::uint64_t>())) {
      return static_cast<Int>(json_.get<std::uint64_t>());
    }
    if (json_.is_number_integer() && !json_.is_number_unsigned() &&
        std::in_range<Int>(json_.get<std::int64_t>())) {
      return static_cast<Int>(json_.get<std::int64_t>());
    }
    refuse("must be an integer in range");
    return 0;
  }

  /// Position of this text among `names`.
  template <std::size_t N>
  [[nodiscard]] std::size_t choice(const std::array<std::string_view, N>& names) const {
    const std::string name = text();
    for (std::size_t i = 0; i < N; ++i) {
      if (names[i] == name) return i;
    }
    refuse(fmt::format("must be one of {}", fmt::join(names, ", ")));
    return 0;
  }

  template <class Read>
  [[nodiscard]] auto list(Read read) const {
    std::vector<decltype(read(*this))> items;
    if (!is_list()) return refuse("must be a list"), items;
    items.reserve(json_.size());
    for (const Json& item : json_) items.push_back(read(JsonSource(item, *this, {}, items.size())));
    return items;
  }

  template <class Read>
  [[nodiscard]] auto map(Read read) const {
    std::vector<std::pair<std::string, decltype(read(*this))>> members;
    if (!is_map()) return refuse("must be a map"), members;
    for (const auto& [key, member] : json_.get_ref<const Json::object_t&>()) {
      members.emplace_back(from_json_text(key), read(JsonSource(member, *this, key, 0)));
    }
    return members;
  }

  /// Records a mistake at this place.
  void refuse(std::string_view what) const {
    if (error_) return;
    const std::string place = this->place();
    error_ = Error{Code::invalid, fmt::format("{} {}", place.empty() ? "the file" : place, what)};
  }

 private:
  JsonSource(const Json& json, const JsonSource& parent, std::string_view key, std::size_t index)
      : json_(json), error_(parent.error_), parent_(&parent), key_(key), index_(index) {}

  [[nodiscard]] const Json* find(std::string_view key) const {
    if (!json_.is_object()) return nullptr;
    for (const auto& [name, member] : json_.get_ref<const Json::object_t&>()) {
      if (name == key) return &member;
    }
    return nullptr;
  }

  [[nodiscard]] std::string place() const {
    if (parent_ == nullptr) return {};
    const std::string before = parent_->place();
    if (key_.empty()) return fmt::format("{}[{}]", before, index_);
    return before.empty() ? std::string(key_) : fmt::format("{}.{}", before, key_);
  }

  static const Json& null_json() {
    static const Json null;
    return null;
  }

  const Json& json_;
  std::optional<Error>& error_;
  const JsonSource* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = 0;
};

}  // namespace foz::task
