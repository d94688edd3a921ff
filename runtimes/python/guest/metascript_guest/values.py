"""Typed values: between Python's objects and the nodes of the WIT world.

Every conversion is lossless or refused with a sentence that says what to do instead.
"""

import datetime
import re
import sys

from wit_world.imports import types

# Deeper values are refused: the conversion recurses.
MAX_DEPTH = 200
# Whole numbers up to here travel as such, larger ones as decimal digits.
MAX_SAFE = 2**53 - 1

_ADVICE = {
    "set": "a set has no order; share sorted(x) or list(x)",
    "frozenset": "a frozenset has no order; share sorted(x) or list(x)",
    "Decimal": "share str(x), or float(x) if its digits may be rounded",
    "Fraction": "share [x.numerator, x.denominator]",
    "complex": "share [x.real, x.imag]",
    "time": "share x.isoformat()",
    "timedelta": "share x.total_seconds()",
    "range": "share list(x)",
    "generator": "share list(x)",
    "function": "functions stay in their language",
    "builtin_function_or_method": "functions stay in their language",
    "module": "modules stay in their language",
    "type": "classes stay in their language",
}


class Refused(Exception):
    """The value cannot cross the border unchanged."""


class DateTime(str):
    """A date-time that `datetime` cannot hold exactly (nanoseconds, or a year after 9999), as ISO 8601 text."""

    __slots__ = ()


class Table:
    """Columns of equal length: `Table({"name": ["Ada"], "born": [1815]})`."""

    __slots__ = ("columns",)

    def __init__(self, columns):
        columns = {str(name): list(cells) for name, cells in dict(columns).items()}
        lengths = {len(cells) for cells in columns.values()}
        if len(lengths) > 1:
            raise ValueError("the columns of a table have different lengths")
        self.columns = columns

    @classmethod
    def from_rows(cls, rows):
        """A table from dictionaries; a key that a row lacks gives None."""
        rows = list(rows)
        names = list(dict.fromkeys(name for row in rows for name in row))
        return cls({name: [row.get(name) for row in rows] for name in names})

    def rows(self):
        """The rows as dictionaries."""
        names = list(self.columns)
        return [dict(zip(names, cells)) for cells in zip(*self.columns.values())]

    def __iter__(self):
        return iter(self.rows())

    def __len__(self):
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name):
        return self.columns[name]

    def __eq__(self, other):
        return self.columns == other.columns if isinstance(other, Table) else NotImplemented

    def __repr__(self):
        return f"Table({self.columns!r})"

    def _repr_html_(self):
        from html import escape

        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>"
            for cells in zip(*self.columns.values())
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _decimal(number):
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return str(number)
    finally:
        sys.set_int_max_str_digits(limit)


def _integer(digits):
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return int(digits)
    finally:
        sys.set_int_max_str_digits(limit)


def _text(text):
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused("the text holds half of a surrogate pair, which is no Unicode character") from None
    return text


def _date_time(moment):
    zone = moment.tzinfo
    if zone is not None and type(zone) is not datetime.timezone:
        raise Refused(
            "a date-time with a named time zone would lose the name; share x.astimezone(datetime.timezone.utc)"
        )
    if zone is not None and moment.utcoffset().total_seconds() % 60:
        raise Refused("the offset of the date-time is no whole number of minutes")
    return moment.isoformat()


class _Writer:
    def __init__(self):
        self.nodes = []
        self.open = set()

    def add(self, value, depth):
        if depth > MAX_DEPTH:
            raise Refused(f"the value is nested more than {MAX_DEPTH} levels deep")
        index = len(self.nodes)
        self.nodes.append(None)
        self.nodes[index] = self.node(value, depth)
        return index

    def inside(self, value):
        if id(value) in self.open:
            raise Refused("the value contains itself")
        self.open.add(id(value))

    def node(self, value, depth):
        kind = type(value)
        if value is None:
            return types.Node_Null()
        if kind is bool:
            return types.Node_Boolean(value)
        if kind is int:
            if -MAX_SAFE <= value <= MAX_SAFE:
                return types.Node_Integer(value)
            return types.Node_BigInteger(_decimal(value))
        if kind is float:
            return types.Node_Float(value)
        if kind is str:
            return types.Node_Text(_text(value))
        if kind is bytes or kind is bytearray:
            return types.Node_Binary(bytes(value))
        if kind is datetime.datetime:
            return types.Node_DateTime(_date_time(value))
        if kind is datetime.date:
            return types.Node_DateTime(value.isoformat())
        if kind is DateTime:
            return types.Node_DateTime(str(value))
        if kind is list or kind is tuple:
            self.inside(value)
            items = [self.add(item, depth + 1) for item in value]
            self.open.discard(id(value))
            return types.Node_Items(items)
        if kind is dict:
            self.inside(value)
            entries = []
            for key, item in value.items():
                if type(key) is not str:
                    raise Refused(f"a key of the dict is {type(key).__name__}; only text can be a key elsewhere")
                entries.append((_text(key), self.add(item, depth + 1)))
            self.open.discard(id(value))
            return types.Node_Entries(entries)
        if kind is Table:
            self.inside(value)
            columns = [
                types.Column(_text(name), [self.add(cell, depth + 1) for cell in cells])
                for name, cells in value.columns.items()
            ]
            if len({len(column.cells) for column in columns}) > 1:
                raise Refused("the columns of the table have different lengths")
            self.open.discard(id(value))
            return types.Node_Table(types.Table(columns))
        name = kind.__name__
        advice = _ADVICE.get(name)
        if advice is None and hasattr(value, "__dataclass_fields__"):
            advice = "share dataclasses.asdict(x)"
        if advice is None:
            advice = "share a dict, a list or a text made from it"
        raise Refused(f"{name} has no counterpart in other languages: {advice}")


def to_wire(value):
    """The value's nodes; raises `Refused`."""
    writer = _Writer()
    writer.add(value, 0)
    return types.Value(writer.nodes)


_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?)?", re.ASCII
)


def _moment(text):
    match = _ISO.fullmatch(text)
    if match is None:
        return DateTime(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        if hour is None:
            return datetime.date(int(year), int(month), int(day))
        fraction = (fraction or "").ljust(9, "0")
        if fraction[6:] != "000":
            return DateTime(text)
        zone = None
        if offset == "Z":
            zone = datetime.timezone.utc
        elif offset is not None:
            minutes = int(offset[1:3]) * 60 + int(offset[4:6])
            zone = datetime.timezone(datetime.timedelta(minutes=-minutes if offset[0] == "-" else minutes))
        return datetime.datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), int(fraction[:6]), zone
        )
    except ValueError:
        return DateTime(text)


def from_wire(value):
    """The Python object of a value's nodes."""
    nodes = value.nodes
    built = [None] * len(nodes)
    # A node refers to later ones only, so going backwards meets the parts before the whole.
    for index in range(len(nodes) - 1, -1, -1):
        node = nodes[index]
        if isinstance(node, types.Node_Items):
            built[index] = [built[at] for at in node.value]
        elif isinstance(node, types.Node_Entries):
            built[index] = {key: built[at] for key, at in node.value}
        elif isinstance(node, types.Node_Table):
            built[index] = Table({column.name: [built[at] for at in column.cells] for column in node.value.columns})
        elif isinstance(node, types.Node_BigInteger):
            built[index] = _integer(node.value)
        elif isinstance(node, types.Node_DateTime):
            built[index] = _moment(node.value)
        elif isinstance(node, types.Node_Null):
            built[index] = None
        else:
            built[index] = node.value
    return built[0]
