"""The host interface: what a cell may ask of the machine. Each call is checked by the script's policy."""

from componentize_py_types import Err as _Err
from metascript import Error
from metascript_guest import values as _values
from wit_world.imports import host as _host

__all__ = ["Error"]


def _call(operation, arguments):
    try:
        return _values.from_wire(_host.call(operation, _values.to_wire(arguments)))
    except _values.Refused as refused:
        raise TypeError(f"{operation}: {refused}") from None
    except _Err as refused:
        raise Error(refused.value.code, refused.value.message) from None
