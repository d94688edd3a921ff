//! The seam between what is asked and one provider's protocol. A wire format is pure: it writes bodies and reads
//! records; sockets, time and keys are the business of `http`.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::request::{Chat, Embed, Embeddings, Event, Fill};
use crate::error::Failure;

/// One unit of a stream: a server-sent event, or a line of JSON (then `event` is empty).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The event's name, often empty.
    pub event: String,
    /// The payload.
    pub data: String,
}

/// How a stream is cut into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Sse,
    Lines,
}

/// A request as it will be sent, but for the key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    /// Appended to the base URL.
    pub(crate) path: &'static str,
    pub(crate) body: Value,
    pub(crate) framing: Framing,
}

/// The header that carries the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyHeader {
    Bearer,
    XApiKey,
}

/// What a wire format finds wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not what the protocol says; why.
    Malformed(String),
    /// Larger than we accept.
    Oversized,
    /// The stream ended before the answer did.
    Interrupted,
    /// The provider says inside the stream that something failed.
    Reported(Failure, String),
}

impl Fault {
    pub(crate) fn malformed(why: &str) -> Self {
        Self::Malformed(why.to_owned())
    }
}

/// Turns the records of one answer into events.
pub(crate) trait Decoder: Send {
    /// Reads one record. After an `Event::Done` nothing more is read.
    fn record(&mut self, record: &Record, out: &mut Vec<Event>) -> Result<(), Fault>;

    /// The stream ended without an `Event::Done`.
    fn end(&mut self, _out: &mut Vec<Event>) -> Result<(), Fault> {
        Err(Fault::Interrupted)
    }
}

/// A provider's protocol.
pub(crate) trait Wire: Send + Sync {
    fn key_header(&self) -> KeyHeader;
    /// Headers that every request carries.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    fn fill(&self, request: &Fill) -> (Call, Box<dyn Decoder>);
    fn chat(&self, request: &Chat) -> (Call, Box<dyn Decoder>);
    /// `None`: the provider has no embeddings, or no model for them is configured.
    fn embed(&self, request: &Embed) -> Option<Call>;
    fn embeddings(&self, body: &str) -> Result<Embeddings, Fault>;
    /// Whether the model may call tools through this protocol.
    fn has_tools(&self) -> bool {
        true
    }
}

/// Reads JSON of a known shape; the fault names what did not fit, never the content.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| {
        let why = match error.classify() {
            serde_json::error::Category::Data => "a field has the wrong type",
            serde_json::error::Category::Eof => "JSON breaks off",
            _ => "not JSON",
        };
        Fault::malformed(why)
    })
}

/// Checks that there is one vector per text, all of one length, all numbers finite.
pub(crate) fn checked_vectors(vectors: Vec<Vec<f32>>) -> Result<Vec<Vec<f32>>, Fault> {
    let length = vectors.first().map_or(0, Vec::len);
    if length == 0 || vectors.iter().any(|vector| vector.len() != length) {
        return Err(Fault::malformed("vectors of different lengths"));
    }
    if vectors.iter().flatten().any(|number| !number.is_finite()) {
        return Err(Fault::malformed(
            "a vector holds something that is not a number",
        ));
    }
    Ok(vectors)
}
