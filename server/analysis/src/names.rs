//! The names that a chunk defines and reads, in its own language and in its cells.

pub(crate) mod cell;
mod collect;

use std::cell::RefCell;
use std::sync::Arc;

use metascript_syntax::Language;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::db::{CellSource, Piece};
use crate::ir::{Chunk, Span};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum DefKind {
    /// `VARIABLE name`.
    Variable,
    /// A property of `CONFIG`.
    Config,
    /// An input of a workflow.
    Input,
    /// The variable of a loop.
    Loop,
    /// A parameter of a function.
    Parameter,
    /// `result_variable` and its like.
    Result,
    /// The target of an `assign`: it writes, and makes the variable if there is none.
    Assigned,
    /// A top-level name of a cell.
    Cell,
    /// `FUNCTION name`.
    Function,
    /// `AGENT name`.
    Agent,
    /// `TASK name`.
    Task,
    /// A node of a workflow.
    Node,
    /// Any other block with a name.
    Block,
}

impl DefKind {
    /// What people call it.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            DefKind::Variable | DefKind::Assigned => "variable",
            DefKind::Config => "setting",
            DefKind::Input => "input",
            DefKind::Loop => "loop variable",
            DefKind::Parameter => "parameter",
            DefKind::Result => "result",
            DefKind::Cell => "name of a cell",
            DefKind::Function => "function",
            DefKind::Agent => "agent",
            DefKind::Task => "task",
            DefKind::Node => "node",
            DefKind::Block => "block",
        }
    }

    /// The drawer that the name lives in: an agent and a variable may have the same name.
    pub(crate) fn space(self) -> Space {
        match self {
            DefKind::Function => Space::Functions,
            DefKind::Agent => Space::Agents,
            DefKind::Task => Space::Tasks,
            DefKind::Node => Space::Nodes,
            _ => Space::Values,
        }
    }
}

/// Names of different spaces never mean the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Space {
    Values,
    Functions,
    Agents,
    Tasks,
    Nodes,
}

/// A place that gives a name its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Def {
    pub(crate) name: SmolStr,
    pub(crate) kind: DefKind,
    pub(crate) span: Span,
    /// The whole item, for outlines and hovers.
    pub(crate) full: Span,
    /// The part of the chunk in which the name is known; `None`: the whole file.
    pub(crate) local: Option<Span>,
    /// Where the value stands, if it is written down.
    pub(crate) value: Option<Span>,
    /// The language of the cell that defines it.
    pub(crate) language: Option<Language>,
}

/// How a place reads a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum UseKind {
    /// In `${...}` or as `$name`: it must be defined.
    Expression,
    /// In code or a template inside a string: it may mean something else.
    Template,
    /// In a cell.
    Cell,
    /// By name, in a property that takes the name of something.
    Reference,
    /// A word in a condition without `${}`, or in code that we cannot read: it may well be the name.
    Loose,
    /// A word that merely looks like it: keeps a variable from being called unused, nothing more.
    Mention,
}

/// A place that reads a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) name: SmolStr,
    pub(crate) kind: UseKind,
    pub(crate) space: Space,
    pub(crate) span: Span,
}

/// A function as its block declares it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Function {
    pub(crate) name: SmolStr,
    /// `None`: the block does not say.
    pub(crate) parameters: Option<Vec<SmolStr>>,
    /// Not inside an agent or a task.
    pub(crate) top: bool,
}

/// A call of a function by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) function: SmolStr,
    pub(crate) span: Span,
    pub(crate) arguments: Arguments,
    /// By `CALL`, which reaches functions of the script only; actions may reach those of a host.
    pub(crate) strict: bool,
}

/// What a call gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// Nothing that could be checked.
    Unknown,
    /// A list, with the place of each value.
    Positional(Vec<Span>),
    /// By name.
    Named(Vec<(SmolStr, Span)>),
}

/// Everything that a chunk has to do with names. Positions are relative to the chunk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) defs: Vec<Def>,
    pub(crate) uses: Vec<Use>,
    pub(crate) functions: Vec<(Function, Span)>,
    pub(crate) calls: Vec<Call>,
    /// Names that cells bind in inner scopes, with the cell they belong to.
    pub(crate) cell_locals: Vec<(Span, FxHashSet<SmolStr>)>,
    /// Names that a cell reads in functions only, with the cell they belong to.
    pub(crate) cell_deferred: Vec<(Span, FxHashSet<SmolStr>)>,
    /// Scripts that the chunk imports.
    pub(crate) imports: Vec<(SmolStr, Span)>,
    /// Names that may well be defined: text that cells hand to the host, keys of sections that the schema does not know.
    pub(crate) offered: Vec<SmolStr>,
    /// The chunk runs code that is known only when it runs: that may define anything.
    pub(crate) dynamic: bool,
}

/// The names that a chunk defines and the scripts that it imports; what it reads is left out.
pub(crate) fn definitions(chunk: &Chunk) -> Names {
    collect::names(chunk, collect::Wanted::Definitions, |cell, code| {
        Box::new(cell::definitions_of(&cell.language, code))
    })
}

/// As [`definitions`], without a look into the cells: their languages and the places of their code come besides.
pub(crate) fn definitions_beside_cells(chunk: &Chunk) -> (Names, Vec<(Language, Span)>) {
    let cells = RefCell::new(Vec::new());
    let names = collect::names(chunk, collect::Wanted::Definitions, |cell, _| {
        cells.borrow_mut().push((cell.language.clone(), cell.code));
        Box::<cell::CellNames>::default()
    });
    (names, cells.into_inner())
}

/// The names that a cell with this code binds at its top level, with places in the code.
pub(crate) fn cell_definitions(language: &Language, code: &str) -> Vec<(SmolStr, Span)> {
    cell::definitions_of(language, code).defines
}

/// The names of a chunk.
#[salsa::tracked(returns(ref))]
pub(crate) fn piece_names<'db>(db: &'db dyn salsa::Database, piece: Piece<'db>) -> Arc<Names> {
    let chunk = piece.chunk(db);
    let names = collect::names(chunk, collect::Wanted::All, |cell, code| {
        let source = CellSource::new(db, cell.language.clone(), Box::<str>::from(code));
        cell::cell_names(db, source)
    });
    Arc::new(names)
}
