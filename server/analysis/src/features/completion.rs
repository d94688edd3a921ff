//! Completion that knows where it is: keywords that fit, properties not yet given, allowed values, names.

mod blocks;
mod cell;
mod context;
mod items;
mod names;
mod properties;
mod values;

use std::ops::Range;

use metascript_syntax::schema::schema;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use serde::{Deserialize, Serialize};

use super::{hover, symbols};
use crate::host::Analysis;
use crate::{Cancellable, FileId};

/// What can be inserted, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompletionList {
    /// At most [`CompletionList::LIMIT`].
    pub items: Vec<CompletionItem>,
    /// There are more; typing on narrows them down.
    pub incomplete: bool,
}

impl CompletionList {
    /// How many items go over the wire.
    pub const LIMIT: usize = 100;
}

/// Something that can be inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionItem {
    /// What people see.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A few words beside the label.
    pub detail: Option<String>,
    /// What [`Analysis::documentation`] tells about it.
    pub documentation: Option<Docs>,
    /// There is a newer spelling.
    pub deprecated: bool,
    /// What the text replaces, in bytes.
    pub replace: Range<usize>,
    /// What is inserted.
    pub text: String,
    /// The text is a snippet in the syntax of the Language Server Protocol.
    pub snippet: bool,
    /// Sorts the items in the order in which they came.
    pub sort: String,
    /// What the typed text is compared with.
    pub filter: String,
}

/// Where the documentation of an item is. Most items of a list are never looked at, so it is written when one is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Docs {
    /// The page of a block, by keyword.
    Block(String),
    /// The page of an action type.
    Action(String),
    /// The text itself, in Markdown.
    Text(String),
    /// The value of a variable, in bytes of the text that the list is for.
    Value(Range<usize>),
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompletionKind {
    /// A block keyword.
    Block,
    /// A property.
    Property,
    /// An allowed value.
    Value,
    /// A variable.
    Variable,
    /// A function.
    Function,
    /// An agent, task or node.
    Reference,
    /// A file or folder.
    File,
    /// A language of a cell.
    Language,
    /// A name that holds other names.
    Module,
}

impl Analysis {
    /// What can stand at an offset.
    pub fn completions(&self, file: FileId, offset: usize) -> Cancellable<CompletionList> {
        self.about(file, |ctx| {
            let context = context::at(ctx, offset);
            let candidates = items::candidates(ctx, &context);
            rank(candidates, &context.typed)
        })
    }
}

impl Analysis {
    /// The documentation of an item, in Markdown.
    pub fn documentation(&self, file: FileId, docs: &Docs) -> Cancellable<Option<String>> {
        self.about(file, |ctx| match docs {
            Docs::Block(keyword) => schema().block(keyword).map(hover::block_markdown),
            Docs::Action(name) => schema().action(name).map(hover::action_markdown),
            Docs::Text(text) => Some(text.clone()),
            Docs::Value(range) => {
                let end = range.end.min(ctx.document().rope().len_bytes());
                let text = ctx.document().slice(range.start.min(end)..end);
                Some(format!("```metascript\n{}\n```", symbols::one_line(&text)))
            }
        })
    }
}

/// Keeps what matches the typed text, best matches first; equal matches keep their order.
fn rank(mut items: Vec<CompletionItem>, typed: &str) -> CompletionList {
    if !typed.is_empty() {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::new(
            typed,
            CaseMatching::Ignore,
            Normalization::Smart,
            AtomKind::Fuzzy,
        );
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, CompletionItem)> = items
            .into_iter()
            .filter_map(|item| {
                pattern
                    .score(Utf32Str::new(&item.filter, &mut buffer), &mut matcher)
                    .map(|score| (score, item))
            })
            .collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        items = scored.into_iter().map(|(_, item)| item).collect();
    }
    let incomplete = items.len() > CompletionList::LIMIT;
    items.truncate(CompletionList::LIMIT);
    for (index, item) in items.iter_mut().enumerate() {
        item.sort = format!("{index:04}");
    }
    CompletionList { items, incomplete }
}
