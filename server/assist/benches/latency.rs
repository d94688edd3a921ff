//! How long completion takes: a hit in the cache, our share over the provider's own time, hedging against stalls,
//! requests per keystroke, the built-in completer. Run with `cargo bench -p metascript-assist`.
//!
//! Every figure is printed beside the target that the product has for it; nothing fails on time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::format_push_string,
    clippy::large_futures,
    clippy::cast_precision_loss
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metascript_assist::accept::{Acceptor, LevelPolicy};
use metascript_assist::embedded::Embedded;
use metascript_assist::provider::Host;
use metascript_assist::settings::{ProviderKind, ProviderSettings, Settings};
use metascript_assist::{Assist, InlineRequest, Parts};
use metascript_syntax::{Document, TextEdit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that speaks `OpenAI`'s format. `plan` gives the delay before the first byte and the text.
async fn server(
    plan: impl Fn(usize, &str) -> (Duration, String) + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let plan = Arc::new(plan);
    let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            socket.set_nodelay(true).unwrap();
            let (plan, count) = (Arc::clone(&plan), Arc::clone(&count));
            tokio::spawn(async move {
                let mut buffer = Vec::new();
                loop {
                    let Some(body) = request(&mut socket, &mut buffer).await else {
                        return;
                    };
                    let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let (delay, text) = plan(number, &body);
                    if !delay.is_zero() {
                        tokio::time::sleep(delay).await;
                    }
                    let mut stream = String::new();
                    for piece in text.split_inclusive('\n') {
                        let piece = serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": piece }, "finish_reason": null }] });
                        stream.push_str(&format!("data: {piece}\n\n"));
                    }
                    stream.push_str("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\n\r\n",
                        stream.len()
                    );
                    if socket.write_all((head + &stream).as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

async fn request(socket: &mut tokio::net::TcpStream, buffer: &mut Vec<u8>) -> Option<String> {
    let mut bytes = [0; 16 * 1024];
    loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..at]).to_ascii_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |n| n.trim().parse().unwrap());
            if buffer.len() >= at + 4 + length {
                let body = String::from_utf8_lossy(&buffer[at + 4..at + 4 + length]).into_owned();
                buffer.drain(..at + 4 + length);
                return Some(body);
            }
        }
        match socket.read(&mut bytes).await {
            Ok(n @ 1..) => buffer.extend_from_slice(&bytes[..n]),
            _ => return None,
        }
    }
}

fn assist(urls: &[&str], change: impl FnOnce(&mut Settings)) -> Arc<Assist> {
    let providers = urls
        .iter()
        .enumerate()
        .map(|(n, url)| ProviderSettings::new(&format!("p{n}"), ProviderKind::OpenAi, url))
        .map(|mut provider| {
            provider.max_concurrency = Some(64);
            provider
        })
        .collect();
    let mut settings = Settings {
        providers,
        ..Settings::default()
    };
    settings.inline.speculate = false;
    change(&mut settings);
    let parts = Parts {
        settings,
        workspace: "/workspace".into(),
        policy: Arc::new(LevelPolicy::default()),
        host: Host::default(),
        sealer: None,
    };
    Assist::new(parts).0
}

fn at(document: &Document, offset: usize, invoked: bool) -> InlineRequest {
    InlineRequest {
        name: "bench.tars".into(),
        document: document.clone(),
        offset,
        invoked,
        scope: metascript_assist::context::Scope::default(),
    }
}

fn percentile(times: &mut [Duration], share: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * share / 100).min(times.len() - 1)]
}

fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/assist");
    let mut scripts: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    scripts.sort();
    scripts
}

/// A large script with a hole near its end.
fn large() -> (Document, usize) {
    let mut text: String = fixtures()
        .into_iter()
        .map(|(_, text)| text + "\n")
        .collect();
    text.push_str("ACTION {\n    type: \"log\"\n    ");
    let offset = text.len();
    text.push_str("\n}\n");
    (Document::parse(&text), offset)
}

async fn cache_hits() {
    let url = server(|_, _| {
        (
            Duration::ZERO,
            "message: \"done\"\n    level: \"info\"".into(),
        )
    })
    .await;
    let assist = assist(&[&url], |settings| {
        settings.inline.debounce = (Duration::ZERO, Duration::ZERO);
    });
    let (document, offset) = large();
    assert!(!assist.inline(at(&document, offset, false)).await.is_empty());
    // The first line is shown while the rest arrives; the cache has it a moment later.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let typed = document.edited(&[TextEdit {
        range: offset..offset,
        text: "mess".into(),
    }]);
    let mut times = Vec::new();
    for n in 0..2000 {
        let request = if n % 2 == 0 {
            at(&document, offset, false)
        } else {
            at(&typed, offset + 4, false)
        };
        let start = Instant::now();
        let found = assist.inline(request).await;
        times.push(start.elapsed());
        assert!(found[0].from_cache);
    }
    let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
    println!(
        "cache hit in {} bytes: p50 {p50:?}, p99 {p99:?}   (target p99 < 1 ms)",
        document.rope().len_bytes()
    );
}

async fn overhead() {
    const DELAY: Duration = Duration::from_millis(10);
    let url = server(|_, _| (DELAY, "message: \"done\"\nlevel: \"info\"".into())).await;
    let assist = assist(&[&url], |settings| {
        settings.inline.debounce = (Duration::ZERO, Duration::ZERO);
    });
    let host = url.trim_start_matches("http://").to_owned();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let mut socket = tokio::net::TcpStream::connect(&host).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let mut bytes = vec![0; 64 * 1024];
    for n in 0..200 {
        // The same question over a bare socket: the provider's own time.
        let body = "{}";
        let start = Instant::now();
        let head = format!(
            "POST /chat/completions HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        assert!(socket.read(&mut bytes).await.unwrap() > 0);
        bare.push(start.elapsed());
        let text = format!(
            "VARIABLE v{n} {{\n    value: {n}\n}}\n\nACTION {{\n    type: \"log\"\n    \n}}\n"
        );
        let document = Document::parse(&text);
        let start = Instant::now();
        let found = assist.inline(at(&document, text.len() - 3, false)).await;
        ours.push(start.elapsed());
        assert_eq!(found.len(), 1);
    }
    let (ours, bare) = (percentile(&mut ours, 50), percentile(&mut bare, 50));
    println!(
        "to the first line: p50 {ours:?}, the provider's own {bare:?}, ours {:?}   (target < 2 ms)",
        ours.saturating_sub(bare)
    );
}

async fn hedging() {
    let stalling = server(|number, _| {
        let stall = number % 20 == 7;
        (
            if stall {
                Duration::from_secs(3)
            } else {
                Duration::from_millis(20)
            },
            "message: \"a\"".into(),
        )
    })
    .await;
    let steady = server(|_, _| (Duration::from_millis(20), "message: \"b\"".into())).await;
    let delay = Duration::from_millis(60);
    for (name, urls) in [
        ("alone", vec![stalling.as_str()]),
        ("hedged", vec![stalling.as_str(), steady.as_str()]),
    ] {
        let assist = assist(&urls, |settings| {
            settings.inline.debounce = (Duration::ZERO, Duration::ZERO);
            settings.hedge_after = delay;
        });
        let mut times = Vec::new();
        for n in 0..300 {
            let text = format!(
                "VARIABLE {name}{n} {{\n    value: {n}\n}}\n\nACTION {{\n    type: \"log\"\n    \n}}\n"
            );
            let start = Instant::now();
            assist
                .inline(at(&Document::parse(&text), text.len() - 3, false))
                .await;
            times.push(start.elapsed());
        }
        let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
        let ratio = p99.as_secs_f64() / (p50 + delay).as_secs_f64();
        println!(
            "{name}: p50 {p50:?}, p99 {p99:?} = {ratio:.2} of p50 + hedge delay   (hedged target 1.3)"
        );
    }
}

/// Somebody types the fixtures, ten characters a second. Time is sped up by a factor; all waits shrink with it.
async fn keystrokes() {
    const KEYS: usize = 1000;
    const SPEED: u32 = 5;
    let source: String = fixtures().into_iter().map(|(_, text)| text).collect();
    let truth = source.clone();
    // A model that knows the next line.
    let url = server(move |_, body| {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let messages = body["messages"].as_array().unwrap();
        let shown = messages.last().unwrap()["content"].as_str().unwrap();
        let prefix = shown.split("<|hole|>").next().unwrap();
        let tail: String = prefix
            .chars()
            .rev()
            .take(60)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let next = truth.find(&tail).map(|at| {
            truth[at + tail.len()..]
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        (Duration::from_millis(150) / SPEED, next.unwrap_or_default())
    })
    .await;
    let assist = assist(&[&url], |settings| {
        let (low, high) = settings.inline.debounce;
        settings.inline.debounce = (low / SPEED, high / SPEED);
    });
    let mut document = Document::parse("");
    let (mut shown, mut dropped) = (0, 0);
    // What is on the screen when an answer comes.
    let screen = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let mut open = Vec::new();
    let mut offset = 0;
    let mut keys = 0;
    let mut chars = source.chars();
    while keys < KEYS {
        let Some(c) = chars.next() else { break };
        document = document.edited(&[TextEdit {
            range: offset..offset,
            text: c.to_string(),
        }]);
        offset += c.len_utf8();
        // Editors indent: a run of blanks is one keystroke.
        if c == ' ' && document.slice(offset.saturating_sub(2)..offset) == "  " {
            continue;
        }
        keys += 1;
        let request = at(&document, offset, false);
        let (assist, screen) = (Arc::clone(&assist), Arc::clone(&screen));
        let version = keys;
        screen.store(version, std::sync::atomic::Ordering::SeqCst);
        open.push(tokio::spawn(async move {
            let found = assist.inline(request).await;
            let now = screen.load(std::sync::atomic::Ordering::SeqCst);
            // The server looks at the document's revision again before it answers.
            (!found.is_empty(), now != version)
        }));
        // Typing is uneven; a new line or block takes thought.
        let jitter = [80, 120, 95, 140, 70, 110, 85, 100][keys % 8];
        let pause = if c == '\n' && keys % 5 == 0 {
            jitter * 6
        } else {
            jitter
        };
        tokio::time::sleep(Duration::from_millis(pause) / SPEED).await;
        let mut running = Vec::new();
        for task in open {
            if task.is_finished() {
                let (found, late) = task.await.unwrap();
                shown += usize::from(found && !late);
                dropped += usize::from(found && late);
            } else {
                running.push(task);
            }
        }
        open = running;
    }
    let requests = assist.inline_requests();
    println!(
        "{keys} keystrokes: {requests} requests, one in {:.1}; {shown} shown, {dropped} too late and dropped   (target fewer than 1 in 8)",
        keys as f64 / requests.max(1) as f64
    );
}

fn embedded() {
    let completer = Embedded::default();
    for round in 0..20 {
        for (name, text) in fixtures() {
            completer.set(&format!("{round}/{name}"), &text);
        }
    }
    let mut times = Vec::new();
    for (name, text) in fixtures() {
        for (at, _) in text.match_indices('\n').step_by(2) {
            let start = Instant::now();
            std::hint::black_box(completer.complete(&name, &text[..=at], &text[at + 1..], 3));
            times.push(start.elapsed());
        }
    }
    let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
    println!(
        "built-in completer over {} scripts: p50 {p50:?}, p99 {p99:?}   (target < 5 ms)",
        completer.len()
    );
}

/// What judging a suggestion takes: parsing it in place and holding it against the policy.
fn judging() {
    let (document, offset) = large();
    let acceptor = Acceptor::default();
    let mut times = Vec::new();
    for n in 0..500 {
        let said = format!("message: \"number {n}\"");
        let start = Instant::now();
        assert!(acceptor.accept(&document, offset, &said).is_ok());
        times.push(start.elapsed());
    }
    let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
    println!("judging a suggestion: p50 {p50:?}, p99 {p99:?}");
}

fn main() {
    // `cargo test --benches` asks for a list of tests and for a single run; there is nothing to list.
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    embedded();
    judging();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        cache_hits().await;
        overhead().await;
        hedging().await;
        keystrokes().await;
    });
}
