//! Changes of the graph as changes of the text.

use metascript_syntax::TextEdit;

use super::Graph;
use crate::host::{Analysis, Ctx};
use crate::{Cancellable, FileId, SymbolKind};

/// A change that somebody draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphEdit {
    /// An arrow between two nodes of a workflow, by their names.
    Edge {
        /// Where it begins.
        from: String,
        /// Where it ends.
        to: String,
    },
    /// A new part at the end of the script, or of its workflow.
    Node(NewNode),
}

/// A new part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNode {
    /// Its name.
    pub name: String,
    /// A node of the workflow, an agent, a function or a variable.
    pub kind: SymbolKind,
}

impl Analysis {
    /// The text of a change; the reason when it cannot be made.
    pub fn edit_graph(
        &self,
        file: FileId,
        change: &GraphEdit,
    ) -> Cancellable<Result<TextEdit, String>> {
        let graph = self.graph(file)?;
        let made = self.about(file, |ctx| Some(make(ctx, &graph, change)))?;
        Ok(made.unwrap_or_else(|| Err("the script is not known".to_owned())))
    }
}

fn make(ctx: Ctx<'_>, graph: &Graph, change: &GraphEdit) -> Result<TextEdit, String> {
    match change {
        GraphEdit::Edge { from, to } => {
            if from == to {
                return Err("an edge has two different ends".to_owned());
            }
            let end = |name: &str| {
                let mut nodes = graph.nodes.iter();
                nodes
                    .find(|node| node.kind == SymbolKind::Node && node.name == name)
                    .ok_or_else(|| {
                        format!("edges lead from node to node of a workflow: `{name}` is none")
                    })
            };
            let first = end(from)?;
            if end(to)?.parent != first.parent {
                return Err("the two nodes stand in different workflows".to_owned());
            }
            let workflow = first.parent.and_then(|at| graph.nodes.get(at));
            let range = workflow.map(|workflow| workflow.range.clone());
            insert(ctx, range, false, |_| {
                format!("edge \"{from}\" -> \"{to}\"")
            })
        }
        GraphEdit::Node(node) => {
            let name = node.name.trim();
            let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
            if name.is_empty() || !name.chars().all(plain) {
                return Err(
                    "a name has letters, digits, hyphens and underscores, and at least one"
                        .to_owned(),
                );
            }
            if graph
                .nodes
                .iter()
                .any(|it| it.kind == node.kind && it.name == name)
            {
                return Err(format!("there is one named `{name}` already"));
            }
            let workflow = graph
                .nodes
                .iter()
                .find(|it| it.kind == SymbolKind::Workflow);
            match (node.kind, workflow) {
                (SymbolKind::Node, Some(workflow)) => {
                    insert(ctx, Some(workflow.range.clone()), true, |step| {
                        format!("node \"{name}\" kind=\"reason\" {{\n{step}goal = \"\"\n}}")
                    })
                }
                (SymbolKind::Node, None) => Err("there is no workflow to add a node to".to_owned()),
                (SymbolKind::Agent, _) => insert(ctx, None, true, |step| {
                    format!("AGENT {name} {{\n{step}role: \"\"\n}}")
                }),
                (SymbolKind::Function, _) => insert(ctx, None, true, |step| {
                    format!("FUNCTION {name} {{\n{step}parameters: []\n}}")
                }),
                (SymbolKind::Variable, _) => insert(ctx, None, true, |step| {
                    format!("VARIABLE {name} {{\n{step}value: \"\"\n}}")
                }),
                _ => Err("nodes, agents, functions and variables can be added".to_owned()),
            }
        }
    }
}

/// Lines before the closing brace of a block, or at the end of the script, in the style of what stands there.
fn insert(
    ctx: Ctx<'_>,
    block: Option<std::ops::Range<usize>>,
    apart: bool,
    lines: impl FnOnce(&str) -> String,
) -> Result<TextEdit, String> {
    let text = ctx.document().rope().to_string();
    let eol = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let body = text
        .get(block.clone().unwrap_or(0..text.len()))
        .unwrap_or_default();
    let step = body
        .lines()
        .skip(1)
        .find_map(|line| {
            let rest = line.trim_start();
            let width = line.len() - rest.len();
            (width > 0 && !rest.is_empty()).then(|| line.get(..width).unwrap_or("    "))
        })
        .unwrap_or("    ");
    let code = lines(step);
    let gap = if apart {
        format!("{eol}{eol}")
    } else {
        eol.to_owned()
    };
    let (at, written) = match block {
        None => {
            let end = text.trim_end().len();
            let lead = if end == 0 { "" } else { gap.as_str() };
            (end..text.len(), format!("{lead}{code}\n"))
        }
        Some(range) => {
            let inside = body
                .strip_suffix('}')
                .ok_or("the workflow has no closing brace")?;
            let end = range.start + inside.trim_end().len();
            let indented: Vec<String> = code.lines().map(|line| format!("{step}{line}")).collect();
            (
                end..range.start + inside.len(),
                format!("{gap}{}\n", indented.join("\n")),
            )
        }
    };
    Ok(TextEdit {
        range: at,
        text: written.replace("\r\n", "\n").replace('\n', eol),
    })
}
