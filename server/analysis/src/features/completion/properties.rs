//! Properties that a block or an action takes and does not have yet.

use metascript_syntax::schema::{BlockSpec, Family, PropertySpec, ValueType};
use rustc_hash::FxHashSet;

use super::context::Context;
use super::items::item;
use super::{CompletionItem, CompletionKind, Docs};
use crate::ir::Block;
use crate::validate::{action_of, spec_of};

/// Properties not yet given, required ones first.
pub(super) fn properties(context: &Context<'_>, block: &Block) -> Vec<CompletionItem> {
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
