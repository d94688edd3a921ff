//! Values that every language understands.

use std::fmt;

use crate::wire::types as wire;

/// Whole numbers beyond this travel as decimal digits: JavaScript's numbers are doubles.
const MAX_SAFE: i64 = (1 << 53) - 1;
/// Nesting that a value may have.
pub(crate) const MAX_DEPTH: usize = 256;
/// What a node costs besides its text.
const NODE_BYTES: usize = 16;

/// A value of any language. `docs/runtimes.md` has the mapping of each.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value: `None`, `null`, `()`.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number outside 64 bits: decimal digits, no leading zero, with an optional minus sign.
    BigInteger(String),
    /// A double. Never equal to an integer, even if it has no fraction.
    Float(f64),
    /// Unicode text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An ISO 8601 date or date-time, with an offset or without: see [`Value::date_time`].
    DateTime(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name, in order; each name once.
    Map(Vec<(String, Value)>),
    /// Columns of equal length.
    Table(Table),
}

/// Named columns of equal length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    columns: Vec<(String, Vec<Value>)>,
}

impl Table {
    /// A table; fails if the columns differ in length or share a name.
    pub fn new(columns: Vec<(String, Vec<Value>)>) -> Result<Self, ValueError> {
        let rows = columns.first().map_or(0, |(_, cells)| cells.len());
        if columns.iter().any(|(_, cells)| cells.len() != rows) {
            return Err(ValueError::Invalid(
                "the columns of the table have different lengths",
            ));
        }
        unique(columns.iter().map(|(name, _)| name.as_str()))?;
        Ok(Self { columns })
    }

    /// Names and cells.
    pub fn columns(&self) -> &[(String, Vec<Value>)] {
        &self.columns
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }
}

/// Why a value is none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueError {
    /// It breaks a rule of its type.
    Invalid(&'static str),
    /// It has more bytes than the limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(what) => f.write_str(what),
            Self::TooLarge { limit } => {
                write!(f, "the value is larger than the limit of {limit} bytes")
            }
        }
    }
}

impl std::error::Error for ValueError {}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), ValueError> {
    let mut seen = std::collections::HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(ValueError::Invalid("a name appears twice"));
        }
    }
    Ok(())
}

impl Value {
    /// A date (`2026-01-31`), local date-time (`2026-01-31T12:30:00.5`) or one with an offset (`…Z`, `…+02:00`), with
    /// at most nine digits of a second's fraction. The text is put into its canonical form: no trailing zeros in the
    /// fraction, `Z` for an offset of zero.
    pub fn date_time(text: &str) -> Result<Self, ValueError> {
        canonical_date_time(text)
            .map(Self::DateTime)
            .ok_or(ValueError::Invalid(
                "the text is no ISO 8601 date or date-time",
            ))
    }

    /// A whole number of any size, from decimal digits with an optional minus sign.
    pub fn integer(digits: &str) -> Result<Self, ValueError> {
        let (sign, rest) = digits
            .strip_prefix('-')
            .map_or(("", digits), |rest| ("-", rest));
        if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ValueError::Invalid("the digits are no whole number"));
        }
        if let Ok(small) = digits.parse() {
            return Ok(Self::Integer(small));
        }
        Ok(Self::BigInteger(format!(
            "{sign}{}",
            rest.trim_start_matches('0')
        )))
    }

    /// A map; fails if a key appears twice.
    pub(crate) fn map(entries: Vec<(String, Self)>) -> Result<Self, ValueError> {
        unique(entries.iter().map(|(key, _)| key.as_str()))?;
        Ok(Self::Map(entries))
    }

    /// Whether the value can be changed in place by the language that holds it.
    pub(crate) fn is_container(&self) -> bool {
        matches!(
            self,
            Self::List(_) | Self::Map(_) | Self::Table(_) | Self::Bytes(_)
        )
    }

    /// The same value in every bit: unlike `==`, NaN equals itself and 0.0 differs from -0.0.
    pub fn is_identical(&self, other: &Self) -> bool {
        let all = |a: &[Self], b: &[Self]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_identical(b))
        };
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => {
                a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
            }
            (Self::List(a), Self::List(b)) => all(a, b),
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|((k, a), (l, b))| k == l && a.is_identical(b))
            }
            (Self::Table(a), Self::Table(b)) => {
                a.columns.len() == b.columns.len()
                    && a.columns
                        .iter()
                        .zip(&b.columns)
                        .all(|((k, a), (l, b))| k == l && all(a, b))
            }
            _ => self == other,
        }
    }

    /// A word for the type: `null`, `boolean`, `integer`, `float`, `text`, `bytes`, `date-time`, `list`, `map`, `table`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "boolean",
            Self::Integer(_) | Self::BigInteger(_) => "integer",
            Self::Float(_) => "float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::DateTime(_) => "date-time",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Table(_) => "table",
        }
    }

    /// Bytes that count against a limit of values.
    pub(crate) fn size(&self) -> usize {
        let parts = match self {
            Self::Null | Self::Boolean(_) | Self::Integer(_) | Self::Float(_) => 0,
            Self::BigInteger(text) | Self::Text(text) | Self::DateTime(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(items) => items.iter().map(Self::size).sum(),
            Self::Map(entries) => entries
                .iter()
                .map(|(key, item)| key.len() + item.size())
                .sum(),
            Self::Table(table) => table
                .columns
                .iter()
                .map(|(name, cells)| name.len() + cells.iter().map(Self::size).sum::<usize>())
                .sum(),
        };
        NODE_BYTES + parts
    }

    pub(crate) fn to_wire(&self) -> wire::Value {
        let mut nodes = Vec::new();
        write(self, &mut nodes);
        wire::Value { nodes }
    }

    pub(crate) fn from_wire(value: wire::Value, limit: usize) -> Result<Self, ValueError> {
        let bytes: usize = value.nodes.iter().map(size).fold(0, usize::saturating_add);
        if bytes > limit {
            return Err(ValueError::TooLarge { limit });
        }
        Reader::read(value.nodes)
    }
}

fn size(node: &wire::Node) -> usize {
    NODE_BYTES
        + match node {
            wire::Node::BigInteger(text) | wire::Node::Text(text) | wire::Node::DateTime(text) => {
                text.len()
            }
            wire::Node::Binary(bytes) => bytes.len(),
            wire::Node::Entries(entries) => entries.iter().map(|(key, _)| key.len()).sum(),
            wire::Node::Table(table) => table.columns.iter().map(|column| column.name.len()).sum(),
            _ => 0,
        }
}

/// Appends the value's nodes, each before its parts, and returns its index.
fn write(value: &Value, nodes: &mut Vec<wire::Node>) -> u32 {
    let at = nodes.len();
    let node = match value {
        Value::Null => wire::Node::Null,
        Value::Boolean(flag) => wire::Node::Boolean(*flag),
        Value::Integer(number) if (-MAX_SAFE..=MAX_SAFE).contains(number) => {
            wire::Node::Integer(*number)
        }
        Value::Integer(number) => wire::Node::BigInteger(number.to_string()),
        Value::BigInteger(digits) => wire::Node::BigInteger(digits.clone()),
        Value::Float(number) => wire::Node::Float(*number),
        Value::Text(text) => wire::Node::Text(text.clone()),
        Value::Bytes(bytes) => wire::Node::Binary(bytes.clone()),
        Value::DateTime(text) => wire::Node::DateTime(text.clone()),
        Value::List(items) => {
            nodes.push(wire::Node::Null);
            wire::Node::Items(items.iter().map(|item| write(item, nodes)).collect())
        }
        Value::Map(entries) => {
            nodes.push(wire::Node::Null);
            wire::Node::Entries(
                entries
                    .iter()
                    .map(|(key, item)| (key.clone(), write(item, nodes)))
                    .collect(),
            )
        }
        Value::Table(table) => {
            nodes.push(wire::Node::Null);
            let columns = table
                .columns
                .iter()
                .map(|(name, cells)| wire::Column {
                    name: name.clone(),
                    cells: cells.iter().map(|cell| write(cell, nodes)).collect(),
                })
                .collect();
            wire::Node::Table(wire::Table { columns })
        }
    };
    match nodes.get_mut(at) {
        Some(place) => *place = node,
        None => nodes.push(node),
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Reads nodes that a runtime sent, which may be hostile: each node is used at most once, so the value is no larger
/// than the message.
struct Reader(Vec<Option<wire::Node>>);

const BAD_GRAPH: ValueError = ValueError::Invalid("the runtime sent a broken value");

impl Reader {
    fn read(nodes: Vec<wire::Node>) -> Result<Value, ValueError> {
        Self(nodes.into_iter().map(Some).collect()).node(0, 0)
    }

    fn node(&mut self, at: usize, depth: usize) -> Result<Value, ValueError> {
        if depth > MAX_DEPTH {
            return Err(ValueError::Invalid("the value is nested too deeply"));
        }
        let node = self.0.get_mut(at).and_then(Option::take).ok_or(BAD_GRAPH)?;
        Ok(match node {
            wire::Node::Null => Value::Null,
            wire::Node::Boolean(flag) => Value::Boolean(flag),
            wire::Node::Integer(number) => Value::Integer(number),
            wire::Node::BigInteger(digits) => Value::integer(&digits)?,
            wire::Node::Float(number) => Value::Float(number),
            wire::Node::Text(text) => Value::Text(text),
            wire::Node::Binary(bytes) => Value::Bytes(bytes),
            wire::Node::DateTime(text) => Value::date_time(&text)?,
            wire::Node::Items(items) => Value::List(self.all(&items, depth)?),
            wire::Node::Entries(entries) => {
                let mut read = Vec::with_capacity(entries.len());
                for (key, item) in entries {
                    read.push((key, self.node(index(item), depth + 1)?));
                }
                unique(read.iter().map(|(key, _)| key.as_str()))?;
                Value::Map(read)
            }
            wire::Node::Table(table) => {
                let mut columns = Vec::with_capacity(table.columns.len());
                for column in table.columns {
                    columns.push((column.name, self.all(&column.cells, depth)?));
                }
                Value::Table(Table::new(columns)?)
            }
        })
    }

    fn all(&mut self, items: &[u32], depth: usize) -> Result<Vec<Value>, ValueError> {
        items
            .iter()
            .map(|item| self.node(index(*item), depth + 1))
            .collect()
    }
}

fn index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// Checks a date or date-time and rewrites its fraction and offset canonically.
fn canonical_date_time(text: &str) -> Option<String> {
    let (date, time) = text
        .split_once('T')
        .map_or((text, None), |(date, time)| (date, Some(time)));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > days {
        return None;
    }
    let Some(time) = time else {
        return Some(date.to_owned());
    };
    let (time, offset) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, ""),
    };
    let (clock, fraction) = time
        .split_once('.')
        .map_or((time, None), |(clock, fraction)| (clock, Some(fraction)));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = match fraction {
        None => "",
        Some(digits)
            if (1..=9).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            digits.trim_end_matches('0')
        }
        Some(_) => return None,
    };
    let offset = match offset {
        "" => "",
        "Z" | "+00:00" | "-00:00" => "Z",
        other => {
            let [hours, minutes] = numbers(other.get(1..)?, ':', [2, 2])?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            other
        }
    };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{date}T{clock}{point}{fraction}{offset}"))
}

/// Numbers of exactly these widths between separators.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut read = [0; N];
    for (place, width) in read.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *place = part.parse().ok()?;
    }
    parts.next().is_none().then_some(read)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn date_times_are_canonical() {
        for (text, canonical) in [
            ("2026-01-31", Some("2026-01-31")),
            ("2024-02-29T00:00:00", Some("2024-02-29T00:00:00")),
            ("2026-01-31T12:30:00.500000", Some("2026-01-31T12:30:00.5")),
            ("2026-01-31T12:30:00.000Z", Some("2026-01-31T12:30:00Z")),
            ("2026-01-31T12:30:00+00:00", Some("2026-01-31T12:30:00Z")),
            (
                "2026-01-31T12:30:00.123456789-03:30",
                Some("2026-01-31T12:30:00.123456789-03:30"),
            ),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-01-31T24:00:00", None),
            ("2026-01-31T12:30:00.1234567890", None),
            ("2026-01-31T12:30", None),
            ("2026-01-31T12:30:00+2:00", None),
            ("-2026-01-31", None),
            ("2026-01-31T12:30:00\u{e9}", None),
            ("", None),
        ] {
            assert_eq!(canonical_date_time(text).as_deref(), canonical, "{text}");
        }
    }

    #[test]
    fn integers_of_any_size() {
        assert_eq!(
            Value::integer("-9223372036854775808").unwrap(),
            Value::Integer(i64::MIN)
        );
        assert_eq!(
            Value::integer("009223372036854775808").unwrap(),
            Value::BigInteger("9223372036854775808".to_owned())
        );
        assert_eq!(Value::integer("-0").unwrap(), Value::Integer(0));
        assert!(Value::integer("1e3").is_err());
        assert!(Value::integer("-").is_err());
    }

    #[test]
    fn a_hostile_graph_is_refused_and_not_expanded() {
        let own = wire::Value {
            nodes: vec![wire::Node::Items(vec![0])],
        };
        assert_eq!(Value::from_wire(own, 1 << 20), Err(BAD_GRAPH));
        let empty = wire::Value { nodes: vec![] };
        assert_eq!(Value::from_wire(empty, 1 << 20), Err(BAD_GRAPH));
        let doubling = (1..=40)
            .map(|at| wire::Node::Items(vec![at, at]))
            .chain([wire::Node::Null])
            .collect();
        assert_eq!(
            Value::from_wire(wire::Value { nodes: doubling }, 1 << 20),
            Err(BAD_GRAPH)
        );
        let deep = (1..=100_000)
            .map(|at| wire::Node::Items(vec![at]))
            .chain([wire::Node::Null])
            .collect();
        assert!(matches!(
            Value::from_wire(wire::Value { nodes: deep }, usize::MAX),
            Err(ValueError::Invalid(_))
        ));
        let large = wire::Value {
            nodes: vec![wire::Node::Text("x".repeat(1000))],
        };
        assert_eq!(
            Value::from_wire(large, 1000),
            Err(ValueError::TooLarge { limit: 1000 })
        );
    }
}
