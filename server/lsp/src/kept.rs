//! `metascript/keptOutputs`: results kept beside the script, shown again when it is opened.
//!
//! They lie in `.metascript/outputs/` of the script's folder, one file for each script, and are kept only where the client
//! asks for it (`run.keepOutputs`). Each knows the hash of the code that made it: what no longer matches is shown as such.

mod file;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use metascript_analysis::Cancellable;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tower_lsp_server::gen_lsp_types::{
    LspNotificationMethod, MessageDirection, Notification, Range, Uri,
};

use crate::convert;
use crate::output::{CellEvent, CellOutputParams, VersionedDocument};
use crate::state::{Query, State};
use file::{Kept, KeptFile};

/// What ends within this time is written together.
const DELAY: Duration = Duration::from_millis(100);

/// Longest output of one cell that is kept, in bytes of its texts.
const MOST_BYTES: usize = 1 << 20;

/// Names a cell by what it says: SHA-256 of its language and its code, in hexadecimal.
pub(crate) fn key(language: &str, code: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(language);
    hash.update([0]);
    hash.update(code);
    hash.finalize()
        .iter()
        .fold(String::new(), |mut text, byte| {
            use std::fmt::Write;
            let _ = write!(text, "{byte:02x}");
            text
        })
}

enum Message {
    Event(Box<CellOutputParams>),
    /// Forget what is kept of a script.
    Forget(String),
    /// Answer when all before is written.
    Flush(oneshot::Sender<()>),
}

/// Where events of runs go that are to be kept; sending never waits.
#[derive(Clone)]
pub(crate) struct Keeper(UnboundedSender<Message>);

impl Keeper {
    /// Starts the task that writes for as long as a sender lives.
    pub(crate) fn start() -> Self {
        let (sender, receiver) = unbounded_channel();
        tokio::spawn(keep(receiver));
        Self(sender)
    }

    pub(crate) fn event(&self, params: &CellOutputParams) {
        let _ = self.0.send(Message::Event(Box::new(params.clone())));
    }

    pub(crate) fn forget(&self, uri: &str) {
        let _ = self.0.send(Message::Forget(uri.to_owned()));
    }

    /// Waits until all that ended is written.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.0.send(Message::Flush(done)).is_ok() {
            let _ = written.await;
        }
    }
}

/// A run on its way to its end.
#[derive(Default)]
struct Running {
    events: Vec<CellEvent>,
    bytes: usize,
}

async fn keep(mut messages: UnboundedReceiver<Message>) {
    let mut running: HashMap<u64, Running> = HashMap::new();
    while let Some(first) = messages.recv().await {
        let mut ended: HashMap<String, Vec<Kept>> = HashMap::new();
        let mut flushed = Vec::new();
        let mut next = Some(first);
        let mut waited = false;
        while let Some(message) = next {
            match message {
                Message::Event(params) => {
                    let uri = params.run.text_document.uri.clone();
                    if let Some(kept) = take(&mut running, *params) {
                        ended.entry(uri).or_default().push(kept);
                    }
                }
                Message::Forget(uri) => {
                    ended.remove(&uri);
                    write(uri, None).await;
                }
                Message::Flush(done) => {
                    flushed.push(done);
                    waited = true;
                }
            }
            next = messages.try_recv().ok();
            if next.is_none() && !waited && !ended.is_empty() {
                waited = true;
                tokio::time::sleep(DELAY).await;
                next = messages.try_recv().ok();
            }
        }
        for (uri, outputs) in ended {
            write(uri, Some(outputs)).await;
        }
        for done in flushed {
            let _ = done.send(());
        }
    }
}

/// Adds an event to its run; the run when it is over and worth keeping.
fn take(running: &mut HashMap<u64, Running>, params: CellOutputParams) -> Option<Kept> {
    let CellOutputParams { run, event } = params;
    if event == CellEvent::Queued {
        return None;
    }
    let number = run.run;
    let ended = matches!(event, CellEvent::Finished { .. });
    let of_run = running.entry(number).or_default();
    of_run.bytes = of_run.bytes.saturating_add(event.bytes());
    if of_run.bytes <= MOST_BYTES || ended {
        of_run.events.push(event);
    }
    if !ended {
        return None;
    }
    let of_run = running.remove(&number)?;
    // What never started, or is too long, is not kept; half an output would be taken for the whole.
    let whole = of_run.bytes <= MOST_BYTES && of_run.events.contains(&CellEvent::Started);
    whole.then(|| Kept {
        code: run.code,
        cell: run.cell,
        language: run.language,
        events: of_run.events,
    })
}

/// Adds outputs to what is kept of a script; without any, forgets it all.
async fn write(uri: String, outputs: Option<Vec<Kept>>) {
    let written = tokio::task::spawn_blocking(move || match (KeptFile::of(&uri), outputs) {
        (None, _) => Ok(()),
        (Some(file), Some(outputs)) => file.add(outputs),
        (Some(file), None) => file.remove(),
    });
    match written.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!("outputs could not be kept: {error}"),
        Err(error) => tracing::error!("outputs could not be kept: {error}"),
    }
}

/// The parameters of the notification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeptOutputsParams {
    text_document: VersionedDocument,
    outputs: Vec<KeptOutput>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KeptOutput {
    cell: usize,
    run: u64,
    language: String,
    range: Range,
    events: Vec<CellEvent>,
    /// Why it no longer belongs to the cell, for people; null when it does.
    because: Option<String>,
}

struct KeptOutputs;

impl Notification for KeptOutputs {
    type Params = KeptOutputsParams;
    const METHOD: LspNotificationMethod<'static> =
        LspNotificationMethod::new("metascript/keptOutputs");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// Tells the client what is kept of a script that it has opened.
pub(crate) async fn show(state: &Arc<State>, name: &str) {
    let run = &state.options().run;
    if !run.keep_outputs || !run.enabled {
        return;
    }
    let uri = name.to_owned();
    let read = tokio::task::spawn_blocking(move || KeptFile::of(&uri).map(|file| file.read()));
    let kept: Arc<[Kept]> = match read.await {
        Ok(Some(Ok(kept))) if !kept.is_empty() => kept.into(),
        Ok(Some(Err(error))) => {
            tracing::warn!("kept outputs are not shown: {error}");
            return;
        }
        _ => return,
    };
    let document = Uri(name.to_owned());
    let found = state.query(&document, move |query| placed(query, &kept));
    if let Ok(Some(params)) = found.await
        && !params.outputs.is_empty()
    {
        state.client.send_notification::<KeptOutputs>(params).await;
    }
}

/// Finds the cells that kept outputs belong to: the same code, nearest first, else the same place and language, as
/// far as the cells around it tell the place.
fn placed(query: &Query<'_>, kept: &[Kept]) -> Cancellable<KeptOutputsParams> {
    let cells = query.analysis.cells(query.file)?;
    let document = &query.open.document;
    let keys: Vec<String> = cells
        .iter()
        .map(|info| {
            let code = document.slice(info.cell.code.clone());
            key(info.cell.language.as_str(), &code)
        })
        .collect();
    let mut of_cell: Vec<Option<(&Kept, bool)>> = vec![None; cells.len()];
    let mut left = Vec::new();
    // Where cells of known code stood and stand.
    let mut moved: Vec<(usize, usize)> = Vec::new();
    for output in kept {
        let free = keys.iter().zip(&of_cell).enumerate();
        let same = free
            .filter(|(_, (key, taken))| **key == output.code && taken.is_none())
            .map(|(index, _)| index)
            .min_by_key(|index| index.abs_diff(output.cell));
        let place = same.and_then(|index| of_cell.get_mut(index).map(|place| (index, place)));
        match place {
            Some((index, place)) => {
                *place = Some((output, true));
                moved.push((output.cell, index));
            }
            None => left.push(output),
        }
    }
    for output in left {
        // A cell that was edited moved as the nearest one did that was not.
        let nearest = moved
            .iter()
            .min_by_key(|(old, _)| old.abs_diff(output.cell));
        let index = match nearest {
            Some((old, new)) => (output.cell + new).saturating_sub(*old),
            None => output.cell,
        };
        let language = cells.get(index).map(|info| info.cell.language.as_str());
        if let Some(place @ None) = of_cell.get_mut(index)
            && language == Some(output.language.as_str())
        {
            *place = Some((output, false));
        }
    }
    let rope = document.rope();
    let outputs = cells
        .iter()
        .zip(of_cell)
        .filter_map(|(info, output)| output.map(|output| (info, output)))
        .map(|(info, (output, same))| KeptOutput {
            cell: info.cell.index,
            run: query.state.sessions.next_run(),
            language: output.language.clone(),
            range: convert::range(rope, &info.cell.range, query.encoding),
            events: output.events.clone(),
            because: (!same).then(|| "the cell was edited after this run".to_owned()),
        })
        .collect();
    Ok(KeptOutputsParams {
        text_document: VersionedDocument {
            uri: query.name.to_owned(),
            version: query.open.version,
        },
        outputs,
    })
}

/// The folder of kept outputs, for messages and tests.
pub(crate) fn folder_of(script: &std::path::Path) -> Option<PathBuf> {
    Some(script.parent()?.join(".metascript").join("outputs"))
}
