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
