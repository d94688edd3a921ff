//! Which provider answers: hedged, within limits, local before remote.
//!
//! Providers of a task are tried in order. The next one is started when the one before is silent for a while or
//! fails; the first good answer wins, and every other connection is closed. A provider that rests, is at its limits
//! or may not have the text is passed over.

mod breaker;
mod bucket;
mod ledger;
mod meter;

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::Semaphore;

pub use breaker::Breaker;
pub use bucket::Bucket;
pub use ledger::Ledger;

use crate::error::{AiError, Failure};
use crate::files;
use crate::privacy::Consent;
use crate::provider::{
    About, Ask, Embed, Embeddings, Event, EventStream, Host, HttpProvider, Provider,
};
use crate::settings::{EMBEDDED, Models, Settings, Task};
use crate::stats::Stats;
use crate::tokens;
use meter::Meter;

/// How many requests one provider serves at a time when the settings do not say.
const CONCURRENCY: usize = 4;

/// One provider with everything that holds it back.
pub(crate) struct Slot {
    pub(crate) provider: Arc<dyn Provider>,
    base_url: String,
    pub(crate) control: Mutex<Control>,
    permits: Arc<Semaphore>,
    monthly_limit_micros: Option<u64>,
}

/// What changes with every request.
pub(crate) struct Control {
    pub(crate) breaker: Breaker,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
    /// Recent times to the first text, for hedging.
    pub(crate) first_text: Vec<Duration>,
}

/// Chooses providers and keeps their limits.
pub struct Router {
    slots: HashMap<String, Arc<Slot>>,
    orders: HashMap<Task, Vec<String>>,
    hedge_after: Duration,
    monthly_limit_micros: Option<u64>,
    shared: Arc<Shared>,
    consent: Arc<Consent>,
    workspace: PathBuf,
    notices: Mutex<Notices>,
}

/// What outlives a request.
pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    pub(crate) models: Models,
    pub(crate) stats: Arc<Stats>,
}

#[derive(Default)]
struct Notices {
    said: HashSet<(String, Failure)>,
    waiting: Vec<String>,
}

/// What a good answer gave, and who gave it.
#[derive(Debug)]
pub struct Won<T> {
    /// The provider's name.
    pub provider: String,
    /// The answer.
    pub value: T,
}

fn micros(dollars: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let micros = (dollars * 1e6).max(0.0) as u64;
    micros
}

impl Router {
    /// A router for the providers of the settings.
    pub fn new(
        settings: &Settings,
        workspace: &Path,
        consent: Arc<Consent>,
        stats: Arc<Stats>,
        host: &Host,
    ) -> Self {
        let providers = settings
            .providers
            .iter()
            .map(|p| Arc::new(HttpProvider::new(p, &settings.models, host)) as Arc<dyn Provider>)
            .collect();
        Self::with_providers(settings, providers, workspace, consent, stats)
    }

    /// A router for providers of any make; the settings of the same names give their limits.
    pub fn with_providers(
        settings: &Settings,
        providers: Vec<Arc<dyn Provider>>,
        workspace: &Path,
        consent: Arc<Consent>,
        stats: Arc<Stats>,
    ) -> Self {
        let now = Instant::now();
        let mut slots = HashMap::new();
        for provider in providers {
            let name = provider.about().name.clone();
            let limits = settings.provider(&name);
            let bucket = |limit: Option<u32>| limit.map(|limit| Bucket::per_minute(limit, now));
            let control = Control {
                breaker: Breaker::default(),
                requests: bucket(limits.and_then(|limits| limits.requests_per_minute)),
                tokens: bucket(limits.and_then(|limits| limits.tokens_per_minute)),
                first_text: Vec::new(),
            };
            let concurrency = limits
                .and_then(|limits| limits.max_concurrency)
                .unwrap_or(CONCURRENCY)
                .max(1);
            let slot = Slot {
                base_url: limits
                    .map(|limits| limits.base_url().to_owned())
                    .unwrap_or_default(),
                control: Mutex::new(control),
                permits: Arc::new(Semaphore::new(concurrency)),
                monthly_limit_micros: limits
                    .and_then(|limits| limits.monthly_limit_usd)
                    .map(micros),
                provider,
            };
            slots.insert(name, Arc::new(slot));
        }
        let orders = [Task::Inline, Task::Chat, Task::Embed]
            .into_iter()
            .map(|task| {
                let names = settings
                    .order(task)
                    .into_iter()
                    .filter(|name| name != EMBEDDED)
                    .collect();
                (task, names)
            })
            .collect();
        let shared = Shared {
            ledger: Ledger::open(settings.data_folder.as_deref()),
            models: settings.models.clone(),
            stats,
        };
        Self {
            slots,
            orders,
            hedge_after: settings.hedge_after,
            monthly_limit_micros: settings.monthly_limit_usd.map(micros),
            shared: Arc::new(shared),
            consent,
            workspace: workspace.to_owned(),
            notices: Mutex::default(),
        }
    }

    /// The providers of a task, best first.
    pub fn providers(&self, task: Task) -> Vec<Arc<dyn Provider>> {
        self.order(task)
            .map(|slot| Arc::clone(&slot.provider))
            .collect()
    }

    fn order(&self, task: Task) -> impl Iterator<Item = &Arc<Slot>> {
        self.orders
            .get(&task)
            .into_iter()
            .flatten()
            .filter_map(|name| self.slots.get(name))
    }

    /// Whether any provider is configured for a task.
    pub fn serves(&self, task: Task) -> bool {
        self.order(task).next().is_some()
    }

    /// Whether a remote provider waits for this workspace's agreement; its name and address.
    pub fn consent_needed(&self, task: Task) -> Option<(String, String)> {
        self.order(task)
            .find(|slot| {
                !slot.provider.about().local
                    && !self.consent.allows(&self.workspace, &slot.base_url)
            })
            .map(|slot| (slot.provider.about().name.clone(), slot.base_url.clone()))
    }

    /// What was spent this month, in millionths of a US dollar.
    pub fn spent_micros(&self) -> u64 {
        self.shared.ledger.spent_micros(None)
    }

    /// The cost of tokens with a provider's model, in millionths of a US dollar.
    pub fn cost_micros(&self, provider: &str, usage: crate::provider::Usage) -> u64 {
        self.slots.get(provider).map_or(0, |slot| {
            self.shared
                .models
                .cost_micros(&slot.provider.about().model, usage)
        })
    }

    /// Lines for the user that were not said yet. Each trouble is said once, until the provider works again.
    pub fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut files::lock(&self.notices).waiting)
    }

    fn notice(&self, error: &AiError) {
        let mut notices = files::lock(&self.notices);
        if notices.said.insert((error.provider.clone(), error.failure)) {
            notices.waiting.push(error.to_string());
        }
    }

    fn works(&self, provider: &str) {
        files::lock(&self.notices)
            .said
            .retain(|(name, _)| name != provider);
    }

    /// Whether a provider may be asked now. On success the limits are already charged.
    fn admit(
        &self,
        slot: &Slot,
        expected_tokens: u32,
    ) -> Result<tokio::sync::OwnedSemaphorePermit, AiError> {
        let about = slot.provider.about();
        let refuse = |failure, detail: &str| AiError::new(failure, &about.name, detail);
        if !about.local && !self.consent.allows(&self.workspace, &slot.base_url) {
            return Err(refuse(Failure::NoConsent, &slot.base_url));
        }
        let spent = |name| self.shared.ledger.spent_micros(name);
        let over = |limit: Option<u64>, name| limit.is_some_and(|limit| spent(name) >= limit);
        if over(self.monthly_limit_micros, None)
            || over(slot.monthly_limit_micros, Some(about.name.as_str()))
        {
            return Err(refuse(Failure::OverBudget, "monthly spending"));
        }
        let permit = Arc::clone(&slot.permits)
            .try_acquire_owned()
            .map_err(|_| refuse(Failure::OverBudget, "requests at a time"))?;
        let now = Instant::now();
        let mut control = files::lock(&slot.control);
        control
            .breaker
            .admit(now)
            .map_err(|wait| refuse(Failure::Resting, "").after(Some(wait)))?;
        let charged = match &mut control.requests {
            Some(bucket) => bucket
                .take(1.0, now)
                .map_err(|wait| (wait, "requests per minute")),
            None => Ok(()),
        }
        .and_then(|()| match &mut control.tokens {
            Some(bucket) => bucket
                .take(f64::from(expected_tokens), now)
                .map_err(|wait| (wait, "tokens per minute")),
            None => Ok(()),
        });
        match charged {
            Ok(()) => Ok(permit),
            Err((wait, what)) => {
                control.breaker.abandoned(now);
                Err(refuse(Failure::OverBudget, what).after(Some(wait)))
            }
        }
    }

    /// When the next provider is started beside a silent one: as configured, sooner if this one is usually fast.
    fn hedge_delay(&self, slot: &Slot) -> Duration {
        let control = files::lock(&slot.control);
        if control.first_text.len() < 16 {
            return self.hedge_after;
        }
        let mut times = control.first_text.clone();
        times.sort_unstable();
        let slow = times
            .get(times.len() * 9 / 10)
            .copied()
            .unwrap_or(self.hedge_after);
        (slow * 3 / 2).clamp(
            Duration::from_millis(20).min(self.hedge_after),
            self.hedge_after,
        )
    }

    /// Asks the providers of a task. `read` turns a stream into an answer that counts as good; it is run for every
    /// provider that is started, and dropped, with its connection, when another one wins.
    pub async fn race<T, F, R>(
        &self,
        task: Task,
        ask: &Ask,
        deadline: Duration,
        read: F,
    ) -> Result<Won<T>, AiError>
    where
        F: Fn(EventStream) -> R,
        R: Future<Output = Result<T, AiError>>,
    {
        self.race_among(task, &|_| true, ask, deadline, read).await
    }

    /// The same with those providers alone that `may` lets in.
    pub async fn race_among<T, F, R>(
        &self,
        task: Task,
        may: &(dyn Fn(&About) -> bool + Sync),
        ask: &Ask,
        deadline: Duration,
        read: F,
    ) -> Result<Won<T>, AiError>
    where
        F: Fn(EventStream) -> R,
        R: Future<Output = Result<T, AiError>>,
    {
        let expected = tokens::estimate_len(ask.text_len()) + ask.max_tokens();
        let mut waiting = self.order(task).filter(|slot| may(slot.provider.about()));
        let mut running = FuturesUnordered::new();
        let mut errors: Vec<AiError> = Vec::new();
        let end = tokio::time::Instant::now() + deadline;
        let mut hedge = None;
        let mut start_next = true;
        loop {
            if std::mem::take(&mut start_next) {
                hedge = None;
                for slot in waiting.by_ref() {
                    match self.admit(slot, expected) {
                        Ok(permit) => {
                            let stream = slot.provider.answer(ask);
                            let metered =
                                Meter::start(stream, slot, &self.shared, task, ask, permit);
                            let name = slot.provider.about().name.clone();
                            let reading = read(Box::pin(metered));
                            running.push(async move { (name, reading.await) });
                            hedge = Some(tokio::time::Instant::now() + self.hedge_delay(slot));
                            break;
                        }
                        Err(error) => errors.push(error),
                    }
                }
            }
            if running.is_empty() {
                return Err(self.give_up(task, errors));
            }
            let next_start = hedge.unwrap_or(end);
            tokio::select! {
                biased;
                Some((name, outcome)) = running.next() => match outcome {
                    Ok(value) => {
                        self.works(&name);
                        for error in errors.iter().filter(|error| !error.failure.is_passing()) {
                            self.tell(error);
                        }
                        return Ok(Won { provider: name, value });
                    }
                    Err(error) => {
                        errors.push(error);
                        start_next = true;
                    }
                },
                () = tokio::time::sleep_until(end) => {
                    errors.push(AiError::new(Failure::TimedOut, task.as_str(), &format!("no answer in {} ms", deadline.as_millis())));
                    return Err(self.give_up(task, errors));
                }
                () = tokio::time::sleep_until(next_start), if hedge.is_some() => start_next = true,
            }
        }
    }

    /// Consent is asked for by a dialogue and a rest is no news: the rest is told.
    fn tell(&self, error: &AiError) {
        if !matches!(error.failure, Failure::NoConsent | Failure::Resting) {
            self.notice(error);
        }
    }

    fn give_up(&self, task: Task, errors: Vec<AiError>) -> AiError {
        for error in &errors {
            self.tell(error);
        }
        // What the user can change says more than what passes by itself.
        let position = errors
            .iter()
            .position(|error| !error.failure.is_passing() && error.failure != Failure::Resting)
            .unwrap_or(0);
        errors.into_iter().nth(position).unwrap_or_else(|| {
            AiError::new(
                Failure::NoProvider,
                task.as_str(),
                "add one under ai.providers",
            )
        })
    }

    /// Asks the providers of a task that `may` lets in, and gives the stream of the one that speaks first, from its first
    /// word on.
    pub async fn stream(
        &self,
        task: Task,
        may: &(dyn Fn(&About) -> bool + Sync),
        ask: &Ask,
        deadline: Duration,
    ) -> Result<Won<EventStream>, AiError> {
        self.race_among(task, may, ask, deadline, |mut stream| async move {
            let mut before = Vec::new();
            loop {
                match stream.next().await {
                    Some(Ok(event)) => {
                        let speaks =
                            matches!(event, Event::Text(_) | Event::Call(_) | Event::Done(_));
                        before.push(Ok(event));
                        if speaks {
                            let whole: EventStream =
                                Box::pin(futures::stream::iter(before).chain(stream));
                            return Ok(whole);
                        }
                    }
                    Some(Err(error)) => return Err(error),
                    None => return Err(AiError::new(Failure::Interrupted, task.as_str(), "")),
                }
            }
        })
        .await
    }

    /// Turns texts into vectors, with the first provider that can.
    pub async fn embed(&self, request: &Embed) -> Result<Won<Embeddings>, AiError> {
        self.embed_among(&|_| true, request).await
    }

    /// The same with those providers alone that `may` lets in.
    pub async fn embed_among(
        &self,
        may: &(dyn Fn(&About) -> bool + Sync),
        request: &Embed,
    ) -> Result<Won<Embeddings>, AiError> {
        let expected = tokens::estimate_len(request.inputs.iter().map(String::len).sum());
        let mut errors = Vec::new();
        for slot in self
            .order(Task::Embed)
            .filter(|slot| may(slot.provider.about()))
        {
            let _permit = match self.admit(slot, expected) {
                Ok(permit) => permit,
                Err(error) => {
                    errors.push(error);
                    continue;
                }
            };
            let name = slot.provider.about().name.clone();
            let outcome = slot.provider.embed(request).await;
            let mut control = files::lock(&slot.control);
            match outcome {
                Ok(value) => {
                    control.breaker.succeeded();
                    drop(control);
                    let model = slot
                        .provider
                        .about()
                        .embed_model
                        .clone()
                        .unwrap_or_default();
                    self.shared
                        .ledger
                        .add(&name, self.shared.models.cost_micros(&model, value.usage));
                    self.works(&name);
                    return Ok(Won {
                        provider: name,
                        value,
                    });
                }
                Err(error) => {
                    meter::punish(&mut control, &error);
                    errors.push(error);
                }
            }
        }
        Err(self.give_up(Task::Embed, errors))
    }
}
