//! Stopping a cell from outside: its deadline and its user.

use std::future::Future;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Why the host stopped a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("the cell was stopped at its deadline")]
    Deadline,
    #[error("the cell was interrupted")]
    Interrupted,
}

#[derive(Debug, Default)]
struct Run {
    /// `None` while no cell runs.
    deadline: Option<Instant>,
    interrupted: Option<Instant>,
    /// The cell was told of the interrupt and ends by itself.
    told: bool,
    /// Why the cell must end by itself, because what had to be stopped was not its own code.
    spared: Option<Stop>,
}

/// A cell that computes when it is interrupted gets so long to reach a wait, where it can end by itself.
const PATIENCE: Duration = Duration::from_millis(100);

/// A call into native code that does not come back is given up so long after its deadline.
const GRACE: Duration = Duration::from_millis(20);

/// Time that a cell gets to end by itself once it was told of an interrupt.
const FAREWELL: Duration = Duration::from_secs(1);

/// State shared by a session, its handles and the clock of its stores.
#[derive(Debug, Default)]
pub(crate) struct Control {
    run: Mutex<Run>,
    changed: Notify,
}

impl Control {
    fn run(&self) -> std::sync::MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A cell begins.
    pub(crate) fn begin(&self, wall_time: Duration) {
        let now = Instant::now();
        // A limit too large for the clock is no limit: a year will do.
        let deadline = now
            .checked_add(wall_time)
            .unwrap_or(now + Duration::from_hours(8760));
        *self.run() = Run {
            deadline: Some(deadline),
            ..Run::default()
        };
    }

    /// The cell is over.
    pub(crate) fn end(&self) {
        *self.run() = Run::default();
    }

    /// Why the cell must stop now, if it must.
    pub(crate) fn stop(&self) -> Option<Stop> {
        let run = self.run();
        let now = Instant::now();
        if run.interrupted.is_some_and(|since| now >= since + PATIENCE) {
            Some(Stop::Interrupted)
        } else if run
            .deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
        {
            Some(Stop::Deadline)
        } else {
            None
        }
    }

    /// Hands the interrupt to the cell, if there is one: it may now end by itself, soon.
    pub(crate) fn tell(&self) -> bool {
        let mut run = self.run();
        if run.interrupted.take().is_none() {
            return false;
        }
        run.told = true;
        let soon = Instant::now() + FAREWELL;
        run.deadline = Some(run.deadline.map_or(soon, |deadline| deadline.min(soon)));
        true
    }

    /// Gives the cell time to end by itself although it must stop: what it waited for was stopped in its place.
    /// False if it had that time already.
    pub(crate) fn spare(&self, stop: Stop) -> bool {
        let mut run = self.run();
        if run.spared.is_some() {
            return false;
        }
        run.spared = Some(stop);
        run.interrupted = None;
        run.deadline = Some(Instant::now() + FAREWELL);
        true
    }

    /// Why the cell had to end by itself, if it had to.
    pub(crate) fn was_spared(&self) -> Option<Stop> {
        self.run().spared
    }

    /// Whether the cell was told of an interrupt.
    pub(crate) fn was_told(&self) -> bool {
        self.run().told
    }

    /// Waits until the cell must stop.
    pub(crate) async fn stopped(&self) -> Stop {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // From here on no interrupt is missed.
            changed.as_mut().enable();
            if let Some(stop) = self.stop() {
                return stop;
            }
            let next = {
                let run = self.run();
                let given_up = run.interrupted.map(|since| since + PATIENCE);
                run.deadline.into_iter().chain(given_up).min()
            };
            match next {
                Some(next) => {
                    let _ = tokio::time::timeout_at(next.into(), changed).await;
                }
                None => changed.await,
            }
        }
    }

    /// Drives a call of a runtime; gives it up soon after the cell must stop, even if it hangs in native code.
    pub(crate) async fn bounded<T>(
        &self,
        call: impl Future<Output = wasmtime::Result<T>>,
    ) -> wasmtime::Result<T> {
        let gone = async {
            loop {
                self.stopped().await;
                tokio::time::sleep(GRACE).await;
                // Meanwhile the cell may have been spared.
                if let Some(stop) = self.stop() {
                    return stop;
                }
            }
        };
        let mut call = std::pin::pin!(call);
        let mut gone = std::pin::pin!(gone);
        std::future::poll_fn(|context| {
            if let std::task::Poll::Ready(made) = call.as_mut().poll(context) {
                return std::task::Poll::Ready(made);
            }
            gone.as_mut().poll(context).map(|stop| Err(stop.into()))
        })
        .await
    }

    /// Waits until somebody interrupts the cell.
    pub(crate) async fn interrupted(&self) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if self.run().interrupted.is_some() {
                return;
            }
            changed.await;
        }
    }
}

/// Interrupts the cell that a session runs; usable from any thread.
#[derive(Debug, Clone)]
pub struct InterruptHandle(pub(crate) Arc<Control>);

impl InterruptHandle {
    /// Stops the running cell. False if none runs.
    ///
    /// A cell that waits (a timer, `time.sleep`) keeps its session's state; one that computes loses its runtime.
    pub fn interrupt(&self) -> bool {
        let mut run = self.0.run();
        if run.deadline.is_none() {
            return false;
        }
        run.interrupted.get_or_insert_with(Instant::now);
        drop(run);
        self.0.changed.notify_waiters();
        true
    }
}
