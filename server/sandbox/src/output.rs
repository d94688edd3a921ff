//! Output of a running cell on its way to the caller, bounded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::event::{Bundle, Content, Event, StreamName};

/// Of output beyond the limit, so much of the end is shown.
const TAIL: usize = 8 << 10;

#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<Event>,
    /// Bytes that may still go out.
    left: usize,
    /// Bytes held back, and the end of them.
    held: usize,
    tail: String,
    tail_name: Option<StreamName>,
}

/// A queue between the store, which a cell's calls write to, and the caller of `evaluate`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Output(Arc<Mutex<Queue>>);

impl Output {
    fn queue(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A cell begins; it may write `limit` bytes.
    pub(crate) fn begin(&self, limit: usize) {
        *self.queue() = Queue {
            left: limit,
            ..Queue::default()
        };
    }

    /// Text of the cell.
    pub(crate) fn write(&self, name: StreamName, text: &str) {
        let mut queue = self.queue();
        let fits = text.floor_char_boundary(queue.left);
        let (shown, rest) = text.split_at_checked(fits).unwrap_or(("", text));
        queue.left -= shown.len();
        if !shown.is_empty() {
            queue.events.push_back(Event::Stream {
                name,
                text: shown.to_owned(),
            });
        }
        if !rest.is_empty() {
            queue.left = 0;
            queue.held += rest.len();
            queue.tail_name = Some(name);
            let start = rest.ceil_char_boundary(rest.len().saturating_sub(TAIL));
            queue.tail.push_str(rest.get(start..).unwrap_or_default());
            let extra = queue.tail.len().saturating_sub(TAIL);
            let cut = queue.tail.ceil_char_boundary(extra);
            queue.tail.drain(..cut);
        }
    }

    /// Something shown; a bundle that does not fit is replaced by a line that says so.
    pub(crate) fn display(&self, bundle: Bundle) {
        if let Some(bundle) = self.admit(bundle) {
            self.queue().events.push_back(Event::Display(bundle));
        }
    }

    /// The bundle if it fits into what is left.
    pub(crate) fn admit(&self, bundle: Bundle) -> Option<Bundle> {
        let bytes: usize = bundle
            .representations
            .iter()
            .map(|(mime, content)| {
                mime.len()
                    + match content {
                        Content::Text(text) => text.len(),
                        Content::Binary(bytes) => bytes.len(),
                    }
            })
            .sum();
        let mut queue = self.queue();
        if bytes <= queue.left {
            queue.left -= bytes;
            return Some(bundle);
        }
        drop(queue);
        self.write(
            StreamName::Stderr,
            &format!("[a display of {bytes} bytes does not fit into the output limit]\n"),
        );
        None
    }

    pub(crate) fn push(&self, event: Event) {
        self.queue().events.push_back(event);
    }

    pub(crate) fn next(&self) -> Option<Event> {
        self.queue().events.pop_front()
    }

    /// The cell is over: what was held back is summed up and its end shown.
    pub(crate) fn end(&self) {
        let mut queue = self.queue();
        if let Some(name) = queue.tail_name.take() {
            let tail = std::mem::take(&mut queue.tail);
            let left_out = queue.held - tail.len();
            let text = format!("\n[{left_out} bytes of output left out]\n{tail}");
            queue.events.push_back(Event::Stream { name, text });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(output: &Output) -> String {
        std::iter::from_fn(|| output.next())
            .map(|event| match event {
                Event::Stream { text, .. } => text,
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn head_and_tail_of_a_flood_are_shown() {
        let output = Output::default();
        output.begin(100);
        for line in 0..100_000 {
            output.write(StreamName::Stdout, &format!("line {line} é\n"));
        }
        output.end();
        let text = text(&output);
        assert!(text.starts_with("line 0 é\nline 1 é\n"), "{text}");
        assert!(text.ends_with("line 99999 é\n"), "{text}");
        assert!(text.contains("bytes of output left out"), "{text}");
        assert!(text.len() < 100 + TAIL + 100);
    }

    #[test]
    fn output_within_the_limit_is_whole() {
        let output = Output::default();
        output.begin(7);
        output.write(StreamName::Stdout, "abc\n");
        output.write(StreamName::Stderr, "def");
        output.end();
        assert_eq!(text(&output), "abc\ndef");
    }
}
