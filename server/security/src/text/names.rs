//! What a name says of a value: password, token, key.

use std::sync::LazyLock;

use crate::lazy_regex::LazyRegex;

fn re(pattern: &str) -> LazyRegex {
    LazyRegex::new(pattern.to_owned())
}

/// Whether Bandit takes a name for that of a password.
pub(crate) fn is_bandit_password(name: &str) -> bool {
    BANDIT_PASSWORD.is_match(name)
}

static BANDIT_PASSWORD: LazyLock<LazyRegex> = LazyLock::new(|| {
    re(
        r"(?i)(^(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)$|_(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)_|^(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)_|_(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)$)",
    )
});

static SECRET: LazyLock<LazyRegex> = LazyLock::new(|| {
    re(
        r"(?i)(pass(word|wd|phrase)?$|^pwd$|_pwd$|secret|token|api_?key|access_?key|private_?key|credential|otp$|nonce|session_?(id|key)|csrf|salt$|signing_?key|encryption_?key|auth_?key|^key$|activation|reset_?code|verification_?code|pin_?code|^iv$|^uuid$|temp_?pass)",
    )
});

static NOT_SECRET: LazyLock<LazyRegex> = LazyLock::new(|| {
    re(
        r"(?i)(max_?tokens?|num_?tokens?|n_?tokens|tokens$|token_?(count|type|ids?|limit|len|length|budget|size|index|usage|name|url|uri|path|file|field|header|prefix|param|endpoint|kind|pos|start|end|class|map|list|vocab)|tokeniz|next_?token|prev_?token|eos|bos|pad_?token|unk|sep_?token|mask_?token|cls_?token|stop_?token|(password|passwd|secret|key)_?(field|name|url|length|len|policy|regex|pattern|hash|hint|label|input|reset|path|file|env|prompt|min|max|strength|error|message|reset_url)|public_?key|primary_?key|foreign_?key|cache_?key|sort_?key|keyword|keyboard)",
    )
});

/// Whether a name belongs to a secret that others must not guess.
pub(crate) fn is_secret(name: &str) -> bool {
    SECRET.is_match(name) && !NOT_SECRET.is_match(name)
}

static CREDENTIAL: LazyLock<LazyRegex> = LazyLock::new(|| {
    re(
        r"(?i)(pass(word|wd|phrase)?$|^pwd$|_pwd$|secret|(api|access|private|signing|encryption|auth)_?key|credential|auth_?token|access_?token|bearer|ssn$|social_?security|credit_?card|card_?number|cvv)",
    )
});

/// Whether a name belongs to something that must not be shown.
pub(crate) fn is_credential(name: &str) -> bool {
    CREDENTIAL.is_match(name) && !NOT_SECRET.is_match(name)
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

static SQL: LazyLock<LazyRegex> = LazyLock::new(|| {
    re(r"(?is)(select\s.*from\s|delete\s+from\s|insert\s+into\s.*values[\s(]|update\s.*set\s)")
});

/// Whether a text looks like a SQL statement (the test that Bandit applies).
pub(crate) fn looks_like_sql(text: &str) -> bool {
    SQL.is_match(text)
}

static SENSITIVE_FILE: LazyLock<LazyRegex> = LazyLock::new(|| {
    re(
        r"(?i)(\.ssh/|id_rsa|id_ed25519|\.aws/credentials|\.netrc|\.pgpass|/etc/shadow|\.docker/config\.json|\.kube/config|\.git-credentials|\.npmrc|\.pypirc|\.gnupg|Login Data$|wallet\.dat|\.env$|credentials\.json$|service_account.*\.json|/etc/passwd$|keychain|\.azure/)",
    )
});

/// Whether a path leads to credentials.
pub(crate) fn is_sensitive_file(path: &str) -> bool {
    path.len() < 300 && SENSITIVE_FILE.is_match(path)
}

#[cfg(test)]
mod tests {
    use super::*;

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
