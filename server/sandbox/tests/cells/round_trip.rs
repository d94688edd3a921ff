//! Any value goes through every language and comes back the same, bit for bit.

use std::cell::RefCell;

use metascript_sandbox::{CellSource, Language, Session, Table, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::rust::ready;
use crate::support::{js, py, run_cell, session};

fn date_time() -> impl Strategy<Value = Value> {
    let fraction = prop_oneof![Just(String::new()), "[.][0-9]{1,9}"];
    let offset = prop_oneof![Just(""), Just("Z"), Just("+02:00"), Just("-11:30")];
    let time = prop_oneof![
        1 => Just(String::new()),
        4 => (0..24u32, 0..60u32, 0..60u32, fraction, offset)
            .prop_map(|(h, m, s, fraction, offset)| format!("T{h:02}:{m:02}:{s:02}{fraction}{offset}")),
    ];
    (0..=9999u32, 1..=12u32, 1..=28u32, time).prop_map(|(y, m, d, time)| {
        Value::date_time(&format!("{y:04}-{m:02}-{d:02}{time}")).unwrap()
    })
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Integer),
        (-5i64..5).prop_map(Value::Integer),
        Just(Value::Integer((1 << 53) - 1)),
        Just(Value::Integer(1 << 53)),
        "-?[1-9][0-9]{18,400}".prop_map(|digits| Value::integer(&digits).unwrap()),
        any::<f64>().prop_map(Value::Float),
        (-5i32..5).prop_map(|whole| Value::Float(f64::from(whole))),
        prop_oneof![Just(-0.0), Just(f64::NAN), Just(f64::INFINITY), Just(1e300)]
            .prop_map(Value::Float),
    ]
}

/// Keys that have a meaning of their own somewhere.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,4}",
        2 => any::<String>(),
        1 => "[0-9]{1,3}",
        1 => prop_oneof![Just("__proto__"), Just("constructor"), Just("length"), Just("toJSON"), Just("")].prop_map(str::to_owned),
    ]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        number(),
        any::<String>().prop_map(Value::Text),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        date_time(),
    ]
}

fn named<T>(entries: Vec<(String, T)>) -> Vec<(String, T)> {
    let mut seen = std::collections::HashSet::new();
    entries
        .into_iter()
        .filter(|(key, _)| seen.insert(key.clone()))
        .collect()
}

fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            proptest::collection::vec((key(), inner.clone()), 0..6)
                .prop_map(|entries| Value::Map(named(entries))),
            (0..4usize).prop_flat_map(move |rows| {
                proptest::collection::vec(
                    (key(), proptest::collection::vec(inner.clone(), rows)),
                    0..4,
                )
                .prop_map(|columns| Value::Table(Table::new(named(columns)).unwrap()))
            }),
        ]
    })
}

/// A number that stands alone has no container to remember its type, so in JavaScript `1.0` alone is an integer.
fn is_whole_float(value: &Value) -> bool {
    matches!(value, Value::Float(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 && !(*number == 0.0 && number.is_sign_negative()))
}

fn through(session: &mut Session, value: &Value) -> Value {
    session.set_variable("start", value.clone()).unwrap();
    let copy = |session: &mut Session, language, code: &str| {
        let run = run_cell(session, &CellSource::new(language, code));
        assert!(
            run.events
                .iter()
                .all(|event| !matches!(event, metascript_sandbox::Event::Error(_))),
            "{}",
            run.picture()
        );
    };
    // Each cell makes the value its language's own; none hands on what it got without touching it.
    copy(session, Language::Python, "in_python = start");
    copy(
        session,
        Language::JavaScript,
        "var in_javascript = in_python",
    );
    copy(
        session,
        Language::TypeScript,
        "const in_typescript: any = in_javascript",
    );
    copy(session, Language::FSharp, "let in_fsharp = in_typescript");
    if ready() {
        // By name, and the names in pieces: the value travels as data, so that one compiled cell serves every case.
        copy(
            session,
            Language::Rust,
            "metascript::set(concat!(\"in_\", \"rust\"), &metascript::get::<Value>(concat!(\"in_\", \"fsharp\"))?)?;",
        );
        copy(session, Language::Python, "back = in_rust");
    } else {
        copy(session, Language::Python, "back = in_fsharp");
    }
    session.variable("back").unwrap().unwrap()
}

#[test]
fn a_value_comes_back_from_every_language_as_it_went() {
    let session = RefCell::new(session());
    TestRunner::new(Config {
        // Each case is compiled by the F# compiler, which takes most of the time.
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    })
    .run(&value(), |value| {
        prop_assume!(!is_whole_float(&value));
        let back = through(&mut session.borrow_mut(), &value);
        prop_assert!(back.is_identical(&value), "came back as {back:?}");
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_large_table_comes_back_as_it_went() {
    let column = |make: fn(i64) -> Value| (0..2000).map(make).collect::<Vec<_>>();
    let table = Value::Table(
        Table::new(vec![
            ("id".to_owned(), column(Value::Integer)),
            ("price".to_owned(), column(|n| Value::Float(n as f64))),
            (
                "name".to_owned(),
                column(|n| Value::Text(format!("row {n}"))),
            ),
            (
                "big".to_owned(),
                column(|n| Value::integer(&format!("9{n:030}")).unwrap()),
            ),
            (
                "day".to_owned(),
                column(|n| Value::date_time(&format!("2026-01-{:02}", n % 28 + 1)).unwrap()),
            ),
        ])
        .unwrap(),
    );
    assert!(through(&mut session(), &table).is_identical(&table));
}

#[test]
fn each_language_sees_its_own_types() {
    let mut session = session();
    session
        .set_variable(
            "big",
            Value::integer("123456789012345678901234567890").unwrap(),
        )
        .unwrap();
    session
        .set_variable(
            "moment",
            Value::date_time("2026-01-31T12:30:00.5Z").unwrap(),
        )
        .unwrap();
    session
        .set_variable("bytes_", Value::Bytes(vec![1, 2]))
        .unwrap();
    session
        .set_variable(
            "ordered",
            Value::Map(vec![
                ("2".to_owned(), Value::Null),
                ("1".to_owned(), Value::Null),
            ]),
        )
        .unwrap();
    assert_eq!(
        py(
            &mut session,
            "type(big).__name__, moment.isoformat(), bytes_, list(ordered)"
        )
        .text(),
        "('int', '2026-01-31T12:30:00.500000+00:00', b'\\x01\\x02', ['2', '1'])"
    );
    assert_eq!(
        js(&mut session, "[typeof big, moment instanceof Date, bytes_ instanceof Uint8Array, ordered instanceof Map].join()").text(),
        "'bigint,true,true,true'"
    );
    assert_eq!(
        js(
            &mut session,
            "metascript.set('one', metascript.float(1)); 1"
        )
        .text(),
        "1"
    );
    assert_eq!(py(&mut session, "one").text(), "1.0");
}
