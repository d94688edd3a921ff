//! The dialects of metascripts.

use tree_sitter::Node;

use crate::Document;

/// A way of writing metascripts, or what kind of foreign document a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `DESCRIBE { name: "x" }`, in upper or lower case.
    Brace,
    /// `META {}`, `LANG("X") {}`, `#FLUX:` directives.
    Flux,
    /// Workflows: `meta { k = "v" }`, `workflow "x" { node … edge … }`.
    Wot,
    /// Markdown with fenced cells.
    Literate,
    /// `rule Name { match: … replace: … }`.
    Rule,
    /// `#!/usr/bin/env trsx` with `program {}` and `reflection {}`.
    Unified,
    /// One command a line.
    Lines,
    /// A foreign document: YAML.
    Yaml,
    /// A foreign document: XML.
    Xml,
    /// A foreign document: JSON.
    Json,
    /// A foreign document: an F# file or template.
    FSharp,
    /// A foreign document: some text.
    Text,
}

impl Dialect {
    /// The stable name, as `metascript check --format json` prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::Brace => "brace",
            Dialect::Flux => "flux",
            Dialect::Wot => "wot",
            Dialect::Literate => "literate",
            Dialect::Rule => "rule",
            Dialect::Unified => "unified",
            Dialect::Lines => "lines",
            Dialect::Yaml => "yaml",
            Dialect::Xml => "xml",
            Dialect::Json => "json",
            Dialect::FSharp => "fsharp",
            Dialect::Text => "text",
        }
    }

    /// Whether the file is no metascript and only carries the extension of one.
    pub fn is_foreign(self) -> bool {
        matches!(
            self,
            Dialect::Yaml | Dialect::Xml | Dialect::Json | Dialect::FSharp | Dialect::Text
        )
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many items at the top of a file are looked at.
const LOOK: usize = 200;

/// The grammar has told brace, literate and foreign documents apart; the rest is told by the first items.
pub(crate) fn of(document: &Document) -> Dialect {
    let root = document.tree().root_node();
    let mut cursor = root.walk();
    let (mut blocks, mut commands, mut fences) = (0, 0, 0);
    let (mut equals_meta, mut literate) = (false, false);
    for node in root.named_children(&mut cursor).take(LOOK) {
        match node.kind() {
            "foreign_document" => return foreign(node),
            "heading" | "paragraph" => literate = true,
            "fenced_cell" => fences += 1,
            "shebang" => {
                let line = document.slice(node.byte_range());
                if line.contains("flux") {
                    return Dialect::Flux;
                }
            }
            "directive" => return Dialect::Flux,
            "block" | "code_block" | "prose_block" => {
                blocks += 1;
                let Some(keyword) = node.child_by_field_name("keyword") else {
                    continue;
                };
                match &*document.slice(keyword.byte_range()) {
                    "workflow" | "policy" | "inputs" => return Dialect::Wot,
                    "meta" => equals_meta = first_operator(node) == Some("="),
                    "rule" => return Dialect::Rule,
                    "program" | "reflection" => return Dialect::Unified,
                    "META" | "LANG" | "agentic" | "reasoning_block" | "AGENTIC" => {
                        return Dialect::Flux;
                    }
                    _ => {}
                }
            }
            // A lone word is what somebody begins to type.
            "command"
                if node.named_child_count() <= 1
                    && node.next_named_sibling().is_none()
                    && blocks == 0
                    && commands == 0 => {}
            "command" | "edge" => commands += 1,
            _ => {}
        }
    }
    if equals_meta {
        Dialect::Wot
    } else if literate || (fences > 0 && blocks == 0 && commands == 0) {
        Dialect::Literate
    } else if commands > blocks {
        Dialect::Lines
    } else {
        Dialect::Brace
    }
}

fn foreign(node: Node<'_>) -> Dialect {
    match node.named_child(0).map(|child| child.kind()) {
        Some("xml_text") => Dialect::Xml,
        Some("json_text") => Dialect::Json,
        Some("yaml_text") => Dialect::Yaml,
        Some("fsharp_text") => Dialect::FSharp,
        _ => Dialect::Text,
    }
}

fn first_operator(block: Node<'_>) -> Option<&str> {
    let mut cursor = block.walk();
    let property = block
        .named_children(&mut cursor)
        .find(|child| child.kind() == "property")?;
    property
        .child_by_field_name("operator")
        .map(|operator| operator.kind())
}
