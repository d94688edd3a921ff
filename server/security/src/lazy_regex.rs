//! Regular expressions of rules, compiled when they are first asked: most rules are never reached by a script.

use std::sync::OnceLock;

use regex::Regex;

/// A regular expression that is compiled on first use.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl LazyRegex {
    pub(crate) fn new(text: String) -> Self {
        LazyRegex {
            text,
            compiled: OnceLock::new(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The expression; `None` when it is none, which [`LazyRegex::fault`] tells.
    pub(crate) fn get(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| Regex::new(&self.text).ok())
            .as_ref()
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|re| re.is_match(text))
    }

    /// What is wrong with the expression.
    pub(crate) fn fault(&self) -> Option<String> {
        Regex::new(&self.text).err().map(|e| e.to_string())
    }
}
