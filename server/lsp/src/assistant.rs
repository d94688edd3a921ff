//! The AI assistant of the workspace: made from the settings, fed with the scripts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use etcetera::BaseStrategy;
use metascript_analysis::{Cancellable, Symbol, SymbolKind, project};
use metascript_assist::accept::{Policy, SetupPolicy};
use metascript_assist::cache::Sealer;
use metascript_assist::context::{Scope, ScopeName};
use metascript_assist::provider::{ContextPart, Host};
use metascript_assist::settings::{Layer, Settings, Task};
use metascript_assist::{Assist, Parts};
use metascript_security::Setup;
use serde_json::Value;
use tokio::sync::SetOnce;
use tokio::time::timeout;
use tower_lsp_server::gen_lsp_types::{MessageActionItem, MessageType};

use crate::state::{Query, State};

/// How long after a suggestion was taken it is looked for again.
const KEPT_AFTER: Duration = Duration::from_secs(30);

/// How long a command waits for the assistant of a server that has just started.
const READY_WITHIN: Duration = Duration::from_secs(15);

/// So many bytes of the workspace's scripts are read for suggestions: the assistant remembers no more.
const MAX_READ: usize = 8 << 20;

/// Where the user's own settings are: `metascript/config.toml` in the folder for settings.
pub fn user_settings() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("metascript").join("config.toml"))
}

/// Makes the assistant of a workspace from the user's settings, the workspace's and the editor's (JSON or TOML), under
/// the security policy of the same settings. The second value says, a line each, what of the settings does not hold.
pub async fn open(workspace: &Path, editor: Option<&str>) -> (Arc<Assist>, Vec<String>) {
    let settings = workspace.join(project::SETTINGS_FILE);
    let (setup, mut problems) = Setup::load(user_settings().as_deref(), Some(&settings));
    let setup = Arc::new(setup);
    let policy = Arc::new(SetupPolicy::new(move || Arc::clone(&setup)));
    let (assist, more) = open_under(policy, workspace, editor).await;
    problems.extend(more);
    (assist, problems)
}

async fn open_under(
    policy: Arc<dyn Policy>,
    workspace: &Path,
    editor: Option<&str>,
) -> (Arc<Assist>, Vec<String>) {
    let read = |file: Option<PathBuf>| file.and_then(|file| std::fs::read_to_string(file).ok());
    let user = read(user_settings());
    let local = read(Some(workspace.join(project::SETTINGS_FILE)));
    let layers: Vec<(Layer, &str)> = [
        (Layer::User, user.as_deref()),
        (Layer::Workspace, local.as_deref()),
        (Layer::Editor, editor),
    ]
    .into_iter()
    .filter_map(|(layer, text)| Some((layer, text?)))
    .collect();
    let (mut settings, problems) = Settings::from_layers(&layers);
    if settings.data_folder.is_none() {
        settings.data_folder = etcetera::choose_base_strategy()
            .ok()
            .map(|base| base.data_dir().join("metascript"));
    }
    let remembers = !settings.providers.is_empty();
    let parts = Parts {
        settings,
        workspace: workspace.to_owned(),
        policy,
        host: Host::default(),
        // Asking the keychain may ask the user: only when there are answers to keep.
        sealer: if remembers {
            Sealer::from_keychain().await
        } else {
            None
        },
    };
    let (assist, faults) = Assist::new(parts);
    let mut lines: Vec<String> = problems
        .into_iter()
        .map(|problem| format!("{:?} settings: {}", problem.layer, problem.message))
        .collect();
    lines.extend(faults);
    (assist, lines)
}

/// The assistant, once it is made.
#[derive(Default)]
pub(crate) struct Assistant {
    assist: SetOnce<Arc<Assist>>,
    root: OnceLock<PathBuf>,
    workspace: Mutex<Reading>,
}

/// How far the assistant has read the workspace.
#[derive(Default)]
struct Reading {
    /// Somebody has asked it something: until then it need not know the scripts.
    begun: bool,
    /// Scripts on disk that it has not read.
    unread: BTreeSet<PathBuf>,
}

impl Assistant {
    pub(crate) fn get(&self) -> Option<&Arc<Assist>> {
        self.assist.get()
    }

    /// The assistant, which is made when the server starts: `None` when that takes too long.
    pub(crate) async fn ready(&self) -> Option<&Arc<Assist>> {
        timeout(READY_WITHIN, self.assist.wait()).await.ok()
    }

    /// What the assistant calls a file: its path below the workspace's root, with `/`. Without a workspace, its bare name.
    pub(crate) fn name(&self, path: &Path) -> String {
        let path = match self.root.get() {
            Some(root) if !root.as_os_str().is_empty() => path.strip_prefix(root).unwrap_or(path),
            _ => path.file_name().map_or(path, Path::new),
        };
        path.components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Notes scripts on disk, to be read when the assistant is first asked for something.
    pub(crate) fn expect(&self, paths: &[PathBuf]) {
        self.reading().unread.extend(paths.iter().cloned());
    }

    /// A script on disk has changed; without a text it is gone.
    pub(crate) fn changed(&self, path: &Path, text: Option<&str>) {
        match text {
            Some(text) if self.reading().begun => self.learn(path, text),
            Some(_) => self.expect(&[path.to_owned()]),
            None => {
                self.reading().unread.remove(path);
                self.forget(path);
            }
        }
    }

    /// Reads the scripts of the workspace that were not read yet, as much as the assistant remembers.
    pub(crate) async fn read_workspace(self: &Arc<Self>) {
        let unread = {
            let mut reading = self.reading();
            reading.begun = true;
            std::mem::take(&mut reading.unread)
        };
        if unread.is_empty() {
            return;
        }
        let assistant = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = 0;
            for path in unread {
                let Some(text) = project::read_script(&path) else {
                    continue;
                };
                assistant.learn(&path, &text);
                bytes += text.len();
                if bytes >= MAX_READ {
                    break;
                }
            }
        });
        if let Err(error) = read.await {
            tracing::error!("reading the workspace for suggestions: {error}");
        }
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.workspace
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in the text of a script.
    pub(crate) fn learn(&self, path: &Path, text: &str) {
        if let Some(assist) = self.get() {
            assist.learn(&self.name(path), text);
        }
    }

    /// Forgets a script that is gone.
    pub(crate) fn forget(&self, path: &Path) {
        if let Some(assist) = self.get() {
            assist.forget(&self.name(path));
        }
    }
}

/// Makes the assistant and asks, once, for what it needs the user's word for.
pub(crate) async fn start(state: &Arc<State>, root: PathBuf) {
    let editor = state
        .options()
        .ai
        .as_ref()
        .map(|ai| serde_json::json!({ "ai": ai }).to_string());
    let of = Arc::downgrade(state);
    // The policy of the moment: settings may change while the server runs.
    let policy = Arc::new(SetupPolicy::new(move || {
        let state = of.upgrade();
        state
            .map(|state| state.security.setup())
            .unwrap_or_default()
    }));
    let (assist, problems) = open_under(policy, &root, editor.as_deref()).await;
    for problem in problems {
        state
            .client
            .show_message(MessageType::Warning, problem)
            .await;
    }
    let _ = state.assistant.root.set(root);
    let _ = state.assistant.assist.set(Arc::clone(&assist));
    let state = Arc::clone(state);
    // The user may take any time to answer; nothing waits for it.
    tokio::spawn(async move {
        for task in [Task::Inline, Task::Chat] {
            if let Some((name, address)) = assist.consent_needed(task) {
                ask_consent(&state, &assist, &name, &address).await;
            }
        }
    });
}

async fn ask_consent(state: &Arc<State>, assist: &Arc<Assist>, name: &str, address: &str) {
    const ALLOW: &str = "Allow for this workspace";
    let answers = [ALLOW, "No"].map(|title| MessageActionItem {
        title: title.to_owned(),
        ..MessageActionItem::default()
    });
    let question = format!(
        "Metascript: may text of this workspace be sent to `{name}` ({address}) for AI suggestions? Secrets are replaced before anything leaves."
    );
    let answer = state
        .client
        .show_message_request(MessageType::Info, question, Some(answers.to_vec()))
        .await;
    let allowed = matches!(answer, Ok(Some(choice)) if choice.title == ALLOW);
    if allowed && let Err(error) = assist.grant_consent(address) {
        let message = format!("the consent could not be kept: {error}");
        state
            .client
            .show_message(MessageType::Warning, message)
            .await;
    }
}

/// A suggestion was taken: what follows it is fetched, and in half a minute it is looked for.
pub(crate) fn accepted(state: &Arc<State>, argument: &Value) {
    let Some(assist) = state.assistant.get() else {
        return;
    };
    let Some(id) = argument.get("candidate").and_then(Value::as_u64) else {
        return;
    };
    assist.accepted(id);
    let text = argument.get("text").and_then(Value::as_str);
    let document = argument.get("uri").and_then(Value::as_str);
    if let (Some(text), Some(document)) = (text, document) {
        let (text, document) = (text.to_owned(), document.to_owned());
        let (state, assist) = (Arc::clone(state), Arc::clone(assist));
        tokio::spawn(async move {
            tokio::time::sleep(KEPT_AFTER).await;
            let still = state
                .documents
                .get(&document)
                .is_some_and(|open| open.text().contains(&text));
            if still {
                assist.kept(id);
            }
        });
    }
}

/// Says, once each, what went wrong with providers.
pub(crate) async fn tell_notices(state: &Arc<State>) {
    if let Some(assist) = state.assistant.get() {
        tell_notices_but(state, assist, "").await;
    }
}

/// As [`tell_notices`], except a line that the user gets to see anyway.
pub(crate) async fn tell_notices_but(state: &State, assist: &Assist, said: &str) {
    let notices = assist.take_notices();
    for notice in notices.into_iter().filter(|notice| notice != said) {
        state
            .client
            .show_message(MessageType::Warning, notice)
            .await;
    }
}

/// What a completion at an offset may know of the script.
pub(crate) fn scope(query: &Query<'_>, offset: usize) -> Cancellable<Scope> {
    let mut scope = Scope::default();
    let symbols = query.analysis.document_symbols(query.file)?;
    collect(&symbols, &mut scope.names);
    let cells = query.analysis.cells(query.file)?;
    let current = cells.iter().find(|info| {
        let range = &info.cell.range;
        range.start <= offset && offset <= range.end
    });
    for info in &cells {
        scope
            .names
            .extend(info.defines.iter().map(|name| ScopeName {
                name: name.clone(),
                kind: format!("name of a {} cell", info.cell.language.as_str()),
                ..ScopeName::default()
            }));
        let feeds = current.is_some_and(|current| {
            current.cell.index != info.cell.index
                && info.defines.iter().any(|name| current.uses.contains(name))
        });
        if feeds {
            let code = query.open.document.slice(info.cell.code.clone());
            scope.related.push(ContextPart {
                title: format!("cell {} ({})", info.cell.index, info.cell.language.as_str()),
                text: code.into_owned(),
            });
        }
    }
    Ok(scope)
}

fn collect(symbols: &[Symbol], names: &mut Vec<ScopeName>) {
    for symbol in symbols {
        let kind = match symbol.kind {
            SymbolKind::Variable => "variable",
            SymbolKind::Function => "function",
            SymbolKind::Agent => "agent",
            _ => {
                collect(&symbol.children, names);
                continue;
            }
        };
        names.push(ScopeName {
            name: symbol.name.clone(),
            kind: kind.to_owned(),
            value: symbol.detail.clone(),
            ..ScopeName::default()
        });
    }
}
