//! Which cells made what the session holds, so that they can be run again when it is lost.

use std::collections::{BTreeMap, HashMap};

use crate::Language;
use crate::event::CellSource;

/// The last cell that bound each name, per runtime.
#[derive(Debug, Default)]
pub(super) struct History {
    ran: u64,
    cells: BTreeMap<u64, CellSource>,
    names: HashMap<(Language, String), u64>,
    /// Cells that made what is lost, in the order in which they ran.
    again: BTreeMap<u64, CellSource>,
}

impl History {
    /// A cell ended and bound these names.
    pub(super) fn note(&mut self, cell: &CellSource, defined: &[String]) {
        if defined.is_empty() {
            return;
        }
        self.ran += 1;
        let home = cell.language.home();
        for name in defined {
            self.names.insert((home, name.clone()), self.ran);
        }
        self.cells.insert(self.ran, cell.clone());
        self.prune();
    }

    /// Variables of a runtime are lost: remembers the cells that made them.
    pub(super) fn lose(&mut self, home: Language, lost: &[String]) {
        for name in lost {
            if let Some(run) = self.names.remove(&(home, name.clone()))
                && let Some(cell) = self.cells.get(&run)
            {
                self.again.insert(run, cell.clone());
            }
        }
        self.prune();
    }

    /// The cells to run again, in order.
    pub(super) fn again(&self) -> impl Iterator<Item = &CellSource> {
        self.again.values()
    }

    /// Hands over the cells to run again.
    pub(super) fn take_again(&mut self) -> Vec<CellSource> {
        std::mem::take(&mut self.again).into_values().collect()
    }

    /// Only what made something that is still there is kept.
    fn prune(&mut self) {
        let used: std::collections::HashSet<u64> = self.names.values().copied().collect();
        self.cells.retain(|run, _| used.contains(run));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(code: &str) -> CellSource {
        CellSource::new(Language::Python, code)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_last_cell_of_each_lost_name_runs_again_in_order() {
        let mut history = History::default();
        history.note(&cell("x = 1"), &names(&["x"]));
        history.note(&cell("y = x"), &names(&["y"]));
        history.note(&cell("x = 2"), &names(&["x"]));
        history.note(&cell("print(x)"), &[]);
        assert_eq!(history.cells.len(), 2, "the first x is nobody's any more");
        history.lose(Language::Python, &names(&["y", "x", "unknown"]));
        let again: Vec<String> = history.again().map(|cell| cell.code.clone()).collect();
        assert_eq!(again, ["y = x", "x = 2"]);
        assert_eq!(history.take_again().len(), 2);
        assert_eq!(history.again().count(), 0);
    }
}
