//! Regular expressions whose time explodes.

/// What a repetition inside a repetition means for the time of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Danger {
    /// No nested repetition.
    None,
    /// Nested, but each round begins with something of its own.
    Nested,
    /// Nested without a separator, or alternatives that overlap: exponential.
    Exponential,
}

#[derive(Default)]
struct Group {
    /// A repetition without upper bound inside.
    repeats: bool,
    /// Nested repetition seen inside.
    danger_inside: bool,
    /// Something in this group must be matched once and stands beside the repetition.
    anchor: bool,
    /// Heads of alternatives, to see overlaps.
    heads: Vec<String>,
    at_head: bool,
    alternatives: usize,
    any_alternative_unanchored: bool,
    width: usize,
}

impl Group {
    fn new() -> Group {
        Group {
            at_head: true,
            ..Group::default()
        }
    }

    fn atom(&mut self, text: &str) {
        if self.at_head {
            self.heads.push(text.to_owned());
            self.at_head = false;
        }
        self.width += 1;
    }
}

/// Judges a pattern by its structure; the syntax is what Python, JavaScript and .NET share.
pub(crate) fn judge(pattern: &str) -> Danger {
    let chars: Vec<char> = pattern.chars().take(4096).collect();
    let at = |i: usize| chars.get(i).copied();
    let mut stack = vec![Group::new()];
    let mut worst = Danger::None;
    let mut i = 0;
    while let Some(c) = at(i) {
        let mut closed: Option<Group> = None;
        let start = i;
        match c {
            '\\' => i += 2,
            '[' => {
                i += 1;
                if at(i) == Some('^') {
                    i += 1;
                }
                if at(i) == Some(']') {
                    i += 1;
                }
                while let Some(c) = at(i) {
                    i += if c == '\\' { 2 } else { 1 };
                    if c == ']' {
                        break;
                    }
                }
            }
            '(' => {
                i += 1;
                if at(i) == Some('?') {
                    i += 1;
                    while at(i).is_some_and(|c| {
                        matches!(c, ':' | '=' | '!' | '<' | '>' | 'P')
                            || c.is_ascii_alphanumeric()
                            || c == '_'
                    }) {
                        let stop = matches!(at(i), Some(':' | '=' | '!' | '>'));
                        i += 1;
                        if stop {
                            break;
                        }
                    }
                }
                if stack.len() > 200 {
                    return worst;
                }
                stack.push(Group::new());
                continue;
            }
            ')' => {
                i += 1;
                if stack.len() > 1 {
                    closed = stack.pop();
                }
                if closed.is_none() {
                    // Unbalanced: what an engine makes of it is anyone's guess.
                    return worst.max(Danger::Nested);
                }
            }
            '|' => {
                i += 1;
                if let Some(g) = stack.last_mut() {
                    g.any_alternative_unanchored |= !g.anchor && g.repeats;
                    g.anchor = false;
                    g.at_head = true;
                    g.alternatives += 1;
                }
                continue;
            }
            '^' | '$' => {
                i += 1;
                continue;
            }
            _ => i += 1,
        }
        let atom: String = chars
            .get(start..i.min(chars.len()))
            .unwrap_or_default()
            .iter()
            .collect();
        let (unbounded, optional, end) = quantifier(&chars, i);
        let quantified = end > i;
        i = end;
        let inner = closed;
        let head = match &inner {
            Some(g) => g.heads.first().cloned().unwrap_or_default(),
            None => atom,
        };
        if let Some(inner) = &inner {
            if unbounded && (inner.repeats || inner.danger_inside) {
                let open = !inner.anchor || inner.any_alternative_unanchored;
                worst = worst.max(if open {
                    Danger::Exponential
                } else {
                    Danger::Nested
                });
            }
            if unbounded && inner.alternatives > 0 && overlap(&inner.heads) {
                worst = worst.max(Danger::Exponential);
            }
        }
        if let Some(g) = stack.last_mut() {
            g.atom(&head);
            if unbounded {
                g.repeats = true;
            } else if !optional {
                match &inner {
                    Some(inner) if inner.repeats => {
                        g.repeats = true;
                        g.anchor |= inner.anchor && inner.alternatives == 0;
                    }
                    _ => g.anchor |= !matches!(head.as_str(), "." | "\\w" | "\\S"),
                }
            } else if let Some(inner) = &inner {
                g.repeats |= inner.repeats;
            }
            if let Some(inner) = &inner {
                g.danger_inside |=
                    inner.danger_inside || (quantified && unbounded && inner.repeats);
            }
        }
    }
    worst
}

/// Two alternatives that begin alike, or one that matches what another does.
fn overlap(heads: &[String]) -> bool {
    let wide = |h: &str| matches!(h, "." | "\\S" | "[\\s\\S]" | "\\w");
    for (n, a) in heads.iter().enumerate() {
        for b in heads.iter().skip(n + 1) {
            if a == b || a == "." || b == "." {
                return true;
            }
            let word = |h: &str| {
                h.chars().count() == 1 && h.chars().all(char::is_alphanumeric)
                    || h == "\\d"
                    || h == "[a-z]"
                    || h == "[0-9]"
                    || h == "[a-zA-Z]"
            };
            if (wide(a) && word(b)) || (wide(b) && word(a)) {
                return true;
            }
        }
    }
    false
}

/// Whether a quantifier at `i` has no upper bound, may be zero, and where it ends.
fn quantifier(chars: &[char], i: usize) -> (bool, bool, usize) {
    let at = |i: usize| chars.get(i).copied();
    let (unbounded, optional, mut end) = match at(i) {
        Some('*') => (true, true, i + 1),
        Some('+') => (true, false, i + 1),
        Some('?') => (false, true, i + 1),
        Some('{') => {
            let close = (i..chars.len().min(i + 16)).find(|k| at(*k) == Some('}'));
            let Some(close) = close else {
                return (false, false, i);
            };
            let body: String = chars.get(i + 1..close).unwrap_or_default().iter().collect();
            if body.is_empty() || !body.chars().all(|c| c.is_ascii_digit() || c == ',') {
                return (false, false, i);
            }
            let (low, high) = body
                .split_once(',')
                .map_or((body.as_str(), Some(body.as_str())), |(l, h)| {
                    (l, if h.is_empty() { None } else { Some(h) })
                });
            let big = high
                .and_then(|h| h.parse::<u32>().ok())
                .is_none_or(|h| h > 25);
            (
                big && low != high.unwrap_or(""),
                low == "0" || low.is_empty(),
                close + 1,
            )
        }
        _ => return (false, false, i),
    };
    if matches!(at(end), Some('?' | '+')) {
        end += 1;
    }
    (unbounded, optional, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_repetition_is_found() {
        for p in [
            "(a+)+$",
            "(a*)*",
            "([a-z]+)*x",
            "(a|a)*",
            "(x+x+)+y",
            "(.|a)+",
            "^(([a-z])+.)+[A-Z]([a-z])+$",
            r"(\w+\d*)+$",
        ] {
            assert_eq!(judge(p), Danger::Exponential, "{p}");
        }
        for p in [r"([a-z]+\.)+com", r"(\d+,)*\d+"] {
            assert_eq!(judge(p), Danger::Nested, "{p}");
        }
        for p in [
            "a+b*",
            r"^\d{3}-\d+$",
            "(abc)+",
            "[a+]+",
            "(?:foo|bar)*",
            r"\(a+\)+",
            "(a{1,3})+",
            "((((",
            "a|",
            "[",
            "\\",
        ] {
            assert_eq!(judge(p), Danger::None, "{p}");
        }
    }
}
