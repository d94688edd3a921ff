//! Findings for people: the source, with the place marked.

use std::fmt::Write;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use metascript_security::render::FileFindings;
use metascript_security::{Finding, Severity, Trend};
use rayon::prelude::*;

/// Lines of a long range that are shown.
const MAX_LINES: usize = 6;

/// Bytes of an excerpt; a longer line is cut around the mark.
const MAX_EXCERPT: usize = 4096;

/// All findings, and a line that counts them.
pub(super) fn render(files: &[FileFindings], trend: Option<&Trend>, renderer: &Renderer) -> String {
    let each: Vec<String> = files
        .par_iter()
        .map(|file| {
            let mut lines = Lines::of(&file.text);
            let mut out = String::new();
            for finding in &file.findings {
                let first_line = lines.number(finding.range.start);
                out.push_str(&one(renderer, file, finding, first_line));
                out.push_str("\n\n");
            }
            out
        })
        .collect();
    each.concat() + &summary(files, trend)
}

fn one(renderer: &Renderer, file: &FileFindings, finding: &Finding, first_line: usize) -> String {
    let level = match finding.severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low | Severity::Info => Level::INFO,
    };
    let excerpt = excerpt(&file.text, &finding.range);
    let mut mark = vec![AnnotationKind::Primary.span(excerpt.mark.clone())];
    if let Some((source, words)) = &finding.source {
        // The place where the data comes in is shown when it is on the same page.
        let (from, to) = (excerpt.start, excerpt.start + excerpt.text.len());
        if source.start >= from && source.end <= to && *source != finding.range {
            let span = source.start - from..source.end - from;
            mark.push(AnnotationKind::Context.span(span).label(words.as_str()));
        }
    }
    let snippet = Snippet::source(excerpt.text)
        .line_start(first_line)
        .path(file.path.as_str())
        .annotations(mark);
    let mut about = format!(
        "{} severity, {} confidence",
        finding.severity, finding.confidence
    );
    for cwe in &finding.rule.cwe {
        let _ = write!(about, ", CWE-{cwe}");
    }
    let title = level
        .primary_title(finding.message.as_str())
        .id(finding.rule.id.as_str());
    let mut report = vec![
        title.element(snippet),
        Group::with_title(Level::NOTE.secondary_title(about)),
    ];
    if !finding.rule.fix.is_empty() {
        report.push(Group::with_title(
            Level::HELP.secondary_title(finding.rule.fix.as_str()),
        ));
    }
    renderer.render(&report)
}

/// Numbers the lines of a text for places in rising order: each line is counted once.
struct Lines<'t> {
    text: &'t [u8],
    seen: usize,
    breaks: usize,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Lines {
            text: text.as_bytes(),
            seen: 0,
            breaks: 0,
        }
    }

    /// The line, from 1, of a place in bytes.
    fn number(&mut self, at: usize) -> usize {
        if at < self.seen {
            (self.seen, self.breaks) = (0, 0);
        }
        let new = self.text.get(self.seen..at).unwrap_or_default();
        self.breaks += memchr::memchr_iter(b'\n', new).count();
        self.seen = at;
        self.breaks + 1
    }
}

struct Excerpt {
    text: String,
    start: usize,
    mark: Range<usize>,
}

/// The lines around a range, cut to a size that a terminal can show.
fn excerpt(text: &str, range: &Range<usize>) -> Excerpt {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let before = text.get(..range.start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |k| k + 1);
    let start = floor(line_start.max(range.start.saturating_sub(MAX_EXCERPT / 2)));
    let stop = text
        .get(range.start..)
        .unwrap_or_default()
        .match_indices('\n')
        .map(|(k, _)| range.start + k)
        .take(MAX_LINES)
        .find(|end| *end >= range.end)
        .or_else(|| {
            text.get(range.start..)?
                .match_indices('\n')
                .nth(MAX_LINES - 1)
                .map(|(k, _)| range.start + k)
        })
        .unwrap_or(text.len());
    let stop = floor(stop.min(start + MAX_EXCERPT)).max(start);
    let shown = text.get(start..stop).unwrap_or_default().to_owned();
    let from = (range.start - start).min(shown.len());
    Excerpt {
        mark: from..(range.end.saturating_sub(start)).clamp(from, shown.len()),
        text: shown,
        start,
    }
}

fn summary(files: &[FileFindings], trend: Option<&Trend>) -> String {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let findings = || files.iter().flat_map(|f| &f.findings);
    let mut out = format!(
        "{} scanned: {}",
        plural(files.len(), "file"),
        plural(findings().count(), "finding")
    );
    let parts: Vec<String> = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ]
    .into_iter()
    .map(|s| (s, findings().filter(|f| f.severity == s).count()))
    .filter(|(_, n)| *n > 0)
    .map(|(s, n)| format!("{n} {s}"))
    .collect();
    if !parts.is_empty() {
        let _ = write!(out, " ({})", parts.join(", "));
    }
    if let Some(trend) = trend {
        let _ = write!(
            out,
            "; baseline: {} new, {} known, {} fixed",
            trend.new, trend.known, trend.fixed
        );
    }
    out.push('\n');
    out
}
