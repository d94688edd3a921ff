//! Python that was cut out of the middle of a file: its first line is indented, and nothing is there to be indented under.

use tree_sitter::{Point, Range};

/// What the parser has to read so that the first line begins at the margin; places in the text stay as they are. Lines with less
/// indentation than those before them end their block. Empty: the first line is at the margin already.
pub(crate) fn ranges(code: &str) -> Vec<Range> {
    let first = code.lines().find(|line| !is_blank(line));
    let mut margin = first.map_or(0, indentation);
    if margin == 0 {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut at = 0;
    for (row, line) in code.split_inclusive('\n').enumerate() {
        let indented = indentation(line);
        if !is_blank(line) {
            margin = margin.min(indented);
        }
        let left_out = margin.min(indented);
        out.push(Range {
            start_byte: at + left_out,
            end_byte: at + line.len(),
            start_point: Point::new(row, left_out),
            end_point: Point::new(row + 1, 0),
        });
        at += line.len();
    }
    out
}

/// The body that the last line of the code, the head of a block, lacks.
pub(crate) fn missing_body(code: &str) -> Option<String> {
    let last = code.lines().rev().find(|line| !is_blank(line))?;
    let indented = last.get(..indentation(last))?;
    last.trim_end()
        .ends_with(':')
        .then(|| format!("\n{indented}    pass\n"))
}

fn is_blank(line: &str) -> bool {
    line.trim_start().is_empty()
}

fn indentation(line: &str) -> usize {
    line.bytes().take_while(|b| b" \t".contains(b)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: &str) -> String {
        let parts = ranges(code);
        let parts = parts
            .iter()
            .map(|range| &code[range.start_byte..range.end_byte]);
        parts.collect()
    }

    #[test]
    fn the_first_line_comes_to_the_margin() {
        for (code, expected) in [
            ("    a()\n    b()\n", "a()\nb()\n"),
            ("    if a:\n\n        b()\nc()", "if a:\n\n    b()\nc()"),
            (
                "\n        a()\ndef f():\n    b()\n",
                "\na()\ndef f():\n    b()\n",
            ),
            ("\tif a:\n\t\tb()\n", "if a:\n\tb()\n"),
            ("a()\n    b()\n", ""),
            ("", ""),
        ] {
            assert_eq!(read(code), expected, "{code:?}");
        }
    }

    #[test]
    fn a_head_gets_a_body() {
        assert_eq!(
            missing_body("x\n  if a:\n\n").as_deref(),
            Some("\n      pass\n")
        );
        assert_eq!(missing_body("if a:\n  b\n"), None);
    }
}
