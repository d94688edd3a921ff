//! The items for each place.

use super::context::{Context, Place};
use super::{CompletionItem, CompletionKind, blocks, cell, names, properties, values};
use crate::host::Ctx;

pub(super) fn candidates(ctx: Ctx<'_>, context: &Context<'_>) -> Vec<CompletionItem> {
    match &context.place {
        Place::Item {
            block,
            first_on_line,
        } => {
            let mut items = Vec::new();
            if let Some(block) = block {
                items.extend(properties::properties(context, block));
            }
            if *first_on_line || block.is_some() {
                items.extend(blocks::blocks(ctx, context, *block));
            }
            items
        }
        Place::Value { block, key, quoted } => values::values(ctx, context, *block, key, *quoted),
        Place::Expression { member_of: None } => names::names(ctx, context),
        Place::Expression {
            member_of: Some(path),
        } => names::members(ctx, context, path),
        Place::Cell { cell } => cell::names(ctx, context, cell),
        Place::Nothing => Vec::new(),
    }
}

/// An item that inserts a text as it is.
pub(super) fn item(
    context: &Context<'_>,
    label: &str,
    kind: CompletionKind,
    text: String,
) -> CompletionItem {
    CompletionItem {
        label: label.to_owned(),
        kind,
        detail: None,
        documentation: None,
        deprecated: false,
        replace: context.replace.clone(),
        snippet: false,
        sort: String::new(),
        filter: label.to_owned(),
        text,
    }
}
