//! The texts that a pattern can begin with: where none of them stands, the pattern need not be tried, nor compiled.

/// Shortest beginning that is worth searching for.
const SHORTEST: usize = 3;

/// What every match of the pattern begins with, in lower case; empty when that cannot be told.
pub(crate) fn heads(pattern: &str) -> Vec<String> {
    let pattern = pattern.strip_prefix("(?i)").unwrap_or(pattern);
    let found = of_sequence(pattern).unwrap_or_default();
    if found.iter().any(|h| h.len() < SHORTEST) {
        return Vec::new();
    }
    found
}

/// The beginnings of a sequence without alternatives at its top.
fn of_sequence(pattern: &str) -> Option<Vec<String>> {
    let mut rest = pattern;
    while let Some(after) = rest.strip_prefix("\\b") {
        rest = after;
    }
    let (run, after) = literal(rest);
    if let Some((inside, _)) = group(after) {
        let mut out = Vec::new();
        for alternative in alternatives(inside) {
            for head in of_sequence(alternative)? {
                out.push(format!("{run}{head}"));
            }
        }
        return Some(out);
    }
    Some(vec![run])
}

/// The characters at the start that stand for themselves, and what follows them.
fn literal(pattern: &str) -> (String, &str) {
    let mut out = String::new();
    let mut rest = pattern;
    loop {
        let mut chars = rest.chars();
        let (c, after) = match chars.next() {
            Some('\\') => match chars.next() {
                Some(c) if c.is_ascii_punctuation() => (c, chars.as_str()),
                _ => break,
            },
            Some(c) if !"[](){}.*+?|^$".contains(c) => (c, chars.as_str()),
            _ => break,
        };
        if after.starts_with(['?', '*', '{']) {
            break;
        }
        out.push(c.to_ascii_lowercase());
        rest = after;
        if rest.starts_with('+') {
            break;
        }
    }
    (out, rest)
}

/// The inside of a group at the start, when it occurs exactly once.
fn group(pattern: &str) -> Option<(&str, &str)> {
    let body = pattern
        .strip_prefix("(?:")
        .or_else(|| pattern.strip_prefix('(').filter(|b| !b.starts_with('?')))?;
    let mut depth = 1;
    let mut class = false;
    let mut escaped = false;
    for (k, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => {
                depth -= 1;
                if depth == 0 {
                    let after = body.get(k + 1..)?;
                    return (!after.starts_with(['?', '*', '{']))
                        .then(|| body.get(..k).map(|inside| (inside, after)))
                        .flatten();
                }
            }
            _ => {}
        }
    }
    None
}

/// Splits at the bars that stand in no group and no class.
fn alternatives(inside: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut depth, mut class, mut escaped, mut from) = (0, false, false, 0);
    for (k, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth -= 1,
            '|' if !class && depth == 0 => {
                out.extend(inside.get(from..k));
                from = k + 1;
            }
            _ => {}
        }
    }
    out.extend(inside.get(from..));
    out
}

#[cfg(test)]
mod tests {
    use super::heads;

    #[test]
    fn beginnings_of_patterns() {
        let cases: &[(&str, &[&str])] = &[
            (r"\b(ghp_[A-Za-z0-9]{36})\b", &["ghp_"]),
            (r"\b(gl(?:pat|dt)-[a-z]+)", &["glpat", "gldt"]),
            (r"\b(ghr_[a-z]{3}|v1\.[0-9a-f]{40})\b", &["ghr_", "v1."]),
            (r"(?i)\bOkta.{0,30}?\b(00[a-z]{40})", &["okta"]),
            (r"\b((?:sk|rk)_live)", &[]),
            (r"\b([a-f0-9]{32}-us\d)\b", &[]),
            (r"(hooks\.slack\.com/(?:a|b)?x)", &["hooks.slack.com/"]),
            (r"\b(abcd?e)", &["abc"]),
        ];
        for (pattern, expected) in cases {
            assert_eq!(heads(pattern), *expected, "{pattern}");
        }
    }
}
