//! `textDocument/documentColor` and `textDocument/colorPresentation`.

use std::sync::Arc;

use metascript_analysis::Color as Known;
use tower_lsp_server::gen_lsp_types::{
    Color, ColorInformation, ColorPresentation, ColorPresentationParams, DocumentColorParams,
    TextEdit,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: DocumentColorParams,
) -> Result<Vec<ColorInformation>> {
    let found = state
        .query(&params.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let colors = query.analysis.colors(query.file)?;
            Ok(colors
                .iter()
                .map(|color| ColorInformation {
                    range: convert::range(rope, &color.range, query.encoding),
                    color: to_wire(color.rgba),
                })
                .collect())
        })
        .await?;
    Ok(found.unwrap_or_default())
}

pub(crate) fn present(params: &ColorPresentationParams) -> Vec<ColorPresentation> {
    let text = Known::write(from_wire(&params.color));
    vec![ColorPresentation {
        label: text.clone(),
        text_edit: Some(TextEdit {
            range: params.range,
            new_text: text,
        }),
        additional_text_edits: None,
    }]
}

fn to_wire([red, green, blue, alpha]: [u8; 4]) -> Color {
    let part = |byte: u8| f32::from(byte) / 255.0;
    Color {
        red: part(red),
        green: part(green),
        blue: part(blue),
        alpha: part(alpha),
    }
}

fn from_wire(color: &Color) -> [u8; 4] {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what a byte holds"
    )]
    let part = |share: f32| (share.clamp(0.0, 1.0) * 255.0).round() as u8;
    [
        part(color.red),
        part(color.green),
        part(color.blue),
        part(color.alpha),
    ]
}
