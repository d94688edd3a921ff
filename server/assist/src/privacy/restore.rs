//! Putting secrets back into an answer that arrives in pieces.

use super::{DIGITS, MARK, Placeholders};

/// Replaces placeholders by their secrets in a stream. A placeholder may be cut anywhere between two pieces.
#[derive(Debug)]
pub struct Restorer {
    placeholders: Placeholders,
    held: String,
}

impl Restorer {
    /// A restorer for the secrets of one request.
    pub fn new(placeholders: Placeholders) -> Self {
        Self {
            placeholders,
            held: String::new(),
        }
    }

    /// Takes a piece and gives what is certain; the beginning of a possible placeholder is held back.
    pub fn push(&mut self, piece: &str) -> String {
        if self.placeholders.is_empty() {
            return piece.to_owned();
        }
        self.held.push_str(piece);
        let text = std::mem::take(&mut self.held);
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(MARK) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let length = MARK.len() + DIGITS;
            let Some(name) = from.get(..length) else {
                if from.len() < length {
                    from.clone_into(&mut self.held);
                    return out;
                }
                out.push_str(MARK);
                rest = from.get(MARK.len()..).unwrap_or_default();
                continue;
            };
            out.push_str(self.placeholders.get(name).unwrap_or(name));
            rest = from.get(length..).unwrap_or_default();
        }
        let keep = (1..MARK.len())
            .rev()
            .find(|&n| MARK.get(..n).is_some_and(|head| rest.ends_with(head)))
            .unwrap_or(0);
        let (sure, held) = rest.split_at(rest.len() - keep);
        out.push_str(sure);
        held.clone_into(&mut self.held);
        out
    }

    /// The rest, when the stream is over.
    pub fn end(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}
