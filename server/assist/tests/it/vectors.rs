//! Search over the blocks of a workspace, with and without a provider, here and on a Chroma server.

use futures::StreamExt as _;
use metascript_assist::context::Scope;
use metascript_assist::settings::ProviderKind;
use metascript_assist::tasks::{Command, CommandRequest};
use metascript_syntax::Document;
use serde_json::json;

use crate::bench::{assist, assist_in, named, settings};
use crate::server::{Server, Step};
use crate::speak;

fn json_answer(value: &serde_json::Value) -> Vec<Step> {
    vec![
        Step::Head(200, vec![("content-type", "application/json".into())]),
        Step::Chunk(value.to_string().into_bytes()),
        Step::End,
    ]
}

fn scripts() -> Vec<(String, Document)> {
    vec![
        (
            "mail.tars".into(),
            Document::parse(
                "ACTION {\n    type: \"notify\"\n    message: \"letter\"\n}\n\nVARIABLE town {\n    value: \"Bern\"\n}\n",
            ),
        ),
        (
            "secrets.tars".into(),
            Document::parse("VARIABLE town {\n    value: \"hidden\"\n}\n"),
        ),
    ]
}

#[tokio::test]
async fn without_a_provider_words_are_compared() {
    let assist = assist(settings(vec![]));
    assert_eq!(
        assist.index_blocks(&scripts()).await.unwrap(),
        2,
        "the ignored script is left out"
    );
    assert_eq!(
        assist.index_blocks(&scripts()).await.unwrap(),
        0,
        "nothing has changed"
    );
    let hits = assist
        .search_blocks("a variable for the town", 1)
        .await
        .unwrap();
    assert_eq!((hits[0].script.as_str(), hits[0].line), ("mail.tars", 6));
    assert_eq!(assist.index_blocks(&[]).await.unwrap(), 0);
    assert_eq!(
        assist.search_blocks("town", 3).await.unwrap(),
        [],
        "blocks that are gone are not found"
    );
}

#[tokio::test]
async fn with_a_provider_only_changed_blocks_are_sent_and_the_index_lasts() {
    let server = Server::start(|_, request| {
        let texts: Vec<String> = serde_json::from_value(request.json()["input"].clone()).unwrap();
        let vectors: Vec<_> = texts
            .iter()
            .map(|text| {
                if text.contains("town") {
                    [1.0, 0.0]
                } else {
                    [0.0, 1.0]
                }
            })
            .collect();
        json_answer(&json!({ "embeddings": vectors }))
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    for expected in [2, 0] {
        let mut provider = named("p", ProviderKind::Ollama, &server.url);
        provider.embed_model = Some("e".into());
        let mut settings = settings(vec![provider]);
        settings.data_folder = Some(folder.path().join("data"));
        let assist = assist_in(settings, folder.path());
        assert_eq!(assist.index_blocks(&scripts()).await.unwrap(), expected);
        let hits = assist.search_blocks("which town?", 1).await.unwrap();
        assert!(hits[0].text.contains("Bern"));
    }
    assert_eq!(
        server.count(),
        3,
        "one request for the blocks, one for each question"
    );
}

#[tokio::test]
async fn a_command_sees_blocks_that_mean_the_same() {
    let server = Server::start(|_, request| {
        if request.path != "/api/embed" {
            return speak::answer(ProviderKind::Ollama, &request.path, &["A place."]);
        }
        let texts: Vec<String> = serde_json::from_value(request.json()["input"].clone()).unwrap();
        // A model of meaning: towns and cities are one thing.
        let meaning = |text: &String| {
            if text.contains("town") || text.contains("city") {
                [1.0, 0.0]
            } else {
                [0.0, 1.0]
            }
        };
        let vectors: Vec<_> = texts.iter().map(meaning).collect();
        json_answer(&json!({ "embeddings": vectors }))
    })
    .await;
    let mut provider = named("p", ProviderKind::Ollama, &server.url);
    provider.embed_model = Some("e".into());
    let assist = assist(settings(vec![provider]));
    assist.index_blocks(&scripts()).await.unwrap();
    let text = "PYTHON {\n    city = \"Lyon\"\n}\n";
    let request = CommandRequest {
        command: Command::Document { range: 0..1 },
        name: "demo.tars".into(),
        document: Document::parse(text),
        scope: Scope::default(),
    };
    let _: Vec<_> = assist.run_command(request).collect().await;
    let asked = server
        .requests()
        .into_iter()
        .find(|request| request.path == "/api/chat")
        .unwrap();
    assert!(
        asked.body.contains("From mail.tars") && asked.body.contains("Bern"),
        "{}",
        asked.body
    );
}

#[tokio::test]
async fn a_chroma_server_keeps_the_vectors() {
    let server = Server::start(|_, request| {
        let collection = "/api/v2/tenants/default_tenant/databases/default_database/collections";
        match request.path.strip_prefix(collection).unwrap() {
            "" => json_answer(&json!({ "id": "0b7c3c2e-0000-4000-8000-000000000001", "name": request.json()["name"] })),
            "/0b7c3c2e-0000-4000-8000-000000000001/get" => json_answer(&json!({ "ids": ["old.tars\u{1F}1\u{1F}0"] })),
            "/0b7c3c2e-0000-4000-8000-000000000001/query" => json_answer(&json!({
                "ids": [["mail.tars\u{1F}6\u{1F}1"]], "documents": [["VARIABLE town"]], "distances": [[0.25]]
            })),
            _ => json_answer(&json!({})),
        }
    })
    .await;
    let mut settings = settings(vec![]);
    settings.chroma_url = Some(server.url.clone());
    let assist = assist(settings);
    assert_eq!(assist.index_blocks(&scripts()).await.unwrap(), 2);
    let hits = assist.search_blocks("town", 1).await.unwrap();
    assert_eq!(
        (hits[0].script.as_str(), hits[0].line, hits[0].score),
        ("mail.tars", 6, 0.75)
    );
    let paths: Vec<String> = server
        .requests()
        .iter()
        .map(|request| request.path.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "collections",
            "get",
            "delete",
            "upsert",
            "collections",
            "query"
        ]
    );
    let upsert = server.requests()[3].json();
    assert_eq!(upsert["ids"].as_array().unwrap().len(), 2);
    assert_eq!(upsert["embeddings"][0].as_array().unwrap().len(), 512);
}

#[tokio::test]
async fn a_failing_chroma_server_is_one_line() {
    let server = Server::always(vec![
        Step::Head(500, vec![]),
        Step::Chunk(b"boom\nbang".to_vec()),
        Step::End,
    ])
    .await;
    let mut settings = settings(vec![]);
    settings.chroma_url = Some(server.url.clone());
    let error = assist(settings)
        .index_blocks(&scripts())
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(error, "Chroma: 500 Internal Server Error boom bang");
    let mut remote = crate::bench::settings(vec![]);
    remote.chroma_url = Some("https://chroma.example.invalid".into());
    let error = assist(remote)
        .index_blocks(&scripts())
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("has not agreed"), "{error}");
}
