//! Servers from package registries that the tests talk to: llama.cpp's with a model made on the spot, and Chroma.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::{root, run};

/// Where tests look for the Python that has the servers.
pub const PYTHON: &str = "METASCRIPT_TEST_SERVERS";

/// Where the editors' tests find a model, an address without a path.
const MODEL: &str = "METASCRIPT_MODEL_URL";

fn folder() -> PathBuf {
    root().join("tests").join("servers")
}

/// A Python with the servers: a virtual environment from hashed packages, kept in the user's cache folder under the
/// hash of what it was made from.
pub fn python() -> Result<PathBuf> {
    let requirements = folder().join("requirements.txt");
    let text = fs::read(&requirements).context("tests/servers/requirements.txt")?;
    let digest = Sha256::digest(&text);
    let name = digest
        .first_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let place = cache_folder()?
        .join("test-servers")
        .join(format!("{name:016x}"));
    let bin = place.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let python = bin.join(if cfg!(windows) {
        "python.exe"
    } else {
        "python"
    });
    let complete = place.join("complete");
    if !complete.is_file() {
        if place.exists() {
            fs::remove_dir_all(&place).context("an unfinished installation of test servers")?;
        }
        fs::create_dir_all(&place)?;
        let system = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(system).args(["-m", "venv"]).arg(&place))?;
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", "--no-deps"])
            .args(["--require-hashes", "--only-binary", ":all:"])
            .arg("--requirement")
            .arg(&requirements))?;
        File::create(&complete)?;
    }
    Ok(python)
}

fn cache_folder() -> Result<PathBuf> {
    let named = |name| std::env::var_os(name).filter(|path| !path.is_empty());
    let base = named("XDG_CACHE_HOME")
        .or_else(|| named("LOCALAPPDATA"))
        .map(PathBuf::from)
        .or_else(|| named("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("the cache folder is not known")?;
    Ok(base.join("metascript"))
}

/// A running llama.cpp server; it ends with this.
pub struct Model {
    server: Child,
    url: String,
    _folder: Scratch,
}

impl Model {
    /// Starts the server and waits until it listens.
    pub fn start() -> Result<Self> {
        let folder = Scratch::new()?;
        let mut server = Command::new(python()?)
            .arg(self::folder().join("llama.py"))
            .arg(&folder.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("llama.cpp's server could not be started")?;
        let output = server.stdout.take().context("the server's output")?;
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("listening ").map(str::to_owned));
        // Whatever else it writes is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(url) = url else {
            let ended = server.wait()?;
            bail!("llama.cpp's server ended before it listened: {ended}");
        };
        Ok(Self {
            server,
            url,
            _folder: folder,
        })
    }

    /// Tells a test where the model is.
    pub fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(MODEL, &self.url)
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The folder of the model's file.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("metascript-model-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(Path::new(&self.0));
    }
}
