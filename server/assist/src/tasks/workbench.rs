//! The tools of the agent: they work on a copy of the script. The user's text changes only by the edit that is
//! previewed at the end.

use futures::future::BoxFuture;
use metascript_syntax::{Document, TextEdit};
use serde_json::{Value, json};

use crate::assist::Assist;
use crate::provider::Tool;

/// Runs a cell of a script in the sandbox and gives its output, or the error, as text.
pub trait CellRunner: Send + Sync {
    /// Runs the cell with this number.
    fn run(&self, document: Document, cell: usize) -> BoxFuture<'_, Result<String, String>>;
}

/// A script on the bench.
pub struct Workbench<'a> {
    assist: &'a Assist,
    runner: Option<&'a dyn CellRunner>,
    /// The script's name in the workspace.
    pub name: String,
    /// The script as changed so far.
    pub document: Document,
}

/// Longest result that a model gets to see, in tokens.
const MAX_RESULT: u32 = 2000;

fn tool(name: &str, description: &str, properties: &Value, required: &[&str]) -> Tool {
    Tool {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters: json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false }),
    }
}

impl<'a> Workbench<'a> {
    /// A bench with a script on it.
    pub fn new(
        assist: &'a Assist,
        runner: Option<&'a dyn CellRunner>,
        name: &str,
        document: Document,
    ) -> Self {
        Self {
            assist,
            runner,
            name: name.to_owned(),
            document,
        }
    }

    /// What the model may call.
    pub fn tools(&self) -> Vec<Tool> {
        let text = json!({ "type": "string" });
        let number = json!({ "type": "integer" });
        let mut tools = vec![
            tool(
                "read_script",
                "The script with line numbers.",
                &json!({}),
                &[],
            ),
            tool(
                "read_block",
                "The block or cell around a line.",
                &json!({ "line": number }),
                &["line"],
            ),
            tool(
                "replace",
                "Replaces a text that occurs exactly once in the script by another.",
                &json!({ "old": text, "new": text }),
                &["old", "new"],
            ),
            tool(
                "check",
                "Syntax errors of the script, one a line.",
                &json!({}),
                &[],
            ),
            tool(
                "scan",
                "Security findings of the script, one a line.",
                &json!({}),
                &[],
            ),
            tool(
                "search_workspace",
                "Parts of other scripts that are like a text.",
                &json!({ "text": text }),
                &["text"],
            ),
        ];
        if self.runner.is_some() {
            tools.push(tool(
                "run_cell",
                "Runs a cell in the sandbox and gives its output.",
                &json!({ "cell": number }),
                &["cell"],
            ));
        }
        tools
    }

    /// Carries out a call. An error is for the model to read.
    pub async fn call(&mut self, name: &str, arguments: &Value) -> Result<String, String> {
        let text = |key: &str| {
            arguments
                .get(key)
                .and_then(Value::as_str)
                .ok_or_else(|| format!("`{key}` must be a text"))
        };
        let number = |key: &str| {
            let number = arguments
                .get(key)
                .and_then(Value::as_u64)
                .and_then(|number| usize::try_from(number).ok());
            number.ok_or_else(|| format!("`{key}` must be a number from 0"))
        };
        let result = match name {
            "read_script" => numbered(&self.document.rope().to_string()),
            "read_block" => self.block(number("line")?)?,
            "replace" => self.replace(text("old")?, text("new")?)?,
            "check" => lines(&self.faults()),
            "scan" => lines(&self.assist.acceptor.findings(&self.document)),
            "search_workspace" => {
                let found = self.assist.like(&self.name, text("text")?, 3).await;
                lines(
                    &found
                        .into_iter()
                        .map(|(name, text)| format!("{name}:\n{text}"))
                        .collect::<Vec<_>>(),
                )
            }
            "run_cell" => match self.runner {
                Some(runner) => runner.run(self.document.clone(), number("cell")?).await?,
                None => return Err("cells cannot be run here".to_owned()),
            },
            _ => return Err(format!("there is no tool `{name}`")),
        };
        Ok(crate::tokens::head(&result, MAX_RESULT).to_owned())
    }

    /// What is wrong with the script: syntax and findings.
    pub fn faults(&self) -> Vec<String> {
        self.assist
            .acceptor
            .check(&self.document.rope().to_string())
    }

    fn replace(&mut self, old: &str, new: &str) -> Result<String, String> {
        let text = self.document.rope().to_string();
        let mut places = text.match_indices(old);
        let (Some((at, _)), None) = (places.next(), places.next()) else {
            return Err("`old` must occur exactly once in the script".to_owned());
        };
        if old.is_empty() {
            return Err("`old` is empty".to_owned());
        }
        if crate::accept::hidden::has_hidden(new) {
            return Err("`new` holds characters that cannot be seen".to_owned());
        }
        self.document = self.document.edited(&[TextEdit {
            range: at..at + old.len(),
            text: new.to_owned(),
        }]);
        Ok(format!("replaced; faults now:\n{}", lines(&self.faults())))
    }

    fn block(&self, line: usize) -> Result<String, String> {
        let rope = self.document.rope();
        let at = rope
            .try_line_to_byte(line.saturating_sub(1))
            .map_err(|_| "the script is shorter".to_owned())?;
        let mut node = self
            .document
            .tree()
            .root_node()
            .descendant_for_byte_range(at, at);
        while let Some(found) = node {
            if matches!(
                found.kind(),
                "block" | "code_block" | "fenced_cell" | "prose_block"
            ) {
                return Ok(self.document.slice(found.byte_range()).into_owned());
            }
            node = found.parent();
        }
        Err("there is no block on this line".to_owned())
    }
}

fn numbered(text: &str) -> String {
    text.lines()
        .enumerate()
        .map(|(at, line)| format!("{}: {line}\n", at + 1))
        .collect()
}

fn lines(lines: &[String]) -> String {
    if lines.is_empty() {
        "none".to_owned()
    } else {
        lines.join("\n")
    }
}
