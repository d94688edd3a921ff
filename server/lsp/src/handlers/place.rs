//! Places in other files.

use std::ops::Range;

use metascript_analysis::{Cancellable, FileId};
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
    if file == query.file {
        return Ok(Some(Location {
            uri: current.clone(),
            range: convert::range(query.open.document.rope(), range, query.encoding),
        }));
    }
    let (Some(path), Some(document)) = (query.analysis.path(file)?, query.analysis.document(file)?)
    else {
        return Ok(None);
    };
    Ok(uri::from_path(&path).map(|uri| Location {
        uri,
        range: convert::range(document.rope(), range, query.encoding),
    }))
}
