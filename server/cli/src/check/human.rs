//! Diagnostics for people: the source, with the place marked.

use std::io;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use metascript_analysis::{Diagnostic, Severity};
use ropey::Rope;

use super::Checked;
use crate::files::Unreadable;
use crate::out;

/// Lines of a long range that are shown.
const MAX_LINES: usize = 6;

/// Bytes of a source excerpt that are shown; a longer line is cut around the mark.
const MAX_EXCERPT: usize = 4096;

pub(super) fn print(checked: &[Checked], unreadable: &[Unreadable], hints: bool) -> io::Result<()> {
    super::print_unreadable(unreadable);
    let renderer = out::renderer();
    let mut count = Count::default();
    for file in checked {
        let mut text = String::new();
        for item in file.diagnostics.iter() {
            count.add(item.severity);
            if item.severity == Severity::Hint && !hints {
                continue;
            }
            text.push_str(&render(&renderer, file, item));
            text.push_str("\n\n");
        }
        out::print(&text)?;
    }
    let hidden = if count.hints > 0 && !hints {
        " (--hints shows them)"
    } else {
        ""
    };
    out::print(&format!("{}{hidden}\n", count.summary(checked.len())))
}

fn render(renderer: &Renderer, file: &Checked, item: &Diagnostic) -> String {
    let level = match item.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Information | Severity::Hint => Level::INFO,
    };
    let rope = file.document.rope();
    let excerpt = Excerpt::around(rope, &item.range);
    let snippet = Snippet::source(excerpt.text)
        .line_start(excerpt.first_line + 1)
        .path(file.path.as_str())
        .annotation(AnnotationKind::Primary.span(excerpt.mark));
    let title = level
        .primary_title(item.message.as_str())
        .id(item.code.as_str());
    let mut report: Vec<Group<'_>> = vec![title.element(snippet)];
    if let Some(fix) = item.fixes.first() {
        report.push(Group::with_title(
            Level::HELP.secondary_title(fix.title.as_str()),
        ));
    }
    renderer.render(&report)
}

/// The lines around a range, cut to a size that a terminal can show.
struct Excerpt {
    text: String,
    first_line: usize,
    mark: Range<usize>,
}

impl Excerpt {
    fn around(rope: &Rope, range: &Range<usize>) -> Self {
        let end = rope.len_bytes();
        let (from, to) = (range.start.min(end), range.end.min(end));
        let first_line = rope.byte_to_line(from);
        let last_line = rope.byte_to_line(to).min(first_line + MAX_LINES);
        let line_start = rope.line_to_byte(first_line);
        let line_end = rope.line_to_byte((last_line + 1).min(rope.len_lines()));
        // A minified line of megabytes is cut to its part around the mark.
        let start = boundary(rope, line_start.max(from.saturating_sub(MAX_EXCERPT / 2)));
        let stop = boundary(rope, line_end.min(start + MAX_EXCERPT));
        let text = rope.byte_slice(start..stop.max(start)).to_string();
        let mark = from.saturating_sub(start)..to.clamp(start, stop.max(start)) - start;
        Self {
            mark: mark.start.min(text.len())
                ..mark.end.min(text.len()).max(mark.start.min(text.len())),
            text,
            first_line,
        }
    }
}

/// The start of the character that holds a byte.
fn boundary(rope: &Rope, byte: usize) -> usize {
    rope.char_to_byte(rope.byte_to_char(byte.min(rope.len_bytes())))
}

#[derive(Default)]
struct Count {
    errors: usize,
    warnings: usize,
    hints: usize,
}

impl Count {
    fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Information | Severity::Hint => self.hints += 1,
        }
    }

    fn summary(&self, files: usize) -> String {
        let plural = |count: usize, word: &str| {
            format!("{count} {word}{}", if count == 1 { "" } else { "s" })
        };
        format!(
            "{} checked: {}, {}, {}",
            plural(files, "file"),
            plural(self.errors, "error"),
            plural(self.warnings, "warning"),
            plural(self.hints, "hint"),
        )
    }
}
