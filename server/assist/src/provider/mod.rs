//! Providers of language models behind one trait.
//!
//! A wire format (`openai`, `anthropic`, `ollama`, `cohere`, `llamacpp`) is pure: it writes bodies and reads records.
//! `http` moves the bytes, with limits on time and size. A provider is the two together with a key.

mod anthropic;
mod cohere;
mod fill;
mod http;
mod llamacpp;
mod ollama;
mod openai;
mod request;
mod sse;
pub(crate) mod status;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde::Serialize;

pub use http::Host;
pub use request::{
    AnswerSchema, Chat, ContextPart, Embed, Embeddings, Event, EventStream, Fill, Message, Stop,
    Tool, ToolCall, Usage,
};
pub use sse::{LineReader, SseReader};
pub use wire::{Fault, Record};

use crate::error::AiError;
use crate::keys::KeyStore;
use crate::settings::{FillStyle, Models, ProviderKind, ProviderSettings};
use fill::FillPlan;
use http::{Limits, Outgoing};
use openai::{Flavour, OpenAi};
use wire::{Call, Decoder, Wire};

/// What is asked of a model that answers in text.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Fill a hole.
    Fill(Fill),
    /// Continue a conversation.
    Chat(Chat),
}

impl Ask {
    /// Longest answer, in tokens.
    pub fn max_tokens(&self) -> u32 {
        match self {
            Self::Fill(fill) => fill.max_tokens,
            Self::Chat(chat) => chat.max_tokens,
        }
    }

    /// Every text in the request that can hold something private, for rewriting in place.
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Fill(fill) => {
                let context = fill
                    .context
                    .iter_mut()
                    .flat_map(|part| [&mut part.title, &mut part.text]);
                context
                    .chain([&mut fill.prefix, &mut fill.suffix])
                    .collect()
            }
            Self::Chat(chat) => {
                let turns = chat.messages.iter_mut().map(|message| match message {
                    Message::User(text) | Message::Assistant { text, .. } => text,
                    Message::Tool { content, .. } => content,
                });
                chat.system.iter_mut().chain(turns).collect()
            }
        }
    }

    /// All of its text together, for estimating tokens.
    pub fn text_len(&self) -> usize {
        match self {
            Self::Fill(fill) => {
                let context: usize = fill
                    .context
                    .iter()
                    .map(|part| part.title.len() + part.text.len())
                    .sum();
                context + fill.prefix.len() + fill.suffix.len()
            }
            Self::Chat(chat) => {
                let turns = chat.messages.iter().map(|message| match message {
                    Message::User(text) => text.len(),
                    Message::Assistant { text, calls } => {
                        text.len()
                            + calls
                                .iter()
                                .map(|call| call.arguments.to_string().len())
                                .sum::<usize>()
                    }
                    Message::Tool { content, .. } => content.len(),
                });
                let tools = chat
                    .tools
                    .iter()
                    .map(|tool| tool.description.len() + tool.parameters.to_string().len());
                chat.system
                    .iter()
                    .map(String::len)
                    .chain(turns)
                    .chain(tools)
                    .sum()
            }
        }
    }
}

/// What is known about a provider without asking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The name in the settings.
    pub name: String,
    /// The wire format.
    pub kind: ProviderKind,
    /// The model for completion and chat.
    pub model: String,
    /// The model for embeddings.
    pub embed_model: Option<String>,
    /// It runs on this machine: nothing leaves it.
    pub local: bool,
    /// Tools can be offered to the model.
    pub tools: bool,
    /// Longest prompt and answer together, in tokens.
    pub context: u32,
}

/// A request as it would be sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// The provider's name in the settings.
    pub provider: String,
    /// Where it would go.
    pub url: String,
    /// Whether that is another machine.
    pub leaves_this_machine: bool,
    /// The headers; the key's value is replaced by its source.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: String,
}

/// A provider of a language model.
pub trait Provider: Send + Sync {
    /// What is known about it.
    fn about(&self) -> &About;

    /// Starts an answer. Nothing is sent before the stream is polled; dropping it closes the connection.
    fn answer(&self, ask: &Ask) -> EventStream;

    /// Turns texts into vectors.
    fn embed(&self, request: &Embed) -> BoxFuture<'static, Result<Embeddings, AiError>>;

    /// What [`Provider::answer`] would send, without sending it.
    fn preview(&self, ask: &Ask) -> Preview;
}

/// A context window to assume when nothing is known about a model: small, so that no prompt is refused.
const DEFAULT_CONTEXT: u32 = 8192;

/// A provider reached over HTTP.
pub struct HttpProvider {
    about: About,
    base_url: String,
    wire: Arc<dyn Wire>,
    key: Arc<KeyStore>,
    limits: Limits,
    host: Host,
}

impl HttpProvider {
    /// The provider that the settings describe. Nothing is connected and no key is read yet.
    pub fn new(settings: &ProviderSettings, models: &Models, host: &Host) -> Self {
        let model = settings
            .model
            .clone()
            .unwrap_or_else(|| default_model(settings.kind).to_owned());
        let facts = models.find(&model);
        let local = settings.is_local();
        let openai = |flavour, fallback| OpenAi {
            flavour,
            model: model.clone(),
            embed_model: settings.embed_model.clone(),
            fill: FillPlan::choose(settings.fill, facts, fallback),
        };
        let wire: Arc<dyn Wire> = match settings.kind {
            ProviderKind::OpenAi => {
                let official = settings.base_url().starts_with("https://api.openai.com");
                let flavour = if official {
                    Flavour::Official
                } else {
                    Flavour::Compatible
                };
                Arc::new(openai(flavour, FillStyle::Chat))
            }
            ProviderKind::Mistral => Arc::new(openai(Flavour::Mistral, FillStyle::Suffix)),
            ProviderKind::LlamaCpp => Arc::new(llamacpp::LlamaCpp {
                openai: openai(Flavour::LlamaCpp, FillStyle::Suffix),
            }),
            ProviderKind::Anthropic => Arc::new(anthropic::Anthropic {
                model: model.clone(),
            }),
            ProviderKind::Ollama => Arc::new(ollama::Ollama {
                model: model.clone(),
                embed_model: settings.embed_model.clone(),
                fill: FillPlan::choose(settings.fill, facts, FillStyle::Suffix),
            }),
            ProviderKind::Cohere => Arc::new(cohere::Cohere {
                model: model.clone(),
                embed_model: settings.embed_model.clone(),
            }),
        };
        let about = About {
            name: settings.name.clone(),
            kind: settings.kind,
            embed_model: settings.embed_model.clone(),
            local,
            tools: wire.has_tools(),
            context: facts
                .and_then(|facts| facts.context)
                .unwrap_or(DEFAULT_CONTEXT),
            model,
        };
        let default_wait = if local { 30_000 } else { 15_000 };
        let limits = Limits {
            first_byte: Duration::from_millis(settings.first_byte_ms.unwrap_or(default_wait)),
            idle: Duration::from_millis(settings.idle_ms.unwrap_or(15_000)),
            ..Limits::default()
        };
        let key = Arc::new(KeyStore::new(settings, host.environment()));
        Self {
            about,
            base_url: settings.base_url().to_owned(),
            wire,
            key,
            limits,
            host: host.clone(),
        }
    }

    fn outgoing(&self, call: &Call) -> Outgoing {
        Outgoing {
            name: self.about.name.clone(),
            url: format!("{}{}", self.base_url, call.path),
            local: self.about.local,
            key: Arc::clone(&self.key),
            key_header: self.wire.key_header(),
            headers: self.wire.headers(),
            body: call.body.to_string(),
            framing: call.framing,
            limits: self.limits,
            host: self.host.clone(),
        }
    }

    fn call(&self, ask: &Ask) -> (Call, Box<dyn Decoder>) {
        match ask {
            Ask::Fill(fill) => self.wire.fill(fill),
            Ask::Chat(chat) => self.wire.chat(chat),
        }
    }
}

impl Provider for HttpProvider {
    fn about(&self) -> &About {
        &self.about
    }

    fn answer(&self, ask: &Ask) -> EventStream {
        let (call, decoder) = self.call(ask);
        self.outgoing(&call).stream(decoder)
    }

    fn embed(&self, request: &Embed) -> BoxFuture<'static, Result<Embeddings, AiError>> {
        use crate::error::Failure;
        let name = self.about.name.clone();
        let Some(call) = self.wire.embed(request) else {
            let error = AiError::new(Failure::Unsupported, &name, "no embed_model is configured");
            return Box::pin(async move { Err(error) });
        };
        let expected = request.inputs.len();
        let outgoing = self.outgoing(&call);
        let wire = Arc::clone(&self.wire);
        Box::pin(async move {
            let body = outgoing.whole().await?;
            let answer = wire
                .embeddings(&body)
                .map_err(|fault| http::fault_error(&name, fault))?;
            if answer.vectors.len() == expected {
                Ok(answer)
            } else {
                Err(AiError::new(
                    Failure::Malformed,
                    &name,
                    "not as many vectors as texts",
                ))
            }
        })
    }

    fn preview(&self, ask: &Ask) -> Preview {
        let (call, _) = self.call(ask);
        self.outgoing(&call).preview()
    }
}

/// The model to ask for when the settings name none.
fn default_model(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::OpenAi => "gpt-4.1-mini",
        ProviderKind::Anthropic => "claude-haiku-4-5",
        ProviderKind::Ollama => "qwen2.5-coder:1.5b",
        ProviderKind::Cohere => "command-a-03-2025",
        ProviderKind::Mistral => "codestral-latest",
        // One server serves one model; the name is not looked at.
        ProviderKind::LlamaCpp => "default",
    }
}
