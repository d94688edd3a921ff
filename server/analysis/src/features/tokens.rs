//! Semantic tokens: the script's own words, and the code of cells by the grammars of their languages.

mod cell;

use std::ops::Range;

use metascript_syntax::schema::schema;

use self::cell::cell_tokens;
use crate::db::{CellSource, Group, Piece, groups, pieces};
use crate::host::Analysis;
use crate::ir::{Block, Chunk, Item, Property, Span, Value, ValueKind};
use crate::names::{DefKind, Names, Space, UseKind, piece_names};
use crate::{Cancellable, FileId};

/// A coloured part of the text. Tokens never overlap and never span lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SemanticToken {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TokenKind,
    /// It gives a name its meaning.
    pub definition: bool,
}

/// What a token is. The names are those of the Language Server Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenKind {
    /// A word of the language.
    Keyword,
    /// A variable.
    Variable,
    /// A parameter.
    Parameter,
    /// A property.
    Property,
    /// A function.
    Function,
    /// An agent or a type with members.
    Class,
    /// A task.
    Method,
    /// A node of a workflow.
    Event,
    /// A type.
    Type,
    /// A module.
    Namespace,
    /// A value out of a fixed set, as the type of an action.
    EnumMember,
    /// Text.
    String,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// An operator.
    Operator,
}

impl TokenKind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [TokenKind; 15] = [
        TokenKind::Keyword,
        TokenKind::Variable,
        TokenKind::Parameter,
        TokenKind::Property,
        TokenKind::Function,
        TokenKind::Class,
        TokenKind::Method,
        TokenKind::Event,
        TokenKind::Type,
        TokenKind::Namespace,
        TokenKind::EnumMember,
        TokenKind::String,
        TokenKind::Number,
        TokenKind::Comment,
        TokenKind::Operator,
    ];

    /// The name in the Language Server Protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            TokenKind::Keyword => "keyword",
            TokenKind::Variable => "variable",
            TokenKind::Parameter => "parameter",
            TokenKind::Property => "property",
            TokenKind::Function => "function",
            TokenKind::Class => "class",
            TokenKind::Method => "method",
            TokenKind::Event => "event",
            TokenKind::Type => "type",
            TokenKind::Namespace => "namespace",
            TokenKind::EnumMember => "enumMember",
            TokenKind::String => "string",
            TokenKind::Number => "number",
            TokenKind::Comment => "comment",
            TokenKind::Operator => "operator",
        }
    }
}

impl Analysis {
    /// The tokens of a file, or of a part of it, in order.
    pub fn semantic_tokens(
        &self,
        file: FileId,
        part: Option<Range<usize>>,
    ) -> Cancellable<Vec<SemanticToken>> {
        self.about(file, |ctx| {
            let mut tokens = Vec::new();
            for (start, group) in groups(ctx.db, ctx.file) {
                let wanted = |token: &Token| {
                    part.as_ref().is_none_or(|part| {
                        token.span.at(*start).start < part.end
                            && part.start < token.span.at(*start).end
                    })
                };
                let found = group_tokens(ctx.db, *group)
                    .iter()
                    .filter(|token| wanted(token));
                tokens.extend(found.map(|token| SemanticToken {
                    range: token.span.at(*start),
                    kind: token.kind,
                    definition: token.definition,
                }));
            }
            tokens
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token {
    span: Span,
    kind: TokenKind,
    definition: bool,
}

/// The tokens of a group, relative to its start, in order.
#[salsa::tracked(returns(ref))]
fn group_tokens<'db>(db: &'db dyn salsa::Database, group: Group<'db>) -> Vec<Token> {
    let shift = |token: &Token, by: u32| Token {
        span: Span {
            start: token.span.start + by,
            end: token.span.end + by,
        },
        ..*token
    };
    pieces(db, group)
        .iter()
        .flat_map(|(offset, piece)| {
            piece_tokens(db, *piece)
                .iter()
                .map(|token| shift(token, *offset))
        })
        .collect()
}

#[salsa::tracked(returns(ref))]
fn piece_tokens<'db>(db: &'db dyn salsa::Database, piece: Piece<'db>) -> Vec<Token> {
    let chunk = piece.chunk(db);
    let mut found = Vec::new();
    names(piece_names(db, piece), &mut found);
    let mut collect = Collect {
        db,
        chunk,
        found: &mut found,
    };
    collect.item(&chunk.item);
    in_order(chunk, found)
}

/// Names by what they stand for: they win over what the place looks like.
fn names(names: &Names, found: &mut Vec<Token>) {
    let kind = |kind: DefKind| match kind {
        DefKind::Function => TokenKind::Function,
        DefKind::Agent => TokenKind::Class,
        DefKind::Task => TokenKind::Method,
        DefKind::Node => TokenKind::Event,
        DefKind::Parameter => TokenKind::Parameter,
        DefKind::Config | DefKind::Input => TokenKind::Property,
        _ => TokenKind::Variable,
    };
    for def in names.defs.iter().filter(|def| def.kind != DefKind::Cell) {
        found.push(Token {
            span: def.span,
            kind: kind(def.kind),
            definition: true,
        });
    }
    for used in names.uses.iter().filter(|used| {
        matches!(
            used.kind,
            UseKind::Expression | UseKind::Reference | UseKind::Template
        )
    }) {
        let local = names.defs.iter().any(|def| {
            def.name == used.name && def.local.is_some_and(|area| area.contains(used.span))
        });
        let kind = match used.space {
            Space::Functions => TokenKind::Function,
            Space::Agents => TokenKind::Class,
            Space::Tasks => TokenKind::Method,
            Space::Nodes => TokenKind::Event,
            Space::Values if local => TokenKind::Parameter,
            Space::Values => TokenKind::Variable,
        };
        found.push(Token {
            span: used.span,
            kind,
            definition: false,
        });
    }
}

struct Collect<'a> {
    db: &'a dyn salsa::Database,
    chunk: &'a Chunk,
    found: &'a mut Vec<Token>,
}

impl Collect<'_> {
    fn push(&mut self, span: Span, kind: TokenKind) {
        self.found.push(Token {
            span,
            kind,
            definition: false,
        });
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Block(block) => self.block(block),
            Item::Property(property) => self.property(property, None),
            Item::Comment(span) => self.push(*span, TokenKind::Comment),
            Item::Value(value) => self.value(value, None),
            Item::Command { word, values, .. } => {
                self.push(word.span, TokenKind::Keyword);
                values.iter().for_each(|value| self.value(value, None));
            }
            Item::Edge(edge) => self.push(
                Span {
                    start: edge.span.start,
                    end: (edge.span.start + 4).min(edge.from.span.start),
                },
                TokenKind::Keyword,
            ),
            Item::Cell(cell) => {
                if let Some(keyword) = &cell.keyword {
                    self.push(keyword.span, TokenKind::Keyword);
                }
                let code = self.chunk.slice(cell.code);
                let source =
                    CellSource::new(self.db, cell.language.clone(), Box::<str>::from(code));
                let by = cell.code.start;
                let tokens = cell_tokens(self.db, source).iter().map(|token| Token {
                    span: Span {
                        start: token.span.start + by,
                        end: token.span.end + by,
                    },
                    ..*token
                });
                self.found.extend(tokens);
            }
            Item::Text { .. } | Item::Broken(_) => {}
        }
    }

    fn block(&mut self, block: &Block) {
        self.push(block.keyword.span, TokenKind::Keyword);
        if let Some(modifier) = &block.modifier {
            self.push(modifier.span, TokenKind::Keyword);
        }
        for argument in &block.arguments {
            if !argument.key.text.is_empty() {
                self.push(argument.key.span, TokenKind::Property);
            }
            argument
                .value
                .iter()
                .for_each(|value| self.value(value, None));
        }
        let spec = schema().block(&block.keyword.text);
        for item in &block.items {
            match item {
                Item::Property(property) => self.property(
                    property,
                    spec.and_then(|spec| spec.property(&property.key.text))
                        .map(|known| known.value_type),
                ),
                other => self.item(other),
            }
        }
    }

    fn property(
        &mut self,
        property: &Property,
        wanted: Option<metascript_syntax::schema::ValueType>,
    ) {
        self.push(property.key.span, TokenKind::Property);
        property
            .value
            .iter()
            .for_each(|value| self.value(value, wanted));
    }

    fn value(&mut self, value: &Value, wanted: Option<metascript_syntax::schema::ValueType>) {
        match &value.kind {
            ValueKind::Text {
                word: Some(word), ..
            } if wanted == Some(metascript_syntax::schema::ValueType::ActionType) => {
                self.push(word.span, TokenKind::EnumMember);
            }
            ValueKind::Text { .. } => self.push(value.span, TokenKind::String),
            ValueKind::Number(_) => self.push(value.span, TokenKind::Number),
            ValueKind::Bool(_) | ValueKind::Null => self.push(value.span, TokenKind::Keyword),
            ValueKind::Array(values) | ValueKind::Many(values) => {
                values.iter().for_each(|value| self.value(value, None));
            }
            ValueKind::Object(items) => items.iter().for_each(|item| self.item(item)),
            ValueKind::Interpolation(_)
            | ValueKind::Dollar(_)
            | ValueKind::Bare(_)
            | ValueKind::Other => {}
        }
    }
}

/// Sorts tokens, lets inner ones cut outer ones, and cuts at line ends.
fn in_order(chunk: &Chunk, mut found: Vec<Token>) -> Vec<Token> {
    // Short tokens lie inside long ones; of two for one place the first found wins.
    found.retain(|token| {
        token.span.start < token.span.end && chunk.text.get(token.span.range()).is_some()
    });
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by_key(|&index| {
        found.get(index).map_or((0, 0, 0), |token| {
            (
                token.span.start,
                u32::MAX - token.span.end,
                usize::MAX - index,
            )
        })
    });
    let mut flat: Vec<Token> = Vec::with_capacity(found.len());
    let mut open: Vec<Token> = Vec::new();
    let mut at = 0u32;
    let emit = |flat: &mut Vec<Token>, token: &Token, from: u32, to: u32| {
        if from < to {
            lines(
                chunk,
                Token {
                    span: Span {
                        start: from,
                        end: to,
                    },
                    ..*token
                },
                flat,
            );
        }
    };
    for token in order.into_iter().filter_map(|index| found.get(index)) {
        while let Some(outer) = open
            .last()
            .copied()
            .filter(|outer| outer.span.end <= token.span.start)
        {
            emit(&mut flat, &outer, at.max(outer.span.start), outer.span.end);
            at = at.max(outer.span.end);
            open.pop();
        }
        if let Some(outer) = open.last().copied() {
            emit(
                &mut flat,
                &outer,
                at.max(outer.span.start),
                token.span.start,
            );
        }
        at = at.max(token.span.start);
        // What crosses the end of the token around it is cut there.
        let end = open
            .last()
            .map_or(token.span.end, |outer| token.span.end.min(outer.span.end));
        open.push(Token {
            span: Span {
                start: token.span.start,
                end,
            },
            ..*token
        });
    }
    while let Some(outer) = open.pop() {
        emit(&mut flat, &outer, at.max(outer.span.start), outer.span.end);
        at = at.max(outer.span.end);
    }
    flat
}

/// One token for each line that a token touches.
fn lines(chunk: &Chunk, token: Token, flat: &mut Vec<Token>) {
    let mut start = token.span.start;
    for line in chunk.slice(token.span).split_inclusive('\n') {
        let length = u32::try_from(line.len()).unwrap_or(0);
        let shown = u32::try_from(line.trim_end_matches(['\n', '\r']).len()).unwrap_or(0);
        if shown > 0 {
            flat.push(Token {
                span: Span {
                    start,
                    end: start + shown,
                },
                ..token
            });
        }
        start += length;
    }
}
