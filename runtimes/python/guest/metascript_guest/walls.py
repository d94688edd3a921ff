"""What a sandbox cannot honour says so in a sentence, instead of failing somewhere inside a library."""

import importlib.abc
import sys

_NETWORK = "a cell has no network; tars.http asks the hosts that its policy grants"
_PROGRAMS = "a cell cannot start programs"
_THREADS = "a cell runs on one thread; use asyncio"
_FILES = "a cell sees no files; tars.fs reaches the folders that its policy grants"

# Parts of CPython that need native code or a system which the sandbox does not have.
_NATIVE = {
    "_ctypes": "ctypes",
    "bz2": "bz2",
    "ctypes": "ctypes",
    "curses": "curses",
    "dbm": "dbm",
    "ensurepip": "ensurepip",
    "fcntl": "fcntl",
    "grp": "grp",
    "idlelib": "idlelib",
    "lzma": "lzma",
    "mmap": "mmap",
    "multiprocessing": "multiprocessing",
    "pip": "pip",
    "pty": "pty",
    "pwd": "pwd",
    "readline": "readline",
    "resource": "resource",
    "signal": "signal",
    "sqlite3": "sqlite3",
    "_sqlite3": "sqlite3",
    "ssl": "ssl",
    "_ssl": "ssl",
    "syslog": "syslog",
    "termios": "termios",
    "tkinter": "tkinter",
    "turtle": "turtle",
    "venv": "venv",
}


class _Missing(importlib.abc.MetaPathFinder):
    """Asked last: the module is nowhere."""

    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root in _NATIVE:
            reason = f"the sandbox's Python has no module '{_NATIVE[root]}': it needs native code or a system around it"
        elif root in sys.stdlib_module_names:
            return None
        elif path is None:
            reason = (
                f"No module named '{name}': the sandbox's Python has the standard library alone, and what was added "
                f"by `metascript runtimes add python {root.replace('_', '-')}`"
            )
        else:
            return None
        raise ModuleNotFoundError(reason, name=name)


def _refuse(kind, sentence):
    def refused(*_args, **_kwargs):
        raise kind(sentence)

    return refused


def _open(original):
    def open(file, mode="r", *args, **kwargs):
        if isinstance(file, int):
            return original(file, mode, *args, **kwargs)
        raise PermissionError(1, _FILES, str(file))

    open.__doc__ = original.__doc__
    return open


def install():
    """Puts the walls up. Afterwards nothing can be imported that is not loaded already; returns the finder that says so."""
    import _thread
    import builtins
    import io
    import os
    import socket
    import subprocess
    import threading

    network = _refuse(PermissionError, _NETWORK)
    for name in ("connect", "connect_ex", "bind", "listen", "sendto"):
        setattr(socket.socket, name, network)
    for name in ("create_connection", "create_server", "getaddrinfo", "gethostbyname", "gethostbyaddr", "socketpair"):
        setattr(socket, name, network)
    socket.socket.__init__ = network

    programs = _refuse(PermissionError, _PROGRAMS)
    subprocess.Popen.__init__ = programs
    subprocess.Popen.__del__ = lambda self: None
    for name in dir(os):
        if name in ("system", "popen", "fork", "forkpty", "startfile") or name.startswith(("exec", "spawn", "posix_spawn")):
            setattr(os, name, programs)
    os.system = os.popen = programs

    threads = _refuse(RuntimeError, _THREADS)
    threading.Thread.start = threads
    _thread.start_new_thread = _thread.start_new = _thread.start_joinable_thread = threads

    builtins.open = io.open = _open(io.open)
    missing = _Missing()
    sys.meta_path.append(missing)
    return missing
