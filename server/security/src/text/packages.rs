//! Package names that imitate well-known ones.

use std::collections::HashMap;
use std::sync::LazyLock;

static KNOWN: LazyLock<HashMap<String, Vec<String>>> =
    LazyLock::new(|| serde_json::from_str(built_in!("packages")).unwrap_or_default());

/// The well-known package that this name imitates: one letter more, less, changed or exchanged.
pub(crate) fn imitates(language: &str, import: &str) -> Option<&'static str> {
    let language = if matches!(language, "typescript" | "tsx") {
        "javascript"
    } else {
        language
    };
    let list = KNOWN.get(language)?;
    let name = import.split(['.', '/']).next().unwrap_or(import);
    let standard = KNOWN.get(&format!("{language}-standard"));
    if standard.is_some_and(|modules| modules.iter().any(|m| m == name)) {
        return None;
    }
    if name.len() < 5 || import.starts_with(['.', '/', '@']) || list.iter().any(|k| k == name) {
        return None;
    }
    list.iter()
        .find(|k| k.len() >= 5 && one_step(k, name))
        .map(String::as_str)
}

/// One edit apart, and not a plural or a numbered version.
fn one_step(known: &str, name: &str) -> bool {
    if known.len().abs_diff(name.len()) > 4 || known.chars().next() != name.chars().next() {
        return false;
    }
    let (a, b): (Vec<char>, Vec<char>) = (known.chars().collect(), name.chars().collect());
    if a.len().abs_diff(b.len()) > 1 || a.first() != b.first() {
        return false;
    }
    let plural = format!("{known}s") == name || format!("{name}s") == known;
    let numbered = name.ends_with(|c: char| c.is_ascii_digit())
        || known.ends_with(|c: char| c.is_ascii_digit());
    if plural || numbered {
        return false;
    }
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let rest = |v: &Vec<char>| v.len().saturating_sub(head + tail);
    match (rest(&a), rest(&b)) {
        (0 | 1, 0 | 1) => true,
        (2, 2) => a.get(head) == b.get(head + 1) && a.get(head + 1) == b.get(head),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_makes_an_imitation() {
        assert_eq!(imitates("python", "reqeusts"), Some("requests"));
        assert_eq!(imitates("python", "numpyy"), Some("numpy"));
        for fine in [
            "requests",
            "request",
            "os",
            "types",
            "mymodule",
            "httpx",
            "pandas.core",
        ] {
            assert_eq!(imitates("python", fine), None, "{fine}");
        }
    }
}
