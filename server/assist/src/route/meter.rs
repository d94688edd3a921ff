//! Watches one answer go by: its cost, its speed, how it ended. Whatever ends it, also being dropped, is booked.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures::Stream;
use tokio::sync::OwnedSemaphorePermit;

use super::{Control, Shared, Slot};
use crate::error::{AiError, Failure};
use crate::files;
use crate::provider::{Ask, Event, EventStream, Usage};
use crate::settings::Task;
use crate::tokens;

/// How many times to the first text are remembered.
const REMEMBERED: usize = 64;

pub(super) struct Meter {
    stream: EventStream,
    slot: Arc<Slot>,
    shared: Arc<Shared>,
    task: Task,
    started: Instant,
    /// What was read, as long as the provider does not say.
    estimate: Usage,
    reported: Option<Usage>,
    written: usize,
    spoke: bool,
    ended: bool,
    _permit: OwnedSemaphorePermit,
}

impl Meter {
    pub(super) fn start(
        stream: EventStream,
        slot: &Arc<Slot>,
        shared: &Arc<Shared>,
        task: Task,
        ask: &Ask,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            stream,
            slot: Arc::clone(slot),
            shared: Arc::clone(shared),
            task,
            started: Instant::now(),
            estimate: Usage {
                input: tokens::estimate_len(ask.text_len()),
                ..Usage::default()
            },
            reported: None,
            written: 0,
            spoke: false,
            ended: false,
            _permit: permit,
        }
    }

    fn see(&mut self, event: &Result<Event, AiError>) {
        match event {
            Ok(Event::Text(text)) => {
                self.written += text.len();
                self.first();
            }
            Ok(Event::Call(_)) => self.first(),
            Ok(Event::Usage(usage)) => self.reported = Some(*usage),
            Ok(Event::Done(_)) => {
                self.ended = true;
                files::lock(&self.slot.control).breaker.succeeded();
            }
            Err(error) => {
                self.ended = true;
                punish(&mut files::lock(&self.slot.control), error);
                self.shared
                    .stats
                    .failed(&self.slot.provider.about().name, self.task);
            }
        }
    }

    fn first(&mut self) {
        if !std::mem::replace(&mut self.spoke, true) {
            let time = self.started.elapsed();
            self.shared
                .stats
                .first_text(&self.slot.provider.about().name, self.task, time);
            let mut control = files::lock(&self.slot.control);
            if control.first_text.len() >= REMEMBERED {
                control.first_text.remove(0);
            }
            control.first_text.push(time);
        }
    }
}

/// Books a failure.
pub(super) fn punish(control: &mut Control, error: &AiError) {
    let now = Instant::now();
    match (error.failure, error.retry_after) {
        (Failure::RateLimited | Failure::Server, Some(wait)) => control.breaker.pause(now, wait),
        (failure, _) if failure.is_passing() => control.breaker.failed(now),
        // A wrong key or an unknown model does not heal by waiting; the request itself was answered.
        _ => control.breaker.abandoned(now),
    }
}

impl Stream for Meter {
    type Item = Result<Event, AiError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.stream.as_mut().poll_next(context);
        if let Poll::Ready(Some(event)) = &polled {
            self.see(event);
        }
        polled
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        let about = self.slot.provider.about();
        if !self.ended {
            let mut control = files::lock(&self.slot.control);
            // Dropped after its first words the provider has shown that it works; before, nothing is known.
            if self.spoke {
                control.breaker.succeeded();
            } else {
                control.breaker.abandoned(Instant::now());
            }
        }
        // A request that never got a word may still be billed for what it sent, unless it was refused.
        if !self.spoke && self.ended && self.reported.is_none() {
            return;
        }
        let estimate = Usage {
            output: tokens::estimate_len(self.written),
            ..self.estimate
        };
        let usage = match self.reported {
            // A stream that was dropped reports its words too late.
            Some(usage) if self.ended => usage,
            Some(usage) => Usage {
                output: usage.output.max(estimate.output),
                ..usage
            },
            None => estimate,
        };
        let micros = self.shared.models.cost_micros(&about.model, usage);
        self.shared.ledger.add(&about.name, micros);
        self.shared.stats.used(
            &about.name,
            self.task,
            usage,
            micros,
            self.started.elapsed(),
        );
    }
}
