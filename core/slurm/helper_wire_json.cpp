#include <array>
#include <nlohmann/json.hpp>

#include "core/slurm/facts_json.h"
#include "core/slurm/helper_wire.h"
#include "core/slurm/indices.h"
#include "core/slurm/request_json.h"

namespace foz::slurm {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> k_calls = {"submit", "release", "cancel", "jobs",
                                                     "facts"};
constexpr std::array<std::string_view, 9> k_codes = {"failed",       "invalid",         "not_found",
                                                     "unavailable",  "unknown_outcome", "refused",
                                                     "storage_full", "too_large",       "internal"};

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

template <std::size_t Size>
std::size_t index_of(const std::array<std::string_view, Size>& words, std::string_view word,
                     std::size_t otherwise) {
  for (std::size_t i = 0; i < Size; ++i) {
    if (words[i] == word) return i;
  }
  return otherwise;
}

std::vector<std::string> map_texts(const std::vector<std::string>& texts,
                                   std::string (*change)(std::string_view)) {
  std::vector<std::string> changed;
  changed.reserve(texts.size());
  for (const std::string& text : texts) changed.push_back(change(text));
  return changed;
}

/// What a reader throws on a wrong type becomes Code::invalid.
template <class T, class Read>
Result<T> read_line(std::string_view line, std::string_view what, Read read) {
  try {
    return read(Json::parse(line));
  } catch (const Json::exception& error) {
    return fail(Code::invalid,
                std::string(what) + " of the libslurm helper does not parse: " + error.what());
  }
}

void add_jobs(Json& json, const std::vector<JobSelector>& jobs) {
  json["jobs"] = Json::array();
  for (const JobSelector& job : jobs) json["jobs"].push_back(selector_text(job));
}

Result<HelperRequest> read_request(const Json& json) {
  HelperRequest request;
  request.id = json.at("id").get<std::uint64_t>();
  const std::size_t call = index_of(k_calls, json.at("call").get<std::string>(), k_calls.size());
  if (call == k_calls.size()) return fail(Code::invalid, "a call that this helper does not know");
  request.call = static_cast<HelperCall>(call);
  if (json.contains("request")) {
    FOZ_TRY(const SubmitRequest submit, request_from_json(json.at("request").dump()));
    request.submit = with_texts(submit, from_wire);
    request.submit.environment =
        map_texts(json.at("environment").get<std::vector<std::string>>(), from_wire);
  }
  if (!json.contains("jobs")) return request;
  for (const auto& text : json.at("jobs")) {
    const auto selector = parse_selector(text.get<std::string>());
    if (!selector) return fail(Code::invalid, "a job that is no job id: " + text.dump());
    request.jobs.push_back(*selector);
  }
  return request;
}

Json job_to_json(const Submission& submission) {
  return {{"id", submission.id.value}, {"notes", map_texts(submission.notes, to_wire)}};
}

Submission job_from_json(const Json& json) {
  return Submission{JobId{json.at("id").get<std::uint32_t>()},
                    {},
                    map_texts(json.at("notes").get<std::vector<std::string>>(), from_wire)};
}

Error error_from_json(const Json& json) {
  const std::size_t code = index_of(k_codes, json.at("code").get<std::string>(), 0);
  return Error{static_cast<Code>(code), from_wire(json.at("message").get<std::string>())};
}

Result<HelperAnswer> read_answer(const Json& json) {
  HelperAnswer answer;
  answer.id = json.at("id").get<std::uint64_t>();
  if (json.contains("error")) answer.error = error_from_json(json.at("error"));
  if (json.contains("job")) answer.submission = job_from_json(json.at("job"));
  if (json.contains("bytes")) {
    if (!json.at("bytes").is_number_unsigned()) {
      return fail(Code::invalid, "a number of bytes that is none: " + json.at("bytes").dump());
    }
    answer.bytes = json.at("bytes").get<std::size_t>();
  }
  if (json.contains("facts")) {
    FOZ_TRY(answer.facts, facts_from_json(json.at("facts").dump()));
  }
  return answer;
}

}  // namespace

std::string to_line(const HelperGreeting& greeting) {
  return dump({{"foz-libslurm", greeting.contract}, {"compiled", greeting.compiled}});
}

std::string ready_line() {
  return R"({"ready":true})";
}

std::string to_line(const HelperRequest& request) {
  Json json = {{"id", request.id}, {"call", k_calls.at(static_cast<std::size_t>(request.call))}};
  if (request.call == HelperCall::submit) {
    json["request"] = Json::parse(to_json(with_texts(request.submit, to_wire)));
    json["environment"] = map_texts(request.submit.environment, to_wire);
  }
  if (!request.jobs.empty()) add_jobs(json, request.jobs);
  return dump(json);
}

std::string to_line(const HelperAnswer& answer) {
  Json json = {{"id", answer.id}};
  if (answer.error) {
    json["error"] = {{"code", k_codes.at(static_cast<std::size_t>(answer.error->code))},
                     {"message", to_wire(answer.error->message)}};
  }
  if (answer.submission.id.value != 0) json["job"] = job_to_json(answer.submission);
  if (!answer.facts.name.empty()) json["facts"] = Json::parse(to_json(answer.facts));
  if (answer.bytes > 0) json["bytes"] = answer.bytes;
  return dump(json);
}

Result<HelperGreeting> greeting_from_line(std::string_view line) {
  return read_line<HelperGreeting>(line, "the greeting", [](const Json& json) {
    return HelperGreeting{json.at("foz-libslurm").get<int>(),
                          json.at("compiled").get<std::string>()};
  });
}

Result<HelperRequest> request_from_line(std::string_view line) {
  return read_line<HelperRequest>(line, "a request", read_request);
}

Result<HelperAnswer> answer_from_line(std::string_view line) {
  return read_line<HelperAnswer>(line, "an answer", read_answer);
}

}  // namespace foz::slurm
