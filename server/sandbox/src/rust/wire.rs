//! Values as bytes, between the host and a compiled cell. `runtimes/rust/prelude/host.rs` has the other end.

use crate::value::{MAX_DEPTH, Table, Value, ValueError};

const BROKEN: ValueError = ValueError::Invalid("the cell sent a broken value");

/// Appends the value's bytes.
pub(super) fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Boolean(flag) => out.extend([1, u8::from(*flag)]),
        Value::Integer(number) => {
            out.push(2);
            out.extend(number.to_le_bytes());
        }
        Value::BigInteger(digits) => bytes(3, digits.as_bytes(), out),
        Value::Float(number) => {
            out.push(4);
            out.extend(number.to_le_bytes());
        }
        Value::Text(text) => bytes(5, text.as_bytes(), out),
        Value::Bytes(content) => bytes(6, content, out),
        Value::DateTime(text) => bytes(7, text.as_bytes(), out),
        Value::List(items) => {
            out.push(8);
            length(items.len(), out);
            for item in items {
                write(item, out);
            }
        }
        Value::Map(entries) => {
            out.push(9);
            length(entries.len(), out);
            for (key, item) in entries {
                bytes(5, key.as_bytes(), out);
                write(item, out);
            }
        }
        Value::Table(table) => {
            out.push(10);
            length(table.columns().len(), out);
            for (name, cells) in table.columns() {
                bytes(5, name.as_bytes(), out);
                length(cells.len(), out);
                for cell in cells {
                    write(cell, out);
                }
            }
        }
    }
}

fn length(count: usize, out: &mut Vec<u8>) {
    out.extend(u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn bytes(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    length(content.len(), out);
    out.extend(content);
}

/// Reads a value that a cell sent, which may be hostile. Every item takes a byte at least, so the value is no larger
/// than the message.
pub(super) fn read(message: &[u8]) -> Result<Value, ValueError> {
    let mut reader = Reader(message);
    let value = reader.value(0)?;
    if reader.0.is_empty() {
        Ok(value)
    } else {
        Err(BROKEN)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ValueError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(BROKEN)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, ValueError> {
        self.take(1)?.first().copied().ok_or(BROKEN)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ValueError> {
        self.take(N)?.try_into().map_err(|_| BROKEN)
    }

    /// A number of things that follow.
    fn count(&mut self) -> Result<usize, ValueError> {
        let count = usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| BROKEN)?;
        if count > self.0.len() {
            return Err(BROKEN);
        }
        Ok(count)
    }

    fn text(&mut self) -> Result<String, ValueError> {
        let count = self.count()?;
        String::from_utf8(self.take(count)?.to_vec()).map_err(|_| BROKEN)
    }

    fn key(&mut self) -> Result<String, ValueError> {
        match self.byte()? {
            5 => self.text(),
            _ => Err(BROKEN),
        }
    }

    fn values(&mut self, depth: usize) -> Result<Vec<Value>, ValueError> {
        let count = self.count()?;
        (0..count).map(|_| self.value(depth)).collect()
    }

    fn value(&mut self, depth: usize) -> Result<Value, ValueError> {
        if depth > MAX_DEPTH {
            return Err(ValueError::Invalid("the value is nested too deeply"));
        }
        Ok(match self.byte()? {
            0 => Value::Null,
            1 => Value::Boolean(self.byte()? != 0),
            2 => Value::Integer(i64::from_le_bytes(self.array()?)),
            3 => Value::integer(&self.text()?)?,
            4 => Value::Float(f64::from_le_bytes(self.array()?)),
            5 => Value::Text(self.text()?),
            6 => {
                let count = self.count()?;
                Value::Bytes(self.take(count)?.to_vec())
            }
            7 => Value::date_time(&self.text()?)?,
            8 => Value::List(self.values(depth + 1)?),
            9 => {
                let count = self.count()?;
                let entries = (0..count)
                    .map(|_| Ok((self.key()?, self.value(depth + 1)?)))
                    .collect::<Result<Vec<_>, ValueError>>()?;
                Value::map(entries)?
            }
            10 => {
                let count = self.count()?;
                let columns = (0..count)
                    .map(|_| Ok((self.key()?, self.values(depth + 1)?)))
                    .collect::<Result<Vec<_>, ValueError>>()?;
                Value::Table(Table::new(columns)?)
            }
            _ => return Err(BROKEN),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn values_come_back() {
        let value = Value::Map(vec![
            (
                "a".to_owned(),
                Value::List(vec![Value::Null, Value::Boolean(true)]),
            ),
            (
                "b".to_owned(),
                Value::integer("-123456789012345678901").unwrap(),
            ),
            ("c".to_owned(), Value::Float(-0.0)),
            ("d".to_owned(), Value::Bytes(vec![0, 255])),
            (
                "e".to_owned(),
                Value::date_time("2026-01-31T00:00:00.5Z").unwrap(),
            ),
            (
                "f".to_owned(),
                Value::Table(
                    Table::new(vec![("n".to_owned(), vec![Value::Integer(i64::MIN)])]).unwrap(),
                ),
            ),
        ]);
        let mut bytes = Vec::new();
        write(&value, &mut bytes);
        assert!(read(&bytes).unwrap().is_identical(&value));
        for end in 0..bytes.len() {
            assert!(read(bytes.get(..end).unwrap()).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn hostile_bytes_are_refused() {
        let mut deep = Vec::new();
        for _ in 0..100_000 {
            deep.extend([8, 1, 0, 0, 0]);
        }
        deep.push(0);
        for (what, bytes) in [
            ("a huge list", vec![8, 255, 255, 255, 255]),
            ("depth", deep),
            ("no UTF-8", vec![5, 1, 0, 0, 0, 255]),
            ("no date", [&[7, 2, 0, 0, 0][..], b"no"].concat()),
            ("no number", [&[3, 2, 0, 0, 0][..], b"no"].concat()),
            (
                "a key twice",
                [9, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0].to_vec(),
            ),
            ("an unknown tag", vec![99]),
            ("more than a value", vec![0, 0]),
        ] {
            assert!(read(&bytes).is_err(), "{what}");
        }
    }
}
