//! Fixes of calls, made on the syntax tree: arguments may hold whatever they like.

use std::ops::Range;

use super::Fix;
use super::pieces::{Piece, literal, pieces};
use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::lang::{ArgNode, CallParts};

/// What one fix does to a call.
struct Shape {
    rule: &'static str,
    title: &'static str,
    /// Last parts of the names of the functions.
    names: &'static [&'static str],
    change: Change,
    import: Option<&'static str>,
}

enum Change {
    /// Calls another function of the same module; only the first arguments are kept.
    Rename(&'static str, usize),
    /// Calls another function of a module that is imported.
    Replace(&'static str, usize),
    /// Sets an argument by its name.
    Set(&'static str, &'static str),
    /// The command as a list, without a shell.
    List,
    /// `os.system` as a list, without a shell.
    RunList,
    /// Values of a query as parameters.
    Parameters,
}

const RUNNERS: &[&str] = &["run", "call", "check_call", "check_output", "Popen"];
const REQUESTS: &[&str] = &[
    "get", "post", "put", "patch", "delete", "head", "options", "request", "stream",
];
const QUERIES: &[&str] = &[
    "execute", "query", "run", "all", "get", "each", "fetch", "fetchrow", "fetchval",
];

const SHAPES: &[Shape] = &[
    Shape {
        rule: "PY-YAML-LOAD",
        title: "Use yaml.safe_load",
        names: &["load", "unsafe_load", "full_load"],
        change: Change::Rename("safe_load", 1),
        import: None,
    },
    Shape {
        rule: "PY-YAML-LOAD",
        title: "Use yaml.safe_load_all",
        names: &["load_all", "unsafe_load_all", "full_load_all"],
        change: Change::Rename("safe_load_all", 1),
        import: None,
    },
    Shape {
        rule: "PY-EVAL",
        title: "Use ast.literal_eval",
        names: &["eval"],
        change: Change::Replace("ast.literal_eval", 1),
        import: Some("import ast"),
    },
    Shape {
        rule: "PY-WEAK-HASH",
        title: "Say that no security is meant",
        names: &["md5", "sha1", "new"],
        change: Change::Set("usedforsecurity", "False"),
        import: None,
    },
    Shape {
        rule: "PY-REQUEST-TIMEOUT",
        title: "Set a time limit",
        names: REQUESTS,
        change: Change::Set("timeout", "10"),
        import: None,
    },
    Shape {
        rule: "PY-TORCH-LOAD",
        title: "Load weights only",
        names: &["load"],
        change: Change::Set("weights_only", "True"),
        import: None,
    },
    Shape {
        rule: "PY-TAR-EXTRACT",
        title: "Refuse dangerous members",
        names: &["extractall"],
        change: Change::Set("filter", "\"data\""),
        import: None,
    },
    Shape {
        rule: "PY-COOKIE-FLAGS",
        title: "Protect the cookie",
        names: &["set_cookie"],
        change: Change::Set("secure", "True"),
        import: None,
    },
    Shape {
        rule: "PY-PICKLE",
        title: "Refuse pickled objects",
        names: &["load"],
        change: Change::Set("allow_pickle", "False"),
        import: None,
    },
    Shape {
        rule: "PY-JINJA-AUTOESCAPE",
        title: "Switch escaping on",
        names: &["Environment"],
        change: Change::Set("autoescape", "True"),
        import: None,
    },
    Shape {
        rule: "PY-SHELL",
        title: "Pass a list, without a shell",
        names: RUNNERS,
        change: Change::List,
        import: None,
    },
    Shape {
        rule: "PY-OS-SYSTEM",
        title: "Pass a list, without a shell",
        names: &["system"],
        change: Change::RunList,
        import: Some("import subprocess"),
    },
    Shape {
        rule: "JS-CHILD-PROCESS",
        title: "Pass a list, without a shell",
        names: &["exec", "execSync"],
        change: Change::List,
        import: None,
    },
    Shape {
        rule: "PY-SQL-INJECTION",
        title: "Pass the value as a parameter",
        names: QUERIES,
        change: Change::Parameters,
        import: None,
    },
    Shape {
        rule: "JS-SQL-INJECTION",
        title: "Pass the value as a parameter",
        names: QUERIES,
        change: Change::Parameters,
        import: None,
    },
];

/// The fixes that a rule has for the call around or inside a range, not proved yet.
pub(super) fn candidates(ast: &Ast<'_>, rule: &str, range: &Range<usize>) -> Vec<Fix> {
    let mut out = Vec::new();
    for shape in SHAPES.iter().filter(|s| s.rule == rule) {
        let Some((call, parts)) = call_at(ast, range, shape.names) else {
            continue;
        };
        if let Some(mut edits) = edits(ast, call, &parts, &shape.change) {
            if let Some(import) = shape
                .import
                .filter(|i| !ast.src.lines().any(|l| l.trim() == *i))
            {
                let at = super::import_place(ast.src);
                edits.insert(0, (at..at, format!("{import}\n")));
            }
            edits.sort_by_key(|(range, _)| range.start);
            out.push(Fix {
                title: shape.title.to_owned(),
                edits,
            });
        }
    }
    out
}

/// The call of one of the functions that the range stands for: the one that begins there, else the nearest around it.
fn call_at<'s>(ast: &Ast<'s>, range: &Range<usize>, names: &[&str]) -> Option<(Id, CallParts<'s>)> {
    let mut best: Option<(usize, Id, CallParts<'s>)> = None;
    for id in 0..ast.len() {
        let at = ast.range(id);
        if ast.kind(id) != Kind::Call || at.start > range.start || at.end < range.end {
            continue;
        }
        let parts = ast.lang.hooks.call_parts(ast, id);
        let name = ast.text(parts.callee);
        let last = name.rsplit('.').next().unwrap_or(name);
        if names.contains(&last) && best.as_ref().is_none_or(|b| at.len() <= b.0) {
            best = Some((at.len(), id, parts));
        }
    }
    best.map(|(_, id, parts)| (id, parts))
}

fn edits(
    ast: &Ast<'_>,
    call: Id,
    parts: &CallParts<'_>,
    change: &Change,
) -> Option<Vec<(Range<usize>, String)>> {
    match change {
        Change::Rename(to, keep) | Change::Replace(to, keep) => {
            let callee = ast.range(parts.callee);
            let name = ast.text(parts.callee);
            let start = match change {
                // The name alone was imported: the new one was not.
                Change::Rename(..) => callee.start + name.rfind('.')? + 1,
                _ => callee.start,
            };
            let mut out = vec![(start..callee.end, (*to).to_owned())];
            if let (Some(last), Some(end)) = (
                parts.args.get(keep.checked_sub(1)?),
                parts.args.last().map(|a| argument_range(ast, a).end),
            ) {
                let kept = argument_range(ast, last).end;
                if end > kept {
                    out.push((kept..end, String::new()));
                }
            }
            Some(out)
        }
        Change::Set(name, value) => Some(vec![set(ast, call, parts, name, value)?]),
        Change::List => list(ast, parts),
        Change::RunList => {
            let words = words(ast, parts.args.first()?.node)?;
            Some(vec![(
                ast.range(call),
                format!("subprocess.run([{}])", words.join(", ")),
            )])
        }
        Change::Parameters => parameters(ast, parts),
    }
}

/// The argument with its name.
fn argument_range(ast: &Ast<'_>, arg: &ArgNode<'_>) -> Range<usize> {
    let parent = ast.parent(arg.node);
    if !arg.name.is_empty() && ast.kind(parent) == Kind::Keyword {
        ast.range(parent)
    } else {
        ast.range(arg.node)
    }
}

/// Changes the named argument, or adds it after the last one.
fn set(
    ast: &Ast<'_>,
    call: Id,
    parts: &CallParts<'_>,
    name: &str,
    value: &str,
) -> Option<(Range<usize>, String)> {
    if let Some(there) = parts.args.iter().find(|a| a.name == name) {
        return Some((ast.range(there.node), value.to_owned()));
    }
    if parts
        .args
        .iter()
        .any(|a| a.splat && ast.text(a.node).starts_with("**"))
    {
        return None;
    }
    let added = format!("{name}={value}");
    if let Some(last) = parts.args.last() {
        let end = argument_range(ast, last).end;
        Some((end..end, format!(", {added}")))
    } else {
        let end = ast.range(call).end.checked_sub(1)?;
        Some((end..end, added))
    }
}

/// The words of a command; `None` when a shell has to read it.
fn words(ast: &Ast<'_>, command: Id) -> Option<Vec<String>> {
    let python = ast.lang.name == "python";
    let mut words: Vec<Vec<Piece>> = vec![Vec::new()];
    for piece in pieces(ast, command)? {
        match piece {
            Piece::Text(text) => {
                if text.contains(|c: char| "|&;<>$`*?\"'(){}[]~#\n\\!".contains(c)) {
                    return None;
                }
                for (k, part) in text.split(' ').enumerate() {
                    if k > 0 {
                        words.push(Vec::new());
                    }
                    if !part.is_empty() {
                        words.last_mut()?.push(Piece::Text(part.to_owned()));
                    }
                }
            }
            Piece::Value(v) => words.last_mut()?.push(Piece::Value(v)),
        }
    }
    words.retain(|w| !w.is_empty());
    // What is run has to be known.
    if !matches!(words.first()?.as_slice(), [Piece::Text(_)]) {
        return None;
    }
    words
        .into_iter()
        .map(|word| match word.as_slice() {
            [Piece::Text(t)] if python => Some(format!("\"{t}\"")),
            [Piece::Text(t)] => Some(format!("'{t}'")),
            [Piece::Value(v)] => Some(v.clone()),
            mixed => {
                let (open, close, mark) = if python {
                    ("f\"", "\"", "")
                } else {
                    ("`", "`", "$")
                };
                let mut out = open.to_owned();
                for piece in mixed {
                    match piece {
                        Piece::Text(t) => out.push_str(t),
                        Piece::Value(v) if v.contains(['"', '`', '{', '}', '\\']) => return None,
                        Piece::Value(v) => out.push_str(&format!("{mark}{{{v}}}")),
                    }
                }
                out.push_str(close);
                Some(out)
            }
        })
        .collect()
}

fn list(ast: &Ast<'_>, parts: &CallParts<'_>) -> Option<Vec<(Range<usize>, String)>> {
    let command = parts.args.first()?;
    let words = words(ast, command.node)?;
    let at = ast.range(command.node);
    if ast.lang.name == "python" {
        let mut out = vec![(at, format!("[{}]", words.join(", ")))];
        let shell = parts.args.iter().position(|a| a.name == "shell")?;
        let before = argument_range(ast, parts.args.get(shell.checked_sub(1)?)?).end;
        out.push((
            before..argument_range(ast, parts.args.get(shell)?).end,
            String::new(),
        ));
        return Some(out);
    }
    // `exec(text, ...)` as `execFile(program, [arguments], ...)`.
    let (program, rest) = words.split_first()?;
    let callee = ast.range(parts.callee);
    let name = ast.text(parts.callee);
    let own = name.rsplit('.').next()?;
    let to = if own == "execSync" {
        "execFileSync"
    } else {
        "execFile"
    };
    let mut out = vec![
        (callee.end - own.len()..callee.end, to.to_owned()),
        (at, format!("{program}, [{}]", rest.join(", "))),
    ];
    if !name.contains('.') && !ast.src.contains(&format!("{to} }}")) {
        // The function was taken out of its module: the new one is taken out beside it.
        let beside = [format!("{{ {own} }}"), format!("{{{own}}}")]
            .iter()
            .find_map(|t| ast.src.find(t.as_str()).map(|k| (k, t.len())))?;
        let text = format!("{{ {own}, {to} }}");
        out.insert(0, (beside.0..beside.0 + beside.1, text));
    }
    Some(out)
}

/// The query with marks in place of its values, and the values as the second argument.
fn parameters(ast: &Ast<'_>, parts: &CallParts<'_>) -> Option<Vec<(Range<usize>, String)>> {
    let python = ast.lang.name == "python";
    let positional: Vec<&ArgNode<'_>> = parts.args.iter().filter(|a| a.name.is_empty()).collect();
    let query = positional.first()?;
    // Parameters are there already, or what follows is no callback.
    let second = positional.get(1);
    if second.is_some_and(|a| python || ast.kind(ast.peel(a.node)) == Kind::List) {
        return None;
    }
    let mut made_at = ast.peel(query.node);
    let mut edits = Vec::new();
    if ast.kind(made_at) == Kind::Name {
        made_at = only_assignment(ast, made_at)?;
    }
    let (text, values) = marked(&pieces(ast, made_at)?, placeholder(ast))?;
    edits.push((ast.range(made_at), literal(ast.lang.name, &text)?));
    let end = ast.range(query.node).end;
    let given = if python {
        let comma = if values.len() == 1 { "," } else { "" };
        format!("({}{comma})", values.join(", "))
    } else {
        format!("[{}]", values.join(", "))
    };
    if ast.range(made_at).end == end {
        if let Some((_, text)) = edits.last_mut() {
            text.push_str(&format!(", {given}"));
        }
    } else {
        edits.push((end..end, format!(", {given}")));
    }
    Some(edits)
}

/// What is assigned to a variable that is assigned once.
fn only_assignment(ast: &Ast<'_>, name: Id) -> Option<Id> {
    let text = ast.text(name);
    let mut found = None;
    for id in 0..ast.len() {
        let left = match ast.kind(id) {
            Kind::Assign | Kind::AugAssign => {
                let left = ast.child(id, Field::Left);
                if left == NONE {
                    ast.child(id, Field::Name)
                } else {
                    left
                }
            }
            _ => continue,
        };
        if ast.text(left) != text {
            continue;
        }
        if found.is_some()
            || ast.kind(id) == Kind::AugAssign
            || ast.range(id).start > ast.range(name).start
        {
            return None;
        }
        let mut right = ast.child(id, Field::Right);
        if right == NONE {
            right = ast.child(id, Field::Value);
        }
        found = Some(right);
    }
    // Another use of the text would see the marks.
    let uses = (0..ast.len())
        .filter(|id| ast.kind(*id) == Kind::Name && ast.text(*id) == text)
        .count();
    found.filter(|_| uses == 2)
}

/// The mark for a value that the imported library knows.
fn placeholder(ast: &Ast<'_>) -> &'static str {
    let uses = |names: &[&str]| names.iter().any(|n| ast.src.contains(n));
    if uses(&[
        "psycopg",
        "pymysql",
        "MySQLdb",
        "mysql.connector",
        "mysqlclient",
    ]) {
        "%s"
    } else if uses(&["asyncpg", "'pg'", "\"pg\"", "pg-promise"]) {
        "$"
    } else {
        "?"
    }
}

/// A query with marks, and its values; `None` where a value stands that is no value to SQL, such as the name of a table.
fn marked(pieces: &[Piece], mark: &str) -> Option<(String, Vec<String>)> {
    let mut text = String::new();
    let mut values = Vec::new();
    let mut quoted = false;
    for (k, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(t) => {
                let rest = if quoted { t.strip_prefix('\'')? } else { t };
                quoted = false;
                text.push_str(rest);
            }
            Piece::Value(v) => {
                if text.ends_with('\'') {
                    text.pop();
                    quoted = true;
                }
                let before = text.trim_end().to_ascii_uppercase();
                let fits = before.ends_with(['=', '<', '>', '(', ','])
                    || [
                        " LIKE", " IN", " LIMIT", " OFFSET", " AND", " BETWEEN", " THEN",
                    ]
                    .iter()
                    .any(|w| before.ends_with(w));
                let closed = pieces.get(k + 1).is_none_or(|next| match next {
                    Piece::Text(t) if quoted => t.starts_with('\''),
                    Piece::Text(t) => t.starts_with([' ', ')', ',', ';', '\n']),
                    Piece::Value(_) => false,
                });
                if !fits || !closed || quoted && k + 1 == pieces.len() {
                    return None;
                }
                values.push(v.clone());
                if mark == "$" {
                    text.push_str(&format!("${}", values.len()));
                } else {
                    text.push_str(mark);
                }
            }
        }
    }
    // `SELECT a, {column}` names a column: only what is compared or inserted is a value.
    let column = text.to_ascii_uppercase();
    let listed = column.starts_with("SELECT") && {
        let head = column.split(" FROM ").next().unwrap_or_default();
        head.contains(mark)
    };
    (!values.is_empty() && !listed).then_some((text, values))
}
