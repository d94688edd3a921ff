use std::borrow::Cow;
use std::ops::Range;

use super::value::{Property, StringValue};
use super::{Interpolation, Item, Syntax, items};
use crate::Language;

macro_rules! view {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'d> {
            syntax: Syntax<'d>,
        }

        impl<'d> $name<'d> {
            /// The view of a node, if it is of this kind.
            pub fn cast(syntax: Syntax<'d>) -> Option<Self> {
                (syntax.kind() == $kind).then_some(Self { syntax })
            }

            /// The node.
            pub fn syntax(&self) -> Syntax<'d> {
                self.syntax
            }
        }
    };
}
pub(super) use view;

view!(
    /// `KEYWORD name { ... }`, or a line of text that ends with `{`.
    Block,
    "block"
);
view!(
    /// A block whose body is code: `FSHARP { ... }`, `LANG("X") { ... }`.
    CodeBlock,
    "code_block"
);
view!(
    /// A block whose body is text: `REASONING { ... }`.
    ProseBlock,
    "prose_block"
);
view!(
    /// A fence of Markdown.
    Fence,
    "fenced_cell"
);
view!(
    /// `edge a -> b`.
    Edge,
    "edge"
);
view!(
    /// A command on a line.
    Command,
    "command"
);
view!(
    /// A heading of a literate document.
    Heading,
    "heading"
);

/// What stands between a keyword and the brace, or behind a command.
#[derive(Debug, Clone)]
pub enum Argument<'d> {
    /// A name.
    Name(Syntax<'d>),
    /// A string.
    String(StringValue<'d>),
    /// A number.
    Number(Syntax<'d>),
    /// `name="value"`.
    Attribute {
        /// The name.
        name: Syntax<'d>,
        /// The value: a string, a name or a number. Absent in `name=`.
        value: Option<Box<Argument<'d>>>,
    },
    /// `( ... )`.
    List(Vec<Argument<'d>>),
    /// `>`, `==` and other marks.
    Operator(Syntax<'d>),
    /// `${...}`.
    Interpolation(Interpolation<'d>),
    /// `{{...}}`.
    Template(Syntax<'d>),
}

impl Argument<'_> {
    /// The text of a name, a number or a string without escapes and interpolations, with its range.
    pub fn plain_text(&self) -> Option<(String, Range<usize>)> {
        match self {
            Argument::Name(syntax) | Argument::Number(syntax) => {
                Some((syntax.text().into_owned(), syntax.range()))
            }
            Argument::String(string) => string.plain_text(),
            _ => None,
        }
    }
}

/// One step of reading arguments: lists may nest to any depth, so that this does not recurse.
fn arguments(syntax: Syntax<'_>) -> Vec<Argument<'_>> {
    let mut stack: Vec<(Vec<Syntax<'_>>, Vec<Argument<'_>>)> = vec![(reversed(syntax), Vec::new())];
    loop {
        let Some((pending, _)) = stack.last_mut() else {
            return Vec::new();
        };
        if let Some(next) = pending.pop() {
            if next.kind() == "argument_list" {
                stack.push((reversed(next), Vec::new()));
            } else if let Some(argument) = argument(next)
                && let Some((_, done)) = stack.last_mut()
            {
                done.push(argument);
            }
            continue;
        }
        let Some((_, done)) = stack.pop() else {
            return Vec::new();
        };
        match stack.last_mut() {
            Some((_, outer)) => outer.push(Argument::List(done)),
            None => return done,
        }
    }
}

fn reversed(syntax: Syntax<'_>) -> Vec<Syntax<'_>> {
    let mut children = syntax.children();
    children.reverse();
    children
}

/// An argument that is not a list. Items of a body are none.
fn argument(syntax: Syntax<'_>) -> Option<Argument<'_>> {
    Some(match syntax.kind() {
        "identifier" => Argument::Name(syntax),
        "string" => Argument::String(StringValue::cast(syntax)?),
        "head_number" => Argument::Number(syntax),
        "operator" => Argument::Operator(syntax),
        "interpolation" => Argument::Interpolation(Interpolation::cast(syntax)?),
        "template" => Argument::Template(syntax),
        "attribute" => Argument::Attribute {
            name: syntax.field("name")?,
            value: syntax.field("value").and_then(argument).map(Box::new),
        },
        _ => return None,
    })
}

/// The arguments of a block: what stands before the brace.
fn head_arguments(syntax: Syntax<'_>) -> Vec<Argument<'_>> {
    let end = brace(syntax).map_or(syntax.range().end, |range| range.start);
    let mut all = arguments(syntax);
    all.retain(|argument| start_of(argument).is_none_or(|start| start < end));
    all
}

fn start_of(argument: &Argument<'_>) -> Option<usize> {
    match argument {
        Argument::Name(syntax)
        | Argument::Number(syntax)
        | Argument::Operator(syntax)
        | Argument::Template(syntax)
        | Argument::Attribute { name: syntax, .. } => Some(syntax.range().start),
        Argument::String(string) => Some(string.syntax().range().start),
        Argument::Interpolation(interpolation) => Some(interpolation.syntax().range().start),
        // Lists of arguments stand in heads only.
        Argument::List(_) => None,
    }
}

fn brace(syntax: Syntax<'_>) -> Option<Range<usize>> {
    let mut cursor = syntax.node().walk();
    syntax
        .node()
        .children(&mut cursor)
        .find(|child| child.kind() == "{")
        .map(|child| child.byte_range())
}

impl<'d> Block<'d> {
    /// The keyword, or the text before the brace.
    pub fn keyword(&self) -> Syntax<'d> {
        self.syntax.field("keyword").unwrap_or(self.syntax)
    }

    /// The keyword in upper case with single spaces: `ELSE IF`.
    pub fn keyword_text(&self) -> String {
        let text = self.keyword().text();
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_uppercase()
    }

    /// Whether the block has a line of text instead of a keyword.
    pub fn is_text(&self) -> bool {
        self.keyword().kind() == "text"
    }

    /// The first argument, when it is a name or a string: `VARIABLE name {`, `node "name" {`.
    pub fn name(&self) -> Option<(String, Range<usize>)> {
        self.arguments().first().and_then(|first| match first {
            Argument::Name(_) | Argument::String(_) => first.plain_text(),
            _ => None,
        })
    }

    /// What stands between the keyword and the brace.
    pub fn arguments(&self) -> Vec<Argument<'d>> {
        head_arguments(self.syntax)
    }

    /// What stands between the braces.
    pub fn items(&self) -> Vec<Item<'d>> {
        let start = self.body_start();
        let mut items = items(self.syntax);
        items.retain(|item| item.range().start >= start);
        items
    }

    /// The properties between the braces.
    pub fn properties(&self) -> Vec<Property<'d>> {
        self.syntax
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

    /// The range between the braces.
    pub fn body(&self) -> Range<usize> {
        let range = self.syntax.range();
        let start = self.body_start();
        let end = match self
            .syntax
            .node()
            .child(self.syntax.node().child_count().saturating_sub(1))
        {
            Some(last) if matches!(last.kind(), "}" | "wrong_close") => last.start_byte(),
            _ => range.end,
        };
        start..end.max(start)
    }

    fn body_start(&self) -> usize {
        brace(self.syntax).map_or(self.syntax.range().end, |range| range.end)
    }
}

impl<'d> CodeBlock<'d> {
    /// The keyword.
    pub fn keyword(&self) -> Syntax<'d> {
        self.syntax.field("keyword").unwrap_or(self.syntax)
    }

    /// Whether the keyword is `LANG`, and the language its argument.
    pub fn is_lang(&self) -> bool {
        self.keyword().text().eq_ignore_ascii_case("lang")
    }

    /// What stands between the keyword and the brace.
    pub fn arguments(&self) -> Vec<Argument<'d>> {
        head_arguments(self.syntax)
    }

    /// The language of the code.
    pub fn language(&self) -> Language {
        if !self.is_lang() {
            return Language::named(&self.keyword().text());
        }
        let first = self
            .arguments()
            .into_iter()
            .find_map(|argument| match argument {
                Argument::List(list) => list.first().and_then(Argument::plain_text),
                _ => None,
            });
        Language::named(first.as_ref().map_or("", |(name, _)| name))
    }

    /// The range of the code; empty behind the brace when there is none.
    pub fn code(&self) -> Range<usize> {
        if let Some(code) = self.syntax.field("code") {
            return code.range();
        }
        let end = brace(self.syntax).map_or(self.syntax.range().end, |range| range.end);
        end..end
    }

    /// The properties behind the code, which name its output.
    pub fn properties(&self) -> Vec<Property<'d>> {
        self.syntax
            .children()
            .into_iter()
            .filter_map(Property::cast)
            .collect()
    }
}

impl<'d> ProseBlock<'d> {
    /// The keyword.
    pub fn keyword(&self) -> Syntax<'d> {
        self.syntax.field("keyword").unwrap_or(self.syntax)
    }

    /// What stands between the keyword and the brace.
    pub fn arguments(&self) -> Vec<Argument<'d>> {
        head_arguments(self.syntax)
    }

    /// The text.
    pub fn text(&self) -> Option<Syntax<'d>> {
        self.syntax.field("text")
    }
}

impl<'d> Fence<'d> {
    /// The word behind the opening fence.
    pub fn language_word(&self) -> Option<Syntax<'d>> {
        self.syntax.field("language")
    }

    /// The language; `text` when none is named.
    pub fn language(&self) -> Language {
        Language::named(&self.language_word().map_or(Cow::Borrowed(""), Syntax::text))
    }

    /// What follows the language: `name="test"`.
    pub fn arguments(&self) -> Vec<Argument<'d>> {
        arguments(self.syntax)
    }

    /// The range of the code; empty behind the first line when there is none.
    pub fn code(&self) -> Range<usize> {
        if let Some(code) = self.syntax.field("code") {
            return code.range();
        }
        let end = match self.syntax.field("close") {
            Some(close) => close.range().start,
            None => self.syntax.range().end,
        };
        end..end
    }

    /// Whether the closing fence is missing.
    pub fn is_unclosed(&self) -> bool {
        self.syntax.field("close").is_none()
    }
}

impl Edge<'_> {
    /// The name of the node where the edge starts, with its range.
    pub fn from(&self) -> Option<(String, Range<usize>)> {
        self.end("from")
    }

    /// The name of the node where the edge ends, with its range.
    pub fn to(&self) -> Option<(String, Range<usize>)> {
        self.end("to")
    }

    fn end(&self, field: &str) -> Option<(String, Range<usize>)> {
        argument(self.syntax.field(field)?)?.plain_text()
    }
}

impl<'d> Command<'d> {
    /// The first word.
    pub fn keyword(&self) -> Syntax<'d> {
        self.syntax.field("keyword").unwrap_or(self.syntax)
    }

    /// The rest of the line.
    pub fn arguments(&self) -> Vec<Argument<'d>> {
        arguments(self.syntax)
    }
}

impl<'d> Heading<'d> {
    /// One to six.
    pub fn level(&self) -> usize {
        self.syntax
            .children()
            .first()
            .map_or(1, |marker| marker.range().len())
    }

    /// The text.
    pub fn text(&self) -> Option<Syntax<'d>> {
        self.syntax
            .children()
            .into_iter()
            .find(|child| child.kind() == "heading_text")
    }
}
