//! `textDocument/signatureHelp`.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{
    ActiveParameter, ParameterInformation, ParameterInformationLabel, SignatureHelp,
    SignatureHelpParams, SignatureInformation,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: SignatureHelpParams,
) -> Result<Option<SignatureHelp>> {
    let at = params.text_document_position_params;
    let by_offset = state.features().label_offsets;
    let found = state
        .query(&at.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            query.analysis.signature_help(query.file, offset)
        })
        .await?
        .flatten();
    Ok(found.map(|help| {
        let parameters = help
            .parameters
            .iter()
            .map(|range| ParameterInformation {
                label: label(&help.label, range, by_offset),
                documentation: None,
            })
            .collect();
        let active = help.active.and_then(|index| u32::try_from(index).ok());
        SignatureHelp {
            signatures: vec![SignatureInformation {
                label: help.label.clone(),
                documentation: None,
                parameters: Some(parameters),
                active_parameter: None,
            }],
            active_signature: Some(0),
            active_parameter: active.map(ActiveParameter::Int),
        }
    }))
}

/// The parameter in the label: by its place in UTF-16 units where the client knows that, else by its text.
fn label(
    label: &str,
    range: &std::ops::Range<usize>,
    by_offset: bool,
) -> ParameterInformationLabel {
    let text = label.get(range.clone()).unwrap_or_default();
    if !by_offset {
        return ParameterInformationLabel::String(text.to_owned());
    }
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let start = units(label.get(..range.start).unwrap_or_default());
    ParameterInformationLabel::Tuple((start, start + units(text)))
}
