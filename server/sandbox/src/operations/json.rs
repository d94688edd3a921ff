//! Values as JSON, without loss: what JSON has no form for is an object with `$type`.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Number, Value as Json, json};

use crate::event::{Bundle, CellError, Content, Event, StreamName};
use crate::value::{Table, Value};

/// The member that marks an object as a value of a type that JSON lacks.
const TYPE: &str = "$type";

/// Whole numbers that a client whose numbers are doubles reads unchanged.
const MAX_SAFE: i64 = (1 << 53) - 1;

/// Nesting that a value may have.
const MAX_DEPTH: usize = 200;

/// The JSON of a value: null, booleans, text, lists and maps as they are; whole numbers up to 2^53 - 1 and floats with a
/// fraction as numbers; everything else as `{ "$type": ... }`.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(flag) => Json::Bool(*flag),
        Value::Integer(number) if (-MAX_SAFE..=MAX_SAFE).contains(number) => {
            Json::Number(Number::from(*number))
        }
        Value::Integer(number) => json!({ TYPE: "integer", "value": number.to_string() }),
        Value::BigInteger(digits) => json!({ TYPE: "integer", "value": digits }),
        // A client may write 1.0 as 1: a float without a fraction keeps its type by name.
        Value::Float(number) if number.is_finite() && number.fract() != 0.0 => json!(number),
        Value::Float(number) => json!({ TYPE: "float", "value": format!("{number:?}") }),
        Value::Text(text) => Json::String(text.clone()),
        Value::Bytes(bytes) => json!({ TYPE: "bytes", "value": BASE64_STANDARD.encode(bytes) }),
        Value::DateTime(text) => json!({ TYPE: "date-time", "value": text }),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(entries) if entries.iter().any(|(key, _)| key == TYPE) => {
            let entries: Vec<Json> = entries
                .iter()
                .map(|(key, item)| json!([key, to_json(item)]))
                .collect();
            json!({ TYPE: "map", "entries": entries })
        }
        Value::Map(entries) => entries
            .iter()
            .map(|(key, item)| (key.clone(), to_json(item)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Table(table) => {
            let columns: Vec<Json> = table
                .columns()
                .iter()
                .map(|(name, cells)| {
                    json!({ "name": name, "cells": cells.iter().map(to_json).collect::<Vec<_>>() })
                })
                .collect();
            json!({ TYPE: "table", "columns": columns })
        }
    }
}

/// The value of a JSON text as [`to_json`] writes it.
pub fn from_json(json: &Json) -> Result<Value, String> {
    read(json, 0)
}

fn read(json: &Json, depth: usize) -> Result<Value, String> {
    if depth > MAX_DEPTH {
        return Err("the value is nested too deeply".to_owned());
    }
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Boolean(*flag),
        Json::Number(number) => {
            if let Some(whole) = number.as_i64() {
                Value::Integer(whole)
            } else if let Some(whole) = number.as_u64() {
                Value::BigInteger(whole.to_string())
            } else {
                Value::Float(number.as_f64().ok_or("a number is out of range")?)
            }
        }
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(all(items, depth)?),
        Json::Object(members) => match members.get(TYPE) {
            None => {
                let mut entries = Vec::with_capacity(members.len());
                for (key, item) in members {
                    entries.push((key.clone(), read(item, depth + 1)?));
                }
                Value::Map(entries)
            }
            Some(Json::String(kind)) => typed(kind, members, depth)?,
            Some(_) => return Err(format!("'{TYPE}' is no text")),
        },
    })
}

fn all(items: &[Json], depth: usize) -> Result<Vec<Value>, String> {
    items.iter().map(|item| read(item, depth + 1)).collect()
}

fn typed(kind: &str, members: &Map<String, Json>, depth: usize) -> Result<Value, String> {
    let text = || {
        members
            .get("value")
            .and_then(Json::as_str)
            .ok_or_else(|| format!("a value of type '{kind}' needs a text 'value'"))
    };
    let list = |name: &str| {
        members
            .get(name)
            .and_then(Json::as_array)
            .ok_or_else(|| format!("a value of type '{kind}' needs a list '{name}'"))
    };
    match kind {
        "integer" => Value::integer(text()?).map_err(|error| error.to_string()),
        "float" => text()?
            .parse()
            .map(Value::Float)
            .map_err(|_| "the text is no float".to_owned()),
        "bytes" => BASE64_STANDARD
            .decode(text()?)
            .map(Value::Bytes)
            .map_err(|_| "the bytes are no base64".to_owned()),
        "date-time" => Value::date_time(text()?).map_err(|error| error.to_string()),
        "map" => {
            let mut entries: Vec<(String, Value)> = Vec::new();
            let mut seen = std::collections::HashSet::new();
            for entry in list("entries")? {
                let [Json::String(key), item] = entry.as_array().map_or(&[][..], Vec::as_slice)
                else {
                    return Err("an entry of a map is a list of a text and a value".to_owned());
                };
                if !seen.insert(key.as_str()) {
                    return Err(format!("the key '{key}' appears twice"));
                }
                entries.push((key.clone(), read(item, depth + 1)?));
            }
            Ok(Value::Map(entries))
        }
        "table" => {
            let mut columns = Vec::new();
            for column in list("columns")? {
                let (Some(name), Some(cells)) = (
                    column.get("name").and_then(Json::as_str),
                    column.get("cells").and_then(Json::as_array),
                ) else {
                    return Err("a column has a text 'name' and a list 'cells'".to_owned());
                };
                columns.push((name.to_owned(), all(cells, depth + 1)?));
            }
            Table::new(columns)
                .map(Value::Table)
                .map_err(|error| error.to_string())
        }
        _ => Err(format!(
            "there is no type '{kind}': integer, float, bytes, date-time, map, table"
        )),
    }
}

/// A MIME bundle: text as it is, bytes in base64, as Jupyter has them.
pub fn bundle(bundle: &Bundle) -> Json {
    bundle
        .representations
        .iter()
        .map(|(name, content)| {
            let text = match content {
                Content::Text(text) => text.clone(),
                Content::Binary(bytes) => BASE64_STANDARD.encode(bytes),
            };
            (name.clone(), Json::String(text))
        })
        .collect::<Map<_, _>>()
        .into()
}

/// An error of a cell.
pub fn error(error: &CellError) -> Json {
    json!({
        "name": error.name, "message": error.message, "traceback": error.traceback, "line": error.line,
    })
}

/// What happens while a cell runs; `None` for an event that clients need not see.
pub fn event(event: &Event) -> Option<Json> {
    Some(match event {
        Event::Started => json!({ "kind": "started" }),
        Event::Stream { name, text } => {
            let name = match name {
                StreamName::Stdout => "stdout",
                StreamName::Stderr => "stderr",
            };
            json!({ "kind": "stream", "name": name, "text": text })
        }
        Event::Display(shown) => json!({ "kind": "display", "data": bundle(shown) }),
        Event::Result(shown) => json!({ "kind": "result", "data": bundle(shown) }),
        Event::Error(failed) => {
            let mut object = error(failed);
            if let Json::Object(members) = &mut object {
                members.insert("kind".to_owned(), "error".into());
            }
            object
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::Integer),
            Just(Value::integer("-123456789012345678901234567890").unwrap()),
            any::<f64>().prop_map(Value::Float),
            Just(Value::Float(1.0)),
            Just(Value::Float(-0.0)),
            ".*".prop_map(Value::Text),
            any::<Vec<u8>>().prop_map(Value::Bytes),
            Just(Value::date_time("2026-01-31T12:30:00.5+02:00").unwrap()),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map("[a-z$]{1,5}|\\$type", inner.clone(), 0..4)
                    .prop_map(|map| Value::Map(map.into_iter().collect())),
                (inner.clone(), inner).prop_map(|(a, b)| {
                    Value::Table(
                        Table::new(vec![("x".to_owned(), vec![a]), ("y".to_owned(), vec![b])])
                            .unwrap(),
                    )
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_comes_back_as_it_went(value in values()) {
            let text = serde_json::to_string(&to_json(&value)).unwrap();
            let back = from_json(&serde_json::from_str(&text).unwrap()).unwrap();
            prop_assert!(back.is_identical(&value), "{text}\n{value:?}\n{back:?}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused_with_a_reason() {
        for (text, reason) in [
            (r#"{"$type":"set"}"#, "there is no type 'set'"),
            (r#"{"$type":1}"#, "is no text"),
            (r#"{"$type":"integer"}"#, "needs a text 'value'"),
            (r#"{"$type":"integer","value":"1e9"}"#, "no whole number"),
            (r#"{"$type":"bytes","value":"%"}"#, "no base64"),
            (r#"{"$type":"date-time","value":"today"}"#, "ISO 8601"),
            (
                r#"{"$type":"map","entries":[["a",1],["a",2]]}"#,
                "appears twice",
            ),
            (
                r#"{"$type":"table","columns":[{"name":"a","cells":[1]},{"name":"b","cells":[]}]}"#,
                "different lengths",
            ),
        ] {
            let error = from_json(&serde_json::from_str(text).unwrap()).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
