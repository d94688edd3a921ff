//! Variables.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::json::{from_json, to_json};
use super::{Desk, Fault, language, params};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    language: Option<String>,
}

/// The variables, or those that one language holds.
pub(super) fn list(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: List = params(json)?;
    let only = wanted.language.as_deref().map(language).transpose()?;
    let variables: Vec<Json> = desk
        .session
        .variables()?
        .into_iter()
        .filter(|variable| {
            only.is_none_or(|only| variable.language.is_none_or(|holder| holder == only.home()))
        })
        .map(|variable| {
            json!({
                "name": variable.name,
                "language": variable.language.map(super::super::language::Language::as_str),
                "type": variable.type_name,
                "preview": variable.preview,
                "size": variable.size,
            })
        })
        .collect();
    Ok(json!({ "variables": variables }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    name: String,
    value: Json,
    language: Option<String>,
}

/// Sets a variable for every language; with a language, that one takes it at once or says why it cannot.
pub(super) fn set(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Set = params(json)?;
    let spoken = wanted.language.as_deref().map(language).transpose()?;
    let value = from_json(&wanted.value)
        .map_err(|reason| Fault::params(format!("'{}': {reason}", wanted.name)))?;
    let kind = value.type_name();
    desk.session
        .set_variable(&wanted.name, value)
        .map_err(|error| Fault::params(error.to_string()))?;
    if let Some(spoken) = spoken {
        desk.session.hand_over(&wanted.name, spoken)?;
    }
    Ok(json!({ "name": wanted.name, "type": kind }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Get {
    name: String,
    /// The variable must be one that this language can read.
    language: Option<String>,
}

/// The value of a variable, whichever language holds it.
pub(super) fn get(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Get = params(json)?;
    if let Some(name) = &wanted.language {
        language(name)?;
    }
    let value = desk.session.variable(&wanted.name)?.ok_or_else(|| {
        Fault::could_not(format!("no variable '{}' in this session", wanted.name))
    })?;
    Ok(json!({ "name": wanted.name, "type": value.type_name(), "value": to_json(&value) }))
}
