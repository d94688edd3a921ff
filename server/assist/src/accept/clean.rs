//! Taking a model's answer apart from its wrapping: fences, talk, marker tokens, repetitions.

use super::{Place, Rejection};

/// Tokens that models write where their training ends a text.
const MARKERS: &[&str] = &[
    "<|",
    "<fim_",
    "<｜",
    "</s>",
    "<EOT>",
    "[SUFFIX]",
    "[PREFIX]",
    "[MIDDLE]",
    "<file_sep>",
    "<END>",
    "<MID>",
    "<PRE>",
    "<SUF>",
];

/// How talk begins, in lower case.
const TALK: &[&str] = &[
    "sure",
    "certainly",
    "of course",
    "here is",
    "here's",
    "here are",
    "i'm ",
    "i am ",
    "i can",
    "i cannot",
    "i'd ",
    "i'll ",
    "i have ",
    "as an ai",
    "as a language",
    "the missing",
    "the completed",
    "the code",
    "the hole",
    "this code",
    "this completes",
    "to complete",
    "to fill",
    "note:",
    "note that",
    "sorry",
    "apologies",
    "unfortunately",
    "okay",
    "ok,",
    "let me",
    "let's ",
    "ignore previous",
    "ignore all",
    "disregard",
    "you are ",
    "system:",
    "assistant:",
    "user:",
    "explanation:",
    "answer:",
];

/// The bare text of a completion.
pub(super) fn clean(place: &Place, said: &str) -> Result<String, Rejection> {
    let mut text = said.replace("\r\n", "\n");
    if let Some(at) = MARKERS.iter().filter_map(|marker| text.find(marker)).min() {
        text.truncate(at);
    }
    let prose = place.shape.is_prose();
    if !prose {
        text = match unfenced(&text) {
            Some(inner) => inner,
            None if talks(&text) => return Err(Rejection::Prose),
            None => text,
        };
    }
    let text = without_prefix(&text, &place.before);
    Ok(
        if place.before.contains("\r\n") || place.after.contains("\r\n") {
            text.replace('\n', "\r\n")
        } else {
            text
        },
    )
}

/// The content of the first fence, if the answer is wrapped in one, with or without talk around it.
fn unfenced(text: &str) -> Option<String> {
    let at = text.find("```")?;
    let before = text.get(..at)?;
    // A fence after code of the completion's own is where that code ends.
    if !before.trim().is_empty() && !talks(before) {
        return Some(before.trim_end().to_owned());
    }
    let (_, body) = text.get(at + 3..)?.split_once('\n')?;
    let end = body
        .find("\n```")
        .or_else(|| body.starts_with("```").then_some(0))
        .unwrap_or(body.len());
    body.get(..end).map(str::to_owned)
}

fn talks(text: &str) -> bool {
    let start: String = text
        .trim_start()
        .chars()
        .take(24)
        .collect::<String>()
        .to_lowercase();
    TALK.iter().any(|opening| start.starts_with(opening))
        // A sentence in any script: words without the signs that code has.
        || is_sentence(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default())
}

fn is_sentence(line: &str) -> bool {
    let line = line.trim();
    let ends = line.ends_with(['.', '!', '?', '。', '！', '？', ':', '：']);
    let signs = line.chars().any(|c| "{}[]()=\"'`;<>$@#\\|/*+".contains(c));
    let words = line.split_whitespace().count();
    let wide = line.chars().filter(|c| *c > '\u{2E80}').count();
    ends && !signs && (words >= 4 || wide >= 6)
}

/// The text without what it repeats of the text before it: the beginning of the line, or its indentation.
fn without_prefix(text: &str, before: &str) -> String {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indentation = line.trim().is_empty();
    if indentation {
        return text.strip_prefix(line).unwrap_or(text).to_owned();
    }
    let trimmed = line.trim_start();
    for repeated in [line, trimmed, trimmed.trim_end()] {
        if repeated.len() >= 4
            && let Some(rest) = text.trim_start_matches('\n').strip_prefix(repeated)
        {
            return rest.to_owned();
        }
    }
    // A blank at both ends of the seam is one too many.
    if line.ends_with(' ') {
        text.strip_prefix(' ').unwrap_or(text).to_owned()
    } else {
        text.to_owned()
    }
}

/// Shortest line that, found again after the cursor, ends a completion.
const TELLING: usize = 8;

/// The text without the end that repeats the beginning of what follows.
pub(super) fn without_suffix<'t>(text: &'t str, after: &str) -> &'t str {
    let mut text = text;
    // A whole line that stands after the cursor already: the model went on copying.
    if let Some(next) = after
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .filter(|line| line.len() >= TELLING)
    {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if at > 0 && line.trim() == next {
                text = text.get(..at).unwrap_or(text).trim_end();
                break;
            }
            at += line.len();
        }
    }
    let longest = text.len().min(after.len());
    let overlap = (1..=longest).rev().find(|&length| {
        after
            .get(..length)
            .is_some_and(|start| text.ends_with(start) && is_seam(start, text, length))
    });
    overlap
        .and_then(|length| text.get(..text.len() - length))
        .unwrap_or(text)
}

/// One equal letter is chance; an equal bracket, quote or line end is the same one.
fn is_seam(start: &str, text: &str, length: usize) -> bool {
    length >= 3 && text.len() > length && start.trim().len() >= 2
        || start
            .chars()
            .all(|c| c.is_whitespace() || "{}[]()\"'`;,".contains(c))
}

/// The text with the brackets and the quote closed that it leaves open; `None` if it leaves none open.
pub(super) fn closed(text: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(q), c) if c == q => quote = None,
            (Some(_), '\n') => quote = None,
            (Some(_), _) => {}
            (None, '"') => quote = Some('"'),
            (None, '{' | '[' | '(') => open.push(c),
            (None, '}' | ']' | ')') => drop(open.pop()),
            (None, _) => {}
        }
    }
    if open.is_empty() && quote.is_none() {
        return None;
    }
    let mut closed = text.trim_end().to_owned();
    closed.extend(quote);
    let indentation: String = text
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .map(|line| {
            line.chars()
                .take_while(|c| *c == ' ' || *c == '\t')
                .collect()
        })
        .unwrap_or_default();
    let mut indentation = indentation.as_str();
    for bracket in open.iter().rev() {
        if *bracket == '{' {
            indentation = indentation
                .strip_suffix("    ")
                .or_else(|| indentation.strip_suffix('\t'))
                .unwrap_or(indentation);
            closed.push('\n');
            closed.push_str(indentation);
        }
        closed.push(match bracket {
            '{' => '}',
            '[' => ']',
            _ => ')',
        });
    }
    Some(closed)
}
