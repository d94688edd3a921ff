//! Blocks, properties, cells and the other items.

use metascript_syntax::{CellForm, Language};
use smol_str::SmolStr;
use tree_sitter::Node;

use super::{DEEPEST, Lowering};
use crate::expression;
use crate::ir::{Block, CellItem, Edge, Item, Property, Span, Value, ValueKind, Word};

impl Lowering<'_> {
    pub(super) fn span(&self, node: Node<'_>) -> Span {
        Span::new(
            node.start_byte().saturating_sub(self.base),
            node.end_byte().saturating_sub(self.base),
        )
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    pub(super) fn word(&self, node: Node<'_>) -> Word {
        let span = self.span(node);
        Word {
            text: SmolStr::new(self.slice(span)),
            span,
        }
    }

    /// An identifier, or what stands between the quotes of a string.
    fn name(&self, node: Node<'_>) -> Word {
        if node.kind() == "string" {
            let span = self.between_quotes(node);
            Word {
                text: SmolStr::new(self.slice(span)),
                span,
            }
        } else {
            self.word(node)
        }
    }

    pub(super) fn item(&self, node: Node<'_>, depth: usize) -> Item {
        let span = self.span(node);
        if depth > DEEPEST {
            return Item::Broken(span);
        }
        match node.kind() {
            "property" => Item::Property(self.property(node, depth)),
            "block" => Item::Block(self.block(node, depth)),
            "prose_block" => Item::Block(self.prose(node)),
            "code_block" => Item::Cell(self.cell(node)),
            "fenced_cell" => Item::Cell(self.fence(node)),
            "edge" => self.edge(node),
            "command" => self.command(node, depth),
            "comment" | "unclosed_comment" | "shebang" | "directive" => Item::Comment(span),
            "heading" => {
                let text = child(node, "heading_text").map(|text| self.word(text));
                Item::Text {
                    span,
                    heading: text.map(|word| Word {
                        text: SmolStr::new(word.text.trim()),
                        ..word
                    }),
                }
            }
            "text" | "paragraph" | "front_matter" | "foreign_document" => Item::Text {
                span,
                heading: None,
            },
            "stray_close" | "unclosed_string" => Item::Broken(span),
            _ => Item::Value(self.value(node, depth)),
        }
    }

    /// The items between braces.
    pub(super) fn items(&self, node: Node<'_>, depth: usize) -> Vec<Item> {
        let mut cursor = node.walk();
        let mut inside = false;
        let mut items = Vec::new();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "{" => inside = true,
                "missing_close" | "wrong_close" | "unclosed_fence" => {}
                _ if inside && child.is_named() => items.push(self.item(child, depth + 1)),
                _ => {}
            }
        }
        items
    }

    fn property(&self, node: Node<'_>, depth: usize) -> Property {
        let key = node.child_by_field_name("key").map_or_else(
            || Word {
                text: SmolStr::default(),
                span: self.span(node),
            },
            |key| {
                let mut cursor = key.walk();
                let quoted = key
                    .named_children(&mut cursor)
                    .find(|inner| inner.kind() == "string");
                let quoted = quoted.or_else(|| {
                    (key.child(0)
                        .is_some_and(|first| first.kind().starts_with(['"', '\''])))
                    .then_some(key)
                });
                quoted.map_or_else(
                    || self.word(key),
                    |string| {
                        let span = self.between_quotes(string);
                        Word {
                            text: SmolStr::new(self.slice(span)),
                            span,
                        }
                    },
                )
            },
        );
        let value = node
            .child_by_field_name("value")
            .map(|value| self.value(value, depth + 1));
        Property {
            key,
            value,
            span: self.span(node),
        }
    }

    fn block(&self, node: Node<'_>, depth: usize) -> Block {
        let mut block = self.header(node, depth);
        block.items = self.items(node, depth);
        block
    }

    fn prose(&self, node: Node<'_>) -> Block {
        let mut block = self.header(node, 0);
        if let Some(text) = node.child_by_field_name("text") {
            block.items = vec![Item::Text {
                span: self.span(text),
                heading: None,
            }];
        }
        block
    }

    /// Keyword, name and arguments; and where the body lies.
    fn header(&self, node: Node<'_>, depth: usize) -> Block {
        let span = self.span(node);
        let keyword = node.child_by_field_name("keyword").map_or_else(
            || Word {
                text: SmolStr::default(),
                span: Span {
                    end: span.start,
                    ..span
                },
            },
            |keyword| {
                let word = self.word(keyword);
                let trimmed = word.text.trim_end();
                Word {
                    span: Span {
                        end: word.span.start + u32::try_from(trimmed.len()).unwrap_or(0),
                        ..word.span
                    },
                    text: SmolStr::new(trimmed),
                }
            },
        );
        let mut block = Block {
            keyword,
            modifier: None,
            name: None,
            arguments: Vec::new(),
            span,
            header: span,
            body: Span {
                start: span.end,
                ..span
            },
            items: Vec::new(),
        };
        // `ELSE IF` is one keyword to the parser, and two words to us.
        if let Some((first, second)) = block.keyword.text.clone().split_once(char::is_whitespace) {
            let (span, second) = (block.keyword.span, second.trim_start());
            let start = span.end - u32::try_from(second.len()).unwrap_or(0);
            let end = span.start + u32::try_from(first.len()).unwrap_or(0);
            block.modifier = Some(Word {
                text: SmolStr::new(second),
                span: Span { start, ..span },
            });
            block.keyword = Word {
                text: SmolStr::new(first),
                span: Span { end, ..span },
            };
        }
        // Conditions and loops say in their headers what others say in properties; the first word is no name.
        let nameless = ["IF", "WHILE", "ELSE", "ELIF", "ELSEIF", "LANG"]
            .iter()
            .any(|keyword| block.is(keyword));
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            let at = self.span(child);
            match child.kind() {
                "{" => {
                    block.header.end = at.start;
                    block.body = Span {
                        start: at.end,
                        end: span.end,
                    };
                }
                "}" | "missing_close" | "wrong_close" => {
                    if block.body.start <= at.start && block.header.end < span.end {
                        block.body.end = at.start;
                    }
                    break;
                }
                _ if block.header.end < span.end
                    || child.id()
                        == node
                            .child_by_field_name("keyword")
                            .map_or(0, |keyword| keyword.id()) => {}
                "identifier" if block.is("ELSE") && block.modifier.is_none() => {
                    block.modifier = Some(self.word(child));
                }
                "identifier" | "string"
                    if !nameless && block.name.is_none() && block.arguments.is_empty() =>
                {
                    block.name = Some(self.name(child));
                }
                "comment" => {}
                _ => self.argument(child, depth, &mut block.arguments),
            }
        }
        block
    }

    /// `key=value` pairs and values in a header.
    fn argument(&self, node: Node<'_>, depth: usize, arguments: &mut Vec<Property>) {
        let span = self.span(node);
        match node.kind() {
            "attribute" => {
                let Some(key) = node.child_by_field_name("name").map(|name| self.word(name)) else {
                    return;
                };
                let value = node
                    .child_by_field_name("value")
                    .map(|value| self.value(value, depth + 1));
                arguments.push(Property { key, value, span });
            }
            "argument_list" => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    self.argument(child, depth + 1, arguments);
                }
            }
            "operator" => arguments.push(Property {
                key: Word {
                    text: SmolStr::default(),
                    span,
                },
                value: None,
                span,
            }),
            _ if node.is_named() => {
                let key = Word {
                    text: SmolStr::default(),
                    span: Span {
                        end: span.start,
                        ..span
                    },
                };
                arguments.push(Property {
                    key,
                    value: Some(self.value(node, depth + 1)),
                    span,
                });
            }
            _ => {}
        }
    }

    fn cell(&self, node: Node<'_>) -> CellItem {
        let header = self.header(node, 0);
        let lang = header.is("LANG");
        let language = if lang {
            let said = header
                .arguments
                .iter()
                .find_map(|argument| argument.value.as_ref().and_then(Value::word));
            Language::named(said.map_or("", |word| word.text.as_str()))
        } else {
            Language::named(&header.keyword.text)
        };
        let code = node.child_by_field_name("code").map_or(
            Span {
                start: header.body.start,
                end: header.body.start,
            },
            |code| self.span(code),
        );
        let mut cursor = node.walk();
        let trailer = node
            .named_children(&mut cursor)
            .filter(|child| child.kind() == "property")
            .map(|child| self.property(child, 0));
        let output = trailer
            .chain(header.arguments.iter().cloned())
            .find(|property| {
                matches!(
                    property.key.text.as_str(),
                    "output_variable" | "result_variable" | "output"
                )
            })
            .and_then(|property| property.value.as_ref().and_then(Value::word).cloned());
        let named = header
            .arguments
            .iter()
            .find(|argument| argument.key.text == "name")
            .and_then(|argument| argument.value.as_ref())
            .and_then(Value::word);
        let name = named
            .cloned()
            .or_else(|| header.name.clone().filter(|_| !lang));
        CellItem {
            keyword: Some(header.keyword),
            language,
            form: if lang {
                CellForm::Lang
            } else {
                CellForm::Brace
            },
            span: header.span,
            code,
            output,
            name,
        }
    }

    fn fence(&self, node: Node<'_>) -> CellItem {
        let span = self.span(node);
        let keyword = node
            .child_by_field_name("language")
            .map(|language| self.word(language));
        let mut arguments = Vec::new();
        let mut cursor = node.walk();
        for child in node
            .named_children(&mut cursor)
            .filter(|child| child.kind() == "attribute")
        {
            self.argument(child, 0, &mut arguments);
        }
        let argument = |key: &str| {
            arguments
                .iter()
                .find(|argument| argument.key.text == key)
                .and_then(|argument| argument.value.as_ref())
                .and_then(Value::word)
                .cloned()
        };
        let code = node.child_by_field_name("code").map_or(
            Span {
                start: span.end,
                end: span.end,
            },
            |code| self.span(code),
        );
        CellItem {
            language: Language::named(keyword.as_ref().map_or("", |word| word.text.as_str())),
            keyword,
            form: CellForm::Fence,
            span,
            code,
            output: argument("output").or_else(|| argument("output_variable")),
            name: argument("name"),
        }
    }

    fn edge(&self, node: Node<'_>) -> Item {
        let end = |field: &str| node.child_by_field_name(field).map(|end| self.name(end));
        match (end("from"), end("to")) {
            (Some(from), Some(to)) => Item::Edge(Edge {
                from,
                to,
                span: self.span(node),
            }),
            _ => Item::Broken(self.span(node)),
        }
    }

    fn command(&self, node: Node<'_>, depth: usize) -> Item {
        let span = self.span(node);
        let word = node.child_by_field_name("keyword").map_or_else(
            || Word {
                text: SmolStr::default(),
                span,
            },
            |keyword| self.word(keyword),
        );
        let mut arguments = Vec::new();
        let mut cursor = node.walk();
        for child in node
            .named_children(&mut cursor)
            .filter(|child| child.kind() != "keyword")
        {
            self.argument(child, depth, &mut arguments);
        }
        Item::Command {
            word,
            span,
            values: arguments
                .into_iter()
                .filter_map(|argument| argument.value)
                .collect(),
        }
    }

    /// What a bare word is: a name, or something else.
    pub(super) fn bare(&self, node: Node<'_>) -> ValueKind {
        let word = self.word(node);
        if expression::is_name(&word.text) {
            ValueKind::Bare(word)
        } else {
            ValueKind::Other
        }
    }
}

fn child<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .find(|child| child.kind() == kind)
}
