//! Scripts of which only an outline is kept answer as those that are in memory.

use std::fs;
use std::path::{Path, PathBuf};

use metascript_analysis::{Analysis, AnalysisHost, FileId, FileIndex};
use metascript_syntax::Document;

const FILES: [(&str, &str); 4] = [
    (
        "main.tars",
        "IMPORT { path: \"lib/tools.tars\" }\nPYTHON {\n    rows = [city, limit]\n}\nCALL {\n    function: \"summarise\"\n    arguments: [\"${rows}\"]\n}\nSPAWN_AGENT { name: \"a\" agent: \"reader\" }\n",
    ),
    (
        "lib/tools.tars",
        "IMPORT { path: \"base.tars\" }\nFUNCTION summarise {\n    parameters: [\"text\"]\n    RETURN { value: \"${text} ${city}\" }\n}\nVARIABLE city { value: \"Lyon\" }\n",
    ),
    (
        "lib/base.tars",
        "PYTHON {\n    limit = 3\n    def summarise(x):\n        return x\n}\n",
    ),
    (
        "agents.tars",
        "AGENT reader {\n    description: \"reads\"\n}\nFUNCTION alone { }\n",
    ),
];

/// The scripts in a folder, as `(path, text)`.
fn workspace(root: &Path) -> Vec<(PathBuf, &'static str)> {
    fs::create_dir_all(root.join("lib")).unwrap();
    let files = FILES.map(|(name, text)| (root.join(name), text));
    for (path, text) in &files {
        fs::write(path, text).unwrap();
    }
    files.to_vec()
}

/// A host that has the first script in memory and the outlines of the others, in the same order.
fn outlined(files: &[(PathBuf, &str)]) -> (AnalysisHost, FileId) {
    let mut host = AnalysisHost::new();
    let (main, others) = files.split_first().unwrap();
    let file = host.set_file(&main.0, Document::parse(main.1));
    let others = others.iter();
    host.index_files(others.map(|(path, text)| (path.clone(), FileIndex::of(text))));
    (host, file)
}

fn live(files: &[(PathBuf, &str)]) -> AnalysisHost {
    let mut host = AnalysisHost::new();
    let files = files.iter();
    host.set_files(files.map(|(path, text)| (path.clone(), Document::parse(text))));
    host
}

/// Everything that is asked about one place.
fn answers(analysis: &Analysis, file: FileId, at: usize) -> String {
    format!(
        "{:#?}",
        (
            analysis.definition(file, at),
            analysis.references(file, at, true),
            analysis.type_definition(file, at),
            analysis.implementation(file, at),
            analysis.hover(file, at),
            analysis.prepare_rename(file, at),
            analysis.rename(file, at, "other"),
        )
    )
}

#[test]
fn every_answer_is_that_of_a_script_in_memory() {
    let root = tempfile::tempdir().unwrap();
    let files = workspace(root.path());
    let (some, all) = (outlined(&files).0, live(&files));
    let (some, all) = (some.snapshot(), all.snapshot());
    for (file, (path, text)) in all
        .files()
        .unwrap()
        .into_iter()
        .map(|(id, _)| id)
        .zip(&files)
    {
        assert_eq!(some.path(file).unwrap().as_ref(), Some(path));
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            assert_eq!(
                answers(&some, file, at),
                answers(&all, file, at),
                "{path:?} at {at}"
            );
        }
        assert_eq!(
            format!("{:?}", some.document_symbols(file)),
            format!("{:?}", all.document_symbols(file))
        );
        assert_eq!(
            format!("{:?}", some.diagnostics(file)),
            format!("{:?}", all.diagnostics(file))
        );
        assert_eq!(some.text(file).unwrap().unwrap().to_string(), *text);
    }
    for query in ["", "summ", "limit", "read", "nothing"] {
        assert_eq!(
            some.workspace_symbols(query, 100).unwrap(),
            all.workspace_symbols(query, 100).unwrap()
        );
    }
    let moves = [(root.path().join("lib"), root.path().join("parts"))];
    assert_eq!(some.moved(&moves).unwrap(), all.moved(&moves).unwrap());
}

#[test]
fn a_script_that_rests_answers_from_the_text_that_it_was_given() {
    let root = tempfile::tempdir().unwrap();
    let files = workspace(root.path());
    let (mut host, main) = outlined(&files);
    // The disk says otherwise, and nobody has saved.
    let unsaved = "VARIABLE city { value: 1 }\nVARIABLE unsaved { value: 2 }\n";
    let tools = host.set_file(&files[1].0, Document::parse(unsaved));
    let before = host.snapshot().workspace_symbols("", 100).unwrap();
    host.rest(tools);
    let resting = host.snapshot();
    assert_eq!(resting.workspace_symbols("", 100).unwrap(), before);
    let city = FILES[0].1.find("city").unwrap();
    let found = resting.definition(main, city).unwrap();
    assert_eq!((found[0].file, found[0].selection.clone()), (tools, 9..13));
    drop(resting);
    // Changed while it rests, then looked at again, then closed.
    host.set_resting(
        &files[1].0,
        Document::parse("VARIABLE later { value: 1 }\n"),
    );
    let names = |host: &AnalysisHost, query| {
        let found = host.snapshot().workspace_symbols(query, 10).unwrap();
        found
            .into_iter()
            .map(|symbol| symbol.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&host, "later"), ["later"]);
    host.set_document(tools, Document::parse("VARIABLE latest { value: 1 }\n"));
    assert_eq!(names(&host, "later"), [""; 0]);
    assert_eq!(names(&host, "latest"), ["latest"]);
    host.close_file(tools, FileIndex::of(files[1].1));
    assert_eq!(names(&host, "latest"), [""; 0]);
    assert_eq!(
        format!("{:?}", host.snapshot().definition(main, city)),
        format!("{:?}", outlined(&files).0.snapshot().definition(main, city))
    );
    // Gone from the disk and from the workspace.
    host.remove_file(tools);
    fs::remove_file(&files[1].0).unwrap();
    assert!(host.snapshot().definition(main, city).unwrap().is_empty());
    assert_eq!(host.snapshot().document(tools).unwrap(), None);
}

#[test]
fn a_script_that_is_gone_from_the_disk_is_no_answer() {
    let root = tempfile::tempdir().unwrap();
    let files = workspace(root.path());
    let (host, main) = outlined(&files);
    fs::remove_file(&files[1].0).unwrap();
    let city = FILES[0].1.find("city").unwrap();
    let analysis = host.snapshot();
    assert!(analysis.definition(main, city).unwrap().is_empty());
    let tools = analysis.file_id(&files[1].0).unwrap().unwrap();
    assert_eq!(analysis.document(tools).unwrap(), None);
    assert!(analysis.text(tools).unwrap().is_none());
}
