//! The items for each place.

use std::ops::Range;

use metascript_syntax::schema::{
    BlockBody, BlockSpec, Family, NameRule, PropertySpec, ValueType, schema,
};
use rustc_hash::FxHashSet;

use super::context::{Context, Place};
use super::{CompletionItem, CompletionKind, Docs};
use crate::features::hover::signature;
use crate::host::Ctx;
use crate::ir::{Block, Item, Previous};
use crate::names::{Space, piece_names};
use crate::occurrences::{all_names, names_at};
use crate::scope::file_scope;
use crate::validate::{action_of, previous_of, spec_of};

pub(super) fn candidates(ctx: Ctx<'_>, context: &Context<'_>) -> Vec<CompletionItem> {
    match &context.place {
        Place::Item {
            block,
            first_on_line,
        } => {
            let mut items = Vec::new();
            if let Some(block) = block {
                items.extend(properties(context, block));
            }
            if *first_on_line || block.is_some() {
                items.extend(blocks(ctx, context, *block));
            }
            items
        }
        Place::Value { block, key, quoted } => values(ctx, context, *block, key, *quoted),
        Place::Expression { member_of: None } => names(ctx, context),
        Place::Expression {
            member_of: Some(path),
        } => members(ctx, context, path),
        Place::Cell { cell } => cell_names(ctx, context, cell.code),
        Place::Nothing => Vec::new(),
    }
}

fn item(context: &Context<'_>, label: &str, kind: CompletionKind, text: String) -> CompletionItem {
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

/// Block keywords that fit here, the likely ones first.
fn blocks(ctx: Ctx<'_>, context: &Context<'_>, parent: Option<&Block>) -> Vec<CompletionItem> {
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
    match parent {
        Some(parent) => {
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
        }
        None => {
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

fn first_sentence(docs: &str) -> String {
    docs.split_inclusive(['.', ':'])
        .next()
        .unwrap_or(docs)
        .trim_end_matches(['.', ':'])
        .to_owned()
}

/// Properties not yet given, required ones first.
fn properties(context: &Context<'_>, block: &Block) -> Vec<CompletionItem> {
    let Some(spec) = spec_of(context.dialect, block) else {
        return Vec::new();
    };
    let action = action_of(spec, block);
    let required: Vec<&Vec<String>> = action
        .into_iter()
        .flat_map(|action| &action.required)
        .chain(&spec.required)
        .collect();
    let here = |property: &crate::ir::Property| {
        property
            .key
            .span
            .touches(u32::try_from(context.offset).unwrap_or(u32::MAX))
    };
    let given: FxHashSet<&str> = block
        .properties()
        .filter(|property| !here(property))
        .map(|property| property.key.text.as_str())
        .collect();
    let style = if uses_equals(block, spec) {
        " = "
    } else {
        ": "
    };
    let mut known: Vec<&PropertySpec> = action
        .into_iter()
        .flat_map(|action| &action.properties)
        .chain(&spec.properties)
        .collect();
    let mut seen = FxHashSet::default();
    known.retain(|property| seen.insert(property.name.as_str()));
    let wanted = |property: &PropertySpec| {
        required
            .iter()
            .any(|group| group.first().is_some_and(|first| property.is_called(first)))
    };
    known.retain(|property| {
        spec.repeats(&property.name) || !given.iter().any(|name| property.is_called(name))
    });
    known.sort_by_key(|property| !wanted(property));
    known
        .into_iter()
        .map(|property| {
            let value = property
                .snippet
                .clone()
                .unwrap_or_else(|| default_snippet(property));
            let mut item = item(
                context,
                &property.name,
                CompletionKind::Property,
                format!("{}{style}{value}", property.name),
            );
            item.snippet = true;
            item.detail = Some(if wanted(property) {
                "required".to_owned()
            } else {
                kind_of(property).to_owned()
            });
            item.documentation = Some(Docs::Text(property.docs.clone()));
            item
        })
        .collect()
}

fn uses_equals(block: &Block, spec: &BlockSpec) -> bool {
    // The key and the value of `k = v` are further apart than those of `k: v`; the family decides where there is none.
    let gap = block.properties().find_map(|property| {
        property
            .value
            .as_ref()
            .map(|value| value.span.start.saturating_sub(property.key.span.end))
    });
    spec.family == Family::Wot || gap.is_some_and(|gap| gap >= 3)
}

fn default_snippet(property: &PropertySpec) -> String {
    match property.value_type {
        _ if !property.values.is_empty() && property.values.len() <= 12 => {
            format!("\"${{1|{}|}}\"", property.values.join(","))
        }
        ValueType::Number | ValueType::Integer => "${1:0}".to_owned(),
        ValueType::Boolean => "${1|true,false|}".to_owned(),
        ValueType::Array => "[$1]".to_owned(),
        ValueType::Object => "{ $1 }".to_owned(),
        ValueType::Any => "$1".to_owned(),
        _ => "\"$1\"".to_owned(),
    }
}

fn kind_of(property: &PropertySpec) -> &'static str {
    match property.value_type {
        ValueType::Number => "number",
        ValueType::Integer => "whole number",
        ValueType::Boolean => "true or false",
        ValueType::Array => "list",
        ValueType::Object => "object",
        ValueType::Path => "path",
        ValueType::Url => "address",
        ValueType::Identifier | ValueType::Variable => "variable",
        ValueType::Function => "function",
        ValueType::Agent => "agent",
        ValueType::Task => "task",
        ValueType::Language => "language",
        ValueType::ActionType => "action type",
        ValueType::Expression => "condition",
        ValueType::Any => "any value",
        ValueType::String | ValueType::Version => "text",
    }
}

/// Allowed values of a property.
fn values(
    ctx: Ctx<'_>,
    context: &Context<'_>,
    block: Option<&Block>,
    key: &str,
    quoted: bool,
) -> Vec<CompletionItem> {
    let spec = block.and_then(|block| spec_of(context.dialect, block));
    let action = block
        .zip(spec)
        .and_then(|(block, spec)| action_of(spec, block));
    let known = spec.and_then(|spec| crate::validate::known_property(spec, action, key));
    let plain = |text: &str| {
        if quoted {
            text.to_owned()
        } else {
            format!("\"{text}\"")
        }
    };
    let mut items: Vec<CompletionItem> = Vec::new();
    let value_type = match (known.map(|known| known.value_type), key) {
        (Some(ValueType::Identifier), "function") => ValueType::Function,
        (Some(value_type), _) => value_type,
        (None, _) => ValueType::Any,
    };
    match value_type {
        ValueType::ActionType => items.extend(schema().actions().iter().map(|action| {
            let mut item = item(
                context,
                &action.name,
                CompletionKind::Value,
                plain(&action.name),
            );
            item.detail = Some(first_sentence(&action.docs));
            item.documentation = Some(Docs::Action(action.name.clone()));
            item
        })),
        ValueType::Boolean => items.extend(
            ["true", "false"]
                .map(|word| item(context, word, CompletionKind::Value, word.to_owned())),
        ),
        ValueType::Language => {
            let mut languages: Vec<&str> = schema()
                .blocks()
                .iter()
                .filter_map(|spec| spec.language.as_deref())
                .collect();
            languages.dedup();
            items.extend(languages.into_iter().map(|language| {
                item(context, language, CompletionKind::Language, plain(language))
            }));
        }
        ValueType::Function => items.extend(space(
            ctx,
            context,
            Space::Functions,
            CompletionKind::Function,
            &plain,
        )),
        ValueType::Agent => items.extend(space(
            ctx,
            context,
            Space::Agents,
            CompletionKind::Reference,
            &plain,
        )),
        ValueType::Task => items.extend(space(
            ctx,
            context,
            Space::Tasks,
            CompletionKind::Reference,
            &plain,
        )),
        ValueType::Variable => items.extend(space(
            ctx,
            context,
            Space::Values,
            CompletionKind::Variable,
            &plain,
        )),
        ValueType::Path => items.extend(paths(ctx, context, quoted)),
        _ => {}
    }
    items.extend(
        known
            .into_iter()
            .flat_map(|known| &known.values)
            .map(|value| item(context, value, CompletionKind::Value, plain(value))),
    );
    items
}

fn space(
    ctx: Ctx<'_>,
    context: &Context<'_>,
    space: Space,
    kind: CompletionKind,
    plain: &dyn Fn(&str) -> String,
) -> Vec<CompletionItem> {
    let scope = file_scope(ctx.db, ctx.file);
    let mut names: Vec<&str> = scope
        .defines
        .iter()
        .filter(|(of, _)| *of == space)
        .map(|(_, name)| name.as_str())
        .collect();
    names.sort_unstable();
    names
        .into_iter()
        .map(|name| {
            let mut item = item(context, name, kind, plain(name));
            if space == Space::Functions {
                item.detail = Some(signature(ctx, name));
            }
            item
        })
        .collect()
}

/// Files and folders below the script's folder.
fn paths(ctx: Ctx<'_>, context: &Context<'_>, quoted: bool) -> Vec<CompletionItem> {
    if !quoted {
        return Vec::new();
    }
    let document = ctx.document();
    let line = document.rope().byte_to_line(context.offset);
    let before = document
        .slice(document.rope().line_to_byte(line)..context.offset)
        .into_owned();
    let Some(typed) = before.rsplit(['"', '\'']).next() else {
        return Vec::new();
    };
    let (folder, _) = typed.rsplit_once('/').unwrap_or(("", typed));
    let script = ctx.file.path(ctx.db);
    let Some(root) = script.parent().map(|parent| parent.join(folder)) else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir(root) else {
        return Vec::new();
    };
    let mut found: Vec<(bool, String)> = entries
        .flatten()
        .take(1000)
        .filter_map(|entry| {
            Some((
                entry.file_type().ok()?.is_dir(),
                entry.file_name().into_string().ok()?,
            ))
        })
        .filter(|(_, name)| !name.starts_with('.'))
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let last = typed.rsplit('/').next().map_or(0, str::len);
    let replace = context.offset.saturating_sub(last)..context.replace.end;
    found
        .into_iter()
        .map(|(is_folder, name)| {
            let text = if is_folder { format!("{name}/") } else { name };
            CompletionItem {
                replace: replace.clone(),
                ..item(context, &text, CompletionKind::File, text.clone())
            }
        })
        .collect()
}

/// Names that an expression can read here: those nearest above the cursor first.
fn names(ctx: Ctx<'_>, context: &Context<'_>) -> Vec<CompletionItem> {
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
fn members(ctx: Ctx<'_>, context: &Context<'_>, path: &str) -> Vec<CompletionItem> {
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

/// Names from the script and from earlier cells, for the code of a cell.
fn cell_names(ctx: Ctx<'_>, context: &Context<'_>, code: crate::ir::Span) -> Vec<CompletionItem> {
    // Behind a dot stand members of a value, which only a running session knows.
    let before = context.replace.start.checked_sub(1);
    if before.and_then(|at| ctx.document().rope().get_byte(at)) == Some(b'.') {
        return Vec::new();
    }
    let mut items = names(ctx, context);
    items.retain(|item| item.kind == CompletionKind::Variable);
    // The cell's own locals, as far as its tree knows them.
    if let Some((_, piece, _)) = names_at(ctx, context.offset) {
        let names = piece_names(ctx.db, piece);
        let mut locals: Vec<&str> = names
            .cell_locals
            .iter()
            .filter(|(span, _)| *span == code)
            .flat_map(|(_, locals)| locals.iter().map(smol_str::SmolStr::as_str))
            .collect();
        locals.sort_unstable();
        let known: FxHashSet<String> = items.iter().map(|item| item.label.clone()).collect();
        items.extend(
            locals
                .into_iter()
                .filter(|name| !known.contains(*name))
                .map(|name| item(context, name, CompletionKind::Variable, name.to_owned())),
        );
    }
    items
}
