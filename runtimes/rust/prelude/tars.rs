//! What a cell asks of the host. The policy decides, the audit log records.

use crate::host::call;
use crate::{Error, Value};

/// A line on standard error and in the audit log.
pub fn log(text: impl Into<String>) {
    write("info", text.into());
}

/// The same, for details.
pub fn debug(text: impl Into<String>) {
    write("debug", text.into());
}

/// The same, for what may go wrong.
pub fn warn(text: impl Into<String>) {
    write("warning", text.into());
}

/// The same, for what went wrong.
pub fn error(text: impl Into<String>) {
    write("error", text.into());
}

fn write(level: &str, message: String) {
    let _ = call(
        "log",
        vec![("level", level.into()), ("message", message.into())],
    );
}

fn at(path: impl AsRef<str>) -> (&'static str, Value) {
    ("path", path.as_ref().into())
}

/// Variables of the session.
pub mod vars {
    pub use crate::{get, names as list, set};
}

/// Files below the folders that the policy grants.
pub mod fs {
    use super::{Error, Value, at, call};
    use crate::FromValue;

    /// Text of a file, which is UTF-8.
    pub fn read(path: impl AsRef<str>) -> Result<String, Error> {
        call("fs.read-text", vec![at(path)]).and_then(String::from_value)
    }

    /// Bytes of a file.
    pub fn bytes(path: impl AsRef<str>) -> Result<Vec<u8>, Error> {
        call("fs.read-bytes", vec![at(path)]).and_then(Vec::from_value)
    }

    /// Writes text or bytes, whole or not at all.
    pub fn write(path: impl AsRef<str>, content: impl Into<Value>) -> Result<(), Error> {
        let content = content.into();
        let (operation, name) = match content {
            Value::Bytes(_) => ("fs.write-bytes", "bytes"),
            _ => ("fs.write-text", "text"),
        };
        call(operation, vec![at(path), (name, content)]).map(drop)
    }

    /// Adds text at the end.
    pub fn append(path: impl AsRef<str>, text: &str) -> Result<(), Error> {
        call("fs.append-text", vec![at(path), ("text", text.into())]).map(drop)
    }

    /// Entries with `name`, `kind` and `size`, by name.
    pub fn list(path: impl AsRef<str>) -> Result<Vec<Value>, Error> {
        call("fs.list", vec![at(path)]).and_then(Vec::from_value)
    }

    /// `kind`, `size` and `modified`.
    pub fn info(path: impl AsRef<str>) -> Result<Value, Error> {
        call("fs.info", vec![at(path)])
    }

    /// Whether it is there.
    pub fn exists(path: impl AsRef<str>) -> Result<bool, Error> {
        call("fs.exists", vec![at(path)]).and_then(bool::from_value)
    }

    /// Makes a folder and those above it.
    pub fn mkdir(path: impl AsRef<str>) -> Result<(), Error> {
        call("fs.create-folder", vec![at(path)]).map(drop)
    }

    /// Removes a file or an empty folder.
    pub fn remove(path: impl AsRef<str>) -> Result<(), Error> {
        call("fs.remove", vec![at(path)]).map(drop)
    }
}

/// Requests to the hosts that the policy grants.
pub mod http {
    use super::{Error, Value, call};
    use crate::{Map, ToValue};

    /// An answer.
    #[derive(Debug, Clone)]
    pub struct Response {
        /// For example 200.
        pub status: u16,
        /// For example `OK`.
        pub reason: String,
        /// Where the answer came from, after redirects.
        pub url: String,
        /// Header fields.
        pub headers: Map,
        /// Bytes.
        pub body: Vec<u8>,
    }

    impl Response {
        /// Whether the status is one of success.
        pub fn ok(&self) -> bool {
            (200..300).contains(&self.status)
        }

        /// The body as text.
        pub fn text(&self) -> String {
            String::from_utf8_lossy(&self.body).into_owned()
        }
    }

    /// A request of any method; the timeout is in seconds.
    pub fn request(
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
        timeout: Option<f64>,
    ) -> Result<Response, Error> {
        let headers: Map = headers.iter().copied().collect();
        let mut arguments = vec![
            ("method", method.into()),
            ("url", url.into()),
            ("headers", headers.into()),
        ];
        if let Some(body) = body {
            arguments.push(("body", body.to_value()));
        }
        if let Some(timeout) = timeout {
            let milliseconds = (timeout * 1000.0).round().max(1.0) as i64;
            arguments.push(("timeout", milliseconds.into()));
        }
        let answer = call("http.request", arguments)?;
        let text = |name: &str| answer[name].to_string();
        Ok(Response {
            status: answer["status"].to()?,
            reason: text("reason"),
            url: text("url"),
            headers: answer["headers"].to().unwrap_or_default(),
            body: answer["body"].to()?,
        })
    }

    /// `GET`.
    pub fn get(url: &str) -> Result<Response, Error> {
        request("GET", url, &[], None, None)
    }

    /// `POST` of text.
    pub fn post(url: &str, body: &str) -> Result<Response, Error> {
        request("POST", url, &[], Some(body.as_bytes()), None)
    }
}
