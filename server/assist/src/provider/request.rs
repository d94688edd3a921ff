//! What is asked of a model and what comes back, without a wire format.

use std::pin::Pin;

use futures::Stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::AiError;

/// A hole to be filled.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fill {
    /// What is true of many requests in a row, stable parts first: how the language works, related code.
    pub context: Vec<ContextPart>,
    /// The text before the hole.
    pub prefix: String,
    /// The text after the hole.
    pub suffix: String,
    /// Longest answer, in tokens.
    pub max_tokens: u32,
    /// 0 for the likeliest answer; more for other candidates.
    pub temperature: f32,
    /// Texts that end the answer.
    pub stop: Vec<String>,
}

/// A piece of context with the file or the title that it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContextPart {
    /// A path or a title.
    pub title: String,
    /// The text.
    pub text: String,
}

/// A conversation to be continued.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chat {
    /// Instructions, the most stable part first; providers keep their beginning cached.
    pub system: Vec<String>,
    /// What was said so far.
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// The shape that the answer must have.
    pub schema: Option<AnswerSchema>,
    /// Longest answer, in tokens.
    pub max_tokens: u32,
    /// 0 for the likeliest answer.
    pub temperature: f32,
    /// Texts that end the answer.
    pub stop: Vec<String>,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// The user's words.
    User(String),
    /// The model's words and calls.
    Assistant {
        /// The words.
        text: String,
        /// The calls.
        calls: Vec<ToolCall>,
    },
    /// What a call gave.
    Tool {
        /// The call's id.
        id: String,
        /// The tool's name.
        name: String,
        /// The result, or the error's text.
        content: String,
        /// The call failed.
        failed: bool,
    },
}

/// Something that the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name, letters, digits and `_`.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// A call that the model asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Repeated with the result.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments, an object.
    pub arguments: Value,
}

/// JSON Schema of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerSchema {
    /// A name for it.
    pub name: String,
    /// The schema, an object.
    pub schema: Value,
}

/// Texts to be turned into vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embed {
    /// The texts.
    pub inputs: Vec<String>,
    /// The texts are questions, not what is searched; some models tell them apart.
    pub query: bool,
}

/// Vectors, in the order of the texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// One per text, all of one length.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub usage: Usage,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// More text.
    Text(String),
    /// A complete call.
    Call(ToolCall),
    /// Tokens so far; the last one counts.
    Usage(Usage),
    /// The answer is complete.
    Done(Stop),
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The model had no more to say, or met a stop text.
    End,
    /// The limit of tokens was reached: the text is cut.
    Length,
    /// The model waits for the results of its calls.
    Calls,
    /// The provider withheld the answer.
    Declined,
}

/// Tokens of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read, cached ones included.
    pub input: u32,
    /// Tokens that the provider had in its cache.
    pub cached: u32,
    /// Tokens written.
    pub output: u32,
}

/// An answer while it arrives. Dropping it closes the connection. After `Done` or an error nothing follows.
pub type EventStream = Pin<Box<dyn Stream<Item = Result<Event, AiError>> + Send>>;
