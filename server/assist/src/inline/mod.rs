//! Completion at the cursor: cache before waiting, one request for many keystrokes, nothing stale, nothing broken.

mod debounce;
mod fetch;
mod flight;
mod place;

use std::collections::{HashMap, HashSet};
use std::hash::Hasher as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use metascript_syntax::Document;
use rustc_hash::FxHasher;

pub use debounce::Debounce;

use crate::accept::Place;
use crate::assist::Assist;
use crate::cache::{InlineCache, Kept};
use crate::context::Scope;
use crate::files;
use crate::settings::{EMBEDDED, Task};
use flight::Flight;

/// A request for completions.
#[derive(Debug, Clone)]
pub struct InlineRequest {
    /// The script's name in the workspace, with `/`.
    pub name: String,
    /// The text as the editor has it.
    pub document: Document,
    /// The cursor, in bytes.
    pub offset: usize,
    /// The user asked; otherwise it comes from typing.
    pub invoked: bool,
    /// What is visible at the cursor.
    pub scope: Scope,
}

/// A completion that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// For [`Assist::accepted`] and [`Assist::kept`].
    pub id: u64,
    /// What to insert at the cursor.
    pub text: String,
    /// Who says so: a provider's name, or where the built-in completer has it from.
    pub origin: String,
    /// It was known before the cursor came here.
    pub from_cache: bool,
}

/// What the completer remembers between keystrokes.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) cache: InlineCache,
    documents: Mutex<HashMap<String, Typing>>,
    shown: Mutex<Shown>,
    next_id: AtomicU64,
    /// Requests that went to providers.
    pub(crate) asked: AtomicU64,
    /// Stamps of whole texts in which the kept candidates were judged.
    judged: Mutex<HashSet<u64>>,
}

/// One document.
#[derive(Default)]
struct Typing {
    generation: u64,
    debounce: Debounce,
    flight: Option<Arc<Flight>>,
}

/// Candidates on the screen, the latest last.
#[derive(Default)]
struct Shown {
    candidates: Vec<(u64, String, InlineRequest, String)>,
}

/// How many shown candidates are remembered.
const SHOWN: usize = 32;

/// A hash of a whole text with a cursor.
fn stamp(before: &str, after: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(before.as_bytes());
    hasher.write_u8(0);
    hasher.write(after.as_bytes());
    hasher.finish()
}

impl Assist {
    /// Completions for a place, the best first. Empty when there are none, when typing went on in the meantime, or
    /// when completion is switched off here. Dropping the future gives up the wait; an answer on its way is still
    /// kept for the next keystroke.
    pub async fn inline(&self, request: InlineRequest) -> Vec<Candidate> {
        let settings = &self.settings.inline;
        if !self.settings.enabled
            || !(settings.automatic || request.invoked)
            || !self.may_read(&request.name)
        {
            return Vec::new();
        }
        let whole = request.document.rope().to_string();
        let Some((before, after)) = whole.split_at_checked(request.offset) else {
            return Vec::new();
        };
        let generation = self.pressed(&request.name);
        if place::switched_off(settings, &request.document, request.offset) {
            return Vec::new();
        }
        if let Some(known) = self.cached(&request, before, after)
            && (known.len() > 1 || !request.invoked)
        {
            return self.show(&request, generation, known, true);
        }
        if !self.router.serves(Task::Inline) {
            let guesses = self.embedded_candidates(&request, before, after);
            return self.show(&request, generation, guesses, false);
        }
        if !request.invoked && !self.wait(&request.name, generation, before, after).await {
            return Vec::new();
        }
        let mut found = self.fetch(&request, before, after).await;
        if self.generation(&request.name) != generation {
            // What came is in the cache; what is on the screen now is another text.
            return Vec::new();
        }
        if found.is_empty() || request.invoked {
            let guesses = if self.uses_embedded() {
                self.embedded_candidates(&request, before, after)
            } else {
                Vec::new()
            };
            for guess in guesses {
                if !found.iter().any(|known| known.text == guess.text) {
                    found.push(guess);
                }
            }
            found.truncate(if request.invoked {
                settings.candidates
            } else {
                1
            });
        }
        self.show(&request, generation, found, false)
    }

    /// A suggestion was taken: what follows it is fetched at once.
    pub fn accepted(self: &Arc<Self>, id: u64) {
        let shown = files::lock(&self.memory.shown);
        let Some((_, text, request, provider)) = shown
            .candidates
            .iter()
            .find(|(known, ..)| *known == id)
            .cloned()
        else {
            return;
        };
        drop(shown);
        self.stats.accepted(&provider, Task::Inline);
        if self.settings.inline.speculate && self.router.serves(Task::Inline) {
            let this = Arc::clone(self);
            tokio::spawn(async move { this.speculate(request, &text).await });
        }
    }

    /// A suggestion that was taken is still there after 30 seconds.
    pub fn kept(&self, id: u64) {
        let shown = files::lock(&self.memory.shown);
        if let Some((_, _, _, provider)) = shown.candidates.iter().find(|(known, ..)| *known == id)
        {
            self.stats.kept(provider, Task::Inline);
        }
    }

    /// Fetches what would follow a suggestion, so that it is there when it is wanted.
    pub async fn speculate(&self, request: InlineRequest, text: &str) {
        let edit = metascript_syntax::TextEdit {
            range: request.offset..request.offset,
            text: text.to_owned(),
        };
        let document = request.document.edited(&[edit]);
        let next = InlineRequest {
            offset: request.offset + text.len(),
            document,
            invoked: false,
            ..request
        };
        let whole = next.document.rope().to_string();
        let Some((before, after)) = whole.split_at_checked(next.offset) else {
            return;
        };
        if self.memory.cache.look_up(before, after).is_none() {
            self.fetch(&next, before, after).await;
        }
    }

    /// A document was closed: how it was typed is forgotten, and an answer on its way is given up.
    pub fn closed(&self, name: &str) {
        files::lock(&self.memory.documents).remove(name);
    }

    /// How many requests went to providers for completions.
    pub fn inline_requests(&self) -> u64 {
        self.memory.asked.load(Ordering::Relaxed)
    }

    fn pressed(&self, name: &str) -> u64 {
        let mut documents = files::lock(&self.memory.documents);
        let typing = documents.entry(name.to_owned()).or_default();
        typing.generation += 1;
        typing.debounce.pressed(Instant::now());
        typing.generation
    }

    fn generation(&self, name: &str) -> u64 {
        files::lock(&self.memory.documents)
            .get(name)
            .map_or(0, |typing| typing.generation)
    }

    /// Waits for a pause in typing. `false`: typing went on. An answer on its way that fits is not waited for.
    async fn wait(&self, name: &str, generation: u64, before: &str, after: &str) -> bool {
        let delay = {
            let documents = files::lock(&self.memory.documents);
            let Some(typing) = documents.get(name) else {
                return true;
            };
            if typing
                .flight
                .as_ref()
                .is_some_and(|flight| flight.typed(before, after).is_some())
            {
                return true;
            }
            typing
                .debounce
                .delay(before, None, self.settings.inline.debounce)
        };
        // The timer rounds up to the next millisecond, also from nothing.
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        self.generation(name) == generation
    }

    fn cached(&self, request: &InlineRequest, before: &str, after: &str) -> Option<Vec<Kept>> {
        let hit = self.memory.cache.look_up(before, after)?;
        let anchor = before.get(..before.len() - hit.typed)?;
        if files::lock(&self.memory.judged).contains(&stamp(anchor, after)) {
            return Some(hit.kept);
        }
        // Something else in the text has changed since: judged again, in the new text.
        let place = Place::new(&request.document, request.offset);
        let kept: Vec<Kept> = hit
            .kept
            .into_iter()
            .filter_map(|kept| {
                Some(Kept {
                    text: self.acceptor.judge(&place, &kept.text).ok()?,
                    origin: kept.origin,
                })
            })
            .collect();
        (!kept.is_empty()).then_some(kept)
    }

    /// Keeps candidates that were judged in this text.
    fn keep(&self, before: &str, after: &str, kept: Vec<Kept>) {
        /// Stamps are small; forgetting one costs a second judgement.
        const STAMPS: usize = 4096;
        let mut judged = files::lock(&self.memory.judged);
        if judged.len() >= STAMPS {
            judged.clear();
        }
        judged.insert(stamp(before, after));
        drop(judged);
        self.memory.cache.insert(before, after, kept);
    }

    fn uses_embedded(&self) -> bool {
        self.settings
            .order(Task::Inline)
            .iter()
            .any(|name| name == EMBEDDED)
    }

    /// The built-in completer's candidates that fit.
    fn embedded_candidates(&self, request: &InlineRequest, before: &str, after: &str) -> Vec<Kept> {
        let wanted = if request.invoked {
            self.settings.inline.candidates
        } else {
            1
        };
        let guesses = self
            .embedded
            .complete(&request.name, before, after, wanted + 2);
        let place = Place::new(&request.document, request.offset);
        let mut found: Vec<Kept> = Vec::new();
        for guess in guesses {
            match self.acceptor.judge(&place, &guess.text) {
                Ok(text) if !found.iter().any(|known| known.text == text) => {
                    found.push(Kept {
                        text,
                        origin: guess.origin,
                    });
                }
                Ok(_) => {}
                Err(rejection) => self
                    .stats
                    .dropped(EMBEDDED, Task::Inline, rejection.as_str()),
            }
        }
        found.truncate(wanted);
        found
    }

    /// Candidates on their way to the screen; none when the text there is another one by now.
    fn show(
        &self,
        request: &InlineRequest,
        generation: u64,
        kept: Vec<Kept>,
        from_cache: bool,
    ) -> Vec<Candidate> {
        if self.generation(&request.name) != generation {
            return Vec::new();
        }
        let mut shown = files::lock(&self.memory.shown);
        kept.into_iter()
            .map(|kept| {
                let id = self.memory.next_id.fetch_add(1, Ordering::Relaxed) + 1;
                let known = self.settings.provider(&kept.origin).is_some();
                let provider = if known {
                    kept.origin.clone()
                } else {
                    EMBEDDED.to_owned()
                };
                self.stats.shown(&provider, Task::Inline);
                if shown.candidates.len() >= SHOWN {
                    shown.candidates.remove(0);
                }
                shown
                    .candidates
                    .push((id, kept.text.clone(), request.clone(), provider));
                Candidate {
                    id,
                    text: kept.text,
                    origin: kept.origin,
                    from_cache,
                }
            })
            .collect()
    }
}
