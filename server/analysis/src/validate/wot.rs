//! The contract of workflows of thought.
//!
//! Other readers take these files line by line, so the shape of a line matters as much as the tree: a header ends its
//! line, a brace stands alone, arguments fit on one line. This check walks the lines as those readers do, then looks at
//! the graph that the nodes and edges make.

mod graph;
mod line;
#[cfg(test)]
mod tests;

use std::ops::Range;

use metascript_syntax::schema::schema;

use self::line::{Line, quoted_field};
use crate::diagnostic::known;
use crate::finding::Finding;
use crate::ir::Span;
use crate::spelling::closest;

/// A node as its lines say it.
#[derive(Debug)]
struct Node<'a> {
    id: (&'a str, Range<usize>),
    work: bool,
    has_tool: bool,
    has_checks: bool,
    /// The `parallel` block that it stands in.
    group: Option<usize>,
    /// What it reads, by name.
    inputs: Vec<&'a str>,
    /// The name under which its result is kept.
    output: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    None,
    Meta,
    Inputs,
    Policy,
    Workflow,
}

struct Reader<'a> {
    findings: Vec<Finding>,
    section: Section,
    nodes: Vec<Node<'a>>,
    /// From, to.
    edges: Vec<[(&'a str, Range<usize>); 2]>,
    allowed_tools: Vec<&'a str>,
    tools: Vec<(&'a str, Range<usize>)>,
    in_node: bool,
    in_checks: bool,
    group: Option<usize>,
    groups: usize,
}

/// What is wrong with a workflow file.
pub(crate) fn check(text: &str) -> Vec<Finding> {
    // `meta` with `=` also heads scripts that have cells instead of a workflow; nobody reads those line by line.
    if !text.contains("workflow") {
        return Vec::new();
    }
    let mut reader = Reader {
        findings: Vec::new(),
        section: Section::None,
        nodes: Vec::new(),
        edges: Vec::new(),
        allowed_tools: Vec::new(),
        tools: Vec::new(),
        in_node: false,
        in_checks: false,
        group: None,
        groups: 0,
    };
    for line in line::lines(text) {
        reader.read(line);
    }
    reader.tools_allowed();
    graph::check(&mut reader);
    reader.findings
}

impl<'a> Reader<'a> {
    fn report(&mut self, code: crate::Code, range: Range<usize>, message: impl Into<String>) {
        self.findings.push(Finding::new(
            code,
            Span::new(range.start, range.end),
            message,
        ));
    }

    fn read(&mut self, line: Line<'a>) {
        if line.text.is_empty() || line.text.starts_with("//") || line.text.starts_with('#') {
            return;
        }
        if !self.in_node && self.section_header(line) {
            return;
        }
        if line.text == "}" {
            self.close();
        } else if line.text.starts_with('}') {
            self.report(
                known::WOT_LINE,
                line.range(),
                "a closing brace must stand alone on its line",
            );
            self.close();
        } else {
            match self.section {
                Section::Meta | Section::Inputs => {
                    if line.key_value().is_none() {
                        self.report(known::WOT_LINE, line.range(), "expected `key = value`");
                    }
                }
                Section::Policy => self.policy(line),
                Section::Workflow => self.workflow(line),
                Section::None => {}
            }
        }
    }

    fn section_header(&mut self, line: Line<'a>) -> bool {
        let section = match line.first_word() {
            "meta" => Section::Meta,
            "inputs" => Section::Inputs,
            "policy" => Section::Policy,
            "workflow" => Section::Workflow,
            _ => return false,
        };
        if line.text.ends_with('{') {
            self.section = section;
            true
        } else if let Some((_, after)) = line.text.split_once('{') {
            // `meta {}` is whole; anything else after the brace is not read by anyone.
            if after.trim() != "}" {
                self.report(
                    known::WOT_LINE,
                    line.range(),
                    format!(
                        "the header of `{}` must end its line with `{{`",
                        line.first_word()
                    ),
                );
            }
            true
        } else {
            false
        }
    }

    fn close(&mut self) {
        if self.in_checks {
            self.in_checks = false;
        } else if self.in_node {
            self.in_node = false;
        } else if self.group.is_some() {
            self.group = None;
        } else {
            self.section = Section::None;
        }
    }

    fn policy(&mut self, line: Line<'a>) {
        let Some((key, value)) = line.key_value() else {
            self.report(known::WOT_LINE, line.range(), "expected `key = value`");
            return;
        };
        match key.text {
            "allowed_tools" => self.allowed_tools = value.list().map(|item| item.text).collect(),
            "max_tool_calls" | "max_tokens" | "max_time_ms"
                if value.unquoted().text.parse::<i32>().is_err() =>
            {
                self.report(
                    known::WOT_VALUE,
                    value.range(),
                    format!("`{}` must be a whole number", key.text),
                );
            }
            _ => {}
        }
    }

    fn workflow(&mut self, line: Line<'a>) {
        if self.in_checks {
            if line.text == "]" {
                self.in_checks = false;
            } else {
                self.check_line(line);
            }
        } else if line.first_word() == "node" && line.text.contains('{') {
            self.node_header(line);
        } else if line.first_word() == "edge" {
            self.edge(line);
        } else if !self.in_node && line.first_word() == "parallel" {
            if line.text.ends_with('{') {
                self.group = Some(self.groups);
                self.groups += 1;
            } else {
                self.report(
                    known::WOT_LINE,
                    line.range(),
                    "the header of `parallel` must end its line with `{`",
                );
            }
        } else if self.in_node {
            self.field(line);
        }
    }

    fn node_header(&mut self, line: Line<'a>) {
        if self.in_node {
            self.report(
                known::WOT_LINE,
                line.range(),
                "a node cannot stand inside a node; the one before lacks its `}`",
            );
        }
        let (head, body) = line::split_header(line);
        self.in_node = true;
        match line::node_header(head) {
            Ok(header) => {
                let work = header.kind.as_ref().is_some_and(|kind| kind.0 == "work");
                if let Some((kind, range)) = header.kind {
                    self.kind(kind, range);
                }
                self.nodes.push(Node {
                    id: header.id,
                    work,
                    has_tool: false,
                    has_checks: false,
                    group: self.group,
                    inputs: Vec::new(),
                    output: None,
                });
            }
            Err((range, message)) => {
                self.report(known::WOT_LINE, range, message);
                if let Some(id) = line::node_id(line) {
                    self.nodes.push(Node {
                        id,
                        work: false,
                        has_tool: false,
                        has_checks: false,
                        group: self.group,
                        inputs: Vec::new(),
                        output: None,
                    });
                }
            }
        }
        if !body.text.is_empty() {
            self.body_on_header(body);
        }
    }

    /// `node "a" { goal = "g" }` on one line: the header is read by everybody, its fields by nobody else.
    fn body_on_header(&mut self, body: Line<'a>) {
        let inner = body.text.strip_suffix('}').map(|inner| {
            Line {
                text: inner,
                start: body.start,
            }
            .trim()
        });
        let Some(inner) = inner else {
            self.report(
                known::WOT_LINE,
                body.range(),
                "a field of a node stands on a line of its own",
            );
            return;
        };
        if !inner.text.is_empty() {
            let mut finding = Finding::new(
                known::WOT_IGNORED,
                Span::new(inner.start, inner.start + inner.text.len()),
                "other readers leave out a field on the line of the header",
            );
            let single = inner.split(&[',']).count() == 1
                && inner.text.matches('=').count() == 1
                && inner.key_value().is_some();
            if single {
                finding = finding.replace(
                    "Put the field on its own line",
                    Span::new(body.start, body.start + body.text.len()),
                    format!("\n    {}\n  }}", inner.text),
                );
            }
            self.findings.push(finding);
            self.field(inner);
        }
        self.in_node = false;
    }

    fn kind(&mut self, kind: &str, range: Range<usize>) {
        if matches!(kind, "reason" | "work") {
            return;
        }
        let span = Span::new(range.start, range.end);
        let mut finding = Finding::new(
            known::WOT_KIND,
            span,
            format!("unsupported node kind `{kind}`; expected `reason` or `work`"),
        );
        for known in [
            closest(kind, ["reason", "work"]).unwrap_or("reason"),
            "work",
        ] {
            if finding.fixes.iter().all(|fix| !fix.title.contains(known)) {
                finding = finding.replace(format!("Change to `{known}`"), span, known);
            }
        }
        self.findings.push(finding);
    }

    fn edge(&mut self, line: Line<'a>) {
        if self.group.is_some() {
            self.report(
                known::WOT_LINE,
                line.range(),
                "`parallel` groups nodes; an edge must stand outside it",
            );
        }
        match line::edge(line) {
            Some(ends) => self.edges.push(ends),
            None => self.report(
                known::WOT_LINE,
                line.range(),
                "expected `edge \"from\" -> \"to\"`",
            ),
        }
    }

    fn field(&mut self, line: Line<'a>) {
        if line.first_word() == "checks" && line.text.ends_with('[') {
            self.in_checks = true;
            if let Some(node) = self.nodes.last_mut() {
                node.has_checks = true;
            }
            return;
        }
        let Some((key, value)) = line.key_value() else {
            self.report(
                known::WOT_LINE,
                line.range(),
                "expected `key = value`, an array of checks or `}`",
            );
            return;
        };
        let plain = value.unquoted();
        match key.text {
            "kind" => {
                self.kind(plain.text, plain.range());
                if let Some(node) = self.nodes.last_mut() {
                    node.work = plain.text == "work";
                }
            }
            "tool" => {
                self.tools.push((plain.text, plain.range()));
                if let Some(node) = self.nodes.last_mut() {
                    node.has_tool = true;
                }
            }
            "checks" => {
                if let Some(node) = self.nodes.last_mut() {
                    node.has_checks = true;
                }
            }
            "args" => self.args(value),
            "output" => {
                if let Some(node) = self.nodes.last_mut() {
                    node.output = Some(plain.text);
                }
            }
            "input" => {
                if let Some(node) = self.nodes.last_mut() {
                    node.inputs = if value.text.starts_with('[') {
                        value.list().map(|item| item.text).collect()
                    } else {
                        vec![plain.text]
                    };
                }
            }
            "next" => {
                let Some(from) = self.nodes.last().map(|node| node.id.clone()) else {
                    return;
                };
                let targets: Vec<Line<'a>> = if value.text.starts_with('[') {
                    value.list().collect()
                } else {
                    vec![plain]
                };
                for target in targets {
                    self.edges
                        .push([from.clone(), (target.text, target.range())]);
                }
            }
            "transformation" => {
                self.report(
                    known::WOT_IGNORED,
                    key.range(),
                    "`transformation` is left out by other readers of this format",
                );
            }
            _ => {}
        }
    }

    fn args(&mut self, value: Line<'a>) {
        let inner = value
            .text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        let Some(inner) = inner else {
            self.report(
                known::WOT_LINE,
                value.range(),
                "`args` must be an object that fits on this line: `{ \"key\": \"value\" }`",
            );
            return;
        };
        let inner = Line {
            text: inner,
            start: value.start + 1,
        };
        for pair in inner.split(&[',']).filter(|pair| !pair.text.is_empty()) {
            if !line::is_pair(pair.text) {
                self.report(
                    known::WOT_LINE,
                    pair.range(),
                    "expected `\"key\": \"value\"`; keys and values are text",
                );
            }
        }
    }

    fn check_line(&mut self, line: Line<'a>) {
        let Some((name, range)) = quoted_field(line, "type") else {
            self.report(
                known::WOT_CHECK,
                line.range(),
                "a check stands on one line and needs a `\"type\"`",
            );
            return;
        };
        let Some(spec) = schema().checks().iter().find(|check| check.name == name) else {
            let span = Span::new(range.start, range.end);
            let mut finding = Finding::new(
                known::WOT_CHECK,
                span,
                format!("unsupported check type `{name}`"),
            );
            if let Some(known) = closest(
                name,
                schema().checks().iter().map(|check| check.name.as_str()),
            ) {
                finding = finding.replace(format!("Change to `{known}`"), span, known);
            }
            self.findings.push(finding);
            return;
        };
        if let Some(tool) = quoted_field(line, "tool") {
            self.tools.push(tool);
        }
        // `args` of a tool check is optional: a tool may take none.
        let missing: Vec<&str> = spec
            .fields
            .iter()
            .map(String::as_str)
            .filter(|field| *field != "args" && quoted_field(line, field).is_none())
            .collect();
        if !missing.is_empty() {
            let list = missing
                .iter()
                .map(|field| format!("`{field}`"))
                .collect::<Vec<_>>()
                .join(" and ");
            self.report(
                known::WOT_CHECK,
                line.range(),
                format!("a `{name}` check needs {list}"),
            );
        }
    }

    fn tools_allowed(&mut self) {
        if self.allowed_tools.is_empty() {
            return;
        }
        for (tool, range) in std::mem::take(&mut self.tools) {
            if !self.allowed_tools.contains(&tool) {
                self.report(
                    known::WOT_TOOL,
                    range,
                    format!("the policy does not allow the tool `{tool}`"),
                );
            }
        }
    }
}
