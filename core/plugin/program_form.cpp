#include "core/plugin/program_form.h"

#include <fmt/format.h>

#include "core/base/spawn.h"
#include "core/base/text.h"
#include "core/plugin/contract_json.h"
#include "core/plugin/decode.h"
#include "core/plugin/value_json.h"

namespace foz::plugin {

namespace {

constexpr std::size_t k_shown_bytes = 200;

/// The end of what it said on standard error, for a message.
std::string last_said(std::string_view err) {
  const std::string_view said = trim(err);
  if (said.empty()) return "";
  const std::size_t start = said.size() > k_shown_bytes ? said.size() - k_shown_bytes : 0;
  return fmt::format("; it said: {}", quoted(said.substr(start)));
}

class ProgramPlugin final : public Plugin {
 public:
  ProgramPlugin(std::filesystem::path program, ProgramLimits limits)
      : program_(std::move(program)), limits_(limits) {}

  Result<void> start() {
    FOZ_TRY(const Value tree, ask("describe", describe_question_json()));
    if (const std::string* error = error_of(tree))
      return refuse("describe", "refused: " + *error, {});
    Faults faults;
    description_ = decode_description(tree, faults);
    if (!faults.errors.empty()) return refuse("describe", first_of(faults), {});
    return {};
  }

  [[nodiscard]] Description describe() const override { return description_; }

  [[nodiscard]] Answer<Shape> shape(const ShapeRequest& request) const override {
    return answer<Shape>("shape", to_json(request), [](const Value& tree, Faults& faults) {
      return decode_shape(tree, {}, Stage::filled, faults);
    });
  }

  [[nodiscard]] Answer<Launch> launch(const LaunchRequest& request) const override {
    return answer<Launch>("launch", to_json(request), [](const Value& tree, Faults& faults) {
      return decode_launch(tree, {}, Stage::filled, faults);
    });
  }

  [[nodiscard]] Answer<Reaction> react(const ReactRequest& request) const override {
    return answer<Reaction>("react", to_json(request), decode_reaction);
  }

 private:
  /// The tree of an answer whose form and contract number are right.
  [[nodiscard]] Result<Value> ask(std::string_view question, std::string line) const {
    Command command;
    command.argv = {program_.string()};
    command.directory = program_.parent_path().string();
    command.input = std::move(line) + "\n";
    command.deadline = limits_.time;
    command.output_limit = limits_.output;
    const auto finished = run_command(command);
    if (!finished) return fail(describe_failure(question, finished.error()));
    if (!finished->exited_with(0)) {
      return refuse(question, "ended with " + finished->describe(), finished->err);
    }
    return parse(question, *finished);
  }

  [[nodiscard]] Result<Value> parse(std::string_view question, const Finished& finished) const {
    const std::string_view line = trim(finished.out);
    auto tree = value_from_json(line);
    if (!tree || tree->as_map() == nullptr) {
      return refuse(question,
                    "wanted one JSON object, found " + quoted(line.substr(0, k_shown_bytes)),
                    finished.err);
    }
    Faults faults;
    {
      Reader reader(*tree, {}, Stage::filled, faults);
      check_contract(reader);
    }
    if (!faults.errors.empty()) return refuse(question, first_of(faults), finished.err);
    return tree;
  }

  [[nodiscard]] static const std::string* error_of(const Value& tree) {
    const Value* error = tree.find("error");
    return error != nullptr ? error->as_text() : nullptr;
  }

  template <class T, class Decode>
  [[nodiscard]] Answer<T> answer(std::string_view question, std::string line, Decode decode) const {
    const auto tree = ask(question, std::move(line));
    if (!tree) return tree.error().message;
    if (const std::string* error = error_of(*tree)) return *error;
    Faults faults;
    T decoded = decode(*tree, faults);
    if (!faults.errors.empty()) return refusal(question, first_of(faults), {}).message;
    return decoded;
  }

  [[nodiscard]] Error refusal(std::string_view question, std::string_view what,
                              std::string_view err) const {
    return {Code::invalid,
            fmt::format("plugin program '{}', asked '{}': {}{}", printable(program_.string()),
                        question, what, last_said(err))};
  }

  [[nodiscard]] tl::unexpected<Error> refuse(std::string_view question, std::string_view what,
                                             std::string_view err) const {
    return fail(refusal(question, what, err));
  }

  [[nodiscard]] Error describe_failure(std::string_view question, const Error& error) const {
    if (error.code == Code::unavailable) {
      return refusal(question, fmt::format("no answer within {} ms", limits_.time.count()), {});
    }
    if (error.code == Code::too_large) {
      return refusal(question, fmt::format("more than {} bytes of output", limits_.output), {});
    }
    return refusal(question, error.message, {});
  }

  std::filesystem::path program_;
  ProgramLimits limits_;
  Description description_;
};

}  // namespace

Result<std::unique_ptr<Plugin>> start_program_plugin(const std::filesystem::path& program,
                                                     const ProgramLimits& limits) {
  auto plugin = std::make_unique<ProgramPlugin>(program, limits);
  FOZ_CHECK(plugin->start());
  return plugin;
}

}  // namespace foz::plugin
