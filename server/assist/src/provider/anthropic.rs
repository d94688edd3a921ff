//! Anthropic's Messages protocol.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::fill;
use super::openai::{MAX_CALLS, OpenCall, set};
use super::request::{Chat, Embed, Embeddings, Event, Fill, Message, Stop, Usage};
use super::status::{failure, words_of};
use super::wire::{Call, Decoder, Fault, Framing, KeyHeader, Record, Wire, read};

/// The wire format with the model that it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Anthropic {
    pub(crate) model: String,
}

impl Wire for Anthropic {
    fn key_header(&self) -> KeyHeader {
        KeyHeader::XApiKey
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
    }

    fn fill(&self, request: &Fill) -> (Call, Box<dyn Decoder>) {
        self.chat(&fill::as_chat(request))
    }

    fn chat(&self, request: &Chat) -> (Call, Box<dyn Decoder>) {
        let mut body = json!({
            "model": self.model,
            "max_tokens": request.max_tokens.max(1),
            "messages": messages(request),
            "stream": true,
            "temperature": request.temperature.clamp(0.0, 1.0),
        });
        if !request.system.is_empty() {
            set(&mut body, "system", system(request));
        }
        // The protocol refuses stop texts of blanks alone.
        let stop: Vec<&String> = request
            .stop
            .iter()
            .filter(|stop| !stop.trim().is_empty())
            .collect();
        if !stop.is_empty() {
            set(&mut body, "stop_sequences", json!(stop));
        }
        let mut tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters }))
            .collect();
        let mut answer_tool = None;
        if let Some(schema) = &request.schema {
            // A tool that the model must call is how this protocol guarantees a shape.
            tools.push(json!({ "name": schema.name, "description": "The answer.", "input_schema": schema.schema }));
            set(
                &mut body,
                "tool_choice",
                json!({ "type": "tool", "name": schema.name }),
            );
            answer_tool = Some(schema.name.clone());
        }
        if !tools.is_empty() {
            set(&mut body, "tools", Value::Array(tools));
        }
        let call = Call {
            path: "/v1/messages",
            body,
            framing: Framing::Sse,
        };
        (
            call,
            Box::new(AnthropicDecoder {
                answer_tool,
                ..AnthropicDecoder::default()
            }),
        )
    }

    fn embed(&self, _request: &Embed) -> Option<Call> {
        None
    }

    fn embeddings(&self, _body: &str) -> Result<Embeddings, Fault> {
        Err(Fault::malformed("this protocol has no embeddings"))
    }
}

/// The instructions; the provider keeps everything up to the mark in its cache.
fn system(request: &Chat) -> Value {
    let last = request.system.len().saturating_sub(1);
    request
        .system
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let mut part = json!({ "type": "text", "text": text });
            if index == last {
                set(&mut part, "cache_control", json!({ "type": "ephemeral" }));
            }
            part
        })
        .collect()
}

fn messages(request: &Chat) -> Value {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        let (role, parts) = match message {
            Message::User(text) => ("user", vec![json!({ "type": "text", "text": text })]),
            Message::Assistant { text, calls } => {
                let mut parts = Vec::new();
                if !text.trim().is_empty() {
                    parts.push(json!({ "type": "text", "text": text.trim_end() }));
                }
                parts.extend(calls.iter().map(|call| {
                    json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments })
                }));
                ("assistant", parts)
            }
            Message::Tool {
                id,
                content,
                failed,
                ..
            } => (
                "user",
                vec![
                    json!({ "type": "tool_result", "tool_use_id": id, "content": content, "is_error": failed }),
                ],
            ),
        };
        // Roles must alternate: the results of several calls are one turn.
        match turns.last_mut() {
            Some((last, open)) if *last == role => open.extend(parts),
            _ => turns.push((role, parts)),
        }
    }
    turns
        .into_iter()
        .filter(|(_, parts)| !parts.is_empty())
        .map(|(role, content)| json!({ "role": role, "content": content }))
        .collect()
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    MessageStart {
        message: Started,
    },
    ContentBlockStart {
        index: usize,
        content_block: Block,
    },
    ContentBlockDelta {
        index: usize,
        delta: BlockDelta,
    },
    ContentBlockStop {
        index: usize,
    },
    MessageDelta {
        delta: MessageDelta,
        #[serde(default)]
        usage: Option<WireUsage>,
    },
    MessageStop,
    Error {
        error: Value,
    },
    /// A whole answer, from a server that does not stream.
    Message {
        content: Vec<Block>,
        stop_reason: Option<String>,
        #[serde(default)]
        usage: Option<WireUsage>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Started {
    #[serde(default)]
    usage: Option<WireUsage>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BlockDelta {
    TextDelta {
        text: String,
    },
    InputJsonDelta {
        partial_json: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct MessageDelta {
    #[serde(default)]
    stop_reason: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
struct WireUsage {
    #[serde(default)]
    input_tokens: Option<u32>,
    #[serde(default)]
    output_tokens: Option<u32>,
    #[serde(default)]
    cache_read_input_tokens: Option<u32>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u32>,
}

#[derive(Default)]
struct AnthropicDecoder {
    usage: Usage,
    calls: BTreeMap<usize, OpenCall>,
    stop: Option<Stop>,
    /// The tool whose arguments are the answer's text.
    answer_tool: Option<String>,
}

impl AnthropicDecoder {
    fn usage(&mut self, usage: Option<WireUsage>, out: &mut Vec<Event>) {
        let Some(usage) = usage else { return };
        if let Some(fresh) = usage.input_tokens {
            let read = usage.cache_read_input_tokens.unwrap_or(0);
            self.usage.input = fresh + read + usage.cache_creation_input_tokens.unwrap_or(0);
            self.usage.cached = read;
        }
        if let Some(output) = usage.output_tokens {
            self.usage.output = output;
        }
        out.push(Event::Usage(self.usage));
    }

    fn reason(&mut self, reason: Option<&str>) {
        self.stop = match reason {
            None => self.stop,
            Some("max_tokens" | "model_context_window_exceeded") => Some(Stop::Length),
            Some("tool_use") if self.answer_tool.is_none() => Some(Stop::Calls),
            Some("refusal") => Some(Stop::Declined),
            Some(_) => Some(Stop::End),
        };
    }

    fn close_call(&self, call: OpenCall, out: &mut Vec<Event>) -> Result<(), Fault> {
        if self.answer_tool.as_deref() == Some(call.name.as_str()) {
            out.push(Event::Text(call.close()?.arguments.to_string()));
        } else {
            out.push(Event::Call(call.close()?));
        }
        Ok(())
    }

    fn whole(&mut self, blocks: Vec<Block>, out: &mut Vec<Event>) -> Result<(), Fault> {
        for block in blocks {
            match block {
                Block::Text { text } => out.push(Event::Text(text)),
                Block::ToolUse { id, name, input } => {
                    self.close_call(
                        OpenCall {
                            id,
                            name,
                            arguments: input.to_string(),
                        },
                        out,
                    )?;
                }
                Block::Other => {}
            }
        }
        Ok(())
    }
}

impl Decoder for AnthropicDecoder {
    fn record(&mut self, record: &Record, out: &mut Vec<Event>) -> Result<(), Fault> {
        match read::<Item>(&record.data)? {
            Item::MessageStart { message } => self.usage(message.usage, out),
            Item::ContentBlockStart {
                index,
                content_block,
            } => match content_block {
                Block::Text { text } if !text.is_empty() => out.push(Event::Text(text)),
                Block::ToolUse { id, name, .. } => {
                    if self.calls.len() >= MAX_CALLS {
                        return Err(Fault::malformed("too many tool calls"));
                    }
                    self.calls.insert(
                        index,
                        OpenCall {
                            id,
                            name,
                            arguments: String::new(),
                        },
                    );
                }
                _ => {}
            },
            Item::ContentBlockDelta { index, delta } => match delta {
                BlockDelta::TextDelta { text } => out.push(Event::Text(text)),
                BlockDelta::InputJsonDelta { partial_json } => {
                    let call = self.calls.get_mut(&index);
                    let call = call
                        .ok_or_else(|| Fault::malformed("arguments of a call that never began"))?;
                    call.arguments.push_str(&partial_json);
                }
                BlockDelta::Other => {}
            },
            Item::ContentBlockStop { index } => {
                if let Some(call) = self.calls.remove(&index) {
                    self.close_call(call, out)?;
                }
            }
            Item::MessageDelta { delta, usage } => {
                self.reason(delta.stop_reason.as_deref());
                self.usage(usage, out);
            }
            Item::MessageStop => out.push(Event::Done(self.stop.unwrap_or(Stop::End))),
            Item::Error { error } => {
                let words = words_of(&error);
                let status = match error.get("type").and_then(Value::as_str) {
                    Some("authentication_error" | "permission_error") => 401,
                    Some("rate_limit_error") => 429,
                    Some("not_found_error") => 404,
                    Some("invalid_request_error") => 400,
                    _ => 500,
                };
                return Err(Fault::Reported(failure(status, &words), words));
            }
            Item::Message {
                content,
                stop_reason,
                usage,
            } => {
                self.whole(content, out)?;
                self.usage(usage, out);
                self.reason(stop_reason.as_deref());
                out.push(Event::Done(self.stop.unwrap_or(Stop::End)));
            }
            Item::Other => {}
        }
        Ok(())
    }
}
