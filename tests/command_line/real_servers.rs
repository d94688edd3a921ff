//! `metascript ai` with servers that nobody here wrote: llama.cpp and Chroma.

use std::fs;

use metascript_tests::servers;
use serde_json::Value;

use crate::ai::Project;

/// The providers of one llama.cpp server: by OpenAI's protocol and by its own.
fn provider(kind: &str, url: &str) -> String {
    let base = if kind == "openai" {
        format!("{url}/v1")
    } else {
        url.to_owned()
    };
    format!(
        "[[ai.providers]]\nname = \"llama\"\nkind = \"{kind}\"\nbase_url = \"{base}\"\nmodel = \"one-sentence\"\n\n[ai.tasks]\ninline = [\"llama\"]\nchat = [\"llama\"]\n"
    )
}

#[test]
#[ignore = "needs servers that `cargo xtask test` installs"]
fn llama_cpp_completes_by_both_of_its_protocols_and_explains() {
    let server = servers::llama();
    for kind in ["openai", "llamacpp"] {
        let project = Project::new(&provider(kind, &server.url));
        let script = "ACTION {\n    type: \"log\"\n    \n}\n";
        fs::write(project.root.path().join("demo.tars"), script).unwrap();
        let said = project.ai(&["complete", "demo.tars", "--at", "3:5", "--format", "json"]);
        assert_eq!(said.code, Some(0), "{kind}: {}", said.stderr);
        let first: Value = serde_json::from_str(said.stdout.lines().next().unwrap()).unwrap();
        assert_eq!(first["text"], "message: \"from a real model\"", "{kind}");
        let said = project.ai(&["explain", "demo.tars", "--at", "2:5"]);
        assert_eq!(
            said.stdout, "message: \"from a real model\"\n",
            "{kind}: {}",
            said.stderr
        );
        let stats = project.ai(&["stats"]).stdout;
        assert!(
            stats.contains("llama/inline: ") && stats.contains(" 0 failed, 1 shown"),
            "{stats}"
        );
    }
}

#[test]
#[ignore = "needs servers that `cargo xtask test` installs"]
fn a_chroma_server_keeps_the_vectors_of_the_workspace() {
    let server = servers::chroma();
    let project = Project::new("");
    project.user(&format!("[ai]\nchroma_url = \"{}\"\n", server.url));
    let mail = project.root.path().join("mail.tars");
    fs::write(
        &mail,
        "ACTION {\n    type: \"send_mail\"\n    subject: \"weekly sales report\"\n}\n",
    )
    .unwrap();
    let found = project.ai(&["search", "the weekly sales report", "--count", "1"]);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    assert!(
        found.stdout.starts_with("mail.tars:1: ACTION {"),
        "{}",
        found.stdout
    );
    let collections = "/api/v2/tenants/default_tenant/databases/default_database/collections";
    let listed: Value = serde_json::from_str(&server.get(collections)).unwrap();
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    let count = || server.get(&format!("{collections}/{id}/count"));
    assert_eq!(count(), "3", "two blocks of the demo and one of the mail");
    fs::remove_file(&mail).unwrap();
    let again = project.ai(&["search", "the weekly sales report", "--count", "5"]);
    assert!(!again.stdout.contains("mail.tars"), "{}", again.stdout);
    assert_eq!(count(), "2", "what is gone is gone there too");
}
