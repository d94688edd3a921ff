//! Document URIs and paths.

use std::path::{Path, PathBuf};

use tower_lsp_server::gen_lsp_types::Uri;
use url::Url;

/// The path of a `file:` URI. Other URIs (an unsaved buffer, say) stand for themselves.
pub(crate) fn path(uri: &str) -> PathBuf {
    Url::parse(uri)
        .ok()
        .filter(|url| url.scheme() == "file")
        .and_then(|url| url.to_file_path().ok())
        .unwrap_or_else(|| PathBuf::from(uri))
}

/// The folder of a document that is saved.
pub(crate) fn folder(uri: &str) -> Option<PathBuf> {
    let path = path(uri);
    let folder = path.is_absolute().then(|| path.parent()).flatten();
    folder.map(Path::to_path_buf)
}

/// The last part of the path, for people: tracebacks name the script by it.
pub(crate) fn file_name(uri: &str) -> String {
    let path = path(uri);
    path.file_name().map_or_else(
        || uri.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The URI of a path; the reverse of [`path`].
pub(crate) fn from_path(path: &Path) -> Option<Uri> {
    if let Ok(url) = Url::from_file_path(path) {
        return Some(Uri(url.to_string()));
    }
    path.to_str().map(|text| Uri(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded_and_other_schemes_kept() {
        assert_eq!(
            path("file:///tmp/a%20b.tars"),
            PathBuf::from("/tmp/a b.tars")
        );
        assert_eq!(
            path("untitled:Untitled-1"),
            PathBuf::from("untitled:Untitled-1")
        );
        assert_eq!(file_name("file:///tmp/%C3%A9.tars"), "é.tars");
        assert_eq!(folder("file:///tmp/a.tars"), Some(PathBuf::from("/tmp")));
        assert_eq!(folder("untitled:Untitled-1"), None);
    }
}
