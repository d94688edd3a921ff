"""Standard output, standard error, and what a value looks like."""

import builtins
import io
import pprint

from wit_world.imports import host, types

# A line longer than this goes out in pieces.
_PIECE = 8192
# Longer texts of one value are cut: nobody reads them, and they would fill the session's output.
MAX_TEXT = 200_000
_LINE = 79

_METHODS = (
    ("text/html", "_repr_html_"),
    ("text/markdown", "_repr_markdown_"),
    ("image/svg+xml", "_repr_svg_"),
    ("image/png", "_repr_png_"),
    ("image/jpeg", "_repr_jpeg_"),
    ("text/latex", "_repr_latex_"),
    ("application/json", "_repr_json_"),
)


class Stream(io.TextIOBase):
    """Line-buffered text to one channel of the host."""

    def __init__(self, channel, name):
        self._channel = channel
        self._pieces = []
        self._length = 0
        self.name = name

    @property
    def encoding(self):
        return "utf-8"

    @property
    def errors(self):
        return "backslashreplace"

    def writable(self):
        return True

    def isatty(self):
        return False

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._pieces.append(text)
            self._length += len(text)
            if self._length >= _PIECE or "\n" in text:
                self.flush()
        return len(text)

    def flush(self):
        if self._pieces:
            text = "".join(self._pieces)
            self._pieces.clear()
            self._length = 0
            host.write(self._channel, text.encode("utf-8", "backslashreplace").decode("utf-8"))


class NoInput(io.TextIOBase):
    """Standard input of a cell: there is none."""

    name = "<stdin>"

    def readable(self):
        return True

    def read(self, size=-1):
        return ""

    def readline(self, size=-1):
        return ""


def no_input(prompt=""):
    """Takes the place of `input`."""
    raise EOFError("input() does not work in a cell, which has no keyboard; use a VARIABLE block instead")


def _cut(text):
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]}\n... {len(text) - MAX_TEXT:,} more characters"


def _utf8(text):
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def plain(value):
    """The value as text, laid out over several lines if it is a long container."""
    text = repr(value)
    if len(text) > _LINE and type(value) in (list, dict, tuple, set, frozenset) and len(text) <= MAX_TEXT:
        text = pprint.pformat(value, width=_LINE, compact=True, sort_dicts=False)
    return _cut(text)


def bundle(value):
    """Every representation that the value offers; those that fail are left out, except the plain text."""
    found = {}
    kind = type(value)
    if not isinstance(value, type):
        whole = getattr(kind, "_repr_mimebundle_", None)
        if callable(whole):
            made = whole(value)
            if isinstance(made, tuple):
                made = made[0]
            found.update(made or {})
        for mime, method in _METHODS:
            make = getattr(kind, method, None)
            if mime not in found and callable(make):
                made = make(value)
                if made is not None:
                    found[mime] = made
    if "text/plain" not in found:
        found = {"text/plain": plain(value), **found}
    return [representation(mime, content) for mime, content in found.items()]


def representation(mime, content):
    """One representation; what is neither text nor bytes becomes JSON."""
    if isinstance(content, (bytes, bytearray)):
        wrapped = types.Content_Binary(bytes(content))
    elif isinstance(content, str):
        wrapped = types.Content_Text(_utf8(content))
    else:
        import json

        wrapped = types.Content_Text(json.dumps(content, default=repr))
    return types.Representation(str(mime), wrapped)


def display(*values, raw=False):
    """Shows values at once, each in its richest form. With `raw`, a dict of MIME types is shown as it stands."""
    for value in values:
        if raw and isinstance(value, dict):
            host.display([representation(mime, content) for mime, content in value.items()])
        else:
            host.display(bundle(value))


_STREAMS = (Stream(host.Channel.STDOUT, "<stdout>"), Stream(host.Channel.STDERR, "<stderr>"))


def flush():
    """Hands over what is still held, whatever a cell put in the place of the streams."""
    for stream in _STREAMS:
        stream.flush()


def install(sys):
    """Puts the streams in place."""
    sys.stdin = sys.__stdin__ = NoInput()
    sys.stdout = sys.__stdout__ = _STREAMS[0]
    sys.stderr = sys.__stderr__ = _STREAMS[1]
    builtins.input = no_input
    builtins.display = display
