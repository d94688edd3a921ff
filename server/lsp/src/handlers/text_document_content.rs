//! `workspace/textDocumentContent`: the documentation page of a diagnostic code or a security rule, to which the code in
//! the editor's problem list links.

use metascript_analysis::{Code, explain};
use tower_lsp_server::gen_lsp_types::{TextDocumentContentParams, TextDocumentContentResult, Uri};
use tower_lsp_server::jsonrpc::{Error, Result};

/// The scheme of our pages.
pub(crate) const SCHEME: &str = "metascript-docs";

/// Where the page of a code is.
pub(crate) fn page(code: Code) -> Uri {
    Uri(format!("{SCHEME}:/diagnostics/{}.md", code.as_str()))
}

/// Where the page of a security rule is.
pub(crate) fn rule_page(id: &str) -> Uri {
    Uri(format!("{SCHEME}:/rules/{id}.md"))
}

pub(crate) fn handle(params: &TextDocumentContentParams) -> Result<TextDocumentContentResult> {
    let uri = params.uri.as_ref();
    uri.rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".md"))
        .and_then(|code| {
            explain(code)
                .map(str::to_owned)
                .or_else(|| metascript_security::explain(code))
        })
        .map(TextDocumentContentResult::new)
        .ok_or_else(|| Error::invalid_params(format!("there is no page {uri}")))
}
