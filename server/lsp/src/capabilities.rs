//! What the client can do, and what we tell it that we can.

use metascript_analysis::project::EXTENSIONS;
use metascript_syntax::position::PositionEncoding;
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    CodeActionOptions, CodeLensOptions, CompletionOptions, DiagnosticOptions, DocumentLinkOptions,
    DocumentOnTypeFormattingOptions, DocumentRangeFormattingOptions, ExecuteCommandOptions,
    FileOperationFilter, FileOperationOptions, FileOperationPattern, FileOperationPatternKind,
    FileOperationRegistrationOptions, InlayHintOptions, NotebookCellLanguage,
    NotebookDocumentFilter, NotebookDocumentFilterNotebookType, NotebookDocumentFilterWithNotebook,
    NotebookDocumentSyncOptions, PositionEncodingKind, RenameOptions, SaveOptions,
    SemanticTokensFullDelta, SemanticTokensOptions, ServerCapabilities, SignatureHelpOptions,
    TextDocumentContentOptions, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkDoneProgressOptions, WorkspaceFoldersServerCapabilities, WorkspaceOptions,
    WorkspaceSymbolOptions,
};

use crate::handlers::execute_command::COMMANDS;
use crate::handlers::text_document_content::SCHEME;
use crate::handlers::{code_action, semantic_tokens};
use crate::notebooks;

/// The client's features that change our answers.
#[derive(Clone, Debug)]
pub(crate) struct ClientFeatures {
    pub(crate) encoding: PositionEncoding,
    pub(crate) pull_diagnostics: bool,
    pub(crate) nested_symbols: bool,
    pub(crate) snippets: bool,
    pub(crate) related_information: bool,
    pub(crate) line_folding_only: bool,
    /// Edits may carry the version of the text that they are for.
    pub(crate) document_changes: bool,
    /// Edits may be annotated, and the user is asked about those that need it.
    pub(crate) change_annotations: bool,
    /// A code action's edit may be sent when it is chosen.
    pub(crate) resolve_code_action_edit: bool,
    /// A completion's documentation may be sent when somebody looks at it.
    pub(crate) resolve_completion_docs: bool,
    /// A lens's command may be sent when it is drawn.
    pub(crate) resolve_lens_command: bool,
    /// A hint's tooltip and places may be sent when somebody looks at it.
    pub(crate) resolve_hints: bool,
    /// A link's tooltip is shown.
    pub(crate) link_tooltips: bool,
    /// A workspace symbol's range may be sent when it is chosen.
    pub(crate) resolve_symbol_range: bool,
    /// A parameter may be named by its place in the signature.
    pub(crate) label_offsets: bool,
    /// The client watches files when it is asked to.
    pub(crate) watches_files: bool,
    /// The client pulls diagnostics again when it is told that they changed.
    pub(crate) refreshes_diagnostics: bool,
    /// The client shows the progress of work that it did not ask for.
    pub(crate) progress: bool,
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
            document_changes: false,
            change_annotations: false,
            resolve_code_action_edit: false,
            resolve_completion_docs: false,
            resolve_lens_command: false,
            resolve_hints: false,
            link_tooltips: false,
            resolve_symbol_range: false,
            label_offsets: false,
            watches_files: false,
            refreshes_diagnostics: false,
            progress: false,
        }
    }
}

impl ClientFeatures {
    /// Reads the parameters of `initialize`.
    pub(crate) fn read(params: Option<&Value>) -> Self {
        let at = |pointer: &str| params.and_then(|params| params.pointer(pointer));
        let flag = |pointer: &str| at(pointer).and_then(Value::as_bool).unwrap_or(false);
        let lists = |pointer: &str, wanted: &str| {
            let list = at(pointer).and_then(Value::as_array);
            list.is_some_and(|list| list.iter().any(|item| item.as_str() == Some(wanted)))
        };
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
            document_changes: flag("/capabilities/workspace/workspaceEdit/documentChanges"),
            change_annotations: at("/capabilities/workspace/workspaceEdit/changeAnnotationSupport")
                .is_some_and(Value::is_object),
            resolve_code_action_edit: lists(
                &format!("{document}/codeAction/resolveSupport/properties"),
                "edit",
            ),
            resolve_completion_docs: lists(
                &format!("{document}/completion/completionItem/resolveSupport/properties"),
                "documentation",
            ),
            resolve_lens_command: lists(
                &format!("{document}/codeLens/resolveSupport/properties"),
                "command",
            ),
            resolve_hints: lists(
                &format!("{document}/inlayHint/resolveSupport/properties"),
                "tooltip",
            ),
            link_tooltips: flag(&format!("{document}/documentLink/tooltipSupport")),
            resolve_symbol_range: lists(
                "/capabilities/workspace/symbol/resolveSupport/properties",
                "location.range",
            ),
            label_offsets: flag(&format!(
                "{document}/signatureHelp/signatureInformation/parameterInformation/labelOffsetSupport"
            )),
            watches_files: flag(
                "/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration",
            ),
            refreshes_diagnostics: flag("/capabilities/workspace/diagnostics/refreshSupport"),
            progress: flag("/capabilities/window/workDoneProgress"),
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
        notebook_document_sync: Some(notebooks_of_scripts().into()),
        diagnostic_provider: Some(
            DiagnosticOptions {
                identifier: Some("metascript".to_owned()),
                inter_file_dependencies: true,
                workspace_diagnostics: true,
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }
            .into(),
        ),
        document_symbol_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        declaration_provider: Some(true.into()),
        type_definition_provider: Some(true.into()),
        implementation_provider: Some(true.into()),
        references_provider: Some(true.into()),
        document_highlight_provider: Some(true.into()),
        folding_range_provider: Some(true.into()),
        hover_provider: Some(true.into()),
        completion_provider: Some(CompletionOptions {
            resolve_provider: Some(true),
            trigger_characters: Some(["{", "$", ".", ":", "\"", "="].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some(["(", "[", "{", ","].map(str::to_owned).to_vec()),
            ..SignatureHelpOptions::default()
        }),
        workspace_symbol_provider: Some(
            WorkspaceSymbolOptions {
                resolve_provider: Some(true),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }
            .into(),
        ),
        rename_provider: Some(
            RenameOptions {
                prepare_provider: Some(true),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }
            .into(),
        ),
        code_action_provider: Some(
            CodeActionOptions {
                code_action_kinds: Some(code_action::kinds()),
                resolve_provider: Some(true),
                ..CodeActionOptions::default()
            }
            .into(),
        ),
        semantic_tokens_provider: Some(
            SemanticTokensOptions {
                legend: semantic_tokens::legend(),
                range: Some(true.into()),
                full: Some(SemanticTokensFullDelta { delta: Some(true) }.into()),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }
            .into(),
        ),
        selection_range_provider: Some(true.into()),
        inline_completion_provider: Some(true.into()),
        inlay_hint_provider: Some(
            InlayHintOptions {
                resolve_provider: Some(true),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }
            .into(),
        ),
        document_link_provider: Some(DocumentLinkOptions {
            resolve_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
        color_provider: Some(true.into()),
        linked_editing_range_provider: Some(true.into()),
        call_hierarchy_provider: Some(true.into()),
        document_formatting_provider: Some(true.into()),
        document_range_formatting_provider: Some(
            DocumentRangeFormattingOptions {
                ranges_support: Some(true),
                work_done_progress_options: WorkDoneProgressOptions::default(),
            }
            .into(),
        ),
        document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
            first_trigger_character: "\n".to_owned(),
            more_trigger_character: Some(vec!["}".to_owned(), "]".to_owned()]),
        }),
        code_lens_provider: Some(CodeLensOptions {
            resolve_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        }),
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
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(true.into()),
            }),
            file_operations: Some(FileOperationOptions {
                will_rename: Some(scripts_and_folders()),
                ..FileOperationOptions::default()
            }),
        }),
        experimental: Some(json!({
            "metascript": { "version": 1, "cellOutput": true, "ai": true, "languages": languages }
        })),
        ..ServerCapabilities::default()
    }
}

/// Cells that are pieces of a script, and cells of code that the server wraps.
fn notebooks_of_scripts() -> NotebookDocumentSyncOptions {
    let filter = NotebookDocumentFilterNotebookType {
        notebook_type: notebooks::TYPE.to_owned(),
        scheme: None,
        pattern: None,
    };
    let languages = std::iter::once(&notebooks::TYPE).chain(notebooks::LANGUAGES);
    let cells = languages.map(|&name| NotebookCellLanguage::new(name.to_owned()));
    NotebookDocumentSyncOptions {
        notebook_selector: vec![
            NotebookDocumentFilterWithNotebook {
                notebook: NotebookDocumentFilter::from(filter).into(),
                cells: Some(cells.collect()),
            }
            .into(),
        ],
        save: Some(true),
    }
}

/// What `workspace/willRenameFiles` is asked for: imports follow scripts and the folders that hold them.
fn scripts_and_folders() -> FileOperationRegistrationOptions {
    let filter = |glob: String, kind: FileOperationPatternKind| FileOperationFilter {
        scheme: Some("file".to_owned()),
        pattern: FileOperationPattern {
            glob,
            matches: Some(kind),
            options: None,
        },
    };
    FileOperationRegistrationOptions {
        filters: vec![
            filter(
                format!("**/*.{{{}}}", EXTENSIONS.join(",")),
                FileOperationPatternKind::File,
            ),
            filter("**".to_owned(), FileOperationPatternKind::Folder),
        ],
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
