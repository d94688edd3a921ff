//! The operations of a session (`metascript/execute`, `metascript/variable/get` ...) for the session of a script:
//! `docs/sessions.md`. What they do is the sandbox's; this is who may ask, and in which session.

use std::sync::Arc;

use metascript_sandbox::operations::{self, INVALID_PARAMS};
use serde_json::Value;
use tower_lsp_server::gen_lsp_types::MessageType;
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};

use crate::ordered;
use crate::sessions::Work;
use crate::state::State;

/// What changes nothing and runs nothing: answered in an untrusted workspace too.
const HARMLESS: &[&str] = &[
    "metascript/version",
    "metascript/runtime/has",
    "metascript/package/list",
];

pub(crate) async fn handle(state: &Arc<State>, method: &str, mut params: Value) -> Result<Value> {
    let Some(operation) = operations::find(method) else {
        return Err(Error::method_not_found());
    };
    let members = params
        .as_object_mut()
        .ok_or_else(|| Error::invalid_params("the parameters are an object with names"))?;
    let uri = members
        .shift_remove("textDocument")
        .as_ref()
        .and_then(|document| document.get("uri")?.as_str())
        .map(str::to_owned)
        .ok_or_else(|| Error::invalid_params("missing field `textDocument`: { uri }"))?;
    let token = members.shift_remove("outputToken");
    // A runtime that starts is a program of the workspace's choice too.
    let harmless = HARMLESS.contains(&method) && !members.contains_key("language")
        || method == "metascript/runtime/has";
    if !harmless && !state.options().run.enabled {
        return Err(Error::invalid_params(
            "running cells is switched off: the workspace is not trusted, or `run.enabled` is false",
        ));
    }
    let open = ordered::arrival().or_else(|| state.documents.get(&uri));
    let Some(open) = open else {
        return Err(Error::invalid_params(format!(
            "{uri} is not open; open it before working in its session"
        )));
    };
    let declared = metascript_sandbox::declared(&open.document).into();
    let work = Work {
        operation,
        params,
        token,
        declared,
    };
    let (ticket, answer) = state.sessions.operate(&uri, work);
    let answer = answer.await;
    drop(ticket);
    state.sessions.sent().await;
    let answer = answer.map_err(|_| Error {
        message: "the session ended before the request was over".into(),
        ..Error::internal_error()
    })?;
    let answer = answer.map_err(|fault| Error {
        code: if fault.code == INVALID_PARAMS {
            ErrorCode::InvalidParams
        } else {
            ErrorCode::ServerError(fault.code)
        },
        message: fault.message.into(),
        data: None,
    })?;
    if answer.get("raised").and_then(Value::as_bool) == Some(true) {
        let lines: Vec<&str> = answer
            .get("summary")
            .and_then(Value::as_array)
            .map(|lines| lines.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let text = format!(
            "The cells of {} may do more now: {}",
            crate::uri::file_name(&uri),
            lines.join("; ")
        );
        state.client.show_message(MessageType::Warning, text).await;
    }
    Ok(answer)
}
