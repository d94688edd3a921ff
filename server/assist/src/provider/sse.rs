//! Server-sent events, read incrementally as the WHATWG HTML standard says (9.2.6), from pieces cut anywhere.

use super::wire::{Fault, Record};

/// Collects the events of a stream from its bytes.
#[derive(Debug, Default)]
pub struct SseReader {
    line: Vec<u8>,
    event: String,
    data: String,
    has_data: bool,
    last_was_cr: bool,
    started: bool,
    limit: usize,
}

impl SseReader {
    /// A reader that refuses an event of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Reads more bytes; complete events are appended to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Record>) -> Result<(), Fault> {
        let mut rest = bytes;
        if std::mem::take(&mut self.last_was_cr) {
            match rest.strip_prefix(b"\n") {
                Some(tail) => rest = tail,
                None if rest.is_empty() => self.last_was_cr = true,
                None => {}
            }
        }
        while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, end) = rest.split_at(at);
            self.push_line(line)?;
            self.end_line(out)?;
            rest = match end {
                [b'\r', b'\n', tail @ ..] => tail,
                [b'\r'] => {
                    self.last_was_cr = true;
                    &[]
                }
                [_, tail @ ..] => tail,
                [] => &[],
            };
        }
        self.push_line(rest)
    }

    fn push_line(&mut self, piece: &[u8]) -> Result<(), Fault> {
        if self.line.len() + self.data.len() + piece.len() > self.limit {
            return Err(Fault::Oversized);
        }
        self.line.extend_from_slice(piece);
        Ok(())
    }

    /// The stream is over. An event without the empty line after it does not count by the standard, but servers
    /// that close at once after their last event exist, so it is given out when it has data.
    pub fn end(&mut self, out: &mut Vec<Record>) -> Result<(), Fault> {
        if !self.line.is_empty() {
            self.end_line(out)?;
        }
        self.dispatch(out);
        Ok(())
    }

    fn end_line(&mut self, out: &mut Vec<Record>) -> Result<(), Fault> {
        let mut bytes = std::mem::take(&mut self.line);
        if !std::mem::replace(&mut self.started, true) && bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        if bytes.is_empty() {
            self.dispatch(out);
            return Ok(());
        }
        let text =
            std::str::from_utf8(&bytes).map_err(|_| Fault::malformed("the stream is not UTF-8"))?;
        let (field, value) = match text.split_once(':') {
            Some(("", _)) => return Ok(()),
            Some((field, value)) => (field, value.strip_prefix(' ').unwrap_or(value)),
            None => (text, ""),
        };
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => self.push_data(value),
            // Not a field of the standard; llama.cpp reports its faults so.
            "error" => {
                "error".clone_into(&mut self.event);
                self.push_data(value);
            }
            "id" | "retry" => {}
            // The standard ignores unknown fields. A line of prose or HTML instead of a stream ends up here as well;
            // it is noticed when the stream ends without an answer.
            _ => {}
        }
        Ok(())
    }

    fn push_data(&mut self, value: &str) {
        if self.has_data {
            self.data.push('\n');
        }
        self.has_data = true;
        self.data.push_str(value);
    }

    fn dispatch(&mut self, out: &mut Vec<Record>) {
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        if std::mem::take(&mut self.has_data) {
            out.push(Record { event, data });
        }
    }
}

/// Collects the lines of a stream of JSON objects, one a line.
#[derive(Debug, Default)]
pub struct LineReader {
    line: Vec<u8>,
    limit: usize,
}

impl LineReader {
    /// A reader that refuses a line of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Reads more bytes; complete lines are appended to `out`.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Record>) -> Result<(), Fault> {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, tail) = rest.split_at(at);
            self.push(line)?;
            self.end(out)?;
            rest = tail.get(1..).unwrap_or_default();
        }
        self.push(rest)
    }

    /// The stream is over: what stands after the last newline is a line too.
    pub fn end(&mut self, out: &mut Vec<Record>) -> Result<(), Fault> {
        let bytes = std::mem::take(&mut self.line);
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Fault::malformed("the stream is not UTF-8"))?
            .trim();
        if !text.is_empty() {
            out.push(Record {
                event: String::new(),
                data: text.to_owned(),
            });
        }
        Ok(())
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        if self.line.len() + bytes.len() > self.limit {
            return Err(Fault::Oversized);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut reader = SseReader::new(1 << 20);
        let mut out = Vec::new();
        for piece in pieces {
            reader.feed(piece, &mut out).unwrap();
        }
        reader.end(&mut out).unwrap();
        out.into_iter()
            .map(|record| (record.event, record.data))
            .collect()
    }

    #[test]
    fn the_examples_of_the_standard() {
        let text = b"\xEF\xBB\xBF: a comment\n\ndata: YHOO\ndata: +2\ndata: 10\n\nevent: add\ndata: 73857293\n\ndata\n\ndata\ndata\n\ndata:no space\nid: 1\nretry: 5\n\n";
        let events = read(&[text]);
        let expected = [
            ("", "YHOO\n+2\n10"),
            ("add", "73857293"),
            ("", ""),
            ("", "\n"),
            ("", "no space"),
        ];
        assert_eq!(
            events,
            expected.map(|(event, data)| (event.to_owned(), data.to_owned()))
        );
    }

    #[test]
    fn an_event_without_data_is_none_and_the_last_needs_no_empty_line() {
        assert_eq!(
            read(&[b"event: ping\n\ndata: x"]),
            [(String::new(), "x".to_owned())]
        );
    }

    #[test]
    fn too_long_and_not_utf8_are_faults() {
        let mut reader = SseReader::new(16);
        assert!(matches!(
            reader.feed(b"data: 01234567890123456789", &mut Vec::new()),
            Err(Fault::Oversized)
        ));
        let mut reader = SseReader::new(16);
        assert!(matches!(
            reader.feed(b"data: \xFF\n", &mut Vec::new()),
            Err(Fault::Malformed(_))
        ));
        let mut lines = LineReader::new(4);
        assert!(matches!(
            lines.feed(b"{\"a\":1}", &mut Vec::new()),
            Err(Fault::Oversized)
        ));
    }

    proptest! {
        #[test]
        fn where_the_stream_is_cut_does_not_matter(
            events in prop::collection::vec(("[a-z]{0,4}", "[ -~äß🦀]{0,12}(\n[ -~]{0,8}){0,2}"), 0..6),
            ends in prop::collection::vec(0_usize..3, 6),
            cuts in prop::collection::vec(0_usize..400, 0..12),
        ) {
            let mut text = String::new();
            for (n, (event, data)) in events.iter().enumerate() {
                let end = ["\n", "\r\n", "\r"][ends[n]];
                if !event.is_empty() { text.push_str(&format!("event: {event}{end}")); }
                for line in data.split('\n') { text.push_str(&format!("data: {line}{end}")); }
                text.push_str(end);
            }
            let whole = read(&[text.as_bytes()]);
            prop_assert_eq!(&whole, &events);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts { pieces.push(&text.as_bytes()[from..cut]); from = cut; }
            pieces.push(&text.as_bytes()[from..]);
            prop_assert_eq!(read(&pieces), whole);
        }

        #[test]
        fn lines_are_the_same_however_they_are_cut(lines in prop::collection::vec("\\{[ -~é]{0,20}\\}", 0..6), cut in 0_usize..200) {
            let text = lines.join("\n");
            let cut = cut.min(text.len());
            let mut reader = LineReader::new(1 << 16);
            let mut out = Vec::new();
            reader.feed(&text.as_bytes()[..cut], &mut out).unwrap();
            reader.feed(&text.as_bytes()[cut..], &mut out).unwrap();
            reader.end(&mut out).unwrap();
            prop_assert_eq!(out.into_iter().map(|record| record.data).collect::<Vec<_>>(), lines);
        }
    }
}
