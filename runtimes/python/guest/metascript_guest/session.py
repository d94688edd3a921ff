"""The cells of one session: their namespace, and how one is run."""

import __future__
import ast
import asyncio
import builtins
import inspect
import keyword
import linecache
import random
import re
import sys
import types as python_types

from wit_world.imports import types

from . import failures, output, values, waiting

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag

# Names in every namespace that no cell's author wrote.
_OWN = {"__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtins__", "__annotations__", "__file__", "_"}
# Holds the last expression's value while the cell ends.
_RESULT = "__metascript_result__"
# Calls that want a running loop, in a cell that awaits nothing itself.
_NEEDS_LOOP = re.compile(r"\b(?:create_task|ensure_future|get_running_loop)\b(?!.*\basyncio\.run\b)", re.DOTALL)
_WORD = re.compile(r"[^\W\d]\w*\Z")


class Session:
    """State that one cell leaves to the next."""

    def __init__(self):
        self.reseeded = False
        self.clear()

    def clear(self):
        """Forgets every cell."""
        module = python_types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.names = module.__dict__
        self.names["__builtins__"] = builtins
        self.future = 0
        self.loop = None
        self.lines = {}

    def start(self):
        """The first call after the snapshot: what was random while building is made random again."""
        if not self.reseeded:
            self.reseeded = True
            random.seed()

    def run(self, cell):
        """Runs a cell to its end."""
        before = dict(self.names)
        shown = problem = None
        self.remember(cell)
        try:
            value, quiet = self.execute(cell)
            if value is not None:
                self.names["_"] = value
                if not quiet:
                    shown = output.bundle(value)
        except SystemExit as stop:
            if stop.code not in (None, 0):
                problem = failures.failure(stop, cell.file, self.lines)
        except BaseException as error:
            problem = failures.failure(error, cell.file, self.lines)
            # The traceback would keep the cell's local values alive.
            error.with_traceback(None)
        finally:
            output.flush()
        nothing = object()
        defined = [
            name
            for name, value in self.names.items()
            if before.get(name, nothing) is not value and name not in _OWN and isinstance(name, str)
        ]
        removed = [name for name in before if name not in self.names and name not in _OWN]
        return types.Outcome(shown, problem, defined, removed)

    def remember(self, cell):
        """Lets tracebacks show the script's lines."""
        lines = self.lines.setdefault(cell.file, [])
        new = cell.code.splitlines(True)
        end = cell.first_line + len(new)
        if len(lines) < end:
            lines.extend(["\n"] * (end - len(lines)))
        lines[cell.first_line : end] = new
        linecache.cache[cell.file] = (0, None, lines, cell.file)

    def execute(self, cell):
        """The last expression's value, and whether a semicolon asks not to show it."""
        tree = self.parse(cell)
        quiet = cell.code.rstrip().endswith(";")
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = tree.body[-1]
            target = ast.copy_location(ast.Name(_RESULT, ast.Store()), last)
            tree.body[-1] = ast.copy_location(ast.Assign([target], last.value), last)
        code = compile(tree, cell.file, "exec", flags=self.flags(), dont_inherit=True)
        self.future |= code.co_flags & _FUTURE
        try:
            if code.co_flags & inspect.CO_COROUTINE:
                self.event_loop().run_until_complete(eval(code, self.names))
            elif _NEEDS_LOOP.search(cell.code):
                self.event_loop().run_until_complete(self.inside(code))
            else:
                exec(code, self.names)
            return self.names.get(_RESULT), quiet
        finally:
            self.names.pop(_RESULT, None)

    async def inside(self, code):
        """Runs code that starts tasks without awaiting any."""
        exec(code, self.names)

    def flags(self):
        return ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self.future

    def parse(self, cell):
        """The cell's tree with the script's lines. A cell that is indented as a whole keeps its columns."""
        code, first = cell.code, cell.first_line
        start = next((line for line in code.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
        indented = start[:1] in (" ", "\t")
        if not indented:
            return self.compile("\n" * first + code, cell.file)
        # The block's head takes the line above, or one that is taken away again.
        shift = 1 if first == 0 else 0
        try:
            tree = self.compile("\n" * (first - 1 + shift) + "if True:\n" + code, cell.file)
        except SyntaxError as error:
            if error.lineno:
                error.lineno -= shift
            raise
        ast.increment_lineno(tree, -shift)
        [block, *rest] = tree.body
        tree.body = block.body + rest
        return tree

    def compile(self, text, file):
        flags = ast.PyCF_ONLY_AST | self.flags()
        return compile(text, file, "exec", flags=flags, dont_inherit=True)

    def event_loop(self):
        if self.loop is None or self.loop.is_closed():
            self.loop = waiting.Loop()
            asyncio.set_event_loop(self.loop)
        return self.loop

    def own_names(self):
        """The author's names, in order of definition."""
        return [name for name in self.names if name not in _OWN and isinstance(name, str)]

    def get(self, name):
        """The typed value; raises `Refused`."""
        if name not in self.names:
            raise values.Refused(f"there is no variable '{name}'")
        return values.to_wire(self.names[name])

    def set(self, name, value):
        """Binds a name at top level; raises `Refused` for one that would hide a part of the language."""
        if not _WORD.match(name) or keyword.iskeyword(name):
            raise values.Refused(f"'{name}' is no name in Python")
        if hasattr(builtins, name) or (name.startswith("__") and name.endswith("__")):
            raise values.Refused(f"'{name}' would hide a part of Python; metascript.get('{name}') reads it")
        self.names[name] = values.from_wire(value)

    def variables(self):
        """What the variable view shows."""
        return [self.describe(name) for name in self.own_names() if not name.startswith("_")]

    def describe(self, name):
        value = self.names[name]
        try:
            preview = output.plain(value) if not _is_long(value) else f"<{type(value).__name__} of {len(value)} items>"
        except Exception:
            preview = "<its text could not be made>"
        preview = " ".join(preview.split())
        if len(preview) > 120:
            preview = preview[:119] + "…"
        size = len(value) if isinstance(value, (str, bytes, list, tuple, dict, set, frozenset, values.Table)) else None
        return types.Variable(name, type(value).__name__, output._utf8(preview), size)


def _is_long(value):
    return isinstance(value, (list, tuple, dict, set, frozenset)) and len(value) > 1000


# The only one: a runtime is one session's.
CURRENT = Session()
