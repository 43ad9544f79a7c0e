"""python3 run_tests.py FILE: the unittest cases of one file. Exit status: 0, 1 where one failed, 77 where every one was skipped, so that a
test that skips a part and fails in another is a failure."""
import importlib.util
import os
import sys
import unittest

SKIPPED = 77


def load(path):
    sys.path.insert(0, os.path.dirname(path))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


def main():
    result = unittest.TextTestRunner(verbosity=2).run(load(os.path.abspath(sys.argv[1])))
    if not result.wasSuccessful():
        return 1
    return SKIPPED if result.skipped and len(result.skipped) >= result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
