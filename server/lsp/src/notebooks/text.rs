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

/// The cells, one after the other, an empty line between them.
pub(super) fn script<'a>(
    cells: impl Iterator<Item = &'a Cell>,
    encoding: PositionEncoding,
) -> (String, Layout) {
    let mut text = String::new();
    let mut line = 0;
    let mut layout = Layout::default();
    for cell in cells {
        let keyword = keyword(&cell.language);
        if let Some(keyword) = &keyword {
            text.push_str(keyword);
            text.push_str(" {\n");
            line += 1;
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
        if keyword.is_some() {
            text.push_str("}\n");
            line += 1;
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
        let (text, layout) = script(cells.iter(), PositionEncoding::Utf16);
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
        assert_eq!(layout.at(layout.places[1].first - 1), None);
    }
}
