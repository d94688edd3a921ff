//! Generate what is called but nowhere defined: a function, an agent.

use super::place::{Place, replace};
use super::{ActionKind, CodeAction};
use crate::diagnostic::known;
use crate::features::navigate::related;
use crate::names::{Arguments, Space};
use crate::occurrences::{hit, names_at, occurrences};

pub(super) fn generate(place: &Place<'_>) -> Option<CodeAction> {
    let ctx = place.ctx;
    let hit = hit(ctx, place.selection.start)?;
    let noun = match hit.space {
        Space::Functions => "function",
        Space::Agents => "agent",
        _ => return None,
    };
    let defined = related(ctx, &hit).any(|other| {
        let places = occurrences(other, &hit);
        places.iter().any(crate::occurrences::Occurrence::defines)
    });
    if defined || !place.is_brace() || !crate::expression::is_name(&hit.name) {
        return None;
    }
    let name = &hit.name;
    let (text, code) = match hit.space {
        Space::Functions => {
            let parameters = parameters(place)?;
            let list = parameters
                .iter()
                .map(|name| format!("\"{name}\""))
                .collect::<Vec<_>>()
                .join(", ");
            let body = format!(
                "FUNCTION {name} {{\n    parameters: [{list}]\n    description: \"\"\n    RETURN {{ value: \"\" }}\n}}"
            );
            (body, Some(known::UNKNOWN_FUNCTION))
        }
        _ => (
            format!("AGENT {name} {{\n    description: \"\"\n    capabilities: []\n}}"),
            None,
        ),
    };
    let (at, text) = match hit.space {
        // An agent is read before it is used; a function may stand below.
        Space::Agents => (place.placed.start, format!("{text}\n\n")),
        _ => (place.placed.range().end, format!("\n\n{text}")),
    };
    Some(CodeAction {
        title: format!("Generate the {noun} `{name}`"),
        kind: ActionKind::QuickFix,
        edits: vec![replace(at..at, text)],
        preferred: false,
        code,
    })
}

/// Names for the parameters, from what the call gives; `None` when the cursor is on no call.
fn parameters(place: &Place<'_>) -> Option<Vec<String>> {
    let (base, _, names) = names_at(place.ctx, place.selection.start)?;
    let at = u32::try_from(place.selection.start - base).ok()?;
    let call = names.calls.iter().find(|call| call.span.touches(at))?;
    Some(match &call.arguments {
        Arguments::Unknown => Vec::new(),
        Arguments::Named(given) => given.iter().map(|(name, _)| name.to_string()).collect(),
        Arguments::Positional(values) => {
            let mut found: Vec<String> = Vec::new();
            for (number, value) in values.iter().enumerate() {
                // A variable that is given lends its name.
                let lent = names
                    .uses
                    .iter()
                    .find(|used| value.contains(used.span))
                    .map(|used| used.name.to_string())
                    .filter(|name| !found.contains(name));
                found.push(lent.unwrap_or_else(|| format!("argument_{}", number + 1)));
            }
            found
        }
    })
}
