/// `${{ dotted.path }}` in text: no language, one level, and a value never becomes code or another
/// reference.
///
///   template  := (text | "$${{" | "${{" ws path ws "}}")*    "$${{" stands for "${{" itself
///   path      := name ("." name)*
///   name      := [A-Za-z0-9_-]+
///
/// "${{ dollar }}" is a constant, "$": for a "$" right before a reference, which "$${{" would hide.
/// It is never looked up or reported.
///
/// Text is filled in stages (plan: params, run, site; task: matrix, task, needs; rank: rank, node,
/// endpoints ...), each leaving what it does not know in place. A filled value is escaped, so that
/// a later stage cannot read a reference out of it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace foz::task {

struct TemplateError {
  std::size_t offset = 0;  ///< byte of the text where it stands
  std::string message;  ///< "'${{' without '}}'", "empty reference", "'a..b' is not a dotted path"
};

/// A reference found in a text.
struct Reference {
  std::size_t offset = 0;
  std::string path;  ///< "matrix.lr"
};

/// All references of `text` in order, or the first mistake.
[[nodiscard]] tl::expected<std::vector<Reference>, TemplateError> find_references(
    std::string_view text);

/// The value of a path: found, or not known at this stage (nullopt).
using Lookup = std::function<std::optional<std::string>(std::string_view path)>;

/// Replaces what `lookup` knows (escaped), keeps the other references. `text` should be well
/// formed; from its first mistake on it stays as it is, for finish() to refuse.
[[nodiscard]] std::string fill(std::string_view text, const Lookup& lookup);

/// Replaces everything and takes the escapes away: the final bytes. A path that `lookup` does not
/// know is Code::not_found, "'x.y' is not known here".
[[nodiscard]] Result<std::string> finish(std::string_view text, const Lookup& lookup);

}  // namespace foz::task
