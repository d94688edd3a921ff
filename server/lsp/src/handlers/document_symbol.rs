//! `textDocument/documentSymbol`.

use std::sync::Arc;

use metascript_analysis::{Symbol, SymbolKind as Kind};
use tower_lsp_server::gen_lsp_types::{
    DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, Location, SymbolInformation,
    SymbolKind, SymbolTag, Uri,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::{Query, State};

pub(crate) async fn handle(
    state: &Arc<State>,
    params: DocumentSymbolParams,
) -> Result<Option<DocumentSymbolResponse>> {
    let uri = params.text_document.uri;
    let nested = state.features().nested_symbols;
    let of = uri.clone();
    state
        .query(&uri, move |query| {
            let symbols = query.analysis.document_symbols(query.file)?;
            Ok(if nested {
                DocumentSymbolResponse::from(tree(&symbols, query))
            } else {
                DocumentSymbolResponse::from(list(&symbols, query, &of))
            })
        })
        .await
}

/// Nested symbols. The depth of symbols is bounded by the analysis.
fn tree(symbols: &[Symbol], query: &Query<'_>) -> Vec<DocumentSymbol> {
    let rope = query.open.document.rope();
    symbols
        .iter()
        .map(|symbol| {
            #[expect(deprecated, reason = "the type has the field; we use tags instead")]
            DocumentSymbol {
                name: symbol.name.clone(),
                detail: symbol.detail.clone(),
                kind: kind(symbol.kind),
                tags: symbol.deprecated.then(|| vec![SymbolTag::Deprecated]),
                deprecated: None,
                range: convert::range(rope, &symbol.range, query.encoding),
                selection_range: convert::range(rope, &symbol.selection, query.encoding),
                children: Some(tree(&symbol.children, query)),
            }
        })
        .collect()
}

/// The flat form for clients that know no nesting, each with the name of what contains it.
fn list(symbols: &[Symbol], query: &Query<'_>, uri: &Uri) -> Vec<SymbolInformation> {
    let rope = query.open.document.rope();
    let mut out = Vec::new();
    let mut open: Vec<(&Symbol, Option<&str>)> = symbols.iter().rev().map(|s| (s, None)).collect();
    while let Some((symbol, container)) = open.pop() {
        #[expect(deprecated, reason = "the type has the field; we use tags instead")]
        out.push(SymbolInformation {
            deprecated: None,
            location: Location {
                uri: uri.clone(),
                range: convert::range(rope, &symbol.range, query.encoding),
            },
            base_symbol_information: tower_lsp_server::gen_lsp_types::BaseSymbolInformation {
                name: symbol.name.clone(),
                kind: kind(symbol.kind),
                tags: symbol.deprecated.then(|| vec![SymbolTag::Deprecated]),
                container_name: container.map(str::to_owned),
            },
        });
        let inside = Some(symbol.name.as_str());
        open.extend(symbol.children.iter().rev().map(|child| (child, inside)));
    }
    out
}

/// The kind as the protocol has it.
pub(crate) fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Metadata => SymbolKind::Package,
        Kind::Configuration => SymbolKind::Module,
        Kind::Variable => SymbolKind::Variable,
        Kind::Property => SymbolKind::Property,
        Kind::Function => SymbolKind::Function,
        Kind::Action | Kind::Task => SymbolKind::Method,
        Kind::Control => SymbolKind::Operator,
        Kind::Agent => SymbolKind::Class,
        Kind::Cell => SymbolKind::File,
        Kind::Workflow => SymbolKind::Namespace,
        Kind::Node => SymbolKind::Event,
        Kind::Rule => SymbolKind::Interface,
        Kind::Heading => SymbolKind::String,
        Kind::Block => SymbolKind::Object,
    }
}
