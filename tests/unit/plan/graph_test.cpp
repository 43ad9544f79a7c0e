#include <gtest/gtest.h>

#include "tests/unit/plan/sample.h"

namespace foz::plan {
namespace {

TEST(RenderGraph, IndentsByDepthAndNamesTheRule) {
  EXPECT_EQ(render_graph(sample_plan(), GraphForm::text),
            "prepare\n"
            "   call-all x100  <- prepare\n"
            "      check x100  <- call-all (each)\n"
            "         join  <- check (95%)\n");
}

TEST(RenderGraph, WritesDot) {
  EXPECT_EQ(
      render_graph(sample_plan(), GraphForm::dot),
      "digraph \"sample\" {\n  rankdir=LR;\n  node [shape=box];\n"
      "  \"prepare\" [label=\"prepare\"];\n  \"call-all\" [label=\"call-all x100\"];\n"
      "  \"check\" [label=\"check x100\"];\n  \"join\" [label=\"join\"];\n"
      "  \"prepare\" -> \"call-all\" [label=\"\"];\n  \"call-all\" -> \"check\" [label=\"each\"];\n"
      "  \"check\" -> \"join\" [label=\"95%\"];\n}\n");
}

TEST(RenderGraph, WritesMermaidWithIdsOfItsOwn) {
  EXPECT_EQ(render_graph(sample_plan(), GraphForm::mermaid),
            "flowchart LR\n  s0[\"prepare\"]\n  s1[\"call-all x100\"]\n  s2[\"check x100\"]\n  "
            "s3[\"join\"]\n"
            "  s0 --> s1\n  s1 -->|each| s2\n  s2 -->|95%| s3\n");
}

}  // namespace
}  // namespace foz::plan
