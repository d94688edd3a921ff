//! What the client can do, and what we tell it that we can.

use metascript_syntax::position::PositionEncoding;
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    CodeLensOptions, CompletionOptions, DiagnosticOptions, DocumentOnTypeFormattingOptions,
    ExecuteCommandOptions, PositionEncodingKind, SaveOptions, ServerCapabilities,
    TextDocumentContentOptions, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkDoneProgressOptions, WorkspaceOptions,
};

use crate::handlers::execute_command::COMMANDS;
use crate::handlers::text_document_content::SCHEME;

/// The client's features that change our answers.
#[derive(Clone, Debug)]
pub(crate) struct ClientFeatures {
    pub(crate) encoding: PositionEncoding,
    pub(crate) pull_diagnostics: bool,
    pub(crate) nested_symbols: bool,
    pub(crate) snippets: bool,
    pub(crate) related_information: bool,
    pub(crate) line_folding_only: bool,
}

impl Default for ClientFeatures {
    fn default() -> Self {
        Self {
            encoding: PositionEncoding::Utf16,
            pull_diagnostics: false,
            nested_symbols: false,
            snippets: false,
            related_information: false,
            line_folding_only: false,
        }
    }
}

impl ClientFeatures {
    /// Reads the parameters of `initialize`.
    pub(crate) fn read(params: Option<&Value>) -> Self {
        let at = |pointer: &str| params.and_then(|params| params.pointer(pointer));
        let flag = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or(false);
        let encodings = at("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let offers = |name: &str| {
            encodings.is_some_and(|list| list.iter().any(|item| item.as_str() == Some(name)))
        };
        let document = "/capabilities/textDocument";
        Self {
            // UTF-8 costs nothing to convert; UTF-16 is what every client can do.
            encoding: if offers("utf-8") {
                PositionEncoding::Utf8
            } else if encodings.is_some() && !offers("utf-16") && offers("utf-32") {
                PositionEncoding::Utf32
            } else {
                PositionEncoding::Utf16
            },
            pull_diagnostics: at(&format!("{document}/diagnostic")).is_some_and(Value::is_object),
            nested_symbols: flag(&format!(
                "{document}/documentSymbol/hierarchicalDocumentSymbolSupport"
            )),
            snippets: flag(&format!(
                "{document}/completion/completionItem/snippetSupport"
            )),
            related_information: flag(&format!("{document}/publishDiagnostics/relatedInformation"))
                || flag(&format!("{document}/diagnostic/relatedInformation")),
            line_folding_only: flag(&format!("{document}/foldingRange/lineFoldingOnly")),
        }
    }

    fn encoding_kind(&self) -> PositionEncodingKind {
        match self.encoding {
            PositionEncoding::Utf8 => PositionEncodingKind::UTF8,
            PositionEncoding::Utf16 => PositionEncodingKind::UTF16,
            PositionEncoding::Utf32 => PositionEncodingKind::UTF32,
        }
    }
}

/// The answer to `initialize`.
pub(crate) fn server(features: &ClientFeatures, languages: &[&str]) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(features.encoding_kind()),
        text_document_sync: Some(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::Incremental),
                save: Some(SaveOptions { include_text: None }.into()),
                ..TextDocumentSyncOptions::default()
            }
            .into(),
        ),
        diagnostic_provider: Some(
            DiagnosticOptions {
                identifier: Some("metascript".to_owned()),
                inter_file_dependencies: false,
                workspace_diagnostics: false,
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }
            .into(),
        ),
        document_symbol_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        declaration_provider: Some(true.into()),
        references_provider: Some(true.into()),
        document_highlight_provider: Some(true.into()),
        folding_range_provider: Some(true.into()),
        hover_provider: Some(true.into()),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["{", "$", ".", ":", "\"", "="].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        document_formatting_provider: Some(true.into()),
        document_range_formatting_provider: Some(true.into()),
        document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
            first_trigger_character: "\n".to_owned(),
            more_trigger_character: Some(vec!["}".to_owned(), "]".to_owned()]),
        }),
        code_lens_provider: Some(CodeLensOptions::default()),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: COMMANDS.iter().map(|&name| name.to_owned()).collect(),
            work_done_progress_options: WorkDoneProgressOptions {
                work_done_progress: Some(true),
            },
        }),
        workspace: Some(WorkspaceOptions {
            text_document_content: Some(
                TextDocumentContentOptions::new(vec![SCHEME.to_owned()]).into(),
            ),
            ..WorkspaceOptions::default()
        }),
        experimental: Some(json!({
            "metascript": { "version": 1, "cellOutput": true, "languages": languages }
        })),
        ..ServerCapabilities::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(offered: &Value) -> PositionEncoding {
        let params = json!({ "capabilities": { "general": { "positionEncodings": offered } } });
        ClientFeatures::read(Some(&params)).encoding
    }

    #[test]
    fn utf8_is_preferred_and_utf16_is_the_fallback() {
        assert_eq!(
            encoding(&json!(["utf-16", "utf-8"])),
            PositionEncoding::Utf8
        );
        assert_eq!(encoding(&json!(["utf-32"])), PositionEncoding::Utf32);
        assert_eq!(
            encoding(&json!(["utf-32", "utf-16"])),
            PositionEncoding::Utf16
        );
        assert_eq!(encoding(&Value::Null), PositionEncoding::Utf16);
    }
}
