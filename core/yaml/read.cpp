#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <istream>

#include "core/yaml/builder.h"
#include "core/yaml/check.h"
#include "core/yaml/explain.h"
#include "core/yaml/input.h"
#include "core/yaml/source.h"
#include "core/yaml/tree.h"

namespace foz::yaml {

namespace {

constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

/// False where the text could not be read to its end; an error then says why.
bool build(const Source& source, Builder& builder, Diagnostics& diagnostics) {
  try {
    Input input(source.text(), builder);
    std::istream stream(&input);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return true;
  } catch (const StopReading&) {  // said already
  } catch (const StretchTooLong&) {
    explain_long_stretch(source, builder, diagnostics);
  } catch (const YAML::Exception& problem) {
    explain(problem, source, builder, diagnostics);
  } catch (const std::exception& problem) {
    diagnostics.error(source.range(builder.last_place()),
                      fmt::format("what follows here cannot be read: {}", problem.what()));
  }
  return false;
}

}  // namespace

std::optional<Node> read_yaml(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics) {
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  const Source source(text, file);
  if (text.size() <= k_max_bytes) diagnostics.set_source(file, std::string(text));
  if (!check_text(source, diagnostics)) return std::nullopt;
  Builder builder(source, diagnostics);
  if (!build(source, builder, diagnostics)) return std::nullopt;
  auto root = builder.take();
  if (!root || (root->is_null() && root->text.empty())) {
    diagnostics.error(source.whole(), "the file is empty");
    return std::nullopt;
  }
  return root;
}

}  // namespace foz::yaml
