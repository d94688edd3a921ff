//! Which results still hold: what the last run of each cell saw, against what stands there now.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::cells::CellInfo;

/// Runs that are remembered for one script.
const MOST_RUNS: usize = 4096;

/// Whether the result of a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// It has not run.
    Never,
    /// It ran, and nothing that it read has changed.
    Fresh,
    /// It did not run to its end.
    Failed,
    /// It or something that it read has changed.
    Stale(Cause),
}

/// Why a result no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Its code is another.
    Edited,
    /// It reads a name whose declared value is another.
    Declared(String),
    /// It reads a name of a cell that has run since, or never.
    Ran(String, usize),
    /// It reads a name of a cell whose own result no longer holds.
    Stale(String, usize),
}

impl std::fmt::Display for Cause {
    /// For people; cells count from 0.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Edited => f.write_str("edited since"),
            Self::Declared(name) => write!(f, "`{name}` has another value"),
            Self::Ran(name, cell) => {
                write!(f, "`{name}` comes from cell {cell}, which has run since")
            }
            Self::Stale(name, cell) => write!(f, "`{name}` comes from cell {cell}, which is stale"),
        }
    }
}

/// A cell as freshness sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellFace {
    /// Of its language and its code.
    pub code: u64,
    /// Names that it gives.
    pub defines: Vec<String>,
    /// Names that it reads.
    pub uses: Vec<String>,
}

impl CellFace {
    /// The face of a cell with this code.
    pub fn new(info: &CellInfo, code: &str) -> Self {
        let mut hasher = FxHasher::default();
        info.cell.language.as_str().hash(&mut hasher);
        code.hash(&mut hasher);
        Self {
            code: hasher.finish(),
            defines: info.defines.clone(),
            uses: info.uses.clone(),
        }
    }
}

/// Hashes of the values that a script declares, by name.
pub type Declared = FxHashMap<String, u64>;

#[derive(Debug)]
struct Run {
    index: usize,
    face: CellFace,
    /// When it was over; counts from 1.
    at: u64,
    ok: bool,
    /// For each name that it reads, what stood behind it.
    read: Vec<Source>,
}

/// What stands behind a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A run of a cell; 0 when that never ran.
    Cell(u64),
    /// A declared value.
    Declared(u64),
    /// Nothing that the script shows.
    Unknown,
}

/// The runs of one script's session.
#[derive(Debug, Default)]
pub struct Runs {
    runs: Vec<Run>,
    last: u64,
}

impl Runs {
    /// Whether no cell has run.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Finds the cells that ran again in a text that was edited meanwhile. Call it before [`Runs::finished`].
    pub fn follow(&mut self, cells: &[CellFace]) {
        let found = self.matches(cells);
        for (index, run) in found.into_iter().enumerate() {
            if let Some(run) = run.and_then(|run| self.runs.get_mut(run)) {
                run.index = index;
            }
        }
    }

    /// A cell has run; `index` is its place among the cells, `ok` that it ran to its end.
    pub fn finished(&mut self, index: usize, face: CellFace, declared: &Declared, ok: bool) {
        self.runs.retain(|run| run.index != index);
        let read = face
            .uses
            .iter()
            .map(|name| {
                self.runs
                    .iter()
                    .filter(|run| run.index < index && run.face.defines.contains(name))
                    .max_by_key(|run| run.index)
                    .map(|run| Source::Cell(run.at))
                    .or_else(|| declared.get(name).copied().map(Source::Declared))
                    .unwrap_or(Source::Unknown)
            })
            .collect();
        self.last += 1;
        if self.runs.len() >= MOST_RUNS {
            self.runs.remove(0);
        }
        self.runs.push(Run {
            index,
            face,
            at: self.last,
            ok,
            read,
        });
    }

    /// What holds of the results of these cells, one answer for each.
    pub fn states(&self, cells: &[CellFace], declared: &Declared) -> Vec<Freshness> {
        let matches = self.matches(cells);
        // Who gives a name to the cells below: its place, its run, and whether its result holds.
        let mut givers: FxHashMap<&str, (usize, u64, bool)> = FxHashMap::default();
        let mut states = Vec::with_capacity(cells.len());
        for (index, (face, run)) in cells.iter().zip(&matches).enumerate() {
            let run = run.and_then(|run| self.runs.get(run));
            let state = match run {
                None => Freshness::Never,
                Some(run) if run.face.code != face.code => Freshness::Stale(Cause::Edited),
                Some(run) => match cause(run, face, &givers, declared) {
                    Some(cause) => Freshness::Stale(cause),
                    None if run.ok => Freshness::Fresh,
                    None => Freshness::Failed,
                },
            };
            let holds = matches!(state, Freshness::Fresh | Freshness::Never);
            let at = run.map_or(0, |run| run.at);
            for name in &face.defines {
                givers.insert(name, (index, at, holds));
            }
            states.push(state);
        }
        states
    }

    /// For each cell the run that was its own: that of the same code which stood nearest, else the one of its place.
    fn matches(&self, cells: &[CellFace]) -> Vec<Option<usize>> {
        let mut by_code: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        for (number, run) in self.runs.iter().enumerate() {
            by_code.entry(run.face.code).or_default().push(number);
        }
        let mut taken = FxHashSet::default();
        let place = |number: &usize| self.runs.get(*number).map_or(0, |run| run.index);
        let mut found: Vec<Option<usize>> = cells
            .iter()
            .enumerate()
            .map(|(index, face)| {
                let same = by_code.get(&face.code)?;
                let nearest = same
                    .iter()
                    .filter(|number| !taken.contains(*number))
                    .min_by_key(|number| place(number).abs_diff(index))
                    .copied()?;
                taken.insert(nearest);
                Some(nearest)
            })
            .collect();
        for (index, slot) in found
            .iter_mut()
            .enumerate()
            .filter(|(_, slot)| slot.is_none())
        {
            *slot = self
                .runs
                .iter()
                .position(|run| run.index == index)
                .filter(|number| taken.insert(*number));
        }
        found
    }
}

/// Why the result of a cell whose code is the same no longer holds.
fn cause(
    run: &Run,
    face: &CellFace,
    givers: &FxHashMap<&str, (usize, u64, bool)>,
    declared: &Declared,
) -> Option<Cause> {
    face.uses.iter().zip(&run.read).find_map(|(name, saw)| {
        match (givers.get(name.as_str()), declared.get(name)) {
            (Some((cell, _, false)), _) => Some(Cause::Stale(name.clone(), *cell)),
            (Some((cell, at, true)), _) => {
                // A cell that never ran gave nothing then and gives nothing now.
                let same = *saw == Source::Cell(*at) || *at == 0;
                (!same).then(|| Cause::Ran(name.clone(), *cell))
            }
            (None, Some(now)) => {
                (*saw != Source::Declared(*now)).then(|| Cause::Declared(name.clone()))
            }
            (None, None) => (*saw != Source::Unknown).then(|| Cause::Declared(name.clone())),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cells as `code: reads -> gives`.
    fn cells(text: &str) -> Vec<CellFace> {
        text.lines()
            .map(|line| {
                let (code, flow) = line.split_once(':').unwrap();
                let (uses, defines) = flow.split_once("->").unwrap();
                let names = |text: &str| text.split_whitespace().map(str::to_owned).collect();
                let mut hasher = FxHasher::default();
                code.hash(&mut hasher);
                CellFace {
                    code: hasher.finish(),
                    defines: names(defines),
                    uses: names(uses),
                }
            })
            .collect()
    }

    fn declared(values: &[(&str, u64)]) -> Declared {
        values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect()
    }

    struct Script {
        runs: Runs,
        cells: Vec<CellFace>,
        declared: Declared,
    }

    impl Script {
        fn new(text: &str) -> Self {
            Self {
                runs: Runs::default(),
                cells: cells(text),
                declared: declared(&[("limit", 1)]),
            }
        }

        fn run(&mut self, indexes: &[usize]) -> &mut Self {
            for &index in indexes {
                self.runs.follow(&self.cells);
                self.runs
                    .finished(index, self.cells[index].clone(), &self.declared, true);
            }
            self
        }

        fn edit(&mut self, text: &str) -> &mut Self {
            self.cells = cells(text);
            self
        }

        fn shown(&self) -> String {
            self.runs
                .states(&self.cells, &self.declared)
                .into_iter()
                .map(|state| match state {
                    Freshness::Stale(cause) => format!("stale: {cause}\n"),
                    other => format!("{other:?}\n").to_lowercase(),
                })
                .collect()
        }
    }

    const SCRIPT: &str = "a: limit -> x\nb: x -> y\nc: y ->\nd: -> z";

    #[test]
    fn what_ran_is_fresh_and_the_rest_never_ran() {
        insta::assert_snapshot!(Script::new(SCRIPT).run(&[0, 1]).shown(), @r"
        fresh
        fresh
        never
        never
        ");
    }

    #[test]
    fn an_edit_makes_everything_stale_that_reads_of_it() {
        let mut script = Script::new(SCRIPT);
        script
            .run(&[0, 1, 2, 3])
            .edit("a2: limit -> x\nb: x -> y\nc: y ->\nd: -> z");
        insta::assert_snapshot!(script.shown(), @r"
        stale: edited since
        stale: `x` comes from cell 0, which is stale
        stale: `y` comes from cell 1, which is stale
        fresh
        ");
        // Back to what ran: it holds again.
        assert_eq!(script.edit(SCRIPT).shown(), "fresh\n".repeat(4));
    }

    #[test]
    fn a_run_makes_stale_what_read_the_one_before() {
        let mut script = Script::new(SCRIPT);
        insta::assert_snapshot!(script.run(&[0, 1, 2, 3, 0]).shown(), @r"
        fresh
        stale: `x` comes from cell 0, which has run since
        stale: `y` comes from cell 1, which is stale
        fresh
        ");
        assert_eq!(script.run(&[1, 2]).shown(), "fresh\n".repeat(4));
    }

    #[test]
    fn a_declared_value_counts_as_something_read() {
        let mut script = Script::new(SCRIPT);
        script.run(&[0, 1, 2, 3]).declared = declared(&[("limit", 2)]);
        insta::assert_snapshot!(script.shown(), @r"
        stale: `limit` has another value
        stale: `x` comes from cell 0, which is stale
        stale: `y` comes from cell 1, which is stale
        fresh
        ");
    }

    #[test]
    fn cells_are_found_again_behind_new_ones() {
        let mut script = Script::new(SCRIPT);
        script
            .run(&[0, 1, 2, 3])
            .edit("new: -> w\na: limit -> x\nb: x -> y\nc: y ->\nd: -> z");
        insta::assert_snapshot!(script.shown(), @r"
        never
        fresh
        fresh
        fresh
        fresh
        ");
        insta::assert_snapshot!(script.run(&[1]).shown(), @r"
        never
        fresh
        stale: `x` comes from cell 1, which has run since
        stale: `y` comes from cell 2, which is stale
        fresh
        ");
    }

    #[test]
    fn a_cell_that_failed_holds_nothing() {
        let mut script = Script::new(SCRIPT);
        script.run(&[0, 1]);
        let face = script.cells[0].clone();
        script.runs.finished(0, face, &script.declared, false);
        insta::assert_snapshot!(script.shown(), @r"
        failed
        stale: `x` comes from cell 0, which is stale
        never
        never
        ");
    }
}
