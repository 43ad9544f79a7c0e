/// foz-agent: keeper and node agent of one job (core/agent).
#include "core/agent/agent_main.h"

int main(int argc, char** argv) {
  return foz::agent::run_agent({argv + 1, argv + argc});
}
