//! `.metascriptignore`: files that are never read for context. The syntax is `.gitignore`'s.

use std::path::{Component, Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The name of the file, at the root of a workspace.
const IGNORE_FILE: &str = ".metascriptignore";

/// Files that hold secrets by custom. A workspace may let them in again with a line that begins with `!`.
const USUAL: &[&str] = &[
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "id_rsa*",
    "id_ed25519*",
    ".netrc",
    ".npmrc",
    ".pypirc",
    "secrets.*",
    "*.secret",
    "*.tfstate",
    ".git/",
    "node_modules/",
];

/// What stays out of the context in a workspace.
#[derive(Debug, Clone)]
pub struct IgnoreRules {
    root: PathBuf,
    rules: Gitignore,
}

impl IgnoreRules {
    /// Reads the file of a workspace. Lines that cannot be read are returned; the others hold.
    pub fn load(root: &Path) -> (Self, Vec<String>) {
        let text = std::fs::read_to_string(root.join(IGNORE_FILE)).unwrap_or_default();
        Self::new(root, &text)
    }

    /// The rules of a text.
    pub fn new(root: &Path, text: &str) -> (Self, Vec<String>) {
        let mut builder = GitignoreBuilder::new(root);
        let mut faults = Vec::new();
        for line in USUAL.iter().copied().chain(text.lines()) {
            if let Err(error) = builder.add_line(None, line) {
                faults.push(format!("{IGNORE_FILE}: {error}"));
            }
        }
        let rules = builder.build().unwrap_or_else(|_| Gitignore::empty());
        (
            Self {
                root: root.to_owned(),
                rules,
            },
            faults,
        )
    }

    /// Whether a file may be read for context. Files outside the workspace may not.
    pub fn allows(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.root) else {
            return false;
        };
        let climbs = inside
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
        !climbs
            && !self
                .rules
                .matched_path_or_any_parents(inside, false)
                .is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_by_custom_and_by_the_users_word_stay_out() {
        let root = Path::new("/w");
        let (rules, faults) =
            IgnoreRules::new(root, "# mine\nprivate/\n*.big.tars\n!keep.big.tars\n");
        assert_eq!(faults, Vec::<String>::new());
        for (path, allowed) in [
            ("/w/a.tars", true),
            ("/w/.env.local", false),
            ("/w/deep/server.pem", false),
            ("/w/private/x.tars", false),
            ("/w/x.big.tars", false),
            ("/w/keep.big.tars", true),
            ("/elsewhere/a.tars", false),
            ("/w/../etc/passwd", false),
        ] {
            assert_eq!(rules.allows(Path::new(path)), allowed, "{path}");
        }
    }

    #[test]
    fn without_a_workspace_only_a_bare_name_is_inside() {
        let (rules, _) = IgnoreRules::new(Path::new(""), "");
        assert!(rules.allows(Path::new("a.tars")));
        assert!(!rules.allows(Path::new("/etc/a.tars")));
    }
}
