//! Block keywords, each with a whole block to insert.

use metascript_syntax::schema::{BlockBody, BlockSpec, Family, NameRule, schema};

use super::context::Context;
use super::items::item;
use super::{CompletionItem, CompletionKind, Docs};
use crate::host::Ctx;
use crate::ir::{Block, Item, Previous};
use crate::validate::{previous_of, spec_of};

/// Block keywords that fit here, the likely ones first.
pub(super) fn blocks(
    ctx: Ctx<'_>,
    context: &Context<'_>,
    parent: Option<&Block>,
) -> Vec<CompletionItem> {
    let parent_spec = parent.and_then(|parent| spec_of(context.dialect, parent));
    if parent_spec.is_some_and(|spec| {
        matches!(
            spec.body,
            BlockBody::Properties | BlockBody::Code | BlockBody::Prose
        )
    }) {
        return Vec::new();
    }
    let wot = context.dialect.as_str() == "wot";
    let place = parent_spec.map_or("file", |spec| spec.keyword.as_str());
    let previous = previous(ctx, parent, context);
    let deprecated = |spec: &BlockSpec| {
        schema()
            .deprecations()
            .iter()
            .any(|old| old.property.is_none() && old.block == spec.keyword)
    };
    let fits = |spec: &&BlockSpec| {
        let family = if wot {
            spec.family == Family::Wot || spec.keyword == "META"
        } else {
            matches!(spec.family, Family::Script | Family::Interface)
                || (spec.family != Family::Wot && parent.is_none())
        };
        let here = spec.inside.is_empty()
            || spec.inside.iter().any(|inside| inside == place)
            || (parent.is_some() && parent_spec.is_none());
        let sequel = match spec.keyword.as_str() {
            "ELSE" => previous == Previous::If || place == "IF",
            "CATCH" | "FINALLY" => previous == Previous::Try || place == "TRY",
            _ => true,
        };
        family && here && sequel
    };
    let mut fitting: Vec<&BlockSpec> = schema().blocks().iter().filter(fits).collect();
    // What was made for this parent comes first, then the order of the tables.
    fitting.sort_by_key(|spec| {
        let sequel =
            matches!(spec.keyword.as_str(), "ELSE" | "CATCH") && previous != Previous::Other;
        let made_for = spec
            .inside
            .iter()
            .any(|inside| inside == place && place != "file");
        (!sequel, !made_for, deprecated(spec))
    });
    fitting
        .into_iter()
        .map(|spec| {
            let mut item = item(
                context,
                &spec.keyword,
                CompletionKind::Block,
                block_snippet(spec, wot),
            );
            item.snippet = true;
            item.detail = Some(first_sentence(&spec.docs));
            item.documentation = Some(Docs::Block(spec.keyword.clone()));
            item.deprecated = deprecated(spec);
            item
        })
        .collect()
}

/// The sibling before the cursor.
fn previous(ctx: Ctx<'_>, parent: Option<&Block>, context: &Context<'_>) -> Previous {
    let fold = |before: Previous, item: &Item| previous_of(item, before).unwrap_or(before);
    if let Some(parent) = parent {
        let start = ctx
            .layout()
            .chunk_at(context.offset)
            .map_or(0, |placed| placed.start);
        let at = u32::try_from(context.replace.start.saturating_sub(start)).unwrap_or(u32::MAX);
        parent
            .items
            .iter()
            .take_while(|item| item.span().end < at)
            .fold(Previous::Other, fold)
    } else {
        let chunks = &ctx.layout().chunks;
        let after = chunks.partition_point(|placed| {
            placed.range().end < context.replace.start
                || (placed.range().end <= context.replace.start
                    && placed.start < context.replace.start)
        });
        chunks
            .get(..after)
            .unwrap_or_default()
            .iter()
            .map(|placed| &placed.chunk.item)
            .fold(Previous::Other, fold)
    }
}

/// A whole block: header, required properties, braces.
fn block_snippet(spec: &BlockSpec, wot: bool) -> String {
    if let Some(shape) = &spec.shape {
        return shape.clone();
    }
    let mut stop = 0;
    let mut next = || {
        stop += 1;
        stop
    };
    let keyword = if spec.keyword == "META" && wot {
        "meta"
    } else {
        spec.keyword.as_str()
    };
    let name = match spec.name {
        NameRule::Required => format!(" ${{{}:name}}", next()),
        _ => String::new(),
    };
    let sign = if spec.family == Family::Wot || wot {
        " = "
    } else {
        ": "
    };
    let mut lines = Vec::new();
    for wanted in spec.required.iter().filter_map(|group| group.first()) {
        let value = spec
            .property(wanted)
            .and_then(|property| property.snippet.as_deref())
            .unwrap_or("\"$1\"");
        lines.push(format!("    {wanted}{sign}{}", renumber(value, &mut next)));
    }
    if lines.is_empty() {
        lines.push("    $0".to_owned());
    }
    format!("{keyword}{name} {{\n{}\n}}", lines.join("\n"))
}

/// Gives the stops of a snippet new numbers.
fn renumber(snippet: &str, next: &mut impl FnMut() -> usize) -> String {
    let mut text = String::new();
    let mut chars = snippet.chars().peekable();
    while let Some(c) = chars.next() {
        text.push(c);
        if c == '\\' {
            text.extend(chars.next());
        } else if c == '$' {
            if chars.next_if_eq(&'{').is_some() {
                text.push('{');
            }
            if chars.peek().is_some_and(char::is_ascii_digit) {
                while chars.next_if(char::is_ascii_digit).is_some() {}
                text.push_str(&next().to_string());
            }
        }
    }
    text
}

pub(super) fn first_sentence(docs: &str) -> String {
    docs.split_inclusive(['.', ':'])
        .next()
        .unwrap_or(docs)
        .trim_end_matches(['.', ':'])
        .to_owned()
}
