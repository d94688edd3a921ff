//! Edits in arrival order, whatever else is running.
//!
//! `tower-lsp-server` polls the futures of several messages at once, so a handler may run after one
//! that arrived later, and a handful of slow requests can hold back an edit. [`Ordered`] stands in
//! front of it: [`tower::Service::call`] runs once per message in arrival order, so edits are applied
//! right there, and every request is given the document as it was when the request arrived.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::Service;
use tower_lsp_server::jsonrpc::{Request, Response};

use crate::documents::{Fault, OpenDocument};
use crate::kept;
use crate::notebooks;
use crate::state::State;

tokio::task_local! {
    static ARRIVAL: Option<OpenDocument>;
}

/// The document that the request in hand names, as it was when the request arrived.
/// `None` when the request names none or it is not open.
pub(crate) fn arrival() -> Option<OpenDocument> {
    ARRIVAL.try_with(Clone::clone).ok().flatten()
}

/// See the module's documentation.
pub(crate) struct Ordered<S> {
    inner: S,
    state: Arc<State>,
}

impl<S> Ordered<S> {
    pub(crate) fn new(inner: S, state: Arc<State>) -> Self {
        Self { inner, state }
    }
}

impl<S> Service<Request> for Ordered<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let state = Arc::clone(&self.state);
        let id = request.id().cloned();
        let answer = self.dispatch(&state, request);
        // The futures of all requests are polled by one task: a panic in one must cost one answer, not the server.
        Box::pin(async move {
            match AssertUnwindSafe(answer).catch_unwind().await {
                Ok(answer) => answer,
                Err(panic) => {
                    let error = state.panicked(&*panic);
                    Ok(id.map(|id| Response::from_error(id, error)))
                }
            }
        })
    }
}

impl<S> Ordered<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    fn dispatch(
        &mut self,
        state: &Arc<State>,
        request: Request,
    ) -> BoxFuture<'static, Result<Option<Response>, S::Error>> {
        let state = Arc::clone(state);
        match request.method() {
            "initialize" => {
                state.negotiate(request.params());
                Box::pin(self.inner.call(request))
            }
            "textDocument/didOpen" => {
                let name = named_document(request.params()).map(str::to_owned);
                let opened = edit(Arc::clone(&state), request, |state, params| {
                    let params: tower_lsp_server::gen_lsp_types::DidOpenTextDocumentParams = params;
                    let uri = params.text_document.uri.0.clone();
                    let fault = state.documents.open(params);
                    (uri, fault)
                });
                Box::pin(async move {
                    let answer = opened.await;
                    if let Some(name) = name {
                        kept::show(&state, &name).await;
                    }
                    answer
                })
            }
            "textDocument/didChange" => edit(state, request, |state, params| {
                let params: tower_lsp_server::gen_lsp_types::DidChangeTextDocumentParams = params;
                let uri = params.text_document.text_document_identifier.uri.0.clone();
                let fault = state.documents.change(params);
                (uri, fault)
            }),
            "textDocument/didClose" => edit(state, request, |state, params| {
                let params: tower_lsp_server::gen_lsp_types::DidCloseTextDocumentParams = params;
                let uri = params.text_document.uri.0;
                let fault = (!state.documents.close(&uri)).then_some(Fault::NotOpen);
                (uri, fault)
            }),
            "notebookDocument/didOpen" => edit(state, request, |state, params| {
                state.notebooks.open(&state.documents, params)
            }),
            "notebookDocument/didChange" => edit(state, request, |state, params| {
                state.notebooks.change(&state.documents, params)
            }),
            "notebookDocument/didClose" => edit(state, request, |state, params| {
                state.notebooks.close(&state.documents, params)
            }),
            _ if state.notebooks.is_empty() => self.answer(&state, request),
            _ => {
                let (request, asked) = notebooks::ask(&state.notebooks, request);
                let answer = self.answer(&state, request);
                Box::pin(async move {
                    let Some(response) = answer.await? else {
                        return Ok(None);
                    };
                    let (id, result) = response.into_parts();
                    let layouts = state.notebooks.layouts();
                    let result =
                        result.map(|value| notebooks::answer(value, &layouts, asked.as_ref()));
                    Ok(Some(Response::from_parts(id, result)))
                })
            }
        }
    }

    /// Hands a request on, with the document as it is now.
    fn answer(
        &mut self,
        state: &State,
        request: Request,
    ) -> BoxFuture<'static, Result<Option<Response>, S::Error>> {
        let arrival = named_document(request.params()).and_then(|uri| state.documents.get(uri));
        let commands = request.method() == "workspace/executeCommand";
        let answer = ARRIVAL.scope(arrival, self.inner.call(request));
        if commands {
            Box::pin(state.turns.take().with(answer))
        } else {
            Box::pin(answer)
        }
    }
}

/// Applies an edit now; what follows from it (diagnostics, messages) is left to the future.
fn edit<P, E>(
    state: Arc<State>,
    request: Request,
    apply: impl FnOnce(&State, P) -> (String, Option<Fault>),
) -> BoxFuture<'static, Result<Option<Response>, E>>
where
    P: DeserializeOwned,
{
    let (method, _, params) = request.into_parts();
    match serde_json::from_value::<P>(params.unwrap_or_default()) {
        Ok(params) => {
            let (uri, fault) = apply(&state, params);
            Box::pin(async move {
                state.after_edit(&uri, fault).await;
                Ok(None)
            })
        }
        Err(error) => Box::pin(async move {
            state
                .log_error(format!("{method}: {error}; the message was ignored"))
                .await;
            Ok(None)
        }),
    }
}

/// The document that a request is about: `textDocument.uri`, or `uri` of a command's argument.
fn named_document(params: Option<&Value>) -> Option<&str> {
    let params = params?;
    params
        .pointer("/textDocument/uri")
        .or_else(|| params.pointer("/arguments/0/uri"))
        .and_then(Value::as_str)
}
