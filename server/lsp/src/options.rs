//! `initializationOptions`, as described in docs/protocol.md.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

/// What the client asked for when it started the server.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Options {
    /// Where the WebAssembly runtimes are, when not beside the binary.
    pub(crate) runtimes_path: Option<PathBuf>,
    pub(crate) run: RunOptions,
    pub(crate) fsharp: FSharpOptions,
    /// The editor's layer of the `[ai]` settings.
    pub(crate) ai: Option<Value>,
}

/// What the F# compiler is asked.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FSharpOptions {
    /// Whether F# cells are checked while somebody types.
    pub(crate) diagnostics: bool,
}

impl Default for FSharpOptions {
    fn default() -> Self {
        Self { diagnostics: true }
    }
}

/// Whether and how cells run.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RunOptions {
    /// `false` in an untrusted workspace: cells are shown and checked, never run.
    pub(crate) enabled: bool,
    /// The policy that holds, by name; without it, as the settings say.
    pub(crate) policy: Option<String>,
    /// Wall time of one cell, in milliseconds.
    pub(crate) time_limit_ms: Option<u64>,
    /// Linear memory of one runtime, in MiB.
    pub(crate) memory_limit_mb: Option<u64>,
    /// Results are kept in `.metascript/outputs` and shown again when the script is opened.
    pub(crate) keep_outputs: bool,
    /// Saving a script runs its stale cells.
    pub(crate) on_save: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            policy: None,
            time_limit_ms: None,
            memory_limit_mb: None,
            keep_outputs: false,
            on_save: false,
        }
    }
}

impl Options {
    /// Reads options; what is missing or of the wrong type takes its default, but a `run` that
    /// cannot be read switches running off: better to refuse than to guess.
    pub(crate) fn read(value: &Value) -> Self {
        if value.is_null() {
            return Self::default();
        }
        serde_json::from_value(value.clone()).unwrap_or_else(|error| {
            tracing::error!("initializationOptions: {error}; running cells is switched off");
            Self {
                runtimes_path: None,
                fsharp: FSharpOptions::default(),
                ai: None,
                run: RunOptions {
                    enabled: false,
                    ..RunOptions::default()
                },
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_fields_take_their_defaults() {
        let options = Options::read(&json!({ "run": { "timeLimitMs": 5 } }));
        assert!(options.run.enabled);
        assert_eq!(options.run.time_limit_ms, Some(5));
        assert!(options.fsharp.diagnostics);
        let options = Options::read(&json!({ "fsharp": { "diagnostics": false } }));
        assert!(!options.fsharp.diagnostics);
    }

    #[test]
    fn unreadable_options_never_enable_running() {
        let options = Options::read(&json!({ "run": { "enabled": "no" } }));
        assert!(!options.run.enabled);
    }
}
