//! The twenty everyday F# cells of `fixtures/cells/everyday-fsharp`, each in a session of its own. A cell is followed by what
//! it prints (`// > `) and by its result (`// = `).

use std::path::Path;

use metascript_sandbox::{Access, FolderGrant, Policy, SessionOptions};

use crate::support::{engine, fs, patient};

#[test]
fn each_gives_its_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cells/everyday-fsharp");
    let mut cells: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cells.sort();
    assert_eq!(cells.len(), 20);
    let mut wrong = String::new();
    for path in cells {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = |mark: &str| -> Vec<String> {
            let all = text.lines().filter_map(|line| line.strip_prefix(mark));
            all.map(str::to_owned).collect()
        };
        let work = tempfile::tempdir().unwrap();
        let policy = Policy {
            name: "own".to_owned(),
            limits: patient(),
            folders: vec![FolderGrant {
                path: ".".into(),
                access: Access::Write,
                within: None,
            }],
            ..Policy::strict()
        };
        let mut session = engine().session_with(SessionOptions {
            policy,
            folder: Some(work.path().to_owned()),
            origin: "a test".to_owned(),
            ..SessionOptions::default()
        });
        let run = fs(&mut session, &text);
        let printed: Vec<String> = run.stdout().lines().map(str::to_owned).collect();
        let result = run.result().and_then(|bundle| bundle.text("text/plain"));
        let result: Vec<String> = result
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        if (printed, result) != (lines("// > "), lines("// = ")) {
            wrong += &format!("{}\n{}\n", path.display(), run.picture());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
