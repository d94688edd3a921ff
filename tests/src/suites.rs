//! Suites that others wrote, fetched by `cargo xtask suites` into the user's cache folder.

use std::path::PathBuf;

/// A file of the suites. `None` when it was not fetched; then the test has nothing to say, unless
/// `METASCRIPT_REQUIRE_SUITES` is set, as it is whenever all tests run.
pub fn file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("METASCRIPT_SUITES").map_or_else(
        || {
            let home =
                || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
            std::env::var_os("XDG_CACHE_HOME")
                .map_or_else(home, PathBuf::from)
                .join("metascript/suites")
        },
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(
        std::env::var_os("METASCRIPT_REQUIRE_SUITES").is_none(),
        "run `cargo xtask suites` first"
    );
    None
}
