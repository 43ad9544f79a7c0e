#include "core/slurm/communication.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace foz::slurm {

namespace {

constexpr std::array<std::string_view, 15> k_silence = {
    "unable to contact slurm controller",
    "socket timed out",
    "zero bytes were transmitted",
    "unexpected message received",
    "communication connection failure",
    "connection refused",
    "connection timed out",
    "connection reset",
    "no route to host",
    "communication shutdown failure",
    "slurm backup controller in standby mode",
    "message receive failure",
    "message send failure",
    "unable to connect to database",
    "problem talking to the database",
};

constexpr std::array<std::string_view, 4> k_unsent = {
    "unable to process configuration file", "munge encode failed", "protocol authentication error",
    "rate limit exceeded"};

constexpr std::array<std::string_view, 3> k_no_configuration = {
    "could not establish a configuration source", "unable to establish configuration source",
    "could not find a configuration file"};

constexpr std::array<std::string_view, 4> k_denied = {"permission denied", "access denied",
                                                      "user not authorized", "not authorized to"};

bool has_one_of(std::string_view text, const auto& words) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::any_of(words.begin(), words.end(),
                     [&lower](std::string_view word) { return lower.find(word) != lower.npos; });
}

void append_lines(std::string& text, std::string_view stream) {
  for (const std::string_view line : split(stream, '\n')) {
    if (!trim(line).empty()) text += fmt::format("\n  {}", printable(trim(line)));
  }
}

Code code_of(const Finished& finished, std::string_view text) {
  if (is_silent_controller(text) || !WIFEXITED(finished.wait_status)) return Code::unavailable;
  return is_permission_denied(text) ? Code::refused : Code::failed;
}

std::string_view meaning_of(Code code) {
  switch (code) {
    case Code::unavailable:
      return "got no answer from Slurm; ask again later";
    case Code::refused:
      return "was refused by Slurm";
    default:
      return "failed";
  }
}

}  // namespace

bool is_silent_controller(std::string_view text) {
  return has_one_of(text, k_silence);
}

bool is_unsent(std::string_view text) {
  return is_without_configuration(text) || has_one_of(text, k_unsent);
}

bool is_without_configuration(std::string_view text) {
  return has_one_of(text, k_no_configuration);
}

bool is_permission_denied(std::string_view text) {
  return has_one_of(text, k_denied);
}

std::string said(const Finished& finished) {
  std::string text;
  append_lines(text, finished.err);
  append_lines(text, finished.out);
  return text;
}

Error question_error(std::string_view program, const Finished& finished) {
  const std::string text = said(finished);
  const Code code = code_of(finished, text);
  if (is_without_configuration(text)) return Error{code, std::string(k_not_configured) + text};
  return Error{code, fmt::format("'{}' {} ({}){}{}", program, meaning_of(code), finished.describe(),
                                 text.empty() ? "" : ":", text)};
}

Error start_error(std::string_view program, Error error) {
  if (error.code != Code::not_found) return error;
  return Error{Code::failed,
               fmt::format("{}: Slurm's command '{}' is needed: run foz where Slurm's "
                           "commands are installed, or load its module",
                           error.message, program)};
}

}  // namespace foz::slurm
