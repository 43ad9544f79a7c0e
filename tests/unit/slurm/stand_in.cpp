#include "tests/unit/slurm/stand_in.h"

#include <fmt/format.h>
#include <stdlib.h>

#include "core/base/fd.h"
#include "core/base/text.h"

namespace foz::slurm {

namespace {

void put(const fs::path& path, std::string_view bytes, unsigned mode) {
  FOZ_ASSERT(write_file(path, bytes, Durability::cached, mode));
}

}  // namespace

void StandIns::add(std::string_view name, std::string_view body) const {
  const std::string script = fmt::format(
      "#!/bin/bash\n"
      "out={0}\n"
      "echo x >> \"$out/{1}.calls\"\n"
      "printf '%s\\0' \"$@\" > \"$out/{1}.args\"\n"
      "env -0 > \"$out/{1}.env\"\n"
      "{2}\n",
      shell_quote(folder_.path().string()), name, body);
  put(folder_ / name, script, 0755);
}

void StandIns::answer(std::string_view name, std::string_view out, std::string_view err,
                      int status) const {
  const std::string file(name);
  put(folder_ / (file + ".out"), out, 0644);
  put(folder_ / (file + ".err"), err, 0644);
  add(name, fmt::format("cat \"$out/{0}.out\"; cat \"$out/{0}.err\" >&2; exit {1}", name, status));
}

Environment StandIns::environment() const {
  return {fmt::format("PATH={}:/usr/bin:/bin", folder_.path().string())};
}

std::vector<std::string> StandIns::words(std::string_view file) const {
  const std::string bytes = read_file(folder_ / file).value_or(std::string());
  std::vector<std::string> words;
  for (const std::string_view word : split(bytes, '\0')) words.emplace_back(word);
  words.pop_back();
  return words;
}

std::vector<std::string> StandIns::arguments(std::string_view name) const {
  return words(std::string(name) + ".args");
}

std::vector<std::string> StandIns::variables(std::string_view name) const {
  return words(std::string(name) + ".env");
}

std::size_t StandIns::calls(std::string_view name) const {
  return read_file(folder_ / (std::string(name) + ".calls")).value_or(std::string()).size() / 2;
}

}  // namespace foz::slurm
