/// The source line and the caret below a diagnostic's message. Apart from diagnostic.cpp, as
/// showing hostile text on a terminal is a matter of its own: tabs, wide and unprintable
/// characters, lines of megabytes.
#pragma once

#include <string>
#include <string_view>

#include "core/base/diagnostic.h"

namespace foz {

/// Two lines ("   12 |   gpus: two" and the caret's), or nothing where `source` has no such line.
/// A tab takes four columns, what cannot be printed its escape; a long line is cut around the
/// caret.
[[nodiscard]] std::string render_excerpt(std::string_view source, const SourceRange& where);

}  // namespace foz
