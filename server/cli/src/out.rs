//! Long texts on standard output.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use crate::exit;

/// Prints a text, without its colours where nobody sees them, in as few writes as the system allows: a stream that takes
/// colours out by itself writes each line for itself. A reader that went away (`| head`) is no error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let stdout = io::stdout();
    let plain = AutoStream::choice(&stdout) == ColorChoice::Never;
    let written = if plain {
        let stripped;
        let text = if has_controls(text) {
            stripped = anstream::adapter::strip_str(text).to_string();
            &stripped
        } else {
            text
        };
        stdout.lock().write_all(text.as_bytes())
    } else {
        anstream::stdout().lock().write_all(text.as_bytes())
    };
    match written.and_then(|()| stdout.lock().flush()) {
        Err(error) if exit::is_closed_pipe(&error) => Ok(()),
        other => other,
    }
}

/// Whether a text has characters that a terminal obeys; most long texts are made without.
fn has_controls(text: &str) -> bool {
    text.bytes()
        .any(|byte| byte == 0x7f || (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')))
}
