use metascript_sandbox::{CellSource, Language, Table, Value};

use crate::support::{js, py, run_cell, session};

#[test]
fn a_name_of_one_language_is_a_name_of_the_other() {
    let mut session = session();
    py(
        &mut session,
        "people = [{'name': 'Ada', 'born': 1815}, {'name': 'Alan', 'born': 1912}]\nlimit = 1900",
    );
    assert_eq!(
        js(
            &mut session,
            "people.filter((p) => p.born < limit).map((p) => p.name)"
        )
        .text(),
        "[ 'Ada' ]"
    );
    js(&mut session, "const names = people.map((p) => p.name)");
    assert_eq!(py(&mut session, "names").text(), "['Ada', 'Alan']");
    py(&mut session, "limit = 2000");
    assert_eq!(js(&mut session, "limit").text(), "2000");
    js(&mut session, "limit = 7");
    assert_eq!(py(&mut session, "limit").text(), "7");
}

#[test]
fn a_change_in_place_is_seen() {
    let mut session = session();
    py(&mut session, "xs = [1]");
    js(&mut session, "xs.push(2)");
    assert_eq!(py(&mut session, "xs").text(), "[1, 2]");
    py(&mut session, "def grow(): xs.append(3)\ngrow()");
    py(&mut session, "grow()");
    assert_eq!(js(&mut session, "xs.length").text(), "4");
}

#[test]
fn a_function_reads_the_newest_value() {
    let mut session = session();
    js(
        &mut session,
        "let rate = 1; function price(n) { return n * rate }",
    );
    py(&mut session, "rate = 3");
    assert_eq!(js(&mut session, "price(5)").text(), "15");
}

#[test]
fn get_and_set_by_text() {
    let mut session = session();
    py(
        &mut session,
        "import metascript\nmetascript.set('total', 10)\nhidden = {'a': 1}",
    );
    assert_eq!(
        js(
            &mut session,
            "metascript.get('to' + 'tal') + metascript.get('hid' + 'den').a"
        )
        .text(),
        "11"
    );
    assert_eq!(
        js(
            &mut session,
            "metascript.set('total', 12); metascript.get('total')"
        )
        .text(),
        "12"
    );
    assert_eq!(py(&mut session, "total").text(), "12");
    assert_eq!(
        py(&mut session, "own = 5\nmetascript.get('own')").text(),
        "5"
    );
    assert_eq!(
        js(&mut session, "metascript.get('nothing', 'else')").text(),
        "'else'"
    );
    assert_eq!(
        py(&mut session, "metascript.get('nothing')")
            .error()
            .message,
        "no variable 'nothing' in this session"
    );
    assert_eq!(
        py(&mut session, "metascript.set('a b', 1)").error().message,
        "'a b' is no name for a variable"
    );
}

#[test]
fn what_cannot_be_shared_says_why() {
    let mut session = session();
    py(
        &mut session,
        "tags = {1, 2}\nimport decimal\nprice = decimal.Decimal('1.10')",
    );
    assert_eq!(
        js(&mut session, "tags").error().message,
        "tags is not defined ('tags' exists in another language, but cannot be shared: set has no counterpart in other languages: a set has no order; share sorted(x) or list(x))"
    );
    assert_eq!(
        py(
            &mut session,
            "import metascript\nmetascript.set('f', lambda: 1)"
        )
        .error()
        .message,
        "'f' cannot be shared: function has no counterpart in other languages: functions stay in their language"
    );
    assert_eq!(
        js(&mut session, "metascript.set('u', [undefined])")
            .error()
            .message,
        "'u' cannot be shared: undefined has no counterpart in other languages; share null"
    );
    let loops = js(
        &mut session,
        "const l = []; l.push(l); metascript.set('l', l)",
    );
    assert_eq!(
        loops.error().message,
        "'l' cannot be shared: the value contains itself"
    );
}

#[test]
fn a_shared_name_does_not_hide_a_part_of_the_language() {
    let mut session = session();
    py(
        &mut session,
        "console = 1\nObject = 2\nJSON = 3\nundefined = 4",
    );
    assert_eq!(
        js(
            &mut session,
            "[typeof console, typeof Object, JSON.stringify([1]), undefined].join()"
        )
        .text(),
        "'object,function,[1],'"
    );
    js(&mut session, "var print = 1, list = 2, len = 3");
    assert_eq!(
        py(&mut session, "list(range(len('abc')))").text(),
        "[0, 1, 2]"
    );
}

#[test]
fn the_host_sets_and_reads_variables() {
    let mut session = session();
    let table = Value::Table(
        Table::new(vec![(
            "n".to_owned(),
            vec![Value::Integer(1), Value::Integer(2)],
        )])
        .unwrap(),
    );
    session.set_variable("rows", table.clone()).unwrap();
    session
        .set_variable("greeting", Value::Text("hé".to_owned()))
        .unwrap();
    assert_eq!(
        py(&mut session, "greeting, rows['n'], len(rows)").text(),
        "('hé', [1, 2], 2)"
    );
    assert_eq!(js(&mut session, "greeting + rows.length").text(), "'hé2'");
    assert_eq!(session.variable("rows").unwrap(), Some(table));
    py(&mut session, "answer = {'x': [1, 2.5, None, True]}");
    let answer = Value::Map(vec![(
        "x".to_owned(),
        Value::List(vec![
            Value::Integer(1),
            Value::Float(2.5),
            Value::Null,
            Value::Boolean(true),
        ]),
    )]);
    assert_eq!(session.variable("answer").unwrap(), Some(answer));
    assert_eq!(session.variable("nothing").unwrap(), None);
    let listed: Vec<_> = session
        .variables()
        .unwrap()
        .into_iter()
        .map(|variable| {
            format!(
                "{} {:?} {} {}",
                variable.name,
                variable.language.map(Language::as_str),
                variable.type_name,
                variable.preview
            )
        })
        .collect();
    insta::assert_snapshot!(listed.join("\n"), @r#"
    answer Some("python") dict {'x': [1, 2.5, None, True]}
    greeting None text hé
    rows None table 2 rows of 1 columns
    "#);
}

#[test]
fn the_last_result_goes_on() {
    let mut session = session();
    py(&mut session, "6 * 7");
    assert_eq!(js(&mut session, "_last_result + 1").text(), "43");
    assert_eq!(py(&mut session, "_last_result + 1").text(), "44");
    let named = CellSource::new(Language::Python, "[1, 2]").with_result_variable("pair");
    run_cell(&mut session, &named);
    assert_eq!(js(&mut session, "pair.length").text(), "2");
    let unfit = CellSource::new(Language::Python, "{1}").with_result_variable("pair");
    assert!(
        run_cell(&mut session, &unfit)
            .stderr()
            .starts_with("'pair' did not take the result: set has no counterpart")
    );
}
