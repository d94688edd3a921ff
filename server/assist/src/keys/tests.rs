use super::*;
use crate::settings::ProviderKind;

fn store(
    change: impl FnOnce(&mut ProviderSettings),
    variables: &'static [(&str, &str)],
) -> KeyStore {
    let mut settings =
        ProviderSettings::new("p", ProviderKind::OpenAi, "https://api.openai.com/v1");
    change(&mut settings);
    let environment: Environment = Arc::new(|name| {
        variables
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    });
    KeyStore::new(&settings, environment)
}

#[tokio::test]
async fn the_usual_variable_is_for_the_usual_address_only() {
    const VARIABLES: &[(&str, &str)] = &[("OPENAI_API_KEY", " sk-1\n"), ("OTHER", "sk-2")];
    assert_eq!(
        store(|_| {}, VARIABLES)
            .get()
            .await
            .unwrap()
            .unwrap()
            .expose(),
        "sk-1"
    );
    let elsewhere = store(
        |p| p.base_url = Some("https://llm.example.com/v1".into()),
        VARIABLES,
    );
    assert_eq!(elsewhere.get().await, Ok(None));
    let named = store(
        |p| {
            p.base_url = Some("https://llm.example.com/v1".into());
            p.api_key_env = Some("OTHER".into());
        },
        VARIABLES,
    );
    assert_eq!(named.get().await.unwrap().unwrap().expose(), "sk-2");
    let workspace = store(|p| p.from_workspace = true, VARIABLES);
    assert_eq!(workspace.get().await, Ok(None));
    assert_eq!(
        store(|_| {}, &[]).get().await,
        Err("set the variable OPENAI_API_KEY".to_owned())
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_prints_the_key_and_is_asked_again_after_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "sk-old\nsecond line").unwrap();
    let line = format!("cat {}", file.display());
    let store = store(|p| p.api_key_command = Some(KeyCommand::Shell(line)), &[]);
    assert_eq!(store.get().await.unwrap().unwrap().expose(), "sk-old");
    std::fs::write(&file, "sk-new").unwrap();
    assert_eq!(store.get().await.unwrap().unwrap().expose(), "sk-old");
    store.forget().await;
    assert_eq!(store.get().await.unwrap().unwrap().expose(), "sk-new");
}

#[cfg(unix)]
#[tokio::test]
async fn a_failing_command_is_named_without_its_words() {
    let bad = store(
        |p| {
            p.api_key_command = Some(KeyCommand::Shell(
                "echo sk-half; echo sk-err >&2; exit 3".into(),
            ));
        },
        &[],
    );
    let why = bad.get().await.unwrap_err();
    assert!(
        why.contains("exit status: 3") && !why.contains("sk-"),
        "{why}"
    );
    let empty = store(
        |p| p.api_key_command = Some(KeyCommand::Program(vec!["true".into()])),
        &[],
    );
    assert_eq!(
        empty.get().await.unwrap_err(),
        "api_key_command printed nothing"
    );
    let missing = store(
        |p| p.api_key_command = Some(KeyCommand::Program(vec![])),
        &[],
    );
    assert!(
        missing
            .get()
            .await
            .unwrap_err()
            .contains("cannot be started")
    );
}

#[test]
fn a_key_is_never_shown() {
    let key = Key::new("sk-secret").unwrap();
    assert_eq!(format!("{key:?}"), "Key(hidden)");
}
