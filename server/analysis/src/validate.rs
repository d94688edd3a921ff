//! The checks that need nothing but one chunk.

mod blocks;
mod control;
mod values;
pub(crate) mod wot;

pub(crate) use blocks::{action_of, known_property};
pub(crate) use control::previous_of;

use metascript_syntax::Dialect;
use metascript_syntax::schema::{BlockSpec, Family, schema};

use crate::db::Piece;
use crate::diagnostic::known;
use crate::finding::Finding;
use crate::ir::{Block, Chunk, Item, Span, Value, ValueKind, Word};

/// What is wrong inside one top-level item.
#[salsa::tracked(returns(ref))]
pub(crate) fn piece_findings<'db>(db: &'db dyn salsa::Database, piece: Piece<'db>) -> Vec<Finding> {
    let chunk = piece.chunk(db);
    let mut check = Check {
        chunk,
        findings: chunk.problems.clone(),
    };
    check.items(
        std::slice::from_ref(&chunk.item),
        None,
        control::State::of(chunk.context),
    );
    check.findings
}

struct Check<'a> {
    chunk: &'a Chunk,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn items(&mut self, items: &[Item], parent: Option<&Block>, mut state: control::State) {
        for item in items {
            if matches!(item, Item::Block(block) if block.is_outline()) {
                continue;
            }
            self.control(item, parent, &mut state);
            match item {
                Item::Block(block) => {
                    self.block(block, parent);
                    self.items(&block.items, Some(block), control::State::default());
                }
                Item::Property(property) => {
                    if let Some(value) = &property.value {
                        self.value(value, parent);
                    }
                }
                Item::Value(value) => self.value(value, parent),
                Item::Command { word, span, values } => {
                    self.old_edge(word, *span);
                    values.iter().for_each(|value| self.value(value, parent));
                }
                Item::Cell(_)
                | Item::Edge(_)
                | Item::Text { .. }
                | Item::Comment(_)
                | Item::Broken(_) => {}
            }
        }
    }

    /// `EDGE a -> b when ...`: an early draft of workflows, which nothing reads.
    fn old_edge(&mut self, word: &Word, span: Span) {
        let text = self.chunk.slice(span);
        let Some((ends, _)) = text.split_once(" when ") else {
            return;
        };
        let Some((from, to)) = ends
            .get(word.text.len()..)
            .and_then(|ends| ends.split_once("->"))
        else {
            return;
        };
        if word.text == "EDGE" {
            let edge = format!("edge \"{}\" -> \"{}\"", from.trim(), to.trim());
            let finding = Finding::new(
                known::WOT_LINE,
                span,
                "an edge has no condition; the node that it leads to may have a `condition`",
            );
            self.findings
                .push(finding.replace(format!("Change to `{edge}`"), span, edge));
        }
    }

    /// Looks for blocks inside values.
    fn value(&mut self, value: &Value, parent: Option<&Block>) {
        match &value.kind {
            ValueKind::Object(items) => self.items(items, parent, control::State::default()),
            ValueKind::Array(values) | ValueKind::Many(values) => {
                values.iter().for_each(|value| self.value(value, parent));
            }
            _ => {}
        }
    }

    /// The block's meaning, unless its dialect gives the keyword another one.
    fn spec(&self, block: &Block) -> Option<&'static BlockSpec> {
        spec_of(self.chunk.dialect, block)
    }
}

/// What the schema says of a block, unless its dialect gives the keyword another meaning: `node` is a step only in
/// workflows, and a lower-case word in a deep data file is just a key.
pub(crate) fn spec_of(dialect: Dialect, block: &Block) -> Option<&'static BlockSpec> {
    let spec = schema().block(&block.keyword.text)?;
    let same_case = block.keyword.text == spec.keyword
        || !block.keyword.text.chars().any(char::is_lowercase)
        || meta_like(&block.keyword.text);
    let fits = match spec.family {
        Family::Wot => dialect.as_str() == "wot",
        Family::Rule | Family::Unified | Family::Interface => block.keyword.text == spec.keyword,
        Family::Script => same_case,
    };
    fits.then_some(spec)
}

/// Lower-case keywords that mean the same as their upper-case twins.
fn meta_like(keyword: &str) -> bool {
    matches!(
        keyword,
        "meta"
            | "describe"
            | "config"
            | "variable"
            | "action"
            | "agent"
            | "task"
            | "function"
            | "if"
            | "else"
            | "for"
            | "foreach"
            | "while"
            | "try"
            | "catch"
    )
}
