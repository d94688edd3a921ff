//! Languages whose rules look at commands rather than at values: bash, PowerShell, SQL.

use super::{Hooks, Spec};
use crate::ast::{Ast, Field, Id, Kind};

pub(super) fn bash() -> Spec {
    spec("bash", tree_sitter_bash::LANGUAGE.into())
}

pub(super) fn powershell() -> Spec {
    spec("powershell", tree_sitter_powershell::LANGUAGE.into())
}

pub(super) fn sql() -> Spec {
    spec("sql", tree_sitter_sequel::LANGUAGE.into())
}

fn spec(name: &'static str, grammar: tree_sitter::Language) -> Spec {
    Spec {
        name,
        grammar,
        kinds: KINDS,
        fields: FIELDS,
        clauses_first: false,
        outer_assignment: true,
        ascii_scanner: name == "bash",
        loose: true,
        hooks: &Plain,
    }
}

const KINDS: &[(&str, Kind)] = &[("comment", Kind::Comment), ("marginalia", Kind::Comment)];
const FIELDS: &[(&str, Field)] = &[];

struct Plain;

impl Hooks for Plain {
    fn string(&self, ast: &Ast<'_>, id: Id) -> String {
        ast.text(id).to_owned()
    }
}
