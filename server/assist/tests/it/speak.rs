//! Answers in each provider's own format.

use futures::StreamExt as _;
use metascript_assist::provider::{
    Ask, Chat, Event, EventStream, Fill, Host, HttpProvider, Message, Provider,
};
use metascript_assist::settings::{Models, ProviderKind, ProviderSettings};
use metascript_assist::{AiError, Environment};
use serde_json::{Value, json};

use crate::server::Step;

pub const KINDS: [ProviderKind; 6] = [
    ProviderKind::OpenAi,
    ProviderKind::Anthropic,
    ProviderKind::Ollama,
    ProviderKind::Cohere,
    ProviderKind::Mistral,
    ProviderKind::LlamaCpp,
];

/// A synthetic key; nothing that leaves a provider's mouth may hold it.
pub const KEY: &str = "sk-test-4f9a1c7e2b8d";

pub fn environment() -> Environment {
    std::sync::Arc::new(|name| (name == "TEST_KEY").then(|| KEY.to_owned()))
}

pub fn settings(kind: ProviderKind, url: &str) -> ProviderSettings {
    let mut settings = ProviderSettings::new(kind.as_str(), kind, url);
    settings.api_key_env = Some("TEST_KEY".to_owned());
    settings.first_byte_ms = Some(5_000);
    settings.idle_ms = Some(5_000);
    settings
}

pub fn provider(kind: ProviderKind, url: &str) -> HttpProvider {
    HttpProvider::new(
        &settings(kind, url),
        &Models::default(),
        &Host::new(environment()),
    )
}

pub fn fill(prefix: &str, suffix: &str) -> Ask {
    Ask::Fill(Fill {
        prefix: prefix.to_owned(),
        suffix: suffix.to_owned(),
        max_tokens: 64,
        ..Fill::default()
    })
}

pub fn chat(text: &str) -> Ask {
    Ask::Chat(Chat {
        system: vec!["You help.".to_owned()],
        messages: vec![Message::User(text.to_owned())],
        max_tokens: 64,
        ..Chat::default()
    })
}

fn sse(data: &Value) -> Step {
    Step::Chunk(format!("data: {data}\n\n").into_bytes())
}

fn named(event: &str, data: &Value) -> Step {
    Step::Chunk(format!("event: {event}\ndata: {data}\n\n").into_bytes())
}

fn line(data: &Value) -> Step {
    Step::Chunk(format!("{data}\n").into_bytes())
}

pub fn head(kind: ProviderKind) -> Step {
    let content_type = if kind == ProviderKind::Ollama {
        "application/x-ndjson"
    } else {
        "text/event-stream"
    };
    Step::Head(200, vec![("content-type", content_type.to_owned())])
}

/// The pieces of an answer to a hole or a conversation. `path` tells the two apart where the formats differ.
pub fn pieces(kind: ProviderKind, path: &str, texts: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    match kind {
        ProviderKind::LlamaCpp if path == "/infill" => {
            steps.extend(texts.iter().map(|text| sse(&json!({ "index": 0, "content": text, "stop": false }))));
        }
        ProviderKind::OpenAi | ProviderKind::Mistral | ProviderKind::LlamaCpp => {
            if path.ends_with("/completions") && !path.contains("chat") && !path.contains("fim") {
                steps.extend(texts.iter().map(|text| {
                    sse(&json!({ "object": "text_completion", "choices": [{ "index": 0, "text": text, "finish_reason": null }] }))
                }));
            } else {
                let chunk = |delta: Value| {
                    json!({ "id": "c-1", "object": "chat.completion.chunk", "model": "m",
                            "choices": [{ "index": 0, "delta": delta, "finish_reason": null }], "usage": null })
                };
                steps.push(sse(&chunk(json!({ "role": "assistant", "content": "" }))));
                steps.extend(texts.iter().map(|text| sse(&chunk(json!({ "content": text })))));
            }
        }
        ProviderKind::Anthropic => {
            steps.push(named("message_start", &json!({ "type": "message_start", "message": {
                "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "m", "stop_reason": null,
                "usage": { "input_tokens": 20, "cache_read_input_tokens": 5, "output_tokens": 1 } } })));
            steps.push(named("content_block_start", &json!({ "type": "content_block_start", "index": 0,
                "content_block": { "type": "text", "text": "" } })));
            steps.push(named("ping", &json!({ "type": "ping" })));
            steps.extend(texts.iter().map(|text| named("content_block_delta", &json!({ "type": "content_block_delta",
                "index": 0, "delta": { "type": "text_delta", "text": text } }))));
        }
        ProviderKind::Ollama => steps.extend(texts.iter().map(|text| {
            if path.ends_with("generate") {
                line(&json!({ "model": "m", "created_at": "2026-01-01T00:00:00Z", "response": text, "done": false }))
            } else {
                line(&json!({ "model": "m", "message": { "role": "assistant", "content": text }, "done": false }))
            }
        })),
        ProviderKind::Cohere => {
            steps.push(named("message-start", &json!({ "id": "1", "type": "message-start",
                "delta": { "message": { "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [] } } })));
            steps.push(named("content-start", &json!({ "type": "content-start", "index": 0,
                "delta": { "message": { "content": { "type": "text", "text": "" } } } })));
            steps.extend(texts.iter().map(|text| named("content-delta", &json!({ "type": "content-delta", "index": 0,
                "delta": { "message": { "content": { "text": text } } } }))));
        }
    }
    steps
}

/// How an answer ends well.
pub fn ending(kind: ProviderKind, path: &str) -> Vec<Step> {
    let done = Step::Chunk(b"data: [DONE]\n\n".to_vec());
    match kind {
        ProviderKind::LlamaCpp if path == "/infill" => vec![
            sse(
                &json!({ "content": "", "stop": true, "stop_type": "eos", "tokens_predicted": 7, "tokens_evaluated": 20 }),
            ),
            Step::End,
        ],
        ProviderKind::OpenAi | ProviderKind::Mistral | ProviderKind::LlamaCpp => {
            let choice = if path.ends_with("/completions")
                && !path.contains("chat")
                && !path.contains("fim")
            {
                json!({ "index": 0, "text": "", "finish_reason": "stop" })
            } else {
                json!({ "index": 0, "delta": {}, "finish_reason": "stop" })
            };
            vec![
                sse(&json!({ "choices": [choice] })),
                sse(
                    &json!({ "choices": [], "usage": { "prompt_tokens": 20, "completion_tokens": 7,
                    "prompt_tokens_details": { "cached_tokens": 5 } } }),
                ),
                done,
                Step::End,
            ]
        }
        ProviderKind::Anthropic => vec![
            named(
                "content_block_stop",
                &json!({ "type": "content_block_stop", "index": 0 }),
            ),
            named(
                "message_delta",
                &json!({ "type": "message_delta",
                "delta": { "stop_reason": "end_turn", "stop_sequence": null }, "usage": { "output_tokens": 7 } }),
            ),
            named("message_stop", &json!({ "type": "message_stop" })),
            Step::End,
        ],
        ProviderKind::Ollama => vec![
            line(
                &json!({ "model": "m", "response": "", "done": true, "done_reason": "stop",
                "prompt_eval_count": 20, "eval_count": 7 }),
            ),
            Step::End,
        ],
        ProviderKind::Cohere => vec![
            named("content-end", &json!({ "type": "content-end", "index": 0 })),
            named(
                "message-end",
                &json!({ "type": "message-end", "delta": { "finish_reason": "COMPLETE",
                "usage": { "billed_units": { "input_tokens": 20, "output_tokens": 7 },
                           "tokens": { "input_tokens": 90, "output_tokens": 7 } } } }),
            ),
            Step::End,
        ],
    }
}

/// A whole good answer.
pub fn answer(kind: ProviderKind, path: &str, texts: &[&str]) -> Vec<Step> {
    let mut steps = vec![head(kind)];
    steps.extend(pieces(kind, path, texts));
    steps.extend(ending(kind, path));
    steps
}

/// An error body as this provider writes it.
pub fn error_body(kind: ProviderKind, words: &str) -> String {
    match kind {
        ProviderKind::OpenAi => {
            json!({ "error": { "message": words, "type": "error", "param": null, "code": null } })
        }
        ProviderKind::LlamaCpp => {
            json!({ "error": { "code": 500, "message": words, "type": "error" } })
        }
        ProviderKind::Anthropic => {
            json!({ "type": "error", "error": { "type": "error", "message": words } })
        }
        ProviderKind::Ollama => json!({ "error": words }),
        ProviderKind::Cohere => json!({ "id": "1", "message": words }),
        ProviderKind::Mistral => {
            json!({ "object": "error", "message": words, "type": "error", "code": null })
        }
    }
    .to_string()
}

/// Reads a stream to its end: the text, the last events, the error.
pub async fn collect(mut stream: EventStream) -> (String, Vec<Event>, Option<AiError>) {
    let (mut text, mut events) = (String::new(), Vec::new());
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Text(piece)) => text.push_str(&piece),
            Ok(event) => events.push(event),
            Err(error) => {
                assert!(stream.next().await.is_none(), "an error is the last thing");
                return (text, events, Some(error));
            }
        }
    }
    (text, events, None)
}

/// The text of a good answer.
pub async fn text(provider: &impl Provider, ask: &Ask) -> String {
    let (text, _, error) = collect(provider.answer(ask)).await;
    assert_eq!(error, None);
    text
}
