#include "core/spec/verbatim.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/spec/keys.h"
#include "core/spec/verbatim_options.h"

namespace foz::spec {

namespace {

std::string_view key_of(const SlurmOption& option) {
  return option.fate.starts_with('=') ? option.fate.substr(1) : std::string_view();
}

/// "'time' in 'resources'".
std::string home_of(std::string_view name) {
  for (const Block block : {Block::resources, Block::slurm}) {
    if (find_key(block, name) == nullptr) continue;
    return fmt::format("'{}' in '{}'", name, block == Block::resources ? "resources" : "slurm");
  }
  return fmt::format("'{}'", name);
}

class Checker {
 public:
  Checker(Program program, Diagnostics& diagnostics)
      : program_(program), diagnostics_(diagnostics) {}

  void word(const Located<std::string>& word) {
    const std::string_view text = word.value;
    const bool is_value = waiting_ != nullptr && !text.starts_with('-');
    if (!is_value) end();
    waiting_ = nullptr;
    if (is_value) return;
    if (text.starts_with("--") && text.size() > 2) {
      long_option(word, text.substr(2));
    } else if (text.starts_with('-') && text.size() > 1 && text != "--") {
      short_options(word, text.substr(1));
    } else {
      diagnostics_.error(word.where,
                         fmt::format("{} is no option: {} would take it for the program to run",
                                     quoted(text), title()),
                         "write an option and its value as one word: --name=value");
    }
  }

  /// An option that still waits for its value would take what foz writes behind it.
  void end() {
    if (waiting_ == nullptr) return;
    diagnostics_.error(waiting_->where, fmt::format("{} needs a value", quoted(waiting_->value)),
                       "write it as one word: --name=value");
  }

 private:
  [[nodiscard]] std::string_view title() const {
    return program_ == Program::sbatch ? "sbatch" : "srun";
  }

  /// getopt_long takes any beginning of a name that means one option; where it may mean several, a
  /// forbidden one counts.
  [[nodiscard]] const SlurmOption* find(std::string_view name) const {
    const auto options = options_of(program_);
    const SlurmOption* found = nullptr;
    for (const SlurmOption& option : options) {
      if (option.name == name) return &option;
      if (!option.name.starts_with(name)) continue;
      if (found == nullptr || found->fate.empty()) found = &option;
    }
    return found;
  }

  void long_option(const Located<std::string>& word, std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    const SlurmOption* option = name.empty() ? nullptr : find(name);
    if (option == nullptr) return;
    if (option->argument == Argument::required && equals == text.npos) waiting_ = &word;
    judge(word, *option, fmt::format("--{}", printable(name)));
  }

  void short_options(const Located<std::string>& word, std::string_view letters) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      const auto options = options_of(program_);
      const auto option = std::find_if(options.begin(), options.end(), [&](const SlurmOption& o) {
        return o.letter == letters[i];
      });
      if (option == options.end()) return;
      judge(word, *option, fmt::format("-{}", letters[i]));
      const bool is_last = i + 1 == letters.size();
      if (option->argument == Argument::required && is_last) waiting_ = &word;
      if (option->argument != Argument::none) return;
    }
  }

  void judge(const Located<std::string>& word, const SlurmOption& option,
             const std::string& written) {
    if (option.fate.empty()) return;
    const std::string full = fmt::format("--{}", option.name);
    const std::string name =
        written == full ? fmt::format("'{}'", full) : fmt::format("'{}' ({})", written, full);
    const std::string_view key = key_of(option);
    if (key.empty()) {
      diagnostics_.error(word.where,
                         fmt::format("{} cannot be given to {}: {}", name, title(), option.fate));
    } else {
      diagnostics_.error(
          word.where,
          fmt::format("{} cannot be given to {}: it has a key of its own", name, title()),
          fmt::format("use {}", home_of(key)));
    }
  }

  Program program_;
  Diagnostics& diagnostics_;
  const Located<std::string>* waiting_ = nullptr;  ///< an option whose value is the next word
};

}  // namespace

void check_verbatim(Program program, const std::vector<Located<std::string>>& words,
                    Diagnostics& diagnostics) {
  Checker checker(program, diagnostics);
  for (const auto& word : words) {
    if (diagnostics.error_count() <= Diagnostics::k_max_diagnostics) checker.word(word);
  }
  checker.end();
}

}  // namespace foz::spec
