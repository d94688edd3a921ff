//! A request about a cell becomes one about the script that the cell is part of.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;
use tower_lsp_server::jsonrpc::Request;

use super::Notebooks;
use super::text::Layout;

/// The cell that a request was about, as the notebook was when it arrived.
pub(crate) struct Asked {
    pub(super) layout: Arc<Layout>,
    pub(super) cell: String,
}

/// Rewrites a request about a cell; leaves others as they are.
pub(crate) fn ask(notebooks: &Notebooks, request: Request) -> (Request, Option<Asked>) {
    let named = request.params().and_then(named);
    let Some((cell, (notebook, layout))) =
        named.and_then(|cell| Some((cell.to_owned(), notebooks.of(cell)?)))
    else {
        return (request, None);
    };
    let Some(first) = layout.cell(&cell).map(|place| place.first) else {
        return (request, None);
    };
    let (method, id, params) = request.into_parts();
    let mut params = params.unwrap_or_default();
    shift(&mut params, first);
    for pointer in NAMES {
        if let Some(uri) = params
            .pointer_mut(pointer)
            .filter(|uri| uri.as_str() == Some(&cell))
        {
            *uri = Value::String(notebook.clone());
        }
    }
    if let Value::Object(fields) = &mut params {
        // The answer for the script may be unchanged where that for the cell is not.
        fields.remove("previousResultId");
    }
    let method = match method.as_ref() {
        "textDocument/semanticTokens/full/delta" => {
            Cow::Borrowed("textDocument/semanticTokens/full")
        }
        _ => method,
    };
    let mut request = Request::build(method).params(params);
    if let Some(id) = id {
        request = request.id(id);
    }
    (request.finish(), Some(Asked { layout, cell }))
}

/// Where a request names its document.
const NAMES: [&str; 3] = ["/textDocument/uri", "/item/uri", "/arguments/0/uri"];

fn named(params: &Value) -> Option<&str> {
    NAMES
        .iter()
        .find_map(|pointer| params.pointer(pointer).and_then(Value::as_str))
}

/// Moves every position down.
fn shift(value: &mut Value, lines: u32) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| shift(item, lines)),
        Value::Object(fields) => {
            if fields.contains_key("character")
                && let Some(line) = fields.get("line").and_then(Value::as_u64)
            {
                fields.insert("line".to_owned(), (line + u64::from(lines)).into());
                return;
            }
            for (name, field) in fields.iter_mut() {
                // What we handed out ourselves is about the script already.
                if name != "data" {
                    shift(field, lines);
                }
            }
        }
        _ => {}
    }
}
