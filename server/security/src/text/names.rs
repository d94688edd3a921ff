//! What a name says of a value: password, token, key.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::lazy_regex::LazyRegex;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    bandit_password: LazyRegex,
    secret: LazyRegex,
    not_secret: LazyRegex,
    credential: LazyRegex,
    sql: LazyRegex,
    sensitive_file: LazyRegex,
}

/// A fault in the table is caught by a test, not at run time.
static NAMES: LazyLock<Option<Names>> =
    LazyLock::new(|| serde_json::from_str(built_in!("names")).ok());

fn says(which: impl Fn(&Names) -> &LazyRegex, text: &str) -> bool {
    NAMES
        .as_ref()
        .is_some_and(|names| which(names).is_match(text))
}

/// Whether Bandit takes a name for that of a password.
pub(crate) fn is_bandit_password(name: &str) -> bool {
    says(|it| &it.bandit_password, name)
}

/// Whether a name belongs to a secret that others must not guess.
pub(crate) fn is_secret(name: &str) -> bool {
    says(|it| &it.secret, name) && !says(|it| &it.not_secret, name)
}

/// Whether a name belongs to something that must not be shown.
pub(crate) fn is_credential(name: &str) -> bool {
    says(|it| &it.credential, name) && !says(|it| &it.not_secret, name)
}

/// `apiKey` as `api_key`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            if lower {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
            lower = false;
        } else {
            lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            out.push(c);
        }
    }
    out
}

/// Whether a text looks like a SQL statement (the test that Bandit applies).
pub(crate) fn looks_like_sql(text: &str) -> bool {
    says(|it| &it.sql, text)
}

/// Whether a path leads to credentials.
pub(crate) fn is_sensitive_file(path: &str) -> bool {
    path.len() < 300 && says(|it| &it.sensitive_file, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(NAMES.is_some());
    }

    #[test]
    fn names_of_secrets_are_told_from_their_neighbours() {
        for yes in [
            "password",
            "db_password",
            "api_key",
            "reset_token",
            "session_id",
            "secret",
        ] {
            assert!(is_secret(yes), "{yes}");
        }
        for no in [
            "max_tokens",
            "token_count",
            "tokenizer",
            "password_field",
            "primary_key",
            "keyboard",
            "next_token",
        ] {
            assert!(!is_secret(no), "{no}");
        }
        assert_eq!(snake("apiKeyV2"), "api_key_v2");
        assert!(looks_like_sql("SELECT a FROM b WHERE"));
        assert!(is_sensitive_file("/home/me/.ssh/id_rsa") && !is_sensitive_file("notes.txt"));
        assert!(is_bandit_password("user_token") && is_credential("userPassword"));
    }
}
