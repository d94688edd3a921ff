//! JSON-RPC 2.0: requests in, answers out.

use metascript_sandbox::operations::Fault;
use serde_json::{Map, Value, json};

/// A request, or a notification if it has no `id`.
#[derive(Debug, PartialEq)]
pub(super) struct Request {
    pub(super) id: Option<Value>,
    pub(super) method: String,
    pub(super) params: Value,
}

/// What one text holds.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    One(Result<Request, Failure>),
    Batch(Vec<Result<Request, Failure>>),
}

/// Why a request has no result.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    code: i64,
    message: String,
    /// The request's, as far as it could be read.
    pub(super) id: Value,
}

impl Failure {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            id: Value::Null,
        }
    }

    /// The text is no JSON.
    pub(super) fn parse(problem: impl Into<String>) -> Self {
        Self::new(-32700, problem)
    }

    /// There is no such method.
    pub(super) fn no_method(name: &str) -> Self {
        let shown: String = name.chars().take(100).collect();
        Self::new(
            -32601,
            format!("there is no method '{shown}'; docs/sessions.md lists them"),
        )
    }

    fn request(problem: &str, id: Value) -> Self {
        Self {
            id,
            ..Self::new(-32600, problem)
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::new(fault.code, fault.message)
    }
}

/// Reads a text: a request, a notification, or a batch of them.
pub(super) fn read(text: &str) -> Result<Message, Failure> {
    let json: Value =
        serde_json::from_str(text).map_err(|error| Failure::parse(format!("no JSON: {error}")))?;
    match json {
        Value::Array(list) if list.is_empty() => {
            Err(Failure::request("the batch is empty", Value::Null))
        }
        Value::Array(list) => Ok(Message::Batch(list.into_iter().map(request).collect())),
        other => Ok(Message::One(request(other))),
    }
}

fn request(json: Value) -> Result<Request, Failure> {
    let Value::Object(mut object) = json else {
        return Err(Failure::request("a request is an object", Value::Null));
    };
    let id = object.remove("id");
    let known = match &id {
        None => Value::Null,
        Some(id @ (Value::Null | Value::Number(_) | Value::String(_))) => id.clone(),
        Some(_) => return Err(Failure::request("`id` is a number or a text", Value::Null)),
    };
    if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return Err(Failure::request("`jsonrpc` is not \"2.0\"", known));
    }
    let Some(Value::String(method)) = object.remove("method") else {
        return Err(Failure::request("`method` is missing, or no text", known));
    };
    let params = object
        .remove("params")
        .unwrap_or_else(|| Value::Object(Map::new()));
    if !params.is_object() && !params.is_array() {
        return Err(Failure::request(
            "`params` is neither an object nor a list",
            known,
        ));
    }
    Ok(Request { id, method, params })
}

pub(super) fn answer(id: Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

pub(super) fn failure(id: Value, failure: &Failure) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": failure.code, "message": failure.message } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_has_the_code_of_the_specification() {
        for (text, code, id) in [
            ("{", -32700, Value::Null),
            ("", -32700, Value::Null),
            ("[]", -32600, Value::Null),
        ] {
            let found = read(text).unwrap_err();
            assert_eq!((found.code, &found.id), (code, &id), "{text}");
        }
        for (text, id) in [
            ("1", Value::Null),
            (r#"{"id":1,"method":"a"}"#, json!(1)),
            (r#"{"jsonrpc":"1.0","id":"x","method":"a"}"#, json!("x")),
            (r#"{"jsonrpc":"2.0","id":2}"#, json!(2)),
            (r#"{"jsonrpc":"2.0","id":2,"method":3}"#, json!(2)),
            (r#"{"jsonrpc":"2.0","id":{},"method":"a"}"#, Value::Null),
            (
                r#"{"jsonrpc":"2.0","id":2,"method":"a","params":1}"#,
                json!(2),
            ),
        ] {
            let Ok(Message::One(Err(found))) = read(text) else {
                panic!("{text}")
            };
            assert_eq!((found.code, &found.id), (-32600, &id), "{text}");
        }
        let Ok(Message::One(Ok(found))) = read(r#"{"jsonrpc":"2.0","method":"a"}"#) else {
            panic!()
        };
        assert_eq!(found.id, None);
    }
}
