//! Arguments of a call: a map that a cell sent.

use super::Refused;
use crate::value::Value;

pub(crate) struct Arguments {
    operation: String,
    entries: Vec<(String, Value)>,
}

impl Arguments {
    pub(crate) fn new(operation: &str, value: Value) -> Result<Self, Refused> {
        match value {
            Value::Map(entries) => Ok(Self {
                operation: operation.to_owned(),
                entries,
            }),
            other => Err(Refused::new(
                "bad-argument",
                format!(
                    "{operation} takes a map of arguments, not {}",
                    other.type_name()
                ),
            )),
        }
    }

    /// What the call is about, for the audit log: a path, or a method and an address without its query.
    pub(crate) fn target(&self) -> String {
        let text = |name: &str| match self.get(name) {
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        };
        match self.operation.as_str() {
            "log" => format!("{}: {}", text("level"), text("message")),
            "http.request" => {
                let address = text("url");
                let shown = address.split(['?', '#']).next().unwrap_or_default();
                let more = if shown.len() < address.len() {
                    "?…"
                } else {
                    ""
                };
                format!("{} {}{more}", text("method"), without_user(shown))
            }
            "llm.complete" | "llm.chat" | "llm.embed" => text("model").to_owned(),
            "vector.add" | "vector.search" => text("store").to_owned(),
            "agents.message" => text("to").to_owned(),
            "agents.announce" | "agents.inbox" => text("name").to_owned(),
            "packages.module" => text("name").to_owned(),
            _ => text("path").to_owned(),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.entries
            .iter()
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    fn take(&mut self, name: &str) -> Value {
        self.entries
            .iter_mut()
            .find(|(key, _)| key == name)
            .map_or(Value::Null, |(_, value)| {
                std::mem::replace(value, Value::Null)
            })
    }

    fn wrong(&self, name: &str, wanted: &str, found: &Value) -> Refused {
        Refused::new(
            "bad-argument",
            format!(
                "{}: '{name}' is {}, not {wanted}",
                self.operation,
                found.type_name()
            ),
        )
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<String, Refused> {
        match self.take(name) {
            Value::Text(text) => Ok(text),
            other => Err(self.wrong(name, "text", &other)),
        }
    }

    pub(crate) fn optional_text(&mut self, name: &str) -> Result<Option<String>, Refused> {
        match self.take(name) {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => Err(self.wrong(name, "text", &other)),
        }
    }

    /// Texts in order.
    pub(crate) fn list_of_texts(&mut self, name: &str) -> Result<Vec<String>, Refused> {
        let Value::List(items) = self.take(name) else {
            return Err(self.wrong(name, "a list of texts", &Value::Null));
        };
        items
            .into_iter()
            .map(|item| match item {
                Value::Text(text) => Ok(text),
                other => Err(self.wrong(name, "a list of texts", &other)),
            })
            .collect()
    }

    pub(crate) fn optional_list_of_texts(&mut self, name: &str) -> Result<Vec<String>, Refused> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(_) => self.list_of_texts(name),
        }
    }

    /// Maps in order, each to be read as arguments of its own.
    pub(crate) fn list_of_maps(&mut self, name: &str) -> Result<Vec<Self>, Refused> {
        let Value::List(items) = self.take(name) else {
            return Err(self.wrong(name, "a list of maps", &Value::Null));
        };
        items
            .into_iter()
            .map(|item| Self::new(&format!("an item of '{name}' in {}", self.operation), item))
            .collect()
    }

    /// A map of values of any type.
    pub(crate) fn values(&mut self, name: &str) -> Result<Vec<(String, Value)>, Refused> {
        match self.take(name) {
            Value::Null => Ok(Vec::new()),
            Value::Map(entries) => Ok(entries),
            other => Err(self.wrong(name, "a map", &other)),
        }
    }

    /// A number with or without a fraction.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn optional_float(&mut self, name: &str) -> Result<Option<f64>, Refused> {
        match self.take(name) {
            Value::Null => Ok(None),
            Value::Integer(number) => Ok(Some(number as f64)),
            Value::Float(number) if number.is_finite() => Ok(Some(number)),
            other => Err(self.wrong(name, "a number", &other)),
        }
    }

    /// Bytes; text counts as its UTF-8.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, Refused> {
        self.optional_bytes(name)?
            .ok_or_else(|| self.wrong(name, "bytes", &Value::Null))
    }

    pub(crate) fn optional_bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, Refused> {
        match self.take(name) {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            Value::Text(text) => Ok(Some(text.into_bytes())),
            other => Err(self.wrong(name, "bytes", &other)),
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn optional_number(&mut self, name: &str) -> Result<Option<u64>, Refused> {
        match self.take(name) {
            Value::Null => Ok(None),
            Value::Integer(number) => u64::try_from(number)
                .map(Some)
                .map_err(|_| self.wrong(name, "a number from 0", &Value::Integer(number))),
            other => Err(self.wrong(name, "a whole number", &other)),
        }
    }

    /// A map of texts.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Vec<(String, String)>, Refused> {
        match self.take(name) {
            Value::Null => Ok(Vec::new()),
            Value::Map(entries) => entries
                .into_iter()
                .map(|(key, value)| match value {
                    Value::Text(text) => Ok((key, text)),
                    other => Err(self.wrong(&key, "text", &other)),
                })
                .collect(),
            other => Err(self.wrong(name, "a map of texts", &other)),
        }
    }
}

/// An address without the name and password that may stand in it.
fn without_user(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}{path}"),
        None => address.to_owned(),
    }
}
