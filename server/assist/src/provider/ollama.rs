//! Ollama's own protocol: one JSON object a line.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fill::{self, FillPlan};
use super::openai::{set, tools};
use super::request::{Chat, Embed, Embeddings, Event, Fill, Message, Stop, ToolCall, Usage};
use super::status::{failure, words_of};
use super::wire::{Call, Decoder, Fault, Framing, KeyHeader, Record, Wire, checked_vectors, read};

/// The wire format with the models that it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Ollama {
    pub(crate) model: String,
    pub(crate) embed_model: Option<String>,
    pub(crate) fill: FillPlan,
}

impl Wire for Ollama {
    fn key_header(&self) -> KeyHeader {
        KeyHeader::Bearer
    }

    fn fill(&self, request: &Fill) -> (Call, Box<dyn Decoder>) {
        let mut body = json!({ "model": self.model, "stream": true });
        let mut stop = request.stop.clone();
        match &self.fill {
            FillPlan::Suffix => {
                set(
                    &mut body,
                    "prompt",
                    json!(fill::prompt_with_context(request)),
                );
                set(&mut body, "suffix", json!(request.suffix));
            }
            FillPlan::Template {
                template,
                stop: marks,
            } => {
                set(
                    &mut body,
                    "prompt",
                    json!(fill::templated(template, request)),
                );
                set(&mut body, "raw", json!(true));
                stop.extend(marks.iter().cloned());
            }
            FillPlan::Chat => return self.chat(&fill::as_chat(request)),
        }
        set(
            &mut body,
            "options",
            options(request.max_tokens, request.temperature, &stop),
        );
        (
            Call {
                path: "/api/generate",
                body,
                framing: Framing::Lines,
            },
            Box::new(OllamaDecoder::default()),
        )
    }

    fn chat(&self, request: &Chat) -> (Call, Box<dyn Decoder>) {
        let mut body = json!({
            "model": self.model,
            "messages": messages(request),
            "stream": true,
            "options": options(request.max_tokens, request.temperature, &request.stop),
        });
        if !request.tools.is_empty() {
            set(&mut body, "tools", tools(request));
        }
        if let Some(schema) = &request.schema {
            set(&mut body, "format", schema.schema.clone());
        }
        (
            Call {
                path: "/api/chat",
                body,
                framing: Framing::Lines,
            },
            Box::new(OllamaDecoder::default()),
        )
    }

    fn embed(&self, request: &Embed) -> Option<Call> {
        let model = self.embed_model.as_deref()?;
        let body = json!({ "model": model, "input": request.inputs });
        Some(Call {
            path: "/api/embed",
            body,
            framing: Framing::Lines,
        })
    }

    fn embeddings(&self, body: &str) -> Result<Embeddings, Fault> {
        #[derive(Deserialize)]
        struct Answer {
            embeddings: Vec<Vec<f32>>,
            #[serde(default)]
            prompt_eval_count: u32,
        }
        let answer: Answer = read(body)?;
        let usage = Usage {
            input: answer.prompt_eval_count,
            ..Usage::default()
        };
        Ok(Embeddings {
            vectors: checked_vectors(answer.embeddings)?,
            usage,
        })
    }
}

fn options(max_tokens: u32, temperature: f32, stop: &[String]) -> Value {
    json!({ "num_predict": max_tokens, "temperature": temperature, "stop": stop })
}

fn messages(request: &Chat) -> Value {
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        messages.push(json!({ "role": "system", "content": request.system.join("\n\n") }));
    }
    for message in &request.messages {
        messages.push(match message {
            Message::User(text) => json!({ "role": "user", "content": text }),
            Message::Assistant { text, calls } => {
                let calls: Value = calls
                    .iter()
                    .map(|call| json!({ "function": { "name": call.name, "arguments": call.arguments } }))
                    .collect();
                json!({ "role": "assistant", "content": text, "tool_calls": calls })
            }
            Message::Tool { name, content, .. } => json!({ "role": "tool", "tool_name": name, "content": content }),
        });
    }
    Value::Array(messages)
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    response: Option<String>,
    #[serde(default)]
    message: Option<LineMessage>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: Option<u32>,
    #[serde(default)]
    eval_count: Option<u32>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct LineMessage {
    #[serde(default)]
    content: String,
    #[serde(default)]
    tool_calls: Option<Vec<LineCall>>,
}

#[derive(Deserialize)]
struct LineCall {
    #[serde(default)]
    id: Option<String>,
    function: LineFunction,
}

#[derive(Deserialize)]
struct LineFunction {
    name: String,
    #[serde(default)]
    arguments: Value,
}

#[derive(Default)]
struct OllamaDecoder {
    calls: usize,
}

impl Decoder for OllamaDecoder {
    fn record(&mut self, record: &Record, out: &mut Vec<Event>) -> Result<(), Fault> {
        let line: Line = read(&record.data)?;
        if let Some(error) = line.error {
            let words = words_of(&error);
            return Err(Fault::Reported(failure(500, &words), words));
        }
        if let Some(text) = line.response.filter(|text| !text.is_empty()) {
            out.push(Event::Text(text));
        }
        if let Some(message) = line.message {
            if !message.content.is_empty() {
                out.push(Event::Text(message.content));
            }
            for call in message.tool_calls.unwrap_or_default() {
                // The protocol tells calls apart by order; the conversation needs ids.
                self.calls += 1;
                let id = call.id.unwrap_or_else(|| format!("call_{}", self.calls));
                let arguments = if call.function.arguments.is_null() {
                    json!({})
                } else {
                    call.function.arguments
                };
                if !arguments.is_object() {
                    return Err(Fault::malformed("a tool call without arguments by name"));
                }
                out.push(Event::Call(ToolCall {
                    id,
                    name: call.function.name,
                    arguments,
                }));
            }
        }
        if line.done {
            let (input, output) = (
                line.prompt_eval_count.unwrap_or(0),
                line.eval_count.unwrap_or(0),
            );
            out.push(Event::Usage(Usage {
                input,
                cached: 0,
                output,
            }));
            out.push(Event::Done(match line.done_reason.as_deref() {
                Some("length") => Stop::Length,
                _ if self.calls > 0 => Stop::Calls,
                _ => Stop::End,
            }));
        }
        Ok(())
    }
}
