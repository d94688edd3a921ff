//! `metascript/graph` and `metascript/graphEdit`: the script as a graph, and changes of the graph as changes of the text.

use std::sync::Arc;

use metascript_analysis::{GraphEdgeKind, GraphEdit, NewNode, SymbolKind};
use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::{Range, TextDocumentIdentifier, WorkspaceEdit};
use tower_lsp_server::jsonrpc::{Error, Result};

use super::{cells, edit};
use crate::convert;
use crate::state::State;

/// The graph, as docs/protocol.md describes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Graph {
    version: i32,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    truncated: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    name: String,
    detail: Option<String>,
    kind: &'static str,
    range: Range,
    selection: Range,
    parent: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Edge {
    from: usize,
    to: usize,
    kind: &'static str,
    names: Vec<String>,
}

pub(crate) async fn handle(state: &Arc<State>, params: cells::Params) -> Result<Option<Graph>> {
    state
        .query(&params.text_document.uri, |query| {
            let graph = query.analysis.graph(query.file)?;
            let rope = query.open.document.rope();
            let range =
                |bytes: &std::ops::Range<usize>| convert::range(rope, bytes, query.encoding);
            Ok(Graph {
                version: query.open.version,
                nodes: graph
                    .nodes
                    .into_iter()
                    .map(|node| Node {
                        kind: kind(node.kind),
                        range: range(&node.range),
                        selection: range(&node.selection),
                        name: node.name,
                        detail: node.detail,
                        parent: node.parent,
                    })
                    .collect(),
                edges: graph
                    .edges
                    .into_iter()
                    .map(|edge| Edge {
                        from: edge.from,
                        to: edge.to,
                        kind: match edge.kind {
                            GraphEdgeKind::Data => "data",
                            GraphEdgeKind::Call => "call",
                            GraphEdgeKind::Flow => "flow",
                        },
                        names: edge.names,
                    })
                    .collect(),
                truncated: graph.truncated,
            })
        })
        .await
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EditParams {
    text_document: TextDocumentIdentifier,
    add: Addition,
}

/// What somebody drew.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", tag = "what")]
enum Addition {
    Edge { from: String, to: String },
    Node { name: String, kind: String },
}

pub(crate) async fn change(
    state: &Arc<State>,
    params: EditParams,
) -> Result<Option<WorkspaceEdit>> {
    let change = match params.add {
        Addition::Edge { from, to } => GraphEdit::Edge { from, to },
        Addition::Node { name, kind } => GraphEdit::Node(NewNode {
            kind: match kind.as_str() {
                "node" => SymbolKind::Node,
                "agent" => SymbolKind::Agent,
                "function" => SymbolKind::Function,
                "variable" => SymbolKind::Variable,
                other => {
                    return Err(Error::invalid_params(format!(
                        "`{other}` cannot be added; node, agent, function and variable can"
                    )));
                }
            },
            name,
        }),
    };
    let uri = params.text_document.uri.clone();
    let answer = state
        .query(&uri, move |query| {
            Ok(match query.analysis.edit_graph(query.file, &change)? {
                Ok(made) => {
                    let edits = [(query.file, vec![made])];
                    Ok(edit::workspace_edit(
                        query,
                        &params.text_document.uri,
                        &edits,
                    )?)
                }
                Err(reason) => Err(reason),
            })
        })
        .await?;
    answer.transpose().map_err(Error::invalid_params::<String>)
}

fn kind(kind: SymbolKind) -> &'static str {
    match kind {
        SymbolKind::Metadata => "metadata",
        SymbolKind::Configuration => "configuration",
        SymbolKind::Variable => "variable",
        SymbolKind::Property => "property",
        SymbolKind::Function => "function",
        SymbolKind::Action => "action",
        SymbolKind::Control => "control",
        SymbolKind::Agent => "agent",
        SymbolKind::Task => "task",
        SymbolKind::Cell => "cell",
        SymbolKind::Workflow => "workflow",
        SymbolKind::Node => "node",
        SymbolKind::Rule => "rule",
        SymbolKind::Heading => "heading",
        SymbolKind::Block => "block",
    }
}
