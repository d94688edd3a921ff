"""Exports of the Python runtime: the WIT world `cell-runtime`."""

import builtins
import gc
import platform
import sys

from metascript_guest import library

MODULES = library.load()

from componentize_py_types import Err  # noqa: E402
from metascript_guest import assistance, output, packages, values, waiting, walls, zones  # noqa: E402
from metascript_guest.session import CURRENT as SESSION  # noqa: E402
from wit_world.imports import types  # noqa: E402
import metascript  # noqa: E402, F401
import tars  # noqa: E402
import wit_world  # noqa: E402

zones.install()
waiting.install()
MISSING = walls.install()
output.install(sys)
MODULES += ["metascript", "tars"]
# A name of every cell, as it is in the other languages.
builtins.tars = tars


class WitWorld(wit_world.WitWorld):
    def evaluate(self, cell):
        SESSION.start()
        return types.Progress_Finished(SESSION.run(cell))

    def resume(self):
        raise RuntimeError("no cell waits")

    def abandon(self):
        pass

    def complete(self, before, after):
        return assistance.complete(SESSION, before, MODULES)

    def inspect(self, before, after):
        return assistance.explain(SESSION, before, after)

    def list_variables(self):
        return SESSION.variables()

    def get_variable(self, name):
        try:
            return SESSION.get(name)
        except values.Refused as refused:
            raise Err(str(refused)) from None

    def set_variable(self, name, to):
        try:
            SESSION.set(name, to)
        except values.Refused as refused:
            raise Err(str(refused)) from None

    def reset(self):
        SESSION.clear()

    def about(self):
        return types.Information("python", platform.python_version(), platform.python_implementation(), MODULES)


# Last: while the runtime is built there is no host to ask.
packages.install(MISSING)

# What was made so far lives as long as the runtime: the collector need not look at it (and touch its
# memory, which every session would then have to copy).
gc.collect()
gc.freeze()
