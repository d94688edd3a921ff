//! Values as literals and as text.

use std::fmt::Write as _;

use super::lexer::{Quote, Text};
use super::script_of;
use crate::Language;
use crate::value::Value;

/// The text of a value: as it is for a text, JSON for what holds others.
pub(super) fn plain(value: &Value) -> Result<String, String> {
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) | Value::BigInteger(text) | Value::DateTime(text) => text.clone(),
        Value::Bytes(_) => return Err("bytes are no text".to_owned()),
        Value::List(_) | Value::Map(_) | Value::Table(_) => json(value)?.to_string(),
    })
}

fn json(value: &Value) -> Result<serde_json::Value, String> {
    use serde_json::Value as Json;
    Ok(match value {
        Value::Null => Json::Null,
        Value::Boolean(flag) => Json::Bool(*flag),
        Value::Integer(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Text(text) | Value::BigInteger(text) | Value::DateTime(text) => {
            Json::String(text.clone())
        }
        Value::Bytes(_) => return Err("bytes are no text".to_owned()),
        Value::List(items) => Json::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Value::Map(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, value)| Ok((key.clone(), json(value)?)))
                .collect::<Result<_, String>>()?,
        ),
        Value::Table(table) => Json::Object(
            table
                .columns()
                .iter()
                .map(|(name, cells)| {
                    let cells = cells.iter().map(json).collect::<Result<_, _>>()?;
                    Ok((name.clone(), Json::Array(cells)))
                })
                .collect::<Result<_, String>>()?,
        ),
    })
}

/// The value's text within a string literal. `after_backslash`: what stands before may be the beginning of an escape,
/// which the value must not continue.
pub(super) fn escaped(
    value: &Value,
    within: Text,
    after_backslash: bool,
) -> Result<String, String> {
    let mut text = plain(value)?;
    if within.is_format {
        text = text.replace('%', "%%");
    }
    match within.quote {
        Quote::Escaped => {}
        Quote::Verbatim => {
            refuse_nul(&text)?;
            return Ok(text.replace('"', "\"\""));
        }
        Quote::Raw => {
            let breaks = |one: char| {
                matches!(one, '"' | '\'' | '\\' | '\r') || (one == '\n' && !within.many_lines)
            };
            refuse_nul(&text)?;
            if text.contains(breaks) {
                return Err("the value holds a quote, a backslash or a line end, which this raw literal cannot hold; use an \
                            ordinary one"
                    .to_owned());
            }
            return Ok(text);
        }
    }
    let mut out = String::with_capacity(text.len());
    for (at, one) in text.chars().enumerate() {
        if within.is_bytes && !one.is_ascii() {
            for byte in one.to_string().bytes() {
                let _ = write!(out, "\\x{byte:02x}");
            }
        } else if at == 0 && after_backslash && one.is_ascii_alphanumeric() {
            out.push_str(&number(one, within));
        } else {
            escape(one, within, &mut out);
        }
    }
    Ok(out)
}

fn refuse_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') {
        return Err("the value holds a null character".to_owned());
    }
    Ok(())
}

fn escape(one: char, within: Text, out: &mut String) {
    match one {
        '\\' => out.push_str("\\\\"),
        '"' => out.push_str("\\\""),
        '\'' => out.push_str("\\'"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Some end a line, others turn the direction of what follows, which Rust refuses in a literal.
        '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            out.push_str(&number(one, within));
        }
        one if one.is_control() => out.push_str(&number(one, within)),
        one => out.push(one),
    }
}

/// A character by its number; always of the same length, so that nothing after it belongs to it.
fn number(one: char, within: Text) -> String {
    let code = u32::from(one);
    match within.language {
        Language::Rust if within.is_bytes => format!("\\x{code:02x}"),
        Language::Rust => format!("\\u{{{code:x}}}"),
        Language::Python if within.is_bytes => format!("\\x{code:02x}"),
        _ => format!("\\u{code:04x}"),
    }
}

/// A literal of a text, in double quotes.
fn text_literal(text: &str, language: Language) -> String {
    let within = Text {
        language: script_of(language),
        quote: Quote::Escaped,
        escapes: true,
        is_bytes: false,
        is_format: false,
        many_lines: false,
    };
    let mut out = String::from("\"");
    for one in text.chars() {
        escape(one, within, &mut out);
    }
    out.push('"');
    out
}

/// The value in code: a literal, or `whole`, the variable itself. `before_dot`: a member of it follows.
pub(super) fn code(
    value: &Value,
    language: Language,
    whole: Option<&str>,
    before_dot: bool,
) -> Result<String, String> {
    let script = script_of(language);
    let text = match value {
        Value::Null => match script {
            Language::Python => "None",
            Language::Rust => "::metascript::Value::Null",
            _ => "null",
        }
        .to_owned(),
        Value::Boolean(flag) => match (script, flag) {
            (Language::Python, true) => "True",
            (Language::Python, false) => "False",
            (_, true) => "true",
            (_, false) => "false",
        }
        .to_owned(),
        Value::Integer(number) => integer(*number, script),
        Value::BigInteger(digits) => match script {
            Language::Python => digits.clone(),
            Language::JavaScript => format!("{digits}n"),
            Language::FSharp => format!("(System.Numerics.BigInteger.Parse \"{digits}\")"),
            _ => format!("\"{digits}\".parse::<::metascript::BigInt>()?"),
        },
        Value::Float(number) => float(*number, script),
        Value::Text(text) => text_literal(text, script),
        _ => {
            return whole.map(str::to_owned).ok_or_else(|| {
                format!(
                    "a {} within another value has no literal here; make it a variable of its own",
                    value.type_name()
                )
            });
        }
    };
    let is_number = matches!(
        value,
        Value::Integer(_) | Value::BigInteger(_) | Value::Float(_)
    );
    let in_brackets = is_number && (before_dot || text.starts_with('-'));
    Ok(if in_brackets {
        format!("({text})")
    } else {
        text
    })
}

fn integer(number: i64, language: Language) -> String {
    const SAFE: i64 = (1 << 53) - 1;
    match language {
        Language::JavaScript if !(-SAFE..=SAFE).contains(&number) => format!("{number}n"),
        Language::FSharp if i32::try_from(number).is_err() => format!("{number}L"),
        Language::Rust if i32::try_from(number).is_err() => format!("{number}i64"),
        _ => number.to_string(),
    }
}

fn float(number: f64, language: Language) -> String {
    let special = if number.is_nan() {
        0
    } else if number == f64::INFINITY {
        1
    } else if number == f64::NEG_INFINITY {
        2
    } else {
        return format!("{number:?}");
    };
    let names = match language {
        Language::Python => ["float('nan')", "float('inf')", "-float('inf')"],
        Language::JavaScript => ["NaN", "Infinity", "-Infinity"],
        Language::FSharp => ["nan", "infinity", "-infinity"],
        _ => ["f64::NAN", "f64::INFINITY", "f64::NEG_INFINITY"],
    };
    names.get(special).copied().unwrap_or("0").to_owned()
}
