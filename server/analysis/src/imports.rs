//! Imports between scripts: whether the file is there, and whether imports go in a circle.

use std::path::{Component, Path, PathBuf};

use smol_str::SmolStr;

use crate::FileId;
use crate::db::{Group, SourceFile, Workspace, groups, pieces};
use crate::diagnostic::{Diagnostic, Related, known};
use crate::files::FileState;
use crate::ir::Span;
use crate::names::piece_names;
use crate::report::plain;

/// The imports of a group, relative to its start.
#[salsa::tracked(returns(ref))]
fn group_imports<'db>(db: &'db dyn salsa::Database, group: Group<'db>) -> Vec<(SmolStr, Span)> {
    pieces(db, group)
        .iter()
        .flat_map(|(offset, piece)| {
            let by = *offset;
            piece_names(db, *piece)
                .imports
                .iter()
                .map(move |(path, span)| {
                    (
                        path.clone(),
                        Span {
                            start: span.start + by,
                            end: span.end + by,
                        },
                    )
                })
        })
        .collect()
}

/// One import, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) range: std::ops::Range<usize>,
    pub(crate) path: SmolStr,
    pub(crate) file: Option<FileId>,
}

/// The imports of a file, in order.
#[salsa::tracked(returns(ref))]
pub(crate) fn imports(
    db: &dyn salsa::Database,
    file: SourceFile,
    workspace: Workspace,
) -> Vec<Import> {
    let paths = workspace.paths(db);
    let here = file.path(db);
    let found = groups(db, file).iter().flat_map(|(start, group)| {
        group_imports(db, *group)
            .iter()
            .map(move |(path, span)| (path.clone(), span.at(*start)))
    });
    found
        .map(|(path, range)| Import {
            file: resolve(&here, &path).and_then(|target| paths.get(target.as_path()).copied()),
            range,
            path,
        })
        .collect()
}

/// The imports of any file, in order.
pub(crate) fn imports_of(
    db: &dyn salsa::Database,
    id: FileId,
    workspace: Workspace,
) -> Vec<Import> {
    let entries = workspace.entries(db);
    let Some(entry) = entries.get(&id) else {
        return Vec::new();
    };
    match &entry.state {
        FileState::Live(file) => imports(db, *file, workspace).clone(),
        FileState::Outline(index, _) => {
            let paths = workspace.paths(db);
            let found = index.imports().iter();
            found
                .map(|(path, span)| Import {
                    file: resolve(&entry.path, path)
                        .and_then(|target| paths.get(target.as_path()).copied()),
                    range: span.range(),
                    path: path.clone(),
                })
                .collect()
        }
    }
}

/// The path that an import means: relative to the script, `.` and `..` taken out.
pub(crate) fn resolve(from: &Path, path: &str) -> Option<PathBuf> {
    let mut target = from.parent()?.to_path_buf();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => {
                target.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir => target.push(component),
            Component::Normal(part) => target.push(part),
        }
    }
    Some(target)
}

/// Whether the path names a script; modules of a host have no ending.
fn is_script_path(path: &str) -> bool {
    matches!(
        Path::new(path)
            .extension()
            .and_then(|ending| ending.to_str()),
        Some("tars" | "trsx" | "flux" | "metascript")
    )
}

/// Reports imports that lead nowhere or in a circle.
pub(crate) fn check(
    db: &dyn salsa::Database,
    file: SourceFile,
    workspace: Workspace,
    found: &mut Vec<Diagnostic>,
) {
    for import in imports(db, file, workspace) {
        match import.file {
            None if is_script_path(&import.path) => {
                // The disk is no input of the database: ask again whenever anything changes.
                db.report_untracked_read();
                let missing =
                    resolve(&file.path(db), &import.path).is_none_or(|target| !target.exists());
                if missing {
                    found.push(plain(
                        known::IMPORT_NOT_FOUND,
                        import.range.clone(),
                        format!("there is no file `{}`", import.path),
                    ));
                }
            }
            Some(target) => {
                if let Some(last) = path_back(db, target, file.id(db), workspace) {
                    let mut diagnostic = plain(
                        known::IMPORT_CYCLE,
                        import.range.clone(),
                        format!("`{}` imports this script in turn", import.path),
                    );
                    diagnostic.related.push(Related {
                        file: last.0,
                        range: last.1,
                        message: "here".to_owned(),
                    });
                    found.push(diagnostic);
                }
            }
            None => {}
        }
    }
}

/// The import that leads from `from`, over any number of scripts, back to `to`.
fn path_back(
    db: &dyn salsa::Database,
    from: FileId,
    to: FileId,
    workspace: Workspace,
) -> Option<(FileId, std::ops::Range<usize>)> {
    let mut seen = rustc_hash::FxHashSet::default();
    let mut open = vec![from];
    if from == to {
        return imports_of(db, from, workspace)
            .first()
            .map(|import| (from, import.range.clone()));
    }
    while let Some(file) = open.pop() {
        if !seen.insert(file) {
            continue;
        }
        for import in imports_of(db, file, workspace) {
            if import.file == Some(to) {
                return Some((file, import.range));
            }
            open.extend(import.file);
        }
    }
    None
}
