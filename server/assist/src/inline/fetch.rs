//! Asking the providers, and answering as soon as a usable line is there.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::StreamExt as _;
use futures::future::join_all;
use tokio::sync::watch;

use super::InlineRequest;
use super::flight::{Arrived, Flight};
use crate::accept::Place;
use crate::assist::Assist;
use crate::cache::{Kept, answer_key};
use crate::context;
use crate::error::{AiError, Failure};
use crate::files;
use crate::privacy::{Placeholders, Restorer};
use crate::provider::{Ask, Event, EventStream, Fill, Usage};
use crate::settings::Task;

/// Variety among several candidates.
const OTHER_TEMPERATURE: f32 = 0.7;

impl Assist {
    /// Candidates of the providers for a place, judged, kept in the cache.
    pub(super) async fn fetch(
        &self,
        request: &InlineRequest,
        before: &str,
        after: &str,
    ) -> Vec<Kept> {
        let more = if request.invoked {
            self.settings.inline.candidates.saturating_sub(1)
        } else {
            0
        };
        let first = self.flight(request, before, after);
        let others = (0..more).map(|n| {
            let mut fill = self.fill(request, before, after);
            #[allow(clippy::cast_precision_loss)]
            let step = 0.1 * n as f32;
            fill.temperature = OTHER_TEMPERATURE + step;
            self.whole(fill)
        });
        let place = Place::new(&request.document, request.offset);
        let typed = first.typed(before, after).unwrap_or_default().to_owned();
        let (first, others) =
            tokio::join!(self.first_usable(&first, &place, &typed), join_all(others));
        let mut found: Vec<Kept> = first.into_iter().collect();
        for (origin, said) in others.into_iter().flatten() {
            match self.acceptor.judge(&place, &said) {
                Ok(text) if !found.iter().any(|known| known.text == text) => {
                    found.push(Kept { text, origin });
                }
                Ok(_) => {}
                Err(rejection) => self
                    .stats
                    .dropped(&origin, Task::Inline, rejection.as_str()),
            }
        }
        if found.len() > 1 {
            self.keep(before, after, found.clone());
        }
        found
    }

    /// The request for a place.
    pub(crate) fn fill(&self, request: &InlineRequest, before: &str, after: &str) -> Fill {
        let window = self
            .router
            .providers(Task::Inline)
            .iter()
            .map(|p| p.about().context)
            .min()
            .unwrap_or(8192);
        let similar = self
            .embedded
            .similar(&request.name, crate::tokens::tail(before, 400), 2);
        context::fill(
            before,
            after,
            &request.scope,
            similar,
            window,
            self.settings.inline.max_tokens,
        )
    }

    /// The answer on its way that fits here, or a new one instead of the document's last.
    fn flight(&self, request: &InlineRequest, before: &str, after: &str) -> Arc<Flight> {
        let mut documents = files::lock(&self.memory.documents);
        let typing = documents.entry(request.name.clone()).or_default();
        if let Some(flight) = typing
            .flight
            .as_ref()
            .filter(|flight| flight.typed(before, after).is_some())
        {
            return Arc::clone(flight);
        }
        let (sender, receiver) = watch::channel(Arrived::default());
        let fill = self.fill(request, before, after);
        let work = self.fly(
            fill,
            sender,
            request.clone(),
            before.to_owned(),
            after.to_owned(),
        );
        let task = tokio::spawn(work);
        let flight = Arc::new(Flight::new(before, after, receiver, task.abort_handle()));
        typing.flight = Some(Arc::clone(&flight));
        flight
    }

    /// Carries one answer home: from the disk or from the providers, into the cache.
    fn fly(
        &self,
        fill: Fill,
        sender: watch::Sender<Arrived>,
        request: InlineRequest,
        before: String,
        after: String,
    ) -> impl Future<Output = ()> + Send + 'static {
        let this = self.arc();
        async move {
            let Some(this) = this else { return };
            let mut ask = Ask::Fill(fill);
            let placeholders = this.redactor.redact_ask(&mut ask);
            let outcome = match this.disk_answer(&ask) {
                Some((provider, text)) => {
                    let text = placeholders.restore(&text);
                    sender
                        .send_modify(|arrived| (arrived.provider, arrived.text) = (provider, text));
                    Ok(())
                }
                None => this.ask_providers(&ask, &placeholders, &sender).await,
            };
            let arrived = sender.borrow().clone();
            if !arrived.text.is_empty() {
                let place = Place::new(&request.document, request.offset);
                match this.acceptor.judge(&place, &arrived.text) {
                    Ok(text) => this.keep(
                        &before,
                        &after,
                        vec![Kept {
                            text,
                            origin: arrived.provider.clone(),
                        }],
                    ),
                    Err(rejection) => {
                        this.stats
                            .dropped(&arrived.provider, Task::Inline, rejection.as_str());
                    }
                }
            }
            sender.send_modify(|arrived| arrived.ended = Some(outcome));
        }
    }

    async fn ask_providers(
        &self,
        ask: &Ask,
        placeholders: &Placeholders,
        sender: &watch::Sender<Arrived>,
    ) -> Result<(), AiError> {
        self.memory.asked.fetch_add(1, Ordering::Relaxed);
        let deadline = self.settings.inline.deadline;
        let won = self
            .router
            .race(Task::Inline, ask, deadline, first_words)
            .await?;
        let (said, mut stream) = won.value;
        let mut raw = said;
        let mut usage = Usage::default();
        let mut restorer = Restorer::new(placeholders.clone());
        let text = restorer.push(&raw);
        sender.send_modify(|arrived| {
            arrived.provider.clone_from(&won.provider);
            arrived.text = text;
        });
        let rest = async {
            while let Some(event) = stream.next().await {
                match event? {
                    Event::Text(piece) => {
                        raw.push_str(&piece);
                        let piece = restorer.push(&piece);
                        sender.send_modify(|arrived| arrived.text.push_str(&piece));
                    }
                    Event::Usage(now) => usage = now,
                    Event::Done(_) => return Ok(()),
                    Event::Call(_) => {}
                }
            }
            Ok(())
        };
        let outcome = tokio::time::timeout(deadline, rest).await;
        let rest = restorer.end();
        sender.send_modify(|arrived| arrived.text.push_str(&rest));
        match outcome {
            Ok(Ok(())) => {
                self.to_disk(&won.provider, ask, &raw, usage);
                Ok(())
            }
            // What broke off after the first words is still of use; the provider's fault is booked already.
            Ok(Err(error)) => Err(error),
            Err(_) => Err(AiError::new(Failure::TimedOut, &won.provider, "")),
        }
    }

    /// The first judged piece of an answer, less what was typed of it: as soon as a line is complete.
    async fn first_usable(&self, flight: &Flight, place: &Place, typed: &str) -> Option<Kept> {
        let mut arrived = flight.arrived.clone();
        let mut judged_lines = 0;
        loop {
            let now = arrived.borrow_and_update().clone();
            let ended = now.ended.is_some();
            if let Some(text) = now.text.strip_prefix(typed) {
                let lines = text.trim_start().matches('\n').count();
                if ended || lines > judged_lines {
                    judged_lines = lines;
                    // The last line may be half a line as long as the answer goes on.
                    let usable = if ended {
                        text
                    } else {
                        text.rfind('\n')
                            .and_then(|at| text.get(..at))
                            .unwrap_or_default()
                    };
                    if let Ok(text) = self.acceptor.judge(place, usable) {
                        return Some(Kept {
                            text,
                            origin: now.provider,
                        });
                    }
                }
            } else if !typed.starts_with(&now.text) {
                return None;
            }
            if ended || arrived.changed().await.is_err() {
                return None;
            }
        }
    }

    /// A whole answer, for candidates beside the first.
    async fn whole(&self, fill: Fill) -> Option<(String, String)> {
        let mut ask = Ask::Fill(fill);
        let placeholders = self.redactor.redact_ask(&mut ask);
        self.memory.asked.fetch_add(1, Ordering::Relaxed);
        let read = |mut stream: EventStream| async move {
            let mut text = String::new();
            while let Some(event) = stream.next().await {
                match event? {
                    Event::Text(piece) => text.push_str(&piece),
                    Event::Done(_) => break,
                    _ => {}
                }
            }
            Ok(text)
        };
        let won = self
            .router
            .race(Task::Inline, &ask, self.settings.inline.deadline, read)
            .await
            .ok()?;
        Some((won.provider, placeholders.restore(&won.value)))
    }

    fn disk_answer(&self, ask: &Ask) -> Option<(String, String)> {
        let disk = self.disk.as_ref()?;
        let provider = self.router.providers(Task::Inline).into_iter().next()?;
        let (text, _) = disk.get(&answer_key(&provider.preview(ask)))?;
        Some((provider.about().name.clone(), text))
    }

    fn to_disk(&self, winner: &str, ask: &Ask, raw: &str, usage: Usage) {
        let Some(disk) = &self.disk else { return };
        let providers = self.router.providers(Task::Inline);
        let Some(provider) = providers
            .iter()
            .find(|provider| provider.about().name == winner)
        else {
            return;
        };
        if let Err(error) = disk.put(&answer_key(&provider.preview(ask)), raw, usage) {
            tracing::warn!(%error, "an answer is not kept");
        }
    }
}

/// Reads until the first words: a provider that has nothing to say has not won.
async fn first_words(mut stream: EventStream) -> Result<(String, EventStream), AiError> {
    let mut text = String::new();
    while let Some(event) = stream.next().await {
        match event? {
            Event::Text(piece) => {
                text.push_str(&piece);
                if !text.trim().is_empty() {
                    return Ok((text, stream));
                }
            }
            Event::Done(_) => break,
            _ => {}
        }
    }
    Ok((text, Box::pin(futures::stream::empty())))
}
