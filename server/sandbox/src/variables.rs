//! Variables that the languages of a session share.
//!
//! Each variable has one holder: the language that bound it last, or the session itself. Nothing is copied when it is
//! bound. Before a cell runs, the variables that it mentions and that changed since its language saw them are read
//! from their holders and set in its language; afterwards, what it bound or changed in place becomes its own.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::Language;
use crate::event::VariableInfo;
use crate::instance::Instance;
use crate::value::Value;
use crate::wire::types;

/// The name under which a runtime keeps the last result, and the session's name for it.
pub(crate) const LAST: &str = "_";
pub(crate) const LAST_RESULT: &str = "_last_result";

#[derive(Debug, Clone, PartialEq)]
enum Holder {
    Session(Value),
    Runtime(Language),
}

#[derive(Debug)]
struct Variable {
    holder: Holder,
    /// Grows with every change.
    version: u64,
    /// The value of this version as it was read from its runtime.
    read: Option<Value>,
    /// The version that each other language has.
    seen: HashMap<Language, u64>,
}

/// The variables of a session.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    named: BTreeMap<String, Variable>,
    /// Words that the cells of a language used: a function may use a name that the cell which calls it does not.
    words: HashMap<Language, HashSet<String>>,
    next: u64,
}

/// Longest name of a variable, in bytes.
const MAX_NAME: usize = 200;

impl Variables {
    fn version(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// The session takes the value.
    pub(crate) fn put(&mut self, name: &str, value: Value) -> Result<(), String> {
        let mut characters = name.chars();
        let fine = characters
            .next()
            .is_some_and(|first| first.is_alphabetic() || first == '_')
            && characters.all(|rest| rest.is_alphanumeric() || rest == '_')
            && name.len() <= MAX_NAME;
        if !fine {
            return Err(format!(
                "'{}' is no name for a variable",
                name.chars().take(MAX_NAME).collect::<String>()
            ));
        }
        let version = self.version();
        self.named.insert(
            name.to_owned(),
            Variable {
                holder: Holder::Session(value),
                version,
                read: None,
                seen: HashMap::new(),
            },
        );
        Ok(())
    }

    pub(crate) fn is_held_by(&self, name: &str, language: Language) -> bool {
        self.named
            .get(name)
            .is_some_and(|variable| variable.holder == Holder::Runtime(language))
    }

    /// A language has the variable as it is now.
    pub(crate) fn seen_by(&mut self, name: &str, language: Language) {
        if let Some(variable) = self.named.get_mut(name) {
            variable.seen.insert(language, variable.version);
        }
    }

    fn hold(&mut self, name: &str, language: Language) {
        let version = self.version();
        self.named.insert(
            name.to_owned(),
            Variable {
                holder: Holder::Runtime(language),
                version,
                read: None,
                seen: HashMap::from([(language, version)]),
            },
        );
    }

    pub(crate) fn remove(&mut self, name: &str) -> bool {
        self.named.remove(name).is_some()
    }

    /// Names of variables, with the holder's type as far as the session knows it.
    pub(crate) fn list_wire(&self) -> Vec<types::Variable> {
        self.named
            .iter()
            .map(|(name, variable)| types::Variable {
                name: name.clone(),
                type_name: match &variable.holder {
                    Holder::Session(value) => value.type_name().to_owned(),
                    Holder::Runtime(language) => language.as_str().to_owned(),
                },
                preview: String::new(),
                size: None,
            })
            .collect()
    }

    /// Those that the session itself holds.
    pub(crate) fn own(&self) -> impl Iterator<Item = VariableInfo> + '_ {
        self.named
            .iter()
            .filter_map(|(name, variable)| match &variable.holder {
                Holder::Session(value) => Some(VariableInfo {
                    name: name.clone(),
                    language: None,
                    type_name: value.type_name().to_owned(),
                    preview: preview(value),
                    size: size(value),
                }),
                Holder::Runtime(_) => None,
            })
    }

    /// A language's runtime is gone. Values that were read from it and could not have changed since stay with the
    /// session; the names of the others are returned.
    pub(crate) fn runtime_gone(&mut self, language: Language) -> Vec<String> {
        self.words.remove(&language);
        let mut lost = Vec::new();
        for (name, variable) in &mut self.named {
            variable.seen.remove(&language);
            if variable.holder == Holder::Runtime(language) {
                match variable.read.take() {
                    Some(value) => variable.holder = Holder::Session(value),
                    None => lost.push(name.clone()),
                }
            }
        }
        for name in &lost {
            self.named.remove(name);
        }
        lost.retain(|name| name != LAST_RESULT);
        lost
    }
}

/// The session's variables and runtimes.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) variables: Variables,
    pub(crate) runtimes: HashMap<Language, Instance>,
}

impl Shared {
    /// The value of a variable, from its holder. `Err` says why it cannot be had.
    pub(crate) async fn read(&mut self, name: &str) -> Result<Option<Value>, String> {
        let Some(variable) = self.variables.named.get_mut(name) else {
            return Ok(None);
        };
        let language = match &variable.holder {
            Holder::Session(value) => return Ok(Some(value.clone())),
            Holder::Runtime(language) => *language,
        };
        if let Some(value) = &variable.read {
            return Ok(Some(value.clone()));
        }
        let Some(runtime) = self.runtimes.get_mut(&language) else {
            return Err(format!("the {language} runtime that holds it is busy"));
        };
        let value = runtime
            .get(inner_name(name))
            .await
            .map_err(|error| format!("the {language} runtime did not answer: {error:#}"))??;
        variable.read = Some(value.clone());
        Ok(Some(value))
    }

    /// Sets in `runtime` what its next cell may read and has not seen; returns the names that could not be had, with
    /// the reason.
    pub(crate) async fn offer(
        &mut self,
        runtime: &mut Instance,
        language: Language,
        code: &str,
    ) -> wasmtime::Result<Vec<(String, String)>> {
        let known = self.variables.words.entry(language).or_default();
        known.extend(words(code).map(str::to_owned));
        let wanted: Vec<String> = self
            .variables
            .named
            .iter()
            .filter(|(name, variable)| {
                variable.seen.get(&language) != Some(&variable.version)
                    && known.contains(*name)
                    && (name.as_str() != LAST_RESULT
                        || variable.holder != Holder::Runtime(language))
            })
            .map(|(name, _)| name.clone())
            .collect();
        let mut refused = Vec::new();
        for name in wanted {
            let reason = match self.read(&name).await {
                Ok(Some(value)) => runtime.set(&name, &value).await?.err(),
                Ok(None) => None,
                Err(reason) => Some(reason),
            };
            if let Some(variable) = self.variables.named.get_mut(&name) {
                variable.seen.insert(language, variable.version);
            }
            if let Some(reason) = reason {
                refused.push((name, reason));
            }
        }
        Ok(refused)
    }

    /// Takes note of what a cell of `language` did.
    pub(crate) async fn learn(
        &mut self,
        runtime: &mut Instance,
        language: Language,
        code: &str,
        defined: &[String],
        removed: &[String],
    ) -> wasmtime::Result<()> {
        for name in defined {
            self.variables.hold(name, language);
        }
        for name in removed {
            if self.variables.is_held_by(name, language) {
                self.variables.remove(name);
            }
        }
        let mentioned: HashSet<&str> = words(code).collect();
        let mut changed = Vec::new();
        for (name, variable) in &mut self.variables.named {
            if defined.contains(name) {
                continue;
            }
            if variable.holder == Holder::Runtime(language) {
                // It may have been changed in place, by this cell or by a function that it called.
                if variable
                    .read
                    .take_if(|value| value.is_container())
                    .is_some()
                {
                    self.variables.next += 1;
                    variable.version = self.variables.next;
                    variable.seen = HashMap::from([(language, variable.version)]);
                }
            } else if mentioned.contains(name.as_str())
                && variable.seen.get(&language) == Some(&variable.version)
            {
                let known = match &variable.holder {
                    Holder::Session(value) => Some(value),
                    Holder::Runtime(_) => variable.read.as_ref(),
                };
                if let Some(known) = known.filter(|value| value.is_container())
                    && let Ok(now) = runtime.get(name).await?
                    && !now.is_identical(known)
                {
                    changed.push(name.clone());
                }
            }
        }
        for name in changed {
            self.variables.hold(&name, language);
        }
        Ok(())
    }

    /// The last expression of `language` had a value.
    pub(crate) fn remember_result(&mut self, language: Language) {
        self.variables.hold(LAST_RESULT, language);
    }
}

/// What a runtime calls a variable of the session.
fn inner_name(name: &str) -> &str {
    if name == LAST_RESULT { LAST } else { name }
}

/// The words of a text that could be names.
pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
}

/// One line for the variable view.
fn preview(value: &Value) -> String {
    const MOST: usize = 120;
    let text = match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::BigInteger(text) | Value::Text(text) | Value::DateTime(text) => {
            text.chars().take(MOST + 1).collect()
        }
        Value::Float(number) => format!("{number:?}"),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::List(items) => format!("{} items", items.len()),
        Value::Map(entries) => format!("{} entries", entries.len()),
        Value::Table(table) => {
            format!("{} rows of {} columns", table.rows(), table.columns().len())
        }
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > MOST {
        line.chars().take(MOST - 1).chain(['…']).collect()
    } else {
        line
    }
}

fn size(value: &Value) -> Option<u64> {
    let size = match value {
        Value::Text(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        Value::Table(table) => table.rows(),
        _ => return None,
    };
    u64::try_from(size).ok()
}
