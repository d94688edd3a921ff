#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use metascript_syntax::Language;
use smol_str::SmolStr;

use super::names_of;

fn picture(language: &Language, code: &str) -> String {
    let names = names_of(language, code);
    let mut defines: Vec<&str> = names
        .defines
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let mut uses: Vec<&str> = names.uses.iter().map(|(name, _)| name.as_str()).collect();
    defines.dedup();
    uses.sort_unstable();
    uses.dedup();
    for (name, span) in names.defines.iter().chain(&names.uses) {
        assert_eq!(&code[span.range()], name.as_str());
    }
    format!("{} | {}", defines.join(" "), uses.join(" "))
}

#[test]
fn python() {
    for (code, expected) in [
        ("total = a + b", "total | a b"),
        ("x, (y, *z) = pair", "x y z | pair"),
        (
            "def f(n, m=k):\n    t = n + outer\n    return t",
            "f | k outer",
        ),
        (
            "import os.path as p, sys\nfrom json import dumps as d, loads",
            "p sys d loads | ",
        ),
        (
            "for row in rows:\n    names = [r.name for r in row]",
            "row names | row rows",
        ),
        (
            "with open(path) as f:\n    text = f.read()",
            "f text | f open path",
        ),
        (
            "class A:\n    size = 1\n    def g(self): return self.size + base",
            "A | base",
        ),
        ("count += 1", " | count"),
        ("g = lambda q: q + w\ncall(key=g)", "g | call g w"),
    ] {
        assert_eq!(picture(&Language::Python, code), expected, "{code}");
    }
}

#[test]
fn javascript_and_typescript() {
    for (code, expected) in [
        ("const total = a + b.c", "total | a b"),
        ("let { x, y: z, ...rest } = source", "x z rest | source"),
        (
            "function f(n, m = k) { const t = n; return t + outer }",
            "f | k outer",
        ),
        ("rows.map(r => r.name + suffix)", " | rows suffix"),
        ("result = compute(items)", "result | compute items"),
        ("for (const i of list) { use(i) }", " | list use"),
        ("class A { m(p) { return p + base } }", "A | base"),
    ] {
        assert_eq!(picture(&Language::JavaScript, code), expected, "{code}");
    }
    assert_eq!(
        picture(
            &Language::TypeScript,
            "const n: number = count; const f = (a: string) => a"
        ),
        "n f | count"
    );
}

#[test]
fn fsharp() {
    for (code, expected) in [
        ("let total = a + b", "total | a b"),
        ("let add x y = x + y + k", "add | k"),
        ("let squares = [ for n in 1 .. 5 -> n * m ]", "squares | m"),
        (
            "let text = String.concat sep names",
            "text | String names sep",
        ),
        ("let f = fun q -> q + w", "f | w"),
        ("let mutable count = 0\ncount <- count + 1", "count | count"),
        (
            "let rec go n =\n    let next = n - 1\n    go next\nprintfn \"%d\" (go start)",
            "go | go printfn start",
        ),
    ] {
        assert_eq!(picture(&Language::FSharp, code), expected, "{code}");
    }
}

#[test]
fn csharp() {
    for (code, expected) in [
        ("var total = a + b.C;", "total | a b"),
        (
            "int Add(int x, int y) { var t = x + k; return t; }",
            "Add | k",
        ),
        ("foreach (var row in rows) { Use(row); }", " | Use rows"),
        ("var f = (int q) => q + w;", "f | w"),
    ] {
        assert_eq!(picture(&Language::CSharp, code), expected, "{code}");
    }
}

#[test]
fn what_functions_read_is_read_later() {
    for (language, code, expected) in [
        (
            Language::Python,
            "def f():\n    return later\nx = now + max(lambda: soon, now)",
            "later soon",
        ),
        (
            Language::JavaScript,
            "const f = () => later; if (now) { use(both) }; function g() { return both }",
            "later",
        ),
        (Language::FSharp, "let f x = x + now", ""),
    ] {
        let names = names_of(&language, code);
        let mut deferred: Vec<&str> = names.deferred.iter().map(SmolStr::as_str).collect();
        deferred.sort_unstable();
        assert_eq!(deferred.join(" "), expected, "{code}");
    }
}

#[test]
fn rust() {
    for (code, expected) in [
        ("let total = a + b.c;", "total | a b"),
        ("let (x, mut y) = pair;", "x y | pair"),
        (
            "fn add(n: i64) -> i64 { let t = n; t + BASE }",
            "add | BASE",
        ),
        (
            "struct Point { x: f64 }\nlet p = Point { x: width };",
            "Point p | Point width",
        ),
        ("let q = Point { x, y };", "q | Point x y"),
        ("let Point { x, y: high } = p;", "x high | Point p"),
        ("rows.iter().map(|r| r + k).sum::<i64>()", " | k rows"),
        (
            "if let Some(v) = found { println!(\"{v} {scale:?} {{no}} {0}\", rate) }",
            " | Some found println rate scale",
        ),
        (
            "use std::collections::{BTreeMap, HashMap as Map};\nlet m = Map::new();",
            "BTreeMap Map m | Map",
        ),
        (
            "match kind { Kind::A(n) if n > low => n, other => other }",
            " | Kind kind low",
        ),
        ("for row in rows { show(row.name) }", " | rows show"),
        ("#[derive(Debug)]\nenum E { A, B(u8) }", "E | "),
        ("'outer: loop { break 'outer; }", " | "),
        (
            "vec![first, tars::fs::read(path)]",
            " | first path tars vec",
        ),
    ] {
        assert_eq!(picture(&Language::Rust, code), expected, "{code}");
    }
}

#[test]
fn the_surface_has_what_the_top_level_binds() {
    for (language, code, expected) in [
        (
            Language::Python,
            "import a\ndef f(n):\n    inner = n\nclass C:\n    size = 1\nfor row in rows:\n    last = row",
            "a f C row last",
        ),
        (
            Language::JavaScript,
            "const f = (x) => { let y = x }; function g(a) { let b }; if (f) { made = 1 } class D { m() {} }",
            "f g made D",
        ),
        (
            Language::FSharp,
            "let add x y =\n    let z = x\n    z + y\nlet total = add 1 2",
            "add total",
        ),
        (
            Language::CSharp,
            "int Add(int x) { var t = x; return t; }\nvar n = 1;",
            "Add n",
        ),
        (
            Language::Rust,
            "fn f(a: i64) -> i64 { let b = a; b }\nlet (x, y) = p;",
            "f x y",
        ),
        (Language::Bash, "a=1", ""),
    ] {
        let surface = super::definitions_of(&language, code);
        let bound: Vec<&str> = surface
            .defines
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(bound.join(" "), expected, "{code}");
        let all = names_of(&language, code);
        assert_eq!(surface.defines, all.defines, "{code}");
    }
}

#[test]
fn words_between_quotes() {
    let names = names_of(
        &Language::FSharp,
        "env.[\"total\"] <- 1\nprintfn \"not this\" // 'it'\nlet c = 'x",
    );
    let mut quoted: Vec<&str> = names.quoted.iter().map(SmolStr::as_str).collect();
    quoted.sort_unstable();
    assert_eq!(quoted, ["it", "total"]);
}

#[test]
fn other_languages_answer_with_their_words() {
    assert_eq!(
        picture(&Language::Bash, "echo $name ${other}"),
        " | echo name other"
    );
}
