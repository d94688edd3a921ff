//! A script as a graph: its blocks, cells, agents and workflow nodes, and what passes between them.

mod edit;

use std::ops::Range;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::host::{Analysis, Ctx};
use crate::ir::{Item, Value, ValueKind};
use crate::names::{Space, UseKind};
use crate::occurrences::all_names;
use crate::{Cancellable, FileId, Symbol, SymbolKind};

pub use self::edit::{GraphEdit, NewNode};

/// What a script is made of, and how its parts hang together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The parts, in the order of the script.
    pub nodes: Vec<GraphNode>,
    /// What leads from one part to another; both ends are indexes of `nodes`.
    pub edges: Vec<GraphEdge>,
    /// There are more parts or more edges than are told.
    pub truncated: bool,
}

/// A part of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNode {
    /// What people call it.
    pub name: String,
    /// A word more.
    pub detail: Option<String>,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it, in bytes.
    pub range: Range<usize>,
    /// Its name's place.
    pub selection: Range<usize>,
    /// The part that it stands in.
    pub parent: Option<usize>,
}

/// What leads from one part to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphEdge {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What it is.
    pub kind: GraphEdgeKind,
    /// The names that pass along it, each once, in the order in which they are read.
    pub names: Vec<String>,
}

/// What an edge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GraphEdgeKind {
    /// The second reads what the first defines.
    Data,
    /// The first calls the second, or gives it work.
    Call,
    /// The second comes after the first in a workflow.
    Flow,
}

/// Parts that a picture can hold.
const MOST_NODES: usize = 1_000;
/// Edges that a picture can hold.
const MOST_EDGES: usize = 4_000;
/// Names told of one edge.
const MOST_NAMES: usize = 8;

impl Analysis {
    /// The graph of a file.
    pub fn graph(&self, file: FileId) -> Cancellable<Graph> {
        let symbols = self.document_symbols(file)?;
        self.about(file, |ctx| of(ctx, symbols))
    }
}

fn of(ctx: Ctx<'_>, symbols: Vec<Symbol>) -> Graph {
    let mut graph = Graph::default();
    for symbol in symbols {
        graph.add(symbol, None);
    }
    let parts = Parts::of(&graph);
    let mut edges = Edges::default();
    flow(ctx, &parts, &mut edges);
    names(ctx, &parts, &mut edges);
    graph.truncated |= edges.truncated;
    graph.edges = edges.list;
    graph
}

impl Graph {
    /// Adds what an outline entry stands for. The outline's depth is bounded.
    fn add(&mut self, symbol: Symbol, parent: Option<usize>) {
        if self.nodes.len() >= MOST_NODES {
            self.truncated = true;
            return;
        }
        let is_part = match symbol.kind {
            SymbolKind::Metadata | SymbolKind::Property | SymbolKind::Heading => false,
            // `parallel { node … }` only says how its nodes run.
            SymbolKind::Control | SymbolKind::Block => {
                symbol.children.iter().all(|it| it.kind != SymbolKind::Node)
            }
            _ => true,
        };
        let inside = if is_part {
            self.nodes.push(GraphNode {
                name: symbol.name,
                detail: symbol.detail,
                kind: symbol.kind,
                range: symbol.range,
                selection: symbol.selection,
                parent,
            });
            Some(self.nodes.len() - 1)
        } else {
            parent
        };
        for child in symbol.children {
            self.add(child, inside);
        }
    }
}

/// Finds the part around a place.
struct Parts<'g> {
    graph: &'g Graph,
}

impl<'g> Parts<'g> {
    fn of(graph: &'g Graph) -> Self {
        Self { graph }
    }

    /// The innermost part around a range. Parts are in the order of their starts, outer ones first.
    fn around(&self, range: &Range<usize>) -> Option<usize> {
        let nodes = &self.graph.nodes;
        let after = nodes.partition_point(|node| node.range.start <= range.start);
        // What holds the place and begins before this part holds this part too.
        let mut at = after.checked_sub(1);
        while let Some(node) = at.and_then(|at| nodes.get(at)) {
            if range.end <= node.range.end {
                return at;
            }
            at = node.parent;
        }
        None
    }

    fn is_node(&self, at: usize) -> bool {
        let node = self.graph.nodes.get(at);
        node.is_some_and(|node| node.kind == SymbolKind::Node)
    }

    /// The workflow node of a name.
    fn node(&self, name: &str) -> Option<usize> {
        let mut nodes = self.graph.nodes.iter();
        nodes.position(|node| node.kind == SymbolKind::Node && node.name == name)
    }
}

#[derive(Default)]
struct Edges {
    list: Vec<GraphEdge>,
    known: FxHashMap<(usize, usize, GraphEdgeKind), usize>,
    truncated: bool,
}

impl Edges {
    fn add(&mut self, from: usize, to: usize, kind: GraphEdgeKind, name: Option<&str>) {
        if from == to {
            return;
        }
        let known = self.known.get(&(from, to, kind)).copied();
        let at = known.unwrap_or(self.list.len());
        if known.is_none() {
            if self.list.len() >= MOST_EDGES {
                self.truncated = true;
                return;
            }
            self.known.insert((from, to, kind), at);
            self.list.push(GraphEdge {
                from,
                to,
                kind,
                names: Vec::new(),
            });
        }
        if let (Some(name), Some(edge)) = (name, self.list.get_mut(at))
            && edge.names.len() < MOST_NAMES
            && edge.names.iter().all(|known| known != name)
        {
            edge.names.push(name.to_owned());
        }
    }
}

/// The edges that the script draws itself: `edge a -> b`.
fn flow(ctx: Ctx<'_>, parts: &Parts<'_>, edges: &mut Edges) {
    for placed in &ctx.layout().chunks {
        let mut open = vec![&placed.chunk.item];
        let mut found = Vec::new();
        while let Some(item) = open.pop() {
            match item {
                Item::Edge(edge) => found.push(edge),
                Item::Block(block) => open.extend(block.items.iter().rev()),
                Item::Property(property) => open.extend(property.value.iter().flat_map(inner)),
                Item::Value(value) => open.extend(inner(value)),
                _ => {}
            }
        }
        for edge in found {
            if let (Some(from), Some(to)) = (parts.node(&edge.from.text), parts.node(&edge.to.text))
            {
                edges.add(from, to, GraphEdgeKind::Flow, None);
            }
        }
    }
}

fn inner(value: &Value) -> impl Iterator<Item = &Item> {
    match &value.kind {
        ValueKind::Object(items) => items.iter(),
        _ => [].iter(),
    }
    .rev()
}

/// Where a name gets its meaning.
struct Source {
    at: usize,
    part: usize,
    /// The part of the file in which it is known.
    area: Option<Range<usize>>,
}

/// The edges that names make.
fn names(ctx: Ctx<'_>, parts: &Parts<'_>, edges: &mut Edges) {
    let mut sources: FxHashMap<(Space, &SmolStr), Vec<Source>> = FxHashMap::default();
    for (base, _, names) in all_names(ctx) {
        for def in &names.defs {
            let range = def.span.at(base);
            let Some(part) = parts.around(&range) else {
                continue;
            };
            sources
                .entry((def.kind.space(), &def.name))
                .or_default()
                .push(Source {
                    at: range.start,
                    part,
                    area: def.local.map(|area| area.at(base)),
                });
        }
    }
    for (base, _, names) in all_names(ctx) {
        for used in &names.uses {
            if matches!(used.kind, UseKind::Mention | UseKind::Loose) {
                continue;
            }
            let range = used.span.at(base);
            let Some(reader) = parts.around(&range) else {
                continue;
            };
            let Some(source) = sources
                .get(&(used.space, &used.name))
                .and_then(|all| source(all, &range, used.space, reader))
            else {
                continue;
            };
            match used.space {
                Space::Values => edges.add(source, reader, GraphEdgeKind::Data, Some(&used.name)),
                // `edge a -> b` names nodes without being one.
                Space::Nodes if parts.is_node(reader) => {
                    edges.add(source, reader, GraphEdgeKind::Flow, None);
                }
                Space::Nodes => {}
                Space::Functions | Space::Agents | Space::Tasks => {
                    edges.add(reader, source, GraphEdgeKind::Call, None);
                }
            }
        }
    }
}

/// The part that a name means at a place: the one that defined it last before, or else the first after.
fn source(all: &[Source], range: &Range<usize>, space: Space, reader: usize) -> Option<usize> {
    let here = |source: &&Source| {
        source
            .area
            .as_ref()
            .is_none_or(|area| area.start <= range.start && range.end <= area.end)
    };
    let before = all.iter().filter(here).filter(|one| one.at < range.start);
    // What a part reads before it defines it anew comes from another part.
    let other = before.clone().rfind(|one| one.part != reader);
    let nearest = before.clone().next_back();
    let found = match (space, nearest) {
        (Space::Values, Some(nearest)) if nearest.part == reader => Some(nearest),
        (Space::Values, _) => other,
        _ => nearest,
    };
    found
        .or_else(|| all.iter().find(here))
        .map(|source| source.part)
}
