//! The AI commands, from an editor to a model and back: what streams, what is proposed, and that nothing changes unseen.

use std::path::Path;

use metascript_tests::lsp::Client;
use metascript_tests::openai::{OpenAi, Reply};
use metascript_tests::picture::{cursor, edited};
use metascript_tests::protocol::check;
use serde_json::{Value, json};
use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_metascript");

const SCRIPT: &str = "DESCRIBE {\n    name: \"demo\"\n}\n\nJAVASCRIPT {\n    const double = (x) => x + x;\n    console.log(double(21));\n}\n";

/// A client in a folder whose settings name one scripted model.
struct Bench {
    client: Client,
    uri: String,
    _root: TempDir,
}

/// What an editor with change annotations says, as VS Code does.
fn annotating() -> Value {
    json!({
        "workspace": {
            "workspaceEdit": {
                "documentChanges": true,
                "changeAnnotationSupport": { "groupsOnLabel": true },
            },
        },
        "window": { "workDoneProgress": true },
        "textDocument": { "diagnostic": {} },
    })
}

impl Bench {
    fn open(settings: &str, capabilities: Value, text: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(".metascript.toml"), settings).unwrap();
        let folders = json!([{ "uri": uri(root.path()), "name": "project" }]);
        let options = json!({ "runtimesPath": std::env::var("METASCRIPT_RUNTIMES").ok() });
        let mut client = Client::start_in(BINARY, capabilities, options, folders);
        let uri = uri(&root.path().join("demo.tars"));
        client.open(&uri, text);
        Self {
            client,
            uri,
            _root: root,
        }
    }

    fn with(model: &OpenAi, text: &str) -> Self {
        Self::open(&model.settings(), annotating(), text)
    }

    fn command(&self, name: &str, more: Value) -> Value {
        let mut argument = json!({ "uri": self.uri });
        argument
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({ "command": format!("metascript.{name}"), "arguments": [argument] })
    }

    fn run(&mut self, name: &str, more: Value) -> Value {
        let params = self.command(name, more);
        self.client.request("workspace/executeCommand", params)
    }

    fn fails(&mut self, name: &str, more: Value) -> String {
        let params = self.command(name, more);
        let error = self
            .client
            .request_error("workspace/executeCommand", params);
        error["message"].as_str().unwrap().to_owned()
    }

    fn text(&mut self) -> String {
        let uri = self.uri.clone();
        self.client.server_text(&uri)
    }

    fn actions(&mut self, params: Value) -> Vec<Value> {
        let answer = self.client.request("textDocument/codeAction", params);
        check("textDocument/codeAction", &answer);
        answer.as_array().unwrap().clone()
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn fenced(code: &str) -> Reply {
    Reply::text(&format!("Like this:\n```\n{code}\n```\n"))
}

fn at(line: u32, character: u32) -> Value {
    json!({ "line": line, "character": character })
}

#[test]
fn a_problem_has_an_action_that_a_model_repairs_and_the_editor_shows() {
    let model = OpenAi::always(fenced("VARIABLE town {\n    value: \"Bern\"\n}"));
    let mut bench = Bench::with(&model, "VARIABLE town {\n    value: [\n}\n");
    let uri = bench.uri.clone();
    let report = bench.client.request(
        "textDocument/diagnostic",
        json!({ "textDocument": { "uri": uri } }),
    );
    let problem = report["items"][0].clone();
    // The assistant of a server that has just started takes a moment.
    bench.run(
        "aiExplain",
        json!({ "position": at(0, 3), "propose": true }),
    );
    let actions = bench.actions(json!({
        "textDocument": { "uri": uri },
        "range": problem["range"],
        "context": { "diagnostics": [problem], "triggerKind": 2 },
    }));
    let fix = actions
        .iter()
        .find(|action| {
            action["title"]
                .as_str()
                .unwrap()
                .starts_with("Fix with AI: ")
        })
        .unwrap_or_else(|| panic!("{actions:#?}"));
    assert_eq!(fix["kind"], "quickfix.ai");
    assert_eq!(fix["diagnostics"][0], problem);
    let mut argument = fix["command"]["arguments"][0].clone();
    argument["propose"] = json!(true);
    argument["stream"] = json!("fix-1");
    let answer = bench.client.request(
        "workspace/executeCommand",
        json!({ "command": fix["command"]["command"], "arguments": [argument] }),
    );
    assert_eq!(answer["status"], "proposed", "{answer:#}");
    let proposal = &answer["proposal"];
    assert_eq!(
        proposal["newText"],
        "VARIABLE town {\n    value: \"Bern\"\n}\n"
    );
    assert_eq!(proposal["version"], 1);
    let change = &proposal["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": uri, "version": 1 }));
    let annotation = change["edits"][0]["annotationId"].as_str().unwrap();
    assert_eq!(
        proposal["edit"]["changeAnnotations"][annotation]["needsConfirmation"],
        true
    );
    let before = bench.text();
    assert_eq!(
        before, "VARIABLE town {\n    value: [\n}\n",
        "nothing is changed unseen"
    );
    assert_eq!(
        edited(&before, &change["edits"]),
        proposal["newText"].as_str().unwrap()
    );
    assert_eq!(answer["cost"]["outputTokens"], 7);
    let asked = model.bodies().pop().unwrap();
    let said = problem["message"].as_str().unwrap();
    assert!(asked.contains(&json!(said).to_string()[1..20]), "{asked}");
}

#[test]
fn words_stream_in_order_while_they_are_said() {
    let model = OpenAi::always(Reply::text("It doubles a number, and prints 42."));
    let mut bench = Bench::with(&model, SCRIPT);
    let answer = bench.run(
        "aiExplain",
        json!({ "position": at(5, 12), "propose": true, "stream": "words" }),
    );
    assert_eq!(answer["status"], "answered");
    assert_eq!(answer["text"], "It doubles a number, and prints 42.");
    let mut said = String::new();
    let mut pieces = 0;
    while said.len() < 35 {
        let event = bench.client.notification("metascript/aiOutput", |params| {
            params["stream"] == "words" && params["event"]["kind"] == "text"
        });
        said.push_str(event["event"]["text"].as_str().unwrap());
        pieces += 1;
    }
    assert_eq!(said, "It doubles a number, and prints 42.");
    assert!(pieces > 2, "{pieces} pieces");
    let asked = &model.bodies()[0];
    assert!(
        asked.contains("const double") && asked.contains("\"stream\":true"),
        "{asked}"
    );
}

#[test]
fn actions_of_a_place_depend_on_what_is_there_and_on_who_asks() {
    let model = OpenAi::always(Reply::text("Yes."));
    let mut bench = Bench::with(&model, SCRIPT);
    bench.run("aiReview", json!({ "propose": true }));
    let uri = bench.uri.clone();
    let mut titles = |line: u32, context: Value| -> Vec<String> {
        let actions = bench.actions(json!({
            "textDocument": { "uri": uri },
            "range": { "start": at(line, 6), "end": at(line, 6) },
            "context": context,
        }));
        actions
            .iter()
            .map(|action| action["title"].as_str().unwrap().to_owned())
            .filter(|title| title.contains("AI"))
            .collect()
    };
    let asked = json!({ "diagnostics": [], "triggerKind": 1 });
    assert_eq!(
        titles(5, asked.clone()),
        [
            "Explain with AI",
            "Document with AI",
            "Optimise with AI",
            "Write tests with AI",
            "Translate cell with AI"
        ]
    );
    assert_eq!(
        titles(1, asked.clone()),
        ["Explain with AI", "Document with AI", "Optimise with AI"]
    );
    assert_eq!(
        titles(3, asked),
        Vec::<String>::new(),
        "between blocks there is nothing to explain"
    );
    let lamp = json!({ "diagnostics": [], "triggerKind": 2 });
    assert_eq!(titles(5, lamp), Vec::<String>::new(), "nobody asked");
    let rewrites = json!({ "diagnostics": [], "only": ["refactor.rewrite"] });
    assert_eq!(
        titles(1, rewrites),
        ["Document with AI", "Optimise with AI"]
    );
}

#[test]
fn without_a_provider_nothing_is_offered_and_a_command_says_why() {
    let mut bench = Bench::open("", annotating(), SCRIPT);
    let error = bench.fails("aiReview", json!({}));
    assert!(error.contains("provider"), "{error}");
    assert_eq!(error.lines().count(), 1);
    let uri = bench.uri.clone();
    let actions = bench.actions(json!({
        "textDocument": { "uri": uri },
        "range": { "start": at(5, 6), "end": at(5, 6) },
        "context": { "diagnostics": [] },
    }));
    assert!(!format!("{actions:?}").contains("with AI"), "{actions:#?}");
}

#[test]
fn an_editor_that_confirms_annotated_changes_gets_one_to_confirm() {
    let model = OpenAi::always(fenced("DESCRIBE {\n    name: \"better\"\n}"));
    let mut bench = Bench::with(&model, SCRIPT);
    bench
        .client
        .answer_with("workspace/applyEdit", json!({ "applied": true }));
    let answer = bench.run("aiDocument", json!({ "position": at(1, 6) }));
    assert_eq!(answer["status"], "applied");
    let asked = bench.client.asked("workspace/applyEdit");
    let edit = &asked["edit"];
    let id = edit["documentChanges"][0]["edits"][0]["annotationId"]
        .as_str()
        .unwrap();
    assert_eq!(edit["changeAnnotations"][id]["needsConfirmation"], true);
    let begun = bench
        .client
        .notification("$/progress", |params| params["value"]["kind"] == "begin");
    assert_eq!(begun["value"]["title"], "Documenting");
    assert_eq!(begun["value"]["cancellable"], true);
    bench.client.notification("$/progress", |params| {
        params["token"] == begun["token"] && params["value"]["kind"] == "end"
    });

    bench
        .client
        .answer_with("workspace/applyEdit", json!({ "applied": false }));
    let answer = bench.run("aiDocument", json!({ "position": at(1, 6) }));
    assert_eq!(answer["status"], "discarded");
}

#[test]
fn any_other_editor_asks_with_the_difference() {
    let model = OpenAi::always(fenced("DESCRIBE {\n    name: \"better\"\n}"));
    let plain = json!({ "textDocument": { "diagnostic": {} } });
    let mut bench = Bench::open(&model.settings(), plain, SCRIPT);
    let answer = bench.run("aiDocument", json!({ "position": at(1, 6) }));
    assert_eq!(answer["status"], "discarded", "no answer is no consent");
    let question = bench.client.asked("window/showMessageRequest");
    insta::assert_snapshot!(question["message"].as_str().unwrap(), @r#"
    Metascript: apply this change?

    @@ -1,3 +1,3 @@
     DESCRIBE {
    -    name: "demo"
    +    name: "better"
     }
    "#);
    bench
        .client
        .answer_with("window/showMessageRequest", json!({ "title": "Apply" }));
    bench
        .client
        .answer_with("workspace/applyEdit", json!({ "applied": true }));
    let answer = bench.run("aiDocument", json!({ "position": at(1, 6) }));
    assert_eq!(answer["status"], "applied");
    let asked = bench.client.asked("workspace/applyEdit");
    let edits = asked["edit"]["changes"][bench.uri.as_str()].clone();
    assert_eq!(edited(SCRIPT, &edits), SCRIPT.replace("demo", "better"));
}

#[test]
fn a_proposal_that_breaks_the_script_or_the_policy_is_refused_with_reasons() {
    for (code, reason) in [
        ("JAVASCRIPT {\n    eval(location.hash);\n}", "JS-EVAL"),
        ("JAVASCRIPT {\n    const x = ;\n}", "javascript"),
    ] {
        let model = OpenAi::always(fenced(code));
        let mut bench = Bench::with(&model, SCRIPT);
        let answer = bench.run(
            "aiOptimise",
            json!({ "position": at(5, 12), "propose": true }),
        );
        assert_eq!(answer["status"], "refused", "{answer:#}");
        assert!(answer.get("proposal").is_none());
        let faults = answer["faults"].to_string();
        assert!(faults.contains(reason), "{faults}");
        assert_eq!(
            model.bodies().len(),
            3,
            "the model may correct itself twice"
        );
    }
}

#[test]
fn a_comment_that_silences_the_scanner_does_not_silence_it_for_a_model() {
    let code = "PYTHON {\n    eval(input())  # security-ignore: PY-EVAL -- reviewed by somebody\n}";
    let model = OpenAi::always(fenced(code));
    let mut bench = Bench::with(&model, "PYTHON {\n    x = 1\n}\n");
    let answer = bench.run(
        "aiOptimise",
        json!({ "position": at(1, 4), "propose": true }),
    );
    assert_eq!(answer["status"], "refused", "{answer:#}");
}

#[test]
fn cancelling_closes_the_connection() {
    let model = OpenAi::always(Reply::Hang(vec!["It".into()]));
    let mut bench = Bench::with(&model, SCRIPT);
    let params = bench.command("aiReview", json!({ "propose": true, "stream": "slow" }));
    let id = bench
        .client
        .send_request("workspace/executeCommand", params);
    bench.client.notification("metascript/aiOutput", |params| {
        params["event"]["kind"] == "text"
    });
    bench.client.notify("$/cancelRequest", json!({ "id": id }));
    assert_eq!(bench.client.answer(id)["error"]["code"], -32800);
    model.wait_for_leaver();

    // The button of the progress that the server began.
    let params = bench.command("aiReview", json!({ "stream": "button" }));
    let id = bench
        .client
        .send_request("workspace/executeCommand", params);
    bench
        .client
        .notification("metascript/aiOutput", |params| params["stream"] == "button");
    let begun = bench
        .client
        .notification("$/progress", |params| params["value"]["kind"] == "begin");
    bench.client.notify(
        "window/workDoneProgress/cancel",
        json!({ "token": begun["token"] }),
    );
    assert_eq!(bench.client.answer(id)["error"]["code"], -32800);
    model.wait_for_leaver();
}

#[test]
fn a_slow_model_holds_nothing_up() {
    let model = OpenAi::always(Reply::Hang(vec!["It".into()]));
    let mut bench = Bench::with(&model, SCRIPT);
    let params = bench.command("aiReview", json!({ "propose": true, "stream": "slow" }));
    let id = bench
        .client
        .send_request("workspace/executeCommand", params);
    bench.client.notification("metascript/aiOutput", |params| {
        params["event"]["kind"] == "text"
    });
    let summary = bench.run("runCell", json!({ "cell": 0 }));
    assert_eq!(
        summary["status"], "ok",
        "a cell runs while the model thinks: {summary}"
    );
    bench.client.notify("$/cancelRequest", json!({ "id": id }));
    model.wait_for_leaver();
}

#[test]
fn the_trouble_of_a_provider_is_one_line_said_once() {
    let body = json!({ "error": { "message": "Incorrect API key provided", "type": "invalid_request_error", "code": "invalid_api_key" } });
    let model = OpenAi::always(Reply::Status(401, body.to_string()));
    let mut bench = Bench::with(&model, SCRIPT);
    let error = bench.fails("aiReview", json!({ "propose": true }));
    assert!(
        error.starts_with("scripted: ") && error.lines().count() == 1,
        "{error}"
    );
    bench.text();
    let said_again = bench
        .client
        .try_notification("window/showMessage", |params| {
            params["message"].as_str().unwrap().contains("scripted")
        });
    assert!(!said_again, "the answer has told it already");
}

#[test]
fn a_translation_goes_to_the_language_that_the_user_names() {
    let model = OpenAi::always(fenced(
        "PYTHON {\n    double = lambda x: x + x\n    print(double(21))\n}",
    ));
    let mut bench = Bench::with(&model, SCRIPT);
    let answer = bench.run(
        "aiTranslate",
        json!({ "cell": 0, "language": "python", "propose": true }),
    );
    let text = answer["proposal"]["newText"].as_str().unwrap();
    assert!(
        text.contains("PYTHON {") && !text.contains("JAVASCRIPT"),
        "{text}"
    );
    bench
        .client
        .answer_with("window/showMessageRequest", json!({ "title": "python" }));
    bench.run(
        "aiTranslate",
        json!({ "position": at(5, 4), "propose": true }),
    );
    let question = bench.client.asked("window/showMessageRequest");
    let offered = question["actions"].to_string();
    assert!(
        offered.contains("fsharp") && !offered.contains("\"javascript\""),
        "{offered}"
    );
    assert!(model.bodies()[1].contains("PYTHON"));
    let error = bench.fails("aiTranslate", json!({ "cell": 9, "language": "python" }));
    assert!(error.contains("no cell 9"), "{error}");
}

#[test]
fn tests_are_written_below_the_function() {
    let model = OpenAi::always(fenced(
        "JAVASCRIPT {\n    console.assert(double(2) === 4);\n}",
    ));
    let mut bench = Bench::with(&model, SCRIPT);
    let answer = bench.run("aiTests", json!({ "position": at(5, 12), "propose": true }));
    assert_eq!(
        answer["proposal"]["newText"],
        format!("{SCRIPT}\nJAVASCRIPT {{\n    console.assert(double(2) === 4);\n}}\n")
    );
}

#[test]
fn a_script_from_a_sentence_is_a_proposal_too() {
    let model = OpenAi::always(fenced(
        "DESCRIBE {\n    name: \"Greeter\"\n}\n\nPYTHON {\n    print(\"hello\")\n}",
    ));
    let mut bench = Bench::with(&model, SCRIPT);
    let params = json!({ "command": "metascript.aiGenerate", "arguments": [{ "text": "greet me", "propose": true }] });
    let answer = bench.client.request("workspace/executeCommand", params);
    let proposal = &answer["proposal"];
    assert!(
        proposal["newText"]
            .as_str()
            .unwrap()
            .starts_with("DESCRIBE {\n    name: \"Greeter\"")
    );
    assert!(proposal.get("edit").is_none(), "there is no document yet");
    assert!(model.bodies()[0].contains("greet me"));
    let error = bench.fails("aiGenerate", json!({ "text": "  " }));
    assert!(error.contains("needs `text`"), "{error}");
}

#[test]
fn the_agent_runs_cells_in_the_sandbox_and_proposes_what_it_made() {
    let model = OpenAi::start(|number, _| match number {
        0 => Reply::Calls(vec![("run_cell".into(), json!({ "cell": 0 }))]),
        1 => Reply::Calls(vec![(
            "replace".into(),
            json!({ "old": "double(21)", "new": "double(4)" }),
        )]),
        2 => Reply::Calls(vec![("run_cell".into(), json!({ "cell": 0 }))]),
        3 => Reply::Calls(vec![
            (
                "replace".into(),
                json!({ "old": "double(4)", "new": "eval(double)" }),
            ),
            ("run_cell".into(), json!({ "cell": 0 })),
            (
                "replace".into(),
                json!({ "old": "eval(double)", "new": "double(4)" }),
            ),
        ]),
        _ => Reply::text("It prints 8 now."),
    });
    let mut bench = Bench::with(&model, SCRIPT);
    let answer = bench.run(
        "aiAgent",
        json!({ "text": "print 8", "propose": true, "stream": "agent", "maxCost": 0.1 }),
    );
    assert_eq!(answer["status"], "proposed", "{answer:#}");
    assert_eq!(answer["text"], "It prints 8 now.");
    assert_eq!(answer["proposal"]["newText"], SCRIPT.replace("21", "4"));
    let bodies = model.bodies();
    assert!(
        bodies[1].contains("42\\\\n") || bodies[1].contains("42\\n"),
        "{}",
        bodies[1]
    );
    assert!(bodies[3].contains("\"8\\n"), "{}", bodies[3]);
    assert!(bodies[4].contains("the policy blocks it"), "{}", bodies[4]);
    bench.client.notification("metascript/aiOutput", |params| {
        params["event"]["kind"] == "step"
            && params["event"]["message"]
                .as_str()
                .unwrap()
                .starts_with("run_cell")
    });
    assert!(
        !bench
            .client
            .try_notification("metascript/cellOutput", |_| true),
        "the user's session has nothing to do with it"
    );
}

#[test]
fn where_cells_may_not_run_the_agent_cannot_run_them_either() {
    let model = OpenAi::start(|number, _| match number {
        0 => Reply::Calls(vec![("run_cell".into(), json!({ "cell": 0 }))]),
        _ => Reply::text("I cannot run it."),
    });
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join(".metascript.toml"), model.settings()).unwrap();
    let folders = json!([{ "uri": uri(root.path()), "name": "project" }]);
    let options = json!({ "run": { "enabled": false } });
    let mut client = Client::start_in(BINARY, annotating(), options, folders);
    let uri = uri(&root.path().join("demo.tars"));
    client.open(&uri, SCRIPT);
    let argument = json!({ "uri": uri, "text": "run it", "propose": true });
    let params = json!({ "command": "metascript.aiAgent", "arguments": [argument] });
    let answer = client.request("workspace/executeCommand", params);
    assert_eq!(answer["status"], "answered");
    let bodies = model.bodies();
    assert!(
        !bodies[0].contains("run_cell"),
        "the tool is not even offered"
    );
    assert!(
        bodies[1].contains("cells cannot be run here"),
        "{}",
        bodies[1]
    );
}

#[test]
fn blocks_of_the_workspace_are_found_by_what_they_say() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(
        root.path().join("mail.tars"),
        "DESCRIBE {\n    name: \"mail\"\n}\n\nACTION {\n    type: \"send_mail\"\n    subject: \"weekly sales report\"\n}\n",
    )
    .unwrap();
    std::fs::write(
        root.path().join("other.tars"),
        "PYTHON {\n    import math\n    print(math.pi)\n}\n",
    )
    .unwrap();
    let folders = json!([{ "uri": uri(root.path()), "name": "project" }]);
    let mut capabilities = annotating();
    capabilities["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    let mut client = Client::start_in(BINARY, capabilities, Value::Null, folders);
    client.asked("workspace/diagnostic/refresh");
    let params = json!({ "command": "metascript.aiSearch", "arguments": [{ "text": "send the sales report by mail", "count": 2 }] });
    let found = client.request("workspace/executeCommand", params);
    let best = &found["hits"][0];
    assert_eq!(best["uri"], uri(&root.path().join("mail.tars")));
    assert_eq!(best["position"], at(4, 0));
    assert!(best["text"].as_str().unwrap().contains("send_mail"));
}

#[test]
fn the_position_that_a_picture_shows_is_the_place_that_is_explained() {
    let (text, line, character) =
        cursor("VARIABLE a {\n    value: 1\n}\n\nVARIABLE b {\n    va$0lue: 2\n}\n");
    let model = OpenAi::always(Reply::text("Two."));
    let mut bench = Bench::with(&model, &text);
    bench.run(
        "aiExplain",
        json!({ "position": at(line, character), "propose": true }),
    );
    let asked: Value = serde_json::from_str(&model.bodies()[0]).unwrap();
    let question = asked["messages"].as_array().unwrap().last().unwrap()["content"].to_string();
    let marked = question.rsplit("Explain").next().unwrap().to_owned();
    assert!(
        marked.contains("VARIABLE b") && !marked.contains("VARIABLE a"),
        "{marked}"
    );
}
