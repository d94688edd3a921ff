//! Language models and vector stores for cells, from whoever makes the session: this crate knows of neither.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

/// An answer that is on its way. Dropping it cancels the work.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// Which language models cells may ask.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Models {
    /// None.
    #[default]
    None,
    /// Those that run on this machine.
    Local,
    /// All that the user's settings name.
    Any,
}

/// Who says a part of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// A conversation that a model shall continue.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// What was said so far.
    pub messages: Vec<(Role, String)>,
    /// The name of a provider or of a model; without it, the first of the settings answers.
    pub model: Option<String>,
    /// Longest answer, in tokens.
    pub max_tokens: Option<u32>,
    /// 0 for the likeliest answer.
    pub temperature: Option<f64>,
    /// Which models may answer.
    pub reach: Models,
}

/// What a model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The text.
    pub text: String,
    /// The model's name.
    pub model: String,
    /// The provider's name in the settings.
    pub provider: String,
    /// Tokens read.
    pub input_tokens: u32,
    /// Tokens written.
    pub output_tokens: u32,
}

/// Texts as vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// One per text, in their order, all of one length.
    pub vectors: Vec<Vec<f32>>,
    /// Whose vectors they are.
    pub model: String,
}

/// A store of texts that are found by likeness.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreName {
    /// Letters, digits, `-` and `_`.
    pub name: String,
    /// The folder that keeps it; without one it ends with the session.
    pub folder: Option<PathBuf>,
}

/// A text of a store.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its name; one of the same name is replaced.
    pub id: String,
    /// The text.
    pub text: String,
    /// What else is known of it.
    pub metadata: Vec<(String, String)>,
    /// Likeness to what was searched, 1 for the same direction; 0 in what is added.
    pub score: f64,
}

/// Language models and vectors of one session. Errors are one line for people, and hold no key.
pub trait Services: Send + Sync + fmt::Debug {
    /// Lets a model continue a conversation.
    fn chat(&self, conversation: Conversation) -> Answering<'_, Said>;

    /// Turns texts into vectors; `query` says that they are questions. Without a model in reach, a vector of a text's words.
    fn embed(&self, texts: Vec<String>, query: bool, reach: Models) -> Answering<'_, Embedded>;

    /// Adds a text to a store.
    fn add(&self, store: StoreName, entry: Entry, reach: Models) -> Answering<'_, ()>;

    /// The texts of a store that are most like another one, the likest first.
    fn search(
        &self,
        store: StoreName,
        text: String,
        limit: usize,
        reach: Models,
    ) -> Answering<'_, Vec<Entry>>;

    /// A cell is over: what shall be kept is written.
    fn cell_ended(&self) -> Result<(), String>;
}
