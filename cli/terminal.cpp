#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "core/base/text.h"

namespace foz::cli {

namespace {

bool wants_colour() {
  static const bool wanted =
      is_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr &&
      std::string_view(std::getenv("TERM") ? std::getenv("TERM") : "dumb") != "dumb";
  return wanted;
}

const char* code(Colour colour) {
  switch (colour) {
    case Colour::none:
      return "";
    case Colour::red:
      return "\033[31m";
    case Colour::green:
      return "\033[32m";
    case Colour::yellow:
      return "\033[33m";
    case Colour::blue:
      return "\033[34m";
    case Colour::dim:
      return "\033[2m";
    case Colour::bold:
      return "\033[1m";
  }
  return "";
}

void write_to(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

std::string paint(std::string_view text, Colour colour) {
  if (colour == Colour::none || !wants_colour()) return std::string(text);
  return code(colour) + std::string(text) + "\033[0m";
}

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

std::optional<std::size_t> screen_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* columns = std::getenv("COLUMNS");
  const auto said = columns == nullptr ? std::nullopt : parse_integer(columns);
  if (!said || *said < 1) return std::nullopt;
  return static_cast<std::size_t>(*said);
}

std::string printable_lines(std::string_view text, std::string_view indent) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    out += (out.empty() ? "" : "\n" + std::string(indent)) + printable(trim(line));
  }
  return out;
}

std::string pad(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::string cut(std::string_view text, std::size_t width) {
  if (text.size() <= width || width == 0) return std::string(text);
  return std::string(text.substr(0, width - 1)) + "~";
}

void print(std::string_view text) {
  write_to(stdout, text);
}
void print_error(std::string_view text) {
  write_to(stderr, text);
}

}  // namespace foz::cli
