//! The runtimes: whether one is there, which version it is, starting over.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Desk, Fault, language, params};
use crate::Language;

/// Version of these operations: raised when one changes so that a client must know.
const PROTOCOL: u32 = 1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    language: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    language: String,
}

/// The version of Metascript, and of one runtime if one is named.
pub(super) fn version(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Which = params(json)?;
    let available: Vec<&str> = desk
        .session
        .engine()
        .available()
        .into_iter()
        .map(Language::as_str)
        .collect();
    let runtime = match &wanted.language {
        None => Json::Null,
        Some(name) => {
            let spoken = language(name)?;
            let about = desk.session.about(spoken)?;
            json!({
                "language": spoken.as_str(), "version": about.version, "implementation": about.implementation,
                "modules": about.modules,
            })
        }
    };
    Ok(json!({
        "metascript": env!("CARGO_PKG_VERSION"), "protocol": PROTOCOL, "languages": available, "runtime": runtime,
    }))
}

/// Whether a language's runtime is there. It is not started.
pub(super) fn has(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: One = params(json)?;
    let found = match Language::from_name(&wanted.language) {
        None => Err(format!(
            "there is no runtime for '{}' in this version of Metascript",
            wanted.language
        )),
        Some(language) => desk
            .session
            .engine()
            .find_runtime(language)
            .map_err(|error| error.to_string()),
    };
    Ok(match found {
        Ok(path) => json!({ "available": true, "path": path, "reason": null }),
        Err(reason) => json!({ "available": false, "path": null, "reason": reason }),
    })
}

/// Forgets what the cells of one language made, or all.
pub(super) fn reset(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Which = params(json)?;
    let gone = match wanted.language.as_deref().map(language).transpose()? {
        Some(one) => desk.session.reset(one),
        None => all(desk)?,
    };
    Ok(json!({ "gone": gone }))
}

/// Forgets everything.
pub(super) fn restart(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let Nothing {} = params(json)?;
    Ok(json!({ "gone": all(desk)? }))
}

fn all(desk: &mut Desk<'_>) -> Result<Vec<String>, Fault> {
    let names = desk
        .session
        .variables()?
        .into_iter()
        .map(|variable| variable.name);
    let gone = names
        .filter(|name| name != crate::variables::LAST_RESULT)
        .collect();
    desk.session.restart();
    Ok(gone)
}
