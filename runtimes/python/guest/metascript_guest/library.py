"""Imports the standard library while the runtime is built: at run time there is no file to import from."""

import importlib
import io
import pkgutil
import sys

# Modules that do something when imported, or make no sense in a cell.
_SKIP = {
    "__hello__",
    "__phello__",
    "_aix_support",
    "_android_support",
    "_apple_support",
    "_ios_support",
    "antigravity",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pip",
    "test",
    "this",
    "tkinter",
    "turtle",
    "turtledemo",
    "venv",
}


def _load(name):
    try:
        return importlib.import_module(name)
    except BaseException:
        # Needs what this build of CPython lacks: `walls` says so when a cell asks for it.
        return None


def load():
    """Loads all that can be loaded and returns the names of the public top-level modules among it."""
    stdout, sys.stdout = sys.stdout, io.StringIO()
    try:
        for name in sorted(sys.stdlib_module_names):
            if name in _SKIP or name.startswith("_pyrepl"):
                continue
            module = _load(name)
            for part in pkgutil.walk_packages(getattr(module, "__path__", None) or [], f"{name}."):
                if ".test" not in part.name and not part.name.endswith(".__main__"):
                    _load(part.name)
    finally:
        sys.stdout = stdout
    return sorted(name for name in sys.stdlib_module_names if name in sys.modules and not name.startswith("_"))
