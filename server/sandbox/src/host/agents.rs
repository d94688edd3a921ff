//! `tars.agents`: who is there, and messages between them. They live in the session, and the scripts that it runs share
//! them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::Refused;
use super::arguments::Arguments;
use crate::value::Value;

/// The operations of this module.
pub(crate) const OPERATIONS: [&str; 4] = [
    "agents.announce",
    "agents.list",
    "agents.message",
    "agents.inbox",
];

/// Agents of one session.
const MOST_AGENTS: usize = 1000;
/// Bytes of all messages that nobody has read.
const MOST_BYTES: usize = 4 << 20;

/// Agents by name.
#[derive(Debug, Default)]
pub(crate) struct Board(Mutex<Agents>);

#[derive(Debug, Default)]
struct Agents {
    known: BTreeMap<String, Agent>,
    waiting: usize,
}

#[derive(Debug, Default)]
struct Agent {
    capabilities: Vec<String>,
    inbox: VecDeque<(String, String)>,
}

impl Board {
    /// Answers an operation.
    pub(crate) fn answer(
        &self,
        operation: &str,
        arguments: &mut Arguments,
    ) -> Result<Value, Refused> {
        let mut agents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match operation {
            "agents.announce" => {
                let name = named(arguments, "name")?;
                let capabilities = arguments.optional_list_of_texts("capabilities")?;
                agents.announce(name, capabilities)
            }
            "agents.message" => {
                let to = named(arguments, "to")?;
                let from = arguments.optional_text("from")?.unwrap_or_default();
                let content = arguments.text("content")?;
                agents.message(&to, from, content)
            }
            "agents.inbox" => Ok(agents.inbox(&named(arguments, "name")?)),
            _ => Ok(agents.list()),
        }
    }
}

impl Agents {
    fn announce(&mut self, name: String, capabilities: Vec<String>) -> Result<Value, Refused> {
        if !self.known.contains_key(&name) && self.known.len() >= MOST_AGENTS {
            return Err(Refused::new(
                "too-large",
                format!("a session has at most {MOST_AGENTS} agents"),
            ));
        }
        self.known.entry(name).or_default().capabilities = capabilities;
        Ok(Value::Null)
    }

    fn message(&mut self, to: &str, from: String, content: String) -> Result<Value, Refused> {
        let bytes = from.len() + content.len();
        if self.waiting + bytes > MOST_BYTES {
            return Err(Refused::new(
                "too-large",
                format!(
                    "more than {MOST_BYTES} bytes of messages wait to be read: read the inboxes first"
                ),
            ));
        }
        let Some(agent) = self.known.get_mut(to) else {
            let names: Vec<&str> = self.known.keys().map(String::as_str).take(20).collect();
            return Err(Refused::new(
                "not-found",
                format!(
                    "no agent '{to}' has announced itself{}",
                    if names.is_empty() {
                        String::new()
                    } else {
                        format!("; there are {}", names.join(", "))
                    }
                ),
            ));
        };
        self.waiting += bytes;
        agent.inbox.push_back((from, content));
        Ok(Value::Null)
    }

    /// The messages to an agent, which are read by this.
    fn inbox(&mut self, name: &str) -> Value {
        let messages = self
            .known
            .get_mut(name)
            .map(|agent| std::mem::take(&mut agent.inbox))
            .unwrap_or_default();
        let read: usize = messages
            .iter()
            .map(|(from, content)| from.len() + content.len())
            .sum();
        self.waiting -= read;
        let messages = messages.into_iter().map(|(from, content)| {
            Value::Map(vec![
                ("from".to_owned(), Value::Text(from)),
                ("content".to_owned(), Value::Text(content)),
            ])
        });
        Value::List(messages.collect())
    }

    fn list(&self) -> Value {
        let agents = self.known.iter().map(|(name, agent)| {
            let capabilities = agent.capabilities.iter().cloned().map(Value::Text);
            Value::Map(vec![
                ("name".to_owned(), Value::Text(name.clone())),
                (
                    "capabilities".to_owned(),
                    Value::List(capabilities.collect()),
                ),
            ])
        });
        Value::List(agents.collect())
    }
}

fn named(arguments: &mut Arguments, what: &str) -> Result<String, Refused> {
    const MAX: usize = 200;
    let name = arguments.text(what)?;
    if name.is_empty() || name.len() > MAX {
        return Err(Refused::new(
            "bad-argument",
            format!("the name of an agent has 1 to {MAX} bytes"),
        ));
    }
    Ok(name)
}
