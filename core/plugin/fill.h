/// Template trees: how a plugin's answers are written down without code. Pure; knows no question
/// and no framework.
///
///   text        `${{ with.x }}` inside a text puts the text of x there. The value is a template
///               itself: references for later (`${{ rank }}`) stay in it.
///   whole item  a text that is exactly one reference becomes the value, also a list or a map; as
///               an item of a list, a list is spliced: its items stand in place of the reference.
///   choice      {if: PATH, then: VALUE, else: VALUE} or
///               {if: PATH, is: TEXT, then: VALUE, else: VALUE}: that value, spliced as above;
///               without `else` the item or member is left out. True: PATH is given and is not
///               empty, "false" or "0"; with `is`, PATH's text equals TEXT.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "plugins/api/value.h"

namespace foz::plugin {

inline constexpr std::string_view k_if = "if";
inline constexpr std::string_view k_is = "is";
inline constexpr std::string_view k_then = "then";
inline constexpr std::string_view k_else = "else";

/// What a lookup says of a path.
struct Meaning {
  enum class Kind {
    later,
    absent,
    given
  } kind = Kind::later;  ///< later: not this lookup's; left in place
  Value value;

  static Meaning later() { return {}; }
  static Meaning absent() { return {Kind::absent, {}}; }
  static Meaning given(Value value) { return {Kind::given, std::move(value)}; }
};
using Meanings = std::function<Meaning(std::string_view path)>;

/// Code::invalid naming the member path and the reference: malformed, one to something that was not
/// given (put it below an `if`), a list or map in the middle of a text.
[[nodiscard]] Result<Value> fill(const Value& tree, const Meanings& meanings);

/// A map with `if`.
[[nodiscard]] bool is_choice(const Value& value);
/// A text with a reference, or a choice: not what it will be.
[[nodiscard]] bool is_open(const Value& value);

/// A reference in a tree, and what surely was given where it stands.
struct TreeReference {
  std::string member;  ///< path of the member, "launch.roles[0].argv[2]"
  std::string path;    ///< "with.script"; empty: `mistake` says what is wrong with the text
  std::string mistake;
  /// Paths of the choices around it, where it stands below `then`.
  std::vector<std::string> guards;
};
/// All references of `tree`, those of `if` members included; `member` is the path of the tree
/// itself.
[[nodiscard]] std::vector<TreeReference> references_of(const Value& tree,
                                                       const std::string& member);

}  // namespace foz::plugin
