//! `textDocument/signatureHelp`.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{
    ActiveParameter, ParameterInformation, ParameterInformationLabel, SignatureHelp,
    SignatureHelpParams, SignatureInformation,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::handlers::fsharp;
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
            let help = query.analysis.signature_help(query.file, offset)?;
            let question = match help {
                None => fsharp::question(query, offset)?,
                Some(_) => None,
            };
            Ok((help, question))
        })
        .await?;
    let (signatures, active) = match found {
        Some((Some(help), _)) => (vec![(help.label, help.parameters)], help.active),
        Some((None, Some(question))) => match fsharp::signatures(state, question).await {
            Some((signatures, active)) => (signatures, Some(active)),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let signatures = signatures
        .into_iter()
        .map(|(text, parameters)| SignatureInformation {
            parameters: Some(
                parameters
                    .iter()
                    .map(|range| ParameterInformation {
                        label: label(&text, range, by_offset),
                        documentation: None,
                    })
                    .collect(),
            ),
            label: text,
            documentation: None,
            active_parameter: None,
        })
        .collect();
    let active = active.and_then(|index| u32::try_from(index).ok());
    Ok(Some(SignatureHelp {
        signatures,
        active_signature: Some(0),
        active_parameter: active.map(ActiveParameter::Int),
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
