//! `tars.http`: requests to granted hosts.
//!
//! A host is granted by its name; its addresses are then checked as the resolver gave them, and the connection is made
//! to exactly these: a name that answers differently the second time gains nothing. Every redirect is judged as a
//! request of its own. No proxy is used, because it would resolve names itself.

use std::error::Error as _;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use url::{Host as UrlHost, Url};

use super::Refused;
use super::address::is_public;
use super::arguments::Arguments;
use crate::policy::{HostGrant, Policy};
use crate::value::Value;

const MOST_REDIRECTS: usize = 5;
const MOST_HEADERS: usize = 100;
/// Longest address, in bytes.
const MOST_URL: usize = 8 << 10;
/// Time of one request where a cell asks for no other.
const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Headers that belong to the connection, not to the cell.
const RESERVED: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authorization",
];
/// Headers that are for one host alone.
const PRIVATE: [&str; 3] = ["authorization", "cookie", "cookie2"];

/// Clients, made when they are first used.
#[derive(Debug, Default)]
pub(crate) struct Web {
    public: OnceLock<Result<Client, String>>,
    private: OnceLock<Result<Client, String>>,
}

/// A request as it is sent; redirects change it.
struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

impl Web {
    pub(crate) async fn answer(
        &self,
        arguments: &mut Arguments,
        policy: &Policy,
        most: usize,
    ) -> Result<Value, Refused> {
        let mut request = Request::read(arguments)?;
        let timeout = arguments
            .optional_number("timeout")?
            .map_or(TIMEOUT, Duration::from_millis)
            .min(policy.limits.wall_time);
        let work = async {
            for _ in 0..=MOST_REDIRECTS {
                let grant = granted(&request, policy)?;
                let response = self.send(&request, grant.private).await?;
                let Some(next) = redirect(&response) else {
                    return read(response, most).await;
                };
                request.follow(next)?;
            }
            Err(Refused::new(
                "too-many-redirects",
                format!("more than {MOST_REDIRECTS} redirects"),
            ))
        };
        tokio::time::timeout(timeout, work)
            .await
            .unwrap_or_else(|_| {
                Err(Refused::new(
                    "timeout",
                    format!("no whole answer within {} ms", timeout.as_millis()),
                ))
            })
    }

    async fn send(&self, request: &Request, private: bool) -> Result<reqwest::Response, Refused> {
        let slot = if private { &self.private } else { &self.public };
        let client = slot
            .get_or_init(|| client(private))
            .as_ref()
            .map_err(|reason| Refused::new("failed", reason.clone()))?;
        let mut sent = client
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone());
        if let Some(body) = &request.body {
            sent = sent.body(body.clone());
        }
        sent.send().await.map_err(|error| failure(&error))
    }
}

impl Request {
    fn read(arguments: &mut Arguments) -> Result<Self, Refused> {
        let bad = |what: String| Refused::new("bad-argument", what);
        let method = arguments.text("method")?.to_ascii_uppercase();
        let method = Method::from_bytes(method.as_bytes())
            .ok()
            .filter(|method| *method != Method::CONNECT && *method != Method::TRACE)
            .ok_or_else(|| bad(format!("'{method}' is no method of a request")))?;
        let address = arguments.text("url")?;
        if address.len() > MOST_URL {
            return Err(bad(format!("the address has more than {MOST_URL} bytes")));
        }
        let url = Url::parse(&address)
            .map_err(|error| bad(format!("'{address}' is no address: {error}")))?;
        let fields = arguments.texts("headers")?;
        if fields.len() > MOST_HEADERS {
            return Err(bad(format!("more than {MOST_HEADERS} headers")));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| bad(format!("'{name}' is no header")))?;
            if RESERVED.contains(&header.as_str()) {
                return Err(bad(format!("the header '{name}' is not a cell's to set")));
            }
            let value = HeaderValue::from_str(&value).map_err(|_| {
                bad(format!(
                    "the header '{name}' has a value that cannot be sent"
                ))
            })?;
            headers.append(header, value);
        }
        Ok(Self {
            method,
            url,
            headers,
            body: arguments.optional_bytes("body")?,
        })
    }

    /// Goes on to where a redirect leads.
    fn follow(&mut self, (status, location): (u16, String)) -> Result<(), Refused> {
        let next = self.url.join(&location).map_err(|error| {
            Refused::new(
                "failed",
                format!("the redirect leads to no address: {error}"),
            )
        })?;
        if self.url.scheme() == "https" && next.scheme() != "https" {
            return Err(Refused::denied(format!(
                "the redirect to {} would leave the encrypted connection",
                origin(&next)
            )));
        }
        if origin(&next) != origin(&self.url) {
            for name in PRIVATE {
                self.headers.remove(name);
            }
        }
        let becomes_get =
            status == 303 || (matches!(status, 301 | 302) && self.method == Method::POST);
        if becomes_get && self.method != Method::HEAD {
            self.method = Method::GET;
            self.body = None;
            self.headers.remove("content-type");
        }
        self.url = next;
        Ok(())
    }
}

/// Scheme, host and port.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// The grant that allows a request.
fn granted<'a>(request: &Request, policy: &'a Policy) -> Result<&'a HostGrant, Refused> {
    let url = &request.url;
    let denied = |what: String| Err(Refused::denied(what));
    if !matches!(url.scheme(), "http" | "https") {
        return denied(format!("'{}' is neither http nor https", url.scheme()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return denied(
            "a name and a password in the address are not sent; use the header authorization"
                .to_owned(),
        );
    }
    let Some(host) = url.host() else {
        return denied("the address names no host".to_owned());
    };
    let name = match &host {
        UrlHost::Domain(name) => name.trim_end_matches('.').to_ascii_lowercase(),
        UrlHost::Ipv4(address) => address.to_string(),
        UrlHost::Ipv6(address) => format!("[{address}]"),
    };
    let address = match host {
        UrlHost::Domain(_) => None,
        UrlHost::Ipv4(address) => Some(IpAddr::V4(address)),
        UrlHost::Ipv6(address) => Some(IpAddr::V6(address)),
    };
    let here: Vec<&HostGrant> = policy
        .hosts
        .iter()
        .filter(|grant| covers(grant, &name, url))
        .collect();
    if here.is_empty() {
        return denied(format!(
            "the policy '{}' does not grant requests to {}; add the host to a policy of your own, under \
             [run.policies.NAME] hosts",
            policy.name,
            origin(url)
        ));
    }
    let method = request.method.as_str();
    let allowed = |grant: &&&HostGrant| grant.methods.iter().any(|one| one == method);
    let Some(grant) = here
        .iter()
        .filter(allowed)
        .max_by_key(|grant| grant.private)
    else {
        return denied(format!(
            "the policy '{}' does not grant {method} to {}",
            policy.name,
            origin(url)
        ));
    };
    // An address in place of a name asks no resolver.
    if let Some(address) = address.filter(|address| !grant.private && !is_public(*address)) {
        return denied(not_public(&name, address));
    }
    Ok(grant)
}

fn covers(grant: &HostGrant, name: &str, url: &Url) -> bool {
    let host = match grant.host.strip_prefix("*.") {
        Some(domain) => name
            .strip_suffix(domain)
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => grant.host == "*" || grant.host == name,
    };
    let port = match grant.port {
        Some(port) => url.port_or_known_default() == Some(port),
        // Only the scheme's own.
        None => url.port().is_none(),
    };
    host && port
}

fn not_public(name: &str, address: IpAddr) -> String {
    format!(
        "{name} is the address {address} of this machine or its network, which only your own settings can grant \
         (private = true)"
    )
}

/// Where a redirect leads, with its status.
fn redirect(response: &reqwest::Response) -> Option<(u16, String)> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get("location")?.to_str().ok()?;
    Some((status, location.to_owned()))
}

async fn read(mut response: reqwest::Response, most: usize) -> Result<Value, Refused> {
    let mut headers: Vec<(String, Value)> = Vec::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        match headers.iter_mut().find(|(known, _)| known == name.as_str()) {
            Some((_, Value::Text(text))) => *text = format!("{text}, {value}"),
            _ => headers.push((name.as_str().to_owned(), Value::Text(value))),
        }
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + piece.len() > most {
            return Err(Refused::new(
                "too-large",
                format!("the answer has more than {most} bytes, the policy's limit for one value"),
            ));
        }
        body.extend_from_slice(&piece);
    }
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    Ok(Value::Map(vec![
        ("status".to_owned(), Value::Integer(status.as_u16().into())),
        ("reason".to_owned(), Value::Text(reason.to_owned())),
        ("url".to_owned(), Value::Text(response.url().to_string())),
        ("headers".to_owned(), Value::Map(headers)),
        ("body".to_owned(), Value::Bytes(body)),
    ]))
}

fn client(private: bool) -> Result<Client, String> {
    // Another part of the process may have installed a provider already; either is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("metascript/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(Checked {
            lookup: Arc::new(system_lookup),
            private,
        }))
        .build()
        .map_err(|error| format!("no HTTP client: {error}"))
}

type Lookup = dyn Fn(String) -> Resolving + Send + Sync;

fn system_lookup(name: String) -> Resolving {
    Box::pin(async move {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
        Ok(Box::new(found.into_iter()) as Addrs)
    })
}

/// A resolver that gives no address which the policy forbids.
struct Checked {
    lookup: Arc<Lookup>,
    private: bool,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, private) = (Arc::clone(&self.lookup), self.private);
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found: Vec<SocketAddr> = lookup(name.clone()).await?.collect();
            // One such address among public ones is a sign that somebody plays with the name.
            let forbidden = found
                .iter()
                .map(SocketAddr::ip)
                .find(|address| !private && !is_public(*address));
            match forbidden {
                Some(address) => Err(NotPublic(not_public(&name, address)).into()),
                None => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

/// A name leads to an address that the policy forbids.
#[derive(Debug)]
struct NotPublic(String);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotPublic {}

/// What the cell reads of an error of the connection.
fn failure(error: &reqwest::Error) -> Refused {
    let mut cause = error.source();
    let mut last = None;
    while let Some(error) = cause {
        if let Some(forbidden) = error.downcast_ref::<NotPublic>() {
            return Refused::denied(forbidden.to_string());
        }
        last = Some(error);
        cause = error.source();
    }
    let what = if error.is_connect() {
        "the host cannot be reached"
    } else {
        "the request failed"
    };
    Refused::new(
        "failed",
        match last {
            Some(cause) => format!("{what}: {cause}"),
            None => what.to_owned(),
        },
    )
}

#[cfg(test)]
#[path = "web_tests.rs"]
mod tests;
