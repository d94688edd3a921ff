//! Which provider answers, and what happens to those that do not.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use metascript_assist::Failure;
use metascript_assist::privacy::Consent;
use metascript_assist::provider::{Event, Host};
use metascript_assist::route::Router;
use metascript_assist::settings::{ProviderKind, Settings, Task};
use metascript_assist::stats::Stats;

use crate::bench::{named, settings};
use crate::server::{Server, Step};
use crate::speak;

const LONG: Duration = Duration::from_secs(20);

fn router(settings: &Settings) -> Router {
    let consent = Arc::new(Consent::load(None));
    let host = Host::new(speak::environment());
    Router::new(
        settings,
        Path::new("/workspace"),
        consent,
        Arc::new(Stats::default()),
        &host,
    )
}

async fn good(text: &'static str) -> Server {
    Server::start(move |_, request| speak::answer(ProviderKind::OpenAi, &request.path, &[text]))
        .await
}

/// The winner's name with its text.
async fn ask(router: &Router) -> Result<(String, String), Failure> {
    let won = router
        .stream(Task::Chat, &|_| true, &speak::chat("x"), LONG)
        .await
        .map_err(|error| error.failure)?;
    let mut text = String::new();
    let mut stream = won.value;
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Text(piece)) => text.push_str(&piece),
            Ok(_) => {}
            Err(error) => return Err(error.failure),
        }
    }
    Ok((won.provider, text))
}

#[tokio::test]
async fn a_silent_provider_is_overtaken_and_left() {
    let mut silent = Server::always(vec![Step::Silence]).await;
    let quick = good("quick").await;
    let mut first = named("silent", ProviderKind::OpenAi, &silent.url);
    first.first_byte_ms = Some(60_000);
    let router = router(&settings(vec![
        first,
        named("quick", ProviderKind::OpenAi, &quick.url),
    ]));
    assert_eq!(ask(&router).await, Ok(("quick".into(), "quick".into())));
    silent.wait_for_leavers(1).await;
    assert_eq!(
        router.take_notices(),
        Vec::<String>::new(),
        "the user got an answer"
    );
}

#[tokio::test]
async fn a_good_first_provider_is_asked_alone() {
    let (one, two) = (good("one").await, good("two").await);
    let router = router(&settings(vec![
        named("one", ProviderKind::OpenAi, &one.url),
        named("two", ProviderKind::OpenAi, &two.url),
    ]));
    assert_eq!(ask(&router).await, Ok(("one".into(), "one".into())));
    assert_eq!((one.count(), two.count()), (1, 0));
}

#[tokio::test]
async fn a_failing_provider_is_replaced_at_once_rests_and_comes_back() {
    let bad = Server::start(|number, request| {
        if number < 3 {
            vec![Step::Head(500, vec![]), Step::End]
        } else {
            speak::answer(ProviderKind::OpenAi, &request.path, &["healed"])
        }
    })
    .await;
    let other = good("other").await;
    let mut settings = settings(vec![
        named("bad", ProviderKind::OpenAi, &bad.url),
        named("other", ProviderKind::OpenAi, &other.url),
    ]);
    settings.hedge_after = LONG;
    let router = router(&settings);
    for _ in 0..6 {
        assert_eq!(ask(&router).await.unwrap().0, "other");
    }
    assert_eq!(bad.count(), 3, "after three failures it rests");
}

#[tokio::test]
async fn a_storm_of_429_is_waited_out_as_told() {
    let busy = Server::always(vec![
        Step::Head(429, vec![("retry-after", "30".into())]),
        Step::End,
    ])
    .await;
    let other = good("other").await;
    let router = router(&settings(vec![
        named("busy", ProviderKind::OpenAi, &busy.url),
        named("other", ProviderKind::OpenAi, &other.url),
    ]));
    for _ in 0..10 {
        assert_eq!(ask(&router).await.unwrap().0, "other");
    }
    assert_eq!(busy.count(), 1);
}

#[tokio::test]
async fn each_trouble_is_said_once_in_one_line() {
    let refusing = Server::always(vec![
        Step::Head(401, vec![]),
        Step::Chunk(b"{}".to_vec()),
        Step::End,
    ])
    .await;
    let router = router(&settings(vec![named(
        "work",
        ProviderKind::OpenAi,
        &refusing.url,
    )]));
    for _ in 0..5 {
        assert_eq!(ask(&router).await, Err(Failure::KeyRefused));
    }
    let notices = router.take_notices();
    assert_eq!(
        notices,
        ["work: the API key was refused (check the variable TEST_KEY; status 401)"]
    );
    assert_eq!(ask(&router).await, Err(Failure::KeyRefused));
    assert_eq!(router.take_notices(), Vec::<String>::new());
}

#[tokio::test]
async fn limits_of_the_settings_hold() {
    let server = good("x").await;
    let mut provider = named("p", ProviderKind::OpenAi, &server.url);
    provider.requests_per_minute = Some(12);
    let router = router(&settings(vec![provider]));
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(ask(&router).await.is_ok());
    }
    assert_eq!(
        answers,
        [true, true, false, false, false],
        "a burst of a sixth of a minute's requests"
    );
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn the_monthly_limit_stops_paid_requests_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let server = good("x").await;
    let mut provider = named("p", ProviderKind::OpenAi, &server.url);
    provider.model = Some("gpt-4o".into());
    let mut settings = settings(vec![provider]);
    settings.data_folder = Some(folder.path().to_owned());
    // The scripted answer reports 15 fresh, 5 cached and 7 written tokens: 114 millionths.
    settings.monthly_limit_usd = Some(0.000_2);
    let router = self::router(&settings);
    assert!(ask(&router).await.is_ok());
    assert_eq!(router.spent_micros(), 114);
    assert!(ask(&router).await.is_ok());
    assert_eq!(ask(&router).await, Err(Failure::OverBudget));
    assert_eq!(
        ask(&self::router(&settings)).await,
        Err(Failure::OverBudget),
        "also after a restart"
    );
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn only_so_many_requests_run_at_a_time() {
    let server = Server::start(|_, request| {
        let mut steps = vec![Step::Pause(Duration::from_millis(150))];
        steps.extend(speak::answer(ProviderKind::OpenAi, &request.path, &["x"]));
        steps
    })
    .await;
    let mut provider = named("p", ProviderKind::OpenAi, &server.url);
    provider.max_concurrency = Some(2);
    let router = router(&settings(vec![provider]));
    let answers = futures::future::join_all((0..5).map(|_| ask(&router))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 2);
    assert!(ask(&router).await.is_ok(), "the places are free again");
}

#[tokio::test]
async fn the_deadline_holds_when_everybody_is_silent() {
    let mut silent = Server::always(vec![Step::Silence]).await;
    let mut provider = named("p", ProviderKind::OpenAi, &silent.url);
    provider.first_byte_ms = Some(60_000);
    let router = router(&settings(vec![provider]));
    let error = router
        .stream(
            Task::Chat,
            &|_| true,
            &speak::chat("x"),
            Duration::from_millis(100),
        )
        .await
        .err()
        .unwrap();
    assert_eq!(error.failure, Failure::TimedOut);
    silent.wait_for_leavers(1).await;
}

#[tokio::test]
async fn nothing_goes_to_another_machine_without_consent() {
    let remote = named(
        "remote",
        ProviderKind::OpenAi,
        "https://llm.example.invalid/v1",
    );
    let consent = Arc::new(Consent::load(None));
    let host = Host::new(speak::environment());
    let settings = settings(vec![remote]);
    let router = Router::new(
        &settings,
        Path::new("/workspace"),
        Arc::clone(&consent),
        Arc::new(Stats::default()),
        &host,
    );
    assert_eq!(ask(&router).await, Err(Failure::NoConsent));
    assert_eq!(
        router.consent_needed(Task::Chat),
        Some(("remote".into(), "https://llm.example.invalid/v1".into()))
    );
    consent
        .grant(Path::new("/workspace"), "https://llm.example.invalid/v1")
        .unwrap();
    assert_eq!(router.consent_needed(Task::Chat), None);
    assert_eq!(
        ask(&router).await,
        Err(Failure::Unreachable),
        "now it is tried"
    );
}

#[tokio::test]
async fn without_providers_it_says_so() {
    assert_eq!(
        ask(&router(&settings(vec![]))).await,
        Err(Failure::NoProvider)
    );
}
