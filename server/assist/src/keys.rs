//! Where API keys come from: the environment, a command, the keychain of the operating system. Never a file of ours.

use std::fmt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::settings::{KeyCommand, ProviderSettings};

/// Reads a variable of the environment.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// An API key. It can be shown in no way but [`Key::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Arc<str>);

impl Key {
    /// A key from its text, without blanks around it; `None` if there is nothing.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(Arc::from(text)))
    }

    /// The key itself, for the header that carries it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(hidden)")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    None,
    Variable { name: String, required: bool },
    Command(KeyCommand),
    Keychain(String),
}

/// The key of one provider: found when first needed, kept until it is refused.
pub(crate) struct KeyStore {
    source: Source,
    environment: Environment,
    found: Mutex<Option<Key>>,
}

/// How long a command may take: a password manager may ask for a fingerprint.
const COMMAND_LIMIT: Duration = Duration::from_mins(1);
/// No key is longer.
const MAX_KEY: u64 = 64 << 10;

impl KeyStore {
    pub(crate) fn new(settings: &ProviderSettings, environment: Environment) -> Self {
        Self {
            source: source(settings),
            environment,
            found: Mutex::new(None),
        }
    }

    /// Where the key comes from, in words; `None` if no key is used.
    pub(crate) fn source_name(&self) -> Option<String> {
        match &self.source {
            Source::None => None,
            Source::Variable { name, .. } => Some(format!("the variable {name}")),
            Source::Command(_) => Some("api_key_command".to_owned()),
            Source::Keychain(entry) => Some(format!("the keychain entry {entry}")),
        }
    }

    /// The key; `Ok(None)` where none is needed; else why there is none, in words that hold no secret.
    pub(crate) async fn get(&self) -> Result<Option<Key>, String> {
        if let Source::Variable { name, required } = &self.source {
            let key = (self.environment)(name).as_deref().and_then(Key::new);
            return if key.is_none() && *required {
                Err(format!("set the variable {name}"))
            } else {
                Ok(key)
            };
        }
        let mut found = self.found.lock().await;
        if found.is_none() {
            *found = match &self.source {
                Source::None | Source::Variable { .. } => None,
                Source::Command(command) => {
                    let text = run(&mut shell(command))
                        .await
                        .map_err(|why| format!("api_key_command {why}"))?;
                    Some(first_line(&text).ok_or("api_key_command printed nothing")?)
                }
                Source::Keychain(entry) => {
                    let text = crate::keychain::read(entry).await?;
                    Some(first_line(&text).ok_or("the keychain entry is empty")?)
                }
            };
        }
        Ok(found.clone())
    }

    /// The provider refused the key: the next request asks its source again.
    pub(crate) async fn forget(&self) {
        *self.found.lock().await = None;
    }
}

fn source(settings: &ProviderSettings) -> Source {
    if settings.from_workspace {
        return Source::None;
    }
    if let Some(command) = &settings.api_key_command {
        return Source::Command(command.clone());
    }
    if let Some(entry) = &settings.api_key_keychain {
        return Source::Keychain(entry.clone());
    }
    if let Some(name) = &settings.api_key_env {
        return Source::Variable {
            name: name.clone(),
            required: true,
        };
    }
    // The conventional variable belongs to the conventional address: it is not sent to anybody else.
    let official = settings.base_url() == settings.kind.default_base_url();
    match settings.kind.default_key_env() {
        Some(name) if official => Source::Variable {
            name: name.to_owned(),
            required: true,
        },
        _ => Source::None,
    }
}

fn first_line(text: &str) -> Option<Key> {
    text.lines().next().and_then(Key::new)
}

fn shell(command: &KeyCommand) -> Command {
    match command {
        KeyCommand::Shell(line) if cfg!(windows) => {
            let mut command = Command::new("cmd");
            command.args(["/C", line]);
            command
        }
        KeyCommand::Shell(line) => {
            let mut command = Command::new("sh");
            command.args(["-c", line]);
            command
        }
        KeyCommand::Program(words) => {
            let mut words = words.iter();
            let mut command = Command::new(words.next().map_or("", String::as_str));
            command.args(words);
            command
        }
    }
}

/// Runs a command and gives what it printed; its error output is dropped, it may hold a part of a secret.
pub(crate) async fn run(command: &mut Command) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("cannot be started: {}", error.kind()))?;
    let work = async {
        let mut text = String::new();
        if let Some(output) = child.stdout.take() {
            output
                .take(MAX_KEY)
                .read_to_string(&mut text)
                .await
                .map_err(|_| "printed no text".to_owned())?;
        }
        let status = child
            .wait()
            .await
            .map_err(|error| format!("failed: {}", error.kind()))?;
        if status.success() {
            Ok(text)
        } else {
            Err(format!("failed with {status}"))
        }
    };
    tokio::time::timeout(COMMAND_LIMIT, work)
        .await
        .unwrap_or_else(|_| Err("did not end in a minute".to_owned()))
}

#[cfg(test)]
mod tests;
