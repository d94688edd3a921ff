//! Servers from package registries that the tests talk to. `cargo xtask test` installs them and says where.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::root;

/// A running server; it ends with this.
pub struct Server {
    process: Child,
    /// Its address, without a path.
    pub url: String,
    _folder: TempDir,
}

/// The Python that has the servers.
fn python() -> PathBuf {
    std::env::var_os("METASCRIPT_TEST_SERVERS")
        .map(PathBuf::from)
        .expect(
            "METASCRIPT_TEST_SERVERS is set: `cargo xtask test` installs the servers and sets it",
        )
}

fn command(script: &str, folder: &TempDir) -> Command {
    let mut command = Command::new(python());
    command
        .arg(root().join("tests/servers").join(script))
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// llama.cpp's server with a model that says `message: "from a real model"`, whatever it is asked.
pub fn llama() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let mut process = command("llama.py", &folder).spawn().unwrap();
    let output = process.stdout.take().unwrap();
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let url = lines
        .find_map(|line| line.strip_prefix("listening ").map(str::to_owned))
        .expect("llama.cpp's server listens");
    std::thread::spawn(move || lines.for_each(drop));
    Server {
        process,
        url,
        _folder: folder,
    }
}

/// A Chroma server with nothing in it.
pub fn chroma() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let process = command("chroma.py", &folder)
        .arg(port.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server {
        process,
        url: format!("http://127.0.0.1:{port}"),
        _folder: folder,
    };
    let deadline = Instant::now() + Duration::from_mins(1);
    while !server.get("/api/v2/heartbeat").contains("heartbeat") {
        assert!(Instant::now() < deadline, "Chroma does not listen");
        std::thread::sleep(Duration::from_millis(100));
    }
    server
}

impl Server {
    /// The body of what a path answers; empty when nothing does.
    pub fn get(&self, path: &str) -> String {
        let host = self.url.trim_start_matches("http://");
        let mut answer = String::new();
        if let Ok(mut socket) = TcpStream::connect(host) {
            let _ = write!(
                socket,
                "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
            );
            let _ = socket.read_to_string(&mut answer);
        }
        answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.to_owned())
            .unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
