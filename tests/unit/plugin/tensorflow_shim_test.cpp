/// plugins/tensorflow/foz_tf.py: a script under it must not be able to tell. No TensorFlow needed:
/// the hook is tried with a package that looks like it.
#include <gtest/gtest.h>

#include "core/base/spawn.h"
#include "tests/support/folders.h"
#include "tests/support/temporary_folder.h"

namespace foz::plugin {
namespace {

const std::string k_shim = test::source_folder() / "plugins/tensorflow/foz_tf.py";

constexpr const char* k_script = R"("""doc"""
import atexit, os, pickle, sys, threading
import beside
class C: pass
loader = type(__loader__).__name__, getattr(__loader__, "path", None)
print(sorted(globals()), __doc__, __file__, __name__, __package__, loader, __spec__ and __spec__.name)
print(sys.argv, sys.path[0], pickle.loads(pickle.dumps(C())).__class__, sys.modules["__main__"].__dict__ is globals(), "foz_tf" in sys.modules)
what = sys.argv[1]
atexit.register(lambda: print("at exit", C))
threading.Thread(target=lambda: (threading.main_thread().join(), print("thread", C))).start()
if what == "chain":
    try: beside.boom()
    except ValueError as error: raise RuntimeError("x") from error
if what == "number": sys.exit(3)
if what == "text": sys.exit("bye")
if what == "interrupt": raise KeyboardInterrupt
if what == "hook":
    sys.excepthook = lambda kind, error, traceback: print("hook", kind, traceback.tb_frame.f_code.co_filename)
    1 / 0
)";

class TensorflowShim : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("script.py", k_script);
    folder_.write("below/beside.py", "");
    folder_.write("beside.py", "def boom(): raise ValueError('b')\n");
    folder_.write("package/__init__.py", "");
    folder_.write("package/inner.py", k_script);
    folder_.write("syntax.py", "def f(:\n");
  }

  std::string run(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    command.directory = folder_.path().string();
    const auto done = run_command(command);
    return done ? done->describe() + "\n" + done->out + done->err : done.error().message;
  }

  /// With python alone, and with the shim between.
  void expect_same(const std::vector<std::string>& words) {
    std::vector<std::string> plain{"python3"};
    std::vector<std::string> shim{"python3", k_shim, "--proof", "world"};
    plain.insert(plain.end(), words.begin(), words.end());
    shim.insert(shim.end(), words.begin(), words.end());
    const std::string wanted = run(plain);
    EXPECT_EQ(run(shim), wanted);
    EXPECT_FALSE(fs::exists(folder_.path() / "world"));
  }

  /// A package with the module that the hook waits for. A strategy of `workers`.
  void write_tensorflow(const std::string& module) {
    folder_.write("tensorflow/__init__.py", "");
    folder_.write("tensorflow/python/__init__.py", "");
    folder_.write("tensorflow/python/distribute/__init__.py", "");
    folder_.write("tensorflow/python/distribute/collective_all_reduce_strategy.py", module);
  }

  std::string proof() { return read_file(folder_.path() / "world").value_or("none"); }

  test::TemporaryFolder folder_;
};

TEST_F(TensorflowShim, AScriptCannotTell) {
  for (const char* what : {"fine", "chain", "number", "text", "interrupt", "hook"})
    expect_same({"script.py", what, "-m", "--proof", ""});
  expect_same({"./below/../script.py", "chain"});
  expect_same({"syntax.py"});
  expect_same({"missing.py", "x"});
}

TEST_F(TensorflowShim, AModuleCannotTell) {
  expect_same({"-m", "package.inner", "fine", "x"});
  expect_same({"-m", "package.inner", "chain"});
  expect_same({"-m", "package.missing"});
}

constexpr const char* k_strategies = R"(
class CollectiveAllReduceExtended:
    def __init__(self, workers): self._num_workers = workers
    def fail(self): 1 / 0
)";
constexpr const char* k_import =
    "from tensorflow.python.distribute import collective_all_reduce_strategy as s\n";

TEST_F(TensorflowShim, WritesDownTheLargestWorldThatWasMade) {
  write_tensorflow(k_strategies);
  folder_.write("make.py",
                std::string(k_import) + "for n in 1, 4, 2: s.CollectiveAllReduceExtended(n)\n");
  EXPECT_EQ(run({"python3", k_shim, "--proof", "world", "make.py"}), "exit status 0\n");
  EXPECT_EQ(proof(), "4\n");
}

TEST_F(TensorflowShim, WritesNothingWhereNoStrategyIsMadeAndTakesAnOldFileAway) {
  write_tensorflow(k_strategies);
  folder_.write("make.py", k_import);
  folder_.write("world", "2\n");
  EXPECT_EQ(run({"python3", k_shim, "--proof", "world", "make.py"}), "exit status 0\n");
  EXPECT_EQ(proof(), "none");
}

TEST_F(TensorflowShim, StaysOutOfTheTracebackOfAStrategyThatFails) {
  write_tensorflow(
      "class CollectiveAllReduceExtended:\n    def __init__(self): raise RuntimeError('no "
      "server')\n");
  folder_.write("make.py", std::string(k_import) + "s.CollectiveAllReduceExtended()\n");
  expect_same({"make.py"});
}

TEST_F(TensorflowShim, SaysWhenItCannotProveAnything) {
  write_tensorflow("");
  folder_.write("make.py", k_import);
  EXPECT_EQ(run({"python3", k_shim, "--proof", "world", "make.py"}),
            "exit status 0\nfoz_tf.py: this TensorFlow has no CollectiveAllReduceExtended: the "
            "world's size cannot be proved\n");
}

}  // namespace
}  // namespace foz::plugin
