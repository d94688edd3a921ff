//! Long texts on standard output.

use std::io::{self, Write};

use annotate_snippets::Renderer;
use anstream::{AutoStream, ColorChoice};

use crate::exit;

/// Prints a text, without its colours where nobody sees them, in as few writes as the system allows: a stream that takes
/// colours out by itself writes each line for itself. A reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let stdout = io::stdout();
    let written = if colours() {
        anstream::stdout().lock().write_all(text.as_bytes())
    } else {
        let stripped;
        let text = if has_controls(text) {
            stripped = anstream::adapter::strip_str(text).to_string();
            &stripped
        } else {
            text
        };
        stdout.lock().write_all(text.as_bytes())
    };
    match written.and_then(|()| stdout.lock().flush()) {
        Err(error) if exit::is_closed_pipe(&error) => Ok(()),
        other => other,
    }
}

/// Whether standard output shows colours; where it does not, they are better not made than taken out.
fn colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// What draws findings for standard output.
pub(crate) fn renderer() -> Renderer {
    if colours() {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
}

/// Whether a text has characters that a terminal obeys; most long texts are made without.
fn has_controls(text: &str) -> bool {
    let is_control =
        |byte: u8| byte == 0x7f || (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r'));
    // A piece is looked at whole, which the compiler does many bytes at a time.
    text.as_bytes().chunks(4096).any(|piece| {
        piece
            .iter()
            .fold(false, |found, byte| found | is_control(*byte))
    })
}
