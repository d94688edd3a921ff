//! The host interface of cells, `tars`: what can be called, for completion and hover without a running session.

use metascript_syntax::Language;

use crate::expression::continues_name;

/// The name under which every cell finds the interface.
pub(crate) const ROOT: &str = "tars";

/// What the interface is.
pub(crate) const DOCS: &str = "What a cell may ask of the host: files, requests, models, other scripts. Each call is checked by the session's policy and written to its audit log.";

/// A name of the interface.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Without the root.
    pub(crate) path: &'static str,
    /// What a function takes; `None`: the name holds other names.
    pub(crate) parameters: Option<&'static str>,
    pub(crate) docs: &'static str,
    /// Rust cells have it too.
    rust: bool,
}

impl Entry {
    /// The last part of the path.
    pub(crate) fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// `tars.fs.read(path)`.
    pub(crate) fn signature(&self) -> String {
        match self.parameters {
            Some(parameters) => format!("{ROOT}.{}({parameters})", self.path),
            None => format!("{ROOT}.{}", self.path),
        }
    }
}

/// Whether cells of a language can ask the host.
pub(crate) fn has(language: &Language) -> bool {
    matches!(
        language,
        Language::Python
            | Language::JavaScript
            | Language::TypeScript
            | Language::FSharp
            | Language::Rust
    )
}

/// The names behind `path` and a dot.
pub(crate) fn members(path: &str, language: &Language) -> impl Iterator<Item = &'static Entry> {
    let group = below_root(path).filter(|_| has(language));
    let rust = *language == Language::Rust;
    ENTRIES.iter().filter(move |entry| {
        let above = entry.path.rsplit_once('.').map_or("", |(above, _)| above);
        group.as_deref() == Some(above) && (entry.rust || !rust)
    })
}

/// What a whole path names.
pub(crate) fn named(path: &str, language: &Language) -> Option<&'static Entry> {
    let wanted = below_root(path).filter(|_| has(language))?;
    let found = ENTRIES.iter().find(|entry| entry.path == wanted)?;
    (found.rust || *language != Language::Rust).then_some(found)
}

/// The path below the root; `None` for a path of something else.
fn below_root(path: &str) -> Option<String> {
    let path = path.replace("::", ".");
    let rest = path.strip_prefix(ROOT)?;
    match rest.strip_prefix('.') {
        Some(rest) => Some(rest.to_owned()),
        None => rest.is_empty().then(String::new),
    }
}

/// The path of names that a text ends with: `tars.fs` of `x = tars.fs`.
pub(crate) fn path_at_end<'a>(text: &'a str, language: &Language) -> &'a str {
    let sign = |c: char| c == '.' || (c == ':' && *language == Language::Rust);
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| (continues_name(*c) && *c != '$') || sign(*c))
        .last()
        .map_or(text.len(), |(at, _)| at);
    text.get(start..).unwrap_or_default()
}

const fn entry(
    path: &'static str,
    parameters: Option<&'static str>,
    docs: &'static str,
    rust: bool,
) -> Entry {
    Entry {
        path,
        parameters,
        docs,
        rust,
    }
}

const ENTRIES: &[Entry] = &[
    entry(
        "log",
        Some("message"),
        "Writes a line to the session's output and to the audit log.",
        true,
    ),
    entry("debug", Some("message"), "A line of level `debug`.", true),
    entry("warn", Some("message"), "A line of level `warning`.", true),
    entry("error", Some("message"), "A line of level `error`.", true),
    entry(
        "vars",
        None,
        "Variables that the languages of the session share.",
        true,
    ),
    entry("vars.get", Some("name"), "A variable of the session.", true),
    entry(
        "vars.set",
        Some("name, value"),
        "Makes or replaces a variable of the session.",
        true,
    ),
    entry("vars.list", Some(""), "The names of all variables.", true),
    entry(
        "fs",
        None,
        "Files below the folders that the policy grants. Relative paths begin at the script's folder.",
        true,
    ),
    entry(
        "fs.read",
        Some("path"),
        "The text of a file, which must be UTF-8.",
        true,
    ),
    entry("fs.bytes", Some("path"), "The bytes of a file.", true),
    entry(
        "fs.write",
        Some("path, content"),
        "Writes text or bytes, whole or not at all; replaces what was there.",
        true,
    ),
    entry(
        "fs.append",
        Some("path, text"),
        "Adds text at the end of a file, which is made if need be.",
        true,
    ),
    entry(
        "fs.list",
        Some("path"),
        "What is in a folder, by name: entries with `name`, `kind` (`file`, `folder`, `other`) and `size`.",
        true,
    ),
    entry(
        "fs.info",
        Some("path"),
        "The `kind` and `size` of a file or folder.",
        true,
    ),
    entry(
        "fs.exists",
        Some("path"),
        "Whether there is a file or folder of that name.",
        true,
    ),
    entry(
        "fs.mkdir",
        Some("path"),
        "Makes a folder, and those above it.",
        true,
    ),
    entry(
        "fs.remove",
        Some("path"),
        "Removes a file or an empty folder.",
        true,
    ),
    entry(
        "http",
        None,
        "Requests to the hosts that the policy grants.",
        true,
    ),
    entry(
        "http.request",
        Some("method, url, headers, body, timeout"),
        "Makes a request; `timeout` is in seconds.",
        true,
    ),
    entry(
        "http.get",
        Some("url, headers, timeout"),
        "GET; `timeout` is in seconds.",
        true,
    ),
    entry(
        "http.post",
        Some("url, body, headers, timeout"),
        "POST; `timeout` is in seconds.",
        true,
    ),
    entry(
        "llm",
        None,
        "Language models that the policy and the user's settings allow.",
        false,
    ),
    entry(
        "llm.complete",
        Some("prompt, model, max_tokens, temperature, system"),
        "A model's answer to a prompt. `model` names a provider or a model of the settings.",
        false,
    ),
    entry(
        "llm.chat",
        Some("messages, model, max_tokens, temperature, system"),
        "A model's next words in a conversation.",
        false,
    ),
    entry("llm.embed", Some("texts"), "A vector for each text.", false),
    entry(
        "vector",
        None,
        "Texts that are found by likeness, in stores by name.",
        false,
    ),
    entry(
        "vector.add",
        Some("text, id, metadata, store"),
        "Adds a text and gives its id; one of the same id is replaced.",
        false,
    ),
    entry(
        "vector.search",
        Some("text, limit, store"),
        "The likest texts first: `id`, `text`, `score` (1 is the same) and `metadata`.",
        false,
    ),
    entry("metascript", None, "Other scripts.", false),
    entry(
        "metascript.run",
        Some("path, variables"),
        "Runs a script in a session of its own: `status`, `output`, `error` and its `variables`.",
        false,
    ),
    entry(
        "agents",
        None,
        "Agents of the session, and messages between them.",
        false,
    ),
    entry(
        "agents.announce",
        Some("name, capabilities"),
        "An agent is there and can do this.",
        false,
    ),
    entry(
        "agents.list",
        Some(""),
        "All agents: `name` and `capabilities`.",
        false,
    ),
    entry(
        "agents.message",
        Some("to, content, sender"),
        "Leaves a message for an agent.",
        false,
    ),
    entry(
        "agents.inbox",
        Some("name"),
        "The messages to an agent, which are read by this.",
        false,
    ),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::*;

    /// The public names of the module that Python cells import, by indentation: functions of the module, classes with
    /// static methods or with names of other modules.
    fn of_the_guest() -> Vec<String> {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../runtimes/python/guest/tars.py"
        );
        let text = std::fs::read_to_string(file).unwrap();
        let mut found = Vec::new();
        let mut class = None;
        for line in text.lines() {
            let word = |text: &str| text.split(['(', ':', ' ']).next().unwrap().to_owned();
            if let Some(rest) = line.strip_prefix("def ") {
                class = None;
                found.push(word(rest));
            } else if let Some(rest) = line.strip_prefix("class ") {
                let name = word(rest);
                // What begins with a capital is a kind of value.
                class = name.starts_with(char::is_lowercase).then(|| name.clone());
                found.extend(class.clone());
            } else if let Some(class) = &class
                && let Some(rest) = line.strip_prefix("    ")
            {
                let assigned = rest.split_once(" = staticmethod").map(|(name, _)| name);
                let name = rest.strip_prefix("def ").map(word);
                let name = name.or(assigned.map(str::to_owned));
                found.extend(name.map(|name| format!("{class}.{name}")));
            }
        }
        found.retain(|path| !path.starts_with('_'));
        found.sort();
        found
    }

    #[test]
    fn the_names_are_those_that_a_cell_finds() {
        let mut known: Vec<String> = ENTRIES.iter().map(|entry| entry.path.to_owned()).collect();
        known.sort();
        assert_eq!(known, of_the_guest());
    }

    #[test]
    fn a_rust_cell_is_offered_what_rust_has() {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../runtimes/rust/prelude/tars.rs"
        );
        let text = std::fs::read_to_string(folder).unwrap();
        for entry in ENTRIES {
            let group = entry.path.split('.').next().unwrap();
            let there = text.contains(&format!("pub mod {group} "))
                || text.contains(&format!("pub fn {group}("));
            assert_eq!(entry.rust, there, "{}", entry.path);
        }
    }

    #[test]
    fn paths_are_read_backwards() {
        for (text, language, path) in [
            ("x = tars.fs", Language::Python, "tars.fs"),
            ("f(tars", Language::JavaScript, "tars"),
            ("let a = tars::fs", Language::Rust, "tars::fs"),
            ("a ? tars::fs", Language::JavaScript, "fs"),
            ("(1)", Language::Python, ""),
        ] {
            assert_eq!(path_at_end(text, &language), path, "{text}");
        }
        let names =
            |path, language| -> Vec<&str> { members(path, &language).map(Entry::name).collect() };
        assert_eq!(names("tars.vars", Language::FSharp), ["get", "set", "list"]);
        assert_eq!(names("tars.llm", Language::Rust), [""; 0]);
        assert_eq!(names("tars.nothing", Language::Python), [""; 0]);
        assert_eq!(names("tarsal", Language::Python), [""; 0]);
        assert_eq!(
            named("tars::fs::read", &Language::Rust).map(Entry::signature),
            Some("tars.fs.read(path)".to_owned())
        );
    }
}
