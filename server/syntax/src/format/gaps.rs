//! White space between tokens: what it is and what it should be.

use std::ops::Range;

use tree_sitter::Node;

use super::indent::{MAX_LEVELS, line_indent, unit};
use super::options::{FormatOptions, Indent};
use crate::{Document, TextEdit};

/// How much of the formatting is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// Everything.
    All,
    /// Indentation, blank lines and the ends of lines.
    Lines,
}

/// A token with what the rules want to know of it. Strings, cells and the like are one token.
struct Token<'d> {
    node: Node<'d>,
    /// The kind of the node around it.
    parent: &'d str,
    /// That node. Asking tree-sitter for a parent costs a walk from the root.
    around: Option<Node<'d>>,
}

/// The nodes whose children are tokens of their own.
fn is_entered(kind: &str) -> bool {
    matches!(
        kind,
        "source_file" | "block" | "code_block" | "prose_block" | "property" | "object" | "array"
    )
}

fn tokens(document: &Document) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut cursor = document.tree().walk();
    let mut parents = Vec::new();
    loop {
        let node = cursor.node();
        if is_entered(node.kind()) && cursor.goto_first_child() {
            parents.push(node);
            continue;
        }
        if !node.byte_range().is_empty() && !is_entered(node.kind()) {
            let around = parents.last().copied();
            tokens.push(Token {
                node,
                parent: around.map_or("source_file", |around| around.kind()),
                around,
            });
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return tokens;
            }
            parents.pop();
        }
    }
}

/// Whether two documents have the same tokens with the same bytes.
pub(super) fn same_tokens(left: &Document, right: &Document) -> bool {
    let (mine, theirs) = (tokens(left), tokens(right));
    mine.len() == theirs.len()
        && mine.iter().zip(&theirs).all(|(a, b)| {
            a.node.kind() == b.node.kind()
                && a.parent == b.parent
                && left.slice(a.node.byte_range()) == right.slice(b.node.byte_range())
        })
}

/// A bracket that is open.
struct Open {
    line: usize,
    indents: bool,
    nesting: Nesting,
    /// What the line that opened it is indented by beyond its level.
    extra: String,
}

/// What says how deep the lines of a body are.
enum Nesting {
    /// Its brackets.
    Brackets,
    /// Its lines too, as in YAML: they keep their distance to the first one, whose indentation this is.
    Lines(Option<String>),
}

/// The brackets that are open. Those that open on one line indent together.
struct Depth {
    open: Vec<Open>,
    levels: usize,
}

impl Depth {
    fn push(&mut self, line: usize, nesting: Nesting, extra: String) {
        let indents = self.open.last().is_none_or(|last| last.line != line);
        self.levels += usize::from(indents);
        self.open.push(Open {
            line,
            indents,
            nesting,
            extra,
        });
    }

    fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        self.levels -= usize::from(open.indents);
        Some(open)
    }

    /// What a line that stands `indent` deep is indented by beyond its level.
    fn extra(&mut self, indent: &str) -> String {
        let Some(open) = self.open.last_mut() else {
            return String::new();
        };
        let deeper = match &mut open.nesting {
            Nesting::Brackets => "",
            Nesting::Lines(Some(first)) => indent.strip_prefix(first.as_str()).unwrap_or_default(),
            Nesting::Lines(first) => {
                *first = Some(indent.to_owned());
                ""
            }
        };
        format!("{}{deeper}", open.extra)
    }
}

/// Whether the lines of the body that a brace opens nest by their indentation: a key without a value, or an item of a
/// list, is followed by what belongs to it.
fn nesting(brace: &Token<'_>) -> Nesting {
    let nests = |item: Node<'_>| match item.kind() {
        "property" => item.child_by_field_name("value").is_none(),
        "text" => true,
        _ => false,
    };
    let body = brace.around.filter(|_| brace.node.kind() == "{");
    let by_lines = body.is_some_and(|body| {
        let mut cursor = body.walk();
        body.named_children(&mut cursor).any(nests)
    });
    if by_lines {
        Nesting::Lines(None)
    } else {
        Nesting::Brackets
    }
}

pub(super) fn edits(document: &Document, options: &FormatOptions, rules: Rules) -> Vec<TextEdit> {
    let tokens = tokens(document);
    let mut writer = Writer {
        document,
        unit: unit(document, options),
        newline: line_break(document, &tokens),
        keeps_top: has_commands(document),
        options,
        rules,
        depth: Depth {
            open: Vec::new(),
            levels: 0,
        },
        base: String::new(),
        extra: String::new(),
        edits: Vec::new(),
    };
    let mut previous: Option<&Token<'_>> = None;
    for token in &tokens {
        writer.gap(previous, token);
        previous = Some(token);
    }
    writer.end(previous);
    writer
        .edits
        .retain(|edit| is_writable(&document.slice(edit.range.clone())));
    writer.edits
}

struct Writer<'d> {
    document: &'d Document,
    unit: Indent,
    newline: &'static str,
    /// Line commands indent by what they mean, which brackets do not tell.
    keeps_top: bool,
    options: &'d FormatOptions,
    rules: Rules,
    depth: Depth,
    /// The indentation of the item at the top that the line belongs to.
    base: String,
    /// What the line is indented by beyond its level.
    extra: String,
    edits: Vec<TextEdit>,
}

impl Writer<'_> {
    fn gap(&mut self, previous: Option<&Token<'_>>, token: &Token<'_>) {
        let kind = token.node.kind();
        let closes = matches!(kind, "}" | "]");
        if closes && let Some(open) = self.depth.pop() {
            self.extra = open.extra;
        }
        let start = previous.map_or(0, |previous| previous.node.end_byte());
        let range = start..token.node.start_byte();
        let text = self.document.slice(range.clone()).into_owned();
        let wanted = if previous.is_none() {
            self.first(token, &text)
        } else if text.contains('\n') {
            self.lines(previous, token, &text, closes)
        } else if self.rules == Rules::All {
            previous
                .and_then(|previous| {
                    if self.keeps_equals(previous, token) {
                        collapse(&text)
                    } else {
                        same_line(previous, token, &text)
                    }
                })
                .unwrap_or_else(|| text.clone())
        } else {
            text.clone()
        };
        self.change(range, &text, &wanted);
        if matches!(kind, "{" | "[") {
            let line = self.document.rope().byte_to_line(token.node.start_byte());
            self.depth.push(line, nesting(token), self.extra.clone());
        }
    }

    /// Whether white space around this `=` stays: the arguments of commands are written `k="v"`, and variables of the
    /// environment `NAME=value`.
    fn keeps_equals(&self, previous: &Token<'_>, token: &Token<'_>) -> bool {
        let Some(sign) = [previous, token]
            .into_iter()
            .find(|one| one.node.kind() == "=" && one.parent == "property")
        else {
            return false;
        };
        if self.keeps_top && self.depth.open.is_empty() {
            return true;
        }
        let key = sign
            .around
            .and_then(|property| property.child_by_field_name("key"));
        key.is_some_and(|key| {
            let key = self.document.slice(key.byte_range());
            key.len() > 1
                && key
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        })
    }

    /// What stands before the first token: nothing, except that a first item may be indented on purpose.
    fn first(&mut self, token: &Token<'_>, text: &str) -> String {
        let blank = text.trim_start_matches(['\n', '\r', ' ', '\t']);
        if !blank.is_empty() {
            return text.to_owned();
        }
        if self.keeps_top {
            self.base = line_indent(self.document, token.node.start_byte());
            return self.base.clone();
        }
        String::new()
    }

    /// A gap with a line break: at most one blank line, none at the ends of a body, and the indentation.
    fn lines(
        &mut self,
        previous: Option<&Token<'_>>,
        token: &Token<'_>,
        text: &str,
        closes: bool,
    ) -> String {
        let trailing: &str = text.split(['\r', '\n']).next().unwrap_or_default();
        let kept = if self.options.trim_trailing_whitespace {
            ""
        } else {
            trailing
        };
        let opened = previous.is_some_and(|previous| matches!(previous.node.kind(), "{" | "["));
        let breaks = text.matches('\n').count();
        let blank = breaks > 1 && !opened && !closes;
        let lines = if blank { 2 } else { 1 };
        let indent = self.indent(token);
        format!("{kept}{}{indent}", self.newline.repeat(lines))
    }

    fn indent(&mut self, token: &Token<'_>) -> String {
        let start = token.node.start_byte();
        // Code and prose begin with their own indentation, text lines and commands have one on purpose.
        let at_top = self.depth.open.is_empty();
        match token.node.kind() {
            "code" | "prose" => return String::new(),
            "text" | "fenced_cell" => return self.kept(start, at_top),
            "command" | "edge" if self.keeps_top || at_top => return self.kept(start, at_top),
            "}" | "]" => {}
            _ if at_top && self.keeps_top => return self.kept(start, at_top),
            _ => self.extra = self.depth.extra(&line_indent(self.document, start)),
        }
        format!(
            "{}{}{}",
            self.base,
            self.unit.text(self.depth.levels.min(MAX_LEVELS)),
            self.extra
        )
    }

    /// The indentation that a line has, on which what it opens stands.
    fn kept(&mut self, start: usize, at_top: bool) -> String {
        let indent = line_indent(self.document, start);
        if at_top && self.keeps_top {
            self.base.clone_from(&indent);
        }
        indent
    }

    /// The end of the file.
    fn end(&mut self, last: Option<&Token<'_>>) {
        let length = self.document.rope().len_bytes();
        let Some(last) = last else { return };
        let range = last.node.end_byte()..length;
        let text = self.document.slice(range.clone()).into_owned();
        if !text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
            return;
        }
        let wanted = if self.options.insert_final_newline || text.contains('\n') {
            self.newline
        } else {
            ""
        };
        self.change(range, &text, wanted);
    }

    fn change(&mut self, range: Range<usize>, old: &str, new: &str) {
        if old == new {
            return;
        }
        // Only what differs: the longest common beginning and end stay.
        let head = old
            .bytes()
            .zip(new.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let head = floor(old, new, head);
        let (old_rest, new_rest) = (
            old.get(head..).unwrap_or(old),
            new.get(head..).unwrap_or(new),
        );
        let tail = old_rest
            .bytes()
            .rev()
            .zip(new_rest.bytes().rev())
            .take_while(|(a, b)| a == b)
            .count();
        let tail = (0..=tail)
            .rev()
            .find(|tail| {
                old_rest.is_char_boundary(old_rest.len() - tail)
                    && new_rest.is_char_boundary(new_rest.len() - tail)
            })
            .unwrap_or(0);
        self.edits.push(TextEdit {
            range: range.start + head..range.end - tail,
            text: new_rest
                .get(..new_rest.len() - tail)
                .unwrap_or_default()
                .to_owned(),
        });
    }
}

fn floor(old: &str, new: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| old.is_char_boundary(*at) && new.is_char_boundary(*at))
        .unwrap_or(0)
}

/// The gap between two tokens on a line, or nothing when it is to stay.
fn same_line(previous: &Token<'_>, token: &Token<'_>, text: &str) -> Option<String> {
    let (left, right) = (previous.node.kind(), token.node.kind());
    if !text.chars().all(|c| c == ' ' || c == '\t') {
        return None;
    }
    let one = || Some(" ".to_owned());
    let none = || Some(String::new());
    match (left, right) {
        (_, "comment" | "unclosed_comment") => None,
        (_, ":") if token.parent == "property" => none(),
        (_, "=") if token.parent == "property" => one(),
        (":" | "=", _) if previous.parent == "property" => one(),
        (_, "," | ";") => none(),
        ("," | ";", "}" | "]") => collapse(text),
        ("," | ";", _) => one(),
        (_, "{") if matches!(token.parent, "block" | "code_block" | "prose_block") => one(),
        ("keyword", "argument_list") => None,
        (_, "trailing_text" | "text") | ("text", _) => None,
        ("command" | "edge", _) | (_, "command" | "edge") => None,
        (_, "code" | "prose") | ("code" | "prose", _) => None,
        _ => collapse(text),
    }
}

/// Many spaces become one; none stay none.
fn collapse(text: &str) -> Option<String> {
    Some(if text.is_empty() {
        String::new()
    } else {
        " ".to_owned()
    })
}

/// The line break of most gaps that may be written anew; the first gap vanishes. Breaks inside strings and cells do not
/// count, because they stay as they are.
fn line_break(document: &Document, tokens: &[Token<'_>]) -> &'static str {
    let length = document.rope().len_bytes();
    let ends = tokens.iter().map(|token| token.node.end_byte());
    let starts = tokens
        .iter()
        .skip(1)
        .map(|token| token.node.start_byte())
        .chain([length]);
    let (mut crlf, mut lf) = (0_usize, 0_usize);
    for (end, start) in ends.zip(starts) {
        let gap = document.slice(end..start);
        let Some(at) = gap.find('\n').filter(|_| is_writable(&gap)) else {
            continue;
        };
        if gap.get(..at).is_some_and(|before| before.ends_with('\r')) {
            crlf += 1;
        } else {
            lf += 1;
        }
    }
    if crlf > lf { "\r\n" } else { "\n" }
}

/// Exotic white space (a mark of byte order, a no-break space) is the author's business.
fn is_writable(gap: &str) -> bool {
    gap.chars().all(|c| c.is_ascii_whitespace())
}

fn has_commands(document: &Document) -> bool {
    let root = document.tree().root_node();
    let mut cursor = root.walk();
    root.children(&mut cursor)
        .any(|child| child.kind() == "command")
}
