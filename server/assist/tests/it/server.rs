//! A small HTTP server whose every move is scripted, down to the bytes and the moment of the disconnect.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the server does after it has read a request.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends a status line and headers; the body that follows is chunked.
    Head(u16, Vec<(&'static str, String)>),
    /// Sends one chunk of the body.
    Chunk(Vec<u8>),
    /// Ends the chunked body as HTTP wants it.
    End,
    /// Sends bytes as they are.
    Raw(Vec<u8>),
    /// Waits.
    Pause(Duration),
    /// Closes the sending half and waits for the client to leave.
    HalfClose,
    /// Sends nothing more, and waits for the client to leave.
    Silence,
}

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub path: String,
    pub head: String,
    pub body: String,
}

impl Received {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

type Script = dyn Fn(usize, &Received) -> Vec<Step> + Send + Sync;

/// The server; it ends with the test's runtime.
pub struct Server {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    /// How many clients left before they had got everything.
    left: watch::Receiver<usize>,
}

impl Server {
    /// Answers every request with the same steps.
    pub async fn always(steps: Vec<Step>) -> Self {
        Self::start(move |_, _| steps.clone()).await
    }

    /// Answers the n-th request (from 0) with what the script says.
    pub async fn start(
        script: impl Fn(usize, &Received) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (leave, left) = watch::channel(0);
        let script: Arc<Script> = Arc::new(script);
        let log = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (script, log, leave) = (Arc::clone(&script), Arc::clone(&log), leave.clone());
                tokio::spawn(async move {
                    if serve(socket, &*script, &log).await.is_none() {
                        leave.send_modify(|count| *count += 1);
                    }
                });
            }
        });
        Self {
            url,
            received,
            left,
        }
    }

    pub fn requests(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    /// Waits until so many clients have closed their connection early.
    pub async fn wait_for_leavers(&mut self, count: usize) {
        let waiting = self.left.wait_for(|left| *left >= count);
        tokio::time::timeout(Duration::from_secs(10), waiting)
            .await
            .expect("the connection stayed open")
            .unwrap();
    }
}

/// Serves requests on one connection. `None`: the client left before the script was over.
async fn serve(mut socket: TcpStream, script: &Script, log: &Mutex<Vec<Received>>) -> Option<()> {
    let mut buffer = Vec::new();
    loop {
        let Some(request) = read_request(&mut socket, &mut buffer).await else {
            return Some(());
        };
        let steps = {
            let mut log = log.lock().unwrap();
            log.push(request.clone());
            script(log.len() - 1, &request)
        };
        let mut clean = false;
        for step in steps {
            clean = matches!(step, Step::End);
            perform(&mut socket, step).await?;
        }
        if !clean {
            return Some(());
        }
    }
}

async fn perform(socket: &mut TcpStream, step: Step) -> Option<()> {
    match step {
        Step::Head(status, headers) => {
            let mut head = format!("HTTP/1.1 {status} Scripted\r\ntransfer-encoding: chunked\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            socket
                .write_all(format!("{head}\r\n").as_bytes())
                .await
                .ok()
        }
        Step::Chunk(bytes) => {
            let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
            framed.extend(bytes);
            framed.extend(b"\r\n");
            socket.write_all(&framed).await.ok()
        }
        Step::End => socket.write_all(b"0\r\n\r\n").await.ok(),
        Step::Raw(bytes) => socket.write_all(&bytes).await.ok(),
        Step::Pause(time) => {
            // A client that leaves during the pause is noticed at once.
            let mut byte = [0];
            match tokio::time::timeout(time, socket.peek(&mut byte)).await {
                Ok(Ok(0) | Err(_)) => None,
                _ => Some(()),
            }
        }
        Step::HalfClose => {
            socket.shutdown().await.ok()?;
            wait_for_end(socket).await
        }
        Step::Silence => wait_for_end(socket).await,
    }
}

async fn wait_for_end(socket: &mut TcpStream) -> Option<()> {
    let mut bytes = [0; 64];
    while let Ok(1..) = socket.read(&mut bytes).await {}
    None
}

async fn read_request(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    let mut bytes = [0; 16 * 1024];
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match socket.read(&mut bytes).await {
            Ok(n @ 1..) => buffer.extend_from_slice(&bytes[..n]),
            _ => return None,
        }
    };
    let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")
                .map(|n| n.trim().parse().unwrap())
        })
        .unwrap_or(0);
    while buffer.len() < end + length {
        match socket.read(&mut bytes).await {
            Ok(n @ 1..) => buffer.extend_from_slice(&bytes[..n]),
            _ => return None,
        }
    }
    let body = String::from_utf8(buffer[end..end + length].to_vec()).unwrap();
    buffer.drain(..end + length);
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    Some(Received { path, head, body })
}
