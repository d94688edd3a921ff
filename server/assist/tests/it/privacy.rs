//! What the servers receive, byte for byte.

use futures::StreamExt as _;
use metascript_assist::provider::{Ask, Chat, ContextPart, Fill, Message};
use metascript_assist::settings::ProviderKind;
use metascript_assist::tasks::{Command, CommandRequest};

use crate::bench::{assist, named, request, settings};
use crate::server::Server;
use crate::speak::{self, KEY, KINDS};

/// Synthetic secrets: put together here, so that no scanner of repositories takes them for real ones.
fn secrets() -> Vec<String> {
    let mixed = |n: usize| {
        "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zR0cF"
            .chars()
            .cycle()
            .take(n)
            .collect::<String>()
    };
    vec![
        format!("ghp_{}", mixed(36)),
        format!("AKIA{}", "Q7Z2M4K8X1V6B3N9"),
        format!("sk-ant-api03-{}", mixed(60)),
        format!("xoxb-123456789012-{}", mixed(24)),
        format!("sk_live_{}", mixed(24)),
        format!("AIza{}", mixed(35)),
        "correct-horse-battery-9".to_owned(),
    ]
}

fn script(secret: &str) -> String {
    let (head, tail) = secret.split_at(secret.len() / 2);
    format!(
        "// {secret}\nVARIABLE api_key {{\n    value: \"{secret}\"\n    password: \"{secret}\"\n}}\n\nPYTHON {{\n    token = '{head}' + '{tail}'\n    x = $0\n}}\n\nACTION {{\n    type: \"log\"\n    secret: \"{secret}\"\n}}\n"
    )
}

#[tokio::test]
async fn no_secret_reaches_a_server_and_the_answer_has_it_back() {
    for (index, kind) in KINDS.into_iter().enumerate() {
        // Each kind gets another secret; every secret in every disguise is the redactor's own test.
        for secret in secrets().into_iter().skip(index % 6).take(1) {
            let server = Server::start(move |_, request| {
                // The model uses what it was given under the name it was given, cut anywhere in the stream.
                let at = request.body.find("MS_SECRET_").expect("a placeholder");
                let name = &request.body[at..at + 22];
                let (a, b) = name.split_at(13);
                speak::answer(kind, &request.path, &["\"", a, b, "\".lower()"])
            })
            .await;
            let mut settings = settings(vec![named("p", kind, &server.url)]);
            settings.inline_order = Some(vec!["p".into()]);
            let assist = assist(settings);
            assist.learn("other.tars", &script(&secret).replace("$0", "1"));
            let request = request(&script(&secret));
            let explained = assist.explain_request(&request);
            let candidates = assist.inline(request).await;
            for received in server.requests() {
                assert!(!received.body.contains(&secret), "{kind:?}");
                assert!(
                    !received.body.contains(&secret[secret.len() / 2..]),
                    "{kind:?}: half of it"
                );
                assert_eq!(received.body, explained[0].body, "explained as it was sent");
            }
            assert_eq!(server.count(), 1);
            // The policy may refuse code with a credential in it; then nothing is shown, which is as safe.
            if let Some(candidate) = candidates.first() {
                assert!(!candidate.text.contains("MS_SECRET_"), "{candidate:?}");
            }
        }
    }
}

#[tokio::test]
async fn commands_redact_too_and_put_secrets_back() {
    let secret = secrets().remove(0);
    let server = Server::start(|_, request| {
        let at = request.body.rfind("MS_SECRET_").expect("a placeholder");
        let name = request.body[at..at + 22].to_owned();
        speak::answer(
            ProviderKind::OpenAi,
            &request.path,
            &["It uses ", &name, "."],
        )
    })
    .await;
    let assist = assist(settings(vec![named(
        "p",
        ProviderKind::OpenAi,
        &server.url,
    )]));
    let text = script(&secret).replace("$0", "1");
    let command = CommandRequest {
        command: Command::Explain {
            range: 0..text.len(),
        },
        name: "demo.tars".into(),
        document: metascript_syntax::Document::parse(&text),
        scope: metascript_assist::context::Scope::default(),
    };
    let events: Vec<_> = assist.run_command(command).collect().await;
    assert!(format!("{events:?}").contains(&secret), "{events:?}");
    assert!(!server.requests()[0].body.contains(&secret));
}

#[tokio::test]
async fn an_invented_placeholder_is_not_shown() {
    let server = Server::start(|_, request| {
        speak::answer(
            ProviderKind::OpenAi,
            &request.path,
            &["\"MS_SECRET_0123456789ab\""],
        )
    })
    .await;
    let mut settings = settings(vec![named("p", ProviderKind::OpenAi, &server.url)]);
    settings.inline_order = Some(vec!["p".into()]);
    let assist = assist(settings);
    assert_eq!(
        crate::bench::ask(&assist, "VARIABLE a {\n    value: $0\n}\n").await,
        None
    );
}

#[tokio::test]
async fn the_key_is_in_the_header_alone() {
    for kind in KINDS {
        let server = Server::start(move |_, request| {
            speak::answer(kind, &request.path, &["message: \"x\""])
        })
        .await;
        let assist = assist(settings(vec![named("p", kind, &server.url)]));
        // Even when it stands in the script.
        let text = format!("// {KEY}\nACTION {{\n    type: \"log\"\n    $0\n}}\n");
        crate::bench::ask(&assist, &text).await;
        for received in server.requests() {
            assert!(
                !received.body.contains(KEY) && !received.path.contains(KEY),
                "{kind:?}"
            );
        }
        let shown = format!("{:?}", assist.explain_request(&request(&text)));
        assert!(!shown.contains(KEY));
    }
}

#[test]
fn everything_in_a_request_is_looked_at() {
    let secret = &secrets()[0];
    let redactor = metascript_assist::privacy::Redactor::new(&[], &[], b"x").0;
    let mut fill = Ask::Fill(Fill {
        context: vec![ContextPart {
            title: secret.clone(),
            text: secret.clone(),
        }],
        prefix: secret.clone(),
        suffix: format!(" {secret}"),
        ..Fill::default()
    });
    redactor.redact_ask(&mut fill);
    assert!(!format!("{fill:?}").contains(secret.as_str()));
    let mut chat = Ask::Chat(Chat {
        system: vec![secret.clone()],
        messages: vec![
            Message::User(secret.clone()),
            Message::Assistant {
                text: secret.clone(),
                calls: Vec::new(),
            },
            Message::Tool {
                id: "1".into(),
                name: "x".into(),
                content: secret.clone(),
                failed: false,
            },
        ],
        ..Chat::default()
    });
    redactor.redact_ask(&mut chat);
    assert!(!format!("{chat:?}").contains(secret.as_str()));
}

/// An entry of the table of shapes.
#[derive(serde::Deserialize)]
struct Shape {
    name: String,
    pattern: String,
}

/// A pattern from which texts are generated: without edges of words and of the text, and in plain letters.
fn generable(pattern: &str) -> String {
    let simple = regex::Regex::new(r"\[\^[^\]]*\]").unwrap();
    let pattern = simple.replace_all(pattern, "[a-zA-Z0-9]");
    let pattern = pattern
        .replace("(?i)", "")
        .replace("\\b", "")
        .replace("|\\z", "")
        .replace("^|", "")
        .replace(".*?", "[a-z0-9]{60}")
        .replace(".{0,24}?", "_")
        .replace("{3,}", "{9,14}");
    let mut out = String::new();
    let (mut in_class, mut escaped) = (false, false);
    for c in pattern.chars() {
        if std::mem::take(&mut escaped) {
            match (c, in_class) {
                ('d', true) => out.push_str("0-9"),
                ('d', false) => out.push_str("[0-9]"),
                ('s', _) => out.push(' '),
                _ => {
                    out.push('\\');
                    out.push(c);
                }
            }
            continue;
        }
        match c {
            '\\' => {
                escaped = true;
                continue;
            }
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Texts that have each shape of the table, made from its own pattern: `(name, secret, text around it)`.
fn shaped() -> Vec<(String, String, String)> {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    use proptest::test_runner::TestRunner;
    #[derive(serde::Deserialize)]
    struct Table {
        secret: Vec<Shape>,
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/privacy/secrets.toml");
    let table: Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut runner = TestRunner::deterministic();
    let mut out = Vec::new();
    for Shape { name, pattern } in table.secret {
        let plain = generable(&pattern);
        let strategy = proptest::string::string_regex(&plain)
            .unwrap_or_else(|error| panic!("{name}: {error}: {plain}"));
        let matcher = regex::Regex::new(&pattern).unwrap();
        let sample = (0..200).find_map(|_| {
            let text = strategy.new_tree(&mut runner).unwrap().current();
            let groups = matcher.captures(&text)?;
            let secret = groups
                .name("s")
                .or_else(|| groups.get(0))?
                .as_str()
                .to_owned();
            // What is all one letter, or odd at its ends, no provider gives out.
            let whole = secret.len() >= 6 && secret.starts_with(|c: char| !c.is_whitespace());
            whole.then_some((secret, text))
        });
        let (secret, text) = sample.unwrap_or_else(|| panic!("{name}: no sample of {plain}"));
        out.push((name, secret, text));
    }
    out
}

/// The texts of a request's body, one after the other.
fn texts(value: &serde_json::Value, out: &mut String) {
    match value {
        serde_json::Value::String(text) => {
            out.push_str(text);
            out.push('\n');
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| texts(value, out)),
        serde_json::Value::Object(map) => map.values().for_each(|value| texts(value, out)),
        _ => {}
    }
}

/// Every literal of our languages, and how programs take a text apart: what a script may hold, and what of it must not
/// be in a request.
fn written(secret: &str) -> (String, Vec<String>) {
    use base64::Engine as _;
    let standard = base64::engine::general_purpose::STANDARD;
    let bytes = |form: &dyn Fn(u8) -> String, between: &str| {
        secret.bytes().map(form).collect::<Vec<_>>().join(between)
    };
    let base64 = standard.encode(secret);
    let twice = standard.encode(&base64);
    let hex = bytes(&|byte| format!("{byte:02x}"), "");
    let escaped = bytes(&|byte| format!("\\x{byte:02x}"), "");
    let unicode = bytes(&|byte| format!("\\u{byte:04x}"), "");
    let percent = bytes(&|byte| format!("%{byte:02X}"), "");
    let numbers = bytes(&|byte| byte.to_string(), ", ");
    let calls = bytes(&|byte| format!("chr({byte})"), " + ");
    let backwards: String = secret.chars().rev().collect();
    let third = secret.len() / 3;
    let (a, rest) = secret.split_at(third);
    let (b, c) = rest.split_at(third);
    let mut text = String::new();
    for (keyword, code) in [
        (
            "PYTHON",
            format!("a = '{secret}'\n    b = f\"{secret}\"\n    c = \"\"\"{secret}\"\"\""),
        ),
        (
            "FSHARP",
            format!("let a = \"{secret}\"\n    let b = @\"{secret}\"\n    let c = $\"{secret}\""),
        ),
        (
            "JAVASCRIPT",
            format!("const a = '{secret}';\n    const b = `{secret}`;"),
        ),
        ("TYPESCRIPT", format!("const a: string = \"{secret}\";")),
        (
            "CSHARP",
            format!("var a = \"{secret}\"; var b = @\"{secret}\"; var c = $\"{secret}\";"),
        ),
        (
            "RUST",
            format!("let a = \"{secret}\"; let b = r#\"{secret}\"#; let c = b\"{secret}\";"),
        ),
        (
            "BASH",
            format!("curl -H 'X: {secret}' https://x\n    a=\"{secret}\""),
        ),
        (
            "POWERSHELL",
            format!("$a = '{secret}'\n    $b = \"{secret}\""),
        ),
        ("SQL", format!("select f('{secret}');")),
        (
            "PYTHON",
            format!(
                "a = \"{a}\" + \"{b}\" + '{c}'\n    b = (\"{a}\"\n         \"{b}\"\n         \"{c}\")\n    c = ''.join(['{a}', '{b}', '{c}'])"
            ),
        ),
        (
            "JAVASCRIPT",
            format!("let a = '{a}';\n    a += '{b}';\n    a += '{c}';"),
        ),
        (
            "PYTHON",
            format!(
                "a = b64decode('{base64}')\n    b = '{twice}'\n    c = bytes.fromhex('{hex}')\n    d = '{escaped}'\n    e = '{unicode}'"
            ),
        ),
        (
            "PYTHON",
            format!(
                "a = bytes([{numbers}])\n    b = {calls}\n    c = '{backwards}'[::-1]\n    d = get('/?k={percent}')"
            ),
        ),
    ] {
        text.push_str(&format!("{keyword} {{\n    {code}\n}}\n\n"));
    }
    text.push_str(&format!("// {secret}\nVARIABLE k {{\n    value: \"{secret}\"\n}}\n\nPROMPT {{\n    text: \"Use {secret} now\"\n}}\n"));
    let forms = [
        secret, &base64, &twice, &hex, &escaped, &unicode, &percent, &numbers, &calls, &backwards,
    ]
    .map(str::to_owned)
    .into_iter()
    // The parts behind the prefix that everybody knows.
    .chain(
        [b, c]
            .into_iter()
            .filter(|part| part.len() >= 6)
            .map(str::to_owned),
    )
    .collect();
    (text, forms)
}

#[tokio::test]
async fn no_shape_of_the_table_reaches_a_server_in_any_literal_split_or_encoded() {
    let shapes = shaped();
    assert!(shapes.len() >= 60, "{} shapes", shapes.len());
    let mut leaks = Vec::new();
    for (index, (name, secret, around)) in shapes.iter().enumerate() {
        // A text of several lines cannot stand in most literals.
        if secret.contains('\n') {
            continue;
        }
        let kind = KINDS[index % KINDS.len()];
        let server =
            Server::start(move |_, request| speak::answer(kind, &request.path, &["Yes."])).await;
        let assist = assist(settings(vec![named("p", kind, &server.url)]));
        let (text, forms) = if secret == around {
            written(secret)
        } else {
            // Only what stands around it tells that it is a secret.
            let text = format!("// {around}\nPYTHON {{\n    a = '{around}'\n}}\n");
            (text, vec![secret.clone()])
        };
        let command = CommandRequest {
            command: Command::Review,
            name: "demo.tars".into(),
            document: metascript_syntax::Document::parse(&text),
            scope: metascript_assist::context::Scope::default(),
        };
        let _: Vec<_> = assist.run_command(command).collect().await;
        let received = server.requests();
        assert_eq!(received.len(), 1, "{name}");
        let mut sent = String::new();
        texts(&received[0].json(), &mut sent);
        assert!(sent.contains("PYTHON {"), "the script is in the request");
        for form in forms.iter().filter(|form| sent.contains(form.as_str())) {
            let line = sent.lines().find(|line| line.contains(form.as_str()));
            leaks.push(format!(
                "{name} ({secret}): {}",
                line.unwrap_or_default().trim()
            ));
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
}
