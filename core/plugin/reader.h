/// Reader: one map of an answer or a plugin file, read against the members it must have. Every
/// fault is kept with its member path, so that a YAML file can say the line and a program's author
/// the place. Knows no question.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/api/value.h"

namespace foz::plugin {

struct Fault {
  std::string path;     ///< "launch.roles[0].argv"; empty: the whole
  std::string message;  ///< reads behind the path: "must be a list, got \"x\""
  std::string hint;
};

struct Faults {
  std::vector<Fault> errors;
  std::vector<Fault> unknown;  ///< members nobody asked for: ignored in answers, a warning in a
                               ///< file somebody writes
};

/// "launch.roles[0].argv must be a list, got "x"", and how many more errors there are. `faults` has
/// errors.
[[nodiscard]] std::string first_of(const Faults& faults);

/// Whether templates are filled. While they are not, a number, word or flag may be `${{ }}`, and
/// anything may be an `if` (fill.h): what cannot be known yet passes unread, the branches of an
/// `if` are read both.
enum class Stage { filled, open };

class Reader {
 public:
  using Each = std::function<void(Reader&)>;

  /// `value` and `faults` outlive this. What is no map is a fault, and reads as an empty one.
  Reader(const Value& value, std::string path, Stage stage, Faults& faults);
  /// Members that nobody asked for are reported here.
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[nodiscard]] bool has(std::string_view key) const;
  /// The member as it is, or null. Whoever asks for a member knows it: it is not reported as
  /// unknown.
  [[nodiscard]] const Value* find(std::string_view key);
  void fault(std::string_view key, std::string message, std::string hint = {});
  [[nodiscard]] std::string path_of(std::string_view key) const;

  [[nodiscard]] std::string text(std::string_view key, std::string_view fallback = {});
  /// Must be there and not be empty.
  [[nodiscard]] std::string required_text(std::string_view key);
  [[nodiscard]] std::uint64_t number(
      std::string_view key, std::uint64_t fallback,
      std::uint64_t most = std::numeric_limits<std::uint32_t>::max());
  [[nodiscard]] std::uint32_t number32(std::string_view key, std::uint32_t fallback) {
    return static_cast<std::uint32_t>(number(key, fallback));
  }
  [[nodiscard]] bool flag(std::string_view key, bool fallback);
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs(std::string_view key);

  /// Position of the word among `words`; `fallback` when absent.
  template <std::size_t N>
  [[nodiscard]] std::size_t word(std::string_view key, const std::array<std::string_view, N>& words,
                                 std::size_t fallback) {
    return find_word(key, {words.begin(), words.end()}, fallback);
  }

  /// `each` for every item of a list of maps.
  void items(std::string_view key, const Each& each);
  /// `each(name, reader)` for every member of a map of maps.
  void members(std::string_view key, const std::function<void(const std::string&, Reader&)>& each);
  /// `each` for a member that is a map; nothing when absent.
  void member(std::string_view key, const Each& each);

 private:
  using Visit = std::function<void(const Value&, const std::string& path)>;

  [[nodiscard]] std::size_t find_word(std::string_view key, std::vector<std::string_view> words,
                                      std::size_t fallback);
  /// `visit` for what stands here: itself, or the branches of an `if` that is not decided yet.
  void visit(const Value& value, const std::string& path, const Visit& visit) const;
  void visit_items(std::string_view key, const Visit& visit);
  /// The text of a scalar that can be read now; null and perhaps a fault otherwise.
  [[nodiscard]] const std::string* find_scalar(std::string_view key, std::string_view wanted);
  [[nodiscard]] std::string text_at(const Value& value, const std::string& path);
  void fault_at(std::string path, std::string message, std::string hint = {});

  const Value::Map* map_;
  std::string path_;
  Stage stage_;
  Faults& faults_;
  std::vector<std::string> asked_;
};

/// "a list", "a map", or the text in quotes: for messages.
[[nodiscard]] std::string describe(const Value& value);

}  // namespace foz::plugin
