//! The thread that asks the compiler: questions of people first, then the cells that are to be checked, one at a time.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use metascript_sandbox::{Engine, FSharpEditor, FSharpScript};
use tokio::sync::mpsc::UnboundedSender;

use super::known::Known;
use super::{MakeEngine, Sheet};

/// A question; who asks has the other end of its answer.
pub(crate) type Question = Box<dyn FnOnce(&FSharpEditor) + Send>;

/// Questions that may wait. Of more, those that came first have lost their askers.
const MOST_QUESTIONS: usize = 64;

/// How far the thread is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Thread {
    /// Nobody has asked yet.
    #[default]
    None,
    /// It makes the compiler ready.
    Starting,
    Ready,
    /// There is no compiler, or the server ends.
    Gone,
}

#[derive(Default)]
struct Work {
    thread: Thread,
    questions: VecDeque<Question>,
    plans: VecDeque<Plan>,
}

/// The cells of a document that are still to be checked.
struct Plan {
    name: String,
    script: Arc<FSharpScript>,
    cells: VecDeque<(usize, u64)>,
}

/// Work for the thread.
enum Job {
    Question(Question),
    Check {
        name: String,
        script: Arc<FSharpScript>,
        cell: usize,
        key: u64,
    },
}

/// See the module's documentation.
pub(crate) struct Desk {
    work: Mutex<Work>,
    more: Condvar,
    known: Arc<Known>,
    tell: UnboundedSender<String>,
}

impl Desk {
    pub(crate) fn new(known: Arc<Known>, tell: UnboundedSender<String>) -> Self {
        Self {
            work: Mutex::default(),
            more: Condvar::new(),
            known,
            tell,
        }
    }

    /// Starts the thread if need be. Whether it answers by now.
    pub(crate) fn start(
        self: &Arc<Self>,
        engine: impl FnOnce() -> Result<Engine, String> + Send + 'static,
    ) -> bool {
        let mut work = self.work();
        match work.thread {
            Thread::Ready => return true,
            Thread::Starting | Thread::Gone => return false,
            Thread::None => work.thread = Thread::Starting,
        }
        drop(work);
        let desk = Arc::clone(self);
        let spawned = std::thread::Builder::new()
            .name("fsharp".to_owned())
            .spawn(move || desk.serve(Box::new(engine)));
        if let Err(error) = spawned {
            tracing::error!("the thread for F# could not start: {error}");
            self.close();
        }
        false
    }

    pub(crate) fn question(&self, question: Question) {
        let mut work = self.work();
        if work.questions.len() >= MOST_QUESTIONS {
            work.questions.pop_front();
        }
        work.questions.push_back(question);
        drop(work);
        self.more.notify_one();
    }

    /// Has the cells of a document checked that nothing is known about, those with new code first. An older plan of the
    /// document is dropped.
    pub(crate) fn plan(&self, name: &str, sheet: &Sheet, known: &Known) {
        let cells = known.wanted(name, sheet);
        let mut work = self.work();
        work.plans.retain(|plan| plan.name != name);
        if work.thread == Thread::Gone || cells.is_empty() {
            return;
        }
        work.plans.push_front(Plan {
            name: name.to_owned(),
            script: Arc::clone(&sheet.script),
            cells: cells.into(),
        });
        drop(work);
        self.more.notify_one();
    }

    pub(crate) fn drop_plan(&self, name: &str) {
        self.work().plans.retain(|plan| plan.name != name);
    }

    /// Ends the thread; whoever waits for an answer gets none.
    pub(crate) fn close(&self) {
        *self.work() = Work {
            thread: Thread::Gone,
            ..Work::default()
        };
        self.more.notify_all();
    }

    fn serve(self: Arc<Self>, engine: Box<MakeEngine>) {
        let editor = engine().and_then(|engine| {
            engine
                .fsharp_editor()
                .map_err(|error| format!("F# cells are not checked: {error}"))
        });
        let editor = match editor {
            Ok(editor) => editor,
            Err(error) => {
                tracing::warn!("{error}");
                self.close();
                return;
            }
        };
        {
            let mut work = self.work();
            if work.thread == Thread::Gone {
                return;
            }
            work.thread = Thread::Ready;
        }
        while let Some(job) = self.next() {
            match job {
                Job::Question(question) => question(&editor),
                Job::Check {
                    name,
                    script,
                    cell,
                    key,
                } => {
                    let found = editor.check(&script, cell);
                    let Some(code) = script.cells.get(cell) else {
                        continue;
                    };
                    if self.known.learn(&name, cell, key, code, found) {
                        // The receiver only goes away with the server.
                        let _ = self.tell.send(name);
                    }
                }
            }
        }
    }

    /// Waits for work. `None`: there will be none.
    fn next(&self) -> Option<Job> {
        let mut work = self.work();
        loop {
            if work.thread == Thread::Gone {
                return None;
            }
            if let Some(question) = work.questions.pop_front() {
                return Some(Job::Question(question));
            }
            while let Some(plan) = work.plans.front_mut() {
                if let Some((cell, key)) = plan.cells.pop_front() {
                    return Some(Job::Check {
                        name: plan.name.clone(),
                        script: Arc::clone(&plan.script),
                        cell,
                        key,
                    });
                }
                work.plans.pop_front();
            }
            work = self.more.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
