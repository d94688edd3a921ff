//! Saving what a session holds to a file, and bringing it back.
//!
//! The file holds values, never code or memory of a runtime: what can cross between languages. A seal under the user's key
//! stands over it, so that a file that was changed, or that somebody else made, is not taken for one's own.

use std::io::Read;
use std::path::{Path, PathBuf};

use hmac::Mac;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::json::{from_json, to_json};
use super::{Desk, Fault, params};
use crate::cache::{hex, seal, seal_mac, unhex, write_whole};
use crate::variables::LAST_RESULT;

/// What the file is.
const FORMAT: &str = "metascript-session";
/// Raised when the file's meaning changes.
const VERSION: u32 = 1;
/// Largest file that is read, in bytes.
const MOST: u64 = 256 << 20;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    version: u32,
    /// Names the key of the seal.
    key: String,
    /// HMAC-SHA-256 of the content's text.
    seal: String,
    /// JSON in a text, so that the seal is over exact bytes.
    content: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content {
    variables: Vec<Saved>,
    left_out: Vec<LeftOut>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    name: String,
    language: Option<String>,
    value: Json,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    name: String,
    language: Option<String>,
    #[serde(rename = "type")]
    type_name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    path: PathBuf,
}

fn place(desk: &Desk<'_>, json: Json) -> Result<PathBuf, Fault> {
    let wanted: Place = params(json)?;
    Ok(match desk.session.folder() {
        Some(folder) => folder.join(wanted.path),
        None => wanted.path,
    })
}

/// Writes the variables to a file, whole or not at all. What cannot be written is named with the reason.
pub(super) fn snapshot(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let path = place(desk, json)?;
    let mut content = Content {
        variables: Vec::new(),
        left_out: Vec::new(),
    };
    for variable in desk.session.variables()? {
        if variable.name == LAST_RESULT {
            continue;
        }
        let language = variable
            .language
            .map(|language| language.as_str().to_owned());
        match desk.session.variable(&variable.name) {
            Ok(Some(value)) => content.variables.push(Saved {
                name: variable.name,
                language,
                value: to_json(&value),
            }),
            Ok(None) => {}
            Err(error) => content.left_out.push(LeftOut {
                reason: match error {
                    crate::Error::Unshareable { reason, .. } => reason,
                    other => other.to_string(),
                },
                name: variable.name,
                language,
                type_name: variable.type_name,
            }),
        }
    }
    let key = desk.session.engine().key()?;
    let text = serde_json::to_string(&content).map_err(Fault::could_not)?;
    let made = seal(&key, &mut sealed(&text)).map_err(Fault::could_not)?;
    let file = File {
        format: FORMAT.to_owned(),
        version: VERSION,
        key: key_name(&key),
        seal: hex(&made),
        content: text,
    };
    let mut text = serde_json::to_string_pretty(&file).map_err(Fault::could_not)?;
    text.push('\n');
    write_whole(&path, text.as_bytes())?;
    let names: Vec<&str> = content
        .variables
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    Ok(json!({ "path": path, "saved": names, "leftOut": content.left_out }))
}

/// Sets the variables that a file holds, for every language. Nothing is set if the file is not as this user's Metascript
/// wrote it.
pub(super) fn restore(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let path = place(desk, json)?;
    let wrong =
        |what: &str| Fault::could_not(format!("{}: {what}; nothing was restored", path.display()));
    let text = read(&path).map_err(|error| wrong(&error))?;
    let file: File =
        serde_json::from_str(&text).map_err(|_| wrong("this is no snapshot of a session"))?;
    if file.format != FORMAT {
        return Err(wrong("this is no snapshot of a session"));
    }
    if file.version != VERSION {
        return Err(wrong(&format!(
            "the snapshot has format {}, this version of Metascript reads {VERSION}",
            file.version
        )));
    }
    let key = desk.session.engine().key()?;
    if file.key != key_name(&key) {
        return Err(wrong(
            "the snapshot was made by another user or on another machine",
        ));
    }
    let mac = seal_mac(&key, &mut sealed(&file.content)).map_err(Fault::could_not)?;
    let genuine = unhex(&file.seal).is_some_and(|seal| mac.verify_slice(&seal).is_ok());
    if !genuine {
        return Err(wrong("the snapshot was changed after it was written"));
    }
    let content: Content =
        serde_json::from_str(&file.content).map_err(|error| wrong(&error.to_string()))?;
    let mut values = Vec::with_capacity(content.variables.len());
    for one in &content.variables {
        let value =
            from_json(&one.value).map_err(|reason| wrong(&format!("'{}': {reason}", one.name)))?;
        values.push((one.name.clone(), value));
    }
    let mut names = Vec::with_capacity(values.len());
    for (name, value) in values {
        desk.session.set_variable(&name, value)?;
        names.push(name);
    }
    Ok(json!({ "path": path, "restored": names, "leftOut": content.left_out }))
}

fn read(path: &Path) -> Result<String, String> {
    let found = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !found.is_file() || found.len() > MOST {
        return Err("this is no snapshot of a session".to_owned());
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "this is no snapshot of a session".to_owned())
}

/// What the seal is over. The key seals compiled runtimes too: the head keeps one from being taken for the other.
fn sealed(content: &str) -> impl Read + '_ {
    FORMAT
        .as_bytes()
        .chain(&b"\0"[..])
        .chain(content.as_bytes())
}

/// A name for a key that tells nothing of it.
fn key_name(key: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"metascript snapshot key");
    hash.update(key);
    hex(&hash.finalize()).chars().take(16).collect()
}
