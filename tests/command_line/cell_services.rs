//! `tars.llm` and `tars.vector` in cells that `metascript run` runs: a scripted model, and none.

use std::fs;

use metascript_tests::openai::{OpenAi, Reply};

use crate::Outcome;
use crate::ai::Project;

fn run(project: &Project, script: &str, more: &[&str]) -> Outcome {
    fs::write(project.root.path().join("cells.tars"), script).unwrap();
    project.metascript(&[&["run", "cells.tars"], more].concat())
}

const ASKS: &str = "PYTHON {\n    answer = tars.llm.complete('What is six times seven?', system='Be short.')\n    print(answer, answer.provider, answer.output_tokens > 0)\n}\n\nJAVASCRIPT {\n    console.log(tars.llm.chat([{ role: 'user', content: 'Again, with key sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3' }]).text);\n}\n";

#[test]
fn cells_ask_the_models_that_policy_and_settings_allow() {
    let model = OpenAi::always(Reply::text("42"));
    let project = Project::new(&model.settings());

    let strict = run(&project, ASKS, &[]);
    assert_eq!(strict.code, Some(1), "{}", strict.stdout);
    assert!(
        strict
            .stderr
            .contains("the policy 'strict' allows no language model"),
        "{}",
        strict.stderr
    );
    assert_eq!(model.bodies().len(), 0);

    let asked = run(&project, ASKS, &["--policy", "moderate"]);
    assert_eq!(asked.code, Some(0), "{}", asked.stderr);
    assert!(
        asked.stdout.contains("42 scripted True\n") && asked.stdout.ends_with("\n42\n"),
        "{}",
        asked.stdout
    );
    let sent = model.bodies();
    assert_eq!(sent.len(), 2);
    let first = sent[0].clone();
    assert!(
        first.contains("six times seven") && first.contains("Be short."),
        "{first}"
    );
    assert!(!sent[1].contains("sk-proj-aB3d"), "a key left the machine");

    let unknown = run(
        &project,
        "PYTHON {\n    tars.llm.complete('x', model='gpt-99')\n}\n",
        &["--policy", "moderate"],
    );
    assert!(
        unknown
            .stderr
            .contains("none fits what was asked; there are"),
        "{}",
        unknown.stderr
    );

    let repeated = run(&project, ASKS, &["--policy", "moderate", "--deterministic"]);
    assert!(
        repeated
            .stderr
            .contains("a deterministic run makes no questions to a model"),
        "{}",
        repeated.stderr
    );
    assert_eq!(model.bodies().len(), 2);
}

const STORES: &str = "PYTHON {\n    for text in ['the cat sleeps on the mat', 'interest rates rise', 'a dog barks at night']:\n        tars.vector.add(text, metadata={'length': len(text)})\n    tars.vector.add('the cat sleeps on the mat', id='again', store='other')\n}\n\nJAVASCRIPT {\n    for (const one of tars.vector.search('sleeping cat on a mat', { limit: 2 })) console.log(one.text, one.metadata.length, one.score > 0.2);\n    console.log(tars.vector.search('cat', { store: 'none' }).length);\n}\n";

#[test]
fn stores_of_texts_work_without_a_model_and_are_kept_when_the_policy_says_so() {
    let project = Project::new("");
    let strict = run(&project, STORES, &[]);
    assert_eq!(strict.code, Some(0), "{}", strict.stderr);
    assert!(
        strict
            .stdout
            .contains("the cat sleeps on the mat 25 true\n"),
        "{}",
        strict.stdout
    );
    assert!(strict.stdout.ends_with("\n0\n"), "{}", strict.stdout);
    assert!(!project.root.path().join(".metascript").exists());

    let kept = run(&project, STORES, &["--policy", "permissive"]);
    assert_eq!(kept.code, Some(0), "{}", kept.stderr);
    assert!(
        project
            .root
            .path()
            .join(".metascript/vectors/default.words.vec")
            .is_file()
    );
    let later = "PYTHON {\n    print(tars.vector.search('cat', limit=1)[0]['text'])\n}\n";
    let found = run(&project, later, &["--policy", "permissive"]);
    assert_eq!(
        found.stdout.lines().last(),
        Some("the cat sleeps on the mat"),
        "{}",
        found.stderr
    );
    assert_eq!(
        run(
            &project,
            "PYTHON {\n    print(len(tars.vector.search('cat')))\n}\n",
            &[]
        )
        .stdout
        .lines()
        .last(),
        Some("0")
    );

    let escape = run(
        &project,
        "PYTHON {\n    tars.vector.add('x', store='../../evil')\n}\n",
        &["--policy", "permissive"],
    );
    assert!(
        escape.stderr.contains("is no name of a store"),
        "{}",
        escape.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_store_does_not_follow_a_link_that_came_with_the_workspace() {
    let project = Project::new("");
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), project.root.path().join(".metascript")).unwrap();
    let written = run(
        &project,
        "PYTHON {\n    tars.vector.add('x')\n}\n",
        &["--policy", "permissive"],
    );
    assert!(written.stderr.contains("is a link"), "{}", written.stderr);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}
