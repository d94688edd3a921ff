use std::borrow::Cow;
use std::ops::Range;

use super::block::{Block, CodeBlock, ProseBlock, view};
use super::{Expression, Item, Syntax, items};

view!(
    /// `key: value` or `key = value`.
    Property,
    "property"
);
view!(
    /// `[ ... ]`.
    Array,
    "array"
);
view!(
    /// `{ ... }` as a value. Its body may hold whatever a block's body may.
    Object,
    "object"
);
view!(
    /// A string of any form.
    StringValue,
    "string"
);
view!(
    /// `${...}`.
    Interpolation,
    "interpolation"
);

/// A value.
#[derive(Debug, Clone, Copy)]
pub enum Value<'d> {
    /// A string in quotes of any kind.
    String(StringValue<'d>),
    /// A string whose closing quote is missing.
    UnclosedString(Syntax<'d>),
    /// A number.
    Number(Syntax<'d>),
    /// A number with a unit: `100ms`, `50%`.
    Quantity(Syntax<'d>),
    /// `true` or `false`.
    Bool(Syntax<'d>),
    /// `null`.
    Null(Syntax<'d>),
    /// `[ ... ]`.
    Array(Array<'d>),
    /// `{ ... }`.
    Object(Object<'d>),
    /// `${...}` by itself.
    Interpolation(Interpolation<'d>),
    /// `$name.path`.
    DollarRef(Syntax<'d>),
    /// `{{...}}`.
    Template(Syntax<'d>),
    /// `"a" + "b"`.
    Concatenation(Syntax<'d>),
    /// Words without quotes, which may hold interpolations.
    Bare(Syntax<'d>),
    /// `|` and indented lines.
    Yaml(Syntax<'d>),
    /// `name { ... }` as a value.
    Block(Block<'d>),
    /// Code as a value.
    Cell(CodeBlock<'d>),
    /// A block of text as a value.
    Prose(ProseBlock<'d>),
}

impl<'d> Value<'d> {
    /// The value that a node is, if it is one.
    pub fn cast(syntax: Syntax<'d>) -> Option<Self> {
        Some(match syntax.kind() {
            "string" => Value::String(StringValue::cast(syntax)?),
            "unclosed_string" => Value::UnclosedString(syntax),
            "number" => Value::Number(syntax),
            "quantity" => Value::Quantity(syntax),
            "boolean" => Value::Bool(syntax),
            "null" => Value::Null(syntax),
            "array" => Value::Array(Array::cast(syntax)?),
            "object" => Value::Object(Object::cast(syntax)?),
            "interpolation" => Value::Interpolation(Interpolation::cast(syntax)?),
            "dollar_reference" => Value::DollarRef(syntax),
            "template" => Value::Template(syntax),
            "concatenation" => Value::Concatenation(syntax),
            "bare_text" => Value::Bare(syntax),
            "yaml_block" => Value::Yaml(syntax),
            "block" => Value::Block(Block::cast(syntax)?),
            "code_block" => Value::Cell(CodeBlock::cast(syntax)?),
            "prose_block" => Value::Prose(ProseBlock::cast(syntax)?),
            _ => return None,
        })
    }

    /// The node.
    pub fn syntax(&self) -> Syntax<'d> {
        match self {
            Value::String(view) => view.syntax(),
            Value::Array(view) => view.syntax(),
            Value::Object(view) => view.syntax(),
            Value::Interpolation(view) => view.syntax(),
            Value::Block(view) => view.syntax(),
            Value::Cell(view) => view.syntax(),
            Value::Prose(view) => view.syntax(),
            Value::UnclosedString(syntax)
            | Value::Number(syntax)
            | Value::Quantity(syntax)
            | Value::Bool(syntax)
            | Value::Null(syntax)
            | Value::DollarRef(syntax)
            | Value::Template(syntax)
            | Value::Concatenation(syntax)
            | Value::Bare(syntax)
            | Value::Yaml(syntax) => *syntax,
        }
    }

    /// The range in bytes.
    pub fn range(&self) -> Range<usize> {
        self.syntax().range()
    }

    /// The text of a string without interpolations, or of words without quotes, with its range: the name that
    /// a property such as `output_variable` gives.
    pub fn plain_text(&self) -> Option<(String, Range<usize>)> {
        match self {
            Value::String(string) => string.plain_text(),
            Value::Bare(syntax) if syntax.children().is_empty() => {
                Some((syntax.text().trim_end().to_owned(), syntax.range()))
            }
            _ => None,
        }
    }

    /// The number, for a number or a quantity.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Number(syntax) => syntax.text().replace('_', "").parse().ok(),
            Value::Quantity(syntax) => {
                let text = syntax.text();
                let end = text
                    .find(|c: char| !(c.is_ascii_digit() || "+-._".contains(c)))
                    .unwrap_or(text.len());
                text.get(..end)?.replace('_', "").parse().ok()
            }
            _ => None,
        }
    }

    /// The truth value, for `true` and `false` in any case.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(syntax) => Some(syntax.text().eq_ignore_ascii_case("true")),
            _ => None,
        }
    }
}

impl<'d> Property<'d> {
    /// The key, with its quotes if it has some.
    pub fn key(&self) -> Syntax<'d> {
        self.syntax().field("key").unwrap_or(self.syntax())
    }

    /// The key without quotes.
    pub fn key_text(&self) -> Cow<'d, str> {
        match self.key().text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches('"')),
            Cow::Owned(text) => Cow::Owned(text.trim_matches('"').to_owned()),
        }
    }

    /// `:` or `=`.
    pub fn operator(&self) -> &'d str {
        self.syntax().field("operator").map_or(":", Syntax::kind)
    }

    /// The value; absent when nothing follows the key.
    pub fn value(&self) -> Option<Value<'d>> {
        Value::cast(self.syntax().field("value")?)
    }

    /// Text behind the value on its line, which has no meaning.
    pub fn trailing_text(&self) -> Option<Syntax<'d>> {
        self.syntax()
            .children()
            .into_iter()
            .find(|child| child.kind() == "trailing_text")
    }
}

impl<'d> Array<'d> {
    /// The elements: values, and the blocks and properties that some scripts put there.
    pub fn items(&self) -> Vec<Item<'d>> {
        items(self.syntax())
    }

    /// The elements that are values.
    pub fn values(&self) -> Vec<Value<'d>> {
        self.syntax()
            .children()
            .into_iter()
            .filter_map(Value::cast)
            .collect()
    }
}

impl<'d> Object<'d> {
    /// What stands between the braces.
    pub fn items(&self) -> Vec<Item<'d>> {
        items(self.syntax())
    }

    /// The properties.
    pub fn properties(&self) -> Vec<Property<'d>> {
        self.syntax()
            .children()
            .into_iter()
            .filter_map(Property::cast)
            .collect()
    }

    /// The first property with a key.
    pub fn property(&self, key: &str) -> Option<Property<'d>> {
        self.properties()
            .into_iter()
            .find(|property| property.key_text() == key)
    }
}

/// A part of a string.
#[derive(Debug, Clone, Copy)]
pub enum StringPart<'d> {
    /// Plain text.
    Text(Syntax<'d>),
    /// `\n`, `\"` and the like.
    Escape(Syntax<'d>),
    /// `${...}`.
    Interpolation(Interpolation<'d>),
    /// `{{...}}`.
    Template(Syntax<'d>),
}

impl<'d> StringValue<'d> {
    /// The range between the quotes.
    pub fn content(&self) -> Range<usize> {
        let node = self.syntax().node();
        let range = self.syntax().range();
        let start = node.child(0).map_or(range.start, |open| open.end_byte());
        let last = node.child(node.child_count().saturating_sub(1));
        let end = match last {
            Some(close) if node.child_count() > 1 && !close.is_named() => close.start_byte(),
            _ => range.end,
        };
        start..end.max(start)
    }

    /// The quotes that open it, without a sign before them: `"`, `"""`, `'''`, `` ` `` or `'`.
    pub fn quotes(&self) -> &'d str {
        self.syntax()
            .node()
            .child(0)
            .map_or("\"", |open| open.kind())
    }

    /// The parts between the quotes.
    pub fn parts(&self) -> Vec<StringPart<'d>> {
        let part = |syntax: Syntax<'d>| {
            Some(match syntax.kind() {
                "string_content" => StringPart::Text(syntax),
                "escape_sequence" => StringPart::Escape(syntax),
                "template" => StringPart::Template(syntax),
                _ => StringPart::Interpolation(Interpolation::cast(syntax)?),
            })
        };
        self.syntax()
            .children()
            .into_iter()
            .filter_map(part)
            .collect()
    }

    /// The interpolations.
    pub fn interpolations(&self) -> Vec<Interpolation<'d>> {
        self.syntax()
            .children()
            .into_iter()
            .filter_map(Interpolation::cast)
            .collect()
    }

    /// Whether the string is nothing but text and escapes.
    pub fn is_constant(&self) -> bool {
        self.parts()
            .iter()
            .all(|part| matches!(part, StringPart::Text(_) | StringPart::Escape(_)))
    }

    /// The text of a constant string with its escapes resolved, and the range between the quotes.
    pub fn plain_text(&self) -> Option<(String, Range<usize>)> {
        let mut text = String::new();
        for part in self.parts() {
            match part {
                StringPart::Text(syntax) => text.push_str(&syntax.text()),
                StringPart::Escape(syntax) => text.push(unescape(&syntax.text())),
                _ => return None,
            }
        }
        Some((text, self.content()))
    }
}

/// `\n`, `\r` and `\t` are what they are everywhere; any other character stands for itself.
fn unescape(escape: &str) -> char {
    match escape.chars().nth(1) {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some(other) => other,
        None => '\\',
    }
}

/// What stands in `${...}`.
#[derive(Debug, Clone, Copy)]
pub enum InterpolationBody<'d> {
    /// An expression.
    Expression(Expression<'d>),
    /// Something beyond the subset that is parsed, which is not wrong.
    Opaque(Syntax<'d>),
    /// Something that is surely wrong.
    Invalid(Syntax<'d>),
}

impl<'d> Interpolation<'d> {
    /// What stands between the braces.
    pub fn body(&self) -> Option<InterpolationBody<'d>> {
        let inner = self.syntax().field("expression")?;
        Some(match inner.kind() {
            "opaque_expression" => InterpolationBody::Opaque(inner),
            "invalid_expression" => InterpolationBody::Invalid(inner),
            _ => InterpolationBody::Expression(Expression::cast(inner)?),
        })
    }

    /// The expression, if it was parsed.
    pub fn expression(&self) -> Option<Expression<'d>> {
        match self.body()? {
            InterpolationBody::Expression(expression) => Some(expression),
            _ => None,
        }
    }
}
