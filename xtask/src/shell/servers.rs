//! Servers from package registries that the tests talk to: llama.cpp's with a model made on the spot, and Chroma.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{root, venv};

/// Where tests look for the Python that has the servers.
pub const PYTHON: &str = "METASCRIPT_TEST_SERVERS";

/// Where the editors' tests find a model, an address without a path.
const MODEL: &str = "METASCRIPT_MODEL_URL";

fn folder() -> PathBuf {
    root().join("tests").join("servers")
}

/// A Python with the servers.
pub fn python() -> Result<PathBuf> {
    let bin = venv::programs("test-servers", &folder().join("requirements.txt"))?;
    Ok(bin.join("python"))
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
