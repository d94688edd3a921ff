//! The server of llama.cpp: `/infill` for holes, the `OpenAI` protocol for the rest.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fill::FillPlan;
use super::openai::{OpenAi, set};
use super::request::{Chat, Embed, Embeddings, Event, Fill, Stop, Usage};
use super::status::{failure, words_of};
use super::wire::{Call, Decoder, Fault, Framing, KeyHeader, Record, Wire, read};

/// The wire format; the `OpenAI` part carries the models.
#[derive(Debug, Clone)]
pub(crate) struct LlamaCpp {
    pub(crate) openai: OpenAi,
}

impl Wire for LlamaCpp {
    fn key_header(&self) -> KeyHeader {
        KeyHeader::Bearer
    }

    fn fill(&self, request: &Fill) -> (Call, Box<dyn Decoder>) {
        if self.openai.fill == FillPlan::Chat {
            return self.openai.fill(request);
        }
        let extra: Vec<Value> = request
            .context
            .iter()
            .map(|part| json!({ "filename": part.title, "text": part.text }))
            .collect();
        let mut body = json!({
            "input_prefix": request.prefix,
            "input_suffix": request.suffix,
            "input_extra": extra,
            "n_predict": request.max_tokens,
            "temperature": request.temperature,
            "stream": true,
            "cache_prompt": true,
        });
        if !request.stop.is_empty() {
            set(&mut body, "stop", json!(request.stop));
        }
        (
            Call {
                path: "/infill",
                body,
                framing: Framing::Sse,
            },
            Box::new(InfillDecoder),
        )
    }

    fn chat(&self, request: &Chat) -> (Call, Box<dyn Decoder>) {
        self.openai.chat(request)
    }

    fn embed(&self, request: &Embed) -> Option<Call> {
        self.openai.embed(request)
    }

    fn embeddings(&self, body: &str) -> Result<Embeddings, Fault> {
        self.openai.embeddings(body)
    }
}

#[derive(Deserialize)]
struct Piece {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    stop: bool,
    #[serde(default)]
    stop_type: Option<String>,
    #[serde(default)]
    tokens_predicted: Option<u32>,
    #[serde(default)]
    tokens_evaluated: Option<u32>,
    #[serde(default)]
    error: Option<Value>,
}

struct InfillDecoder;

impl Decoder for InfillDecoder {
    fn record(&mut self, record: &Record, out: &mut Vec<Event>) -> Result<(), Fault> {
        if record.event == "error" {
            let error: Value = read(&record.data)?;
            return Err(reported(&error));
        }
        if record.data.trim() == "[DONE]" {
            out.push(Event::Done(Stop::End));
            return Ok(());
        }
        let piece: Piece = read(&record.data)?;
        if let Some(error) = piece.error {
            return Err(reported(&error));
        }
        if let Some(text) = piece.content.filter(|text| !text.is_empty()) {
            out.push(Event::Text(text));
        }
        if piece.stop {
            let (input, output) = (
                piece.tokens_evaluated.unwrap_or(0),
                piece.tokens_predicted.unwrap_or(0),
            );
            out.push(Event::Usage(Usage {
                input,
                cached: 0,
                output,
            }));
            let limited = piece.stop_type.as_deref() == Some("limit");
            out.push(Event::Done(if limited { Stop::Length } else { Stop::End }));
        }
        Ok(())
    }
}

fn reported(error: &Value) -> Fault {
    let words = words_of(error);
    let status = error
        .get("code")
        .and_then(Value::as_u64)
        .and_then(|code| u16::try_from(code).ok());
    Fault::Reported(failure(status.unwrap_or(500), &words), words)
}
