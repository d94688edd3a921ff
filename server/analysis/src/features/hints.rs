//! Inlay hints: what a call gives by position, and what passes into and out of cells.

use std::ops::Range;

use super::hover::name_markdown;
use super::navigate::{Target, definition_of};
use crate::host::Analysis;
use crate::names::{Arguments, DefKind, Space, UseKind};
use crate::occurrences::{Hit, all_names};
use crate::scope::file_scope;
use crate::{Cancellable, FileId};

/// A note inside a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlayHint {
    /// Before this byte.
    pub position: usize,
    /// What it says.
    pub label: String,
    /// What kind of note.
    pub kind: InlayKind,
    /// What it is about: for a parameter the function, else the names that are read.
    pub names: Vec<String>,
}

/// What kind of note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InlayKind {
    /// The name of a parameter.
    Parameter,
    /// Names that a cell takes from others.
    Flow,
}

impl Analysis {
    /// The notes in a part of a file.
    pub fn inlay_hints(&self, file: FileId, part: Range<usize>) -> Cancellable<Vec<InlayHint>> {
        self.about(file, |ctx| {
            let scope = file_scope(ctx.db, ctx.file);
            let mut hints = Vec::new();
            for (base, _, names) in all_names(ctx) {
                for call in &names.calls {
                    let parameters = scope
                        .functions
                        .get(&call.function)
                        .filter(|functions| functions.len() == 1)
                        .and_then(|functions| functions.first()?.parameters.as_ref());
                    let (Some(parameters), Arguments::Positional(values)) =
                        (parameters, &call.arguments)
                    else {
                        continue;
                    };
                    for (parameter, value) in parameters.iter().zip(values) {
                        hints.push(InlayHint {
                            position: value.at(base).start,
                            label: format!("{parameter}:"),
                            kind: InlayKind::Parameter,
                            names: vec![call.function.to_string()],
                        });
                    }
                }
                for (code, _) in &names.cell_locals {
                    let own = |name: &smol_str::SmolStr| {
                        names.defs.iter().any(|def| {
                            def.kind == DefKind::Cell
                                && def.name == *name
                                && code.contains(def.span)
                        })
                    };
                    let mut taken: Vec<&str> = Vec::new();
                    for used in names
                        .uses
                        .iter()
                        .filter(|used| used.kind == UseKind::Cell && code.contains(used.span))
                    {
                        if scope.knows(&used.name)
                            && !own(&used.name)
                            && !taken.contains(&used.name.as_str())
                        {
                            taken.push(&used.name);
                        }
                    }
                    if !taken.is_empty() {
                        hints.push(InlayHint {
                            position: header_end(ctx.document().rope(), code.at(base).start),
                            label: format!("reads {}", taken.join(", ")),
                            kind: InlayKind::Flow,
                            names: taken.iter().map(|&name| name.to_owned()).collect(),
                        });
                    }
                }
            }
            hints.retain(|hint| part.start <= hint.position && hint.position <= part.end);
            hints
        })
    }
}

/// What a note tells when somebody looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintDetails {
    /// What is known of the names, in Markdown.
    pub markdown: String,
    /// Where the names come from, those that are known: name and place.
    pub places: Vec<(String, Target)>,
}

impl Analysis {
    /// What is known of the names that a note is about.
    pub fn hint_details(&self, file: FileId, hint: &InlayHint) -> Cancellable<Option<HintDetails>> {
        self.about(file, |ctx| {
            let mut pages = Vec::new();
            let mut places = Vec::new();
            for name in &hint.names {
                let hit = Hit {
                    name: name.as_str().into(),
                    space: match hint.kind {
                        InlayKind::Parameter => Space::Functions,
                        InlayKind::Flow => Space::Values,
                    },
                    range: hint.position..hint.position,
                    used: None,
                    area: None,
                };
                pages.extend(name_markdown(ctx, &hit, hint.position));
                let target = definition_of(ctx, &hit, hint.position).into_iter().next();
                places.extend(target.map(|target| (name.clone(), target)));
            }
            (!pages.is_empty()).then(|| HintDetails {
                markdown: pages.join("\n\n---\n\n"),
                places,
            })
        })
    }
}

/// The end of the line over a cell's code, where a note pushes no code aside; the code's start when it begins in the
/// header's own line.
fn header_end(rope: &ropey::Rope, code: usize) -> usize {
    let line = rope.byte_to_line(code);
    if line == 0 || rope.line_to_byte(line) != code {
        return code;
    }
    let header = rope.line(line - 1).to_string();
    rope.line_to_byte(line - 1) + header.trim_end_matches(['\n', '\r']).len()
}
