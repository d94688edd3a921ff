//! What the user configured: providers, which of them serves which task, limits and privacy.
//!
//! Settings come in layers. A workspace's file is written by whoever wrote the workspace, so it may choose among
//! what the user has configured and may add providers without a key, but it can name neither a key nor a command,
//! nor point a provider that has a key at another address.

mod layer;
mod models;

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

pub use layer::{Layer, Problem};
pub use models::{FillStyle, ModelFacts, Models, Price};

/// The wire format that a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderKind {
    /// `OpenAI` and everything that speaks its protocol: Groq, vLLM, LM Studio, Ollama's `/v1`, llama.cpp's `/v1`.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// Ollama's own protocol.
    Ollama,
    /// Cohere, version 2.
    Cohere,
    /// Mistral, with Codestral's fill-in-the-middle.
    Mistral,
    /// The server of llama.cpp, with `/infill`.
    LlamaCpp,
}

impl ProviderKind {
    /// The name used in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
            Self::Cohere => "cohere",
            Self::Mistral => "mistral",
            Self::LlamaCpp => "llamacpp",
        }
    }

    /// Where the provider is when the settings do not say.
    pub fn default_base_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Ollama => "http://127.0.0.1:11434",
            Self::Cohere => "https://api.cohere.com",
            Self::Mistral => "https://api.mistral.ai/v1",
            Self::LlamaCpp => "http://127.0.0.1:8080",
        }
    }

    /// The environment variable that conventionally holds the key.
    pub fn default_key_env(self) -> Option<&'static str> {
        match self {
            Self::OpenAi => Some("OPENAI_API_KEY"),
            Self::Anthropic => Some("ANTHROPIC_API_KEY"),
            Self::Cohere => Some("CO_API_KEY"),
            Self::Mistral => Some("MISTRAL_API_KEY"),
            Self::Ollama | Self::LlamaCpp => None,
        }
    }
}

/// A command that prints a key on its first line: a shell line, or a program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum KeyCommand {
    /// Run by the shell.
    Shell(String),
    /// Run directly.
    Program(Vec<String>),
}

/// One `[[ai.providers]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSettings {
    /// The name that `[ai.tasks]` uses.
    pub name: String,
    /// The wire format.
    pub kind: ProviderKind,
    /// Where it is; the kind's usual address if absent.
    pub base_url: Option<String>,
    /// The model for completion and chat.
    pub model: Option<String>,
    /// The model for embeddings.
    pub embed_model: Option<String>,
    /// The environment variable that holds the key.
    pub api_key_env: Option<String>,
    /// The command that prints the key.
    pub api_key_command: Option<KeyCommand>,
    /// The entry of the OS keychain that holds the key.
    pub api_key_keychain: Option<String>,
    /// How holes are filled; by the model's facts if absent.
    pub fill: Option<FillStyle>,
    /// Longest wait for the first byte of an answer, in milliseconds.
    pub first_byte_ms: Option<u64>,
    /// Longest silence inside an answer, in milliseconds.
    pub idle_ms: Option<u64>,
    /// How many requests may run at a time.
    pub max_concurrency: Option<usize>,
    /// How many requests may start in a minute.
    pub requests_per_minute: Option<u32>,
    /// How many tokens may be sent and received in a minute.
    pub tokens_per_minute: Option<u32>,
    /// What this provider may cost in a calendar month, in US dollars.
    pub monthly_limit_usd: Option<f64>,
    /// Set by us: the settings of a workspace introduced it. It never gets a key.
    #[serde(skip)]
    pub from_workspace: bool,
}

impl ProviderSettings {
    /// A provider with nothing but a name, a kind and an address.
    pub fn new(name: &str, kind: ProviderKind, base_url: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            base_url: Some(base_url.to_owned()),
            model: None,
            embed_model: None,
            api_key_env: None,
            api_key_command: None,
            api_key_keychain: None,
            fill: None,
            first_byte_ms: None,
            idle_ms: None,
            max_concurrency: None,
            requests_per_minute: None,
            tokens_per_minute: None,
            monthly_limit_usd: None,
            from_workspace: false,
        }
    }

    /// The address, without a slash at its end.
    pub fn base_url(&self) -> &str {
        self.base_url
            .as_deref()
            .unwrap_or_else(|| self.kind.default_base_url())
            .trim_end_matches('/')
    }

    /// Whether the address is this machine's own: then nothing leaves it.
    pub fn is_local(&self) -> bool {
        is_loopback(self.base_url())
    }
}

/// Whether a URL names this machine.
pub fn is_loopback(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    })
}

/// The name of the built-in completer in `[ai.tasks]`.
pub const EMBEDDED: &str = "embedded";

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// Completion at the cursor.
    Inline,
    /// Commands that talk: generate, explain, fix.
    Chat,
    /// Vectors for search.
    Embed,
}

impl Task {
    /// The name used in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Chat => "chat",
            Self::Embed => "embed",
        }
    }
}

/// Inline completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineSettings {
    /// Complete while typing; otherwise only when invoked.
    pub automatic: bool,
    /// Complete inside comments.
    pub in_comments: bool,
    /// Complete inside strings.
    pub in_strings: bool,
    /// How many candidates to give when invoked.
    pub candidates: usize,
    /// The shortest and the longest pause in typing to wait for.
    pub debounce: (Duration, Duration),
    /// When the answer must be there.
    pub deadline: Duration,
    /// Longest suggestion, in tokens.
    pub max_tokens: u32,
    /// Fetch what follows a suggestion while it is shown.
    pub speculate: bool,
}

impl Default for InlineSettings {
    fn default() -> Self {
        Self {
            automatic: true,
            in_comments: true,
            in_strings: true,
            candidates: 3,
            debounce: (Duration::from_millis(75), Duration::from_millis(500)),
            deadline: Duration::from_secs(5),
            max_tokens: 160,
            speculate: true,
        }
    }
}

/// All AI settings after the layers are merged.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Off: nothing answers, not even the built-in completer.
    pub enabled: bool,
    /// The providers, in the order of the settings.
    pub providers: Vec<ProviderSettings>,
    /// The order of providers for completion; absent: local ones, remote ones, the built-in one.
    pub inline_order: Option<Vec<String>>,
    /// The order of providers for the commands.
    pub chat_order: Option<Vec<String>>,
    /// The order of providers for embeddings.
    pub embed_order: Option<Vec<String>>,
    /// Inline completion.
    pub inline: InlineSettings,
    /// When the next provider is started beside a silent one.
    pub hedge_after: Duration,
    /// When a command's answer must be complete.
    pub chat_deadline: Duration,
    /// What all providers together may cost in a calendar month, in US dollars.
    pub monthly_limit_usd: Option<f64>,
    /// Regular expressions of what must not leave, besides the secrets that we know.
    pub private_patterns: Vec<String>,
    /// What the user knows about models beyond the built-in table.
    pub models: Models,
    /// Bound of the answer cache on disk, in bytes.
    pub cache_bytes: u64,
    /// Where caches, statistics and consent are kept; absent: nowhere, everything stays in memory.
    pub data_folder: Option<PathBuf>,
    /// Address of a Chroma server to keep vectors in, instead of the embedded store.
    pub chroma_url: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            providers: Vec::new(),
            inline_order: None,
            chat_order: None,
            embed_order: None,
            inline: InlineSettings::default(),
            hedge_after: Duration::from_millis(400),
            chat_deadline: Duration::from_mins(2),
            monthly_limit_usd: None,
            private_patterns: Vec::new(),
            models: Models::default(),
            cache_bytes: 64 << 20,
            data_folder: None,
            chroma_url: None,
        }
    }
}

impl Settings {
    /// Merges layers, first the user's. Problems are reported, never fatal: the rest of the settings holds.
    pub fn from_layers(layers: &[(Layer, &str)]) -> (Self, Vec<Problem>) {
        layer::merge(layers)
    }

    /// The names of the providers for a task, best first, without those that do not exist.
    pub fn order(&self, task: Task) -> Vec<String> {
        let configured = match task {
            Task::Inline => &self.inline_order,
            Task::Chat => &self.chat_order,
            Task::Embed => &self.embed_order,
        };
        if let Some(names) = configured {
            return names
                .iter()
                .filter(|name| *name == EMBEDDED || self.provider(name).is_some())
                .cloned()
                .collect();
        }
        // Who was given no model for it would only say so, at every question.
        let able = |p: &&ProviderSettings| task != Task::Embed || p.embed_model.is_some();
        let (local, remote): (Vec<_>, Vec<_>) = self
            .providers
            .iter()
            .filter(able)
            .partition(|p| p.is_local());
        let mut names: Vec<String> = local
            .into_iter()
            .chain(remote)
            .map(|p| p.name.clone())
            .collect();
        if task == Task::Inline {
            names.push(EMBEDDED.to_owned());
        }
        names
    }

    /// The provider of that name.
    pub fn provider(&self, name: &str) -> Option<&ProviderSettings> {
        self.providers.iter().find(|provider| provider.name == name)
    }
}

#[cfg(test)]
mod tests;
