//! Everything together: what the language server and the command line hold.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use crate::accept::{Acceptor, Policy};
use crate::cache::{DiskCache, DiskStats, Sealer};
use crate::embedded::Embedded;
use crate::files;
use crate::inline::{InlineRequest, Memory};
use crate::privacy::{Consent, IgnoreRules, Redactor};
use crate::provider::{Ask, Host, Preview};
use crate::route::Router;
use crate::settings::{Settings, Task};
use crate::stats::Stats;
use crate::vector::VectorStore;

/// The assistant of one workspace.
pub struct Assist {
    pub(crate) settings: Settings,
    pub(crate) router: Router,
    pub(crate) acceptor: Acceptor,
    pub(crate) redactor: Redactor,
    pub(crate) embedded: Embedded,
    pub(crate) stats: Arc<Stats>,
    pub(crate) disk: Option<DiskCache>,
    pub(crate) memory: Memory,
    pub(crate) blocks: Mutex<Option<VectorStore>>,
    pub(crate) host: Host,
    consent: Arc<Consent>,
    ignored: IgnoreRules,
    workspace: PathBuf,
    me: Weak<Assist>,
}

/// What an [`Assist`] is made of.
pub struct Parts {
    /// The merged settings.
    pub settings: Settings,
    /// The root of the workspace.
    pub workspace: PathBuf,
    /// The policy that suggestions are held against.
    pub policy: Arc<dyn Policy>,
    /// Connections and environment.
    pub host: Host,
    /// Encryption of the cache, where the operating system has a keychain.
    pub sealer: Option<Sealer>,
}

/// The file in the data folder that placeholders are derived from.
const SALT: &str = "salt";

fn salt(data_folder: Option<&Path>) -> Vec<u8> {
    let file = data_folder.map(|folder| folder.join(SALT));
    if let Some(kept) = file
        .as_deref()
        .and_then(|file| std::fs::read(file).ok())
        .filter(|salt| salt.len() == 32)
    {
        return kept;
    }
    let fresh = crate::cache::random_salt();
    if let Some(file) = file
        && let Err(error) = files::write_atomically(&file, &fresh)
    {
        tracing::warn!(%error, "the salt is not kept");
    }
    fresh
}

/// Values of the environment that are secret by their name.
fn secrets_of_environment() -> Vec<String> {
    const NAMES: [&str; 7] = [
        "TOKEN",
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "API_KEY",
        "APIKEY",
        "PRIVATE_KEY",
    ];
    std::env::vars_os()
        .filter_map(|(name, value)| {
            Some((
                name.into_string().ok()?.to_uppercase(),
                value.into_string().ok()?,
            ))
        })
        .filter(|(name, value)| value.len() >= 8 && NAMES.iter().any(|part| name.contains(part)))
        .map(|(_, value)| value)
        .collect()
}

impl Assist {
    /// An assistant. Faults of patterns and ignore files are returned, one line each; the rest holds.
    pub fn new(parts: Parts) -> (Arc<Self>, Vec<String>) {
        let Parts {
            settings,
            workspace,
            policy,
            host,
            sealer,
        } = parts;
        let data = settings.data_folder.clone();
        let stats = Arc::new(Stats::open(data.as_deref()));
        let consent = Arc::new(Consent::load(data.as_deref()));
        let mut known = secrets_of_environment();
        known.extend(
            settings
                .providers
                .iter()
                .filter_map(|p| p.api_key_env.as_deref())
                .filter_map(|name| (host.environment())(name)),
        );
        let (redactor, mut faults) =
            Redactor::new(&settings.private_patterns, &known, &salt(data.as_deref()));
        let (ignored, more) = IgnoreRules::load(&workspace);
        faults.extend(more);
        let router = Router::new(
            &settings,
            &workspace,
            Arc::clone(&consent),
            Arc::clone(&stats),
            &host,
        );
        let disk = data
            .as_deref()
            .map(|folder| DiskCache::new(folder, settings.cache_bytes, sealer));
        let assist = Arc::new_cyclic(|me| Self {
            router,
            acceptor: Acceptor::new(policy),
            redactor,
            embedded: Embedded::default(),
            stats,
            disk,
            memory: Memory::default(),
            blocks: Mutex::default(),
            host,
            consent,
            ignored,
            workspace,
            me: me.clone(),
            settings,
        });
        (assist, faults)
    }

    pub(crate) fn arc(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Statistics for the user alone.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The judge of suggestions.
    pub fn acceptor(&self) -> &Acceptor {
        &self.acceptor
    }

    /// Remembers a script of the workspace for the built-in completer and for prompts, unless it is ignored.
    pub fn learn(&self, name: &str, text: &str) {
        if self.may_read(name) {
            self.embedded.set(name, text);
        }
    }

    /// Forgets a script.
    pub fn forget(&self, name: &str) {
        self.embedded.remove(name);
    }

    /// Whether a file of the workspace may be read for context.
    pub fn may_read(&self, name: &str) -> bool {
        self.ignored.allows(&self.workspace.join(name))
    }

    /// Whether any provider is configured for a task.
    pub fn serves(&self, task: Task) -> bool {
        self.settings.enabled && self.router.serves(task)
    }

    /// The remote provider that this workspace has to agree to before it can serve a task: its name and address.
    pub fn consent_needed(&self, task: Task) -> Option<(String, String)> {
        self.router.consent_needed(task)
    }

    /// The workspace agrees that its text goes to an address.
    pub fn grant_consent(&self, base_url: &str) -> std::io::Result<()> {
        self.consent.grant(&self.workspace, base_url)
    }

    /// Whether the workspace has agreed that its text goes to an address.
    pub fn has_consent(&self, base_url: &str) -> bool {
        self.consent.allows(&self.workspace, base_url)
    }

    /// The workspace withdraws all agreements.
    pub fn withdraw_consent(&self) -> std::io::Result<()> {
        self.consent.withdraw(&self.workspace)
    }

    /// Lines for the user that were not said yet; each trouble once.
    pub fn take_notices(&self) -> Vec<String> {
        self.router.take_notices()
    }

    /// Spending of this month, in millionths of a US dollar.
    pub fn spent_micros(&self) -> u64 {
        self.router.spent_micros()
    }

    /// Exactly what a completion at a place would send, to each provider of the task in its order. Nothing is sent.
    pub fn explain_request(&self, request: &InlineRequest) -> Vec<Preview> {
        let whole = request.document.rope().to_string();
        let Some((before, after)) = whole.split_at_checked(request.offset) else {
            return Vec::new();
        };
        let mut ask = Ask::Fill(self.fill(request, before, after));
        self.redactor.redact_ask(&mut ask);
        self.router
            .providers(Task::Inline)
            .iter()
            .map(|provider| provider.preview(&ask))
            .collect()
    }

    /// What the cache on disk holds; `None` without a data folder.
    pub fn cache_stats(&self) -> Option<DiskStats> {
        self.disk.as_ref().map(DiskCache::stats)
    }

    /// Empties the caches.
    pub fn clear_cache(&self) -> std::io::Result<()> {
        self.memory.cache.clear();
        self.disk.as_ref().map_or(Ok(()), DiskCache::clear)
    }
}
