//! What must change in scripts when files are moved: the paths of their imports.

use std::path::{Component, Path, PathBuf};

use metascript_syntax::TextEdit;

use crate::host::Analysis;
use crate::imports::{imports_of, resolve};
use crate::{Cancellable, SourceChange};

impl Analysis {
    /// The edits that keep imports right when files or folders move, each given as its old and new path. The edits are in
    /// the texts as they are, by the files' old paths.
    pub fn moved(&self, moves: &[(PathBuf, PathBuf)]) -> Cancellable<SourceChange> {
        self.answer(|db, workspace| {
            let mut change = SourceChange::default();
            for (id, entry) in workspace.entries(db).iter() {
                let path = &*entry.path;
                let home = destination(path, moves);
                let mut edits = Vec::new();
                for import in imports_of(db, *id, workspace) {
                    let Some(target) = resolve(path, &import.path) else {
                        continue;
                    };
                    let moved = destination(&target, moves);
                    let follows = moved.is_some() || import.file.is_some();
                    if !follows || (moved.is_none() && home.is_none()) {
                        continue;
                    }
                    let from = home.as_deref().unwrap_or(path);
                    let text = written(from, moved.as_ref().unwrap_or(&target), &import.path);
                    if text != import.path {
                        edits.push(TextEdit {
                            range: import.range.clone(),
                            text,
                        });
                    }
                }
                if !edits.is_empty() {
                    change.edits.push((*id, edits));
                }
            }
            change.edits.sort_by_key(|(file, _)| *file);
            change
        })
    }
}

/// Where a path goes, if a move takes it along.
fn destination(path: &Path, moves: &[(PathBuf, PathBuf)]) -> Option<PathBuf> {
    moves.iter().find_map(|(old, new)| {
        let rest = path.strip_prefix(old).ok()?;
        Some(if rest.as_os_str().is_empty() {
            new.clone()
        } else {
            new.join(rest)
        })
    })
}

/// The path of `target` as a script at `from` writes it, in the manner of the path that stood there before.
fn written(from: &Path, target: &Path, before: &str) -> String {
    if Path::new(before).is_absolute() {
        return target.to_string_lossy().into_owned();
    }
    let here: Vec<Component<'_>> = from
        .parent()
        .map_or_else(Vec::new, |p| p.components().collect());
    let there: Vec<Component<'_>> = target.components().collect();
    let common = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let mut parts: Vec<String> = vec!["..".to_owned(); here.len() - common];
    if parts.is_empty() && before.starts_with("./") {
        parts.push(".".to_owned());
    }
    let rest = there.iter().skip(common);
    parts.extend(rest.map(|part| part.as_os_str().to_string_lossy().into_owned()));
    parts.join("/")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use metascript_syntax::Document;

    use super::*;
    use crate::AnalysisHost;

    /// The texts after the moves' edits, for the files that change.
    fn after(files: &[(&str, &str)], moves: &[(&str, &str)]) -> Vec<String> {
        let mut host = AnalysisHost::new();
        host.set_files(
            files
                .iter()
                .map(|(path, text)| (PathBuf::from(path), Document::parse(text))),
        );
        let analysis = host.snapshot();
        let moves: Vec<_> = moves
            .iter()
            .map(|(old, new)| (PathBuf::from(old), PathBuf::from(new)))
            .collect();
        let change = analysis.moved(&moves).unwrap();
        change
            .edits
            .iter()
            .map(|(file, edits)| {
                let document = analysis.document(*file).unwrap().unwrap();
                document.edited(edits).rope().to_string()
            })
            .collect()
    }

    const IMPORTING: &str = "IMPORT {\n    path: \"lib/tools.tars\"\n}\n";

    #[test]
    fn imports_follow_a_script_that_moves() {
        let files = [
            ("/p/main.tars", IMPORTING),
            ("/p/lib/tools.tars", "FUNCTION f { }\n"),
        ];
        assert_eq!(
            after(&files, &[("/p/lib/tools.tars", "/p/shared/kit.tars")]),
            ["IMPORT {\n    path: \"shared/kit.tars\"\n}\n"]
        );
    }

    #[test]
    fn a_script_that_moves_keeps_its_imports() {
        let files = [
            ("/p/main.tars", IMPORTING),
            ("/p/lib/tools.tars", "FUNCTION f { }\n"),
        ];
        assert_eq!(
            after(&files, &[("/p/main.tars", "/p/bin/main.tars")]),
            ["IMPORT {\n    path: \"../lib/tools.tars\"\n}\n"]
        );
    }

    #[test]
    fn a_folder_that_moves_takes_both_ends_along() {
        let files = [
            ("/p/main.tars", IMPORTING),
            ("/p/lib/tools.tars", "FUNCTION f { }\n"),
        ];
        assert!(after(&files, &[("/p", "/q")]).is_empty());
        assert_eq!(
            after(&files, &[("/p/lib", "/p/parts/lib")]),
            ["IMPORT {\n    path: \"parts/lib/tools.tars\"\n}\n"]
        );
    }
}
