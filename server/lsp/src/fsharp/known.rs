//! What the compiler has said, by document and cell, and what of it still holds while a cell is edited.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metascript_sandbox::FSharpDiagnostic;

use super::Sheet;

/// What was said about one cell.
#[derive(Clone)]
struct Checked {
    key: u64,
    code: Arc<str>,
    found: Arc<[FSharpDiagnostic]>,
}

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<String, Vec<Option<Checked>>>>);

impl Known {
    /// Whether any F# cell of the document was looked at.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.all().contains_key(name)
    }

    pub(crate) fn forget(&self, name: &str) {
        self.all().remove(name);
    }

    /// Puts what is known in the order of the cells as they are now.
    pub(crate) fn align(&self, name: &str, sheet: &Sheet) {
        let mut all = self.all();
        let old = all.remove(name).unwrap_or_default();
        let new = (0..sheet.cells.len())
            .map(|cell| nearest(&old, sheet, cell).cloned())
            .collect();
        all.insert(name.to_owned(), new);
    }

    /// The cells whose state is not known, those with new code first.
    pub(crate) fn wanted(&self, name: &str, sheet: &Sheet) -> Vec<(usize, u64)> {
        let all = self.all();
        let known = all.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut wanted: Vec<_> = sheet
            .cells
            .iter()
            .enumerate()
            .filter_map(|(cell, one)| {
                let before = known.get(cell).and_then(Option::as_ref);
                if before.is_some_and(|before| before.key == one.key) {
                    return None;
                }
                let same =
                    before.is_some_and(|before| Some(&before.code) == sheet.script.cells.get(cell));
                Some((same, cell, one.key))
            })
            .collect();
        wanted.sort_unstable();
        wanted
            .into_iter()
            .map(|(_, cell, key)| (cell, key))
            .collect()
    }

    /// Takes in what was found. Whether something else is to be shown now.
    pub(crate) fn learn(
        &self,
        name: &str,
        cell: usize,
        key: u64,
        code: &Arc<str>,
        found: Vec<FSharpDiagnostic>,
    ) -> bool {
        let mut all = self.all();
        // The document may be closed.
        let Some(place) = all.get_mut(name).and_then(|cells| cells.get_mut(cell)) else {
            return false;
        };
        let shown = place
            .as_ref()
            .map(|before| carried(before, code))
            .unwrap_or_default();
        let changed = shown != found;
        *place = Some(Checked {
            key,
            code: Arc::clone(code),
            found: found.into(),
        });
        changed
    }

    /// What is to be shown, with the number of the cell.
    pub(crate) fn shown(&self, name: &str, sheet: &Sheet) -> Vec<(usize, FSharpDiagnostic)> {
        let all = self.all();
        let known = all.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut shown = Vec::new();
        for (cell, code) in sheet.script.cells.iter().enumerate() {
            if let Some(checked) = nearest(known, sheet, cell) {
                shown.extend(carried(checked, code).into_iter().map(|one| (cell, one)));
            }
        }
        shown
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Vec<Option<Checked>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known about a cell as it is now; else about the same code, whatever was above it; else about the code that
/// stood in its place.
fn nearest<'a>(known: &'a [Option<Checked>], sheet: &Sheet, cell: usize) -> Option<&'a Checked> {
    let all = || known.iter().flatten();
    let key = sheet.cells.get(cell)?.key;
    let code = sheet.script.cells.get(cell)?;
    all()
        .find(|one| one.key == key)
        .or_else(|| all().find(|one| one.code == *code))
        .or_else(|| known.get(cell)?.as_ref())
}

/// What was said of lines that have not changed since; what was said of others is kept back until they are checked.
fn carried(checked: &Checked, code: &Arc<str>) -> Vec<FSharpDiagnostic> {
    if checked.code == *code {
        return checked.found.to_vec();
    }
    let (head, tail) = unchanged(&checked.code, code);
    let tail_start = checked.code.len() - tail;
    let moved = |range: &Range<usize>| {
        if range.end <= head {
            Some(range.clone())
        } else if range.start >= tail_start {
            let to = |at: usize| code.len() - (checked.code.len() - at);
            Some(to(range.start)..to(range.end))
        } else {
            None
        }
    };
    checked
        .found
        .iter()
        .filter_map(|one| {
            Some(FSharpDiagnostic {
                range: moved(&one.range)?,
                ..one.clone()
            })
        })
        .collect()
}

/// Bytes of the whole lines that two texts begin with, and of those that they end with.
fn unchanged(before: &str, after: &str) -> (usize, usize) {
    let lines =
        |text: &'_ str| -> Vec<usize> { text.split_inclusive('\n').map(str::len).collect() };
    let head: usize = before
        .split_inclusive('\n')
        .zip(after.split_inclusive('\n'))
        .take_while(|(one, other)| one == other)
        .map(|(line, _)| line.len())
        .sum();
    let (rest, new_rest) = (
        before.get(head..).unwrap_or_default(),
        after.get(head..).unwrap_or_default(),
    );
    let mut tail = 0;
    let (old_lines, new_lines) = (lines(rest), lines(new_rest));
    for (one, other) in old_lines.iter().rev().zip(new_lines.iter().rev()) {
        let same = one == other
            && rest.get(rest.len() - tail - one..rest.len() - tail)
                == new_rest.get(new_rest.len() - tail - other..new_rest.len() - tail);
        if !same {
            break;
        }
        tail += one;
    }
    (head, tail)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use std::hash::{DefaultHasher, Hash, Hasher};

    use metascript_sandbox::FSharpScript;

    use super::super::SheetCell;
    use super::*;

    fn sheet(codes: &[&str]) -> Sheet {
        let mut hasher = DefaultHasher::new();
        let cells = codes.iter().map(|code| {
            code.hash(&mut hasher);
            SheetCell {
                range: 0..code.len(),
                key: hasher.finish(),
            }
        });
        let cells: Vec<_> = cells.collect();
        Sheet {
            cells,
            script: Arc::new(FSharpScript {
                shared: Vec::new(),
                cells: codes.iter().map(|code| Arc::from(*code)).collect(),
            }),
        }
    }

    fn wrong(range: Range<usize>) -> FSharpDiagnostic {
        FSharpDiagnostic {
            is_error: true,
            code: "FS0001".to_owned(),
            message: "no".to_owned(),
            range,
        }
    }

    fn check(known: &Known, sheet: &Sheet, cell: usize, found: Vec<FSharpDiagnostic>) -> bool {
        let key = sheet.cells[cell].key;
        known.learn("a", cell, key, &sheet.script.cells[cell], found)
    }

    fn texts(known: &Known, sheet: &Sheet) -> Vec<String> {
        let shown = known.shown("a", sheet).into_iter();
        shown
            .map(|(cell, one)| sheet.script.cells[cell][one.range].to_owned())
            .collect()
    }

    #[test]
    fn what_was_said_follows_its_line_until_the_line_changes() {
        let known = Known::default();
        let first = sheet(&["let a = 1\nlet b = x\nlet c = y\n"]);
        known.align("a", &first);
        assert_eq!(known.wanted("a", &first).len(), 1);
        assert!(check(&known, &first, 0, vec![wrong(18..19), wrong(28..29)]));
        assert_eq!(texts(&known, &first), ["x", "y"]);
        assert!(known.wanted("a", &first).is_empty());
        // A line above, a change in the first of the two, a change in the other.
        let above = sheet(&["let a = 1\nlet n = 0\nlet b = x\nlet c = y\n"]);
        assert_eq!(texts(&known, &above), ["x", "y"]);
        assert_eq!(
            texts(&known, &sheet(&["let a = 1\nlet b = xy\nlet c = y\n"])),
            ["y"]
        );
        assert_eq!(
            texts(&known, &sheet(&["let a = 1\nlet b = x\nlet c = 5\n"])),
            ["x"]
        );
        assert!(texts(&known, &sheet(&[""])).is_empty());
    }

    #[test]
    fn cells_are_found_again_when_others_come_and_go() {
        let known = Known::default();
        let before = sheet(&["let a = 1", "let b = x"]);
        known.align("a", &before);
        check(&known, &before, 0, Vec::new());
        check(&known, &before, 1, vec![wrong(8..9)]);
        let after = sheet(&["let z = 0", "let a = 1", "let b = x"]);
        assert_eq!(texts(&known, &after), ["x"]);
        known.align("a", &after);
        // The new code first, then what stands below it.
        let wanted: Vec<usize> = known
            .wanted("a", &after)
            .into_iter()
            .map(|(cell, _)| cell)
            .collect();
        assert_eq!(wanted, [0, 1, 2]);
        assert!(!check(&known, &after, 2, vec![wrong(8..9)]), "nothing new");
        known.forget("a");
        assert!(!check(&known, &after, 2, Vec::new()), "closed");
    }
}
