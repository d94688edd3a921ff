//! Values that are secret because of what they are called: `password: "..."`, `TOKEN=...`, `--password ...`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Names whose value is a secret, as a part of a longer name too.
const NAMES: &str = r"(?:pass(?:wor[dt]|wd|phrase|code)?|pwd|passwort|kennwort|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|account[_-]?key|master[_-]?key|shared[_-]?key|client[_-]?secret|auth(?:orization)?|credentials?|bearer|connection[_-]?string|conn[_-]?str|webhook[_-]?url|salt|otp|pin)";

static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = format!(
        r#"(?i)(?:^|[^a-z]|[a-z_.\-]){NAMES}[a-z0-9_.\-]*["'`]?\]?\s*(?::\s*[A-Za-z<>\[\], ]{{1,24}}\s*)?(?:=>|:=|<-|==?=?|:|,|\()\s*[rbfuL@$]{{0,2}}(?:"{{3}}|'{{3}}|["'`])(?P<v>[^"'`\r\n]{{3,}})"#
    );
    Regex::new(&pattern).ok()
});
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = format!(
        r#"(?im)^[ \t]*(?:export[ \t]+|set[ \t]+|setx[ \t]+|\$env:|env[ \t]+|-[ \t]+)?[a-z0-9_.\-]*{NAMES}[a-z0-9_.\-]*[ \t]*[=:][ \t]*(?P<v>[^\s"'`$({{\[<,;]{{4,}})"#
    );
    Regex::new(&pattern).ok()
});
static FLAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = format!(
        r#"(?i)(?:--?[a-z0-9\-]*{NAMES}[a-z0-9\-]*(?:[ \t]+|=)["']?(?P<v>[^\s"'`$]{{4,}})|(?:-u|--user)[ \t]+["']?[\w.@\-]+:(?P<w>[^\s"'`$]{{3,}}))"#
    );
    Regex::new(&pattern).ok()
});

/// The ranges of such values.
pub(super) fn values(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (regex, bare) in [(&QUOTED, false), (&BARE, true), (&FLAG, true)] {
        let Some(regex) = regex.as_ref() else {
            continue;
        };
        for groups in regex.captures_iter(text) {
            let Some(value) = groups.name("v").or_else(|| groups.name("w")) else {
                continue;
            };
            if is_secret(value.as_str(), bare) {
                ranges.push(value.range());
            }
        }
    }
    ranges
}

/// References to a secret kept elsewhere are none, and unquoted words without a digit or a sign are code or prose.
fn is_secret(value: &str, bare: bool) -> bool {
    let value = value.trim();
    let reference = value.starts_with("${")
        || value.starts_with("{{")
        || value.starts_with('$')
        || value.starts_with('<');
    if reference || value.contains(super::MARK) {
        return false;
    }
    if bare {
        let plain = value
            .chars()
            .all(|c| c.is_alphabetic() || c == '_' || c == '.');
        let number = value.chars().all(|c| c.is_ascii_digit() || c == '.');
        return !plain
            && !number
            && !value.contains(['(', ')', '[', ']', '{', '}'])
            && !matches!(value, "true" | "false" | "null");
    }
    true
}
