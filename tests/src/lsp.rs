//! A client for the real server process, over the real transport.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::home::Home;

/// How long anything may take before a test gives up. Tests assert on what, never on when.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running `metascript lsp` and its client.
pub struct Client {
    process: Child,
    stdin: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Read, but asked for by nobody yet.
    unclaimed: VecDeque<Value>,
    next_id: i64,
    /// What to answer to the server's own requests, by method; `null` if not here.
    answers: HashMap<&'static str, Value>,
    /// The user's folders of this client, so that nobody's real settings matter.
    _home: Home,
}

impl Client {
    /// Starts the server and says `initialize` with these capabilities and options.
    pub fn start(binary: &str, capabilities: Value, options: Value) -> Self {
        Self::start_in(binary, capabilities, options, Value::Null)
    }

    /// As [`Client::start`], in a workspace with these folders (`WorkspaceFolder[]`).
    pub fn start_in(binary: &str, capabilities: Value, options: Value, folders: Value) -> Self {
        let mut client = Self::spawn(binary);
        let answer = client.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": null,
                "workspaceFolders": folders,
                "capabilities": capabilities,
                "initializationOptions": options,
            }),
        );
        assert!(answer["capabilities"].is_object(), "initialize: {answer}");
        client.notify("initialized", json!({}));
        client
    }

    /// Starts the server without a word.
    pub fn spawn(binary: &str) -> Self {
        let mut command = Command::new(binary);
        command.arg("lsp");
        Self::spawn_command(command)
    }

    /// Starts any language server without a word.
    pub fn spawn_command(mut command: Command) -> Self {
        let home = Home::new();
        let mut process = home
            .of(&mut command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the server starts");
        let stdin = process.stdin.take();
        let stdout = process.stdout.take().unwrap();
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            while let Some(message) = read_message(&mut reader) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            process,
            stdin,
            messages,
            unclaimed: VecDeque::new(),
            next_id: 0,
            answers: HashMap::new(),
            _home: home,
        }
    }

    /// What to answer when the server asks: any number of times.
    pub fn answer_with(&mut self, method: &'static str, answer: Value) {
        self.answers.insert(method, answer);
    }

    /// Sends a request and waits for its result. Panics on an error answer.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send_request(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Sends a request and waits for its error.
    pub fn request_error(&mut self, method: &str, params: Value) -> Value {
        let id = self.send_request(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_some(), "{method}: {answer}");
        answer["error"].clone()
    }

    /// Sends a request, to be answered later.
    pub fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for the whole answer to a request.
    pub fn answer(&mut self, id: i64) -> Value {
        self.wait(&format!("the answer to request {id}"), |message| {
            message.get("method").is_none() && message["id"] == id
        })
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Opens a document at version 1.
    pub fn open(&mut self, uri: &str, text: &str) {
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": "metascript", "version": 1, "text": text } }),
        );
    }

    /// Waits until the server asks with this method; the answer has been given.
    pub fn asked(&mut self, method: &str) -> Value {
        self.wait(method, |message| {
            is_request(message) && message["method"] == method
        })["params"]
            .clone()
    }

    /// Waits for the next notification of a method that satisfies `wanted`.
    pub fn notification(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait(method, |message| {
            message["method"] == method && wanted(&message["params"])
        })["params"]
            .clone()
    }

    /// Whether a notification of a method that satisfies `wanted` has come.
    pub fn try_notification(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> bool {
        self.serve();
        let found = self
            .unclaimed
            .iter()
            .position(|message| message["method"] == method && wanted(&message["params"]));
        found.is_some_and(|index| self.unclaimed.remove(index).is_some())
    }

    /// The text that the server holds.
    pub fn server_text(&mut self, uri: &str) -> String {
        self.request(
            "metascript/documentText",
            json!({ "textDocument": { "uri": uri } }),
        )["text"]
            .as_str()
            .expect("a text")
            .to_owned()
    }

    /// Memory that the server has in use, in bytes (`VmRSS`).
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))
            .expect("the server's status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kib: u64 = line
            .and_then(|line| line.split_whitespace().nth(1))
            .and_then(|number| number.parse().ok())
            .expect("a number");
        kib * 1024
    }

    /// Processor time that the server has used, on all cores.
    pub fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))
            .expect("the server's times");
        // The name of the program stands in parentheses and may hold spaces.
        let (_, fields) = stat.rsplit_once(')').expect("the fields after the name");
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u64>().expect("a number"))
            .sum();
        // Linux counts a hundred ticks a second for user space on every architecture.
        Duration::from_millis(ticks * 10)
    }

    /// Writes bytes as they are, for tests of broken clients.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("the server's input is open");
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    /// Says goodbye properly and waits for the process to end. Answers its exit code.
    pub fn shut_down(mut self) -> Option<i32> {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        self.stdin = None;
        self.process.wait().unwrap().code()
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.send_raw(frame.as_bytes());
    }

    /// Answers what the server asked meanwhile.
    fn serve(&mut self) {
        while let Ok(message) = self.messages.try_recv() {
            if is_request(&message) {
                let reply = self.reply(&message);
                self.send(&reply);
            }
            self.unclaimed.push_back(message);
        }
    }

    fn reply(&self, request: &Value) -> Value {
        let method = request["method"].as_str().unwrap_or_default();
        let result = self.answers.get(method).cloned().unwrap_or_default();
        json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })
    }

    fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.serve();
        if let Some(index) = self.unclaimed.iter().position(&wanted) {
            return self.unclaimed.remove(index).unwrap();
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self
                .messages
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(message) if is_request(&message) => {
                    let reply = self.reply(&message);
                    self.send(&reply);
                    if wanted(&message) {
                        return message;
                    }
                    self.unclaimed.push_back(message);
                }
                Ok(message) if wanted(&message) => return message,
                Ok(message) => self.unclaimed.push_back(message),
                Err(RecvTimeoutError::Timeout) => {
                    panic!(
                        "no {what} within {PATIENCE:?}; unclaimed: {:#?}",
                        self.unclaimed
                    )
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the server ended while waiting for {what}")
                }
            }
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_request(message: &Value) -> bool {
    message.get("id").is_some() && message.get("method").is_some()
}

fn read_message(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.parse().ok();
        }
    }
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
