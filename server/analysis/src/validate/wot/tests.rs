#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::check;

fn report(text: &str) -> String {
    let mut lines: Vec<String> = check(text)
        .into_iter()
        .map(|finding| {
            format!(
                "{} `{}` {}",
                finding.code,
                &text[finding.span.range()],
                finding.message
            )
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

fn workflow(body: &str) -> String {
    format!("meta {{\n  name = \"t\"\n}}\nworkflow \"t\" {{\n{body}\n}}\n")
}

#[test]
fn every_field_of_a_node_is_accepted() {
    for field in [
        "goal = \"do the thing\"",
        "input = [\"a\", \"b\"]",
        "input = \"a\"",
        "constraints = [\"be brief\"; \"be kind\"]",
        "verdict = \"accept\"",
        "kind = \"reason\"",
        "kind = reason",
        "tool = \"search\"",
        "args = { \"query\": \"a, } b\" }",
        "args = {}",
        "// a comment",
        "checks [\n { \"type\": \"non_empty\", \"value\": \"${x}\" },\n ]",
        "checks = [\n { \"type\": \"tool_result\", \"tool\": \"t\", \"args\": { \"a\": \"b\" }, \"check\": \"ok\" }\n ]",
    ] {
        assert_eq!(
            report(&workflow(&format!("  node \"n\" {{\n    {field}\n  }}"))),
            "",
            "{field}"
        );
    }
}

#[test]
fn empty_sections_and_bare_names_are_accepted() {
    assert_eq!(report("meta {}\ninputs {}\npolicy {}\nworkflow {}\n"), "");
    assert_eq!(
        report(&workflow(
            "  node a kind=work agent=Planner {\n    tool = search\n  }\n  node b {\n  }\n  edge a -> b"
        )),
        ""
    );
    assert_eq!(
        report(
            "workflow \"crlf\" {\r\n  node \"a\" {\r\n    next = \"b\"\r\n  }\r\n  node \"b\" {\r\n  }\r\n}\r\n"
        ),
        ""
    );
}

#[test]
fn shapes_that_other_readers_refuse() {
    for (body, expected) in [
        (
            "  node\"n\"{\n  }",
            "MS0401 `node\"n\"{` a space is missing after `node`",
        ),
        (
            "  node \"n\" { goal = \"g\"\n  }",
            "MS0401 `goal = \"g\"` a field of a node stands on a line of its own",
        ),
        (
            "  node \"n\" {\n  } edge \"n\" -> \"n\"",
            "MS0401 `} edge \"n\" -> \"n\"` a closing brace must stand alone on its line",
        ),
        (
            "  node \"n\" kind=\"reason\" label=\"x\" {\n  }",
            "MS0401 `label=\"x\" {` expected `node id kind=\"reason|work\" agent=\"name\" {`, with `kind` and `agent` optional and in this order",
        ),
        (
            "  node \"n\" agent=\"A\" {\n  }",
            "MS0401 `agent=\"A\" {` `agent` needs `kind` before it",
        ),
        (
            "  node \"n\" {\n    goal\n  }",
            "MS0401 `goal` expected `key = value`, an array of checks or `}`",
        ),
        (
            "  node \"n\" {\n    args = { \"a\": 1 }\n  }",
            "MS0401 `\"a\": 1` expected `\"key\": \"value\"`; keys and values are text",
        ),
        (
            "  node \"n\" kind=\"ponder\" {\n  }",
            "MS0402 `ponder` unsupported node kind `ponder`; expected `reason` or `work`",
        ),
        (
            "  node \"n\" {\n    checks [\n      { \"type\": \"contains\", \"value\": \"x\" }\n    ]\n  }",
            "MS0403 `{ \"type\": \"contains\", \"value\": \"x\" }` a `contains` check needs `needle`",
        ),
        (
            "  node \"n\" {\n    checks [\n      { \"type\": \"regexp\", \"value\": \"x\" }\n    ]\n  }",
            "MS0403 `regexp` unsupported check type `regexp`",
        ),
        (
            "  node \"n\" {\n  }\n  edge n",
            "MS0401 `edge n` expected `edge \"from\" -> \"to\"`",
        ),
    ] {
        assert_eq!(report(&workflow(body)), expected);
    }
    assert_eq!(
        report("meta { name = \"t\" } workflow { node \"n\" { goal = \"g\" } }\n"),
        "MS0401 `meta { name = \"t\" } workflow { node \"n\" { goal = \"g\" } }` the header of `meta` must end its line with `{`"
    );
    assert!(report("policy {\n  max_tokens = lots\n}\nworkflow {}\n").starts_with("MS0404 `lots`"));
}

#[test]
fn the_graph_is_looked_at() {
    let two = "  node \"plan\" {\n  }\n  node \"write\" {\n  }\n";
    assert_eq!(
        report(&workflow(&format!("{two}  edge \"plan\" -> \"write\""))),
        ""
    );
    assert_eq!(
        report(&workflow(&format!("{two}  edge \"plan\" -> \"wirte\"")))
            .lines()
            .next(),
        Some("MS0405 `wirte` there is no node `wirte`")
    );
    assert_eq!(
        report(&workflow(two)),
        "MS0406 `write` the workflow has 2 start nodes; no edge leads to `write`"
    );
    assert_eq!(
        report(&workflow(&format!(
            "{two}  edge plan -> write\n  edge write -> plan"
        ))),
        "MS0407 `plan` the edges form a circle: plan -> write -> plan"
    );
    let parallel = "  parallel {\n  node a {\n  }\n  node b {\n  }\n  }\n  node c {\n  }\n  edge a -> c\n  edge b -> c";
    assert_eq!(report(&workflow(parallel)), "");
}

#[test]
fn tools_must_be_allowed() {
    let policy = "policy {\n  allowed_tools = [\"search\"]\n}\n";
    let node = "  node \"n\" kind=\"work\" {\n    tool = \"erase\"\n  }";
    assert_eq!(
        report(&format!("{policy}{}", workflow(node))),
        "MS0408 `erase` the policy does not allow the tool `erase`"
    );
    assert_eq!(report(&workflow(node)), "");
}

#[test]
fn nodes_on_one_line_are_read_but_lose_their_fields_elsewhere() {
    let one_line = "  node \"a\" kind=\"reason\" { goal = \"g\" }\n  node \"b\" {}\n  edge a -> b";
    assert_eq!(
        report(&workflow(one_line)),
        "MS0410 `goal = \"g\"` other readers leave out a field on the line of the header"
    );
    let text = workflow(one_line);
    let finding = check(&text).remove(0);
    let (span, replacement) = finding.fixes[0].edits[0].clone();
    let mut repaired = text;
    repaired.replace_range(span.range(), &replacement);
    assert_eq!(report(&repaired), "");
}

#[test]
fn a_node_that_reads_anothers_result_is_no_start() {
    let body = "  node plan {\n    output = \"plan_md\"\n  }\n  parallel {\n  node look kind=work {\n    input = [\"plan_md\"]\n    tool = \"t\"\n  }\n  node recall {\n    input = \"plan_md\"\n  }\n  }\n  node sum {\n  }\n  edge plan -> sum";
    assert_eq!(report(&workflow(body)), "");
}

#[test]
fn tools_of_checks_must_be_allowed_too() {
    let policy = "policy {\n  allowed_tools = [\"search\"]\n}\n";
    let node = "  node \"n\" kind=\"work\" {\n    checks [\n      { \"type\": \"tool_result\", \"tool\": \"erase\", \"check\": \"ok\" }\n    ]\n  }";
    assert_eq!(
        report(&format!("{policy}{}", workflow(node))),
        "MS0408 `erase` the policy does not allow the tool `erase`"
    );
}
