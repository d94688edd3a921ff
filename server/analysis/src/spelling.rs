//! Which known word was meant.

/// The known word that is close enough to `word` to be what was meant: one slip in short words, two in longer ones, and
/// the first letter mostly right. Plural and singular are different words, not slips.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let length = folded.chars().count();
    let allowed = match length {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    known
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            if lower.chars().count().abs_diff(length) > allowed || is_inflection(&folded, &lower) {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&folded, &lower);
            (distance <= allowed && (distance > 0 || word != candidate))
                .then_some((distance, candidate))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// `items` and `item`, `author` and `authors`, `test1` and `test2`: different words on purpose.
fn is_inflection(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let suffix = long.strip_prefix(short);
    let stem = |text: &str| {
        text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_')
            .to_owned()
    };
    matches!(
        suffix,
        Some("s" | "es" | "d" | "ed" | "r" | "er" | "_" | "y" | "al" | "or")
    ) || (a != b && stem(a) == stem(b))
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = [
            "VARIABLE", "FUNCTION", "FOREACH", "IF", "test", "items", "message",
        ];
        for (word, expected) in [
            ("VARAIBLE", Some("VARIABLE")),
            ("VARIABEL", Some("VARIABLE")),
            ("FUNCTOIN", Some("FUNCTION")),
            ("mesage", Some("message")),
            ("FOR", None),
            ("item", None),
            ("tests", None),
            ("DEPLOYMENT_STRATEGY", None),
            ("task", None),
        ] {
            assert_eq!(closest(word, known), expected, "{word}");
        }
    }
}
