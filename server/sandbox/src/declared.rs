//! Values that a script declares: `VARIABLE name { value: ... }`.

use std::collections::HashMap;

use metascript_syntax::Document;
use metascript_syntax::ast::{self, Block, Expression, Item, StringPart};

use crate::Value;

/// How deep lists and objects of a declared value may be nested.
const MAX_DEPTH: usize = 100;

/// The variables that the top level of a script declares with a constant value, in order; of two with one name, the
/// later counts. A text may hold `${name}` of a variable declared before it. Other expressions are no constants: their
/// variables are left out.
pub fn declared(document: &Document) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = Vec::new();
    for item in document.root().items() {
        let Item::Block(block) = item else { continue };
        if !block.keyword_text().eq_ignore_ascii_case("VARIABLE") {
            continue;
        }
        let known: HashMap<&str, &Value> = found
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        let Some((name, value)) = declaration(&block, &known) else {
            continue;
        };
        found.retain(|(other, _)| *other != name);
        found.push((name, value));
    }
    found
}

fn declaration(block: &Block<'_>, known: &HashMap<&str, &Value>) -> Option<(String, Value)> {
    let (name, _) = block.name()?;
    let property = block
        .property("value")
        .or_else(|| block.property("default"))?;
    Some((name, constant(&property.value()?, known, 0)?))
}

fn constant(value: &ast::Value<'_>, known: &HashMap<&str, &Value>, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match value {
        ast::Value::String(string) => {
            let mut text = String::new();
            for part in string.parts() {
                match part {
                    StringPart::Interpolation(inner) => {
                        text.push_str(&scalar(known.get(name_in(&inner)?.as_str())?)?);
                    }
                    StringPart::Text(syntax) | StringPart::Template(syntax) => {
                        text.push_str(&syntax.text());
                    }
                    StringPart::Escape(_) => {
                        // Only a whole string resolves its escapes.
                        if string.is_constant() {
                            return Some(Value::Text(string.plain_text()?.0));
                        }
                        return None;
                    }
                }
            }
            Value::Text(text)
        }
        ast::Value::Number(syntax) => number(&syntax.text().replace('_', ""))?,
        ast::Value::Quantity(syntax) => Value::Text(syntax.text().into_owned()),
        ast::Value::Bool(_) => Value::Boolean(value.as_bool()?),
        ast::Value::Null(_) => Value::Null,
        ast::Value::Array(array) => Value::List(
            array
                .items()
                .iter()
                .map(|item| match item {
                    Item::Value(value) => constant(value, known, depth + 1),
                    _ => None,
                })
                .collect::<Option<_>>()?,
        ),
        ast::Value::Object(object) => {
            let mut entries: Vec<(String, Value)> = Vec::new();
            for item in object.items() {
                let Item::Property(property) = item else {
                    return None;
                };
                let key = property.key_text().into_owned();
                let value = constant(&property.value()?, known, depth + 1)?;
                entries.retain(|(other, _)| *other != key);
                entries.push((key, value));
            }
            Value::Map(entries)
        }
        ast::Value::Interpolation(inner) => (*known.get(name_in(inner)?.as_str())?).clone(),
        ast::Value::Bare(_) => Value::Text(value.plain_text()?.0),
        _ => return None,
    })
}

/// The name, if nothing else stands in `${...}`.
fn name_in(interpolation: &ast::Interpolation<'_>) -> Option<String> {
    match interpolation.expression()? {
        Expression::Variable(syntax) => Some(syntax.text().into_owned()),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    if text.contains(['.', 'e', 'E']) {
        text.parse().ok().map(Value::Float)
    } else {
        Value::integer(text.trim_start_matches('+')).ok()
    }
}

/// The text that a value has within a text.
fn scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Text(text) | Value::BigInteger(text) | Value::DateTime(text) => text.clone(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, Value)> {
        declared(&Document::parse(text))
    }

    #[test]
    fn constants_have_types() {
        let found = of(
            "VARIABLE a {\n    value: \"te\\\"xt\"\n}\nVARIABLE b { value: 42 }\nVARIABLE c { value: -1.5 }\nVARIABLE d { value: true }\n\
             VARIABLE e { value: [1, \"x\", null] }\nVARIABLE f { value: { size: 3, tags: [\"n\"] } }\nVARIABLE g { default: 123456789012345678901234567890 }\n",
        );
        assert_eq!(
            found,
            vec![
                ("a".to_owned(), Value::Text("te\"xt".to_owned())),
                ("b".to_owned(), Value::Integer(42)),
                ("c".to_owned(), Value::Float(-1.5)),
                ("d".to_owned(), Value::Boolean(true)),
                (
                    "e".to_owned(),
                    Value::List(vec![
                        Value::Integer(1),
                        Value::Text("x".to_owned()),
                        Value::Null
                    ])
                ),
                (
                    "f".to_owned(),
                    Value::Map(vec![
                        ("size".to_owned(), Value::Integer(3)),
                        (
                            "tags".to_owned(),
                            Value::List(vec![Value::Text("n".to_owned())])
                        ),
                    ])
                ),
                (
                    "g".to_owned(),
                    Value::integer("123456789012345678901234567890").unwrap()
                ),
            ]
        );
    }

    #[test]
    fn a_text_may_hold_an_earlier_variable_and_nothing_else() {
        let found = of(
            "VARIABLE name { value: \"Ada\" }\nVARIABLE hello { value: \"Hello ${name}!\" }\nVARIABLE odd { value: \"${name.length}\" }\n\
             VARIABLE later { value: \"${unknown}\" }\nVARIABLE name { value: \"Alan\" }\n",
        );
        assert_eq!(
            found,
            vec![
                ("hello".to_owned(), Value::Text("Hello Ada!".to_owned())),
                ("name".to_owned(), Value::Text("Alan".to_owned())),
            ]
        );
    }
}
