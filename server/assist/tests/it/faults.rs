//! Servers that are slow, silent, half-closed, broken or lying: one clear error each, nothing hangs, nothing leaks.

use std::time::Duration;

use futures::StreamExt as _;
use metascript_assist::Failure;
use metascript_assist::provider::{Embed, Host, HttpProvider, Provider};
use metascript_assist::settings::{Models, ProviderKind};

use crate::server::{Server, Step};
use crate::speak::{self, KEY, KINDS, collect};

fn chunk(text: &str) -> Step {
    Step::Chunk(text.as_bytes().to_vec())
}

/// Asks a server of each kind and gives `kind: failure, text so far, line for the user`.
async fn ask_all(
    script: impl Fn(ProviderKind, &str) -> Vec<Step> + Send + Sync + Copy + 'static,
) -> Vec<(Failure, String, String)> {
    ask_all_within(5_000, script).await
}

/// The same with so many milliseconds of patience.
async fn ask_all_within(
    patience: u64,
    script: impl Fn(ProviderKind, &str) -> Vec<Step> + Send + Sync + Copy + 'static,
) -> Vec<(Failure, String, String)> {
    let mut outcomes = Vec::new();
    for kind in KINDS {
        let server = Server::start(move |_, request| script(kind, &request.path)).await;
        let mut settings = speak::settings(kind, &server.url);
        (settings.first_byte_ms, settings.idle_ms) = (Some(patience), Some(patience));
        let provider = HttpProvider::new(
            &settings,
            &Models::default(),
            &Host::new(speak::environment()),
        );
        let asking = collect(provider.answer(&speak::chat("hello")));
        let (text, _, error) = tokio::time::timeout(Duration::from_mins(1), asking)
            .await
            .expect("it hangs");
        let error = error.unwrap_or_else(|| panic!("{kind:?} reports no error"));
        let line = error.to_string();
        assert!(!line.contains('\n') && line.chars().count() < 400, "{line}");
        assert!(
            !line.contains(KEY) && !format!("{error:?}").contains(KEY),
            "{line}"
        );
        outcomes.push((error.failure, text, line));
    }
    outcomes
}

async fn all_fail(
    failure: Failure,
    script: impl Fn(ProviderKind, &str) -> Vec<Step> + Send + Sync + Copy + 'static,
) -> Vec<String> {
    let outcomes = ask_all(script).await;
    for ((found, _, line), kind) in outcomes.iter().zip(KINDS) {
        assert_eq!(*found, failure, "{kind:?}: {line}");
    }
    outcomes.into_iter().map(|(_, _, line)| line).collect()
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    for (failure, _, line) in ask_all_within(200, |_, _| vec![Step::Silence]).await {
        assert_eq!(failure, Failure::TimedOut, "{line}");
    }
}

#[tokio::test]
async fn silence_after_the_head_and_inside_the_answer_too() {
    let outcomes = ask_all_within(1_000, |kind, path| {
        let mut steps = vec![speak::head(kind)];
        steps.extend(speak::pieces(kind, path, &["half"]));
        steps.push(Step::Silence);
        steps
    })
    .await;
    for (failure, text, line) in outcomes {
        assert_eq!(
            (failure, text.as_str()),
            (Failure::TimedOut, "half"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn slow_but_alive_is_no_fault() {
    for kind in KINDS {
        let server = Server::start(move |_, request| {
            let steps = speak::answer(kind, &request.path, &["a", "b", "c", "d"]);
            steps
                .into_iter()
                .flat_map(|step| [Step::Pause(Duration::from_millis(60)), step])
                .collect()
        })
        .await;
        assert_eq!(
            speak::text(&speak::provider(kind, &server.url), &speak::chat("x")).await,
            "abcd",
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_half_closed_connection_is_an_interruption() {
    all_fail(Failure::Interrupted, |_, _| vec![Step::HalfClose]).await;
    all_fail(Failure::Interrupted, |kind, _| {
        vec![speak::head(kind), Step::HalfClose]
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_keeps_its_text() {
    // Once by a lost connection, once by a body that ends properly but says nothing of an end.
    for last in [Step::HalfClose, Step::End] {
        for kind in KINDS {
            let last = last.clone();
            let server = Server::start(move |_, request| {
                let mut steps = vec![speak::head(kind)];
                steps.extend(speak::pieces(kind, &request.path, &["so far"]));
                steps.push(last.clone());
                steps
            })
            .await;
            let (text, _, error) =
                collect(speak::provider(kind, &server.url).answer(&speak::chat("x"))).await;
            assert_eq!(
                (text.as_str(), error.unwrap().failure),
                ("so far", Failure::Interrupted),
                "{kind:?}"
            );
        }
    }
}

#[tokio::test]
async fn garbage_instead_of_http() {
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03garbage"[..],
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
    ] {
        for (failure, _, line) in
            ask_all(move |_, _| vec![Step::Raw(bytes.to_vec()), Step::HalfClose]).await
        {
            assert!(
                matches!(failure, Failure::Malformed | Failure::Interrupted),
                "{line}"
            );
        }
    }
}

#[tokio::test]
async fn garbage_inside_a_stream() {
    for text in [
        "data: {\"choices\": [\n\n{\"oops\n",
        "data: not json\n\nnot json either\n",
        "data: [1,2]\n\n[1,2]\n",
    ] {
        all_fail(Failure::Malformed, move |kind, _| {
            vec![speak::head(kind), chunk(text), Step::End]
        })
        .await;
    }
    all_fail(Failure::Malformed, |kind, _| {
        vec![
            speak::head(kind),
            Step::Chunk(b"data: \xff\xfe\n\n".to_vec()),
            Step::End,
        ]
    })
    .await;
}

#[tokio::test]
async fn fields_of_the_wrong_type() {
    let lines = all_fail(Failure::Malformed, |kind, _| {
        let text = match kind {
            ProviderKind::Anthropic => "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":7}}\n\n",
            ProviderKind::Ollama => "{\"message\":{\"role\":\"assistant\",\"content\":[1]},\"done\":false}\n",
            ProviderKind::Cohere => "data: {\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"text\":{}}}}}\n\n",
            _ => "data: {\"choices\":\"many\"}\n\n",
        };
        vec![speak::head(kind), chunk(text), Step::End]
    })
    .await;
    assert_eq!(
        lines[0],
        "openai: the answer makes no sense (a field has the wrong type)"
    );
}

#[tokio::test]
async fn a_web_page_or_nothing_at_all() {
    let lines = all_fail(Failure::Malformed, |_, _| {
        vec![
            Step::Head(200, vec![("content-type", "text/html".into())]),
            chunk("<html>Sign in</html>"),
            Step::End,
        ]
    })
    .await;
    assert!(lines[0].contains("check base_url"), "{}", lines[0]);
    all_fail(Failure::Interrupted, |kind, _| {
        vec![speak::head(kind), Step::End]
    })
    .await;
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    // One line that never ends, and an answer of many good pieces that never ends.
    all_fail(Failure::Oversized, |kind, _| {
        let mut steps = vec![speak::head(kind), chunk("data: {\"x\":\"")];
        steps.extend((0..40).map(|_| Step::Chunk(vec![b'a'; 64 << 10])));
        steps
    })
    .await;
    all_fail(Failure::Oversized, |kind, path| {
        let long = "x".repeat(256 << 10);
        let mut steps = vec![speak::head(kind)];
        for _ in 0..80 {
            steps.extend(speak::pieces(kind, path, &[&long]));
        }
        steps
    })
    .await;
}

#[tokio::test]
async fn a_refused_key_is_named_and_never_shown() {
    let lines = all_fail(Failure::KeyRefused, |kind, _| {
        // Providers echo the key, whole or with its middle hidden.
        let words = format!("Incorrect API key provided: {KEY} (sk-t****2b8d). Expired.");
        vec![
            Step::Head(401, vec![]),
            chunk(&speak::error_body(kind, &words)),
            Step::End,
        ]
    })
    .await;
    for line in &lines {
        assert!(
            line.contains("check the variable TEST_KEY") && !line.contains("2b8d"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn too_many_requests_say_how_long_to_wait() {
    for kind in KINDS {
        let server = Server::always(vec![
            Step::Head(429, vec![("retry-after", "7".into())]),
            chunk(&speak::error_body(kind, "slow down")),
            Step::End,
        ])
        .await;
        let (_, _, error) =
            collect(speak::provider(kind, &server.url).answer(&speak::chat("x"))).await;
        let error = error.unwrap();
        assert_eq!(
            (error.failure, error.retry_after),
            (Failure::RateLimited, Some(Duration::from_secs(7))),
            "{kind:?}"
        );
        assert!(error.to_string().ends_with("again in 7 s"), "{error}");
    }
}

#[tokio::test]
async fn the_other_refusals() {
    for (status, words, failure) in [
        (402, "pay", Failure::NoCredit),
        (
            404,
            "model 'x' not found, try pulling it first",
            Failure::NotFound,
        ),
        (
            400,
            "This model's maximum context length is 4096 tokens",
            Failure::PromptTooLong,
        ),
        (422, "extra fields not permitted", Failure::BadRequest),
        (500, "boom", Failure::Server),
        (503, "<html>upstream</html>", Failure::Server),
        (301, "", Failure::NotFound),
    ] {
        let lines = all_fail(failure, move |kind, _| {
            let location = ("location", "http://127.0.0.1:9/stolen".to_owned());
            vec![
                Step::Head(status, vec![location]),
                chunk(&speak::error_body(kind, words)),
                Step::End,
            ]
        })
        .await;
        assert!(lines[0].starts_with("openai: "), "{}", lines[0]);
    }
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream() {
    for kind in KINDS {
        let server = Server::start(move |_, request| {
            let mut steps = vec![speak::head(kind)];
            steps.extend(speak::pieces(kind, &request.path, &["begun"]));
            let body = speak::error_body(kind, "overloaded");
            steps.push(match kind {
                ProviderKind::Anthropic => chunk(&format!("event: error\ndata: {body}\n\n")),
                ProviderKind::Ollama => chunk(&format!("{body}\n")),
                ProviderKind::Mistral => chunk(&format!("data: {{\"error\":{body}}}\n\n")),
                _ => chunk(&format!("data: {body}\n\n")),
            });
            steps.push(Step::End);
            steps
        })
        .await;
        let (text, _, error) =
            collect(speak::provider(kind, &server.url).answer(&speak::chat("x"))).await;
        let error = error.unwrap();
        assert_eq!(
            (text.as_str(), error.failure),
            ("begun", Failure::Server),
            "{kind:?}: {error}"
        );
        assert!(error.to_string().contains("overloaded"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_stream_although_asked() {
    for (kind, body) in [
        (
            ProviderKind::OpenAi,
            r#"{"choices":[{"message":{"role":"assistant","content":"whole"},"finish_reason":"stop"}]}"#,
        ),
        (
            ProviderKind::Mistral,
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"whole"}]},"finish_reason":"stop"}]}"#,
        ),
        (
            ProviderKind::Anthropic,
            r#"{"type":"message","content":[{"type":"text","text":"whole"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#,
        ),
        (
            ProviderKind::Ollama,
            r#"{"message":{"role":"assistant","content":"whole"},"done":true,"done_reason":"stop"}"#,
        ),
        (
            ProviderKind::Cohere,
            r#"{"id":"1","message":{"role":"assistant","content":[{"type":"text","text":"whole"}]},"finish_reason":"COMPLETE"}"#,
        ),
    ] {
        let head = Step::Head(200, vec![("content-type", "application/json".into())]);
        let server = Server::always(vec![head, chunk(body), Step::End]).await;
        assert_eq!(
            speak::text(&speak::provider(kind, &server.url), &speak::chat("x")).await,
            "whole",
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn no_such_name_and_no_such_port() {
    let provider = HttpProvider::new(
        &{
            let mut settings =
                speak::settings(ProviderKind::OpenAi, "https://no-such-host.invalid/v1");
            settings.first_byte_ms = Some(5_000);
            settings
        },
        &Models::default(),
        &Host::new(speak::environment()),
    );
    let (_, _, error) = collect(provider.answer(&speak::chat("x"))).await;
    let error = error.unwrap();
    assert_eq!(error.failure, Failure::Unreachable, "{error}");
    assert!(
        error.to_string().contains("no-such-host.invalid"),
        "{error}"
    );

    let port = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let (_, _, error) = collect(
        speak::provider(ProviderKind::OpenAi, &format!("http://{port}")).answer(&speak::chat("x")),
    )
    .await;
    assert_eq!(error.unwrap().failure, Failure::Unreachable);
}

#[tokio::test]
async fn a_key_never_travels_unencrypted_to_another_machine() {
    let provider = speak::provider(ProviderKind::OpenAi, "http://192.0.2.1:8000/v1");
    let (_, _, error) = collect(provider.answer(&speak::chat("x"))).await;
    assert_eq!(error.unwrap().failure, Failure::Insecure);
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    let server = Server::always(vec![]).await;
    let mut settings = speak::settings(ProviderKind::OpenAi, &server.url);
    settings.api_key_env = Some("UNSET".into());
    let provider = HttpProvider::new(
        &settings,
        &Models::default(),
        &Host::new(speak::environment()),
    );
    let (_, _, error) = collect(provider.answer(&speak::chat("x"))).await;
    assert_eq!(
        error.unwrap().to_string(),
        "openai: no API key found (set the variable UNSET)"
    );
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn dropping_an_answer_closes_the_connection() {
    for kind in KINDS {
        // While waiting for the first byte, and in the middle of the answer.
        let mut server = Server::start(move |number, request| {
            let mut steps = Vec::new();
            if number == 1 {
                steps.push(speak::head(kind));
                steps.extend(speak::pieces(kind, &request.path, &["first"]));
            }
            steps.push(Step::Silence);
            steps
        })
        .await;
        let mut settings = speak::settings(kind, &server.url);
        settings.first_byte_ms = Some(60_000);
        settings.idle_ms = Some(60_000);
        let provider = HttpProvider::new(
            &settings,
            &Models::default(),
            &Host::new(speak::environment()),
        );
        let mut waiting = provider.answer(&speak::chat("x"));
        while server.count() == 0 {
            let first = tokio::time::timeout(Duration::from_millis(100), waiting.next()).await;
            assert!(first.is_err(), "nothing was said");
        }
        drop(waiting);
        server.wait_for_leavers(1).await;
        let mut reading = provider.answer(&speak::chat("x"));
        while !matches!(
            reading.next().await.unwrap().unwrap(),
            metascript_assist::provider::Event::Text(_)
        ) {}
        drop(reading);
        server.wait_for_leavers(2).await;
    }
}

#[tokio::test]
async fn vectors_that_lie() {
    for body in [
        r#"{"data":[{"index":0,"embedding":[]}]}"#,
        r#"{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]}"#,
        r#"{"data":"none"}"#,
        "",
        "<html>",
    ] {
        let server = Server::always(vec![Step::Head(200, vec![]), chunk(body), Step::End]).await;
        let mut settings = speak::settings(ProviderKind::OpenAi, &server.url);
        settings.embed_model = Some("e".into());
        let provider = HttpProvider::new(
            &settings,
            &Models::default(),
            &Host::new(speak::environment()),
        );
        let request = Embed {
            inputs: vec!["a".into(), "b".into()],
            query: false,
        };
        assert_eq!(
            provider.embed(&request).await.unwrap_err().failure,
            Failure::Malformed,
            "{body}"
        );
    }
    let anthropic = speak::provider(ProviderKind::Anthropic, "http://127.0.0.1:1");
    let request = Embed {
        inputs: vec!["a".into()],
        query: false,
    };
    assert_eq!(
        anthropic.embed(&request).await.unwrap_err().failure,
        Failure::Unsupported
    );
}

#[tokio::test]
async fn a_server_that_lies_about_its_answer() {
    // A status that says all is well, and a body that says it is not.
    let outcomes = ask_all(|kind, _| {
        let head = Step::Head(200, vec![("content-type", "application/json".into())]);
        let body = speak::error_body(kind, "the model is overloaded");
        vec![head, chunk(&body), Step::End]
    })
    .await;
    for (_, text, line) in outcomes {
        assert!(text.is_empty(), "{line}");
    }
    // A length that is more than what comes.
    let outcomes = ask_all(|_, _| {
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 100000\r\n\r\n";
        vec![Step::Raw(format!("{head}data: {{").into_bytes())]
    })
    .await;
    assert!(outcomes.iter().all(|(_, text, _)| text.is_empty()));
    // A body that claims to be compressed.
    let outcomes = ask_all(|kind, path| {
        let mut steps = speak::pieces(kind, path, &["not gzip"]);
        let headers = vec![("content-encoding", "gzip".to_owned())];
        steps.insert(0, Step::Head(200, headers));
        steps.push(Step::End);
        steps
    })
    .await;
    assert_eq!(outcomes.len(), KINDS.len());
}

#[tokio::test]
async fn numbers_that_lie_cost_no_more_than_they_can() {
    let usage =
        r#"{"choices":[],"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":-7}}"#;
    let server = Server::start(move |_, request| {
        let mut steps = vec![speak::head(ProviderKind::OpenAi)];
        steps.extend(speak::pieces(
            ProviderKind::OpenAi,
            &request.path,
            &["fine"],
        ));
        steps.push(chunk(&format!("data: {usage}\n\ndata: [DONE]\n\n")));
        steps.push(Step::End);
        steps
    })
    .await;
    let provider = speak::provider(ProviderKind::OpenAi, &server.url);
    let (text, _, error) = collect(provider.answer(&speak::chat("x"))).await;
    assert!(text == "fine" || error.is_some(), "{text} {error:?}");
}
