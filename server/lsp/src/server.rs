//! The language server: wiring of transport, order and handlers.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp_server::gen_lsp_types::{
    CodeLens, CodeLensParams, CompletionParams, CompletionResponse, Declaration, DeclarationParams,
    DeclarationResponse, DefinitionParams, DefinitionResponse, DocumentDiagnosticParams,
    DocumentDiagnosticReport, DocumentFormattingParams, DocumentHighlight, DocumentHighlightParams,
    DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, DocumentSymbolParams,
    DocumentSymbolResponse, ExecuteCommandParams, FoldingRange, FoldingRangeParams, Hover,
    HoverParams, InitializeParams, InitializeResult, Location, LspAny, MessageType,
    ReferenceParams, ServerInfo, TextDocumentContentParams, TextDocumentContentResult, TextEdit,
};
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::{LanguageServer, LspService, Server};

use crate::capabilities;
use crate::handlers::{
    cells, code_lens, completion, definition, diagnostics, document_highlight, document_symbol,
    document_text, execute_command, folding_range, formatting, hover, references,
    text_document_content,
};
use crate::ordered::Ordered;
use crate::sessions::Sessions;
use crate::sieve;
use crate::state::State;

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
    .custom_method("metascript/documentText", Backend::document_text)
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

impl Backend {
    async fn cells(&self, params: cells::Params) -> Result<Option<Vec<cells::CellDescription>>> {
        cells::handle(&self.state, params).await
    }

    async fn document_text(
        &self,
        params: document_text::Params,
    ) -> Result<Option<document_text::DocumentText>> {
        document_text::handle(&self.state, &params)
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

    async fn shutdown(&self) -> Result<()> {
        self.state.sessions.end_all();
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

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        references::handle(&self.state, params).await
    }

    async fn document_highlight(
        &self,
        params: DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>> {
        document_highlight::handle(&self.state, params).await
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

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LspAny>> {
        execute_command::handle(&self.state, params).await
    }
}
