//! Numbers and HMACs of the lines.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::cache::{hex, unhex};

type Seal = Hmac<Sha256>;

/// What comes before the HMAC in a line, which is the line's last field.
const FIELD: &str = ",\"hmac\":\"";
/// Hexadecimal digits of an HMAC.
const DIGITS: usize = 64;

/// The end of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Number of the last line; 0 before the first.
    pub(super) seq: u64,
    /// Its HMAC; empty before the first.
    pub(super) mac: String,
    /// Bytes of the current log.
    pub(super) length: u64,
}

pub(super) struct Chain<'a>(&'a [u8]);

impl<'a> Chain<'a> {
    pub(super) fn new(key: &'a [u8]) -> Self {
        Self(key)
    }

    fn mac(&self, parts: [&str; 2]) -> Option<Seal> {
        let mut mac = Seal::new_from_slice(self.0).ok()?;
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(b"\n");
        }
        Some(mac)
    }

    fn digest(&self, parts: [&str; 2]) -> String {
        // HMAC takes keys of any length.
        self.mac(parts)
            .map(|mac| hex(&mac.finalize().into_bytes()))
            .unwrap_or_default()
    }

    fn is_good(&self, parts: [&str; 2], digits: &str) -> bool {
        match (self.mac(parts), unhex(digits)) {
            (Some(mac), Some(bytes)) => mac.verify_slice(&bytes).is_ok(),
            _ => false,
        }
    }

    /// The line for an entry, and its HMAC. `body` is a JSON object that is not empty.
    pub(super) fn seal(&self, previous: &str, body: &str) -> (String, String) {
        let mac = self.digest([previous, body]);
        let open = body.strip_suffix('}').unwrap_or(body);
        (format!("{open}{FIELD}{mac}\"}}\n"), mac)
    }

    /// The number and the HMAC of a line that follows the one with the HMAC `previous`; `None` if it does not.
    pub(super) fn open(&self, previous: &str, line: &str) -> Option<(u64, String)> {
        let (seq, body, mac) = parts(line)?;
        self.is_good([previous, &body], &mac).then_some((seq, mac))
    }

    pub(super) fn write_head(&self, head: &Head) -> String {
        let body = format!("{} {} {}", head.seq, head.length, head.mac);
        format!("{body} {}\n", self.digest(["head", &body]))
    }

    /// The head, if it is one of ours.
    pub(super) fn read_head(&self, text: &str) -> Option<Head> {
        let (body, mac) = text.trim_end().rsplit_once(' ')?;
        if !self.is_good(["head", body], mac) {
            return None;
        }
        let mut parts = body.splitn(3, ' ');
        Some(Head {
            seq: parts.next()?.parse().ok()?,
            length: parts.next()?.parse().ok()?,
            mac: parts.next()?.to_owned(),
        })
    }
}

/// Number, text without the HMAC, and HMAC of a line.
pub(super) fn parts(line: &str) -> Option<(u64, String, String)> {
    let rest = line.strip_suffix("\"}")?;
    let at = rest.len().checked_sub(DIGITS)?;
    let (head, mac) = rest.split_at_checked(at)?;
    let body = format!("{}}}", head.strip_suffix(FIELD)?);
    let parsed: Value = serde_json::from_str(&body).ok()?;
    Some((parsed.get("seq")?.as_u64()?, body, mac.to_owned()))
}
