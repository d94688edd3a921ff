//! `metascript ai`, against scripted models and without any.

use std::fs;
use std::path::Path;
use std::process::Command;

use metascript_tests::home::Home;
use metascript_tests::openai::{OpenAi, Reply};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Outcome, outcome};

const SCRIPT: &str = "DESCRIBE {\n    name: \"demo\"\n}\n\nJAVASCRIPT {\n    const double = (x) => x + x;\n    console.log(double(21));\n}\n";

/// A project with folders of a user who has no settings.
pub(crate) struct Project {
    pub(crate) root: TempDir,
    home: Home,
}

impl Project {
    pub(crate) fn new(settings: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(".metascript.toml"), settings).unwrap();
        fs::write(root.path().join("demo.tars"), SCRIPT).unwrap();
        Self {
            root,
            home: Home::new(),
        }
    }

    pub(crate) fn ai(&self, arguments: &[&str]) -> Outcome {
        self.metascript(&[&["ai"], arguments].concat())
    }

    pub(crate) fn metascript(&self, arguments: &[&str]) -> Outcome {
        outcome(
            self.home
                .of(&mut Command::new(env!("CARGO_BIN_EXE_metascript")))
                .args(arguments)
                .current_dir(self.root.path()),
        )
    }

    fn text(&self) -> String {
        fs::read_to_string(self.root.path().join("demo.tars")).unwrap()
    }

    /// The user's own settings.
    pub(crate) fn user(&self, settings: &str) {
        let folder = self.home.config().join("metascript");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), settings).unwrap();
    }
}

fn fenced(code: &str) -> Reply {
    Reply::text(&format!("```\n{code}\n```\n"))
}

#[test]
fn a_change_is_a_diff_and_is_written_when_asked() {
    let model = OpenAi::always(fenced("DESCRIBE {\n    name: \"better\"\n}"));
    let project = Project::new(&model.settings());
    let shown = project.ai(&["document", "demo.tars", "--at", "2:5"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    let diff = shown.stdout.split("--- ").nth(1).unwrap();
    insta::assert_snapshot!(diff, @r#"
    demo.tars
    +++ demo.tars
    @@ -1,5 +1,5 @@
     DESCRIBE {
    -    name: "demo"
    +    name: "better"
     }
     
     JAVASCRIPT {
    "#);
    assert_eq!(project.text(), SCRIPT);
    let written = project.ai(&["document", "demo.tars", "--at", "2:5", "--apply"]);
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    assert_eq!(project.text(), SCRIPT.replace("demo", "better"));
}

#[test]
fn words_are_printed_and_a_proposal_that_does_not_hold_is_refused() {
    let model = OpenAi::always(Reply::text("It prints 42."));
    let project = Project::new(&model.settings());
    for arguments in [
        &["review", "demo.tars"][..],
        &["explain", "demo.tars", "--at", "6:5"],
    ] {
        let said = project.ai(arguments);
        assert_eq!(
            (said.code, said.stdout.as_str()),
            (Some(0), "It prints 42.\n")
        );
    }
    let model = OpenAi::always(fenced("JAVASCRIPT {\n    eval(location.hash);\n}"));
    let project = Project::new(&model.settings());
    let refused = project.ai(&["optimise", "demo.tars", "--at", "6:5", "--apply"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(refused.stderr.contains("JS-EVAL"), "{}", refused.stderr);
    assert_eq!(project.text(), SCRIPT);
}

#[test]
fn the_agent_runs_cells_unless_it_may_not() {
    let script = |number: usize, _: &Value| match number {
        0 => Reply::Calls(vec![("run_cell".into(), json!({ "cell": 0 }))]),
        1 => Reply::Calls(vec![(
            "replace".into(),
            json!({ "old": "double(21)", "new": "double(4)" }),
        )]),
        _ => Reply::text("Done."),
    };
    let model = OpenAi::start(script);
    let project = Project::new(&model.settings());
    let done = project.ai(&["agent", "demo.tars", "print 8", "--apply"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(project.text(), SCRIPT.replace("21", "4"));
    assert!(model.bodies()[1].contains("42\\n"), "{}", model.bodies()[1]);

    let model = OpenAi::start(script);
    let project = Project::new(&model.settings());
    project.ai(&["agent", "demo.tars", "print 8", "--no-run"]);
    assert!(model.bodies()[1].contains("cells cannot be run here"));
    assert_eq!(project.text(), SCRIPT);
}

#[test]
fn a_script_from_a_sentence_goes_where_nothing_is() {
    let model = OpenAi::always(fenced("DESCRIBE {\n    name: \"new\"\n}"));
    let project = Project::new(&model.settings());
    let done = project.ai(&["generate", "greet", "--output", "new.tars", "--apply"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let path = project.root.path().join("new.tars");
    assert_eq!(
        fs::read_to_string(path).unwrap(),
        "DESCRIBE {\n    name: \"new\"\n}\n"
    );
    let again = project.ai(&["generate", "greet", "--output", "demo.tars", "--apply"]);
    assert_eq!(again.code, Some(2));
    assert_eq!(project.text(), SCRIPT);
}

#[test]
fn the_trouble_of_a_provider_is_one_line() {
    let model = OpenAi::always(Reply::Status(
        401,
        json!({ "error": { "message": "no" } }).to_string(),
    ));
    let project = Project::new(&model.settings());
    let failed = project.ai(&["review", "demo.tars"]);
    assert_eq!(failed.code, Some(2));
    assert_eq!(
        failed.stderr.matches("scripted: ").count(),
        1,
        "{}",
        failed.stderr
    );
}

#[test]
fn what_would_be_sent_is_shown_and_nothing_is_sent() {
    let model = OpenAi::always(Reply::text("x"));
    let settings = model
        .settings()
        .replace("inline = [\"embedded\"]", "inline = [\"scripted\"]");
    let project = Project::new(&settings);
    let secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD";
    fs::write(
        project.root.path().join("demo.tars"),
        format!("VARIABLE key {{\n    value: \"{secret}\"\n}}\n\nACTION {{\n    \n}}\n"),
    )
    .unwrap();
    let shown = project.ai(&["explain-request", "demo.tars", "--at", "6:5"]);
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert!(
        shown.stdout.contains("stays on this machine") && shown.stdout.contains("MS_SECRET_"),
        "{}",
        shown.stdout
    );
    assert!(!shown.stdout.contains(secret));
    assert_eq!(model.bodies().len(), 0);
}

#[test]
fn the_cache_is_counted_and_emptied_and_the_statistics_hold_no_text() {
    let model = OpenAi::always(Reply::text("type: \"log\""));
    let settings = model
        .settings()
        .replace("inline = [\"embedded\"]", "inline = [\"scripted\"]");
    let project = Project::new(&settings);
    assert!(
        project
            .ai(&["cache", "stats"])
            .stdout
            .starts_with("0 answers")
    );
    assert_eq!(project.ai(&["stats"]).stdout, "nothing was asked yet\n");
    fs::write(project.root.path().join("demo.tars"), "ACTION {\n    \n}\n").unwrap();
    let said = project.ai(&["complete", "demo.tars", "--at", "2:5"]);
    assert!(
        said.stdout.contains("type: \"log\""),
        "{}{}",
        said.stdout,
        said.stderr
    );
    let stats = project.ai(&["cache", "stats"]).stdout;
    assert!(stats.starts_with("1 answers"), "{stats}");
    let kept = project.ai(&["stats", "--format", "json"]).stdout;
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert!(kept["entries"].to_string().contains("scripted"), "{kept}");
    assert!(!kept.to_string().contains("log"), "{kept}");
    assert_eq!(project.ai(&["cache", "clear"]).code, Some(0));
    assert!(
        project
            .ai(&["cache", "stats"])
            .stdout
            .starts_with("0 answers")
    );
}

#[test]
fn text_goes_to_another_machine_only_after_consent() {
    let project = Project::new("");
    project.user(
        "[[ai.providers]]\nname = \"away\"\nkind = \"openai\"\nbase_url = \"https://llm.example.invalid/v1\"\nmodel = \"m\"\napi_key_env = \"NO_SUCH_KEY\"\n",
    );
    let failed = project.ai(&["review", "demo.tars"]);
    assert_eq!(failed.code, Some(2));
    assert!(
        failed.stderr.contains("has not agreed"),
        "{}",
        failed.stderr
    );
    let shown = project.ai(&["consent", "show"]).stdout;
    assert!(
        shown.contains("away https://llm.example.invalid/v1: not allowed"),
        "{shown}"
    );
    project.ai(&["consent", "allow", "https://llm.example.invalid/v1"]);
    assert!(
        project
            .ai(&["consent", "show"])
            .stdout
            .contains(": allowed")
    );
    let other = Project {
        root: tempfile::tempdir().unwrap(),
        home: project.home,
    };
    assert!(
        other
            .ai(&["consent", "show"])
            .stdout
            .contains("not allowed"),
        "consent is a workspace's own"
    );
}

#[test]
fn blocks_are_found_by_what_they_say() {
    let project = Project::new("");
    fs::write(
        project.root.path().join("mail.tars"),
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
    let path: &Path = project.root.path();
    fs::write(path.join(".metascriptignore"), "mail.tars\n").unwrap();
    let hidden = project.ai(&["search", "the weekly sales report", "--count", "5"]);
    assert!(!hidden.stdout.contains("mail.tars"), "{}", hidden.stdout);
}
