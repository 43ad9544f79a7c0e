/// The vocabulary of a workflow file, as one table. The reader knows its keys from here and only
/// from here; the JSON Schema for editors and the reference page are written from it, so that none
/// of the three can say what the others do not.
///
/// A key whose part is not built yet is in the table too: it is refused by name, never ignored.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foz::spec {

/// A mapping of the file that has keys of its own.
enum class Block { workflow, param, stage, step, axis, array, resources, slurm };

/// What a key holds. The schema has one shape for each, the reference page one sentence.
enum class Form {
  version,        ///< 1
  name,           ///< safe in a path, a shell and Slurm
  text,           ///< one scalar, as written
  line,           ///< a text of one line without control characters
  words,          ///< a line, or a list of them
  count,          ///< an integer from 1
  count_or_zero,  ///< an integer from 0
  integer,
  flag,      ///< true or false
  duration,  ///< 90s, 4h, 1-12:00:00
  bytes,     ///< 120GiB
  nodes,     ///< 4 or 2..8
  all_word,  ///< the word "all"
  octal,     ///< 027
  place,     ///< ranks, first_node or every_node
  type,      ///< text, int, number or bool
  texts,     ///< a list of texts
  lines,     ///< a list of shell lines
  command,   ///< a script as a text, or an argv as a list
  with,      ///< whatever the plugin asks for
  steps,
  params,
  defaults,
  stages,
  needs,
  matrix,
  except,
  array,
  resources,
  slurm,
  variables,  ///< NAME: text
  limits,
  outputs,
  later,  ///< not built yet: no form
};

enum class InDefaults { no, yes };

struct Key {
  Block block;
  std::string_view name;
  std::string_view group;  ///< of a stage's key: "what", "when", ...; else empty
  Form form;
  std::string_view help;
  std::string_view brings = {};  ///< of a key that is not built yet: what it will do
  InDefaults in_defaults = InDefaults::no;
  std::string_view rival =
      {};  ///< keys of one rival group exclude each other; a stage's own beats the default's
  std::string_view meanwhile = {};  ///< of a key that is not built yet: what does it for now
};

/// Every key, block by block, in the order of the reference page.
[[nodiscard]] std::span<const Key> all_keys();
/// The keys of one block, those that are not built yet included.
[[nodiscard]] std::span<const Key> keys_of(Block block);
[[nodiscard]] const Key* find_key(Block block, std::string_view name);
/// Names of a block's keys, for "did you mean".
[[nodiscard]] std::vector<std::string> key_names(Block block);

[[nodiscard]] inline bool is_built(const Key& key) {
  return key.form != Form::later;
}

}  // namespace foz::spec
