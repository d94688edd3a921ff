//! Texts on standard input and output: a line each, or with a head that says their length.

use std::io::{BufRead, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

/// Largest text, in bytes.
const MOST: usize = 64 << 20;

/// Longest head, in bytes.
const MOST_HEAD: usize = 4096;

/// How texts are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Framing {
    /// One a line.
    #[default]
    Lines,
    /// `Content-Length: n`, as in the language server protocol.
    Heads,
}

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    Text(String),
    /// It cannot be read, but what follows can.
    Wrong(String),
    End,
}

/// Cuts a stream into texts.
pub(super) struct Reader<R> {
    from: R,
    framing: Framing,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(from: R) -> Self {
        Self {
            from,
            framing: Framing::default(),
        }
    }

    /// How the last text came.
    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    pub(super) fn next(&mut self) -> Incoming {
        loop {
            let line = match self.line(MOST) {
                Ok(Some(line)) => line,
                Ok(None) => return Incoming::End,
                Err(problem) => return Incoming::Wrong(problem),
            };
            let Ok(text) = String::from_utf8(line) else {
                return Incoming::Wrong("the text is no UTF-8".to_owned());
            };
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let Some(length) = length(text) else {
                self.framing = Framing::Lines;
                return Incoming::Text(text.to_owned());
            };
            self.framing = Framing::Heads;
            return self.body(length);
        }
    }

    /// The rest of the head and the text.
    fn body(&mut self, length: Option<usize>) -> Incoming {
        loop {
            match self.line(MOST_HEAD) {
                Ok(Some(line)) if line.iter().all(u8::is_ascii_whitespace) => break,
                Ok(Some(_)) => {}
                Ok(None) => return Incoming::End,
                Err(problem) => return Incoming::Wrong(problem),
            }
        }
        let Some(length) = length.filter(|length| *length <= MOST) else {
            return Incoming::Wrong(format!("the length is no number of at most {MOST} bytes"));
        };
        let mut bytes = Vec::new();
        let wanted = u64::try_from(length).unwrap_or(u64::MAX);
        match (&mut self.from).take(wanted).read_to_end(&mut bytes) {
            Ok(read) if read == length => {}
            _ => return Incoming::End,
        }
        String::from_utf8(bytes).map_or_else(
            |_| Incoming::Wrong("the text is no UTF-8".to_owned()),
            Incoming::Text,
        )
    }

    /// A line of at most so many bytes; the rest of a longer one is read and thrown away.
    fn line(&mut self, most: usize) -> Result<Option<Vec<u8>>, String> {
        let mut line = Vec::new();
        let mut too_long = false;
        loop {
            let Ok(piece) = self.from.fill_buf() else {
                return Ok(None);
            };
            if piece.is_empty() {
                // The last line may have no end.
                return if too_long {
                    Err(format!("a line is longer than {most} bytes"))
                } else {
                    Ok((!line.is_empty()).then_some(line))
                };
            }
            let end = piece.iter().position(|byte| *byte == b'\n');
            let (part, used) = match end {
                Some(at) => (piece.get(..at).unwrap_or_default(), at + 1),
                None => (piece, piece.len()),
            };
            if too_long || line.len() + part.len() > most {
                too_long = true;
                line = Vec::new();
            } else {
                line.extend_from_slice(part);
            }
            self.from.consume(used);
            if end.is_some() {
                return if too_long {
                    Err(format!("a line is longer than {most} bytes"))
                } else {
                    Ok(Some(line))
                };
            }
        }
    }
}

/// The length in a head's first line; `None` if the line is none.
fn length(line: &str) -> Option<Option<usize>> {
    let (name, value) = line.split_once(':')?;
    if name.eq_ignore_ascii_case("content-length") {
        return Some(value.trim().parse().ok());
    }
    None
}

/// Where answers and notifications go, from both threads.
#[derive(Clone, Default)]
pub(super) struct Output(Arc<Shared>);

#[derive(Default)]
struct Shared {
    framing: Mutex<Framing>,
    closed: AtomicBool,
}

impl Output {
    /// Answers take the form of what came in.
    pub(super) fn follow(&self, framing: Framing) {
        *self.framing() = framing;
    }

    /// Whether nobody reads any more.
    pub(super) fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Relaxed)
    }

    fn framing(&self) -> std::sync::MutexGuard<'_, Framing> {
        self.0
            .framing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a text whole.
    pub(super) fn send(&self, message: &Value) {
        let text = message.to_string();
        // Held while writing: two texts do not mix.
        let framing = self.framing();
        let mut out = std::io::stdout().lock();
        let written = match *framing {
            Framing::Lines => writeln!(out, "{text}"),
            Framing::Heads => write!(out, "Content-Length: {}\r\n\r\n{text}", text.len()),
        };
        if written.and_then(|()| out.flush()).is_err() {
            self.0.closed.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Incoming> {
        let mut reader = Reader::new(bytes);
        let mut found = Vec::new();
        loop {
            match reader.next() {
                Incoming::End => return found,
                other => found.push(other),
            }
        }
    }

    #[test]
    fn lines_and_heads_may_come_one_after_the_other() {
        let text = |text: &str| Incoming::Text(text.to_owned());
        assert_eq!(
            all(b"{\"a\":1}\r\n\n  \nContent-Length: 5\r\nX: y\r\n\r\n{\n\"\"}content-length:2\n\n[]last"),
            [text("{\"a\":1}"), text("{\n\"\"}"), text("[]"), text("last")]
        );
    }

    #[test]
    fn what_cannot_be_read_costs_itself_alone() {
        let mut bytes = vec![b'x'; MOST + 1];
        bytes.extend_from_slice(
            b"\n\xff\xfe\nContent-Length: many\n\n{}\nContent-Length: 9\n\nshort",
        );
        let found = all(&bytes);
        assert!(matches!(&found[0], Incoming::Wrong(problem) if problem.contains("longer")));
        assert!(matches!(&found[1], Incoming::Wrong(problem) if problem.contains("UTF-8")));
        assert!(matches!(&found[2], Incoming::Wrong(problem) if problem.contains("length")));
        assert_eq!(found[3], Incoming::Text("{}".to_owned()));
        assert_eq!(found.len(), 4);
    }
}
