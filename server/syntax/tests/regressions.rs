//! Inputs that fuzzing found, each of which once broke what the fuzz targets hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::Path;

#[path = "../fuzz/properties.rs"]
mod properties;

fn replay(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/regressions")
        .join(target);
    let mut inputs: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "no input in {}", folder.display());
    for input in inputs {
        let bytes = std::fs::read(&input).unwrap();
        let holds = std::panic::catch_unwind(|| property(&bytes));
        assert!(holds.is_ok(), "{} breaks it again", input.display());
    }
}

#[test]
fn parser() {
    replay("parser", properties::parser);
}

#[test]
fn scanner() {
    replay("scanner", properties::scanner);
}

#[test]
fn formatter() {
    replay("formatter", properties::formatter);
}
