//! Questions to the host: a value goes out as bytes, a value comes back.

use std::fmt;

use crate::{BigInt, DateTime, Map, Table, Value};

#[link(wasm_import_module = "metascript")]
unsafe extern "C" {
    /// Asks the host; returns the length of its answer.
    #[link_name = "ask"]
    fn host_ask(operation: u32, at: *const u8, length: usize) -> usize;
    /// Copies the last answer.
    #[link_name = "take"]
    fn host_take(at: *mut u8);
}

pub(crate) const GET: u32 = 1;
pub(crate) const SET: u32 = 2;
pub(crate) const NAMES: u32 = 3;
pub(crate) const CALL: u32 = 4;
pub(crate) const DISPLAY: u32 = 5;
pub(crate) const RESULT: u32 = 6;
pub(crate) const DEFINE: u32 = 7;
pub(crate) const PANIC: u32 = 8;
pub(crate) const RECALL: u32 = 9;

/// Why the host refused or failed, or why a value is not of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// A stable word: `denied`, `not-found`, `wrong-type` ...
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl Error {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Sends a message and waits for the answer.
pub(crate) fn ask(operation: u32, message: &Value) -> Result<Value, Error> {
    let mut bytes = Vec::new();
    write(message, &mut bytes);
    // SAFETY: the host reads `bytes` before it returns, and `host_take` writes as many bytes as `host_ask` announced.
    let answer = unsafe {
        let length = host_ask(operation, bytes.as_ptr(), bytes.len());
        let mut answer = vec![0; length];
        host_take(answer.as_mut_ptr());
        answer
    };
    let mut reader = Reader(&answer);
    let refused = reader.byte() != 0;
    let answer = reader.value();
    if !refused {
        return Ok(answer);
    }
    match answer {
        Value::List(parts) => {
            let mut texts = parts.into_iter().map(|part| part.to_string());
            Err(Error {
                code: texts.next().unwrap_or_default(),
                message: texts.next().unwrap_or_default(),
            })
        }
        other => Err(Error::new("failed", other.to_string())),
    }
}

/// Calls an operation of the host interface.
pub(crate) fn call(operation: &str, arguments: Vec<(&str, Value)>) -> Result<Value, Error> {
    let arguments: Map = arguments
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    ask(
        CALL,
        &Value::List(vec![Value::from(operation), Value::Map(arguments)]),
    )
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(flag) => out.extend([1, u8::from(*flag)]),
        Value::Int(number) => {
            out.push(2);
            out.extend(number.to_le_bytes());
        }
        Value::BigInt(number) => write_text(3, number.digits(), out),
        Value::Float(number) => {
            out.push(4);
            out.extend(number.to_le_bytes());
        }
        Value::Text(text) => write_text(5, text, out),
        Value::Bytes(bytes) => {
            out.push(6);
            write_length(bytes.len(), out);
            out.extend(bytes);
        }
        Value::DateTime(moment) => write_text(7, moment.as_str(), out),
        Value::List(items) => {
            out.push(8);
            write_length(items.len(), out);
            for item in items {
                write(item, out);
            }
        }
        Value::Map(map) => {
            out.push(9);
            write_length(map.len(), out);
            for (key, item) in map.iter() {
                write_text(5, key, out);
                write(item, out);
            }
        }
        Value::Table(table) => {
            out.push(10);
            write_length(table.columns().len(), out);
            for (name, cells) in table.columns() {
                write_text(5, name, out);
                write_length(cells.len(), out);
                for cell in cells {
                    write(cell, out);
                }
            }
        }
    }
}

fn write_length(length: usize, out: &mut Vec<u8>) {
    out.extend((length as u32).to_le_bytes());
}

fn write_text(tag: u8, text: &str, out: &mut Vec<u8>) {
    out.push(tag);
    write_length(text.len(), out);
    out.extend(text.as_bytes());
}

/// Reads what the host wrote, which is well formed.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }

    fn byte(&mut self) -> u8 {
        self.bytes(1)[0]
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N));
        array
    }

    fn length(&mut self) -> usize {
        u32::from_le_bytes(self.array()) as usize
    }

    fn text(&mut self) -> String {
        let length = self.length();
        String::from_utf8_lossy(self.bytes(length)).into_owned()
    }

    fn key(&mut self) -> String {
        self.byte();
        self.text()
    }

    fn values(&mut self) -> Vec<Value> {
        let count = self.length();
        (0..count).map(|_| self.value()).collect()
    }

    fn value(&mut self) -> Value {
        match self.byte() {
            1 => Value::Bool(self.byte() != 0),
            2 => Value::Int(i64::from_le_bytes(self.array())),
            3 => Value::BigInt(BigInt::raw(self.text())),
            4 => Value::Float(f64::from_le_bytes(self.array())),
            5 => Value::Text(self.text()),
            6 => {
                let length = self.length();
                Value::Bytes(self.bytes(length).to_vec())
            }
            7 => Value::DateTime(DateTime::raw(self.text())),
            8 => Value::List(self.values()),
            9 => {
                let count = self.length();
                Value::Map(Map::raw(
                    (0..count).map(|_| (self.key(), self.value())).collect(),
                ))
            }
            10 => {
                let count = self.length();
                Value::Table(Table::raw(
                    (0..count).map(|_| (self.key(), self.values())).collect(),
                ))
            }
            _ => Value::Null,
        }
    }
}
