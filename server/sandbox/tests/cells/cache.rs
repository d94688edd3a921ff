use std::fs;
use std::path::{Path, PathBuf};

use metascript_sandbox::{CellSource, Engine, EngineOptions, Error, Event, Language, Limits};

use crate::support::runtimes;

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder.join("compiled"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}

fn two(cache: &Path) -> String {
    two_of(&runtimes(), cache).unwrap()
}

/// What `1 + 1` gives by the JavaScript of this folder.
fn two_of(runtimes: &Path, cache: &Path) -> Result<String, Error> {
    let engine = Engine::new(EngineOptions {
        runtimes: Some(runtimes.to_owned()),
        cache: Some(cache.to_owned()),
    })?;
    let mut text = String::new();
    engine.session(Limits::default()).evaluate(
        &CellSource::new(Language::JavaScript, "1 + 1"),
        &mut |event| {
            if let Event::Result(bundle) = event {
                text = bundle.text("text/plain").unwrap().to_owned();
            }
        },
    )?;
    Ok(text)
}

#[test]
fn a_damaged_cache_entry_is_refused_and_made_anew() {
    let cache = tempfile::tempdir().unwrap();
    assert_eq!(two(cache.path()), "2");
    let [artefact] = files(cache.path(), "cwasm").try_into().unwrap();
    let good = fs::read(&artefact).unwrap();
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    // Each of these costs a compilation.
    for (what, bytes) in [
        ("a flipped bit", flipped),
        ("cut short", good[..good.len() / 3].to_vec()),
    ] {
        fs::write(&artefact, &bytes).unwrap();
        assert_eq!(two(cache.path()), "2", "{what}");
        let now = fs::read(&artefact).unwrap();
        assert!(
            now != bytes && now.len() == good.len(),
            "{what}: not made anew"
        );
    }
    let [seal] = files(cache.path(), "seal").try_into().unwrap();
    let honest = fs::read_to_string(&seal).unwrap();
    fs::write(&seal, "00".repeat(32)).unwrap();
    assert_eq!(two(cache.path()), "2", "a forged seal");
    assert_eq!(
        fs::read_to_string(&seal).unwrap(),
        honest,
        "a forged seal: not made anew"
    );
    // Another user's key: what he sealed does not count here.
    fs::write(cache.path().join("seal.key"), [7; 32]).unwrap();
    let before = fs::metadata(&artefact).unwrap().modified().unwrap();
    assert_eq!(two(cache.path()), "2");
    assert!(
        files(cache.path(), "cwasm").len() == 2
            || fs::metadata(&artefact).unwrap().modified().unwrap() != before
    );
}

#[test]
fn a_good_cache_entry_is_used() {
    let cache = tempfile::tempdir().unwrap();
    two(cache.path());
    let [artefact] = files(cache.path(), "cwasm").try_into().unwrap();
    let before = fs::metadata(&artefact).unwrap().modified().unwrap();
    two(cache.path());
    assert_eq!(
        fs::metadata(&artefact).unwrap().modified().unwrap(),
        before,
        "compiled twice"
    );
}

#[test]
fn what_a_runtime_holds_is_noted_and_a_forged_note_is_not_believed() {
    let cache = tempfile::tempdir().unwrap();
    two(cache.path());
    let [note] = files(cache.path(), "known").try_into().unwrap();
    let honest = fs::read_to_string(&note).unwrap();
    let other = honest.replacen(
        &honest[..1],
        if honest.starts_with('0') { "1" } else { "0" },
        1,
    );
    for forged in [other.as_str(), "", "\u{0}", "0 0"] {
        fs::write(&note, forged).unwrap();
        assert_eq!(two(cache.path()), "2", "{forged:?}");
        assert_eq!(fs::read_to_string(&note).unwrap(), honest, "{forged:?}");
    }
    assert_eq!(files(cache.path(), "cwasm").len(), 1, "compiled twice");
}

#[test]
fn a_runtime_that_was_changed_is_read_again() {
    let (cache, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let runtime = folder.path().join("javascript.wasm");
    fs::copy(runtimes().join("javascript.wasm"), &runtime).unwrap();
    assert_eq!(two_of(folder.path(), cache.path()).unwrap(), "2");
    // As long, and seemingly as old.
    let metadata = fs::metadata(&runtime).unwrap();
    let length = usize::try_from(metadata.len()).unwrap();
    fs::write(&runtime, vec![b'x'; length]).unwrap();
    let file = fs::File::options().write(true).open(&runtime).unwrap();
    file.set_modified(metadata.modified().unwrap()).unwrap();
    drop(file);
    let found = two_of(folder.path(), cache.path());
    assert!(
        matches!(found, Err(Error::UnfitRuntime { .. })) || cfg!(not(unix)),
        "{found:?}"
    );
}

#[test]
fn a_missing_runtime_says_how_to_get_it() {
    let empty = tempfile::tempdir().unwrap();
    let engine = Engine::new(EngineOptions {
        runtimes: Some(empty.path().to_owned()),
        cache: Some(empty.path().join("cache")),
    })
    .unwrap();
    assert!(
        engine
            .available()
            .iter()
            .all(|language| *language == Language::Rust),
        "a toolchain is the machine's, a runtime is not"
    );
    let mut events = 0;
    let error = engine
        .session(Limits::default())
        .evaluate(&CellSource::new(Language::Python, "1"), &mut |_| {
            events += 1;
        })
        .unwrap_err();
    assert_eq!(events, 0);
    assert_eq!(
        error.to_string(),
        format!(
            "the Python runtime is missing: no python.wasm in {}. `cargo xtask runtimes` builds it; releases carry it; \
             METASCRIPT_RUNTIMES names the folder that holds it",
            empty.path().display()
        )
    );
}

#[test]
fn a_file_that_is_no_runtime_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let other_world = "(component (import \"metascript:cell/host@9.0.0\" (instance)))";
    for (what, bytes) in [
        ("text", b"hello".to_vec()),
        ("empty", Vec::new()),
        ("an empty component", b"\0asm\x0d\0\x01\0".to_vec()),
        (
            "a component of another world, as text",
            other_world.as_bytes().to_vec(),
        ),
    ] {
        fs::write(folder.path().join("python.wasm"), bytes).unwrap();
        let engine = Engine::new(EngineOptions {
            runtimes: Some(folder.path().to_owned()),
            cache: Some(folder.path().join("cache")),
        })
        .unwrap();
        let error = engine.prepare(Language::Python).unwrap_err();
        assert!(
            matches!(error, Error::UnfitRuntime { .. }),
            "{what}: {error}"
        );
        assert!(
            error
                .to_string()
                .contains("`cargo xtask runtimes` builds one"),
            "{what}: {error}"
        );
    }
}
