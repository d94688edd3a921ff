"""Completion and explanation of names, from the live objects of the session."""

import builtins
import inspect
import keyword
import re

from wit_world.imports import types

from . import output

_PATH = re.compile(r"((?:[^\W\d]\w*\.)*)([^\W\d]\w*)?\Z")
_TAIL = re.compile(r"\w*")
_IMPORT = re.compile(r"\s*(?:import|from)\s+([\w.]*)\Z")
_MOST = 500


def _kind(value):
    if inspect.ismodule(value):
        return "module"
    if inspect.isclass(value):
        return "class"
    if inspect.ismethod(value) or inspect.ismethoddescriptor(value):
        return "method"
    return "function" if callable(value) else "variable"


def _follow(session, path):
    """The object that a dotted path names, or an error that the caller treats as `unknown`."""
    head, *rest = path.split(".")
    value = session.names[head] if head in session.names else getattr(builtins, head)
    for name in rest:
        value = getattr(value, name)
    return value


def _detail(value):
    return type(value).__name__


def complete(session, before, modules):
    """Completions of the dotted name that ends `before`."""
    line = before.rpartition("\n")[2]
    wanted = _IMPORT.match(line)
    if wanted:
        prefix = wanted.group(1)
        return [
            types.Completion(name, "module", "module", len(prefix)) for name in modules if name.startswith(prefix)
        ]
    match = _PATH.search(line)
    path, prefix = match.group(1)[:-1], match.group(2) or ""
    found = []
    if path:
        try:
            value = _follow(session, path)
            names = dir(value)
        except Exception:
            return []
        for name in names:
            if name.startswith(prefix) and (prefix.startswith("_") or not name.startswith("_")):
                try:
                    member = getattr(value, name)
                except Exception:
                    continue
                kind = _kind(member)
                found.append(types.Completion(name, "property" if kind == "variable" else kind, _detail(member), len(prefix)))
        return found[:_MOST]
    if not prefix:
        return []
    for name in session.own_names():
        if name.startswith(prefix):
            value = session.names[name]
            found.append(types.Completion(name, _kind(value), _detail(value), len(prefix)))
    for name in keyword.kwlist:
        if name.startswith(prefix):
            found.append(types.Completion(name, "keyword", "keyword", len(prefix)))
    for name in dir(builtins):
        if name.startswith(prefix) and not name.startswith("_") and name not in session.names:
            value = getattr(builtins, name)
            found.append(types.Completion(name, _kind(value), _detail(value), len(prefix)))
    return found[:_MOST]


def explain(session, before, after):
    """What the dotted name around the cursor is."""
    match = _PATH.search(before.rpartition("\n")[2])
    path = match.group(0) + _TAIL.match(after).group(0)
    if not path or path.endswith("."):
        return None
    try:
        value = _follow(session, path)
    except Exception:
        return None
    title = path
    if callable(value):
        try:
            title = f"{path}{inspect.signature(value)}"
        except (TypeError, ValueError):
            title = f"{path}(...)"
    documentation = inspect.getdoc(value) if callable(value) or inspect.ismodule(value) else ""
    preview = "" if callable(value) or inspect.ismodule(value) else " ".join(output.plain(value).split())[:500]
    return types.Inspection(output._utf8(title), _detail(value), output._utf8(documentation or ""), output._utf8(preview))
