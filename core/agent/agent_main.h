/// What foz-agent does for each verb, from its arguments to its exit status. Prints to standard
/// error only, one sentence, as there is nobody else to tell: it ends in the job's own output.
#pragma once

#include <string>
#include <vector>

namespace foz::agent {

[[nodiscard]] int run_agent(const std::vector<std::string>& arguments);

}  // namespace foz::agent
