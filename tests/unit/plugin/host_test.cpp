#include "core/plugin/host.h"

#include <gtest/gtest.h>

#include "core/plugin/catalogue.h"
#include "core/plugin/load.h"
#include "tests/support/temporary_folder.h"

namespace foz::plugin {
namespace {

std::string yaml(const std::string& name) {
  return "contract: 1\nname: " + name +
         "\nsummary: a test\nshape: {roles: [{name: w}]}\nlaunch: {roles: [{role: w, argv: [" +
         name + "]}]}\n";
}

class Host : public testing::Test {
 protected:
  Registry registry() { return Registry({folder_.path() / "mine", folder_.path() / "shipped"}); }

  /// The folder's name taken out of a message.
  std::string shown(std::string message) {
    const std::string path = folder_.path().string();
    for (std::size_t at = message.find(path); at != message.npos; at = message.find(path))
      message.erase(at, path.size() + 1);
    return message;
  }

  std::string refusal(const std::string& name) {
    Registry plugins = registry();
    const auto found = plugins.find(name);
    return found ? "none" : shown(found.error().message);
  }

  test::TemporaryFolder folder_;
};

TEST_F(Host, FindsByNameAndTheFirstFolderWins) {
  folder_.write("shipped/ring/plugin.yaml", yaml("ring"));
  folder_.write("shipped/tree/plugin.yaml", yaml("tree"));
  folder_.write("mine/ring/plugin.yaml", yaml("ring"));
  folder_.write("shipped/notes/README.md", "");
  Registry plugins = registry();
  EXPECT_EQ(plugins.names(), (std::vector<std::string>{"ring", "tree"}));
  const Loaded* ring = plugins.find("ring").value();
  EXPECT_EQ(ring->folder(), folder_.path() / "mine/ring");
  EXPECT_EQ(plugins.find("ring").value(), ring);
  EXPECT_EQ(plugins.find("tree").value()->description.summary, "a test");
}

TEST_F(Host, NamesTheNearestAndWhereItLooked) {
  folder_.write("shipped/ring/plugin.yaml", yaml("ring"));
  EXPECT_EQ(refusal("rong"), "no plugin 'rong' (did you mean 'ring'?); looked in mine, shipped");
  EXPECT_EQ(refusal("../ring"), "no plugin '../ring'; looked in mine, shipped");
  EXPECT_EQ(Registry({}).find("x").error().message, "no plugin 'x'; looked in nowhere");
}

TEST_F(Host, RefusesABrokenFileByItsLine) {
  folder_.write("mine/ring/plugin.yaml", "contract: 3\nname: ring\nshape: {}\nlaunch: {}\n");
  EXPECT_EQ(refusal("ring"), "plugin file mine/ring/plugin.yaml:1:11: 'contract' is 3, wanted 1");
}

TEST_F(Host, RefusesAnotherNameAndTwoForms) {
  folder_.write("mine/ring/plugin.yaml", yaml("rang"));
  EXPECT_EQ(refusal("ring"),
            "plugin file 'mine/ring/plugin.yaml' says its name is \"rang\", wanted \"ring\" as its "
            "folder");
  folder_.write("mine/ring/plugin.json", "{}");
  EXPECT_EQ(refusal("ring"),
            "plugin folder 'mine/ring' has both plugin.yaml and plugin.json: one says what it is");
}

TEST_F(Host, PinsYamlAsJsonThatLoadsWithoutYaml) {
  folder_.write("mine/ring/plugin.yaml", yaml("ring"));
  folder_.write("mine/ring/shim.py", "print()\n");
  folder_.write("mine/ring/deep/more.txt", "x");
  folder_.write("mine/ring/.hidden", "x");
  folder_.write("mine/ring/__pycache__/shim.pyc", "x");
  Registry plugins = registry();
  const auto pinned = plugins.pin("ring").value();
  ASSERT_EQ(pinned.size(), 3U);
  EXPECT_EQ(pinned[0].to, "deep/more.txt");
  EXPECT_EQ(pinned[0].from, (folder_.path() / "mine/ring/deep/more.txt").string());
  EXPECT_EQ(pinned[1].to, "plugin.json");
  EXPECT_EQ(pinned[1].from, "");
  EXPECT_EQ(pinned[2].to, "shim.py");
  folder_.write("run/ring/plugin.json", pinned[1].content);
  const auto loaded = load_pinned(folder_.path() / "run/ring").value();
  EXPECT_EQ(std::get<Launch>(loaded->launch({})).roles[0].argv[0], "ring");
}

TEST_F(Host, PinsAProgramWithItsFiles) {
  folder_.write("mine/prog/plugin",
                "#!/bin/sh\nread -r line\necho '{\"contract\":1,\"name\":\"prog\"}'\n", 0755);
  Registry plugins = registry();
  const auto pinned = plugins.pin("prog").value();
  ASSERT_EQ(pinned.size(), 1U);
  EXPECT_EQ(pinned[0].to, "plugin");
  EXPECT_EQ(load_pinned(folder_.path() / "mine/prog").value()->describe().name, "prog");
}

TEST_F(Host, LoadsBuiltinsByTheirJson) {
  folder_.write("mine/spark/plugin.json", R"({"contract": 1, "builtin": "spark"})");
  folder_.write("mine/spark/extra.sh", "");
  Registry plugins = registry();
  EXPECT_EQ(plugins.find("spark").value()->description.name, "spark");
  EXPECT_EQ(plugins.pin("spark").value().size(), 2U);
  folder_.write("mine/spork/plugin.json", R"({"contract": 1, "builtin": "spork"})");
  EXPECT_EQ(refusal("spork"),
            "plugin file 'mine/spork/plugin.json': this foz has no builtin 'spork'");
}

TEST_F(Host, RefusesABrokenPinByItsFile) {
  const auto refused = [&](const std::string& text) {
    folder_.write("run/x/plugin.json", text);
    return shown(load_pinned(folder_.path() / "run/x").error().message);
  };
  EXPECT_EQ(refused("{"), "plugin file 'run/x/plugin.json': is no JSON");
  EXPECT_EQ(refused("{}"), "plugin file 'run/x/plugin.json': contract is missing: wanted 1");
  EXPECT_EQ(refused(R"({"contract":1,"name":"x"})"),
            "plugin file 'run/x/plugin.json': shape is missing (and 1 more)");
  EXPECT_EQ(refused(R"({"contract":1,"program":"../evil"})"),
            "plugin file 'run/x/plugin.json': program must be a file beside it, got \"../evil\"");
  EXPECT_EQ(load_pinned(folder_.path() / "none").error().code, Code::not_found);
}

TEST_F(Host, SearchesInOrder) {
  const SearchOptions options{"", "/work/flow", "/opt/foz/share/foz/plugins"};
  const Environment environment{"HOME=/home/u", "FOZ_PLUGINS=/a::/b"};
  EXPECT_EQ(search_folders(options, environment),
            (std::vector<fs::path>{"/a", "/b", "/work/flow/plugins", "/home/u/.config/foz/plugins",
                                   "/etc/foz/plugins", "/opt/foz/share/foz/plugins"}));
  EXPECT_EQ(
      search_folders({"/c", "", ""}, {"HOME=/home/u", "XDG_CONFIG_HOME=/cfg", "FOZ_PLUGINS=/a"}),
      (std::vector<fs::path>{"/c", "/cfg/foz/plugins", "/etc/foz/plugins"}));
  EXPECT_EQ(search_folders({}, {}), (std::vector<fs::path>{"/etc/foz/plugins"}));
}

TEST_F(Host, ListsBrokenOnesAsRows) {
  folder_.write("mine/ring/plugin.yaml", yaml("ring"));
  folder_.write("mine/bad/plugin.yaml", "contract: 1\n");
  Registry plugins = registry();
  EXPECT_EQ(shown(render_text(list_plugins(plugins))),
            "bad   unusable plugin file mine/bad/plugin.yaml:1:1: 'name' is missing\nring  yaml    "
            " a test\n");
}

TEST_F(Host, LoadsAFileWhereverItLies) {
  Diagnostics diagnostics;
  folder_.write("somewhere/my.yaml", yaml("ring"));
  EXPECT_EQ(load_plugin(folder_.path() / "somewhere/my.yaml", diagnostics)->name, "ring");
  EXPECT_EQ(shown(load_plugin(folder_.path() / "somewhere", diagnostics).error().message),
            "folder 'somewhere' holds no plugin.yaml, plugin.json or executable plugin");
}

}  // namespace
}  // namespace foz::plugin
