//! What the end-to-end tests share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test harness fails by panicking"
)]

pub mod home;
pub mod lsp;
pub mod openai;
pub mod picture;
pub mod protocol;
pub mod servers;
pub mod suites;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests folder has a parent")
        .to_owned()
}

/// A fixture by its name.
pub fn fixture(name: &str) -> PathBuf {
    root().join("fixtures").join(name)
}
