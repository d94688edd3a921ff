//! The script that the cells of a notebook are.

use metascript_syntax::Language;
use metascript_syntax::position::PositionEncoding;
use ropey::Rope;

/// A cell as the client has it.
pub(super) struct Cell {
    pub(super) uri: String,
    pub(super) version: i32,
    pub(super) language: String,
    pub(super) text: Rope,
}

/// What stood around a cell's code when the notebook was made of a script: the head of the block and its end.
pub(super) struct Frame<'a> {
    language: &'a str,
    head: &'a str,
    end: &'a str,
}

impl<'a> Frame<'a> {
    /// The frame that the client keeps in the metadata of a cell.
    pub(super) fn read(metadata: &'a serde_json::Map<String, serde_json::Value>) -> Option<Self> {
        let kept = metadata.get("metascript")?;
        let text = |name| kept.get(name).and_then(serde_json::Value::as_str);
        Some(Self {
            language: text("language")?,
            head: text("before")?.trim(),
            end: text("after")?.trim(),
        })
    }

    /// Whether the frame still fits: the cell may have become one of another language.
    fn fits(&self, language: &str) -> bool {
        self.language == language && !self.head.is_empty() && !self.end.is_empty()
    }
}

/// Where the cells stand in the script, in order.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(super) places: Vec<Place>,
}

/// The lines of one cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) uri: String,
    pub(super) version: i32,
    /// The first line of its text.
    pub(super) first: u32,
    /// How many lines its text has; never zero.
    pub(super) lines: u32,
    /// The length of its last line, in the client's units.
    pub(super) end: u32,
}

impl Layout {
    /// The cell that holds a line of the script; `None` for the lines that stand between cells.
    pub(super) fn at(&self, line: u32) -> Option<&Place> {
        let after = self.places.partition_point(|place| place.first <= line);
        let place = self.places.get(after.checked_sub(1)?)?;
        (line < place.first + place.lines).then_some(place)
    }

    pub(super) fn cell(&self, uri: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.uri == uri)
    }

    /// The cells' URIs.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|place| place.uri.as_str())
    }
}

/// Cells in these languages hold code alone, without the block around it. The names are those that editors use.
pub(crate) const LANGUAGES: &[&str] = &[
    "python",
    "javascript",
    "typescript",
    "fsharp",
    "csharp",
    "rust",
    "sql",
    "shellscript",
    "powershell",
];

/// The keyword of the block that a cell's code stands in; `None` for a cell that is a piece of a script.
fn keyword(language: &str) -> Option<String> {
    let known = LANGUAGES.contains(&language);
    let language = match language {
        "shellscript" => "bash",
        other => other,
    };
    known.then(|| Language::named(language).as_str().to_uppercase())
}

/// The head and the end of the block around a cell's code; `None` for a piece of a script.
fn around(language: &str, frame: Option<&Frame<'_>>) -> Option<(String, String)> {
    let keyword = keyword(language)?;
    Some(match frame.filter(|frame| frame.fits(language)) {
        Some(frame) => (frame.head.to_owned(), frame.end.to_owned()),
        None => (format!("{keyword} {{"), "}".to_owned()),
    })
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(Rope::from_str(text).len_lines()).unwrap_or(u32::MAX)
}

/// The cells, one after the other, an empty line between them.
pub(super) fn script<'a>(
    cells: impl Iterator<Item = (&'a Cell, Option<Frame<'a>>)>,
    encoding: PositionEncoding,
) -> (String, Layout) {
    let mut text = String::new();
    let mut line = 0;
    let mut layout = Layout::default();
    for (cell, frame) in cells {
        let around = around(&cell.language, frame.as_ref());
        if let Some((head, _)) = &around {
            text.push_str(head);
            text.push('\n');
            line += count_lines(head);
        }
        let lines = u32::try_from(cell.text.len_lines()).unwrap_or(u32::MAX);
        let last = cell
            .text
            .line(cell.text.len_lines().saturating_sub(1))
            .to_string();
        layout.places.push(Place {
            uri: cell.uri.clone(),
            version: cell.version,
            first: line,
            lines,
            end: units(&last, encoding),
        });
        text.extend(cell.text.chunks());
        if text.ends_with('\r') {
            // With the line feed that follows this would be one line end, not two.
            text.push(' ');
        }
        text.push('\n');
        line += lines;
        if let Some((_, end)) = &around {
            text.push_str(end);
            text.push('\n');
            line += count_lines(end);
        }
        text.push('\n');
        line += 1;
    }
    (text, layout)
}

fn units(text: &str, encoding: PositionEncoding) -> u32 {
    let count = match encoding {
        PositionEncoding::Utf8 => text.len(),
        PositionEncoding::Utf16 => text.encode_utf16().count(),
        PositionEncoding::Utf32 => text.chars().count(),
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]

    use serde_json::json;

    use super::*;

    fn cell(language: &str, text: &str) -> Cell {
        Cell {
            uri: language.to_owned(),
            version: 1,
            language: language.to_owned(),
            text: Rope::from_str(text),
        }
    }

    #[test]
    fn every_line_of_a_cell_is_a_line_of_the_script() {
        let cells = [
            cell("metascript", "CONFIG {\n    a: 1\n}\n"),
            cell("python", ""),
            cell("fsharp", "let é = 1\r\nprintfn \"x\"\r"),
            cell("shellscript", "ls"),
        ];
        let frames = [
            None,
            Some(json!({ "metascript": {
                "language": "python", "before": "PYTHON {\n", "after": "\n    output_variable: \"x\"\n}\n"
            } })),
            Some(json!({ "metascript": { "language": "rust", "before": "RUST {", "after": "}" } })),
            None,
        ];
        let framed = cells.iter().zip(&frames).map(|(cell, frame)| {
            let frame = frame.as_ref().and_then(|frame| frame.as_object());
            (cell, frame.and_then(Frame::read))
        });
        let (text, layout) = script(framed, PositionEncoding::Utf16);
        let whole = Rope::from_str(&text);
        for (cell, place) in cells.iter().zip(&layout.places) {
            for line in 0..place.lines {
                let there = whole.line((place.first + line) as usize).to_string();
                let here = cell.text.line(line as usize).to_string();
                assert_eq!(there.trim_end(), here.trim_end(), "{}", cell.language);
                assert_eq!(layout.at(place.first + line), Some(place));
            }
        }
        assert!(text.contains("BASH {\nls\n}\n"), "{text}");
        assert!(
            text.contains("PYTHON {\n\noutput_variable: \"x\"\n}\n"),
            "{text}"
        );
        assert!(text.contains("FSHARP {\n"), "{text}");
        assert_eq!(layout.at(layout.places[1].first - 1), None);
    }
}
