//! `tars.llm` and `tars.vector`: language models and stores of texts, from the session's services.

use std::path::Path;

use super::Refused;
use super::arguments::Arguments;
use crate::policy::Policy;
use crate::services::{Conversation, Entry, Models, Role, Said, Services, StoreName};
use crate::value::Value;

/// The operations of this module.
pub(crate) const OPERATIONS: [&str; 5] = [
    "llm.complete",
    "llm.chat",
    "llm.embed",
    "vector.add",
    "vector.search",
];

/// Texts of one request.
const MOST_TEXTS: usize = 1000;
/// Answers of one search.
const MOST_FOUND: u64 = 1000;
/// Longest name of a store or an entry.
const MAX_NAME: usize = 200;

/// Answers an operation; `most` bounds the answer's bytes. Stores that are kept lie below `folder`.
pub(crate) async fn answer(
    operation: &str,
    arguments: &mut Arguments,
    services: &dyn Services,
    policy: &Policy,
    folder: &Path,
    most: usize,
) -> Result<Value, Refused> {
    let reach = policy.models;
    if operation.starts_with("llm.") && reach == Models::None {
        return Err(Refused::denied(format!(
            "the policy '{}' allows no language model; `models = \"local\"` in a policy of your own allows those of this \
             machine, `models = \"any\"` all that your settings name",
            policy.name
        )));
    }
    let answer = match operation {
        "llm.complete" | "llm.chat" => {
            let conversation = conversation(operation, arguments, reach)?;
            said(services.chat(conversation).await.map_err(failed)?)
        }
        "llm.embed" => {
            let texts = arguments.list_of_texts("texts")?;
            if texts.is_empty() || texts.len() > MOST_TEXTS {
                return Err(Refused::new(
                    "bad-argument",
                    format!("llm.embed takes 1 to {MOST_TEXTS} texts at once"),
                ));
            }
            let embedded = services.embed(texts, false, reach).await.map_err(failed)?;
            let vectors = embedded.vectors.into_iter().map(numbers).collect();
            map([
                ("vectors", Value::List(vectors)),
                ("model", Value::Text(embedded.model)),
            ])
        }
        "vector.add" => {
            let store = store(arguments, policy, folder)?;
            let text = arguments.text("text")?;
            let id = match arguments.optional_text("id")? {
                Some(id) => short("id", id)?,
                None => crate::cache::hex(&sha2::Digest::finalize(
                    <sha2::Sha256 as sha2::Digest>::new_with_prefix(&text),
                ))
                .chars()
                .take(16)
                .collect(),
            };
            let entry = Entry {
                id: id.clone(),
                text,
                metadata: arguments.texts("metadata")?,
                score: 0.0,
            };
            services.add(store, entry, reach).await.map_err(failed)?;
            map([("id", Value::Text(id))])
        }
        _ => {
            let store = store(arguments, policy, folder)?;
            let text = arguments.text("text")?;
            let limit = arguments.optional_number("limit")?.unwrap_or(5);
            let limit = usize::try_from(limit.min(MOST_FOUND)).unwrap_or(0);
            let found = services
                .search(store, text, limit, reach)
                .await
                .map_err(failed)?;
            Value::List(found.into_iter().map(entry).collect())
        }
    };
    if answer.size() > most {
        return Err(Refused::new(
            "too-large",
            format!(
                "the answer of {operation} is larger than the {most} bytes that a value may have"
            ),
        ));
    }
    Ok(answer)
}

fn failed(message: String) -> Refused {
    Refused::new("failed", message)
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(
        entries
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn conversation(
    operation: &str,
    arguments: &mut Arguments,
    reach: Models,
) -> Result<Conversation, Refused> {
    let mut messages: Vec<(Role, String)> = arguments
        .optional_text("system")?
        .map(|system| (Role::System, system))
        .into_iter()
        .collect();
    if operation == "llm.complete" {
        messages.push((Role::User, arguments.text("prompt")?));
    } else {
        for mut message in arguments.list_of_maps("messages")? {
            let role = match message.text("role")?.as_str() {
                "system" => Role::System,
                "user" => Role::User,
                "assistant" => Role::Assistant,
                other => {
                    return Err(Refused::new(
                        "bad-argument",
                        format!(
                            "{operation}: '{other}' is no role; there are system, user and assistant"
                        ),
                    ));
                }
            };
            messages.push((role, message.text("content")?));
        }
    }
    let max_tokens = arguments
        .optional_number("max_tokens")?
        .map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX));
    Ok(Conversation {
        messages,
        model: arguments.optional_text("model")?,
        max_tokens,
        temperature: arguments.optional_float("temperature")?,
        reach,
    })
}

fn said(said: Said) -> Value {
    map([
        ("text", Value::Text(said.text)),
        ("model", Value::Text(said.model)),
        ("provider", Value::Text(said.provider)),
        ("input_tokens", Value::Integer(i64::from(said.input_tokens))),
        (
            "output_tokens",
            Value::Integer(i64::from(said.output_tokens)),
        ),
    ])
}

fn numbers(vector: Vec<f32>) -> Value {
    Value::List(
        vector
            .into_iter()
            .map(|number| Value::Float(f64::from(number)))
            .collect(),
    )
}

fn entry(entry: Entry) -> Value {
    let metadata = entry
        .metadata
        .into_iter()
        .map(|(name, value)| (name, Value::Text(value)))
        .collect();
    map([
        ("id", Value::Text(entry.id)),
        ("text", Value::Text(entry.text)),
        ("score", Value::Float(entry.score)),
        ("metadata", Value::Map(metadata)),
    ])
}

fn short(what: &str, text: String) -> Result<String, Refused> {
    if text.is_empty() || text.len() > MAX_NAME {
        return Err(Refused::new(
            "bad-argument",
            format!("'{what}' has 1 to {MAX_NAME} bytes"),
        ));
    }
    Ok(text)
}

fn store(arguments: &mut Arguments, policy: &Policy, folder: &Path) -> Result<StoreName, Refused> {
    let name = arguments
        .optional_text("store")?
        .map_or_else(|| Ok("default".to_owned()), |name| short("store", name))?;
    if !name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    {
        return Err(Refused::new(
            "bad-argument",
            format!("'{name}' is no name of a store: it has letters, digits, - and _ alone"),
        ));
    }
    Ok(StoreName {
        name,
        folder: policy
            .keep_vectors
            .then(|| folder.join(".metascript").join("vectors")),
    })
}
