"""What a cell can ask of Metascript: variables shared between the languages of a script, and rich output."""

from componentize_py_types import Err as _Err
from metascript_guest import output as _output
from metascript_guest import session as _session
from metascript_guest import values as _values
from wit_world.imports import host as _host

__all__ = ["DateTime", "Table", "display", "get", "set", "variables"]

DateTime = _values.DateTime
Table = _values.Table
display = _output.display

_NOTHING = object()


class Error(Exception):
    """The host refused; `code` is a stable word, the text is for people."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def get(name, default=_NOTHING):
    """The session's variable `name`, whichever language holds it."""
    own = _session.CURRENT.names
    try:
        value = _host.get_variable(str(name))
    except _Err as refused:
        if refused.value.code == "local" and name in own:
            return own[name]
        raise Error(refused.value.code, refused.value.message) from None
    if value is None:
        if name in own:
            return own[name]
        if default is _NOTHING:
            raise NameError(f"no variable '{name}' in this session")
        return default
    return _values.from_wire(value)


def set(name, value):
    """Sets the session's variable `name` for every language."""
    try:
        wire = _values.to_wire(value)
    except _values.Refused as refused:
        raise TypeError(f"'{name}' cannot be shared: {refused}") from None
    try:
        _host.set_variable(str(name), wire)
    except _Err as refused:
        raise Error(refused.value.code, refused.value.message) from None


def variables():
    """Names of the session's variables, with the type in the language that holds each."""
    return {variable.name: variable.type_name for variable in _host.list_variables()}
