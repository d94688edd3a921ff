//! Answers held against the protocol: the types that are generated from its meta model.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_lsp_server::gen_lsp_types as lsp;

/// Fails unless `result` is what the protocol allows as the answer to `method`, with no field that it does not know.
pub fn check(method: &str, result: &Value) {
    match method {
        "initialize" => typed::<lsp::InitializeResult>(method, result),
        "textDocument/completion" => typed::<Option<lsp::CompletionResponse>>(method, result),
        "completionItem/resolve" => typed::<lsp::CompletionItem>(method, result),
        "textDocument/hover" => typed::<Option<lsp::Hover>>(method, result),
        "textDocument/signatureHelp" => typed::<Option<lsp::SignatureHelp>>(method, result),
        "textDocument/definition" => typed::<Option<lsp::DefinitionResponse>>(method, result),
        "textDocument/declaration" => typed::<Option<lsp::DeclarationResponse>>(method, result),
        "textDocument/typeDefinition" => {
            typed::<Option<lsp::TypeDefinitionResponse>>(method, result);
        }
        "textDocument/implementation" => {
            typed::<Option<lsp::ImplementationResponse>>(method, result);
        }
        "textDocument/references" => typed::<Option<Vec<lsp::Location>>>(method, result),
        "textDocument/documentHighlight" => {
            typed::<Option<Vec<lsp::DocumentHighlight>>>(method, result);
        }
        "textDocument/documentSymbol" => {
            typed::<Option<lsp::DocumentSymbolResponse>>(method, result);
        }
        "workspace/symbol" => typed::<Option<lsp::WorkspaceSymbolResponse>>(method, result),
        "workspaceSymbol/resolve" => typed::<lsp::WorkspaceSymbol>(method, result),
        "textDocument/prepareRename" => typed::<Option<lsp::PrepareRenameResult>>(method, result),
        "textDocument/rename" | "workspace/willRenameFiles" => {
            typed::<Option<lsp::WorkspaceEdit>>(method, result);
        }
        "textDocument/codeAction" => {
            typed::<Option<Vec<lsp::CodeActionResponse>>>(method, result);
        }
        "codeAction/resolve" => typed::<lsp::CodeAction>(method, result),
        "textDocument/codeLens" => typed::<Option<Vec<lsp::CodeLens>>>(method, result),
        "codeLens/resolve" => typed::<lsp::CodeLens>(method, result),
        "inlayHint/resolve" => typed::<lsp::InlayHint>(method, result),
        "documentLink/resolve" => typed::<lsp::DocumentLink>(method, result),
        "textDocument/inlayHint" => typed::<Option<Vec<lsp::InlayHint>>>(method, result),
        "textDocument/semanticTokens/full" | "textDocument/semanticTokens/range" => {
            typed::<Option<lsp::SemanticTokens>>(method, result);
        }
        "textDocument/semanticTokens/full/delta" => {
            typed::<Option<lsp::SemanticTokensDeltaResponse>>(method, result);
        }
        "textDocument/foldingRange" => typed::<Option<Vec<lsp::FoldingRange>>>(method, result),
        "textDocument/selectionRange" => typed::<Option<Vec<lsp::SelectionRange>>>(method, result),
        "textDocument/linkedEditingRange" => {
            typed::<Option<lsp::LinkedEditingRanges>>(method, result);
        }
        "textDocument/documentLink" => typed::<Option<Vec<lsp::DocumentLink>>>(method, result),
        "textDocument/documentColor" => typed::<Vec<lsp::ColorInformation>>(method, result),
        "textDocument/colorPresentation" => typed::<Vec<lsp::ColorPresentation>>(method, result),
        "textDocument/formatting"
        | "textDocument/rangeFormatting"
        | "textDocument/rangesFormatting"
        | "textDocument/onTypeFormatting" => typed::<Option<Vec<lsp::TextEdit>>>(method, result),
        "textDocument/diagnostic" => typed::<lsp::DocumentDiagnosticReport>(method, result),
        "workspace/diagnostic" => typed::<lsp::WorkspaceDiagnosticReport>(method, result),
        "textDocument/prepareCallHierarchy" => {
            typed::<Option<Vec<lsp::CallHierarchyItem>>>(method, result);
        }
        "callHierarchy/incomingCalls" => {
            typed::<Option<Vec<lsp::CallHierarchyIncomingCall>>>(method, result);
        }
        "callHierarchy/outgoingCalls" => {
            typed::<Option<Vec<lsp::CallHierarchyOutgoingCall>>>(method, result);
        }
        "textDocument/inlineCompletion" => {
            typed::<Option<lsp::InlineCompletionResponse>>(method, result);
        }
        _ => panic!("no type is known for {method}"),
    }
}

/// What the type reads and writes again must be what was there: a field that is lost is not the protocol's.
fn typed<T: Serialize + DeserializeOwned>(method: &str, result: &Value) {
    let read: T = serde_json::from_value(result.clone())
        .unwrap_or_else(|error| panic!("{method}: {error}\n{result:#}"));
    let written = serde_json::to_value(read).expect("what was read can be written");
    assert_eq!(
        without_nulls(&written),
        without_nulls(result),
        "{method} holds what the protocol does not know"
    );
}

/// An absent field and `null` are the same to most of the protocol.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        other => other.clone(),
    }
}
