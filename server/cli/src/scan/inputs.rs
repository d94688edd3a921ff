//! Which files are scanned, and as what.

use std::io::Read;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use metascript_syntax::Language;

use crate::files::{self, Unreadable};

/// What a file is scanned as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A metascript, or a text for people.
    Script,
    /// A text for a language model.
    Prompt,
    /// A file of a language.
    Code(String),
    /// Settings and data: only credentials and hidden characters are looked for.
    Text,
}

/// A file to scan. The path `-` is standard input.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
}

const CODE: &[(&str, &str)] = &[
    ("py", "python"),
    ("pyw", "python"),
    ("pyi", "python"),
    ("js", "javascript"),
    ("mjs", "javascript"),
    ("cjs", "javascript"),
    ("jsx", "javascript"),
    ("ts", "typescript"),
    ("mts", "typescript"),
    ("cts", "typescript"),
    ("tsx", "tsx"),
    ("fs", "fsharp"),
    ("fsi", "fsharp"),
    ("fsx", "fsharp"),
    ("cs", "csharp"),
    ("csx", "csharp"),
    ("rs", "rust"),
    ("sh", "bash"),
    ("bash", "bash"),
    ("zsh", "bash"),
    ("ps1", "powershell"),
    ("psm1", "powershell"),
    ("psd1", "powershell"),
    ("sql", "sql"),
];

const SCRIPTS: &[&str] = &["tars", "trsx", "flux", "metascript", "meta"];

/// Settings and data: prose in them is not meant for a model.
const DATA: &[&str] = &[
    "json",
    "jsonc",
    "yaml",
    "yml",
    "toml",
    "ini",
    "cfg",
    "conf",
    "properties",
    "env",
    "xml",
    "csv",
    "tsv",
    "lock",
    "html",
    "css",
    "log",
    "pem",
    "key",
    "tf",
    "tfvars",
    "config",
];

/// Prose that a model may be given. In a folder only those of them are scanned that say so by their name.
const PROSE: &[&str] = &["txt", "text", "md", "markdown", "rst", "adoc"];

/// Files that are written for models.
const PROMPTS: &[&str] = &["prompt", "prompty"];
const PROMPT_NAMES: &[&str] = &[
    "agents.md",
    "claude.md",
    "gemini.md",
    "skill.md",
    "copilot-instructions.md",
    ".cursorrules",
    ".windsurfrules",
    ".clinerules",
];
const PROMPT_ENDS: &[&str] = &[".prompt.md", ".prompt.txt", ".instructions.md"];

/// The kind that a name of a language stands for.
pub(super) fn kind_named(name: &str) -> Result<Kind, String> {
    let lower = name.to_ascii_lowercase();
    Ok(match lower.as_str() {
        "metascript" | "tars" => Kind::Script,
        "prompt" => Kind::Prompt,
        "text" | "plain" => Kind::Text,
        "tsx" => Kind::Code(lower),
        _ => {
            let canonical = Language::named(&lower).as_str().to_owned();
            if !metascript_security::LANGUAGES.contains(&canonical.as_str()) {
                return Err(format!(
                    "`{name}` is not scanned; there are {}, metascript, prompt and text",
                    metascript_security::LANGUAGES.join(", ")
                ));
            }
            Kind::Code(canonical)
        }
    })
}

/// The files that `paths` name: files as they are, folders searched. Sorted, each once.
pub(super) fn find(paths: &[PathBuf], language: Option<&Kind>) -> (Vec<Input>, Vec<Unreadable>) {
    let mut found = Vec::new();
    let mut failed = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(Input {
                path: path.clone(),
                kind: language.cloned().unwrap_or_else(|| named_kind(path)),
            });
            continue;
        }
        for entry in WalkBuilder::new(path)
            .hidden(false)
            .filter_entry(|e| e.file_name() != ".git" && e.file_name() != "node_modules")
            .build()
        {
            match entry {
                Ok(entry) if entry.path().is_file() => {
                    let kind = match language {
                        // Any text may be one for a model.
                        Some(Kind::Prompt | Kind::Text) if is_text(entry.path()) => {
                            language.cloned()
                        }
                        _ => found_kind(entry.path()).map(|k| language.cloned().unwrap_or(k)),
                    };
                    found.extend(kind.map(|kind| Input {
                        path: entry.into_path(),
                        kind,
                    }));
                }
                Ok(_) => {}
                Err(error) => failed.push(Unreadable {
                    path: path.clone(),
                    reason: error.to_string(),
                }),
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup_by(|a, b| a.path == b.path);
    (found, failed)
}

fn extension(path: &Path) -> String {
    path.extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// What a file in a folder is scanned as; `None`: it is left out.
fn found_kind(path: &Path) -> Option<Kind> {
    let extension = extension(path);
    if SCRIPTS.contains(&extension.as_str()) {
        return Some(Kind::Script);
    }
    let name = path
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    if name.starts_with(".env") || name.starts_with("requirements") && extension == "txt" {
        return Some(Kind::Text);
    }
    if is_prompt(name, &extension) {
        return Some(Kind::Prompt);
    }
    language_of_extension(&extension).map(|language| Kind::Code(language.to_owned()))
}

/// Whether a file is written for a model, by its name.
fn is_prompt(name: &str, extension: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PROMPTS.contains(&extension)
        || PROMPT_NAMES.contains(&name.as_str())
        || PROMPT_ENDS.iter().any(|end| name.ends_with(end))
}

fn is_text(path: &Path) -> bool {
    let extension = extension(path);
    PROSE.contains(&extension.as_str()) || DATA.contains(&extension.as_str())
}

/// The language of the files with an extension.
pub(crate) fn language_of_extension(extension: &str) -> Option<&'static str> {
    CODE.iter()
        .find(|(e, _)| *e == extension)
        .map(|(_, language)| *language)
}

/// What a file that the user names is scanned as.
fn named_kind(path: &Path) -> Kind {
    if let Some(kind) = found_kind(path) {
        return kind;
    }
    let extension = extension(path);
    if DATA.contains(&extension.as_str()) {
        return Kind::Text;
    }
    if PROSE.contains(&extension.as_str()) {
        return Kind::Prompt;
    }
    interpreter(path).map_or(Kind::Script, Kind::Code)
}

/// The language of `#!/usr/bin/env python3`.
fn interpreter(path: &Path) -> Option<String> {
    let mut head = [0; 128];
    let length = std::fs::File::open(path).ok()?.read(&mut head).ok()?;
    let line = std::str::from_utf8(head.get(..length)?)
        .ok()?
        .lines()
        .next()?;
    let program = line
        .strip_prefix("#!")?
        .rsplit(['/', ' '])
        .find(|w| !w.starts_with('-'))?;
    let language = match program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "python" | "pypy" => "python",
        "node" | "bun" => "javascript",
        "deno" => "typescript",
        "sh" | "bash" | "zsh" | "dash" | "ksh" => "bash",
        "pwsh" | "powershell" => "powershell",
        _ => return None,
    };
    Some(language.to_owned())
}

/// Reads an input as UTF-8; a byte that is none becomes a replacement character, for the scanner must not be blinded by one.
pub(super) fn read(input: &Input, max_bytes: u64) -> Result<String, Unreadable> {
    if input.path == Path::new("-") {
        let mut bytes = Vec::new();
        let fail = |reason: String| Unreadable {
            path: input.path.clone(),
            reason,
        };
        std::io::stdin()
            .lock()
            .take(max_bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| fail(e.to_string()))?;
        if bytes.len() as u64 > max_bytes {
            return Err(fail(
                "standard input is longer than --max-file-size".to_owned(),
            ));
        }
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    files::read(&input.path, max_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide() {
        for (path, expected) in [
            ("a/b.py", Kind::Code("python".into())),
            ("x.tsx", Kind::Code("tsx".into())),
            ("x.FSX", Kind::Code("fsharp".into())),
            ("x.trsx", Kind::Script),
            (".env.local", Kind::Text),
            ("settings.yaml", Kind::Text),
            ("notes.md", Kind::Prompt),
            ("attack.txt", Kind::Prompt),
            ("requirements.txt", Kind::Text),
            ("docs/AGENTS.md", Kind::Prompt),
            ("summary.prompt", Kind::Prompt),
            ("unknown", Kind::Script),
        ] {
            assert_eq!(named_kind(Path::new(path)), expected, "{path}");
        }
        assert_eq!(found_kind(Path::new("notes.md")), None);
        assert_eq!(
            found_kind(Path::new("docs/review.prompt.md")),
            Some(Kind::Prompt)
        );
        assert_eq!(kind_named("F#"), Ok(Kind::Code("fsharp".into())));
        assert!(kind_named("cobol").is_err());
    }
}
