//! A scripted model behind the wire format of `OpenAI`'s `/v1/chat/completions`, streamed as server-sent events.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What the model says.
#[derive(Clone, Debug)]
pub enum Reply {
    /// These pieces, one event each.
    Text(Vec<String>),
    /// Calls of tools: name and arguments.
    Calls(Vec<(String, Value)>),
    /// These pieces, and then nothing more while the client stays.
    Hang(Vec<String>),
    /// An HTTP status with a body as the provider writes it.
    Status(u16, String),
}

impl Reply {
    /// A whole answer in pieces of a few letters.
    pub fn text(text: &str) -> Self {
        Self::Text(pieces(text))
    }
}

fn pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(7)
        .map(|chunk| chunk.iter().collect())
        .collect()
}

type Script = dyn Fn(usize, &Value) -> Reply + Send + Sync;

/// The server. It lives as long as the test's process.
pub struct OpenAi {
    /// The `base_url` for the settings.
    pub url: String,
    bodies: Arc<Mutex<Vec<String>>>,
    left: Receiver<()>,
}

impl OpenAi {
    /// Answers the n-th request (from 0), whose body is given, with what the script says.
    pub fn start(script: impl Fn(usize, &Value) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let bodies: Arc<Mutex<Vec<String>>> = Arc::default();
        let (leave, left) = channel();
        let script: Arc<Script> = Arc::new(script);
        let log = Arc::clone(&bodies);
        thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let (script, log, leave) = (Arc::clone(&script), Arc::clone(&log), leave.clone());
                thread::spawn(move || serve(&socket, &*script, &log, &leave));
            }
        });
        Self { url, bodies, left }
    }

    /// The same answer always.
    pub fn always(reply: Reply) -> Self {
        Self::start(move |_, _| reply.clone())
    }

    /// The bodies received so far.
    pub fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }

    /// Waits until a client has closed a connection on which an answer was still running.
    pub fn wait_for_leaver(&self) {
        self.left
            .recv_timeout(Duration::from_secs(30))
            .expect("the connection stayed open");
    }

    /// A project's settings in which this is the only provider; suggestions are left to the built-in completer.
    pub fn settings(&self) -> String {
        format!(
            "[[ai.providers]]\nname = \"scripted\"\nkind = \"openai\"\nbase_url = \"{}\"\nmodel = \"test-model\"\n\n[ai.tasks]\ninline = [\"embedded\"]\nchat = [\"scripted\"]\nembed = []\n",
            self.url
        )
    }
}

fn serve(socket: &TcpStream, script: &Script, log: &Mutex<Vec<String>>, leave: &Sender<()>) {
    let mut reader = BufReader::new(socket);
    while let Some((path, body)) = read_request(&mut reader) {
        let value: Value = serde_json::from_str(&body).unwrap_or_default();
        let number = {
            let mut log = log.lock().unwrap();
            log.push(body);
            log.len() - 1
        };
        let reply = if path == "/v1/chat/completions" {
            script(number, &value)
        } else {
            let words = json!({ "error": { "message": format!("no such path: {path}") } });
            Reply::Status(404, words.to_string())
        };
        let hangs = matches!(reply, Reply::Hang(_));
        if answer(socket, reply).is_none() {
            let _ = leave.send(());
            return;
        }
        if hangs {
            // The client has nothing more to say: what comes is its end.
            let mut byte = [0];
            let _ = reader.read(&mut byte);
            let _ = leave.send(());
            return;
        }
    }
}

fn answer(mut socket: &TcpStream, reply: Reply) -> Option<()> {
    let delta = |delta: Value, reason: Value| {
        json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "test-model",
                "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] })
    };
    let (texts, calls, ends) = match reply {
        Reply::Status(code, body) => {
            let head = format!(
                "HTTP/1.1 {code} Status\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            return socket.write_all((head + &body).as_bytes()).ok();
        }
        Reply::Text(texts) => (texts, Vec::new(), true),
        Reply::Hang(texts) => (texts, Vec::new(), false),
        Reply::Calls(calls) => (Vec::new(), calls, true),
    };
    socket
        .write_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .ok()?;
    let mut send = |data: &str| {
        let event = format!("data: {data}\n\n");
        let chunk = format!("{:x}\r\n{event}\r\n", event.len());
        socket.write_all(chunk.as_bytes()).ok()
    };
    send(&delta(json!({ "role": "assistant", "content": "" }), Value::Null).to_string())?;
    for text in texts {
        send(&delta(json!({ "content": text }), Value::Null).to_string())?;
    }
    for (index, (name, arguments)) in calls.iter().enumerate() {
        let call = json!({ "index": index, "id": format!("call_{index}"), "type": "function",
                           "function": { "name": name, "arguments": arguments.to_string() } });
        send(&delta(json!({ "tool_calls": [call] }), Value::Null).to_string())?;
    }
    if !ends {
        return Some(());
    }
    let reason = if calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    };
    send(&delta(json!({}), json!(reason)).to_string())?;
    send(
        &json!({ "choices": [], "usage": { "prompt_tokens": 20, "completion_tokens": 7 } })
            .to_string(),
    )?;
    send("[DONE]")?;
    socket.write_all(b"0\r\n\r\n").ok()
}

fn read_request(reader: &mut impl BufRead) -> Option<(String, String)> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8(body).ok()?))
}
