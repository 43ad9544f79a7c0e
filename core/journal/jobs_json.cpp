#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/journal/run_folder.h"

namespace foz::journal {

namespace {

using Json = nlohmann::ordered_json;

constexpr int k_version = 1;

Json part_to_json(const SubmittedPart& part) {
  return {{"stage", part.stage},     {"part", part.part},         {"offset", part.offset},
          {"count", part.count},     {"is_array", part.is_array}, {"job", part.job.value},
          {"cluster", part.cluster}, {"nonce", part.nonce}};
}

SubmittedPart part_from_json(const Json& json) {
  SubmittedPart part;
  json.at("stage").get_to(part.stage);
  json.at("part").get_to(part.part);
  json.at("offset").get_to(part.offset);
  json.at("count").get_to(part.count);
  json.at("is_array").get_to(part.is_array);
  json.at("job").get_to(part.job.value);
  json.at("cluster").get_to(part.cluster);
  json.at("nonce").get_to(part.nonce);
  return part;
}

}  // namespace

std::string jobs_to_json(const std::vector<SubmittedPart>& parts) {
  Json list = Json::array();
  for (const SubmittedPart& part : parts) list.push_back(part_to_json(part));
  const Json whole{{"foz_jobs", k_version}, {"parts", std::move(list)}};
  return whole.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::vector<SubmittedPart>> jobs_from_json(std::string_view text) {
  try {
    const Json whole = Json::parse(text);
    if (const int version = whole.at("foz_jobs"); version > k_version) {
      return fail(Code::invalid, fmt::format("jobs.json has format {}, and this foz reads formats "
                                             "up to {}; use the foz that the run was made with",
                                             version, k_version));
    }
    std::vector<SubmittedPart> parts;
    for (const Json& part : whole.at("parts")) parts.push_back(part_from_json(part));
    return parts;
  } catch (const Json::exception& error) {
    return fail(Code::invalid, fmt::format("jobs.json does not parse: {}", error.what()));
  }
}

}  // namespace foz::journal
