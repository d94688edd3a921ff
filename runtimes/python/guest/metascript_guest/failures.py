"""Failures as people want to read them: lines of the script, no frame of the runtime."""

import os
import traceback

from wit_world.imports import types

_HERE = os.path.dirname(__file__)
# The runtime's own files, and the modules that cells call.
_OWN = (_HERE, os.path.join(os.path.dirname(_HERE), "metascript.py"), os.path.join(os.path.dirname(_HERE), "tars.py"))
_LIBRARY = os.path.dirname(traceback.__file__)


def _short(path):
    """A library's file as its users know it."""
    return path[len(_LIBRARY) + 1 :] if path.startswith(_LIBRARY + "/") else path


def _tidy(report, seen, is_script):
    """Takes the runtime's frames out of a report and of those that it was caused by."""
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    frames = [frame for frame in report.stack if not frame.filename.startswith(_OWN)]
    first = next((at for at, frame in enumerate(frames) if is_script(frame.filename)), None)
    # What stands before the first frame of the script is the event loop that runs it.
    frames = frames[first:] if first is not None else frames
    for frame in frames:
        frame.filename = _short(frame.filename)
    report.stack[:] = frames
    _tidy(report.__cause__, seen, is_script)
    _tidy(report.__context__, seen, is_script)
    for part in report.exceptions or ():
        _tidy(part, seen, is_script)


def failure(error, file, files):
    """The record of an exception; `files` holds the names of scripts."""
    report = traceback.TracebackException(type(error), error, error.__traceback__, compact=True)
    _tidy(report, set(), lambda name: name in files)
    frames = [
        types.Frame(frame.name, frame.filename, max((frame.lineno or 1) - 1, 0), frame.colno)
        for frame in report.stack
    ]
    line = column = None
    for frame in reversed(frames):
        if frame.file == file:
            line, column = frame.line, frame.column
            break
    if isinstance(error, SyntaxError) and error.filename == file and error.lineno:
        line = error.lineno - 1
        column = max((error.offset or 1) - 1, 0)
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:
        message = "<the error's text could not be made>"
    text = "".join(report.format())
    return types.Failure(_utf8(name), _utf8(str(message)), _utf8(text), frames, line, column)


def _utf8(text):
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
