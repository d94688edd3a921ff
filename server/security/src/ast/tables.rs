//! Tables of plain words and numbers, one to a line: most of a generated file, and nothing to a rule.

use tree_sitter::{Point, Range};

/// Rows that are kept at either end of a table, so that what it is made of can still be seen.
const KEPT: usize = 8;
/// Tables with fewer rows than this are parsed as they are.
const SHORTEST: usize = 64;
/// A literal longer than this may be more than a word.
const LONGEST: usize = 40;

/// What the parser has to read of `text`: everything, or everything but the middle of long tables.
///
/// A row is one literal (letters, digits, blanks and underscores in quotes, or a number) and a comma. Leaving out rows
/// between rows of the same kind changes no bracket and no name; what rules look for in strings (paths, addresses,
/// statements) has other characters. Empty: there is no such table.
pub(super) fn parsed_ranges(text: &str) -> Vec<Range> {
    let mut out = Vec::new();
    if text.len() < SHORTEST * 3 {
        return out;
    }
    let mut kept_from = (0, 0);
    let mut table = Table::default();
    let (mut at, mut row) = (0, 0);
    for line in text.split_inclusive('\n').map(Some).chain([None]) {
        if line.is_some_and(is_row) {
            if table.rows == KEPT {
                table.cut_from = (at, row);
            }
            table.rows += 1;
            // The starts of the last rows, in a ring.
            if let Some(slot) = table.last.get_mut(table.rows % KEPT) {
                *slot = (at, row);
            }
        } else {
            if table.rows >= SHORTEST {
                let cut_to = table
                    .last
                    .get((table.rows + 1) % KEPT)
                    .copied()
                    .unwrap_or_default();
                out.push(range(kept_from, table.cut_from));
                kept_from = cut_to;
            }
            table.rows = 0;
        }
        at += line.map_or(0, str::len);
        row += 1;
    }
    if !out.is_empty() {
        out.push(range(kept_from, (text.len(), row)));
    }
    out
}

/// The table at hand; places are a byte and a row.
#[derive(Default)]
struct Table {
    rows: usize,
    cut_from: (usize, usize),
    last: [(usize, usize); KEPT],
}

fn range(from: (usize, usize), to: (usize, usize)) -> Range {
    Range {
        start_byte: from.0,
        end_byte: to.0,
        start_point: Point::new(from.1, 0),
        end_point: Point::new(to.1, 0),
    }
}

fn is_row(line: &str) -> bool {
    let Some(literal) = line.trim_ascii().strip_suffix(',') else {
        return false;
    };
    if literal.len() > LONGEST {
        return false;
    }
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b == b' ';
    match literal.as_bytes() {
        [b'\'', inside @ .., b'\''] | [b'"', inside @ .., b'"'] => inside.iter().all(plain),
        [b'-', rest @ ..] | rest => {
            rest.first().is_some_and(u8::is_ascii_digit)
                && rest
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        parsed_ranges(text)
            .iter()
            .map(|r| &text[r.start_byte..r.end_byte])
            .collect()
    }

    #[test]
    fn the_middle_of_a_table_is_left_out() {
        let rows: String = (0..100).map(|n| format!("    'w{n}',\n")).collect();
        let text = format!("a = [\n{rows}]\nb = eval(x)\n");
        let left = read(&text);
        assert!(
            left.starts_with("a = [\n    'w0',\n") && left.ends_with("'w99',\n]\nb = eval(x)\n")
        );
        assert!(left.contains("'w7',\n    'w92'"), "{left}");
        assert_eq!(left.lines().count(), 3 + 2 * KEPT);
    }

    #[test]
    fn short_tables_and_other_rows_are_read() {
        let rows = "    'a',\n".repeat(SHORTEST - 1);
        assert_eq!(read(&format!("a = [\n{rows}]\n")), "");
        let rows = "    '/tmp/a',\n".repeat(SHORTEST * 2);
        assert_eq!(read(&format!("a = [\n{rows}]\n")), "");
        let rows = "    f(a),\n".repeat(SHORTEST * 2);
        assert_eq!(read(&format!("a = [\n{rows}]\n")), "");
    }
}
