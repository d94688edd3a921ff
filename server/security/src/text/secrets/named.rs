//! What the shape of a value and the name of its variable say.

use super::entropy;

/// Without quotes only lines of settings files count: `NAME=value`, `name: value`, `export NAME=value`.
pub(super) fn plain_value_allowed(text: &str, at: usize, value: &str) -> bool {
    let line_start = text
        .get(..at)
        .and_then(|t| t.rfind('\n'))
        .map_or(0, |n| n + 1);
    let before = text.get(line_start..at).unwrap_or_default().trim();
    let alone = before.is_empty()
        || matches!(before, "set" | "setx" | "-")
        || before.ends_with([';', '&', '?', '"', '\''])
        || sets_variables(before);
    let letters = value.chars().any(|c| c.is_ascii_alphabetic());
    let digits = value.chars().any(|c| c.is_ascii_digit());
    alone && letters && digits && !value.contains(['(', ')', '.'])
}

/// The beginning of a command that gives values to variables: `docker run -e`, `ENV A=1`.
fn sets_variables(before: &str) -> bool {
    let mut words = before.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    matches!(
        first,
        "export" | "ENV" | "env" | "ARG" | "declare" | "local" | "readonly" | "typeset"
    ) || matches!(
        words.next_back().unwrap_or_default(),
        "-e" | "--env"
            | "--build-arg"
            | "--set"
            | "--set-string"
            | "--from-literal"
            | "--from-literal="
            | "--env="
            | "--build-arg="
    )
}

/// A version in a list of packages, or a moment.
fn is_version(v: &str) -> bool {
    v.trim_start_matches(['^', '~', '=', '>', '<'])
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | ':' | 'T' | 'Z' | '+'))
}

/// What only the holder of another key can read, or what a password cannot be told from.
fn enciphered(v: &str) -> bool {
    // The envelopes of AWS, and of sealed secrets: a length of 512 bytes, as the first two.
    let sealed = v.len() > 100
        && ["AgA", "AgB", "AgC", "AgD"]
            .iter()
            .any(|w| v.starts_with(w));
    sealed
        || [
            "AQICAH", "AQECAH", "ENC[", "ENC(", "{cipher}", "pbkdf2", "bcrypt", "{SSHA",
        ]
        .iter()
        .any(|w| v.starts_with(w))
        || v.starts_with("sha256:")
}

/// Words at which, or shortly behind which, the names of credentials end: `dbPassword`, `API_KEY_PROD`.
const WORDS: [&str; 13] = [
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "client_id",
    "client-id",
    "client.id",
    "clientid",
    "credential",
    "creds",
    "webhook",
];

/// Bytes that may follow such a word in a name.
const BEHIND_WORD: usize = 24;

/// Whether a name is one that credentials have.
pub(super) fn names_a_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| {
        name.rfind(word).is_some_and(|at| {
            let rest = name.as_bytes().get(at + word.len()..).unwrap_or_default();
            let in_word = |b: &u8| b.is_ascii_alphanumeric() || b"_-".contains(b);
            rest.len() <= BEHIND_WORD && rest.iter().all(in_word)
        })
    })
}

pub(super) fn last_word(name: &str) -> &str {
    name.rsplit(['_', '-', '.', '[', '\'', '"'])
        .next()
        .unwrap_or(name)
}

/// Parts of names that are given to what is no credential.
const HARMLESS: &[&str] = &[
    "primary_key",
    "foreign_key",
    "public_key",
    "publickey",
    "sort_key",
    "cache_key",
    "partition_key",
    "keyword",
    "keyboard",
    "monkey",
    "hotkey",
    "author",
    "tokenizer",
    "max_token",
    "bypass",
    "compass",
    "passenger",
    "passive",
    "key_id",
    "token_type",
    "pass_through",
    "passthrough",
    "association",
    "assignment",
    "assign_",
    "minipass",
    "buypass",
    "pass_time",
    "pass_rate",
    "lastused",
    "last_used",
    "change_token",
    "changetoken",
    "next_token",
    "nexttoken",
    "page_token",
    "pagetoken",
    "continuation",
    "idempotency",
    "requesttoken",
    "csrf",
    "xsrf",
    "fingerprint",
    "keyid",
    "keyarn",
    "key_arn",
    "keyspec",
    "keyspace",
    "keyerror",
    "pubkey",
    "pub_key",
];

pub(super) fn not_a_secret_name(name: &str, last: &str) -> bool {
    matches!(
        last,
        "name"
            | "url"
            | "uri"
            | "path"
            | "file"
            | "type"
            | "field"
            | "label"
            | "length"
            | "len"
            | "size"
            | "count"
            | "limit"
            | "format"
            | "regex"
            | "pattern"
            | "header"
            | "prefix"
            | "suffix"
            | "expiry"
            | "expires"
            | "ttl"
            | "hint"
            | "policy"
            | "title"
            | "description"
            | "placeholder"
            | "message"
            | "endpoint"
            | "host"
            | "selector"
            | "class"
            | "column"
            | "alias"
            | "algorithm"
            | "arn"
            | "method"
            | "author"
            | "hash"
            | "hasher"
            | "digest"
            | "strength"
            | "rules"
            | "reset"
            | "input"
            | "placeholders"
            | "authority"
    ) || HARMLESS.iter().any(|w| name.contains(w))
}

pub(super) fn looks_like_code(v: &str) -> bool {
    enciphered(v)
        || is_version(v)
        || v.contains("://") && !v.contains('@')
        || v.starts_with(['/', '.', '-', '#'])
        || v.contains("()")
        || v.contains("::")
        || [
            "process.env",
            "os.environ",
            "getenv",
            "config.",
            "self.",
            "this.",
            "env.",
            "secrets.",
            "settings.",
            "ENV[",
            "vault",
            "Configuration[",
        ]
        .iter()
        .any(|w| v.contains(w))
}

/// A password is short and irregular; a word alone is a label.
pub(super) fn password_like(v: &str) -> bool {
    let classes = [
        v.chars().any(|c| c.is_ascii_lowercase()),
        v.chars().any(|c| c.is_ascii_uppercase()),
        v.chars().any(|c| c.is_ascii_digit()),
        v.chars().any(|c| c.is_ascii_punctuation()),
    ];
    let n = classes.iter().filter(|c| **c).count();
    let dotted = v.contains('.') && !v.chars().any(|c| c.is_ascii_digit());
    v.len() >= 6
        && (n >= 2)
        && !dotted
        && !(n == 2
            && v.chars()
                .all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '-' | ' ' | ':' | '/')))
        && !(n == 2 && v.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        && !(v.chars().all(|c| c.is_ascii_alphabetic()) && n == 2)
}

pub(super) fn random_looking(v: &str, least: f64) -> bool {
    let letters = v.chars().filter(char::is_ascii_alphabetic).count();
    let digits = v.chars().filter(char::is_ascii_digit).count();
    let long = v.len() >= 12;
    if !long || letters == 0 {
        return false;
    }
    // Words joined by separators are names, not keys.
    let parts: Vec<&str> = v.split(['_', '-', '.', ' ', '/', ':']).collect();
    let wordy = parts.iter().all(|p| {
        p.chars().all(|c| c.is_ascii_alphabetic())
            || p.chars().all(|c| c.is_ascii_digit()) && p.len() < 5
    });
    if wordy && (parts.len() > 1 || v.chars().all(|c| c.is_ascii_lowercase()) || camel_words(v)) {
        return false;
    }
    (digits >= 2 || mixed_case(v) && v.len() >= 20) && entropy(v) >= least
}

fn mixed_case(v: &str) -> bool {
    v.chars().any(|c| c.is_ascii_uppercase()) && v.chars().any(|c| c.is_ascii_lowercase())
}

/// `SomeLongIdentifier`: capitals are few.
fn camel_words(v: &str) -> bool {
    let upper = v.chars().filter(char::is_ascii_uppercase).count();
    v.chars().all(|c| c.is_ascii_alphabetic()) && upper * 4 <= v.len()
}
