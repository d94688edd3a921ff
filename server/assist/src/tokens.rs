//! How many tokens a text is, without a tokenizer: an estimate that is rather too high.

/// Bytes per token that no tokenizer in use undercuts on code, on average.
const BYTES_PER_TOKEN: f64 = 3.0;

/// Tokens of a text of so many bytes.
pub fn estimate_len(bytes: usize) -> u32 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss
    )]
    let tokens = (bytes as f64 / BYTES_PER_TOKEN).ceil() as u32;
    tokens
}

/// The end of a text that fits into so many tokens, beginning with a whole line where there is one.
pub fn tail(text: &str, tokens: u32) -> &str {
    let bytes = bytes(tokens);
    if text.len() <= bytes {
        return text;
    }
    let mut from = text.len() - bytes;
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let cut = text.get(from..).unwrap_or_default();
    cut.find('\n')
        .and_then(|at| cut.get(at + 1..))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(cut)
}

/// The beginning of a text that fits into so many tokens, ending with a whole line where there is one.
pub fn head(text: &str, tokens: u32) -> &str {
    let bytes = bytes(tokens);
    if text.len() <= bytes {
        return text;
    }
    let mut to = bytes;
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    let cut = text.get(..to).unwrap_or_default();
    cut.rfind('\n').and_then(|at| cut.get(..=at)).unwrap_or(cut)
}

fn bytes(tokens: u32) -> usize {
    tokens as usize * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_fit_and_begin_and_end_at_lines() {
        let text = "first line\nsecond ligne é\nthird\n";
        assert_eq!(tail(text, 4), "third\n");
        assert_eq!(head(text, 8), "first line\n");
        assert_eq!(tail("ééééé", 1), "é");
        assert_eq!(head("ééééé", 1), "é");
        assert_eq!(tail(text, 1000), text);
        assert_eq!(estimate_len(0), 0);
        assert_eq!(estimate_len(10), 4);
    }
}
