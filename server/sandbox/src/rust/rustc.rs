//! Running the compiler: directly, never a build tool; in an empty folder, with an empty environment.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::confine::{self, Confinement};
use super::source::FILE;
use super::toolchain::{TARGET, Toolchain};
use crate::control::{Control, Stop};

/// Most address space of the compiler, in bytes.
const MEMORY: u64 = 4 << 30;
/// Most text of the compiler that is read.
const MOST_MESSAGES: u64 = 4 << 20;
/// Largest program that it may make.
const MOST_PROGRAM: u64 = 64 << 20;
/// Between two looks at the cell's deadline.
const LOOK: Duration = Duration::from_millis(5);

/// The prelude's files.
pub(super) const PRELUDE: [(&str, &str); 9] = [
    (
        "lib.rs",
        include_str!("../../../../runtimes/rust/prelude/lib.rs"),
    ),
    (
        "cell.rs",
        include_str!("../../../../runtimes/rust/prelude/cell.rs"),
    ),
    (
        "convert.rs",
        include_str!("../../../../runtimes/rust/prelude/convert.rs"),
    ),
    (
        "host.rs",
        include_str!("../../../../runtimes/rust/prelude/host.rs"),
    ),
    (
        "moment.rs",
        include_str!("../../../../runtimes/rust/prelude/moment.rs"),
    ),
    (
        "number.rs",
        include_str!("../../../../runtimes/rust/prelude/number.rs"),
    ),
    (
        "show.rs",
        include_str!("../../../../runtimes/rust/prelude/show.rs"),
    ),
    (
        "tars.rs",
        include_str!("../../../../runtimes/rust/prelude/tars.rs"),
    ),
    (
        "value.rs",
        include_str!("../../../../runtimes/rust/prelude/value.rs"),
    ),
];

/// Flags of both, the prelude and the cell. Part of what the cache goes by.
pub(super) const FLAGS: [&str; 13] = [
    "--edition",
    "2024",
    "--target",
    TARGET,
    "-Copt-level=1",
    "-Cdebuginfo=0",
    "-Cpanic=abort",
    "-Cstrip=symbols",
    "-Coverflow-checks=on",
    "-Clink-arg=-zstack-size=4194304",
    "-Awarnings",
    "--error-format=json",
    "--json=diagnostic-short",
];

/// Why there is no program.
pub(super) enum Failure {
    /// The compiler refused, with its messages as lines of JSON.
    Refused(String),
    /// The cell that asked must stop.
    Stopped(Stop),
    /// The compiler died: of memory, of the time of its processor.
    Died(String),
    /// It did not start.
    NoStart(std::io::Error),
}

/// What is compiled.
pub(super) enum Kind<'a> {
    /// The prelude, to a library.
    Prelude,
    /// A cell, with the library.
    Cell { prelude: &'a Path },
}

/// Compiles what stands in `folder`; returns the file.
pub(super) fn compile(
    toolchain: &Toolchain,
    folder: &Path,
    kind: &Kind<'_>,
    control: &Control,
    most: Duration,
) -> Result<PathBuf, Failure> {
    let mut command = Command::new(&toolchain.rustc);
    command
        .current_dir(folder)
        .env_clear()
        .env("TMPDIR", folder)
        .env("TEMP", folder)
        .env("TMP", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .args(FLAGS)
        .arg("--sysroot")
        .arg(&toolchain.sysroot);
    let (made, readable) = match kind {
        Kind::Prelude => {
            command.args([
                "--crate-name=metascript",
                "--crate-type=rlib",
                "-o",
                "libmetascript.rlib",
                "lib.rs",
            ]);
            (folder.join("libmetascript.rlib"), None)
        }
        Kind::Cell { prelude } => {
            let mut name = std::ffi::OsString::from("metascript=");
            name.push(prelude);
            command
                .args(["--crate-name=cell", "--crate-type=bin", "-o", "cell.wasm"])
                .arg("--extern")
                .arg(name)
                .arg(FILE);
            (folder.join("cell.wasm"), Some(*prelude))
        }
    };
    let walls = Confinement {
        readable: [toolchain.sysroot.as_path()]
            .into_iter()
            .chain(readable)
            .collect(),
        writable: folder,
        memory: MEMORY,
        seconds: most.as_secs().saturating_add(1),
    };
    let mut child = confine::spawn(command, &walls).map_err(Failure::NoStart)?;
    let Some(errors) = child.stderr.take() else {
        return Err(Failure::NoStart(std::io::Error::other("no standard error")));
    };
    let (sender, receiver) = channel();
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = errors.take(MOST_MESSAGES).read_to_end(&mut text);
        let _ = sender.send(String::from_utf8_lossy(&text).into_owned());
    });
    let begun = Instant::now();
    let stop = |child: &mut std::process::Child| {
        let _ = child.kill();
        let _ = child.wait();
    };
    // The messages end when the compiler does, or when there are too many of them.
    let messages = loop {
        match receiver.recv_timeout(LOOK) {
            Ok(messages) => break messages,
            Err(RecvTimeoutError::Disconnected) => break String::new(),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let late = (begun.elapsed() >= most).then_some(Stop::Deadline);
        if let Some(why) = control.stop().or(late) {
            stop(&mut child);
            return Err(Failure::Stopped(why));
        }
    };
    let _ = reader.join();
    if messages.len() as u64 >= MOST_MESSAGES {
        stop(&mut child);
    }
    let status = child.wait().map_err(Failure::NoStart)?;
    if status.success() {
        return match std::fs::metadata(&made) {
            Ok(about) if about.len() <= MOST_PROGRAM => Ok(made),
            Ok(_) => Err(Failure::Died("the program is too large".to_owned())),
            Err(error) => Err(Failure::NoStart(error)),
        };
    }
    if status.code() == Some(1) {
        return Err(Failure::Refused(messages));
    }
    tracing::debug!(%status, messages, "rustc died");
    Err(Failure::Died(format!(
        "it ran out of memory, of stack or of time ({status})"
    )))
}

/// What the compiler calls itself, for example `rustc 1.95.0 (59807616e 2026-04-14)`.
pub(crate) fn version(toolchain: &Toolchain) -> std::io::Result<String> {
    let folder = tempfile::tempdir()?;
    let output = Command::new(&toolchain.rustc)
        .arg("--version")
        .current_dir(folder.path())
        .env_clear()
        .stdin(Stdio::null())
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
