use metascript_sandbox::Language;

use crate::support::{assert_picture, js, notebook, session};

fn show(cells: &[&str]) -> String {
    notebook(Language::JavaScript, cells)
}

#[test]
fn declarations_outlive_their_cell() {
    assert_picture!(show(&[
        "let a = 1, b;\nconst { c, d: [e = 5], ...rest } = { c: 3, d: [], f: 6 };",
        "[a, b, c, e, rest]",
        "class Point { constructor(x) { this.x = x } get double() { return this.x * 2 } }\nfunction twice(n) { return n * 2 }\nvar v = 9",
        "new Point(twice(v)).double",
        "const a = 'again'",
        "a",
        "a = 7\nlet q = 2",
        "a + q",
        "export const z = 3\nexport default twice",
        "z",
        "if (true) { let inner = 1; var outer = 2 }",
        "typeof inner + outer",
        "{ x: 1, y: [2] }",
        "undefinedName",
    ]));
}

#[test]
fn promises_and_timers_are_awaited() {
    assert_picture!(show(&[
        "const later = (ms, v) => new Promise((resolve) => setTimeout(() => resolve(v), ms));\nawait later(1, 'done')",
        "later(1, 'a promise as the last expression is awaited too')",
        "const both = await Promise.all([later(2, 1), later(1, 2)]);\nfor (var i = 0; i < 2; i++) await null;\nboth",
        "i",
        "Promise.resolve().then(() => console.log('a job that nobody awaits')); 1",
        "setTimeout(() => console.log('timer'), 1); console.log('before')",
        "let n = 0; const h = setInterval(() => { console.log('tick', ++n); if (n === 3) clearInterval(h) }, 1)",
        "await Promise.reject(new RangeError('no'))",
        "setTimeout(() => { throw new Error('in a timer') }, 1)",
        "await new Promise(() => {})",
        "for await (const x of (async function* () { yield 1; yield 2 })()) console.log(x)",
        "import { get } from 'metascript'; typeof get",
        "await import('fs')",
    ]));
}

#[test]
fn errors_count_lines_of_the_script() {
    assert_picture!(show(&[
        "function outer(n) {\n  return inner(n);\n}\nfunction inner(n) {\n  return n.missing.field;\n}",
        "outer({})",
        "let x = ;",
        "const s = `a\nb`;\nnull.f",
        "throw 'a text'",
        "throw new TypeError('outer', { cause: new Error('inner') })",
        "await (async () => { await null; throw new Error('late') })()",
        "class E extends Error {}\nthrow new E('own class')",
    ]));
    let mut session = session();
    let error = js(&mut session, "let y = 1;\nlet z = y.a.b;")
        .error()
        .clone();
    assert_eq!((error.name.as_str(), error.line), ("TypeError", Some(11)));
    let error = js(&mut session, "1;\nlet = = 3").error().clone();
    assert_eq!(
        (error.name.as_str(), error.line, error.column),
        ("SyntaxError", Some(11), Some(6))
    );
}

#[test]
fn values_look_as_in_node() {
    assert_picture!(show(&[
        "'text'",
        "[1, 'a', null, undefined, -0, 10n, Symbol('s')]",
        "({ a: { b: { c: { d: 1 } } }, 'odd key': [[[[1]]]], f() {}, g: class K {}, get h() { return 1 } })",
        "new Map([['k', new Set([1])]])",
        "const o = { n: 1 }; o.self = o; o",
        "Array.from({ length: 120 }, (_, i) => i).length > 100 && Array(3)",
        "new Date(0)",
        "/x/g",
        "new Uint8Array([1, 2])",
        "console.log('%s is %d', 'x', 4, { a: 1 }); console.error('bad'); console.table([{ a: 1, b: 'x' }, { a: 2 }])",
        "console.group('g'); console.log('in\\nside'); console.groupEnd(); console.assert(1 > 2, 'sums'); console.count(); console.count()",
        "display(metascript.html`<b>${1 + 1}</b>`)",
        "new metascript.Table({ name: ['Ada', 'Alan'], born: [1815, 1912] })",
        "btoa('hé') + atob('aGk=') + new TextDecoder().decode(new TextEncoder().encode('é€😀'))",
        "structuredClone({ a: [new Date(0)], m: new Map([[1, 2]]) })",
    ]));
}

#[test]
fn random_numbers_differ_between_sessions() {
    let draw = || {
        js(
            &mut session(),
            "[Math.random(), crypto.randomUUID()].join()",
        )
        .text()
        .to_owned()
    };
    assert_ne!(draw(), draw());
}

#[test]
fn completion_and_explanation_use_the_live_state() {
    let mut session = session();
    js(
        &mut session,
        "const greeting = 'hi'; function greet(name, loud = false) { return name }",
    );
    let labels = |before: &str, session: &mut metascript_sandbox::Session| -> Vec<String> {
        session
            .complete(Language::JavaScript, before, "")
            .unwrap()
            .into_iter()
            .map(|one| one.label)
            .collect()
    };
    assert_eq!(labels("gre", &mut session), ["greeting", "greet"]);
    assert_eq!(labels("Math.sqr", &mut session), ["sqrt"]);
    assert_eq!(labels("greeting.toUpp", &mut session), ["toUpperCase"]);
    let found = session
        .inspect(Language::JavaScript, "gree", "t('x')")
        .unwrap()
        .unwrap();
    assert_eq!(found.title, "greet(name, loud = false)");
}

#[test]
fn typescript_is_javascript_without_its_types() {
    assert_picture!(notebook(
        Language::TypeScript,
        &[
            "interface Person { name: string; born?: number }\ntype Id = string | number;\nlet ada: Person = { name: 'Ada' };\nfunction first<T>(items: T[]): T { return items[0]!; }\nfirst<Person>([ada]).name as string",
            "enum Color { Red, Green = 5 }\nclass Box<T> { constructor(public readonly held: T) {} }\nnew Box(Color.Green).held",
            "const o = { a: 1 } satisfies Record<string, number>;\nabstract class Shape { abstract area(): number }\no.a",
            "const later = async <T,>(v: T): Promise<T> => v;\nawait later(3)",
            "let bad: = 3",
            "function fails(x: number): never {\n  throw new Error(`got ${x}`);\n}\nfails(1)",
            "namespace N { export const a = 1 }",
        ]
    ));
    let mut session = session();
    js(&mut session, "let base = 40");
    assert_eq!(
        crate::support::run(
            &mut session,
            Language::TypeScript,
            "const sum: number = base + 2; sum"
        )
        .text(),
        "42"
    );
    assert_eq!(js(&mut session, "sum").text(), "42");
}
