//! `textDocument/semanticTokens`: full, delta and range.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use metascript_analysis::{Cancellable, SemanticToken as Token, TokenKind};
use tower_lsp_server::gen_lsp_types::{
    SemanticToken, SemanticTokens, SemanticTokensDelta, SemanticTokensDeltaParams,
    SemanticTokensDeltaResponse, SemanticTokensEdit, SemanticTokensLegend, SemanticTokensParams,
    SemanticTokensRangeParams,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::{Query, State};

/// The last full answer of each document, which the next delta refers to.
#[derive(Default)]
pub(crate) struct LastTokens(Mutex<HashMap<String, (String, Arc<Vec<SemanticToken>>)>>);

impl LastTokens {
    fn replace(&self, document: &str, id: &str, tokens: &Arc<Vec<SemanticToken>>) {
        let entry = (id.to_owned(), Arc::clone(tokens));
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(document.to_owned(), entry);
    }

    fn get(&self, document: &str, id: &str) -> Option<Arc<Vec<SemanticToken>>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, tokens) = all.get(document)?;
        (known == id).then(|| Arc::clone(tokens))
    }

    /// Forgets a closed document.
    pub(crate) fn forget(&self, document: &str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(document);
    }
}

/// What the numbers of tokens mean.
pub(crate) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: TokenKind::ALL
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
        token_modifiers: vec!["definition".to_owned()],
    }
}

pub(crate) async fn full(
    state: &Arc<State>,
    params: SemanticTokensParams,
) -> Result<Option<SemanticTokens>> {
    let uri = params.text_document.uri;
    let found = state
        .query(&uri, move |query| {
            Ok((result_id(query), encode(query, None)?))
        })
        .await?;
    Ok(found.map(|(id, tokens)| {
        let tokens = Arc::new(tokens);
        state.tokens.replace(uri.as_ref(), &id, &tokens);
        SemanticTokens {
            result_id: Some(id),
            data: tokens.to_vec(),
        }
    }))
}

pub(crate) async fn delta(
    state: &Arc<State>,
    params: SemanticTokensDeltaParams,
) -> Result<Option<SemanticTokensDeltaResponse>> {
    let uri = params.text_document.uri;
    let found = state
        .query(&uri, move |query| {
            Ok((result_id(query), encode(query, None)?))
        })
        .await?;
    let Some((id, tokens)) = found else {
        return Ok(None);
    };
    let before = state.tokens.get(uri.as_ref(), &params.previous_result_id);
    let tokens = Arc::new(tokens);
    state.tokens.replace(uri.as_ref(), &id, &tokens);
    Ok(Some(match before {
        Some(before) => SemanticTokensDelta {
            result_id: Some(id),
            edits: difference(&before, &tokens).into_iter().collect(),
        }
        .into(),
        None => SemanticTokens {
            result_id: Some(id),
            data: tokens.to_vec(),
        }
        .into(),
    }))
}

pub(crate) async fn range(
    state: &Arc<State>,
    params: SemanticTokensRangeParams,
) -> Result<Option<SemanticTokens>> {
    state
        .query(&params.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let start = convert::offset(rope, params.range.start, query.encoding);
            let end = convert::offset(rope, params.range.end, query.encoding);
            Ok(SemanticTokens {
                result_id: None,
                data: encode(query, Some(start.min(end)..start.max(end)))?,
            })
        })
        .await
}

/// A document's revision never repeats, so it names an answer.
fn result_id(query: &Query<'_>) -> String {
    query.open.revision.to_string()
}

fn encode(
    query: &Query<'_>,
    part: Option<std::ops::Range<usize>>,
) -> Cancellable<Vec<SemanticToken>> {
    let tokens = query.analysis.semantic_tokens(query.file, part)?;
    let rope = query.open.document.rope();
    let mut lines = Lines::new(rope, query.encoding);
    let mut last = (0, 0);
    Ok(tokens
        .iter()
        .map(|token| {
            let (line, start, length) = lines.place(token);
            let delta_line = line - last.0;
            let delta_start = if delta_line == 0 {
                start - last.1
            } else {
                start
            };
            last = (line, start);
            SemanticToken {
                delta_line,
                delta_start,
                length,
                token_type: number(token.kind),
                token_modifiers_bitset: u32::from(token.definition),
            }
        })
        .collect())
}

fn number(kind: TokenKind) -> u32 {
    let index = TokenKind::ALL.iter().position(|one| *one == kind);
    index
        .and_then(|index| u32::try_from(index).ok())
        .unwrap_or(0)
}

/// Converts places in order, a line at a time: a file has many tokens, and most share their line with the one before.
struct Lines<'a> {
    rope: &'a ropey::Rope,
    encoding: metascript_syntax::position::PositionEncoding,
    line: usize,
    text: std::borrow::Cow<'a, str>,
    start: usize,
}

impl<'a> Lines<'a> {
    fn new(rope: &'a ropey::Rope, encoding: metascript_syntax::position::PositionEncoding) -> Self {
        Self {
            rope,
            encoding,
            line: 0,
            text: rope.line(0).into(),
            start: 0,
        }
    }

    /// Line, start and length, in the client's units.
    fn place(&mut self, token: &Token) -> (u32, u32, u32) {
        if !(self.start..self.start + self.text.len()).contains(&token.range.start) {
            self.line = self
                .rope
                .byte_to_line(token.range.start.min(self.rope.len_bytes()));
            self.start = self.rope.line_to_byte(self.line);
            self.text = self.rope.line(self.line).into();
        }
        let from = token.range.start.saturating_sub(self.start);
        let to = token.range.end.saturating_sub(self.start);
        let before = self.text.get(..from).unwrap_or_default();
        let inside = self
            .text
            .get(from..to.min(self.text.len()))
            .unwrap_or_default();
        (
            u32::try_from(self.line).unwrap_or(u32::MAX),
            self.units(before),
            self.units(inside),
        )
    }

    fn units(&self, text: &str) -> u32 {
        use metascript_syntax::position::PositionEncoding;
        let count = match self.encoding {
            PositionEncoding::Utf8 => text.len(),
            PositionEncoding::Utf16 => {
                if text.is_ascii() {
                    text.len()
                } else {
                    text.encode_utf16().count()
                }
            }
            PositionEncoding::Utf32 => text.chars().count(),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// One edit that turns `before` into `after`: what lies between their common beginning and end.
/// Positions are relative to the token before, so tokens behind an edit stay equal.
fn difference(before: &[SemanticToken], after: &[SemanticToken]) -> Option<SemanticTokensEdit> {
    let same = |(a, b): &(&SemanticToken, &SemanticToken)| a == b;
    let head = before.iter().zip(after).take_while(same).count();
    if head == before.len() && head == after.len() {
        return None;
    }
    let tail = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take_while(same)
        .count()
        .min(before.len().min(after.len()) - head);
    let inserted = after.get(head..after.len() - tail).unwrap_or_default();
    let units = |tokens: usize| u32::try_from(tokens * 5).unwrap_or(u32::MAX);
    Some(SemanticTokensEdit {
        start: units(head),
        delete_count: units(before.len() - tail - head),
        data: Some(
            inserted
                .iter()
                .flat_map(|token| {
                    [
                        token.delta_line,
                        token.delta_start,
                        token.length,
                        token.token_type,
                        token.token_modifiers_bitset,
                    ]
                })
                .collect(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(delta_line: u32, length: u32) -> SemanticToken {
        SemanticToken {
            delta_line,
            delta_start: 0,
            length,
            token_type: 1,
            token_modifiers_bitset: 0,
        }
    }

    #[test]
    fn a_delta_names_only_what_changed() {
        let before = [token(0, 1), token(1, 2), token(1, 3)];
        let after = [token(0, 1), token(1, 7), token(1, 8), token(1, 3)];
        let edit = difference(&before, &after).unwrap();
        assert_eq!((edit.start, edit.delete_count), (5, 5));
        assert_eq!(edit.data.unwrap().len(), 10);
        assert_eq!(difference(&after, &after), None);
    }

    #[test]
    fn repeated_tokens_are_not_counted_twice() {
        let before = [token(1, 1), token(1, 1)];
        let after = [token(1, 1), token(1, 1), token(1, 1)];
        let edit = difference(&before, &after).unwrap();
        assert_eq!((edit.start, edit.delete_count), (10, 0));
        assert_eq!(edit.data.unwrap().len(), 5);
    }
}
