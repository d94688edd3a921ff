//! Variables of a metascript and where their values come from.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use rustc_hash::FxHashMap;

use crate::value::Taint;

/// What is known of the variables at a place of the script.
#[derive(Default)]
pub(crate) struct Flow {
    variables: FxHashMap<String, Taint>,
}

impl Flow {
    pub(crate) fn set(&mut self, name: &str, taint: Taint) {
        if !name.is_empty() {
            self.variables.insert(name.to_owned(), taint);
        }
    }

    pub(crate) fn taint(&self, name: &str) -> Taint {
        self.variables.get(name).copied().unwrap_or(Taint::NONE)
    }

    /// Whether others can choose the value of some variable.
    pub(crate) fn has_untrusted(&self) -> bool {
        self.variables.values().any(|t| t.has(Taint::UNTRUSTED))
    }

    /// The taint of a text with `${...}` in it.
    pub(crate) fn of_text(&self, text: &str) -> Taint {
        interpolations(text)
            .into_iter()
            .fold(Taint::NONE, |t, (name, _)| t.or(self.taint(&name)))
    }

    /// The variables that carry anything, in a stable order.
    pub(crate) fn bindings(&self) -> Vec<(String, Taint)> {
        let mut out: Vec<(String, Taint)> = self
            .variables
            .iter()
            .filter(|(_, t)| **t != Taint::NONE)
            .map(|(n, t)| (n.clone(), *t))
            .collect();
        out.sort_by(|a, b| a.0.cmp(&b.0));
        out
    }
}

/// The names in `${name}`, `${name.path}`, `{{name}}` and `$name`, with the place of each.
pub(crate) fn interpolations(text: &str) -> Vec<(String, Range<usize>)> {
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\$\{\s*([A-Za-z_]\w*)[^}]*\}|\{\{\s*([A-Za-z_]\w*)[^}]*\}\}").ok()
    });
    let Some(re) = NAME.as_ref() else {
        return Vec::new();
    };
    re.captures_iter(text)
        .filter_map(|c| {
            let name = c.get(1).or_else(|| c.get(2))?;
            Some((name.as_str().to_owned(), c.get(0)?.range()))
        })
        .take(200)
        .collect()
}
