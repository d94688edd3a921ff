//! What is sent to each provider, and what its answers mean.

use metascript_assist::provider::{
    AnswerSchema, Ask, Chat, ContextPart, Embed, Event, Fill, Host, HttpProvider, Message,
    Provider, Stop, Tool, ToolCall, Usage,
};
use metascript_assist::settings::{FillStyle, Models, ProviderKind};
use serde_json::{Value, json};

use crate::server::{Server, Step};
use crate::speak::{self, KEY, KINDS, collect};

#[tokio::test]
async fn every_provider_streams_text_usage_and_an_end() {
    for kind in KINDS {
        for ask in [speak::fill("let x = ", "\n"), speak::chat("hello")] {
            let server = Server::start(move |_, request| {
                speak::answer(kind, &request.path, &["al", "pha\n", "ß🦀"])
            })
            .await;
            let provider = speak::provider(kind, &server.url);
            let (text, events, error) = collect(provider.answer(&ask)).await;
            assert_eq!((text.as_str(), error), ("alpha\nß🦀", None), "{kind:?}");
            let cached = if matches!(kind, ProviderKind::Ollama | ProviderKind::Cohere) {
                0
            } else {
                5
            };
            let path = &server.requests()[0].path;
            let usage = match kind {
                ProviderKind::Anthropic => Usage {
                    input: 25,
                    cached: 5,
                    output: 7,
                },
                ProviderKind::LlamaCpp if path == "/infill" => Usage {
                    input: 20,
                    cached: 0,
                    output: 7,
                },
                _ => Usage {
                    input: 20,
                    cached,
                    output: 7,
                },
            };
            assert_eq!(events.last(), Some(&Event::Done(Stop::End)), "{kind:?}");
            assert_eq!(
                events.iter().rev().nth(1),
                Some(&Event::Usage(usage)),
                "{kind:?}"
            );
            let head = server.requests()[0].head.to_ascii_lowercase();
            assert!(head.contains(KEY), "{kind:?} sends the key as a header");
        }
    }
}

#[tokio::test]
async fn an_answer_in_bytes_one_at_a_time_is_the_same() {
    for kind in KINDS {
        let server = Server::start(move |_, request| {
            let mut steps = Vec::new();
            for step in speak::answer(kind, &request.path, &["one ", "zwölf"]) {
                match step {
                    Step::Chunk(bytes) => {
                        steps.extend(bytes.into_iter().map(|byte| Step::Chunk(vec![byte])));
                    }
                    step => steps.push(step),
                }
            }
            steps
        })
        .await;
        assert_eq!(
            speak::text(&speak::provider(kind, &server.url), &speak::chat("x")).await,
            "one zwölf"
        );
    }
}

/// The value with its keys in the order of the alphabet, whatever order the build's JSON library keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, sorted(value)))
                    .collect(),
            )
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

#[test]
fn requests_look_as_the_protocols_say() {
    let fill = Ask::Fill(Fill {
        context: vec![ContextPart {
            title: "lib.tars".into(),
            text: "VARIABLE a {\n}".into(),
        }],
        prefix: "VARIABLE b {\n    value: ".into(),
        suffix: "\n}\n".into(),
        max_tokens: 32,
        temperature: 0.0,
        stop: vec!["\n\n".into()],
    });
    let chat = Ask::Chat(Chat {
        system: vec!["Rules.".into(), "Scripts.".into()],
        messages: vec![
            Message::User("Count the words".into()),
            Message::Assistant {
                text: "Reading.".into(),
                calls: vec![ToolCall {
                    id: "t1".into(),
                    name: "read".into(),
                    arguments: json!({ "path": "a" }),
                }],
            },
            Message::Tool {
                id: "t1".into(),
                name: "read".into(),
                content: "three words here".into(),
                failed: false,
            },
        ],
        tools: vec![Tool {
            name: "read".into(),
            description: "Reads a file.".into(),
            parameters: json!({ "type": "object", "properties": { "path": { "type": "string" } } }),
        }],
        schema: Some(AnswerSchema {
            name: "answer".into(),
            schema: json!({ "type": "object" }),
        }),
        max_tokens: 100,
        temperature: 0.5,
        stop: vec!["END".into()],
    });
    let mut shown = String::new();
    for kind in KINDS {
        let provider = speak::provider(kind, "http://127.0.0.1:1");
        for (what, ask) in [("fill", &fill), ("chat", &chat)] {
            let preview = provider.preview(ask);
            let body = sorted(serde_json::from_str(&preview.body).unwrap());
            shown.push_str(&format!(
                "==== {} {what}: POST {}\n",
                kind.as_str(),
                preview.url
            ));
            for (name, value) in preview.headers {
                shown.push_str(&format!("{name}: {value}\n"));
            }
            shown.push_str(&format!("{body:#}\n"));
        }
    }
    assert!(!shown.contains(KEY));
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn a_preview_is_what_is_sent_byte_for_byte() {
    for kind in KINDS {
        let server =
            Server::start(move |_, request| speak::answer(kind, &request.path, &["x"])).await;
        let provider = speak::provider(kind, &server.url);
        let ask = speak::fill("a \"quoted\" prefix", "suffix");
        let preview = provider.preview(&ask);
        speak::text(&provider, &ask).await;
        let sent = &server.requests()[0];
        assert_eq!(sent.body, preview.body, "{kind:?}");
        assert!(preview.url.ends_with(&sent.path));
        for (name, value) in preview.headers {
            let value = value.replace("<the variable TEST_KEY>", KEY);
            assert!(
                sent.head
                    .to_ascii_lowercase()
                    .contains(&format!("{name}: {}", value.to_ascii_lowercase()))
            );
        }
    }
}

#[tokio::test]
async fn marker_tokens_and_suffix_endpoints_by_model() {
    for (model, style, path, expected) in [
        (
            "qwen2.5-coder-7b",
            None,
            "/completions",
            "<|fim_prefix|>A<|fim_suffix|>B<|fim_middle|>",
        ),
        ("gpt-3.5-turbo-instruct", None, "/completions", "A"),
        ("unknown", Some(FillStyle::Suffix), "/completions", "A"),
    ] {
        let server =
            Server::start(|_, request| speak::answer(ProviderKind::OpenAi, &request.path, &["ok"]))
                .await;
        let mut settings = speak::settings(ProviderKind::OpenAi, &server.url);
        settings.model = Some(model.to_owned());
        settings.fill = style;
        let provider = HttpProvider::new(
            &settings,
            &Models::default(),
            &Host::new(speak::environment()),
        );
        assert_eq!(speak::text(&provider, &speak::fill("A", "B")).await, "ok");
        let request = &server.requests()[0];
        assert_eq!(
            (request.path.as_str(), request.json()["prompt"].as_str()),
            (path, Some(expected)),
            "{model}"
        );
    }
}

fn tool_answer(kind: ProviderKind) -> Vec<Step> {
    let sse = |event: &str, data: Value| {
        Step::Chunk(format!("event: {event}\ndata: {data}\n\n").into_bytes())
    };
    let mut steps = vec![speak::head(kind)];
    match kind {
        ProviderKind::OpenAi | ProviderKind::Mistral | ProviderKind::LlamaCpp => {
            let chunk = |delta: Value, reason: Value| json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] });
            steps.extend([
                sse("", chunk(json!({ "tool_calls": [{ "index": 0, "id": "c1", "type": "function", "function": { "name": "read", "arguments": "" } }] }), Value::Null)),
                sse("", chunk(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "{\"pa" } }] }), Value::Null)),
                sse("", chunk(json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "th\":\"a\"}" } }] }), Value::Null)),
                sse("", chunk(json!({ "tool_calls": [{ "index": 1, "id": "c2", "function": { "name": "check", "arguments": "{}" } }] }), json!("tool_calls"))),
                Step::Chunk(b"data: [DONE]\n\n".to_vec()),
            ]);
        }
        ProviderKind::Anthropic => {
            for (index, (id, name, pieces)) in [
                ("c1", "read", vec!["", "{\"pa", "th\": \"a\"}"]),
                ("c2", "check", vec![]),
            ]
            .into_iter()
            .enumerate()
            {
                steps.push(sse("content_block_start", json!({ "type": "content_block_start", "index": index, "content_block": { "type": "tool_use", "id": id, "name": name, "input": {} } })));
                for piece in pieces {
                    steps.push(sse("content_block_delta", json!({ "type": "content_block_delta", "index": index, "delta": { "type": "input_json_delta", "partial_json": piece } })));
                }
                steps.push(sse(
                    "content_block_stop",
                    json!({ "type": "content_block_stop", "index": index }),
                ));
            }
            steps.push(sse("message_delta", json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use" }, "usage": { "output_tokens": 3 } })));
            steps.push(sse("message_stop", json!({ "type": "message_stop" })));
        }
        ProviderKind::Ollama => {
            let line = |data: Value| Step::Chunk(format!("{data}\n").into_bytes());
            steps.push(line(json!({ "message": { "role": "assistant", "content": "", "tool_calls": [
                { "id": "c1", "function": { "name": "read", "arguments": { "path": "a" } } },
                { "id": "c2", "function": { "name": "check", "arguments": {} } } ] }, "done": false })));
            steps.push(line(json!({ "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": "stop" })));
        }
        ProviderKind::Cohere => {
            for (id, name, pieces) in [
                ("c1", "read", vec!["{\"pa", "th\":\"a\"}"]),
                ("c2", "check", vec!["{}"]),
            ] {
                steps.push(sse("tool-call-start", json!({ "type": "tool-call-start", "index": 0, "delta": { "message": { "tool_calls": { "id": id, "type": "function", "function": { "name": name, "arguments": "" } } } } })));
                for piece in pieces {
                    steps.push(sse("tool-call-delta", json!({ "type": "tool-call-delta", "index": 0, "delta": { "message": { "tool_calls": { "function": { "arguments": piece } } } } })));
                }
                steps.push(sse(
                    "tool-call-end",
                    json!({ "type": "tool-call-end", "index": 0 }),
                ));
            }
            steps.push(sse(
                "message-end",
                json!({ "type": "message-end", "delta": { "finish_reason": "TOOL_CALL" } }),
            ));
        }
    }
    steps.push(Step::End);
    steps
}

#[tokio::test]
async fn tool_calls_arrive_whole_from_every_provider() {
    for kind in KINDS {
        let server = Server::always(tool_answer(kind)).await;
        let (_, events, error) =
            collect(speak::provider(kind, &server.url).answer(&speak::chat("x"))).await;
        assert_eq!(error, None, "{kind:?}");
        let calls: Vec<_> = events
            .iter()
            .filter_map(|event| {
                if let Event::Call(call) = event {
                    Some(call)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(calls.len(), 2, "{kind:?}");
        assert_eq!(
            (calls[0].name.as_str(), &calls[0].arguments),
            ("read", &json!({ "path": "a" })),
            "{kind:?}"
        );
        assert_eq!(
            (calls[1].name.as_str(), &calls[1].arguments),
            ("check", &json!({})),
            "{kind:?}"
        );
        assert_eq!(events.last(), Some(&Event::Done(Stop::Calls)), "{kind:?}");
    }
}

#[tokio::test]
async fn vectors_in_the_order_of_the_texts() {
    for (kind, body) in [
        (
            ProviderKind::OpenAi,
            json!({ "data": [{ "index": 1, "embedding": [0.0, 1.0] }, { "index": 0, "embedding": [1.0, 0.0] }], "usage": { "prompt_tokens": 4 } }),
        ),
        (
            ProviderKind::Ollama,
            json!({ "embeddings": [[1.0, 0.0], [0.0, 1.0]], "prompt_eval_count": 4 }),
        ),
        (
            ProviderKind::Cohere,
            json!({ "embeddings": { "float": [[1.0, 0.0], [0.0, 1.0]] }, "meta": { "billed_units": { "input_tokens": 4.0 } } }),
        ),
    ] {
        let steps = vec![
            Step::Head(200, vec![("content-type", "application/json".into())]),
            Step::Chunk(body.to_string().into_bytes()),
            Step::End,
        ];
        let server = Server::always(steps).await;
        let mut settings = speak::settings(kind, &server.url);
        settings.embed_model = Some("e".into());
        let provider = HttpProvider::new(
            &settings,
            &Models::default(),
            &Host::new(speak::environment()),
        );
        let request = Embed {
            inputs: vec!["a".into(), "b".into()],
            query: true,
        };
        let answer = provider.embed(&request).await.unwrap();
        assert_eq!(answer.vectors, [[1.0, 0.0], [0.0, 1.0]], "{kind:?}");
        assert_eq!(answer.usage.input, 4);
        let three = Embed {
            inputs: vec!["a".into(), "b".into(), "c".into()],
            query: false,
        };
        assert!(
            provider.embed(&three).await.is_err(),
            "two vectors for three texts"
        );
    }
}
