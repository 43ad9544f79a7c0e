"""Runs a TensorFlow script as plain python would, and writes down how large the world really was.

    foz_tf.py --proof FILE SCRIPT ARGUMENT...
    foz_tf.py --proof FILE -m MODULE ARGUMENT...

A script whose TF_CONFIG does not reach it trains alone and succeeds. So FILE gets the number of workers that a
MultiWorkerMirroredStrategy has once it is made (its servers have found each other by then), and foz compares. No strategy,
no file. TensorFlow is not imported here: the hook waits until the script does it.

sys.argv, __main__, sys.path[0], exit codes, signals and tracebacks are those of `python SCRIPT ARGUMENT...`.
"""
PLAIN_MAIN = dict(globals())  # what python puts into the __main__ of a script, before anything of ours

import importlib.machinery
import importlib.util
import os
import sys
import types

STRATEGY_MODULE = "tensorflow.python.distribute.collective_all_reduce_strategy"
STRATEGY_CLASS = "CollectiveAllReduceExtended"  # behind MultiWorkerMirroredStrategy in all its versions


# ---- the proof -----------------------------------------------------------------------------------

class Proof:
    """The file, and the largest world seen so far."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.workers = 0
        if os.path.exists(self.path):
            os.remove(self.path)

    def record(self, workers):
        if workers <= self.workers:
            return
        self.workers = workers
        with open(self.path + ".new", "w") as file:
            file.write("%d\n" % workers)
        os.replace(self.path + ".new", self.path)


def watch_strategies(module, proof):
    """Makes the strategies of TensorFlow's module tell the proof how many workers they have."""
    strategy = getattr(module, STRATEGY_CLASS, None)
    if strategy is None:
        print("foz_tf.py: this TensorFlow has no %s: the world's size cannot be proved" % STRATEGY_CLASS, file=sys.stderr)
        return
    init = strategy.__init__

    def __init__(self, *arguments, **options):
        init(self, *arguments, **options)
        proof.record(self._num_workers)

    strategy.__init__ = __init__


class Finder:
    """An import hook for one module: found as ever, and watched once it is loaded."""

    def __init__(self, proof):
        self.proof = proof

    def find_spec(self, name, path=None, target=None):
        if name != STRATEGY_MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                watch_strategies(module, self.proof)

            spec.loader.exec_module = exec_module
        return spec


# ---- as plain python -----------------------------------------------------------------------------

def without_own_frames(traceback):
    """The traceback as if this file were not there."""
    if traceback is None:
        return None
    rest = without_own_frames(traceback.tb_next)
    if traceback.tb_frame.f_code.co_filename == __file__:
        return rest
    return types.TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)


def clean(error, seen=()):
    """The same for an exception and those it came from."""
    if error is None or id(error) in seen:
        return
    error.__traceback__ = without_own_frames(error.__traceback__)
    for origin in (error.__cause__, error.__context__):
        clean(origin, (*seen, id(error)))


def cleaning(hook):
    """An excepthook that shows the user's frames only."""

    def excepthook(kind, error, traceback):
        clean(error)
        hook(kind, error, error.__traceback__)

    return excepthook


def fresh_main(file):
    main = types.ModuleType("__main__")
    main.__dict__.clear()
    main.__dict__.update(PLAIN_MAIN, __doc__=None)
    if "__annotations__" in PLAIN_MAIN:
        main.__annotations__ = {}
    if file is not None:
        main.__file__ = file
        main.__loader__ = importlib.machinery.SourceFileLoader("__main__", file)
    sys.modules["__main__"] = main
    return main


def set_first_path(folder):
    """sys.path[0] is this file's folder, unless python was told to be safe."""
    if not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:
        sys.path[0] = folder


def run_script(script, arguments):
    file = os.path.join(os.getcwd(), script)  # not normalized: as python does
    try:
        with open(file, "rb") as source:
            text = source.read()
    except OSError as error:
        name = getattr(sys, "orig_argv", [sys.executable])[0]
        print("%s: can't open file %r: [Errno %d] %s" % (name, file, error.errno, error.strerror), file=sys.stderr)
        sys.exit(2)
    sys.argv[:] = [script] + arguments
    set_first_path(os.path.dirname(os.path.realpath(script)))
    main = fresh_main(file)
    exec(compile(text, file, "exec", dont_inherit=True), main.__dict__)


def run_module(module, arguments):
    import runpy

    sys.argv[:] = [module] + arguments
    set_first_path(os.getcwd())
    fresh_main(None)
    runpy._run_module_as_main(module)  # what `python -m` calls


def main():
    if len(sys.argv) < 4 or sys.argv[1] != "--proof":
        sys.exit("usage: foz_tf.py --proof FILE SCRIPT|-m MODULE [ARGUMENT...]")
    proof, what, arguments = Proof(sys.argv[2]), sys.argv[3], sys.argv[4:]
    sys.meta_path.insert(0, Finder(proof))
    try:
        if what == "-m":
            run_module(arguments[0], arguments[1:])
        else:
            run_script(what, arguments)
    except (Exception, KeyboardInterrupt):
        sys.excepthook = cleaning(sys.excepthook)
        raise


if __name__ == "__main__":
    main()
