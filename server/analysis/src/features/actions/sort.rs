//! Sort properties: into the order of the language reference.

use rustc_hash::FxHashSet;

use super::place::{Place, action, replace};
use super::{ActionKind, CodeAction};
use crate::ir::{Item, Property};
use crate::validate::{action_of, spec_of};

pub(super) fn sort_properties(place: &Place<'_>) -> Option<CodeAction> {
    let block = place.header()?;
    let spec = spec_of(place.placed.chunk.dialect, block)?;
    let action_spec = action_of(spec, block);
    // A comment belongs to the property beside it: which one, nobody can tell.
    let comments = block
        .items
        .iter()
        .any(|item| matches!(item, Item::Comment(_)));
    let properties: Vec<&Property> = block.properties().collect();
    let mut seen = FxHashSet::default();
    let twice = properties
        .iter()
        .any(|property| !seen.insert(property.key.text.clone()));
    if comments || twice || properties.len() < 2 {
        return None;
    }
    // What only some actions have comes behind the type that says which.
    let known = spec.properties.iter().chain(
        action_spec
            .into_iter()
            .flat_map(|action| &action.properties),
    );
    let order: Vec<_> = known.collect();
    let rank = |property: &Property| {
        let position = order
            .iter()
            .position(|known| known.is_called(&property.key.text));
        position.unwrap_or(order.len())
    };
    let mut sorted = properties.clone();
    sorted.sort_by_key(|property| rank(property));
    let edits: Vec<_> = properties
        .iter()
        .zip(&sorted)
        .filter(|(old, new)| old.span != new.span)
        .map(|(old, new)| replace(place.range(old.span), place.slice(new.span)))
        .collect();
    (!edits.is_empty()).then(|| action("Sort the properties", ActionKind::Rewrite, edits))
}
