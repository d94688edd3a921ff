//! The language server: wiring of transport, order and handlers.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp_server::gen_lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams,
    CodeAction, CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, ColorInformation,
    ColorPresentation, ColorPresentationParams, CompletionItem, CompletionParams,
    CompletionResponse, Declaration, DeclarationParams, DeclarationResponse, DefinitionParams,
    DefinitionResponse, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidSaveNotebookDocumentParams, DidSaveTextDocumentParams, DocumentColorParams,
    DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentFormattingParams,
    DocumentHighlight, DocumentHighlightParams, DocumentLink, DocumentLinkParams,
    DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, DocumentRangesFormattingParams,
    DocumentSymbolParams, DocumentSymbolResponse, ExecuteCommandParams, FoldingRange,
    FoldingRangeParams, Hover, HoverParams, ImplementationParams, ImplementationResponse,
    InitializeParams, InitializeResult, InitializedParams, InlayHint, InlayHintParams,
    InlineCompletionParams, InlineCompletionResponse, LinkedEditingRangeParams,
    LinkedEditingRanges, Location, LspAny, MessageType, PrepareRenameResult, ReferenceParams,
    RenameFilesParams, RenameParams, SelectionRange, SelectionRangeParams, SemanticTokens,
    SemanticTokensDeltaParams, SemanticTokensDeltaResponse, SemanticTokensParams,
    SemanticTokensRangeParams, ServerInfo, SignatureHelp, SignatureHelpParams,
    TextDocumentContentParams, TextDocumentContentResult, TextDocumentPositionParams, TextEdit,
    TypeDefinitionParams, TypeDefinitionResponse, WorkDoneProgressCancelParams,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceEdit, WorkspaceSymbol,
    WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::{LanguageServer, LspService, Server};

use crate::capabilities;
use crate::handlers::{
    ai, audit, call_hierarchy, cells, code_action, code_lens, completion, definition, diagnostics,
    document_color, document_highlight, document_link, document_symbol, document_text,
    execute_command, folding_range, formatting, graph, hover, implementation, inlay_hint,
    inline_completion, linked_editing, notebook, operations, references, rename, saved,
    selection_range, semantic_tokens, signature_help, text_document_content, type_definition,
    variables, will_rename_files, workspace_diagnostic, workspace_symbol,
};
use crate::ordered::Ordered;
use crate::sessions::Sessions;
use crate::sieve;
use crate::state::State;
use crate::{uri, workspace};

/// How many requests may be in flight. Slow work runs on threads of its own, so this bounds memory,
/// not speed; edits never queue behind it.
const MAX_IN_FLIGHT: usize = 256;

/// Serves one client on a pair of byte streams until the client says `exit` or closes its side.
pub async fn serve(input: impl AsyncRead + Send + Unpin + 'static, output: impl AsyncWrite) {
    let mut shared = None;
    let (service, socket) = LspService::build(|client| {
        let state = State::new(client);
        shared = Some(Arc::clone(&state));
        Backend { state }
    })
    .custom_method("metascript/cells", Backend::cells)
    .custom_method("metascript/forgetOutputs", Backend::forget_outputs)
    .custom_method("metascript/documentText", Backend::document_text)
    .custom_method("window/workDoneProgress/cancel", Backend::cancel_progress)
    .custom_method("metascript/notebook", Backend::notebook)
    .custom_method("metascript/variables", Backend::variables)
    .custom_method("metascript/audit", Backend::audit)
    .custom_method("metascript/graph", Backend::graph)
    .custom_method("metascript/graphEdit", Backend::graph_edit)
    .custom_method("metascript/execute", Backend::op_execute)
    .custom_method("metascript/executeWith", Backend::op_execute_with)
    .custom_method("metascript/executeFile", Backend::op_execute_file)
    .custom_method("metascript/evaluate", Backend::op_evaluate)
    .custom_method("metascript/variable/list", Backend::op_variable_list)
    .custom_method("metascript/variable/set", Backend::op_variable_set)
    .custom_method("metascript/variable/get", Backend::op_variable_get)
    .custom_method("metascript/module/import", Backend::op_module_import)
    .custom_method("metascript/package/add", Backend::op_package_add)
    .custom_method("metascript/package/list", Backend::op_package_list)
    .custom_method("metascript/package/has", Backend::op_package_has)
    .custom_method("metascript/configure", Backend::op_configure)
    .custom_method("metascript/version", Backend::op_version)
    .custom_method("metascript/runtime/has", Backend::op_runtime_has)
    .custom_method("metascript/reset", Backend::op_reset)
    .custom_method("metascript/restart", Backend::op_restart)
    .custom_method("metascript/rerunLost", Backend::op_rerun_lost)
    .custom_method("metascript/snapshot", Backend::op_snapshot)
    .custom_method("metascript/restore", Backend::op_restore)
    .custom_method("metascript/interrupt", Backend::op_interrupt)
    .finish();
    let Some(state) = shared else { return };
    let client = state.client.clone();
    let input = sieve::start(input, move |complaint| {
        let client = client.clone();
        tokio::spawn(async move { client.log_message(MessageType::Error, complaint).await });
    });
    Server::new(input, output, socket)
        .concurrency_level(MAX_IN_FLIGHT)
        .serve(Ordered::new(service, Arc::clone(&state)))
        .await;
    state.sessions.end_all();
}

struct Backend {
    state: Arc<State>,
}

/// A method of [`Backend`] for each operation of a session.
macro_rules! operations {
    ($($name:ident => $method:literal,)*) => {
        impl Backend {
            $(async fn $name(&self, params: LspAny) -> Result<LspAny> {
                operations::handle(&self.state, $method, params).await
            })*
        }
    };
}

operations! {
    op_execute => "metascript/execute",
    op_execute_with => "metascript/executeWith",
    op_execute_file => "metascript/executeFile",
    op_evaluate => "metascript/evaluate",
    op_variable_list => "metascript/variable/list",
    op_variable_set => "metascript/variable/set",
    op_variable_get => "metascript/variable/get",
    op_module_import => "metascript/module/import",
    op_package_add => "metascript/package/add",
    op_package_list => "metascript/package/list",
    op_package_has => "metascript/package/has",
    op_configure => "metascript/configure",
    op_version => "metascript/version",
    op_runtime_has => "metascript/runtime/has",
    op_reset => "metascript/reset",
    op_restart => "metascript/restart",
    op_rerun_lost => "metascript/rerunLost",
    op_snapshot => "metascript/snapshot",
    op_restore => "metascript/restore",
}

impl Backend {
    /// What was saved may be suggested.
    /// A script was saved: the assistant learns from it, and it may be wanted that its stale cells run.
    async fn saved(&self, name: &str) {
        if let Some(open) = self.state.documents.get(name) {
            self.state.assistant.learn(&uri::path(name), &open.text());
            let (state, name) = (Arc::clone(&self.state), name.to_owned());
            tokio::spawn(async move { saved::handle(&state, &name).await });
        }
    }

    /// `metascript/forgetOutputs`.
    async fn forget_outputs(&self, params: cells::Params) {
        if let Some(keeper) = self.state.sessions.keeper() {
            keeper.forget(params.text_document.uri.as_ref());
        }
    }

    async fn cells(&self, params: cells::Params) -> Result<Option<Vec<cells::CellDescription>>> {
        cells::handle(&self.state, params).await
    }

    async fn cancel_progress(&self, params: WorkDoneProgressCancelParams) {
        ai::cancel_progress(&self.state, &params);
    }

    /// Stops what runs in the session of a script.
    async fn op_interrupt(&self, params: cells::Params) -> Result<LspAny> {
        let stopped = self
            .state
            .sessions
            .interrupt(params.text_document.uri.as_ref());
        Ok(serde_json::json!({ "interrupted": stopped }))
    }

    async fn document_text(
        &self,
        params: document_text::Params,
    ) -> Result<Option<document_text::DocumentText>> {
        document_text::handle(&self.state, &params)
    }

    async fn notebook(&self, params: notebook::Params) -> Result<notebook::Answer> {
        notebook::handle(&self.state, params).await
    }

    async fn variables(&self, params: cells::Params) -> Result<variables::Variables> {
        variables::handle(&self.state, params).await
    }

    async fn audit(&self, params: audit::Params) -> Result<audit::Audit> {
        audit::handle(&self.state, params).await
    }

    async fn graph(&self, params: cells::Params) -> Result<Option<graph::Graph>> {
        graph::handle(&self.state, params).await
    }

    async fn graph_edit(&self, params: graph::EditParams) -> Result<Option<WorkspaceEdit>> {
        graph::change(&self.state, params).await
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, _: InitializeParams) -> Result<InitializeResult> {
        // `Ordered` has read the parameters already, before any later message.
        self.state.sessions.configure(self.state.options());
        Ok(InitializeResult {
            capabilities: capabilities::server(self.state.features(), &Sessions::languages()),
            server_info: Some(ServerInfo {
                name: "metascript".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        })
    }

    async fn initialized(&self, _: InitializedParams) {
        workspace::start(&self.state).await;
    }

    async fn shutdown(&self) -> Result<()> {
        self.state.sessions.end_all();
        if let Some(keeper) = self.state.sessions.keeper() {
            keeper.flush().await;
        }
        Ok(())
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReport> {
        diagnostics::handle(&self.state, params).await
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        document_symbol::handle(&self.state, params).await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        folding_range::handle(&self.state, params).await
    }

    async fn formatting(&self, params: DocumentFormattingParams) -> Result<Option<Vec<TextEdit>>> {
        formatting::document(&self.state, params).await
    }

    async fn range_formatting(
        &self,
        params: DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        formatting::range(&self.state, params).await
    }

    async fn ranges_formatting(
        &self,
        params: DocumentRangesFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        formatting::ranges(&self.state, params).await
    }

    async fn on_type_formatting(
        &self,
        params: DocumentOnTypeFormattingParams,
    ) -> Result<Option<Vec<TextEdit>>> {
        formatting::on_type(&self.state, params).await
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        hover::handle(&self.state, params).await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        completion::handle(&self.state, params).await
    }

    async fn completion_resolve(&self, params: CompletionItem) -> Result<CompletionItem> {
        completion::resolve(&self.state, params).await
    }

    async fn goto_definition(
        &self,
        params: DefinitionParams,
    ) -> Result<Option<DefinitionResponse>> {
        definition::handle(&self.state, params.text_document_position_params).await
    }

    async fn goto_declaration(
        &self,
        params: DeclarationParams,
    ) -> Result<Option<DeclarationResponse>> {
        let found =
            definition::locations(&self.state, params.text_document_position_params).await?;
        Ok((!found.is_empty()).then(|| Declaration::from(found).into()))
    }

    async fn goto_type_definition(
        &self,
        params: TypeDefinitionParams,
    ) -> Result<Option<TypeDefinitionResponse>> {
        type_definition::handle(&self.state, params.text_document_position_params).await
    }

    async fn goto_implementation(
        &self,
        params: ImplementationParams,
    ) -> Result<Option<ImplementationResponse>> {
        implementation::handle(&self.state, params.text_document_position_params).await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        references::handle(&self.state, params).await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        document_highlight::handle(&self.state, params).await
    }

    async fn prepare_rename(
        &self,
        params: TextDocumentPositionParams,
    ) -> Result<Option<PrepareRenameResult>> {
        rename::prepare(&self.state, params).await
    }

    async fn rename(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        rename::rename(&self.state, params).await
    }

    async fn will_rename_files(&self, params: RenameFilesParams) -> Result<Option<WorkspaceEdit>> {
        will_rename_files::handle(&self.state, params).await
    }

    async fn code_action(
        &self,
        params: CodeActionParams,
    ) -> Result<Option<Vec<CodeActionResponse>>> {
        code_action::handle(&self.state, params).await
    }

    async fn code_action_resolve(&self, params: CodeAction) -> Result<CodeAction> {
        code_action::resolve(&self.state, params).await
    }

    async fn semantic_tokens_full(
        &self,
        params: SemanticTokensParams,
    ) -> Result<Option<SemanticTokens>> {
        semantic_tokens::full(&self.state, params).await
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensDeltaResponse>> {
        semantic_tokens::delta(&self.state, params).await
    }

    async fn semantic_tokens_range(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokens>> {
        semantic_tokens::range(&self.state, params).await
    }

    async fn symbol(
        &self,
        params: WorkspaceSymbolParams,
    ) -> Result<Option<WorkspaceSymbolResponse>> {
        workspace_symbol::handle(&self.state, params).await
    }

    async fn symbol_resolve(&self, params: WorkspaceSymbol) -> Result<WorkspaceSymbol> {
        workspace_symbol::resolve(&self.state, params).await
    }

    async fn workspace_diagnostic(
        &self,
        params: WorkspaceDiagnosticParams,
    ) -> Result<WorkspaceDiagnosticReport> {
        workspace_diagnostic::handle(&self.state, params).await
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        signature_help::handle(&self.state, params).await
    }

    async fn selection_range(
        &self,
        params: SelectionRangeParams,
    ) -> Result<Option<Vec<SelectionRange>>> {
        selection_range::handle(&self.state, params).await
    }

    async fn inline_completion(
        &self,
        params: InlineCompletionParams,
    ) -> Result<Option<InlineCompletionResponse>> {
        inline_completion::handle(&self.state, params).await
    }

    async fn inlay_hint(&self, params: InlayHintParams) -> Result<Option<Vec<InlayHint>>> {
        inlay_hint::handle(&self.state, params).await
    }

    async fn inlay_hint_resolve(&self, params: InlayHint) -> Result<InlayHint> {
        inlay_hint::resolve(&self.state, params).await
    }

    async fn document_link_resolve(&self, params: DocumentLink) -> Result<DocumentLink> {
        document_link::resolve(params).await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        document_link::handle(&self.state, params).await
    }

    async fn document_color(&self, params: DocumentColorParams) -> Result<Vec<ColorInformation>> {
        document_color::handle(&self.state, params).await
    }

    async fn color_presentation(
        &self,
        params: ColorPresentationParams,
    ) -> Result<Vec<ColorPresentation>> {
        Ok(document_color::present(&params))
    }

    async fn linked_editing_range(
        &self,
        params: LinkedEditingRangeParams,
    ) -> Result<Option<LinkedEditingRanges>> {
        linked_editing::handle(&self.state, params).await
    }

    async fn prepare_call_hierarchy(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        call_hierarchy::prepare(&self.state, params).await
    }

    async fn incoming_calls(
        &self,
        params: CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        call_hierarchy::incoming(&self.state, params).await
    }

    async fn outgoing_calls(
        &self,
        params: CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        call_hierarchy::outgoing(&self.state, params).await
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.saved(params.text_document.uri.as_ref()).await;
    }

    async fn notebook_did_save(&self, params: DidSaveNotebookDocumentParams) {
        self.saved(params.notebook_document.uri.as_ref()).await;
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        workspace::files_changed(&self.state, params).await;
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        workspace::folders_changed(&self.state, params).await;
    }

    async fn text_document_content(
        &self,
        params: TextDocumentContentParams,
    ) -> Result<TextDocumentContentResult> {
        text_document_content::handle(&params)
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        code_lens::handle(&self.state, params).await
    }

    async fn code_lens_resolve(&self, params: CodeLens) -> Result<CodeLens> {
        code_lens::resolve(params)
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LspAny>> {
        execute_command::handle(&self.state, params).await
    }
}
