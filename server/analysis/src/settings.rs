//! The project's settings: `.metascript.toml` at the workspace root.

use rustc_hash::FxHashMap;
use serde::Deserialize;

use crate::diagnostic::{Code, Severity, code};

/// What a project may change about the checks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    levels: FxHashMap<Code, Level>,
    fsharp_diagnostics: Option<bool>,
}

/// What a project says about one code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not reported.
    Off,
    /// As a hint.
    Hint,
    /// As information.
    Information,
    /// As a warning.
    Warning,
    /// As an error.
    Error,
}

/// Settings that could not be read, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// What is wrong, for people.
    pub message: String,
    /// Where in the file, in bytes, if known.
    pub range: Option<std::ops::Range<usize>>,
}

#[derive(Deserialize, Default)]
struct File {
    #[serde(default)]
    diagnostics: std::collections::BTreeMap<toml::Spanned<String>, Level>,
    #[serde(default)]
    fsharp: FSharp,
}

#[derive(Deserialize, Default)]
struct FSharp {
    diagnostics: Option<bool>,
}

impl Settings {
    /// Reads the `[diagnostics]` table: `undefined-variable = "off"`, `MS0302 = "warning"`, and `diagnostics` of the table
    /// `[fsharp]`. Other tables belong to other parts of the product and are left alone. What can be read holds even if another line is wrong.
    pub fn from_toml(text: &str) -> (Settings, Vec<SettingsError>) {
        let file: File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => {
                let problem = SettingsError {
                    message: error.message().to_owned(),
                    range: error.span(),
                };
                return (Settings::default(), vec![problem]);
            }
        };
        let mut settings = Settings {
            fsharp_diagnostics: file.fsharp.diagnostics,
            ..Settings::default()
        };
        let mut errors = Vec::new();
        for (key, level) in file.diagnostics {
            match code(key.get_ref()) {
                Some(code) => {
                    settings.levels.insert(code, level);
                }
                None => errors.push(SettingsError {
                    message: format!(
                        "`{}` is no diagnostic; `metascript explain` lists all codes",
                        key.get_ref()
                    ),
                    range: Some(key.span()),
                }),
            }
        }
        (settings, errors)
    }

    /// Whether F# cells are checked by the F# compiler; `None`: the project does not say.
    pub fn fsharp_diagnostics(&self) -> Option<bool> {
        self.fsharp_diagnostics
    }

    /// Sets one code.
    pub fn set(&mut self, code: Code, level: Level) {
        self.levels.insert(code, level);
    }

    /// The severity of a code in this project; `None`: not reported.
    pub fn severity(&self, code: Code, default: Severity) -> Option<Severity> {
        match self.levels.get(&code) {
            None => Some(default),
            Some(Level::Off) => None,
            Some(Level::Hint) => Some(Severity::Hint),
            Some(Level::Information) => Some(Severity::Information),
            Some(Level::Warning) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use super::Settings;
    use crate::diagnostic::{Severity, code};

    #[test]
    fn reads_codes_and_titles_and_leaves_other_tables_alone() {
        let (settings, errors) = Settings::from_toml(
            "[diagnostics]\nMS0302 = \"warning\"\nundefined-variable = \"off\"\n[security]\npolicy = \"strict\"\n",
        );
        assert_eq!(errors, []);
        assert_eq!(
            settings.severity(code("MS0302").unwrap(), Severity::Hint),
            Some(Severity::Warning)
        );
        assert_eq!(
            settings.severity(code("MS0301").unwrap(), Severity::Warning),
            None
        );
        assert_eq!(
            settings.severity(code("MS0101").unwrap(), Severity::Hint),
            Some(Severity::Hint)
        );
    }

    #[test]
    fn the_checks_of_fsharp_can_be_switched_off() {
        let read = |text| Settings::from_toml(text).0.fsharp_diagnostics();
        assert_eq!(read("[fsharp]\ndiagnostics = false\n"), Some(false));
        assert_eq!(read("[diagnostics]\n"), None);
        assert_eq!(
            Settings::from_toml("[fsharp]\ndiagnostics = 3\n").1.len(),
            1
        );
    }

    #[test]
    fn says_what_is_wrong_and_keeps_the_rest() {
        let text = "[diagnostics]\nMS9999 = \"off\"\nMS0301 = \"off\"\n";
        let (settings, errors) = Settings::from_toml(text);
        assert_eq!(errors.len(), 1);
        assert_eq!(&text[errors[0].range.clone().unwrap()], "MS9999");
        assert_eq!(
            settings.severity(code("MS0301").unwrap(), Severity::Warning),
            None
        );
        assert_eq!(
            Settings::from_toml("[diagnostics]\nMS0301 = \"loud\"")
                .1
                .len(),
            1
        );
    }
}
