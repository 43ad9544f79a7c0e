#include "core/plugin/program_form.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace foz::plugin {
namespace {

constexpr ProgramLimits k_quick{std::chrono::milliseconds(400), 10'000};
constexpr const char* k_describe =
    R"({"contract":1,"name":"prog","with":{"script":{"required":true}}})";

class ProgramForm : public testing::Test {
 protected:
  /// A shell script that has the question in $line.
  fs::path program(const std::string& body) {
    return folder_.write("prog/plugin", "#!/bin/sh\nread -r line\n" + body + "\n", 0755);
  }

  /// What comes of loading it, the folder's name taken out.
  std::string outcome(const std::string& body) {
    const fs::path file = program(body);
    auto plugin = start_program_plugin(file, k_quick);
    if (plugin) return "good";
    return without_folder(plugin.error().message);
  }

  std::string without_folder(std::string message) {
    const std::size_t at = message.find(folder_.path().string());
    return at == message.npos ? message : message.erase(at, folder_.path().string().size() + 1);
  }

  test::TemporaryFolder folder_;
};

TEST_F(ProgramForm, AsksOneProcessPerQuestion) {
  const fs::path file = program(R"(echo "$line" >> questions
case $line in
  *'"question":"describe"'*) echo '{"contract":1,"name":"prog","with":{"script":{"required":true}}}' ;;
  *'"question":"shape"'*) echo '{"contract":1,"roles":[{"name":"w","ports":["a"]}]}' ;;
  *'"question":"launch"'*) echo '{"contract":1,"roles":[{"role":"w","argv":["${{ rank }}"]}],"state":"s"}' ;;
  *) echo '{"contract":1,"error":"no such question"}' ;;
esac)");
  const auto plugin = start_program_plugin(file).value();
  EXPECT_EQ(plugin->describe().name, "prog");
  EXPECT_EQ(std::get<Shape>(plugin->shape({})).roles[0].ports[0], "a");
  EXPECT_EQ(std::get<Launch>(plugin->launch({})).state, "s");
  EXPECT_EQ(std::get<std::string>(plugin->react({})), "no such question");
  const std::string asked = read_file(folder_.path() / "prog/questions").value();
  EXPECT_EQ(std::count(asked.begin(), asked.end(), '\n'), 4);
}

TEST_F(ProgramForm, RefusesACrash) {
  EXPECT_EQ(outcome("echo 'Traceback: boom' >&2; exit 3"),
            "plugin program 'prog/plugin', asked 'describe': ended with exit status 3; it said: "
            "\"Traceback: boom\"");
  EXPECT_EQ(
      outcome("kill -SEGV $$"),
      "plugin program 'prog/plugin', asked 'describe': ended with killed by signal 11 (SIGSEGV)");
}

TEST_F(ProgramForm, RefusesAHang) {
  EXPECT_EQ(outcome("sleep 100"),
            "plugin program 'prog/plugin', asked 'describe': no answer within 400 ms");
}

TEST_F(ProgramForm, RefusesAFlood) {
  EXPECT_EQ(outcome("yes"),
            "plugin program 'prog/plugin', asked 'describe': more than 10000 bytes of output");
}

TEST_F(ProgramForm, RefusesAnswersThatAreNone) {
  EXPECT_EQ(outcome("true"),
            "plugin program 'prog/plugin', asked 'describe': wanted one JSON object, found \"\"");
  EXPECT_EQ(
      outcome("echo hello"),
      "plugin program 'prog/plugin', asked 'describe': wanted one JSON object, found \"hello\"");
  EXPECT_EQ(
      outcome("echo '[1]'"),
      "plugin program 'prog/plugin', asked 'describe': wanted one JSON object, found \"[1]\"");
  EXPECT_EQ(
      outcome(std::string("echo '") + k_describe + "'; echo more"),
      std::string(
          "plugin program 'prog/plugin', asked 'describe': wanted one JSON object, found \"") +
          k_describe + "\\nmore\"");
}

TEST_F(ProgramForm, RefusesAnotherContract) {
  EXPECT_EQ(outcome(R"(echo '{"contract":7,"name":"prog"}')"),
            "plugin program 'prog/plugin', asked 'describe': contract is 7, wanted 1");
  EXPECT_EQ(outcome(R"(echo '{"name":"prog"}')"),
            "plugin program 'prog/plugin', asked 'describe': contract is missing: wanted 1");
}

TEST_F(ProgramForm, RefusesAnAnswerWithoutItsMembers) {
  EXPECT_EQ(outcome(R"(echo '{"contract":1}')"),
            "plugin program 'prog/plugin', asked 'describe': name is missing");
  EXPECT_EQ(outcome(R"(echo '{"contract":1,"error":"not here"}')"),
            "plugin program 'prog/plugin', asked 'describe': refused: not here");
}

TEST_F(ProgramForm, ALateMistakeIsASentence) {
  const auto plugin = start_program_plugin(program(std::string("case $line in *describe*) echo '") +
                                                   k_describe + "' ;; *) exit 9 ;; esac"),
                                           k_quick)
                          .value();
  EXPECT_EQ(without_folder(std::get<std::string>(plugin->shape({}))),
            "plugin program 'prog/plugin', asked 'shape': ended with exit status 9");
}

TEST_F(ProgramForm, RefusesWhatCannotBeStarted) {
  const fs::path file = folder_.write("prog/plugin", "#!/no/such/interpreter\n", 0755);
  EXPECT_EQ(without_folder(start_program_plugin(file, k_quick).error().message).substr(0, 44),
            "plugin program 'prog/plugin', asked 'describ");
}

TEST_F(ProgramForm, TakesALongQuestion) {
  const auto plugin =
      start_program_plugin(
          folder_.write("prog/plugin",
                        std::string("#!/bin/sh\nwc -c > size\nread -r nothing\ncat <<'E'\n") +
                            R"({"contract":1,"name":"prog","roles":[{"name":"w"}]})" + "\nE\n",
                        0755))
          .value();
  ShapeRequest request;
  request.with = Value::Map{{"script", std::string(3'000'000, 'x')}};
  EXPECT_EQ(std::get<Shape>(plugin->shape(request)).roles.size(), 1U);
  EXPECT_GT(std::stol(read_file(folder_.path() / "prog/size").value()), 3'000'000);
}

}  // namespace
}  // namespace foz::plugin
