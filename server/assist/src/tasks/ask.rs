//! Plain questions, as cells ask them: no script is read and nothing is edited. Privacy, consent, budgets and the order of
//! the providers hold as for every request.

use futures::channel::mpsc::unbounded;

use super::Reporter;
use crate::assist::Assist;
use crate::error::{AiError, Failure};
use crate::privacy::Placeholders;
use crate::provider::{About, Chat, Embed, Usage};
use crate::settings::Task;

/// Longest answer when none is given, in tokens.
const MAX_TOKENS: u32 = 1024;

/// What a model answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The text.
    pub text: String,
    /// The model's name.
    pub model: String,
    /// The provider's name in the settings.
    pub provider: String,
    /// Tokens, estimated where the provider does not say.
    pub usage: Usage,
}

impl Assist {
    /// Lets the first model of the task `chat` that `may` lets in continue a conversation. `max_tokens` of 0 stands for a
    /// bound of our own.
    pub async fn chat(
        &self,
        mut chat: Chat,
        may: &(dyn Fn(&About) -> bool + Sync),
    ) -> Result<Answered, AiError> {
        self.require(Task::Chat, may)?;
        if chat.max_tokens == 0 {
            chat.max_tokens = MAX_TOKENS;
        }
        // Nobody watches the answer arrive.
        let (sender, _) = unbounded();
        let turn = self.converse_with(may, &chat, &Reporter(sender)).await?;
        let model = self
            .router
            .providers(Task::Chat)
            .iter()
            .map(|provider| provider.about())
            .find(|about| about.name == turn.provider)
            .map(|about| about.model.clone())
            .unwrap_or_default();
        Ok(Answered {
            text: turn.text,
            model,
            provider: turn.provider,
            usage: turn.usage,
        })
    }

    /// Turns texts into vectors with the first provider of the task `embed` that `may` lets in, and says whose they are.
    /// `None` when the settings name none.
    pub async fn embed(
        &self,
        texts: &[String],
        query: bool,
        may: &(dyn Fn(&About) -> bool + Sync),
    ) -> Result<Option<(Vec<Vec<f32>>, String)>, AiError> {
        if self.require(Task::Embed, may).is_err() {
            return Ok(None);
        }
        let mut placeholders = Placeholders::default();
        let inputs = texts
            .iter()
            .map(|text| self.redactor.redact(text, &mut placeholders))
            .collect();
        let won = self
            .router
            .embed_among(may, &Embed { inputs, query })
            .await?;
        let model = self
            .router
            .providers(Task::Embed)
            .iter()
            .map(|provider| provider.about())
            .find(|about| about.name == won.provider)
            .and_then(|about| about.embed_model.clone())
            .unwrap_or(won.provider);
        Ok(Some((won.value.vectors, model)))
    }

    /// An error that says which providers there are, if `may` lets none in.
    fn require(&self, task: Task, may: &(dyn Fn(&About) -> bool + Sync)) -> Result<(), AiError> {
        let providers = self.router.providers(task);
        if self.settings.enabled && providers.iter().any(|provider| may(provider.about())) {
            return Ok(());
        }
        let there: Vec<String> = providers
            .iter()
            .map(|provider| provider.about())
            .map(|about| {
                let place = if about.local { "here" } else { "remote" };
                format!("{} ({}, {place})", about.name, about.model)
            })
            .collect();
        let hint = if there.is_empty() {
            "add one under ai.providers".to_owned()
        } else {
            format!("none fits what was asked; there are {}", there.join(", "))
        };
        Err(AiError::new(Failure::NoProvider, task.as_str(), &hint))
    }
}
