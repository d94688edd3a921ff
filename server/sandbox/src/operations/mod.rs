//! What a program may ask of a session: fifteen operations for every runtime, and a few that steer the session itself.
//!
//! Each is a function on a [`Desk`] with parameters and an answer in JSON, found by its method's name in [`METHODS`];
//! `metascript session` serves them on standard input and output, the language server as LSP requests. No type of either
//! protocol appears here. `docs/sessions.md` describes them.

mod configure;
mod execute;
mod json;
mod modules;
mod packages;
mod runtimes;
mod snapshot;
mod variables;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

pub use json::{event, from_json, to_json};

use crate::event::Event;
use crate::{Error, Language, Policy, Session};

/// Where an operation works.
pub struct Desk<'a> {
    /// The session that is asked.
    pub session: &'a mut Session,
    /// The policy of a name, or without a name the one that the settings give; `Err` says why there is none.
    pub policies: &'a dyn Fn(Option<&str>) -> Result<Policy, String>,
    /// Where events of running cells go.
    pub sink: &'a mut dyn FnMut(Event),
}

/// Why a request has no answer. The codes are those of JSON-RPC 2.0.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// -32602: the parameters make no sense; -32000: the operation could not be done.
    pub code: i64,
    /// For people.
    pub message: String,
}

/// The parameters make no sense.
pub const INVALID_PARAMS: i64 = -32602;
/// The operation could not be done.
pub const COULD_NOT: i64 = -32000;

impl Fault {
    fn params(message: impl Into<String>) -> Self {
        Self {
            code: INVALID_PARAMS,
            message: message.into(),
        }
    }

    fn could_not(message: impl ToString) -> Self {
        Self {
            code: COULD_NOT,
            message: message.to_string(),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::could_not(error)
    }
}

/// An operation.
pub type Operation = fn(&mut Desk<'_>, Json) -> Result<Json, Fault>;

/// Every operation by the name of its method.
pub const METHODS: &[(&str, Operation)] = &[
    ("metascript/execute", execute::execute),
    ("metascript/executeWith", execute::execute_with),
    ("metascript/executeFile", execute::execute_file),
    ("metascript/evaluate", execute::evaluate),
    ("metascript/variable/list", variables::list),
    ("metascript/variable/set", variables::set),
    ("metascript/variable/get", variables::get),
    ("metascript/module/import", modules::import),
    ("metascript/package/add", packages::add),
    ("metascript/package/list", packages::list),
    ("metascript/package/has", packages::has),
    ("metascript/configure", configure::configure),
    ("metascript/version", runtimes::version),
    ("metascript/runtime/has", runtimes::has),
    ("metascript/reset", runtimes::reset),
    ("metascript/restart", runtimes::restart),
    ("metascript/rerunLost", execute::rerun_lost),
    ("metascript/snapshot", snapshot::snapshot),
    ("metascript/restore", snapshot::restore),
];

/// The operation of a method; `None` if there is none of that name.
pub fn find(method: &str) -> Option<Operation> {
    METHODS
        .iter()
        .find_map(|(name, operation)| (*name == method).then_some(*operation))
}

/// Reads parameters. None at all are an empty object, and what is not known is refused: a misspelt limit must not be lost.
fn params<T: DeserializeOwned>(json: Json) -> Result<T, Fault> {
    let json = if json.is_null() {
        Json::Object(serde_json::Map::new())
    } else {
        json
    };
    if !json.is_object() {
        return Err(Fault::params("the parameters are an object with names"));
    }
    serde_json::from_value(json).map_err(|error| Fault::params(error.to_string()))
}

/// The language of a name.
fn language(name: &str) -> Result<Language, Fault> {
    Language::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Language::ALL.iter().map(|one| one.as_str()).collect();
        Fault::params(format!(
            "'{name}' has no runtime here; these languages have: {}",
            known.join(", ")
        ))
    })
}
