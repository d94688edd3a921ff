//! Cohere's protocol, version 2.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fill;
use super::openai::{MAX_CALLS, OpenCall, set, tools};
use super::request::{Chat, Embed, Embeddings, Event, Fill, Message, Stop, Usage};
use super::status::{failure, words_of};
use super::wire::{Call, Decoder, Fault, Framing, KeyHeader, Record, Wire, checked_vectors, read};

/// The wire format with the models that it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Cohere {
    pub(crate) model: String,
    pub(crate) embed_model: Option<String>,
}

impl Wire for Cohere {
    fn key_header(&self) -> KeyHeader {
        KeyHeader::Bearer
    }

    fn fill(&self, request: &Fill) -> (Call, Box<dyn Decoder>) {
        self.chat(&fill::as_chat(request))
    }

    fn chat(&self, request: &Chat) -> (Call, Box<dyn Decoder>) {
        let mut body = json!({
            "model": self.model,
            "messages": messages(request),
            "stream": true,
            "max_tokens": request.max_tokens,
            "temperature": request.temperature.clamp(0.0, 1.0),
        });
        if !request.stop.is_empty() {
            set(
                &mut body,
                "stop_sequences",
                json!(request.stop.iter().take(5).collect::<Vec<_>>()),
            );
        }
        if !request.tools.is_empty() {
            set(&mut body, "tools", tools(request));
        }
        if let Some(schema) = &request.schema {
            set(
                &mut body,
                "response_format",
                json!({ "type": "json_object", "json_schema": schema.schema }),
            );
        }
        (
            Call {
                path: "/v2/chat",
                body,
                framing: Framing::Sse,
            },
            Box::new(CohereDecoder::default()),
        )
    }

    fn embed(&self, request: &Embed) -> Option<Call> {
        let model = self.embed_model.as_deref()?;
        let body = json!({
            "model": model,
            "texts": request.inputs,
            "input_type": if request.query { "search_query" } else { "search_document" },
            "embedding_types": ["float"],
        });
        Some(Call {
            path: "/v2/embed",
            body,
            framing: Framing::Lines,
        })
    }

    fn embeddings(&self, body: &str) -> Result<Embeddings, Fault> {
        #[derive(Deserialize)]
        struct Answer {
            embeddings: ByType,
            #[serde(default)]
            meta: Option<Meta>,
        }
        #[derive(Deserialize)]
        struct ByType {
            float: Vec<Vec<f32>>,
        }
        #[derive(Deserialize)]
        struct Meta {
            #[serde(default)]
            billed_units: Option<Tokens>,
        }
        let answer: Answer = read(body)?;
        let tokens = answer
            .meta
            .and_then(|meta| meta.billed_units)
            .unwrap_or_default();
        Ok(Embeddings {
            vectors: checked_vectors(answer.embeddings.float)?,
            usage: tokens.usage(),
        })
    }
}

fn messages(request: &Chat) -> Value {
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        messages.push(json!({ "role": "system", "content": request.system.join("\n\n") }));
    }
    for message in &request.messages {
        messages.push(match message {
            Message::User(text) => json!({ "role": "user", "content": text }),
            Message::Assistant { text, calls } if calls.is_empty() => json!({ "role": "assistant", "content": text }),
            Message::Assistant { text, calls } => {
                let calls: Value = calls
                    .iter()
                    .map(|call| {
                        json!({
                            "id": call.id,
                            "type": "function",
                            "function": { "name": call.name, "arguments": call.arguments.to_string() },
                        })
                    })
                    .collect();
                json!({ "role": "assistant", "tool_plan": text, "tool_calls": calls })
            }
            Message::Tool { id, content, .. } => json!({ "role": "tool", "tool_call_id": id, "content": content }),
        });
    }
    Value::Array(messages)
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Item {
    ContentStart {
        #[serde(default)]
        delta: Option<MessageHolder>,
    },
    ContentDelta {
        delta: MessageHolder,
    },
    ToolPlanDelta {},
    ToolCallStart {
        delta: MessageHolder,
    },
    ToolCallDelta {
        delta: MessageHolder,
    },
    ToolCallEnd {},
    MessageEnd {
        delta: Ended,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct MessageHolder {
    message: Piece,
}

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    content: Option<TextPiece>,
    #[serde(default)]
    tool_calls: Option<CallPiece>,
}

#[derive(Deserialize)]
struct TextPiece {
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
struct CallPiece {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: FunctionPiece,
}

#[derive(Deserialize, Default)]
struct FunctionPiece {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct Ended {
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    usage: Option<WireUsage>,
}

#[derive(Deserialize)]
struct WireUsage {
    #[serde(default)]
    billed_units: Option<Tokens>,
    #[serde(default)]
    tokens: Option<Tokens>,
}

#[derive(Deserialize, Default, Clone, Copy)]
struct Tokens {
    #[serde(default)]
    input_tokens: f64,
    #[serde(default)]
    output_tokens: f64,
}

impl Tokens {
    fn usage(self) -> Usage {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let whole = |tokens: f64| tokens.clamp(0.0, f64::from(u32::MAX)) as u32;
        Usage {
            input: whole(self.input_tokens),
            cached: 0,
            output: whole(self.output_tokens),
        }
    }
}

/// A whole answer, from a server that does not stream.
#[derive(Deserialize)]
struct Whole {
    message: WholeMessage,
    finish_reason: String,
}

#[derive(Deserialize)]
struct WholeMessage {
    #[serde(default)]
    content: Vec<TextPiece>,
}

#[derive(Default)]
struct CohereDecoder {
    open: Option<OpenCall>,
    calls: usize,
}

fn stop(reason: Option<&str>) -> Stop {
    match reason {
        Some("MAX_TOKENS") => Stop::Length,
        Some("TOOL_CALL") => Stop::Calls,
        Some("ERROR_TOXIC") => Stop::Declined,
        _ => Stop::End,
    }
}

impl Decoder for CohereDecoder {
    fn record(&mut self, record: &Record, out: &mut Vec<Event>) -> Result<(), Fault> {
        let value: Value = read(&record.data)?;
        if value.get("type").is_none() {
            if value.get("finish_reason").is_some() {
                let whole: Whole = read(&record.data)?;
                out.extend(
                    whole
                        .message
                        .content
                        .into_iter()
                        .filter_map(|piece| piece.text)
                        .map(Event::Text),
                );
                out.push(Event::Done(stop(Some(&whole.finish_reason))));
                return Ok(());
            }
            let words = words_of(&value);
            if words.is_empty() || !value.is_object() {
                return Err(Fault::malformed("an event without a type"));
            }
            return Err(Fault::Reported(failure(500, &words), words));
        }
        match read::<Item>(&record.data)? {
            Item::ContentStart { delta: Some(delta) } | Item::ContentDelta { delta } => {
                let text = delta
                    .message
                    .content
                    .and_then(|content| content.text)
                    .unwrap_or_default();
                if !text.is_empty() {
                    out.push(Event::Text(text));
                }
            }
            Item::ToolCallStart { delta } => {
                let piece = delta.message.tool_calls;
                let piece = piece.ok_or_else(|| Fault::malformed("a tool call without a call"))?;
                self.calls += 1;
                if self.calls > MAX_CALLS {
                    return Err(Fault::malformed("too many tool calls"));
                }
                self.open = Some(OpenCall {
                    id: piece.id.unwrap_or_default(),
                    name: piece.function.name.unwrap_or_default(),
                    arguments: piece.function.arguments.unwrap_or_default(),
                });
            }
            Item::ToolCallDelta { delta } => {
                let open = self.open.as_mut();
                let open =
                    open.ok_or_else(|| Fault::malformed("arguments of a call that never began"))?;
                let arguments = delta
                    .message
                    .tool_calls
                    .and_then(|piece| piece.function.arguments);
                open.arguments.push_str(&arguments.unwrap_or_default());
            }
            Item::ToolCallEnd {} => {
                if let Some(call) = self.open.take() {
                    out.push(Event::Call(call.close()?));
                }
            }
            Item::MessageEnd { delta } => {
                if let Some(tokens) = delta
                    .usage
                    .and_then(|usage| usage.billed_units.or(usage.tokens))
                {
                    out.push(Event::Usage(tokens.usage()));
                }
                if delta.finish_reason.as_deref() == Some("ERROR") {
                    let words = delta.error.unwrap_or_default();
                    return Err(Fault::Reported(failure(500, &words), words));
                }
                out.push(Event::Done(stop(delta.finish_reason.as_deref())));
            }
            Item::ContentStart { delta: None } | Item::ToolPlanDelta {} | Item::Other => {}
        }
        Ok(())
    }
}
