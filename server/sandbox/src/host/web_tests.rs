#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};

use super::*;

fn grant(host: &str, port: Option<u16>, private: bool) -> HostGrant {
    HostGrant {
        host: host.to_owned(),
        port,
        methods: vec!["GET".to_owned(), "POST".to_owned()],
        private,
    }
}

fn policy(hosts: Vec<HostGrant>) -> Policy {
    Policy {
        name: "own".to_owned(),
        hosts,
        ..Policy::strict()
    }
}

fn any_public() -> Policy {
    policy(vec![grant("*", None, false)])
}

fn arguments(method: &str, url: &str) -> Vec<(String, Value)> {
    vec![
        ("method".to_owned(), Value::Text(method.to_owned())),
        ("url".to_owned(), Value::Text(url.to_owned())),
    ]
}

fn ask_with(policy: &Policy, arguments: Vec<(String, Value)>) -> Result<Value, Refused> {
    let mut arguments = Arguments::new("http.request", Value::Map(arguments)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(Web::default().answer(&mut arguments, policy, 1000))
}

fn ask(policy: &Policy, method: &str, url: &str) -> Result<Value, Refused> {
    ask_with(policy, arguments(method, url))
}

/// A server that answers each connection with the next text and hands over what it was asked.
fn server(answers: Vec<String>) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, seen) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = number.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            head.push_str(&String::from_utf8_lossy(&body));
            let _ = asked.send(head);
            let mut stream = stream;
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (port, seen)
}

fn page(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nX-One: a\r\nX-One: b\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn moved(status: u16, to: &str) -> String {
    format!(
        "HTTP/1.1 {status} Moved\r\nConnection: close\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
    )
}

fn local(port: u16) -> Policy {
    policy(vec![grant("127.0.0.1", Some(port), true)])
}

fn field<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let Value::Map(entries) = answer else {
        panic!("{answer:?}")
    };
    &entries.iter().find(|(key, _)| key == name).unwrap().1
}

#[test]
fn a_granted_host_answers() {
    let (port, seen) = server(vec![page("hello")]);
    let mut sent = arguments("post", &format!("http://127.0.0.1:{port}/a?b=c"));
    sent.push((
        "headers".to_owned(),
        Value::Map(vec![("X-Mine".to_owned(), Value::Text("1".to_owned()))]),
    ));
    sent.push(("body".to_owned(), Value::Bytes(b"data".to_vec())));
    let answer = ask_with(&local(port), sent).unwrap();
    assert_eq!(field(&answer, "status"), &Value::Integer(200));
    assert_eq!(field(&answer, "body"), &Value::Bytes(b"hello".to_vec()));
    assert_eq!(
        field(field(&answer, "headers"), "x-one"),
        &Value::Text("a, b".to_owned())
    );
    let asked = seen.recv().unwrap();
    assert!(asked.starts_with("POST /a?b=c HTTP/1.1\r\n"), "{asked}");
    assert!(
        asked.contains("x-mine: 1") && asked.ends_with("data"),
        "{asked}"
    );
}

#[test]
fn what_is_not_granted_is_refused_with_advice() {
    let own = policy(vec![
        grant("api.example.com", None, false),
        grant("*.wide.example", None, false),
    ]);
    for url in [
        "https://example.com/",
        "https://api.example.com.evil.test/",
        "https://xapi.example.com/",
        "https://api.example.com:8443/",
        "https://wide.example/",
        "https://notwide.example/",
        "https://api.example.com@evil.test/",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "gopher://api.example.com/",
        "https://evil.test#api.example.com",
        "https://evil.test/?https://api.example.com/",
        "http://user:secret@api.example.com/",
    ] {
        let refused = ask(&own, "GET", url).unwrap_err();
        assert_eq!(refused.code, "denied", "{url}: {refused:?}");
    }
    for (url, method) in [
        ("https://api.example.com/", "PUT"),
        ("https://api.example.com./", "DELETE"),
    ] {
        let refused = ask(&own, method, url).unwrap_err();
        assert!(refused.message.contains(method), "{refused:?}");
    }
    let refused = ask(&Policy::strict(), "GET", "https://example.com/").unwrap_err();
    assert!(
        refused.message.contains("[run.policies.NAME] hosts"),
        "{refused:?}"
    );
    for (method, url) in [
        ("CONNECT", "http://a.example/"),
        ("TRACE", "http://a.example/"),
        ("GET x", "http://a.example/"),
        ("GET", "not an address"),
        ("GET", "//a"),
    ] {
        assert_eq!(
            ask(&any_public(), method, url).unwrap_err().code,
            "bad-argument",
            "{method} {url}"
        );
    }
}

#[test]
fn the_machine_and_its_network_hide_behind_no_spelling() {
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "0x7f.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[2002:7f00:1::]",
        "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
        "127\u{3002}0\u{3002}0\u{3002}1",
        "localhost",
        "LOCALHOST",
        "localhost.",
    ] {
        let refused = ask(&any_public(), "GET", &format!("http://{host}/")).unwrap_err();
        let expected =
            refused.code == "denied" && refused.message.contains("only your own settings");
        // A machine may not know the name with a dot; then there is nothing to reach.
        assert!(
            expected || (host == "localhost." && refused.code == "failed"),
            "{host}: {refused:?}"
        );
    }
}

#[test]
fn every_redirect_is_judged_anew() {
    for (to, why) in [
        ("http://169.254.169.254/latest/meta-data/", "does not grant"),
        ("http://localhost/", "does not grant"),
        ("file:///etc/passwd", "neither http nor https"),
        ("//evil.test/", "does not grant"),
        ("http://127.0.0.1:1/", "does not grant"),
    ] {
        let (port, _seen) = server(vec![moved(302, to)]);
        let refused = ask(&local(port), "GET", &format!("http://127.0.0.1:{port}/")).unwrap_err();
        assert!(
            refused.code == "denied" && refused.message.contains(why),
            "{to}: {refused:?}"
        );
    }
    // One that may ask any public host is led to this machine.
    let (port, _seen) = server(vec![moved(307, "http://[::1]/")]);
    let mut both = local(port);
    both.hosts.push(grant("*", None, false));
    let refused = ask(&both, "GET", &format!("http://127.0.0.1:{port}/")).unwrap_err();
    assert!(
        refused.message.contains("only your own settings"),
        "{refused:?}"
    );
}

#[test]
fn redirects_keep_what_they_should_and_end() {
    let (other, seen_there) = server(vec![page("there")]);
    let (port, seen_here) = server(vec![
        moved(307, "/again"),
        moved(303, &format!("http://127.0.0.1:{other}/x")),
    ]);
    let mut policy = local(port);
    policy.hosts.push(grant("127.0.0.1", Some(other), true));
    let mut sent = arguments("POST", &format!("http://127.0.0.1:{port}/"));
    sent.push((
        "headers".to_owned(),
        Value::Map(vec![(
            "Authorization".to_owned(),
            Value::Text("token".to_owned()),
        )]),
    ));
    sent.push(("body".to_owned(), Value::Text("data".to_owned())));
    let answer = ask_with(&policy, sent).unwrap();
    assert_eq!(field(&answer, "body"), &Value::Bytes(b"there".to_vec()));
    assert!(seen_here.recv().unwrap().contains("authorization: token"));
    let again = seen_here.recv().unwrap();
    assert!(
        again.starts_with("POST /again")
            && again.contains("authorization")
            && again.ends_with("data"),
        "{again}"
    );
    let there = seen_there.recv().unwrap();
    assert!(
        there.starts_with("GET /x") && !there.contains("authorization") && !there.contains("data"),
        "{there}"
    );

    let (port, _seen) = server((0..9).map(|at| moved(302, &format!("/{at}"))).collect());
    let refused = ask(&local(port), "GET", &format!("http://127.0.0.1:{port}/")).unwrap_err();
    assert_eq!(refused.code, "too-many-redirects");
}

#[test]
fn size_and_time_are_bounded() {
    let (port, _seen) = server(vec![
        page(&"x".repeat(1001)),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned()
            + &"64\r\n".repeat(1)
            + &"x".repeat(100)
            + "\r\n"
            + &("64\r\n".to_owned() + &"x".repeat(100) + "\r\n").repeat(20),
    ]);
    for _ in 0..2 {
        let refused = ask(&local(port), "GET", &format!("http://127.0.0.1:{port}/")).unwrap_err();
        assert_eq!(refused.code, "too-large", "{refused:?}");
    }
    // It promises a body and never sends it.
    let (port, _seen) = server(vec![
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n".to_owned(),
    ]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    for port in [port, silent_port] {
        let mut sent = arguments("GET", &format!("http://127.0.0.1:{port}/"));
        sent.push(("timeout".to_owned(), Value::Integer(200)));
        let refused = ask_with(&local(port), sent).unwrap_err();
        assert!(["timeout", "failed"].contains(&refused.code), "{refused:?}");
    }
}

#[test]
fn headers_of_the_connection_are_not_a_cells_to_set() {
    for (name, value) in [
        ("Host", "internal"),
        ("content-length", "5"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "upgrade"),
        ("X-A", "a\r\nHost: internal"),
        ("X A", "b"),
        ("X\r\nB", "c"),
    ] {
        let mut sent = arguments("GET", "http://a.example/");
        sent.push((
            "headers".to_owned(),
            Value::Map(vec![(name.to_owned(), Value::Text(value.to_owned()))]),
        ));
        assert_eq!(
            ask_with(&any_public(), sent).unwrap_err().code,
            "bad-argument",
            "{name}"
        );
    }
}

/// A resolver that gives a public address the first time and this machine's afterwards.
#[test]
fn a_name_that_changes_its_mind_is_asked_once_and_checked() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let lookup = move |_: String| -> Resolving {
        let address: &str = match count.fetch_add(1, Ordering::Relaxed) {
            0 => "93.184.215.14:0",
            _ => "127.0.0.1:0",
        };
        let found: Vec<SocketAddr> = vec![address.parse().unwrap()];
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    };
    let checked = Checked {
        lookup: Arc::new(lookup),
        private: false,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let resolve = || runtime.block_on(checked.resolve("rebind.example".parse().unwrap()));
    // The addresses that were checked are those that the connection takes.
    let first: Vec<SocketAddr> = resolve().map_err(|e| e.to_string()).unwrap().collect();
    assert_eq!(
        (first.len(), first[0].ip().to_string()),
        (1, "93.184.215.14".to_owned())
    );
    let error = resolve().err().unwrap();
    assert!(error.downcast_ref::<NotPublic>().is_some(), "{error}");
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn one_private_address_among_public_ones_is_one_too_many() {
    let lookup = |_: String| -> Resolving {
        let found: Vec<SocketAddr> = ["93.184.215.14:0", "10.0.0.7:0"]
            .map(|text| text.parse().unwrap())
            .to_vec();
        Box::pin(async move { Ok(Box::new(found.into_iter()) as Addrs) })
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for (private, fine) in [(false, false), (true, true)] {
        let checked = Checked {
            lookup: Arc::new(lookup),
            private,
        };
        let found = runtime.block_on(checked.resolve("mixed.example".parse().unwrap()));
        assert_eq!(found.is_ok(), fine);
    }
}
