//! What is known about models: how they fill holes, how much they read, what they cost. The table is data.

use std::sync::LazyLock;

use serde::Deserialize;

/// How a provider is asked to fill a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FillStyle {
    /// The endpoint takes a prefix and a suffix.
    Suffix,
    /// The model was trained with marker tokens; the prompt carries them.
    Template,
    /// Any chat model, told to answer with the missing text only.
    Chat,
}

/// US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
pub struct Price {
    /// Tokens read.
    pub input: f64,
    /// Tokens read from the provider's prompt cache.
    pub cached: f64,
    /// Tokens written.
    pub output: f64,
}

/// Facts about the models whose name begins with `prefix`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFacts {
    /// Beginning of the model's name, without the part before a `/`.
    pub prefix: String,
    /// Longest prompt and answer together, in tokens.
    #[serde(default)]
    pub context: Option<u32>,
    /// How it fills holes.
    #[serde(default)]
    pub fill: Option<FillStyle>,
    /// The prompt with marker tokens; `{prefix}` and `{suffix}` are replaced.
    #[serde(default)]
    pub template: Option<String>,
    /// Texts at which the answer ends.
    #[serde(default)]
    pub stop: Vec<String>,
    /// What it costs.
    #[serde(default)]
    pub price: Option<Price>,
}

/// The table: the built-in facts, and before them what the user added.
#[derive(Debug, Clone, Default)]
pub struct Models {
    added: Vec<ModelFacts>,
}

#[derive(Deserialize)]
struct Table {
    model: Vec<ModelFacts>,
}

static BUILT_IN: LazyLock<Vec<ModelFacts>> = LazyLock::new(|| {
    toml::from_str::<Table>(include_str!("models.toml"))
        .map(|table| table.model)
        .unwrap_or_default()
});

impl Models {
    /// Adds facts that win over the built-in ones.
    pub fn add(&mut self, facts: Vec<ModelFacts>) {
        self.added.extend(facts);
    }

    /// The facts with the longest prefix that fits the model's name; the user's first.
    pub fn find(&self, model: &str) -> Option<&ModelFacts> {
        let name = model
            .rsplit('/')
            .next()
            .unwrap_or(model)
            .to_ascii_lowercase();
        let best = |facts: &'_ [ModelFacts]| -> Option<usize> {
            facts
                .iter()
                .enumerate()
                .filter(|(_, entry)| name.starts_with(&entry.prefix.to_ascii_lowercase()))
                .max_by_key(|(_, entry)| entry.prefix.len())
                .map(|(index, _)| index)
        };
        best(&self.added)
            .and_then(|index| self.added.get(index))
            .or_else(|| best(&BUILT_IN).and_then(|index| BUILT_IN.get(index)))
    }

    /// What an answer cost, in millionths of a US dollar; nothing for a model without a price (a local one).
    pub fn cost_micros(&self, model: &str, usage: crate::provider::Usage) -> u64 {
        let Some(price) = self.find(model).and_then(|facts| facts.price) else {
            return 0;
        };
        let fresh = usage.input.saturating_sub(usage.cached);
        let dollars_times_million = f64::from(fresh) * price.input
            + f64::from(usage.cached) * price.cached
            + f64::from(usage.output) * price.output;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let micros = dollars_times_million.ceil().max(0.0) as u64;
        micros
    }
}

#[cfg(test)]
pub(super) fn built_in() -> &'static [ModelFacts] {
    &BUILT_IN
}
