/// Diagnostics for what a user wrote: collected, never thrown, all of a file's errors in one go.
///
///   pipeline.yaml:12:15: error: 'gpus' must be an integer, got "two"
///      12 |         gpus: two
///         |               ^~~
///   note: in stage 'train'
///   hint: did you mean 'gpus_per_node'?
///
/// Knows nothing of YAML or of what is checked. Rendering is pure; printing is the business of
/// cli/.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foz {

/// Where something stands in a user's file. line and column count from 1, columns in code points;
/// line 0: somewhere in the file, or no file.
struct SourceRange {
  std::shared_ptr<const std::string> file;  ///< as the user named it; null where there is none
  int line = 0;
  int column = 0;
  int length = 1;  ///< code points to underline on that line, at least 1

  bool operator==(const SourceRange& other) const;
};

/// A value and the place it came from, so that a late error still points at its line.
template <class T>
struct Located {
  T value{};
  SourceRange where;

  bool operator==(const Located&) const = default;
};

enum class Severity { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  SourceRange where;
  std::string message;             ///< lower case, no full stop, the thing in quotes
  std::vector<std::string> notes;  ///< context: "in stage 'train'"
  std::string hint;                ///< what to do; empty for none
};

/// Collects diagnostics of one input. At most k_max_diagnostics are kept (the rest is counted), so
/// that a hostile file cannot fill memory or the screen.
class Diagnostics {
 public:
  static constexpr std::size_t k_max_diagnostics = 100;

  void error(SourceRange where, std::string message, std::string hint = {});
  void warning(SourceRange where, std::string message, std::string hint = {});
  void add(Diagnostic diagnostic);

  /// While the returned guard lives, every diagnostic carries `note`.
  class Scope {
   public:
    Scope(Diagnostics& owner, std::string note);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Diagnostics& owner_;
  };
  [[nodiscard]] Scope in(std::string note);

  [[nodiscard]] bool has_errors() const { return error_count_ > 0; }
  [[nodiscard]] std::size_t error_count() const { return error_count_; }
  [[nodiscard]] const std::vector<Diagnostic>& all() const { return diagnostics_; }

  /// The text of a file, for the source lines below messages. Without it a message has no source
  /// line.
  void set_source(const std::string& file, std::string text);
  [[nodiscard]] std::string render() const;

 private:
  friend class Scope;
  std::vector<Diagnostic> diagnostics_;
  std::vector<std::string> scopes_;
  std::map<std::string, std::string> sources_;
  std::size_t error_count_ = 0;
  std::size_t dropped_ = 0;
};

/// The candidate nearest to `word` by edit distance (at most a third of its length, at least 1),
/// for "did you mean".
[[nodiscard]] std::optional<std::string> find_nearest(std::string_view word,
                                                      const std::vector<std::string>& candidates);
/// "did you mean 'x'?" for the nearest candidate; `otherwise` where none is near.
[[nodiscard]] std::string suggest(std::string_view word, const std::vector<std::string>& candidates,
                                  std::string otherwise = {});

}  // namespace foz
