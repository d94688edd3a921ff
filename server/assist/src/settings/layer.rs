//! Reading the layers and merging them: user, workspace, editor.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{EMBEDDED, ModelFacts, ProviderSettings, Settings};

/// Who wrote a piece of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The user's own file.
    User,
    /// `.metascript.toml` in the workspace: not trusted with keys and commands.
    Workspace,
    /// The settings of the editor, as TOML or JSON; the editor keeps them out of workspaces.
    Editor,
}

/// Something in the settings that does not hold, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written.
    pub layer: Layer,
    /// What is wrong and what to do.
    pub message: String,
}

#[derive(Deserialize, Default)]
struct File {
    #[serde(default)]
    ai: Ai,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Ai {
    enabled: Option<bool>,
    providers: Vec<toml::Value>,
    tasks: Tasks,
    inline: Inline,
    models: Vec<ModelFacts>,
    hedge_after_ms: Option<u64>,
    deadline_ms: Option<u64>,
    monthly_limit_usd: Option<f64>,
    private_patterns: Vec<String>,
    cache_mb: Option<u64>,
    data_folder: Option<PathBuf>,
    chroma_url: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Tasks {
    inline: Option<Vec<String>>,
    chat: Option<Vec<String>>,
    embed: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Inline {
    automatic: Option<bool>,
    comments: Option<bool>,
    strings: Option<bool>,
    candidates: Option<usize>,
    debounce_ms: Option<[u64; 2]>,
    deadline_ms: Option<u64>,
    max_tokens: Option<u32>,
    speculate: Option<bool>,
}

pub(super) fn merge(layers: &[(Layer, &str)]) -> (Settings, Vec<Problem>) {
    let mut merger = Merger {
        settings: Settings::default(),
        problems: Vec::new(),
    };
    for (layer, text) in layers {
        merger.read(*layer, text);
    }
    merger.check_orders();
    (merger.settings, merger.problems)
}

struct Merger {
    settings: Settings,
    problems: Vec<Problem>,
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

impl Merger {
    fn problem(&mut self, layer: Layer, message: impl Into<String>) {
        self.problems.push(Problem {
            layer,
            message: message.into(),
        });
    }

    fn read(&mut self, layer: Layer, text: &str) {
        let parsed: Result<File, String> = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| error.to_string())
        } else {
            toml::from_str(text).map_err(|error| error.message().to_owned())
        };
        let ai = match parsed {
            Ok(file) => file.ai,
            Err(error) => {
                return self.problem(layer, format!("AI settings are not readable: {error}"));
            }
        };
        for value in ai.providers {
            self.provider(layer, value);
        }
        let settings = &mut self.settings;
        set(&mut settings.enabled, ai.enabled);
        for (target, order) in [
            (&mut settings.inline_order, ai.tasks.inline),
            (&mut settings.chat_order, ai.tasks.chat),
            (&mut settings.embed_order, ai.tasks.embed),
        ] {
            if order.is_some() {
                *target = order;
            }
        }
        set(
            &mut settings.hedge_after,
            ai.hedge_after_ms.map(Duration::from_millis),
        );
        set(
            &mut settings.chat_deadline,
            ai.deadline_ms.map(Duration::from_millis),
        );
        settings.private_patterns.extend(ai.private_patterns);
        self.inline(layer, &ai.inline);
        self.limits(
            layer,
            ai.monthly_limit_usd,
            ai.data_folder,
            ai.chroma_url,
            ai.cache_mb,
            ai.models,
        );
    }

    fn inline(&mut self, layer: Layer, inline: &Inline) {
        let target = &mut self.settings.inline;
        set(&mut target.automatic, inline.automatic);
        set(&mut target.in_comments, inline.comments);
        set(&mut target.in_strings, inline.strings);
        set(
            &mut target.candidates,
            inline.candidates.map(|n| n.clamp(1, 10)),
        );
        set(
            &mut target.deadline,
            inline.deadline_ms.map(Duration::from_millis),
        );
        set(
            &mut target.max_tokens,
            inline.max_tokens.map(|n| n.clamp(1, 4096)),
        );
        set(&mut target.speculate, inline.speculate);
        match inline.debounce_ms {
            Some([low, high]) if low <= high => {
                target.debounce = (Duration::from_millis(low), Duration::from_millis(high));
            }
            Some(_) => self.problem(layer, "inline.debounce_ms: the shortest pause comes first"),
            None => {}
        }
    }

    /// Limits and places: a workspace may tighten a limit, it cannot loosen one or choose where things are kept.
    fn limits(
        &mut self,
        layer: Layer,
        monthly: Option<f64>,
        data_folder: Option<PathBuf>,
        chroma_url: Option<String>,
        cache_mb: Option<u64>,
        models: Vec<ModelFacts>,
    ) {
        let workspace = layer == Layer::Workspace;
        if let Some(limit) = monthly {
            let current = self.settings.monthly_limit_usd;
            self.settings.monthly_limit_usd = Some(if workspace {
                current.map_or(limit, |current| current.min(limit))
            } else {
                limit
            });
        }
        if workspace {
            for (name, given) in [
                ("data_folder", data_folder.is_some()),
                ("chroma_url", chroma_url.is_some()),
            ] {
                if given {
                    self.problem(
                        layer,
                        format!("{name} is ignored in a workspace: set it in your own settings"),
                    );
                }
            }
            return;
        }
        self.settings.models.add(models);
        set(&mut self.settings.cache_bytes, cache_mb.map(|mb| mb << 20));
        if data_folder.is_some() {
            self.settings.data_folder = data_folder;
        }
        if chroma_url.is_some() {
            self.settings.chroma_url = chroma_url;
        }
    }

    fn provider(&mut self, layer: Layer, value: toml::Value) {
        let name = value
            .get("name")
            .and_then(toml::Value::as_str)
            .unwrap_or("without a name")
            .to_owned();
        if value.get("api_key").is_some() {
            // The value itself must not reach a message or a log.
            self.problem(
                layer,
                format!("provider {name}: a key does not belong into settings; use api_key_env, api_key_command or the keychain"),
            );
        }
        let mut value = value;
        if let Some(table) = value.as_table_mut() {
            table.remove("api_key");
        }
        let mut provider: ProviderSettings = match value.try_into() {
            Ok(provider) => provider,
            Err(error) => {
                return self.problem(layer, format!("provider {name}: {}", error.message()));
            }
        };
        if provider.name == EMBEDDED {
            return self.problem(
                layer,
                "the name `embedded` belongs to the built-in completer",
            );
        }
        if url::Url::parse(provider.base_url()).is_err() {
            return self.problem(
                layer,
                format!("provider {name}: base_url is not an address"),
            );
        }
        let known = self
            .settings
            .providers
            .iter()
            .position(|p| p.name == provider.name);
        if layer == Layer::Workspace {
            if provider.api_key_command.take().is_some()
                | provider.api_key_env.take().is_some()
                | provider.api_key_keychain.take().is_some()
            {
                self.problem(
                    layer,
                    format!("provider {name}: a workspace cannot say where a key is; do it in your own settings"),
                );
            }
            if let Some(own) = known.and_then(|at| self.settings.providers.get_mut(at)) {
                return Self::adjust(own, provider);
            }
            provider.from_workspace = true;
        }
        match known.and_then(|at| self.settings.providers.get_mut(at)) {
            Some(slot) => *slot = provider,
            None => self.settings.providers.push(provider),
        }
    }

    /// What a workspace may change of a provider that the user configured: the models, never the address.
    fn adjust(own: &mut ProviderSettings, wished: ProviderSettings) {
        if wished.model.is_some() {
            own.model = wished.model;
        }
        if wished.embed_model.is_some() {
            own.embed_model = wished.embed_model;
        }
        if wished.fill.is_some() {
            own.fill = wished.fill;
        }
    }

    fn check_orders(&mut self) {
        let mut unknown = Vec::new();
        for order in [
            &self.settings.inline_order,
            &self.settings.chat_order,
            &self.settings.embed_order,
        ]
        .into_iter()
        .flatten()
        {
            for name in order {
                if name != EMBEDDED
                    && self.settings.provider(name).is_none()
                    && !unknown.contains(name)
                {
                    unknown.push(name.clone());
                }
            }
        }
        for name in unknown {
            self.problem(
                Layer::User,
                format!("ai.tasks names `{name}`, which is not among ai.providers"),
            );
        }
    }
}
