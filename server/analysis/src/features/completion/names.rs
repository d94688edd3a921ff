//! Names that an expression can read, and the members of objects that the script writes down.

use std::ops::Range;

use metascript_syntax::schema::schema;
use rustc_hash::FxHashSet;

use super::context::Context;
use super::items::item;
use super::{CompletionItem, CompletionKind, Docs};
use crate::host::Ctx;
use crate::ir::Item;
use crate::names::Space;
use crate::occurrences::all_names;

/// Names that an expression can read here: those nearest above the cursor first.
pub(super) fn names(ctx: Ctx<'_>, context: &Context<'_>) -> Vec<CompletionItem> {
    let mut found: Vec<(bool, usize, CompletionItem)> = Vec::new();
    let mut seen: FxHashSet<String> = FxHashSet::default();
    for (base, _, names) in all_names(ctx) {
        for def in &names.defs {
            let range: Range<usize> = def.span.at(base);
            let visible = def
                .local
                .is_none_or(|area| area.at(base).contains(&context.offset));
            if def.kind.space() != Space::Values
                || !visible
                || range.contains(&context.offset)
                || !crate::expression::is_name(&def.name)
            {
                continue;
            }
            let distance = context.offset.abs_diff(range.start);
            let mut entry = item(
                context,
                &def.name,
                CompletionKind::Variable,
                def.name.to_string(),
            );
            entry.detail = Some(match &def.language {
                Some(language) => format!("{} ({})", def.kind.describe(), language.as_str()),
                None => def.kind.describe().to_owned(),
            });
            entry.documentation = def.value.map(|value| Docs::Value(value.at(base)));
            found.push((range.start > context.offset, distance, entry));
        }
    }
    found.sort_by_key(|(after, distance, _)| (*after, *distance));
    found.retain(|(_, _, item)| seen.insert(item.label.clone()));
    let mut items: Vec<CompletionItem> = found.into_iter().map(|(_, _, item)| item).collect();
    for name in schema().bound_names().iter().map(String::as_str).chain([
        "JSON", "Math", "Date", "Object", "Array", "String", "Number",
    ]) {
        if seen.insert(name.to_owned()) {
            items.push(CompletionItem {
                detail: Some("built in".to_owned()),
                ..item(context, name, CompletionKind::Value, name.to_owned())
            });
        }
    }
    items
}

/// Members of an object that the script writes down.
pub(super) fn members(ctx: Ctx<'_>, context: &Context<'_>, path: &str) -> Vec<CompletionItem> {
    let mut steps = path.split('.');
    let root = steps.next().unwrap_or_default();
    let rest: Vec<&str> = steps.collect();
    let mut items: Vec<CompletionItem> = Vec::new();
    let mut seen = FxHashSet::default();
    for placed in &ctx.layout().chunks {
        let Item::Block(block) = &placed.chunk.item else {
            continue;
        };
        let keys = if root == "CONFIG" && block.is("CONFIG") {
            Some(&block.items)
        } else if block.is("VARIABLE") && block.name.as_ref().is_some_and(|name| name.text == root)
        {
            object(&block.items, "value")
        } else {
            None
        };
        let keys = rest
            .iter()
            .try_fold(keys, |items, step| items.map(|items| object(items, step)))
            .flatten();
        for property in keys.into_iter().flatten().filter_map(|item| {
            if let Item::Property(property) = item {
                Some(property)
            } else {
                None
            }
        }) {
            if seen.insert(property.key.text.clone()) {
                let mut entry = item(
                    context,
                    &property.key.text,
                    CompletionKind::Property,
                    property.key.text.to_string(),
                );
                entry.detail = property.value.as_ref().map(|value| {
                    crate::features::symbols::one_line(placed.chunk.slice(value.span))
                });
                items.push(entry);
            }
        }
    }
    items
}

fn object<'a>(items: &'a [Item], key: &str) -> Option<&'a Vec<Item>> {
    items.iter().find_map(|item| match item {
        Item::Property(property) if property.key.text == key => {
            match property.value.as_ref().map(|value| &value.kind) {
                Some(crate::ir::ValueKind::Object(items)) => Some(items),
                _ => None,
            }
        }
        _ => None,
    })
}
