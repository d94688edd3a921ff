//! `tars.metascript` and `tars.agents`: scripts that run scripts, and what agents say to each other.

use std::fs;

use metascript_sandbox::{Language, Status, Value};

use crate::host::{World, fine};
use crate::support::run;

const CHILD: &str = "VARIABLE base {\n    value: 20\n}\n\nPYTHON {\n    total = base * factor\n    print('child says', total)\n    tars.agents.message('parent', f'total is {total}', sender='child')\n}\n";

fn list(session: &mut metascript_sandbox::Session, name: &str) -> Value {
    session.variable(name).unwrap().unwrap()
}

#[test]
fn a_script_runs_another_and_gets_its_variables_and_messages() {
    let cells = [
        (
            Language::Python,
            "tars.agents.announce('parent', ['sum'])\nanswer = tars.metascript.run('data/child.tars', {'factor': 3})\nmail = tars.agents.inbox('parent')\nthere = tars.agents.list()",
        ),
        (
            Language::JavaScript,
            "tars.agents.announce('parent', ['sum']);\nvar answer = tars.metascript.run('data/child.tars', { factor: 3 });\nvar mail = tars.agents.inbox('parent');\nvar there = tars.agents.list();",
        ),
    ];
    for (language, code) in cells {
        let world = World::new();
        fs::write(world.path().join("data/child.tars"), CHILD).unwrap();
        let mut session = world.session();
        fine(&run(&mut session, language, code));
        let picture = ["answer", "mail", "there"]
            .map(|name| format!("{name}: {:?}", list(&mut session, name)))
            .join("\n");
        insta::allow_duplicates! {
            insta::assert_snapshot!(picture, @r#"
            answer: Map([("status", Text("ok")), ("output", Text("child says 60\n")), ("error", Null), ("variables", Map([("base", Integer(20)), ("factor", Integer(3)), ("total", Integer(60))]))])
            mail: List([Map([("from", Text("child")), ("content", Text("total is 60"))])])
            there: List([Map([("name", Text("parent")), ("capabilities", List([Text("sum")]))])])
            "#);
        }
        // What the script itself did stands in the log, with its own name.
        let scripts: Vec<String> = world
            .entries("cell.begin")
            .iter()
            .map(|one| one["script"].as_str().unwrap().to_owned())
            .collect();
        assert!(
            scripts.contains(&"data/child.tars".to_owned()),
            "{scripts:?}"
        );
    }
}

#[test]
fn a_script_has_no_more_rights_than_the_one_that_runs_it() {
    let world = World::new();
    let write =
        |name: &str, text: &str| fs::write(world.path().join("data").join(name), text).unwrap();
    write(
        "secret.tars",
        "PYTHON {\n    print(tars.fs.read('secret.txt'))\n}\n",
    );
    write(
        "self.tars",
        "PYTHON {\n    print(tars.metascript.run('data/self.tars'))\n}\n",
    );
    write("endless.tars", "JAVASCRIPT {\n    for (;;) {}\n}\n");
    let mut session = world.session();

    let outside = run(
        &mut session,
        Language::Python,
        "tars.metascript.run('secret.tars')",
    );
    assert!(
        outside.picture().contains("outside the folders"),
        "{}",
        outside.picture()
    );

    let inside = run(
        &mut session,
        Language::Python,
        "answer = tars.metascript.run('data/secret.tars')\nprint(answer['status'], answer['error'])",
    );
    assert!(
        inside.stdout().starts_with("failed") && inside.stdout().contains("outside the folders"),
        "{}",
        inside.picture()
    );
    assert!(!inside.stdout().contains("TOP SECRET"));

    let deep = run(
        &mut session,
        Language::Python,
        "print(tars.metascript.run('data/self.tars'))",
    );
    assert!(
        deep.stdout().contains("at most 4 deep"),
        "{}",
        deep.picture()
    );

    let none = run(
        &mut session,
        Language::Python,
        "tars.metascript.run('data/none.tars')",
    );
    assert!(none.picture().contains("NotFound"), "{}", none.picture());

    // The deadline of the cell that asked holds for all that it waits for.
    let mut limits = session.limits().clone();
    limits.wall_time = std::time::Duration::from_secs(2);
    session.set_limits(limits);
    let endless = run(
        &mut session,
        Language::Python,
        "tars.metascript.run('data/endless.tars')",
    );
    assert_eq!(
        endless.outcome.status,
        Status::TimedOut,
        "{}",
        endless.picture()
    );
    fine(&run(&mut session, Language::Python, "1 + 1"));
}

#[test]
fn agents_are_bounded_and_the_unknown_is_named() {
    let world = World::new();
    let mut session = world.session();
    let unknown = run(
        &mut session,
        Language::Python,
        "tars.agents.announce('a')\ntars.agents.message('b', 'hello')",
    );
    assert!(
        unknown
            .picture()
            .contains("no agent 'b' has announced itself; there are a"),
        "{}",
        unknown.picture()
    );
    let flood = run(
        &mut session,
        Language::JavaScript,
        "tars.agents.announce('a');\nfor (;;) tars.agents.message('a', 'x'.repeat(1 << 16));",
    );
    assert!(
        flood.picture().contains("wait to be read"),
        "{}",
        flood.picture()
    );
    fine(&run(
        &mut session,
        Language::JavaScript,
        "tars.agents.inbox('a').length",
    ));
    let strange = run(
        &mut session,
        Language::JavaScript,
        "tars.agents.announce('')",
    );
    assert!(
        strange.picture().contains("1 to 200 bytes"),
        "{}",
        strange.picture()
    );
}
