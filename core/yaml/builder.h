/// Builds the located tree from the YAML library's events. Working on events instead of the
/// library's own nodes shows aliases where they are used, duplicate keys, and scalars before anyone
/// has guessed their type.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/yaml/source.h"
#include "core/yaml/tree.h"

namespace foz::yaml {

/// Thrown through the library to stop it, after an error has been reported.
struct StopReading {};

/// A value with what its copies will cost.
struct Piece {
  Node node;
  std::size_t size = 1;            ///< nodes and keys
  int height = 0;                  ///< collections in each other
  std::optional<std::size_t> end;  ///< of a scalar: the offset behind it, where that is known
};

class Builder final : public YAML::EventHandler {
 public:
  Builder(const Source& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics), errors_before_(diagnostics.error_count()) {}

  /// The tree, once the document has ended.
  [[nodiscard]] std::optional<Node> take() { return std::move(root_); }
  /// Events seen so far, and where the last one stood: for those who must explain a failure.
  [[nodiscard]] std::size_t event_count() const { return event_count_; }
  [[nodiscard]] const Place& last_place() const { return last_place_; }
  /// Where the innermost open bracket stands, if one is open.
  [[nodiscard]] std::optional<Place> open_bracket() const;
  [[nodiscard]] std::vector<std::string> anchor_names() const;

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { end_collection(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { end_collection(); }
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override;

 private:
  enum class Use { take, merge, drop };  ///< what becomes of the value that follows a key

  /// A collection that has begun.
  struct Frame {
    Piece piece;
    YAML::anchor_t anchor = 0;
    Place place;
    bool is_flow = false;
    std::optional<Located<std::string>> key;  ///< of a map: waiting for its value
    Use use = Use::take;
    /// Of a map: its own keys, and where each was given.
    std::unordered_map<std::string, int> lines;
    std::vector<Node> merged;
  };

  Place begin_event(const YAML::Mark& mark);
  void count_nodes(std::size_t count, const Place& place);
  void refuse_tag(const std::string& tag, const Place& place);
  void check_indentation(const Place& place);
  void begin_collection(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
                        YAML::anchor_t anchor, YAML::EmitterStyle::value style);
  void end_collection();
  void finish(Piece piece, YAML::anchor_t anchor);
  void remember(const Piece& piece, YAML::anchor_t anchor);
  [[nodiscard]] std::optional<std::size_t> end_of_scalar(const Place& place, const Node& scalar);
  void check_block_header(const Place& place);
  [[nodiscard]] SourceRange where_null(const Place& place, const std::string& text) const;
  void add_key(Frame& map, const Piece& piece);
  void refuse_key(const Node& key);
  [[nodiscard]] bool check_colon(const Frame& map, const Piece& piece);
  void add_value(Frame& map, Piece piece);
  void collect_merged(Frame& map, Node value);
  void apply_merged(Frame& map);
  [[nodiscard]] bool expects_value() const;
  [[noreturn]] void stop(const Place& place, std::string message, std::string hint = {});

  const Source& source_;
  Diagnostics& diagnostics_;
  std::size_t errors_before_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Piece> anchors_;  ///< complete ones
  std::map<std::string, int> anchor_lines_;
  std::optional<Node> root_;
  std::size_t node_count_ = 0;
  std::size_t event_count_ = 0;
  Place last_place_;
  int checked_line_ = -1;
};

}  // namespace foz::yaml
