/// What the parts of the reader share: the diagnostics, the values of the params, and how a mapping
/// is held against the table of keys. Behind workflow.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/spec/keys.h"
#include "core/spec/workflow.h"
#include "core/yaml/tree.h"

namespace foz::spec {

/// What one file may make the reader do. Each is far above any real workflow, and small enough that
/// nothing hostile costs a second.
inline constexpr std::size_t k_max_stages = 5'000;
inline constexpr std::size_t k_max_axes = 32;
inline constexpr std::size_t k_max_outputs = 256;  ///< of one stage
inline constexpr std::size_t k_max_merged_nodes =
    200'000;  ///< of the defaults, written out below every stage
inline constexpr std::size_t k_max_cells =
    500'000;  ///< values from csv:, lines: and glob:, of all stages
inline constexpr std::uint64_t k_max_file_bytes = 16U << 20U;
inline constexpr std::size_t k_max_glob_visits =
    100'000;  ///< folder entries looked at, of all stages
inline constexpr std::size_t k_max_hosts =
    500'000;  ///< names that node lists are written out to, of all stages
inline constexpr std::size_t k_max_filled = 16U
                                            << 20U;  ///< bytes of all texts with the params put in

/// What is left of the limits above.
struct Budgets {
  std::size_t cells = k_max_cells;
  std::uint64_t bytes = k_max_file_bytes;
  std::size_t glob_visits = k_max_glob_visits;
  std::size_t hosts = k_max_hosts;
  std::size_t filled = k_max_filled;
};

using ParamValues = std::map<std::string, std::string, std::less<>>;

struct Reading {
  Diagnostics& diagnostics;
  const ReadOptions& options;
  const ParamValues& params;  ///< those that have a value
  const std::vector<Param>& declared;
  Budgets& budgets;
  std::size_t left_out = 0;  ///< texts that fill_params() could not fill
};

/// Whether nothing more will be shown: what is costly to say need not be said.
[[nodiscard]] inline bool is_full(const Diagnostics& diagnostics) {
  return diagnostics.error_count() > Diagnostics::k_max_diagnostics;
}

/// "did you mean 'x'?" for the nearest of `names`, or "". Stops looking after many errors, so that
/// a hostile file costs no time.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& names,
                                       const Diagnostics& diagnostics);

/// A mapping, read against the keys of its block.
class BlockReader {
 public:
  /// Reports a `node` that is no mapping ("'resources' must be a mapping, got a list"), keys that
  /// are unknown and keys that are not built yet. Nothing at all is an empty mapping. `node`
  /// outlives this.
  BlockReader(const yaml::Node& node, Block block, std::string_view title,
              Diagnostics& diagnostics);

  /// The value of a built key; null where it is absent.
  [[nodiscard]] const yaml::Node* find(std::string_view name) const;
  [[nodiscard]] const yaml::Entry* find_entry(std::string_view name) const;
  [[nodiscard]] bool is_map() const { return node_.is_map(); }

 private:
  const yaml::Node& node_;
  Block block_;
};

/// False, and an error, unless `node` is a mapping or nothing at all.
[[nodiscard]] bool is_mapping(const yaml::Node& node, std::string_view title,
                              Diagnostics& diagnostics);

/// A text that stands on one line and holds no control characters, not empty.
[[nodiscard]] std::optional<Located<std::string>> read_line(const yaml::Node& node,
                                                            std::string_view title,
                                                            Diagnostics& diagnostics);

/// A name that is safe everywhere (is_safe_name); the error says what is wrong with it. `what` as
/// in "a stage's name".
[[nodiscard]] bool check_name(const Located<std::string>& name, std::string_view what,
                              Diagnostics& diagnostics);

/// Puts the params into every text of `node`, which `title` names. Other references are errors, as
/// nothing else is known when it is read. False for a text or a list that cannot be filled; from a
/// mapping such a text is taken out, so that nothing else is said of it. That a declared param has
/// no value is said where it is declared.
[[nodiscard]] bool fill_params(yaml::Node& node, std::string_view title, Reading& reading);

/// The same for those blocks of a stage, or of the defaults, in which only params can stand.
void fill_stage_params(yaml::Node& stage, Reading& reading);

/// What is said over k_max_filled.
[[nodiscard]] std::string filled_too_long();

/// A warning where a text looks as if a shell were to read it ("$HOME/data", "~/data"), which
/// stays as it is. `${{ dollar }}` makes a '$' one that is meant.
void warn_of_shell_words(const Located<std::string>& text, std::string_view title,
                         std::string_view hint, Diagnostics& diagnostics);

/// Bytes of the reference at `offset` of a text, braces included.
[[nodiscard]] std::size_t reference_length(std::string_view text, std::size_t offset);

/// The place of `length` bytes at `offset` of a scalar's text, where that can be told from its
/// range; else the whole range.
[[nodiscard]] SourceRange range_within(const SourceRange& where, std::string_view text,
                                       std::size_t offset, std::size_t length);

}  // namespace foz::spec
