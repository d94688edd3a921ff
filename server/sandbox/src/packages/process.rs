//! Running the user's package tools.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::PackageError;

/// Time that a tool gets.
const PATIENCE: Duration = Duration::from_mins(5);

/// Most of a tool's output that is kept, in bytes.
const MOST: u64 = 4 << 20;

/// Runs a tool to its end in `folder` and returns its standard output; the error holds the last lines of what it said.
pub(super) fn run(command: &mut Command, folder: &Path) -> Result<String, PackageError> {
    let name = command.get_program().to_string_lossy().into_owned();
    // A folder of its own: a tool may take what lies in the current one for settings or for code.
    let mut child = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| PackageError::new(format!("'{name}' cannot be started: {error}")))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let stdout = std::thread::spawn(move || drain(stdout));
    let stderr = std::thread::spawn(move || drain(stderr));
    let begun = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(PackageError::new(format!(
                    "'{name}' was stopped after {} s",
                    PATIENCE.as_secs()
                )));
            }
            Err(error) => return Err(PackageError::new(format!("'{name}': {error}"))),
        }
    };
    let stdout = stdout.join().unwrap_or_default();
    let stderr = stderr.join().unwrap_or_default();
    if status.success() {
        return Ok(stdout);
    }
    let said = if stderr.trim().is_empty() {
        stdout
    } else {
        stderr
    };
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = lines.len().saturating_sub(6);
    Err(PackageError::new(format!(
        "'{name}' could not do it:\n{}",
        lines.get(from..).unwrap_or_default().join("\n")
    )))
}

fn drain(from: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        let _ = from.by_ref().take(MOST).read_to_end(&mut bytes);
        // The rest is read too: a full pipe would stop the tool.
        let _ = std::io::copy(&mut from, &mut std::io::sink());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
