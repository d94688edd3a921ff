//! The commands and the agent, against models that do well and models that do not.

use std::sync::Arc;

use futures::StreamExt as _;
use futures::future::BoxFuture;
use metascript_assist::settings::ProviderKind;
use metascript_assist::tasks::{
    AgentLimits, AgentRequest, CellRunner, Command, CommandRequest, ScriptEdit, TaskEvent,
};
use metascript_assist::{AiError, Assist, Failure};
use metascript_syntax::Document;
use serde_json::json;

use crate::bench::{assist, named, settings};
use crate::server::{Server, Step};
use crate::speak;

async fn with(answers: &'static [&'static str]) -> (Server, Arc<Assist>) {
    let server = Server::start(move |number, request| {
        speak::answer(
            ProviderKind::OpenAi,
            &request.path,
            &answers[number.min(answers.len() - 1)..][..1],
        )
    })
    .await;
    let assist = assist(settings(vec![named(
        "p",
        ProviderKind::OpenAi,
        &server.url,
    )]));
    (server, assist)
}

const SCRIPT: &str =
    "VARIABLE a {\n    value: 1\n}\n\nPYTHON {\n    def double(x):\n        return x + x\n}\n";

async fn run(
    assist: &Arc<Assist>,
    command: Command,
    text: &str,
) -> Vec<Result<TaskEvent, AiError>> {
    let request = CommandRequest {
        command,
        name: "demo.tars".into(),
        document: Document::parse(text),
        scope: metascript_assist::context::Scope::default(),
    };
    assist.run_command(request).collect().await
}

fn edits(events: &[Result<TaskEvent, AiError>]) -> Vec<ScriptEdit> {
    events
        .iter()
        .find_map(|event| {
            if let Ok(TaskEvent::Edits { edits }) = event {
                Some(edits.clone())
            } else {
                None
            }
        })
        .unwrap_or_default()
}

fn applied(text: &str, edits: &[ScriptEdit]) -> String {
    let mut text = text.to_owned();
    for edit in edits.iter().rev() {
        text.replace_range(edit.range.clone(), &edit.text);
    }
    text
}

#[tokio::test]
async fn a_script_from_a_sentence() {
    let (_server, assist) =
        with(&["Here:\n```tars\nDESCRIBE {\n    name: \"Hello\"\n}\n```"]).await;
    let events = run(
        &assist,
        Command::Generate {
            sentence: "greet".into(),
        },
        "",
    )
    .await;
    assert_eq!(
        edits(&events)[0].text,
        "DESCRIBE {\n    name: \"Hello\"\n}\n"
    );
    let cost = events
        .iter()
        .any(|event| matches!(event, Ok(TaskEvent::Cost { usage, .. }) if usage.output == 7));
    assert!(cost, "{events:?}");
}

#[tokio::test]
async fn a_broken_answer_goes_back_with_what_is_wrong() {
    let (server, assist) = with(&[
        "```\nVARIABLE a {\n    value: [1\n}\n```",
        "```\nVARIABLE a {\n    value: 2\n}\n```",
    ])
    .await;
    let events = run(
        &assist,
        Command::Fix {
            range: 4..5,
            problem: "too small".into(),
        },
        SCRIPT,
    )
    .await;
    assert_eq!(
        applied(SCRIPT, &edits(&events)),
        SCRIPT.replace("value: 1", "value: 2")
    );
    assert_eq!(server.count(), 2);
    assert!(server.requests()[1].body.contains("does not hold"));
}

#[tokio::test]
async fn an_answer_that_never_holds_is_refused_with_reasons() {
    let (server, assist) = with(&["```\nPYTHON {\n    eval(input())\n}\n```"]).await;
    let events = run(&assist, Command::Optimise { range: 60..61 }, SCRIPT).await;
    let Some(Ok(TaskEvent::Refused { faults })) = events.last() else {
        panic!("{events:?}")
    };
    assert!(!faults.is_empty());
    assert_eq!(edits(&events), []);
    assert_eq!(server.count(), 3);
}

#[tokio::test]
async fn explaining_and_reviewing_stream_words_and_change_nothing() {
    let (_server, assist) = with(&["It doubles a number."]).await;
    for command in [Command::Explain { range: 60..61 }, Command::Review] {
        let events = run(&assist, command, SCRIPT).await;
        let text: String = events
            .iter()
            .filter_map(|event| {
                if let Ok(TaskEvent::Text { text }) = event {
                    Some(text.as_str())
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(text, "It doubles a number.");
        assert_eq!(edits(&events), []);
    }
}

#[tokio::test]
async fn tests_are_added_below_and_a_translation_replaces_the_cell() {
    let (_server, assist) = with(&["```\nPYTHON {\n    assert double(2) == 4\n}\n```"]).await;
    let events = run(&assist, Command::Tests { range: 60..61 }, SCRIPT).await;
    let text = applied(SCRIPT, &edits(&events));
    assert!(
        text.ends_with("return x + x\n}\n\nPYTHON {\n    assert double(2) == 4\n}\n"),
        "{text}"
    );
    let (_server, assist) =
        with(&["```\nJAVASCRIPT {\n    const double = (x) => x + x;\n}\n```"]).await;
    let events = run(
        &assist,
        Command::Translate {
            cell: 0,
            language: "JAVASCRIPT".into(),
        },
        SCRIPT,
    )
    .await;
    let text = applied(SCRIPT, &edits(&events));
    assert!(
        text.contains("JAVASCRIPT {") && !text.contains("PYTHON"),
        "{text}"
    );
    let events = run(
        &assist,
        Command::Translate {
            cell: 7,
            language: "RUST".into(),
        },
        SCRIPT,
    )
    .await;
    assert_eq!(events[0].as_ref().unwrap_err().failure, Failure::BadRequest);
}

#[tokio::test]
async fn dropping_a_command_closes_its_connection() {
    let mut server = Server::start(|_, request| {
        let mut steps = vec![speak::head(ProviderKind::OpenAi)];
        steps.extend(speak::pieces(ProviderKind::OpenAi, &request.path, &["It"]));
        steps.push(Step::Silence);
        steps
    })
    .await;
    let mut provider = named("p", ProviderKind::OpenAi, &server.url);
    provider.idle_ms = Some(60_000);
    let assist = assist(settings(vec![provider]));
    let request = CommandRequest {
        command: Command::Review,
        name: "demo.tars".into(),
        document: Document::parse(SCRIPT),
        scope: metascript_assist::context::Scope::default(),
    };
    let mut events = assist.run_command(request);
    assert!(matches!(
        events.next().await,
        Some(Ok(TaskEvent::Text { .. }))
    ));
    drop(events);
    server.wait_for_leavers(1).await;
}

fn calls(calls: &[(&str, serde_json::Value)]) -> Vec<Step> {
    let calls: Vec<_> = calls
        .iter()
        .enumerate()
        .map(|(index, (name, arguments))| {
            json!({ "index": index, "id": format!("c{index}"), "type": "function", "function": { "name": name, "arguments": arguments.to_string() } })
        })
        .collect();
    let chunk = json!({ "choices": [{ "index": 0, "delta": { "tool_calls": calls }, "finish_reason": "tool_calls" }] });
    vec![
        speak::head(ProviderKind::OpenAi),
        Step::Chunk(format!("data: {chunk}\n\ndata: [DONE]\n\n").into_bytes()),
        Step::End,
    ]
}

struct Runner;

impl CellRunner for Runner {
    fn run(&self, document: Document, cell: usize) -> BoxFuture<'_, Result<String, String>> {
        Box::pin(async move {
            Ok(format!(
                "cell {cell} of {} bytes ran",
                document.rope().len_bytes()
            ))
        })
    }
}

fn goal(text: &str, limits: AgentLimits) -> AgentRequest {
    AgentRequest {
        goal: "Triple instead of double.".into(),
        name: "demo.tars".into(),
        document: Document::parse(text),
        runner: Some(Arc::new(Runner)),
        limits,
    }
}

#[tokio::test]
async fn the_agent_works_on_a_copy_until_it_checks_clean() {
    let server = Server::start(|number, request| match number {
        0 => calls(&[
            ("read_script", json!({})),
            ("run_cell", json!({ "cell": 0 })),
            ("nonsense", json!({})),
        ]),
        1 => calls(&[(
            "replace",
            json!({ "old": "return x + x", "new": "return (x + x" }),
        )]),
        2 => speak::answer(ProviderKind::OpenAi, &request.path, &["Done."]),
        3 => calls(&[
            (
                "replace",
                json!({ "old": "return (x + x", "new": "return 3 * x" }),
            ),
            ("check", json!({})),
        ]),
        _ => speak::answer(ProviderKind::OpenAi, &request.path, &["Done now."]),
    })
    .await;
    let assist = assist(settings(vec![named(
        "p",
        ProviderKind::OpenAi,
        &server.url,
    )]));
    let events: Vec<_> = assist
        .run_agent(goal(SCRIPT, AgentLimits::default()))
        .collect()
        .await;
    let text = applied(SCRIPT, &edits(&events));
    assert!(text.contains("return 3 * x"), "{events:?}");
    let second = server.requests()[1].body.clone();
    assert!(
        second.contains("cell 0 of") && second.contains("there is no tool"),
        "{second}"
    );
}

#[tokio::test]
async fn the_agent_stops_at_its_limits() {
    let server = Server::always(calls(&[("read_script", json!({}))])).await;
    let assist = assist(settings(vec![named(
        "p",
        ProviderKind::OpenAi,
        &server.url,
    )]));
    let limits = AgentLimits {
        steps: 4,
        ..AgentLimits::default()
    };
    let events: Vec<_> = assist.run_agent(goal(SCRIPT, limits)).collect().await;
    assert_eq!(server.count(), 4);
    assert!(
        format!("{:?}", events.last()).contains("limit of steps"),
        "{events:?}"
    );
    let limits = AgentLimits {
        tokens: 500,
        ..AgentLimits::default()
    };
    let _: Vec<_> = assist.run_agent(goal(SCRIPT, limits)).collect().await;
    assert!(server.count() <= 6, "{}", server.count());
}
