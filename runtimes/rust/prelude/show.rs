//! What a cell shows.

use crate::{Map, Table, Value, host};

/// Something to show, in one or several representations.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rich(Map);

impl Rich {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a representation more: text of a MIME type, or bytes.
    #[must_use]
    pub fn with(mut self, mime: &str, content: impl Into<Value>) -> Self {
        self.0.insert(mime, content);
        self
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Map(self.0)
    }
}

impl From<&str> for Rich {
    fn from(text: &str) -> Self {
        Self::new().with("text/plain", text)
    }
}

impl From<String> for Rich {
    fn from(text: String) -> Self {
        Self::new().with("text/plain", text)
    }
}

impl From<&Value> for Rich {
    fn from(value: &Value) -> Self {
        value.to_string().into()
    }
}

impl From<&Table> for Rich {
    fn from(table: &Table) -> Self {
        let escape = |text: &str| {
            text.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
        };
        let mut html = String::from("<table><tr>");
        for (name, _) in table.columns() {
            html.push_str(&format!("<th>{}</th>", escape(name)));
        }
        html.push_str("</tr>");
        for row in table.rows().take(200) {
            html.push_str("<tr>");
            for value in row.values() {
                html.push_str(&format!("<td>{}</td>", escape(&value.to_string())));
            }
            html.push_str("</tr>");
        }
        html.push_str("</table>");
        Self::new()
            .with("text/plain", format!("{table:?}"))
            .with("text/html", html)
    }
}

/// Shows something at once.
pub fn display(shown: impl Into<Rich>) {
    let _ = host::ask(host::DISPLAY, &shown.into().into_value());
}

/// HTML.
pub fn html(text: impl Into<String>) -> Rich {
    Rich::new().with("text/html", text.into())
}

/// Markdown.
pub fn md(text: impl Into<String>) -> Rich {
    Rich::new().with("text/markdown", text.into())
}

/// A drawing.
pub fn svg(text: impl Into<String>) -> Rich {
    Rich::new().with("image/svg+xml", text.into())
}

/// Text of JSON.
pub fn json(text: impl Into<String>) -> Rich {
    Rich::new().with("application/json", text.into())
}

/// A picture.
pub fn png(bytes: impl Into<Vec<u8>>) -> Rich {
    Rich::new().with("image/png", bytes.into())
}

/// A photograph.
pub fn jpeg(bytes: impl Into<Vec<u8>>) -> Rich {
    Rich::new().with("image/jpeg", bytes.into())
}
