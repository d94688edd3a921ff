//! Values that a property takes: words of the language, names of the script, paths on disk.

use metascript_syntax::schema::{ValueType, schema};

use super::blocks::first_sentence;
use super::context::Context;
use super::items::item;
use super::{CompletionItem, CompletionKind, Docs};
use crate::features::hover::signature;
use crate::host::Ctx;
use crate::ir::Block;
use crate::names::Space;
use crate::scope::file_scope;
use crate::validate::{action_of, spec_of};

/// Allowed values of a property.
pub(super) fn values(
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
