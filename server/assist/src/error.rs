//! What can go wrong between us and a model, and the one line that a person reads about it.

use std::fmt;
use std::time::Duration;

/// Why a request to a provider gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// No key could be found where the settings say that it is.
    NoKey,
    /// The provider refused the key (401, 403).
    KeyRefused,
    /// Too many requests (429); wait as told.
    RateLimited,
    /// The account has no credit left (402, `insufficient_quota`).
    NoCredit,
    /// The provider knows no such model or address (404).
    NotFound,
    /// The provider did not understand the request (400, 422).
    BadRequest,
    /// The prompt is longer than the model can read (413, `context_length_exceeded`).
    PromptTooLong,
    /// The provider had a fault of its own (5xx) or is overloaded.
    Server,
    /// No connection: name not found, refused, unreachable, TLS failed.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The answer broke off.
    Interrupted,
    /// The answer is not what the protocol says.
    Malformed,
    /// The answer is larger than we accept.
    Oversized,
    /// The model declined to answer.
    Declined,
    /// Our own limit on calls, tokens or spending holds the request back.
    OverBudget,
    /// The provider failed several times in a row; it gets a rest.
    Resting,
    /// The workspace has not agreed to send text to a remote provider.
    NoConsent,
    /// A key would travel unencrypted to another machine.
    Insecure,
    /// The provider cannot do what was asked (no embeddings, no tools).
    Unsupported,
    /// No provider is configured for the task.
    NoProvider,
}

impl Failure {
    /// Whether the same request may succeed with the same provider a little later.
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::Server
                | Self::Unreachable
                | Self::TimedOut
                | Self::Interrupted
                | Self::Malformed
                | Self::Oversized
        )
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::NoKey => "no API key found",
            Self::KeyRefused => "the API key was refused",
            Self::RateLimited => "too many requests",
            Self::NoCredit => "the account has no credit left",
            Self::NotFound => "unknown model or address",
            Self::BadRequest => "the request was not understood",
            Self::PromptTooLong => "the prompt is too long for the model",
            Self::Server => "the provider has a fault",
            Self::Unreachable => "cannot be reached",
            Self::TimedOut => "did not answer in time",
            Self::Interrupted => "the answer broke off",
            Self::Malformed => "the answer makes no sense",
            Self::Oversized => "the answer is too large",
            Self::Declined => "the model declined to answer",
            Self::OverBudget => "a limit of your settings is reached",
            Self::Resting => "resting after repeated failures",
            Self::NoConsent => "this workspace has not agreed to send text to a remote provider",
            Self::Insecure => "a key would be sent unencrypted: use https",
            Self::Unsupported => "cannot do this",
            Self::NoProvider => "no provider is configured",
        }
    }
}

/// One failed request. Its text is one line, never holds a key, and is safe to show and to log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct AiError {
    /// What went wrong.
    pub failure: Failure,
    /// The provider's name in the settings, or the task's when no provider was involved.
    pub provider: String,
    /// How long the provider asks to be left alone.
    pub retry_after: Option<Duration>,
    detail: String,
}

/// Longest piece of a provider's own words that we repeat, in characters.
const MAX_DETAIL: usize = 200;

impl AiError {
    /// An error of `provider`, with more words where they help. Control characters are removed from them.
    pub fn new(failure: Failure, provider: &str, detail: &str) -> Self {
        Self {
            failure,
            provider: provider.to_owned(),
            retry_after: None,
            detail: one_line(detail),
        }
    }

    /// The same error with the wait that the provider asked for.
    #[must_use]
    pub fn after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// The same error with every occurrence of `secret` removed from its words.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        if secret.len() >= 4 {
            self.detail = self.detail.replace(secret, "(key)");
            // Providers echo keys with their middle hidden; the ends are still a part of the key.
            self.detail = mask_echo(&self.detail, secret);
        }
        self
    }

    /// The words that come with the failure, if any.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for AiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.provider, self.failure.sentence())?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        if let Some(wait) = self.retry_after {
            write!(f, "; again in {} s", wait.as_secs().max(1))?;
        }
        Ok(())
    }
}

/// One line of at most [`MAX_DETAIL`] characters without control characters.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::new();
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() || crate::accept::hidden::is_hidden(c) {
            blank = !line.is_empty();
            continue;
        }
        if line.chars().count() >= MAX_DETAIL {
            line.push('…');
            break;
        }
        if blank {
            line.push(' ');
            blank = false;
        }
        line.push(c);
    }
    line
}

fn mask_echo(text: &str, secret: &str) -> String {
    let head: String = secret.chars().take(4).collect();
    text.split(' ')
        .map(|word| {
            if word.contains(&head) && word.contains(['*', '…']) {
                "(key)"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
