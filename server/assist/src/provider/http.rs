//! Moving the bytes: connections, deadlines, limits, and what a failed transfer means.

use std::collections::VecDeque;
use std::error::Error as _;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::stream;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response};
use tokio::time::timeout;

use super::Preview;
use super::request::{Event, EventStream};
use super::sse::{LineReader, SseReader};
use super::status;
use super::wire::{Decoder, Fault, Framing, KeyHeader, Record};
use crate::error::{AiError, Failure};
use crate::keys::{Environment, Key, KeyStore};

/// What providers share: connection pools and the environment that keys are read from.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Shared>,
}

struct Shared {
    /// Never through a proxy, without certificates: it only talks to this machine.
    local: OnceLock<Option<Client>>,
    remote: OnceLock<Option<Client>>,
    environment: Environment,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new(Arc::new(|name: &str| std::env::var(name).ok()))
    }
}

impl Host {
    /// A host that reads variables with the given function. Connections belong to the runtime that made them, so
    /// make one host per runtime.
    pub fn new(environment: Environment) -> Self {
        Self {
            inner: Arc::new(Shared {
                local: OnceLock::new(),
                remote: OnceLock::new(),
                environment,
            }),
        }
    }

    pub(crate) fn environment(&self) -> Environment {
        Arc::clone(&self.inner.environment)
    }

    /// The pool of connections for this machine or for others; `None` if there is no TLS.
    pub(crate) fn http(&self, local: bool) -> Option<&Client> {
        let slot = if local {
            &self.inner.local
        } else {
            &self.inner.remote
        };
        slot.get_or_init(|| build(local)).as_ref()
    }
}

fn build(local: bool) -> Option<Client> {
    // Another part of the process may have installed a provider already; either is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .user_agent(concat!("metascript/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(Duration::from_secs(50))
        .tcp_nodelay(true)
        // A redirect would carry the key and the prompt to an address that nobody agreed to.
        .redirect(reqwest::redirect::Policy::none());
    let builder = if local { builder.no_proxy() } else { builder };
    builder
        .build()
        .inspect_err(|error| tracing::error!(%error, "no HTTP client"))
        .ok()
}

/// Bounds on time and size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) first_byte: Duration,
    pub(crate) idle: Duration,
    pub(crate) record: usize,
    pub(crate) total: usize,
    pub(crate) error_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(15),
            idle: Duration::from_secs(15),
            record: 1 << 20,
            total: 16 << 20,
            error_body: 16 << 10,
        }
    }
}

/// A request on its way.
pub(crate) struct Outgoing {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) local: bool,
    pub(crate) key: Arc<KeyStore>,
    pub(crate) key_header: KeyHeader,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: String,
    pub(crate) framing: Framing,
    pub(crate) limits: Limits,
    pub(crate) host: Host,
}

pub(crate) fn fault_error(name: &str, fault: Fault) -> AiError {
    match fault {
        Fault::Malformed(why) => AiError::new(Failure::Malformed, name, &why),
        Fault::Oversized => AiError::new(Failure::Oversized, name, ""),
        Fault::Interrupted => AiError::new(Failure::Interrupted, name, ""),
        Fault::Reported(failure, words) => AiError::new(failure, name, &words),
    }
}

impl Outgoing {
    fn error(&self, failure: Failure, detail: &str) -> AiError {
        AiError::new(failure, &self.name, detail)
    }

    fn plain(&self) -> Vec<(&'static str, &'static str)> {
        let accept = match self.framing {
            Framing::Sse => "text/event-stream",
            Framing::Lines => "application/json",
        };
        let mut headers = vec![("content-type", "application/json"), ("accept", accept)];
        headers.extend_from_slice(self.headers);
        headers
    }

    /// What would be sent, with the key's source in the place of the key.
    pub(crate) fn preview(self) -> Preview {
        let mut headers: Vec<(String, String)> = self
            .plain()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        if let Some(source) = self.key.source_name() {
            headers.push(match self.key_header {
                KeyHeader::Bearer => ("authorization".to_owned(), format!("Bearer <{source}>")),
                KeyHeader::XApiKey => ("x-api-key".to_owned(), format!("<{source}>")),
            });
        }
        Preview {
            provider: self.name,
            url: self.url,
            leaves_this_machine: !self.local,
            headers,
            body: self.body,
        }
    }

    fn header_map(&self, key: Option<&Key>) -> Result<HeaderMap, AiError> {
        let mut map = HeaderMap::new();
        for (name, value) in self.plain() {
            map.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        debug_assert!(map.contains_key(CONTENT_TYPE) && map.contains_key(ACCEPT));
        if let Some(key) = key {
            let (name, text) = match self.key_header {
                KeyHeader::Bearer => (AUTHORIZATION, format!("Bearer {}", key.expose())),
                KeyHeader::XApiKey => (
                    HeaderName::from_static("x-api-key"),
                    key.expose().to_owned(),
                ),
            };
            let mut value = HeaderValue::from_str(&text).map_err(|_| {
                self.error(Failure::NoKey, "the key holds characters that no key has")
            })?;
            value.set_sensitive(true);
            map.insert(name, value);
        }
        Ok(map)
    }

    /// Sends the request and waits for the head of the answer.
    async fn send(&self) -> Result<(Response, Option<Key>), AiError> {
        let key = self
            .key
            .get()
            .await
            .map_err(|detail| self.error(Failure::NoKey, &detail))?;
        if key.is_some() && !self.local && !self.url.starts_with("https://") {
            return Err(self.error(Failure::Insecure, ""));
        }
        let headers = self.header_map(key.as_ref())?;
        let client = self.host.http(self.local);
        let client =
            client.ok_or_else(|| self.error(Failure::Unreachable, "TLS is not available"))?;
        let sending = client
            .post(&self.url)
            .headers(headers)
            .body(self.body.clone())
            .send();
        let response = self.within(self.limits.first_byte, sending).await?;
        if response.status().is_success() {
            return Ok((response, key));
        }
        let mut error = self.refusal(response).await;
        if error.failure == Failure::KeyRefused {
            // A key from a command or the keychain may be renewed there.
            self.key.forget().await;
            if let Some(source) = self.key.source_name() {
                error = AiError::new(
                    Failure::KeyRefused,
                    &self.name,
                    &format!("check {source}; {}", error.detail()),
                );
            }
        }
        Err(match &key {
            Some(key) => error.without(key.expose()),
            None => error,
        })
    }

    async fn refusal(&self, response: Response) -> AiError {
        let status = response.status().as_u16();
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let milliseconds = header("retry-after-ms")
            .and_then(|value| value.parse::<u64>().ok())
            .map(|milliseconds| Duration::from_millis(milliseconds.min(3_600_000)));
        let wait = milliseconds.or_else(|| {
            header("retry-after").and_then(|value| status::retry_after(value, header("date")))
        });
        let body = self
            .bounded_body(response, self.limits.error_body)
            .await
            .unwrap_or_default();
        let words = status::words(&String::from_utf8_lossy(&body));
        let failure = status::failure(status, &words);
        let words = if words.is_empty() {
            format!("status {status}")
        } else {
            words
        };
        self.error(failure, &words).after(wait)
    }

    /// The beginning of a body. A body that is longer, or breaks off, gives what there was.
    async fn bounded_body(&self, mut response: Response, limit: usize) -> Result<Vec<u8>, AiError> {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = self.within(self.limits.idle, response.chunk()).await {
            body.extend_from_slice(&chunk);
            if body.len() >= limit {
                body.truncate(limit);
                break;
            }
        }
        Ok(body)
    }

    async fn within<T>(
        &self,
        limit: Duration,
        future: impl Future<Output = Result<T, reqwest::Error>>,
    ) -> Result<T, AiError> {
        match timeout(limit, future).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.transfer_error(&error)),
            Err(_) => Err(self.error(
                Failure::TimedOut,
                &format!("silent for {} ms", limit.as_millis()),
            )),
        }
    }

    fn transfer_error(&self, error: &reqwest::Error) -> AiError {
        let host = url::Url::parse(&self.url)
            .ok()
            .and_then(|url| {
                Some(format!(
                    "{}:{}",
                    url.host_str()?,
                    url.port_or_known_default()?
                ))
            })
            .unwrap_or_default();
        let mut causes = String::new();
        let mut source = error.source();
        while let Some(cause) = source {
            causes = cause.to_string();
            if causes.contains("dns error") || causes.contains("failed to lookup") {
                return self.error(
                    Failure::Unreachable,
                    &format!("the name of {host} is not known"),
                );
            }
            source = cause.source();
        }
        if error.is_timeout() {
            self.error(Failure::TimedOut, &host)
        } else if error.is_connect() {
            self.error(Failure::Unreachable, &format!("{host}: {causes}"))
        } else if error.is_body() || error.is_decode() {
            self.error(Failure::Interrupted, &causes)
        } else if causes.contains("invalid HTTP") || causes.contains("parse") {
            self.error(Failure::Malformed, "not HTTP")
        } else {
            self.error(Failure::Interrupted, &causes)
        }
    }

    /// Sends the request and reads the whole answer as text.
    pub(crate) async fn whole(self) -> Result<String, AiError> {
        let (mut response, key) = self.send().await?;
        let redact = |error: AiError| match &key {
            Some(key) => error.without(key.expose()),
            None => error,
        };
        let mut body = Vec::new();
        while let Some(chunk) = self
            .within(self.limits.idle, response.chunk())
            .await
            .map_err(redact)?
        {
            body.extend_from_slice(&chunk);
            if body.len() > self.limits.total {
                return Err(self.error(Failure::Oversized, ""));
            }
        }
        String::from_utf8(body)
            .map_err(|_| self.error(Failure::Malformed, "the answer is not UTF-8"))
    }

    /// Sends the request when first polled and yields events as they arrive.
    pub(crate) fn stream(self, decoder: Box<dyn Decoder>) -> EventStream {
        Box::pin(stream::unfold(
            State::Start(Box::new(self), decoder),
            |state| async move {
                match state {
                    State::Start(outgoing, decoder) => match outgoing.send().await {
                        Ok((response, key)) => {
                            Reading::new(*outgoing, decoder, response, key).next().await
                        }
                        Err(error) => Some((Err(error), State::Finished)),
                    },
                    State::Reading(reading) => reading.next().await,
                    State::Finished => None,
                }
            },
        ))
    }
}

enum State {
    Start(Box<Outgoing>, Box<dyn Decoder>),
    Reading(Box<Reading>),
    Finished,
}

enum Reader {
    Sse(SseReader),
    Lines(LineReader),
    /// The server answered in one piece although it was asked to stream.
    Whole(Vec<u8>),
}

struct Reading {
    outgoing: Outgoing,
    decoder: Box<dyn Decoder>,
    response: Response,
    key: Option<Key>,
    reader: Reader,
    ready: VecDeque<Event>,
    /// A fault that was met after events that are still to be given out.
    fault: Option<Fault>,
    received: usize,
}

type Step = Option<(Result<Event, AiError>, State)>;

impl Reading {
    fn new(
        outgoing: Outgoing,
        decoder: Box<dyn Decoder>,
        response: Response,
        key: Option<Key>,
    ) -> Box<Self> {
        let content_type = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut fault = None;
        let reader = if content_type.starts_with("text/html") {
            fault = Some(Fault::malformed(
                "a web page came back instead of an answer: check base_url",
            ));
            Reader::Whole(Vec::new())
        } else if outgoing.framing == Framing::Lines {
            Reader::Lines(LineReader::new(outgoing.limits.record))
        } else if content_type.starts_with("application/json") {
            Reader::Whole(Vec::new())
        } else {
            Reader::Sse(SseReader::new(outgoing.limits.record))
        };
        Box::new(Self {
            outgoing,
            decoder,
            response,
            key,
            reader,
            ready: VecDeque::new(),
            fault,
            received: 0,
        })
    }

    async fn next(mut self: Box<Self>) -> Step {
        loop {
            if let Some(event) = self.ready.pop_front() {
                let done = matches!(event, Event::Done(_));
                let state = if done {
                    State::Finished
                } else {
                    State::Reading(self)
                };
                return Some((Ok(event), state));
            }
            if let Some(fault) = self.fault.take() {
                return self.fail(fault_error(&self.outgoing.name, fault));
            }
            let chunk = self
                .outgoing
                .within(self.outgoing.limits.idle, self.response.chunk())
                .await;
            let outcome = match chunk {
                Ok(Some(bytes)) => {
                    self.received += bytes.len();
                    if self.received > self.outgoing.limits.total {
                        self.fault = Some(Fault::Oversized);
                        continue;
                    }
                    self.feed(&bytes)
                }
                Ok(None) => self.finish(),
                Err(error) => return self.fail(error),
            };
            if let Err(fault) = outcome {
                self.fault = Some(fault);
            }
        }
    }

    fn fail(&self, error: AiError) -> Step {
        let error = match &self.key {
            Some(key) => error.without(key.expose()),
            None => error,
        };
        Some((Err(error), State::Finished))
    }

    fn feed(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut records = Vec::new();
        let framed = match &mut self.reader {
            Reader::Sse(reader) => reader.feed(bytes, &mut records),
            Reader::Lines(reader) => reader.feed(bytes, &mut records),
            Reader::Whole(body) => {
                body.extend_from_slice(bytes);
                Ok(())
            }
        };
        self.decode(&records)?;
        framed
    }

    fn finish(&mut self) -> Result<(), Fault> {
        let mut records = Vec::new();
        match &mut self.reader {
            Reader::Sse(reader) => reader.end(&mut records)?,
            Reader::Lines(reader) => reader.end(&mut records)?,
            Reader::Whole(body) => {
                let data = String::from_utf8(std::mem::take(body))
                    .map_err(|_| Fault::malformed("the answer is not UTF-8"))?;
                records.push(Record {
                    event: String::new(),
                    data,
                });
            }
        }
        self.decode(&records)?;
        if self
            .ready
            .iter()
            .any(|event| matches!(event, Event::Done(_)))
        {
            return Ok(());
        }
        let mut events = Vec::new();
        let ended = self.decoder.end(&mut events);
        self.ready.extend(events);
        ended
    }

    fn decode(&mut self, records: &[Record]) -> Result<(), Fault> {
        for record in records {
            let mut events = Vec::new();
            let read = self.decoder.record(record, &mut events);
            self.ready.extend(events);
            read?;
            if self
                .ready
                .back()
                .is_some_and(|event| matches!(event, Event::Done(_)))
            {
                break;
            }
        }
        Ok(())
    }
}
