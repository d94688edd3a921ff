//! Places in other files.

use std::ops::Range;

use metascript_analysis::{Analysis, Cancellable, FileId, Target};
use metascript_syntax::position::PositionEncoding;
use ropey::Rope;
use tower_lsp_server::gen_lsp_types::{Location, Uri};

use crate::convert;
use crate::state::Query;
use crate::uri;

/// A byte range of any known file as a location; `None` when the file is gone.
pub(crate) fn location(
    query: &Query<'_>,
    current: &Uri,
    file: FileId,
    range: &Range<usize>,
) -> Cancellable<Option<Location>> {
    let here = (query.file, current, query.open.document.rope());
    in_file(query.analysis, here, (file, range), query.encoding)
}

/// The names of targets as locations; those in files that are gone are left out.
pub(crate) fn targets(
    query: &Query<'_>,
    current: &Uri,
    targets: &[Target],
) -> Cancellable<Vec<Location>> {
    let mut found = Vec::new();
    for target in targets {
        found.extend(location(query, current, target.file, &target.selection)?);
    }
    Ok(found)
}

/// As [`location`], without a request: `here` is the file in hand, its URI as the client spells it, and its text.
pub(crate) fn in_file(
    analysis: &Analysis,
    here: (FileId, &Uri, &Rope),
    (file, range): (FileId, &Range<usize>),
    encoding: PositionEncoding,
) -> Cancellable<Option<Location>> {
    let (known, uri, rope) = here;
    if file == known {
        return Ok(Some(Location {
            uri: uri.clone(),
            range: convert::range(rope, range, encoding),
        }));
    }
    let (Some(path), Some(text)) = (analysis.path(file)?, analysis.text(file)?) else {
        return Ok(None);
    };
    Ok(uri::from_path(&path).map(|uri| Location {
        uri,
        range: convert::range(&text, range, encoding),
    }))
}
