#![allow(clippy::unwrap_used)]

use super::*;

fn value(name: &str) -> Option<Value> {
    Some(match name {
        "n" => Value::Integer(-5),
        "big" => Value::integer("12345678901234567890").unwrap(),
        "real" => Value::Float(1.0),
        "flag" => Value::Boolean(true),
        "word" => Value::Text("it's".to_owned()),
        "evil" => {
            Value::Text("\"'; os.system('x')\n\\ {1} %d `${n}` \"\"\" */ \u{2028}".to_owned())
        }
        "place" => Value::Map(vec![(
            "a".to_owned(),
            Value::List(vec![Value::Text("deep".to_owned())]),
        )]),
        "list" => Value::List(vec![Value::Integer(1)]),
        "nothing" => Value::Null,
        _ => return None,
    })
}

fn filled(language: Language, code: &str) -> String {
    let cell = CellSource::new(language, code);
    match fill(&cell, &holes(&cell), value) {
        Ok(code) => code,
        Err(misfit) => format!("refused at {}: {}", misfit.at, misfit.message),
    }
}

#[test]
fn code_gets_literals() {
    for (language, code, wanted) in [
        (Language::Python, "x = ${n}", "x = (-5)"),
        (
            Language::Python,
            "x = [${flag}, ${nothing}, ${real}]",
            "x = [True, None, 1.0]",
        ),
        (Language::Python, "f(${word})", "f(\"it\\'s\")"),
        (Language::Python, "len(${list})", "len(list)"),
        (Language::Python, "${place.a[0]}", "\"deep\""),
        (Language::Python, "${place.a.length}", "1"),
        (
            Language::JavaScript,
            "let x = ${big}",
            "let x = 12345678901234567890n",
        ),
        (
            Language::TypeScript,
            "let x: boolean = ${flag}",
            "let x: boolean = true",
        ),
        (Language::FSharp, "let x = ${real}", "let x = 1.0"),
        (Language::Rust, "let x = ${n};", "let x = (-5);"),
        (
            Language::Rust,
            "let x = ${nothing};",
            "let x = ::metascript::Value::Null;",
        ),
        (Language::Python, "x = ${unknown}", "x = ${unknown}"),
        (Language::Python, "x = ${n + 1}", "x = ${n + 1}"),
        (
            Language::Python,
            "x = ${place.b}",
            "refused at 4: `${place.b}`: 'place' has no such part",
        ),
    ] {
        assert_eq!(filled(language, code), wanted, "{language}: {code}");
    }
    assert!(filled(Language::Python, "name${n} = 1").starts_with("refused at 4"));
    assert!(filled(Language::Python, "x = ${place.a}").contains("list within another value"));
}

#[test]
fn a_string_gets_escaped_text() {
    for (language, code, wanted) in [
        (Language::Python, "'a ${word}'", "'a it\\'s'"),
        (Language::Python, "'''a ${word}'''", "'''a it\\'s'''"),
        (Language::Python, "'${n} ${flag}'", "'-5 true'"),
        (Language::Python, "'${list}'", "'[1]'"),
        (Language::JavaScript, "'a ${word}'", "'a it\\'s'"),
        (Language::FSharp, "\"a ${word}\"", "\"a it\\'s\""),
        (
            Language::Rust,
            "let a = \"a ${word}\";",
            "let a = \"a it\\'s\";",
        ),
        (Language::Python, "'\\${word}'", "'\\${word}'"),
        (Language::Python, "'\\1${n}'", "'\\1-5'"),
        (Language::Python, "'\\1${real}'", "'\\1\\u0031'"),
    ] {
        assert_eq!(filled(language, code), wanted, "{language}: {code}");
    }
}

#[test]
fn what_is_the_languages_own_stays() {
    for (language, code) in [
        (Language::JavaScript, "`a ${n} ${`b ${n}`}`"),
        (Language::TypeScript, "`${n}`"),
        (Language::JavaScript, "/a${n}/.test(x)"),
        (Language::Python, "f'{x} ${n}'"),
        (Language::Python, "f'{d['k']} ${n}'"),
        (Language::FSharp, "$\"{x} ${n}\""),
        (Language::FSharp, "$\"\"\"${n}\"\"\""),
        (Language::Rust, "println!(\"${n}\")"),
        (Language::Rust, "write!(f, \"${n}\")?"),
        (Language::Python, "# ${n}"),
        (Language::JavaScript, "// ${n}\n/* ${n} */"),
        (Language::FSharp, "// ${n}\n(* ${n} (* ${n} *) ${n} *)"),
        (Language::Rust, "// ${n}\n/* /* */ ${n} */"),
    ] {
        assert_eq!(filled(language, code), code, "{language}: {code}");
    }
}

#[test]
fn texts_end_where_they_end() {
    for (language, code, wanted) in [
        (Language::Python, "'\\'' + ${n}", "'\\'' + (-5)"),
        (Language::Python, "r'\\' ; ${n}'", "r'\\' ; -5'"),
        (
            Language::Python,
            "\"\"\"a\"b\"\"\" + ${n}",
            "\"\"\"a\"b\"\"\" + (-5)",
        ),
        (
            Language::Python,
            "f'{'a' + \"b\"}' + ${n}",
            "f'{'a' + \"b\"}' + (-5)",
        ),
        (Language::JavaScript, "a / b / ${n}", "a / b / (-5)"),
        (
            Language::JavaScript,
            "/['\"`]/.test(a) + ${n}",
            "/['\"`]/.test(a) + (-5)",
        ),
        (Language::JavaScript, "`${`'`}` + ${n}", "`${`'`}` + (-5)"),
        (Language::FSharp, "'\"' , ${n}", "'\"' , (-5)"),
        (
            Language::FSharp,
            "let f (x: 'a) = ${n}",
            "let f (x: 'a) = (-5)",
        ),
        (
            Language::FSharp,
            "@\"a\"\"b\" + \"${n}\"",
            "@\"a\"\"b\" + \"-5\"",
        ),
        (
            Language::FSharp,
            "printfn \"%d ${evil_two}\" 1",
            "printfn \"%d ${evil_two}\" 1",
        ),
        (Language::Rust, "let c = '\"'; ${n}", "let c = '\"'; (-5)"),
        (
            Language::Rust,
            "fn f<'a>(x: &'a str) { ${n} }",
            "fn f<'a>(x: &'a str) { (-5) }",
        ),
        (Language::Rust, "r#\"a\" b\"# ; ${n}", "r#\"a\" b\"# ; (-5)"),
    ] {
        assert_eq!(filled(language, code), wanted, "{language}: {code}");
    }
}

#[test]
fn a_hostile_value_stays_within_its_text() {
    // The text after the value must still be outside of the literal: the same lexer finds it there.
    for (language, code) in [
        (Language::Python, "a = '${evil}' ; b"),
        (Language::Python, "a = \"${evil}\" ; b"),
        (Language::Python, "a = '''${evil}''' ; b"),
        (Language::Python, "a = b'${evil}' ; b"),
        (Language::Python, "a = ${evil} ; b"),
        (Language::JavaScript, "a = '${evil}' ; b"),
        (Language::TypeScript, "a = ${evil} ; b"),
        (Language::FSharp, "let a = \"${evil}\" ; b"),
        (Language::FSharp, "let a = @\"${evil}\" ; b"),
        (Language::Rust, "let a = \"${evil}\" ; b"),
        (Language::Rust, "let a = b\"${evil}\" ; b"),
        (Language::Rust, "let a = ${evil} ; b"),
    ] {
        let text = filled(language, code);
        let spans = lexer::open_spans(language, &text);
        let (last, within) = spans.last().unwrap();
        assert_eq!(
            (text.get(last.clone()), within),
            (Some(" ; b"), &None),
            "{language}: {text}"
        );
    }
    assert_eq!(
        filled(Language::FSharp, "sprintf \"%d ${evil}\" 1")
            .matches("%%d")
            .count(),
        1
    );
    for (language, code) in [
        (Language::Python, "r'${evil}'"),
        (Language::FSharp, "\"\"\"${evil}\"\"\""),
        (Language::Rust, "let a = r#\"${evil}\"#;"),
    ] {
        assert!(filled(language, code).starts_with("refused"), "{code}");
    }
}

#[test]
fn a_cell_of_openings_is_read_in_one_pass() {
    let many = "${".repeat(500_000);
    for code in [format!("{many}}}"), format!("'{many}}}'"), many] {
        assert_eq!(filled(Language::Python, &code), code);
    }
}

#[test]
fn raw_text_is_pasted_where_the_block_asks_for_it() {
    let mut cell = CellSource::new(Language::Python, "x${n} = '${word}' # ${flag}");
    cell.raw_interpolation = true;
    assert_eq!(
        fill(&cell, &holes(&cell), value).unwrap(),
        "x-5 = 'it's' # true"
    );
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_out_of_a_literal(text in proptest::prelude::any::<String>(), at in 0..8usize) {
        let (language, before, after) = [
            (Language::Python, "a = '", "' ; b"),
            (Language::Python, "a = \"\"\"\\x4", "\"\"\" ; b"),
            (Language::Python, "a = r'", "' ; b"),
            (Language::JavaScript, "a = \"\\u{4", "\" ; b"),
            (Language::JavaScript, "a = '", "' ; b"),
            (Language::FSharp, "let a = @\"", "\" ; b"),
            (Language::FSharp, "let a = \"\"\"", "\"\"\" ; b"),
            (Language::Rust, "let a = \"", "\" ; b"),
        ][at];
        let cell = CellSource::new(language, format!("{before}${{text}}{after}"));
        if let Ok(filled) = fill(&cell, &holes(&cell), |_| Some(Value::Text(text.clone()))) {
            let spans = lexer::open_spans(language, &filled);
            proptest::prop_assert_eq!(filled.get(spans.last().unwrap().0.clone()), Some(" ; b"));
        }
    }
}
