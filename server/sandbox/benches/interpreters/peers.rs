//! The peers, pinned: Jupyter's Python kernel, Node, Deno, Pyodide, and `dotnet fsi` where it is installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use metascript_sandbox::Language;
use serde_json::Value;

use crate::figures::{Figures, Row};
use crate::none;

const PYTHON: [&str; 2] = ["ipykernel==7.4.0", "jupyter-client==8.10.0"];
const NODE: [&str; 2] = ["deno@2.9.6", "pyodide@314.0.7"];

/// Peers that could be installed.
pub(crate) struct Peers {
    venv: Option<PathBuf>,
    modules: Option<PathBuf>,
}

impl Peers {
    /// Installs what is missing, into the user's cache folder.
    pub(crate) fn install() -> Self {
        let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
        let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
        let folder = cache.join("metascript/peers");
        let peers = Self {
            venv: python(&folder.join("kernel")),
            modules: node(&folder.join("node")),
        };
        if peers.venv.is_none() {
            println!("ipykernel could not be installed (python3, venv and PyPI are needed)");
        }
        if peers.modules.is_none() {
            println!("Deno and Pyodide could not be installed (npm is needed)");
        }
        peers
    }

    /// The peers of a language, measured.
    pub(crate) fn of(&self, language: Language) -> Vec<Row> {
        let script = |name: &str| {
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("benches/interpreters")
                .join(name)
        };
        let mut rows = Vec::new();
        match language {
            Language::Python => {
                if let Some(venv) = &self.venv {
                    let mut command = Command::new(venv.join("bin/python"));
                    command.arg(script("kernel.py"));
                    rows.extend(told("ipykernel (jupyter_client)", command));
                }
                if let Some(modules) = &self.modules {
                    let mut command = Command::new("node");
                    command
                        .arg(script("pyodide.mjs"))
                        .env("PYODIDE", modules.join("pyodide"));
                    rows.extend(told("Pyodide in Node", command));
                }
                rows.extend(spawned(
                    "python3 -c",
                    Command::new("python3"),
                    &["-c", "print(1+1)"],
                ));
            }
            Language::JavaScript | Language::TypeScript => {
                let mut command = Command::new("node");
                command.arg(script("evaluate.mjs"));
                rows.extend(served("Node", command));
                if let Some(modules) = &self.modules {
                    let mut command = Command::new(modules.join(".bin/deno"));
                    command
                        .args(["run", "--quiet", "--no-config"])
                        .arg(script("evaluate.mjs"));
                    rows.extend(served("Deno", command));
                }
            }
            Language::FSharp => {
                rows.extend(spawned(
                    "dotnet fsi",
                    Command::new("dotnet"),
                    &["fsi", "--quiet", "--exec", "--use:/dev/null"],
                ));
            }
            _ => {}
        }
        rows
    }
}

fn python(venv: &Path) -> Option<PathBuf> {
    let python = venv.join("bin/python");
    let made = python.exists() || run(Command::new("python3").args(["-m", "venv"]).arg(venv));
    let installed = made
        && run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(PYTHON));
    installed.then(|| venv.to_owned())
}

fn node(folder: &Path) -> Option<PathBuf> {
    std::fs::create_dir_all(folder).ok()?;
    let mut command = Command::new("npm");
    command
        .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
        .arg(folder)
        .args(NODE);
    run(&mut command).then(|| folder.join("node_modules"))
}

fn run(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

/// A script that measures by itself and prints `{"start": [ms], "first": [ms], "warm": [ms]}`.
fn told(name: &str, mut command: Command) -> Option<Row> {
    let output = command.stderr(Stdio::inherit()).output().ok()?;
    let told: Value = serde_json::from_slice(&output.stdout).ok()?;
    let times = |key: &str| -> Vec<f64> {
        let list = told[key].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_f64).collect()
    };
    Some(Row {
        name: name.to_owned(),
        start: Figures::of_milliseconds(&times("start")),
        first: Some(Figures::of_milliseconds(&times("first"))),
        warm: Figures::of_milliseconds(&times("warm")),
    })
}

/// A process that reads one line of code after the other and answers each with a line.
fn served(name: &str, mut command: Command) -> Option<Row> {
    use std::io::{BufRead, BufReader, Write};
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut firsts = Vec::new();
    let mut warm = Vec::new();
    for start in 0..20 {
        let begun = Instant::now();
        let mut child = command.spawn().ok()?;
        let mut input = child.stdin.take()?;
        let mut output = BufReader::new(child.stdout.take()?);
        let mut answer = String::new();
        let mut ask = || -> Option<Duration> {
            let begun = Instant::now();
            input.write_all(b"1+1\n").ok()?;
            answer.clear();
            output.read_line(&mut answer).ok()?;
            (answer == "2\n").then(|| begun.elapsed())
        };
        ask()?;
        firsts.push(begun.elapsed());
        for _ in 0..if start == 0 { 1000 } else { 0 } {
            warm.push(ask()?);
        }
        drop(input);
        child.wait().ok()?;
    }
    Some(Row {
        name: name.to_owned(),
        start: none(),
        first: Some(Figures::new(firsts)),
        warm: Figures::new(warm),
    })
}

/// A process for each answer.
fn spawned(name: &str, mut command: Command, arguments: &[&str]) -> Option<Row> {
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let times: Option<Vec<Duration>> = (0..20)
        .map(|_| {
            let begun = Instant::now();
            let done = command.status().is_ok_and(|status| status.success());
            done.then(|| begun.elapsed())
        })
        .collect();
    Some(Row {
        name: name.to_owned(),
        start: none(),
        first: Some(Figures::new(times?)),
        warm: none(),
    })
}
