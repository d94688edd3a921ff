//! What a text must hold before an expression of a rule can match it, as the build step found it: most expressions are never
//! compiled.

/// One of the texts stands in every match of an expression.
#[derive(Debug)]
pub(crate) struct Need {
    /// What is searched begins with it.
    start: bool,
    /// Upper and lower case of ASCII are the same.
    fold: bool,
    /// The bytes that the texts begin with, as bits.
    firsts: u128,
    texts: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/needs.rs"));

/// What is known of an expression.
pub(crate) fn of(expression: &str) -> Option<&'static Need> {
    let at = NEEDS
        .binary_search_by(|(known, _)| (*known).cmp(expression))
        .ok()?;
    NEEDS.get(at).map(|(_, need)| need)
}

impl Need {
    /// Whether the expression may match this text.
    pub(crate) fn met(&self, text: &str) -> bool {
        let text = text.as_bytes();
        if self.start {
            return self.begins(text);
        }
        text.iter()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii() && self.firsts & (1 << **byte) != 0)
            .any(|(at, _)| self.begins(text.get(at..).unwrap_or_default()))
    }

    fn begins(&self, text: &[u8]) -> bool {
        self.texts.iter().any(|it| {
            text.get(..it.len()).is_some_and(|head| {
                if self.fold {
                    head.eq_ignore_ascii_case(it.as_bytes())
                } else {
                    head == it.as_bytes()
                }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(expression: &str, text: &str) -> bool {
        of(expression).is_none_or(|need| need.met(text))
    }

    #[test]
    fn the_table_is_in_order_and_says_something_of_most() {
        assert!(NEEDS.is_sorted_by_key(|(expression, _)| *expression));
        assert!(NEEDS.len() > 100, "{}", NEEDS.len());
        for (expression, need) in &NEEDS {
            assert!(!need.texts.is_empty(), "{expression}");
            assert!(need.texts.iter().all(|it| !it.is_empty()), "{expression}");
        }
    }

    /// Texts made of the pieces that the expressions themselves speak of: where one matches, its need is met.
    #[test]
    fn what_matches_meets_the_need() {
        let pieces: Vec<&str> = NEEDS
            .iter()
            .flat_map(|(_, need)| need.texts.iter().copied())
            .collect();
        let joints = ["", " ", ".", "(", "=", "/x", "1"];
        let mut matched = 0;
        for (expression, need) in &NEEDS {
            let Ok(re) = regex::Regex::new(expression) else {
                continue;
            };
            for (k, piece) in need.texts.iter().enumerate() {
                for joint in joints {
                    let other = pieces.get((k * 31 + joint.len() * 7) % pieces.len());
                    let other = other.copied().unwrap_or_default();
                    for text in [
                        format!("{piece}{joint}"),
                        format!("{joint}{piece}"),
                        format!("{other}{joint}{piece}"),
                        format!("{piece}{joint}{other}"),
                        format!("{}{joint}{other}", piece.to_uppercase()),
                    ] {
                        if re.is_match(&text) {
                            matched += 1;
                            assert!(met(expression, &text), "{expression} on {text:?}");
                        }
                    }
                }
            }
        }
        assert!(matched > 1000, "{matched}");
    }
}
