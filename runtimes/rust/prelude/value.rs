//! Values that every language understands.

use std::fmt;
use std::ops::Index;

use crate::{BigInt, DateTime, Error, FromValue, ToValue};

/// A value of the session.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// No value: `()`, `None`.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// A larger whole number.
    BigInt(BigInt),
    /// A double.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A date or date-time.
    DateTime(DateTime),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name, in order.
    Map(Map),
    /// Columns of equal length.
    Table(Table),
}

static NULL: Value = Value::Null;

impl Value {
    /// The value as another type.
    pub fn to<T: FromValue>(&self) -> Result<T, Error> {
        T::from_value(self.clone())
    }

    /// The entry of a map, the item of a list, the column of a table by text is [`Table::column`].
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if it is one of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, whole or not.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::BigInt(_) => "integer",
            Self::Float(_) => "float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::DateTime(_) => "date-time",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Table(_) => "table",
        }
    }
}

/// `value["key"]`; null where there is nothing.
impl Index<&str> for Value {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&NULL)
    }
}

/// `value[0]`; null where there is nothing.
impl Index<usize> for Value {
    type Output = Value;

    fn index(&self, at: usize) -> &Value {
        self.as_list().and_then(|items| items.get(at)).unwrap_or(&NULL)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => flag.fmt(f),
            Self::Int(number) => number.fmt(f),
            Self::BigInt(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Bytes(bytes) => bytes.fmt(f),
            Self::DateTime(moment) => moment.fmt(f),
            Self::List(items) => items.fmt(f),
            Self::Map(map) => map.fmt(f),
            Self::Table(table) => table.fmt(f),
        }
    }
}

/// Text as it is, the rest as `{:?}` shows it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.pad(text),
            other => fmt::Debug::fmt(other, f),
        }
    }
}

/// Values by name, in the order in which they came.
#[derive(Clone, PartialEq, Default)]
pub struct Map(Vec<(String, Value)>);

impl Map {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn raw(entries: Vec<(String, Value)>) -> Self {
        Self(entries)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    /// The value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0
            .iter_mut()
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    /// Sets the value of a key; returns the one that it had.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(place) = self.get_mut(&key) {
            return Some(std::mem::replace(place, value));
        }
        self.0.push((key, value));
        None
    }

    /// Removes a key; returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// Values.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }
}

/// `map["key"]`; null where there is nothing.
impl Index<&str> for Map {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&NULL)
    }
}

/// Of two entries with one key the later counts.
impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut at = std::collections::HashMap::new();
        let mut map = Self::new();
        for (key, value) in entries {
            let (key, value) = (key.into(), value.into());
            match at.get(&key) {
                Some(&place) => {
                    let entry: &mut (String, Value) = &mut map.0[place];
                    entry.1 = value;
                }
                None => {
                    at.insert(key.clone(), map.0.len());
                    map.0.push((key, value));
                }
            }
        }
        map
    }
}

impl IntoIterator for Map {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Named columns of equal length.
#[derive(Clone, PartialEq, Default)]
pub struct Table(Vec<(String, Vec<Value>)>);

impl Table {
    /// A table of columns. Fails if they differ in length or share a name.
    pub fn new<N: Into<String>, T: ToValue>(columns: Vec<(N, Vec<T>)>) -> Result<Self, Error> {
        let columns: Vec<(String, Vec<Value>)> = columns
            .into_iter()
            .map(|(name, cells)| (name.into(), cells.iter().map(ToValue::to_value).collect()))
            .collect();
        let rows = columns.first().map_or(0, |(_, cells)| cells.len());
        let mut names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::new("wrong-type", "two columns share a name"));
        }
        if columns.iter().any(|(_, cells)| cells.len() != rows) {
            return Err(Error::new(
                "wrong-type",
                "the columns of the table have different lengths",
            ));
        }
        Ok(Self(columns))
    }

    pub(crate) fn raw(columns: Vec<(String, Vec<Value>)>) -> Self {
        Self(columns)
    }

    /// Names and cells.
    pub fn columns(&self) -> &[(String, Vec<Value>)] {
        &self.0
    }

    /// The cells of a column.
    pub fn column(&self, name: &str) -> Option<&[Value]> {
        self.0
            .iter()
            .find_map(|(own, cells)| (own == name).then_some(cells.as_slice()))
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.0.first().map_or(0, |(_, cells)| cells.len())
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, each as a map.
    pub fn rows(&self) -> impl Iterator<Item = Map> + '_ {
        (0..self.len()).map(|row| {
            Map(self
                .0
                .iter()
                .map(|(name, cells)| (name.clone(), cells[row].clone()))
                .collect())
        })
    }
}

/// Rows as text, the first and the last ones of a long table.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const EDGE: usize = 10;
        let rows = self.len();
        let shown: Vec<usize> = if rows > 2 * EDGE {
            (0..EDGE).chain(rows - EDGE..rows).collect()
        } else {
            (0..rows).collect()
        };
        let columns: Vec<(Vec<String>, usize)> = self
            .0
            .iter()
            .map(|(name, cells)| {
                let mut texts = vec![name.clone()];
                texts.extend(shown.iter().map(|row| cells[*row].to_string()));
                let width = texts.iter().map(|text| text.chars().count()).max();
                (texts, width.unwrap_or(0))
            })
            .collect();
        for line in 0..=shown.len() {
            if rows > 2 * EDGE && line == EDGE + 1 {
                writeln!(f, "... {} rows more", rows - 2 * EDGE)?;
            }
            let mut text = String::new();
            for (texts, width) in &columns {
                text.push_str(&format!("{:width$}  ", texts[line], width = *width));
            }
            f.write_str(text.trim_end())?;
            if line < shown.len() {
                f.write_str("\n")?;
            }
        }
        Ok(())
    }
}
