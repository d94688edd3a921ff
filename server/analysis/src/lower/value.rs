//! Values.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::{DEEPEST, Lowering};
use crate::ir::{Span, Value, ValueKind, Word};

/// Longer text is no name and no enumerated value.
const LONGEST_WORD: u32 = 160;

impl Lowering<'_> {
    pub(super) fn value(&self, node: Node<'_>, depth: usize) -> Value {
        let span = self.span(node);
        let kind = if depth > DEEPEST {
            ValueKind::Other
        } else {
            self.kind(node, depth)
        };
        Value { span, kind }
    }

    fn kind(&self, node: Node<'_>, depth: usize) -> ValueKind {
        let span = self.span(node);
        match node.kind() {
            "string" => self.text(node),
            "unclosed_string" => ValueKind::Text {
                inner: Span {
                    start: (span.start + 1).min(span.end),
                    ..span
                },
                raw: false,
                word: None,
            },
            "number" | "head_number" => ValueKind::Number(SmolStr::new(self.slice(span))),
            "boolean" => ValueKind::Bool(self.slice(span).eq_ignore_ascii_case("true")),
            "null" => ValueKind::Null,
            "dollar_reference" => self.dollar(span),
            "interpolation" => node
                .child_by_field_name("expression")
                .map_or(ValueKind::Other, |inner| {
                    ValueKind::Interpolation(self.span(inner))
                }),
            "identifier" => self.bare(node),
            "bare_text" => self.bare_text(node, depth),
            "concatenation" => ValueKind::Many(self.parts(node, depth)),
            "array" => ValueKind::Array(self.parts(node, depth)),
            "object" => ValueKind::Object(self.items(node, depth)),
            "yaml_block" => ValueKind::Text {
                inner: span,
                raw: true,
                word: None,
            },
            "property" | "block" | "code_block" | "prose_block" => {
                ValueKind::Object(vec![self.item(node, depth + 1)])
            }
            _ => ValueKind::Other,
        }
    }

    /// The span between the quotes of a string.
    pub(super) fn between_quotes(&self, node: Node<'_>) -> Span {
        let span = self.span(node);
        let open = node.child(0).map_or(span.start, |open| self.span(open).end);
        let last = node
            .child_count()
            .checked_sub(1)
            .and_then(|last| node.child(u32::try_from(last).ok()?))
            .filter(|last| !last.is_named() && last.start_byte() > node.start_byte());
        Span {
            start: open,
            end: last
                .map_or(span.end, |close| self.span(close).start)
                .max(open),
        }
    }

    fn text(&self, node: Node<'_>) -> ValueKind {
        let inner = self.between_quotes(node);
        let raw = node
            .child(0)
            .is_some_and(|open| matches!(open.kind(), "\"\"\"" | "'''" | "`"));
        let text = self.slice(inner);
        let plain = inner.end - inner.start <= LONGEST_WORD
            && !text.contains(['\n', '\\'])
            && !text.contains("${");
        ValueKind::Text {
            inner,
            raw,
            word: plain.then(|| Word {
                text: SmolStr::new(text),
                span: inner,
            }),
        }
    }

    /// `$name.path`: the name.
    fn dollar(&self, span: Span) -> ValueKind {
        let text = self.slice(span);
        let name = text
            .strip_prefix('$')
            .and_then(|rest| rest.split('.').next())
            .unwrap_or_default();
        let start = span.start + 1;
        // `$CONFIG.retries` reads the setting.
        let (name, start) = match (name, text.split('.').nth(1)) {
            ("CONFIG", Some(member)) => (member, start + 7),
            _ => (name, start),
        };
        let end = start + u32::try_from(name.len()).unwrap_or(0);
        ValueKind::Dollar(Word {
            text: SmolStr::new(name),
            span: Span { start, end },
        })
    }

    fn bare_text(&self, node: Node<'_>, depth: usize) -> ValueKind {
        let mut cursor = node.walk();
        let parts: Vec<Value> = node
            .named_children(&mut cursor)
            .filter(|part| part.kind() == "interpolation")
            .map(|part| self.value(part, depth + 1))
            .collect();
        if parts.is_empty() {
            self.bare(node)
        } else {
            ValueKind::Many(parts)
        }
    }

    fn parts(&self, node: Node<'_>, depth: usize) -> Vec<Value> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .filter(|part| {
                !matches!(
                    part.kind(),
                    "comment" | "unclosed_comment" | "missing_close" | "missing_value"
                )
            })
            .map(|part| self.value(part, depth + 1))
            .collect()
    }
}
