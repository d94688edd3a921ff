use metascript_sandbox::{CellSource, Language, Session, Status, Value, rust_toolchain};

use crate::support::{assert_picture, fs, js, notebook, patient, py, rs, run_cell, session};

/// Whether there is a toolchain. Without one a cell says what to install; `cargo xtask runtimes rust` installs it.
pub(crate) fn ready() -> bool {
    let Err(missing) = rust_toolchain() else {
        return true;
    };
    let error = session()
        .evaluate(&CellSource::new(Language::Rust, "1 + 1"), &mut |_| {})
        .unwrap_err();
    assert_eq!(error.to_string(), missing.to_string());
    assert!(
        error
            .to_string()
            .contains("rustup target add wasm32-wasip1"),
        "{error}"
    );
    false
}

fn show(cells: &[&str]) -> String {
    notebook(Language::Rust, cells)
}

#[test]
fn rust_items_and_values_outlive_their_cell() {
    if !ready() {
        return;
    }
    assert_picture!(show(&[
        "use std::collections::BTreeMap;\n\n#[derive(Debug, Clone)]\nstruct Point { x: f64, y: f64 }\n\nimpl Point {\n    fn length(&self) -> f64 { self.x.hypot(self.y) }\n}\nlet scale = 2.0;\nlet (names, mut count) = (vec![\"a\", \"b\"], 1);",
        "let point = Point { x: 3.0 * scale, y: 4.0 * scale };\npoint.length()",
        "count += names.len() as i64;\ncount",
        "count",
        "names.push(\"c\".to_string());\nnames",
        "for name in names { println!(\"{name}\") }",
        "point.length()",
        "fn twice(n: i64) -> i64 { n * 2 }\nimpl Point { fn twice(&self) -> f64 { self.length() * 2.0 } }\ntwice(count)",
        "fn twice(n: i64) -> i64 { n * 20 }\n(twice(count), Point { x: 0.0, y: 1.0 }.twice())",
        "use std::collections::{BTreeMap, HashMap};\nlet mut map = BTreeMap::new();\nmap.insert(\"k\".to_string(), 1);\nmap",
        "map[\"k\"]",
        "macro_rules! three { () => { 3 } }\nthree!()",
        "three!() + 1;",
        "u64::MAX",
        "let number: i32 = \"12\".parse()?;\nnumber",
        "let number: i32 = \"x\".parse()?;",
        "display(metascript::html(\"<b>hi</b>\"));\nmetascript::md(\"*hi*\")",
    ]));
}

#[test]
fn rust_errors_count_lines_of_the_script() {
    if !ready() {
        return;
    }
    assert_picture!(show(&[
        "let a = 1;\n  let b: i32 = \"text\";",
        "fn f(n: i32) -> i32 {\n    n.missing()\n}",
        "let v: Vec<i32> = vec![1];\n\n    v[3]",
        "let x = ;",
        "let text = String::from(\"a\");\ndrop(text);\ntext.len()",
        "undefined_name",
        "let none: Option<i32> = None;\nnone.unwrap()",
        "fn bad(n: i64) -> i64 {\n    assert!(n > 5, \"too small: {n}\");\n    n\n}",
        "bad(1)",
        "std::process::exit(3)",
        "std::process::abort()",
        "unsafe { *(0xffff_fff0 as *mut u8) = 1 }",
        "1 / (std::env::args().count() as i32)",
        "255u8 + std::env::args().count() as u8 + 1",
    ]));
}

#[test]
fn variables_have_types() {
    if !ready() {
        return;
    }
    let mut session = session();
    py(
        &mut session,
        "import datetime, metascript\nwhole = 3\nhuge = 2**80\nreal = 1.0\nword = 'é'\nraw = b'\\x00\\xff'\nwhen = datetime.date(2026, 1, 31)\nrows = [1, 2]\nmixed = [1, 'a']\nplace = {'b': 1, 'a': {'deep': [True]}}\nnothing = None\ntable = metascript.Table({'n': [1, 2], 's': ['x', 'y']})",
    );
    let run = rs(
        &mut session,
        "fn kind<T>(_: &T) -> &'static str { std::any::type_name::<T>() }\n\
         [kind(&whole), kind(&huge), kind(&real), kind(&word), kind(&raw), kind(&when), kind(&rows), kind(&mixed), kind(&place), kind(&nothing), kind(&table)]\n    .map(|name| name.rsplit(\"::\").next().unwrap()).join(\" \")",
    );
    assert_eq!(
        run.text(),
        "\"i64 BigInt f64 String Vec<u8> DateTime Vec<i64> Value> Map Value Table\""
    );
    let run = rs(
        &mut session,
        "let whole_sum: i64 = rows.iter().sum();\nlet deep = place[\"a\"][\"deep\"][0].clone();\nlet big: i128 = (&huge).try_into()?;\nlet n = table.column(\"n\").unwrap().len();\nmetascript::set(\"by_name\", &vec![1.5, 2.0])?;\nlet got: Vec<f64> = metascript::get(\"by_name\")?;\n(whole_sum, deep, big + 1, n, when.year(), got)",
    );
    assert_eq!(
        run.text(),
        "(3, true, 1208925819614629174706177, 2, 2026, [1.5, 2.0])"
    );
    assert_eq!(
        py(&mut session, "by_name, big, whole_sum").text(),
        "([1.5, 2.0], 1208925819614629174706176, 3)"
    );
    assert_eq!(
        js(&mut session, "[typeof big, whole_sum].join()").text(),
        "'bigint,3'"
    );
    assert_eq!(fs(&mut session, "whole_sum + 1").text(), "4");
}

#[test]
fn what_another_language_changes_is_seen() {
    if !ready() {
        return;
    }
    let mut session = session();
    rs(&mut session, "let list = vec![1, 2];");
    py(
        &mut session,
        "import metascript\nlist_copy = None\nmetascript.set('list', [1, 2, 3])",
    );
    assert_eq!(rs(&mut session, "list.len()").text(), "3");
    let cell =
        CellSource::new(Language::Rust, "list.iter().sum::<i64>()").with_result_variable("total");
    run_cell(&mut session, &cell);
    assert_eq!(session.variable("total").unwrap(), Some(Value::Integer(6)));
    assert_eq!(py(&mut session, "_last_result").text(), "6");
    session.restart();
    assert_eq!(rs(&mut session, "list").error().name, "E0425");
}

#[test]
fn streams_clocks_and_chance() {
    if !ready() {
        return;
    }
    let mut session = session();
    let run = rs(
        &mut session,
        "use std::time::{Duration, Instant, SystemTime};\nuse std::io::Read;\nlet begun = Instant::now();\nprint!(\"a\");\neprintln!(\"b\");\nstd::thread::sleep(Duration::from_millis(20));\n\
         let mut input = String::new();\nstd::io::stdin().read_to_string(&mut input)?;\n\
         (begun.elapsed() >= Duration::from_millis(20), SystemTime::now() > SystemTime::UNIX_EPOCH, input)",
    );
    assert_eq!(run.text(), "(true, true, \"\")");
    assert_eq!(
        (run.stdout(), run.stderr()),
        ("a".to_owned(), "b\n".to_owned())
    );
    let chance = "use std::hash::{BuildHasher, RandomState};\nRandomState::new().hash_one(1)";
    let first = rs(&mut session, chance).text().to_owned();
    assert_ne!(first, rs(&mut session, chance).text());
}

#[test]
fn a_cell_that_ran_before_is_not_compiled_again() {
    if !ready() {
        return;
    }
    let mut session = session();
    let code = format!(
        "// {:?}\nlet data: Vec<i64> = metascript::get(\"data\")?;\ndata.len()",
        std::time::SystemTime::now()
    );
    session.set_variable("data", Value::List(vec![])).unwrap();
    let compiled = |session: &mut Session| {
        let begun = std::time::Instant::now();
        let text = rs(session, &code).text().to_owned();
        (text, begun.elapsed())
    };
    let (text, _) = compiled(&mut session);
    assert_eq!(text, "0");
    session
        .set_variable("data", Value::List(vec![Value::Integer(1)]))
        .unwrap();
    assert_eq!(compiled(&mut session).0, "1");
}

#[test]
fn limits_hold() {
    if !ready() {
        return;
    }
    let mut session = session();
    rs(&mut session, "let kept = 1;");
    session.set_limits(metascript_sandbox::Limits {
        wall_time: std::time::Duration::from_secs(3),
        ..patient()
    });
    assert_eq!(rs(&mut session, "loop {}").outcome.status, Status::TimedOut);
    session.set_limits(patient());
    assert_eq!(rs(&mut session, "kept").text(), "1");
    let handle = session.interrupt_handle();
    let mut run = None;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_secs(2));
            handle.interrupt();
        });
        run = Some(rs(
            &mut session,
            "loop { std::thread::sleep(std::time::Duration::from_millis(5)) }",
        ));
    });
    assert_eq!(run.unwrap().outcome.status, Status::Interrupted);
    assert_eq!(rs(&mut session, "kept").text(), "1");
}

#[test]
fn a_deterministic_run_repeats() {
    if !ready() {
        return;
    }
    let run = || {
        let mut session =
            crate::support::engine().session_with(metascript_sandbox::SessionOptions {
                policy: metascript_sandbox::Policy {
                    limits: patient(),
                    ..metascript_sandbox::Policy::strict()
                },
                seed: Some(7),
                ..Default::default()
            });
        rs(
            &mut session,
            "use std::hash::{BuildHasher, RandomState};\n(RandomState::new().hash_one(1), metascript::DateTime::now())",
        )
        .text()
        .to_owned()
    };
    assert_eq!(run(), run());
}

#[test]
fn the_runtime_says_what_it_is() {
    if !ready() {
        return;
    }
    let about = session().about(Language::Rust).unwrap();
    assert_eq!(about.implementation, "rustc");
    assert!(about.version.starts_with("1."), "{}", about.version);
}

#[test]
fn typed_variables_come_back_as_they_went() {
    if !ready() {
        return;
    }
    let mut session = session();
    py(
        &mut session,
        "import datetime, metascript\ntable = metascript.Table({'id': [1, 2**70], 'price': [1.0, 2.5]})\nhuge = -2**90\nday = datetime.date(2026, 1, 31)\nplace = {'z': {'deep': [1, 'a', None, b'\\x00']}, 'a': 1.0}",
    );
    rs(
        &mut session,
        "let (back_table, back_huge, back_day, back_place) = (table, huge, day, place);",
    );
    for name in ["table", "huge", "day", "place"] {
        let went = session.variable(name).unwrap().unwrap();
        let came = session.variable(&format!("back_{name}")).unwrap().unwrap();
        assert!(came.is_identical(&went), "{name}: {came:?}");
    }
}
