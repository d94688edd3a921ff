//! `${name}` in cells of every language: the value arrives as it is, whatever is in it.

use metascript_sandbox::{CellSource, Language, Session, Status, Value};

use crate::rust::ready;
use crate::support::{Run, run_cell, session};

/// What would break out of a literal of some language if it were pasted.
const HOSTILE: [&str; 6] = [
    "\"; import os; os.system('x') #",
    "'''\"\"\" ${other} #{x} {1} %d %s \\",
    "`${process.exit()}` // */ *) -- ",
    "line\nline\r\n\ttab \u{2028} \u{0} \u{7f}",
    "\\u0041\\x41\\n\\",
    "Gr\u{fc}\u{df}e \u{1f600} \u{5d0}\u{202e}",
];

fn languages() -> Vec<Language> {
    let mut languages = vec![
        Language::Python,
        Language::JavaScript,
        Language::TypeScript,
        Language::FSharp,
    ];
    if ready() {
        languages.push(Language::Rust);
    }
    languages
}

/// Defines `name` as an expression.
fn define(language: Language, name: &str, expression: &str) -> String {
    match language {
        Language::Python => format!("{name} = {expression}"),
        Language::JavaScript | Language::TypeScript => format!("var {name} = {expression};"),
        Language::FSharp => format!("let {name} = {expression}"),
        _ => format!("let {name} = {expression}.to_string();"),
    }
}

fn run(session: &mut Session, language: Language, code: &str) -> Run {
    run_cell(
        session,
        &CellSource::new(language, code).at("script.tars", 0),
    )
}

#[test]
fn a_hostile_text_stays_a_text() {
    for language in languages() {
        for text in HOSTILE {
            let mut session = session();
            let value = Value::Text(text.to_owned());
            session.set_variable("evil", value.clone()).unwrap();
            let code = [
                define(language, "bare", "${evil}"),
                define(language, "within", "\"<${evil}>\""),
            ]
            .join("\n");
            let ran = run(&mut session, language, &code);
            assert_eq!(
                ran.outcome.status,
                Status::Ok,
                "{language}\n{}",
                ran.picture()
            );
            assert_eq!(session.variable("bare").unwrap(), Some(value), "{language}");
            assert_eq!(
                session.variable("within").unwrap(),
                Some(Value::Text(format!("<{text}>"))),
                "{language}"
            );
        }
    }
}

#[test]
fn a_part_of_a_value_is_a_value() {
    for language in languages() {
        let mut session = session();
        run(
            &mut session,
            Language::Python,
            "place = {'city': 'Lyon', 'years': [1943, -5]}",
        );
        let code = [
            define(language, "city", "${place.city}"),
            define(language, "year", "${place.years[1]}"),
        ]
        .join("\n");
        let ran = run(&mut session, language, &code);
        assert_eq!(
            ran.outcome.status,
            Status::Ok,
            "{language}\n{}",
            ran.picture()
        );
        let city = session.variable("city").unwrap();
        assert_eq!(city, Some(Value::Text("Lyon".to_owned())), "{language}");
        let year = session.variable("year").unwrap();
        let wanted = if language == Language::Rust {
            Value::Text("-5".to_owned())
        } else {
            Value::Integer(-5)
        };
        assert_eq!(year, Some(wanted), "{language}");
    }
}

#[test]
fn a_list_is_the_variable_itself() {
    let mut session = session();
    run(&mut session, Language::JavaScript, "var numbers = [3, 4]");
    let ran = run(
        &mut session,
        Language::Python,
        "${numbers}.append(5)\nsum(${numbers})",
    );
    assert_eq!(ran.text(), "12");
    let ran = run(&mut session, Language::FSharp, "${numbers} |> List.max");
    assert_eq!(ran.text(), "5");
}

#[test]
fn what_does_not_fit_is_said_before_the_cell_begins() {
    let mut session = session();
    run(
        &mut session,
        Language::Python,
        "quote = 'a\"b'\nran = False",
    );
    let cell =
        CellSource::new(Language::Python, "ran = True\nx = r\"${quote}\"").at("script.tars", 7);
    let ran = run_cell(&mut session, &cell);
    insta::assert_snapshot!(ran.picture());
    assert_eq!(ran.error().line, Some(8));
    assert_eq!(
        session.variable("ran").unwrap(),
        Some(Value::Boolean(false))
    );
}

#[test]
fn a_name_that_no_variable_has_stays() {
    let mut session = session();
    assert_eq!(
        run(&mut session, Language::Python, "'${HOME} ${a + b}'").text(),
        "'${HOME} ${a + b}'"
    );
    let ran = run(
        &mut session,
        Language::JavaScript,
        "var own = 2; `${own} ${own + 1}`",
    );
    assert_eq!(ran.text(), "'2 3'");
}

#[test]
fn a_cell_can_ask_for_text() {
    let mut session = session();
    run(&mut session, Language::Python, "field = 'size'\nsizes = 7");
    let mut cell = CellSource::new(Language::Python, "${field}s + 1");
    cell.raw_interpolation = true;
    assert_eq!(run_cell(&mut session, &cell).text(), "8");
}

#[test]
fn a_rerun_takes_the_value_of_its_time() {
    let mut session = session();
    let cell = CellSource::new(Language::Python, "${factor} * 2");
    run(&mut session, Language::JavaScript, "var factor = 4");
    assert_eq!(run_cell(&mut session, &cell).text(), "8");
    run(&mut session, Language::JavaScript, "factor = 5");
    assert_eq!(run_cell(&mut session, &cell).text(), "10");
}
