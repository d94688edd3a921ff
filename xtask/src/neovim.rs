//! The Neovim plugin's tests: every spec in a real Neovim of its own, against the real server.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::shell::servers::Model;
use crate::shell::{self, root, venv};

/// A spec that runs longer than this hangs.
const SPEC_LIMIT: Duration = Duration::from_mins(10);

/// Runs all specs and leaves a picture of the screen in the artefacts folder.
///
/// The server is the one that `METASCRIPT_BIN` names, or the dev build.
pub fn test() -> Result<(u32, u32)> {
    let binary = server()?;
    let tools = Tools::install()?;
    warm_up(&binary)?;
    let model = Model::start()?;
    let mut tally = (0, 0);
    for spec in specs()? {
        let (passed, failed) = run_spec(&tools, &binary, &model, &spec)?;
        tally = (tally.0 + passed, tally.1 + failed);
    }
    match picture(&tools, &binary) {
        Ok(path) => {
            println!("ok      the screen is in {}", path.display());
            tally.0 += 1;
        }
        Err(error) => {
            println!("FAILED  the screen could not be kept: {error:#}");
            tally.1 += 1;
        }
    }
    Ok(tally)
}

/// Runs a cell in a Neovim that has the plugin from its package, with the server from its own.
pub fn test_installed(plugin: &Path, server: &Path) -> Result<(u32, u32)> {
    let tools = Tools::install()?;
    let home = Scratch::new("installed")?;
    // Where Neovim looks for plugins by itself.
    let place = home.0.join("data/nvim/site/pack/metascript/start");
    fs::create_dir_all(&place)?;
    fs::rename(plugin, place.join("metascript.nvim"))
        .context("the plugin cannot be put in its place")?;
    let mut command = Command::new(tools.nvim());
    environment(&mut command, server, &home.0);
    command
        .env_remove("METASCRIPT_RUNTIMES")
        .args(["--headless", "-i", "NONE", "-u"])
        .arg(folder().join("installed/init.lua"))
        .arg("-c")
        .arg(format!(
            "autocmd VimEnter * ++nested lua dofile([[{}]])",
            folder().join("installed/run.lua").display()
        ))
        .current_dir(root());
    let (lines, ended) = run_bounded(&mut command)?;
    match lines.iter().rev().find_map(|line| closing_line(line)) {
        Some(counted) if ended => Ok(counted),
        _ => bail!("the installed plugin's spec did not run to its end"),
    }
}

fn folder() -> PathBuf {
    root().join("tests").join("neovim")
}

pub fn server() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("METASCRIPT_BIN") {
        let path = PathBuf::from(path);
        ensure!(
            path.is_file(),
            "METASCRIPT_BIN is not a file: {}",
            path.display()
        );
        return Ok(path);
    }
    shell::run(shell::cargo().args(["build", "--workspace", "--all-targets"]))?;
    Ok(shell::binary())
}

/// Runs a script once, so that the runtimes are compiled before anything waits for a cell. Where no Rust toolchain is, its
/// last cell fails, which does not matter here.
fn warm_up(binary: &Path) -> Result<()> {
    Command::new(binary)
        .arg("run")
        .arg(root().join("fixtures").join("round-trip.tars"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("the server does not start")?;
    Ok(())
}

/// Neovim and the Python that draws its screen.
struct Tools {
    bin: PathBuf,
}

impl Tools {
    fn install() -> Result<Self> {
        Ok(Self {
            bin: venv::programs("neovim-test", &folder().join("requirements.txt"))?,
        })
    }

    fn nvim(&self) -> PathBuf {
        self.bin.join("nvim")
    }
}

fn specs() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder().join("specs"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "lua") {
            found.push(path);
        }
    }
    found.sort();
    ensure!(
        !found.is_empty(),
        "there are no specs in tests/neovim/specs"
    );
    Ok(found)
}

/// The environment of a user who has never started Neovim. The server keeps the real folders: there
/// it finds the runtimes that were compiled before.
fn environment(command: &mut Command, binary: &Path, home: &Path) {
    for (name, part) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
    ] {
        command.env(name, home.join(part));
    }
    if let Some(data) = data_folder() {
        command.env("METASCRIPT_TEST_DATA_HOME", data);
    }
    command
        .env("METASCRIPT_REPOSITORY", root())
        .env("METASCRIPT_BIN", binary)
        .env_remove("NVIM")
        .env_remove("NVIM_APPNAME")
        .env_remove("VIMRUNTIME");
}

fn data_folder() -> Option<PathBuf> {
    std::env::var_os("XDG_DATA_HOME")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")))
}

fn run_spec(tools: &Tools, binary: &Path, model: &Model, spec: &Path) -> Result<(u32, u32)> {
    let name = spec.file_stem().unwrap_or_default().to_string_lossy();
    println!("-- neovim: {name}");
    let home = Scratch::new(&name)?;
    let script = spec.to_string_lossy();
    let mut command = Command::new(tools.nvim());
    environment(&mut command, binary, &home.0);
    model
        .tell(&mut command)
        .args(["--headless", "-i", "NONE", "-u"])
        .arg(folder().join("init.lua"))
        .arg("-c")
        .arg(format!(
            "autocmd VimEnter * ++nested lua dofile([[{script}]])"
        ))
        .current_dir(root());
    let (lines, ended) = run_bounded(&mut command)?;
    let counted = lines.iter().rev().find_map(|line| closing_line(line));
    match counted {
        Some((passed, failed)) if ended => Ok((passed, failed)),
        _ => {
            println!("FAILED  {name} did not run to its end");
            let passed = lines.iter().filter(|line| line.starts_with("ok ")).count();
            Ok((u32::try_from(passed)?, 1))
        }
    }
}

/// Runs a command, passing its standard output on, and ends it at the limit. The second value says
/// whether it ended by itself.
fn run_bounded(command: &mut Command) -> Result<(Vec<String>, bool)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("could not start Neovim")?;
    let stdout = child
        .stdout
        .take()
        .context("Neovim has no standard output")?;
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let until = Instant::now() + SPEC_LIMIT;
    let mut lines = Vec::new();
    let ended = loop {
        match receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                println!("{line}");
                lines.push(line);
            }
            Err(RecvTimeoutError::Disconnected) => break true,
            Err(RecvTimeoutError::Timeout) => break false,
        }
    };
    finish(&mut child, ended)?;
    drop(receiver);
    if reader.join().is_err() {
        bail!("reading Neovim's output failed");
    }
    Ok((lines, ended))
}

fn finish(child: &mut Child, ended: bool) -> Result<()> {
    if !ended {
        child.kill()?;
    }
    child.wait()?;
    Ok(())
}

/// The counts in the last line of a spec, `12 passed, 3 failed`.
fn closing_line(line: &str) -> Option<(u32, u32)> {
    let (passed, failed) = line.split_once(" passed, ")?;
    Some((
        passed.parse().ok()?,
        failed.strip_suffix(" failed")?.parse().ok()?,
    ))
}

/// Draws the screen of a Neovim in which cells have run, for a person to look at.
fn picture(tools: &Tools, binary: &Path) -> Result<PathBuf> {
    let target = shell::artefacts_dir().join("neovim");
    fs::create_dir_all(&target)?;
    let home = Scratch::new("picture")?;
    let mut command = Command::new(tools.bin.join("python"));
    environment(&mut command, binary, &home.0);
    command
        .arg(folder().join("picture.py"))
        .arg(tools.nvim())
        .arg(&target)
        .current_dir(root());
    let (lines, ended) = run_bounded(&mut command)?;
    ensure!(ended, "drawing took too long");
    let picture = target.join("inline-output.svg");
    ensure!(
        picture.is_file(),
        "no picture was drawn: {}",
        lines.join("\n")
    );
    Ok(picture)
}

/// A folder that goes away when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Result<Self> {
        let path =
            std::env::temp_dir().join(format!("metascript-neovim-{}-{name}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left in a temporary folder harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::closing_line;

    #[test]
    fn counts_are_read_from_the_closing_line() {
        assert_eq!(closing_line("12 passed, 3 failed"), Some((12, 3)));
        assert_eq!(closing_line("ok      nothing failed"), None);
    }
}
