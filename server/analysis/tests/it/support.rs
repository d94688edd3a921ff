//! Pictures of answers: the source with carets under what is meant, and the answer beside them.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use metascript_analysis::{Analysis, AnalysisHost, FileId};
use metascript_syntax::Document;

pub(crate) struct Script {
    pub(crate) text: String,
    /// Where `$0` stood.
    pub(crate) cursor: usize,
    pub(crate) host: AnalysisHost,
    pub(crate) file: FileId,
}

impl Script {
    /// Takes a script apart at its `$0`; without one the cursor is at the start.
    pub(crate) fn new(marked: &str) -> Script {
        let cursor = marked.find("$0").unwrap_or(0);
        let text = marked.replacen("$0", "", 1);
        let mut host = AnalysisHost::new();
        let file = host.set_file(Path::new("/scripts/main.tars"), Document::parse(&text));
        Script {
            text,
            cursor,
            host,
            file,
        }
    }

    pub(crate) fn analysis(&self) -> Analysis {
        self.host.snapshot()
    }

    /// The lines that the ranges touch, with carets below, and a note for each.
    pub(crate) fn picture(&self, notes: &[(Range<usize>, String)]) -> String {
        picture(&self.text, notes)
    }
}

pub(crate) fn picture(text: &str, notes: &[(Range<usize>, String)]) -> String {
    let mut out = String::new();
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        let here: Vec<_> = notes
            .iter()
            .filter(|(range, _)| {
                range.start >= start
                    && (range.start < end || (end == text.len() && range.start == end))
            })
            .collect();
        if !here.is_empty() {
            let body = line.trim_end_matches('\n');
            writeln!(out, "{:>3} | {body}", number + 1).unwrap();
            for (range, note) in here {
                let from = line[..range.start - start].chars().count();
                let to = range.end.min(start + body.len()).max(range.start);
                let width = text[range.start..to].chars().count().max(1);
                writeln!(
                    out,
                    "    | {}{} {note}",
                    " ".repeat(from),
                    "^".repeat(width)
                )
                .unwrap();
            }
        }
        start = end;
    }
    if out.is_empty() {
        out.push_str("(nothing)\n");
    }
    out
}
