//! The graph of a script, and changes of it.

use std::fmt::Write as _;

use insta::assert_snapshot;
use metascript_analysis::{GraphEdit, NewNode, SymbolKind};

use crate::support::Script;

const SCRIPT: &str = "DESCRIBE {\n    name: \"Demo\"\n}\nVARIABLE names {\n    value: [\"a\", \"b\"]\n}\nFUNCTION greet {\n    parameters: [\"who\"]\n    RETURN { value: \"Hi ${who}\" }\n}\nPYTHON {\n    total = len(names)\n    total\n}\nJAVASCRIPT {\n    const twice = total * 2;\n}\nCALL {\n    function: \"greet\"\n    arguments: { who: \"${names}\" }\n    result_variable: \"said\"\n}\nACTION {\n    type: \"log\"\n    message: \"${said} ${twice}\"\n}\nAGENT writer {\n    PYTHON {\n        total + 1\n    }\n}\n";

const WORKFLOW: &str = "meta {\n  name = \"t\"\n}\n\ninputs {\n  report = \"r\"\n}\n\nworkflow \"triage\" {\n\n  node \"plan\" kind=\"reason\" {\n    goal = \"Plan ${report}\"\n    output = \"steps\"\n  }\n\n  parallel {\n    node \"search\" kind=\"work\" {\n      tool = \"search\"\n      input = [\"steps\"]\n      output = \"hits\"\n    }\n  }\n\n  node \"check\" kind=\"work\" {\n    input = [\"hits\"]\n    checks = []\n  }\n\n  edge \"plan\" -> \"search\"\n  edge \"search\" -> \"check\"\n}\n";

fn picture(text: &str) -> String {
    let script = Script::new(text);
    let graph = script.analysis().graph(script.file).unwrap();
    assert!(!graph.truncated);
    let mut out = String::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let inside = node
            .parent
            .map(|parent| format!(" in {parent}"))
            .unwrap_or_default();
        writeln!(out, "{at} {:?} {}{inside}", node.kind, node.name).unwrap();
        assert!(text[node.range.clone()].contains(&text[node.selection.clone()]));
    }
    for edge in &graph.edges {
        let name = |at: usize| &graph.nodes[at].name;
        writeln!(
            out,
            "{} -{:?}-> {} {}",
            name(edge.from),
            edge.kind,
            name(edge.to),
            edge.names.join(" ")
        )
        .unwrap();
    }
    out
}

fn edited(text: &str, change: GraphEdit) -> String {
    let script = Script::new(text);
    match script.analysis().edit_graph(script.file, &change).unwrap() {
        Ok(edit) => {
            let mut text = text.to_owned();
            text.replace_range(edit.range, &edit.text);
            text
        }
        Err(reason) => format!("refused: {reason}"),
    }
}

fn node(name: &str, kind: SymbolKind) -> GraphEdit {
    GraphEdit::Node(NewNode {
        name: name.to_owned(),
        kind,
    })
}

fn edge(from: &str, to: &str) -> GraphEdit {
    GraphEdit::Edge {
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

#[test]
fn names_lead_from_part_to_part() {
    assert_snapshot!(picture(SCRIPT));
}

#[test]
fn a_workflow_shows_its_nodes() {
    assert_snapshot!(picture(WORKFLOW));
}

#[test]
fn an_edge_is_written_at_the_end_of_its_workflow() {
    let text = edited(WORKFLOW, edge("plan", "check"));
    assert!(
        text.ends_with("  edge \"search\" -> \"check\"\n  edge \"plan\" -> \"check\"\n}\n"),
        "{text}"
    );
    let windows = edited(&WORKFLOW.replace('\n', "\r\n"), edge("plan", "check"));
    assert_eq!(windows, text.replace('\n', "\r\n"));
}

#[test]
fn a_node_is_written_where_it_belongs() {
    let text = edited(WORKFLOW, node("report", SymbolKind::Node));
    assert!(
        text.ends_with(
            "-> \"check\"\n\n  node \"report\" kind=\"reason\" {\n    goal = \"\"\n  }\n}\n"
        ),
        "{text}"
    );
    let text = edited(SCRIPT, node("editor", SymbolKind::Agent));
    assert!(
        text.ends_with("}\n\nAGENT editor {\n    role: \"\"\n}\n"),
        "{text}"
    );
    assert_eq!(
        edited("", node("a", SymbolKind::Variable)),
        "VARIABLE a {\n    value: \"\"\n}\n"
    );
}

#[test]
fn what_cannot_be_drawn_is_refused_with_the_reason() {
    assert_snapshot!(
        [
            edited(WORKFLOW, edge("plan", "nobody")),
            edited(WORKFLOW, edge("plan", "plan")),
            edited(SCRIPT, node("writer", SymbolKind::Agent)),
            edited(SCRIPT, node("x", SymbolKind::Node)),
            edited(SCRIPT, node("a\" {", SymbolKind::Agent)),
            edited(SCRIPT, node("a", SymbolKind::Heading)),
        ]
        .join("\n")
    );
}
