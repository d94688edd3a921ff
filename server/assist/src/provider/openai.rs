//! The protocol of `OpenAI`'s API and of the many servers that speak it; with Mistral's differences.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fill::{self, FillPlan};
use super::request::{Chat, Embed, Embeddings, Event, Fill, Message, Stop, ToolCall, Usage};
use super::status::{failure, words_of};
use super::wire::{Call, Decoder, Fault, Framing, KeyHeader, Record, Wire, checked_vectors, read};

/// Which server of the family it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// `OpenAI` itself, whose newer models want `max_completion_tokens`.
    Official,
    /// A server that imitates it.
    Compatible,
    /// Mistral: its own fill endpoint, and no fields that it does not know.
    Mistral,
    /// llama.cpp's server: the protocol lives under `/v1`.
    LlamaCpp,
}

/// The wire format with the models that it asks for.
#[derive(Debug, Clone)]
pub(crate) struct OpenAi {
    pub(crate) flavour: Flavour,
    pub(crate) model: String,
    pub(crate) embed_model: Option<String>,
    pub(crate) fill: FillPlan,
}

impl OpenAi {
    /// The provider's own reasoning models refuse a temperature.
    fn reasons(&self) -> bool {
        let mut name = self.model.chars();
        let series = name.next() == Some('o') && name.next().is_some_and(|c| c.is_ascii_digit());
        self.flavour == Flavour::Official && (series || self.model.starts_with("gpt-5"))
    }

    pub(crate) fn chat_call(&self, request: &Chat) -> Call {
        let mut body = json!({
            "model": self.model,
            "messages": messages(request),
            "stream": true,
        });
        if !self.reasons() {
            set(&mut body, "temperature", json!(request.temperature));
        }
        let limit = if self.flavour == Flavour::Official {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        set(&mut body, limit, json!(request.max_tokens));
        if self.flavour != Flavour::Mistral {
            set(
                &mut body,
                "stream_options",
                json!({ "include_usage": true }),
            );
        }
        if !request.stop.is_empty() {
            set(
                &mut body,
                "stop",
                json!(request.stop.iter().take(4).collect::<Vec<_>>()),
            );
        }
        if !request.tools.is_empty() {
            set(&mut body, "tools", tools(request));
        }
        if let Some(schema) = &request.schema {
            let format = json!({
                "type": "json_schema",
                "json_schema": { "name": schema.name, "schema": schema.schema, "strict": true },
            });
            set(&mut body, "response_format", format);
        }
        let path = if self.flavour == Flavour::LlamaCpp {
            "/v1/chat/completions"
        } else {
            "/chat/completions"
        };
        Call {
            path,
            body,
            framing: Framing::Sse,
        }
    }

    fn completion_call(
        &self,
        request: &Fill,
        prompt: &str,
        suffix: Option<&str>,
        stop: &[String],
    ) -> Call {
        let mut body = json!({
            "model": self.model,
            "prompt": prompt,
            "stream": true,
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
        });
        if let Some(suffix) = suffix {
            set(&mut body, "suffix", json!(suffix));
        }
        if !stop.is_empty() {
            set(
                &mut body,
                "stop",
                json!(stop.iter().take(4).collect::<Vec<_>>()),
            );
        }
        let path = match self.flavour {
            Flavour::Mistral => "/fim/completions",
            Flavour::LlamaCpp => "/v1/completions",
            _ => "/completions",
        };
        Call {
            path,
            body,
            framing: Framing::Sse,
        }
    }
}

impl Wire for OpenAi {
    fn key_header(&self) -> KeyHeader {
        KeyHeader::Bearer
    }

    fn fill(&self, request: &Fill) -> (Call, Box<dyn Decoder>) {
        let call = match &self.fill {
            FillPlan::Suffix => {
                let prompt = fill::prompt_with_context(request);
                self.completion_call(request, &prompt, Some(&request.suffix), &request.stop)
            }
            FillPlan::Template { template, stop } => {
                let prompt = fill::templated(template, request);
                let stop: Vec<String> = stop.iter().chain(&request.stop).cloned().collect();
                self.completion_call(request, &prompt, None, &stop)
            }
            FillPlan::Chat => self.chat_call(&fill::as_chat(request)),
        };
        (call, Box::new(OpenAiDecoder::default()))
    }

    fn chat(&self, request: &Chat) -> (Call, Box<dyn Decoder>) {
        (self.chat_call(request), Box::new(OpenAiDecoder::default()))
    }

    fn embed(&self, request: &Embed) -> Option<Call> {
        let model = self.embed_model.as_deref()?;
        let path = if self.flavour == Flavour::LlamaCpp {
            "/v1/embeddings"
        } else {
            "/embeddings"
        };
        Some(Call {
            path,
            body: json!({ "model": model, "input": request.inputs }),
            framing: Framing::Lines,
        })
    }

    fn embeddings(&self, body: &str) -> Result<Embeddings, Fault> {
        #[derive(Deserialize)]
        struct Answer {
            data: Vec<Item>,
            #[serde(default)]
            usage: Option<WireUsage>,
        }
        #[derive(Deserialize)]
        struct Item {
            embedding: Vec<f32>,
            #[serde(default)]
            index: usize,
        }
        let mut answer: Answer = read(body)?;
        answer.data.sort_by_key(|item| item.index);
        let vectors =
            checked_vectors(answer.data.into_iter().map(|item| item.embedding).collect())?;
        Ok(Embeddings {
            vectors,
            usage: answer.usage.map(WireUsage::usage).unwrap_or_default(),
        })
    }
}

pub(super) fn set(body: &mut Value, key: &str, value: Value) {
    if let Some(map) = body.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

pub(super) fn tools(request: &Chat) -> Value {
    request
        .tools
        .iter()
        .map(|tool| {
            json!({
                "type": "function",
                "function": { "name": tool.name, "description": tool.description, "parameters": tool.parameters },
            })
        })
        .collect()
}

pub(super) fn messages(request: &Chat) -> Value {
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        messages.push(json!({ "role": "system", "content": request.system.join("\n\n") }));
    }
    for message in &request.messages {
        messages.push(match message {
            Message::User(text) => json!({ "role": "user", "content": text }),
            Message::Assistant { text, calls } => {
                let mut turn = json!({ "role": "assistant", "content": text });
                if !calls.is_empty() {
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
                    set(&mut turn, "tool_calls", calls);
                }
                turn
            }
            Message::Tool { id, name, content, .. } => {
                json!({ "role": "tool", "tool_call_id": id, "name": name, "content": content })
            }
        });
    }
    Value::Array(messages)
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<WireUsage>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    text: Option<String>,
    #[serde(default, alias = "message")]
    delta: Option<Delta>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Delta {
    #[serde(default)]
    content: Option<Content>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallPiece>>,
}

/// A text, or (Mistral's reasoning models) typed pieces.
#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Pieces(Vec<ContentPiece>),
}

#[derive(Deserialize)]
struct ContentPiece {
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
struct CallPiece {
    #[serde(default)]
    index: Option<usize>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<FunctionPiece>,
}

#[derive(Deserialize)]
struct FunctionPiece {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<Value>,
}

#[derive(Deserialize)]
struct WireUsage {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
}

#[derive(Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Option<u32>,
}

impl WireUsage {
    fn usage(self) -> Usage {
        let cached = self
            .prompt_tokens_details
            .and_then(|details| details.cached_tokens)
            .unwrap_or(0);
        Usage {
            input: self.prompt_tokens,
            cached,
            output: self.completion_tokens,
        }
    }
}

/// A call while its arguments arrive in pieces.
#[derive(Debug, Default)]
pub(super) struct OpenCall {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) arguments: String,
}

impl OpenCall {
    /// The call; no arguments at all mean an empty object.
    pub(super) fn close(self) -> Result<ToolCall, Fault> {
        let text = if self.arguments.trim().is_empty() {
            "{}"
        } else {
            &self.arguments
        };
        let arguments: Value = read(text)?;
        if !arguments.is_object() || self.name.is_empty() {
            return Err(Fault::malformed(
                "a tool call without a name or without arguments by name",
            ));
        }
        Ok(ToolCall {
            id: self.id,
            name: self.name,
            arguments,
        })
    }
}

/// How many calls one answer may hold; more is a fault, not a plan.
pub(super) const MAX_CALLS: usize = 64;

/// Reads chat and completion chunks alike, and whole answers from servers that do not stream.
#[derive(Default)]
pub(crate) struct OpenAiDecoder {
    calls: Vec<OpenCall>,
    stop: Option<Stop>,
}

impl OpenAiDecoder {
    fn calls(&mut self, pieces: Vec<CallPiece>) -> Result<(), Fault> {
        for (position, piece) in pieces.into_iter().enumerate() {
            let index = piece.index.unwrap_or(position);
            if index >= MAX_CALLS {
                return Err(Fault::malformed("too many tool calls"));
            }
            while self.calls.len() <= index {
                self.calls.push(OpenCall::default());
            }
            let Some(call) = self.calls.get_mut(index) else {
                continue;
            };
            if let Some(id) = piece.id.filter(|id| !id.is_empty()) {
                call.id = id;
            }
            let Some(function) = piece.function else {
                continue;
            };
            if let Some(name) = function.name {
                call.name.push_str(&name);
            }
            match function.arguments {
                Some(Value::String(text)) => call.arguments.push_str(&text),
                Some(Value::Null) | None => {}
                Some(value) => call.arguments.push_str(&value.to_string()),
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<(), Fault> {
        let Some(stop) = self.stop else {
            return Err(Fault::Interrupted);
        };
        for call in std::mem::take(&mut self.calls) {
            out.push(Event::Call(call.close()?));
        }
        out.push(Event::Done(stop));
        Ok(())
    }
}

impl Decoder for OpenAiDecoder {
    fn record(&mut self, record: &Record, out: &mut Vec<Event>) -> Result<(), Fault> {
        if record.data.trim() == "[DONE]" {
            // A server that says so without a reason has nevertheless finished.
            self.stop = self.stop.or(Some(Stop::End));
            return self.finish(out);
        }
        let chunk: Chunk = read(&record.data)?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let words = words_of(&error);
            let status = error
                .get("code")
                .and_then(Value::as_u64)
                .and_then(|code| u16::try_from(code).ok());
            return Err(Fault::Reported(
                failure(status.unwrap_or(500), &words),
                words,
            ));
        }
        if let Some(usage) = chunk.usage {
            out.push(Event::Usage(usage.usage()));
        }
        for choice in chunk.choices.into_iter().take(1) {
            if let Some(text) = choice.text.filter(|text| !text.is_empty()) {
                out.push(Event::Text(text));
            }
            if let Some(delta) = choice.delta {
                let text = match delta.content {
                    Some(Content::Text(text)) => text,
                    Some(Content::Pieces(pieces)) => {
                        pieces.into_iter().filter_map(|piece| piece.text).collect()
                    }
                    None => String::new(),
                };
                if !text.is_empty() {
                    out.push(Event::Text(text));
                }
                if let Some(words) = delta.refusal.filter(|words| !words.is_empty()) {
                    return Err(Fault::Reported(crate::error::Failure::Declined, words));
                }
                self.calls(delta.tool_calls.unwrap_or_default())?;
            }
            match choice.finish_reason.as_deref() {
                None | Some("") => {}
                Some("length" | "model_length") => self.stop = Some(Stop::Length),
                Some("tool_calls" | "function_call") => self.stop = Some(Stop::Calls),
                Some("content_filter") => self.stop = Some(Stop::Declined),
                Some("error") => {
                    return Err(Fault::Reported(
                        crate::error::Failure::Server,
                        String::new(),
                    ));
                }
                Some(_) => self.stop = Some(Stop::End),
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Fault> {
        self.finish(out)
    }
}
