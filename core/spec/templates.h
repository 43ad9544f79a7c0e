/// The texts of a stage that may hold `${{ }}`, and the shell texts that may not, with their
/// places.
#pragma once

#include <vector>

#include "core/spec/reading.h"

namespace foz::spec {

/// How much is known when a text is filled for the last time.
enum class TextUse {
  command,  ///< argv, `with`, `env`: by the agent, for each rank
  path,     ///< `outputs`, `workdir`: for each task
  script,   ///< `run` as a text, `setup`: never; a shell reads it
};

struct StageText {
  TextUse use = TextUse::command;
  Located<std::string> text;
};

/// Those that hold "${{", in the order of the file. `stage` is merged with the defaults.
[[nodiscard]] std::vector<StageText> collect_texts(const yaml::Node& stage);

}  // namespace foz::spec
