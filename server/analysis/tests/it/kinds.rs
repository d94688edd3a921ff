//! Type definition and implementation, over all languages of a script.

use std::path::Path;

use insta::assert_snapshot;
use metascript_analysis::{AnalysisHost, Target};
use metascript_syntax::Document;

use crate::support::{Script, picture};

fn drawn(marked: &str, ask: impl Fn(&Script) -> Vec<Target>, label: &str) -> String {
    let script = Script::new(marked);
    let targets = ask(&script);
    let notes: Vec<_> = targets
        .iter()
        .map(|target| {
            assert!(target.range.start <= target.selection.start);
            assert!(target.selection.end <= target.range.end);
            (target.selection.clone(), label.to_owned())
        })
        .chain(
            targets
                .first()
                .map(|target| (target.origin.clone(), "asked".to_owned())),
        )
        .collect();
    script.picture(&notes)
}

fn type_of(marked: &str) -> String {
    drawn(
        marked,
        |script| {
            let analysis = script.analysis();
            analysis
                .type_definition(script.file, script.cursor)
                .unwrap()
        },
        "type",
    )
}

fn implementation(marked: &str) -> String {
    drawn(
        marked,
        |script| {
            let analysis = script.analysis();
            analysis.implementation(script.file, script.cursor).unwrap()
        },
        "implementation",
    )
}

#[test]
fn a_value_leads_to_the_type_that_another_language_gave_it() {
    assert_snapshot!(
        "type_python_annotation",
        type_of(
            "PYTHON {\n    class Order:\n        pass\n    orders: list[Order] = []\n}\nACTION { type: \"log\" message: \"${ord$0ers}\" }\n"
        )
    );
    assert_snapshot!(
        "type_fsharp_record_by_its_fields",
        type_of(
            "FSHARP {\n    type Point = { X: int; Y: int }\n    type Report = { Total: float; Days: string list }\n    let report = { Total = 1.0; Days = [] }\n}\nPYTHON {\n    print(rep$0ort[\"Total\"])\n}\n"
        )
    );
    assert_snapshot!(
        "type_typescript_interface",
        type_of(
            "TYPESCRIPT {\n    interface Summary { total: number }\n    const summary: Summary = { total: 1 };\n}\nFSHARP {\n    printfn \"%f\" summ$0ary.total\n}\n"
        )
    );
    assert_snapshot!(
        "type_through_a_function_of_another_cell",
        type_of(
            "CSHARP {\n    record Line(string Text);\n    Line Read(int n) { return new Line(\"\"); }\n}\nCSHARP {\n    var first = Read(1);\n}\nJAVASCRIPT {\n    const copy = first;\n    console.log(co$0py);\n}\n"
        )
    );
    assert_snapshot!(
        "type_of_an_output_variable",
        type_of(
            "PYTHON {\n    class Order:\n        pass\n    Order()\n    output_variable: \"made\"\n}\nJAVASCRIPT {\n    console.log(ma$0de)\n}\n"
        )
    );
    assert_snapshot!(
        "type_values_made_from_each_other",
        type_of("PYTHON {\n    a = b\n    b = a\n    print($0a)\n}\n")
    );
}

#[test]
fn a_variable_leads_to_the_block_that_shapes_it() {
    assert_snapshot!(
        "type_object_of_a_variable",
        type_of(
            "VARIABLE user {\n    value: { name: \"A\" }\n}\nVARIABLE who {\n    value: \"${user}\"\n}\nPYTHON {\n    print(wh$0o)\n}\n"
        )
    );
    assert_snapshot!(
        "type_settings",
        type_of(
            "CONFIG {\n    retries: 3\n}\nVARIABLE all {\n    value: \"${CONFIG}\"\n}\nACTION { type: \"log\" message: \"${al$0l}\" }\n"
        )
    );
    assert_snapshot!(
        "type_result_of_a_call",
        type_of(
            "FUNCTION greet {\n    parameters: [\"who\"]\n}\nCALL {\n    function: \"greet\"\n    result_variable: \"said\"\n}\nACTION { type: \"log\" message: \"${sa$0id}\" }\n"
        )
    );
    assert_snapshot!(
        "type_result_of_an_agent",
        type_of(
            "AGENT writer {\n    role: \"writes\"\n}\nACTION {\n    type: \"execute\"\n    agent: \"writer\"\n    result_variable: \"text\"\n}\nACTION { type: \"log\" message: \"${te$0xt}\" }\n"
        )
    );
    assert_snapshot!(
        "type_of_a_loop_variable",
        type_of(
            "PYTHON {\n    class Order:\n        pass\n    orders = [Order()]\n}\nFOREACH {\n    items: \"${orders}\"\n    item_variable: \"order\"\n    ACTION { type: \"log\" message: \"${ord$0er}\" }\n}\n"
        )
    );
    assert_snapshot!(
        "type_of_a_parameter",
        type_of(
            "PYTHON {\n    class Order:\n        pass\n}\nFUNCTION ship {\n    parameters: [{ name: \"order\", type: \"Order\" }]\n    RETURN { value: \"${ord$0er}\" }\n}\n"
        )
    );
    assert_eq!(
        type_of("VARIABLE n { value: 1 }\nACTION { type: \"log\" message: \"${$0n}\" }\n"),
        "(nothing)\n"
    );
}

#[test]
fn a_call_leads_to_what_does_the_work() {
    assert_snapshot!(
        "implementation_of_a_call",
        implementation(
            "FUNCTION greet {\n    description: \"only declared\"\n}\nFUNCTION greet {\n    ACTION { type: \"log\" message: \"hello\" }\n}\nCALL { function: \"gr$0eet\" }\n"
        )
    );
    assert_snapshot!(
        "implementation_in_a_cell",
        implementation(
            "FUNCTION total {\n    parameters: [\"rows\"]\n    implementation: \"sum_rows\"\n}\nPYTHON {\n    def sum_rows(rows):\n        return sum(rows)\n}\nCALL { function: \"to$0tal\" }\n"
        )
    );
    assert_snapshot!(
        "implementation_of_an_agent",
        implementation(
            "AGENT writer {\n    role: \"writes\"\n}\nACTION { type: \"execute\" agent: \"wri$0ter\" }\n"
        )
    );
    assert_snapshot!(
        "implementation_of_a_node",
        implementation(
            "workflow \"w\" {\n  node \"a\" kind=\"reason\" {\n  }\n  edge \"$0a\" -> \"b\"\n}\n"
        )
    );
    assert_snapshot!(
        "implementation_of_an_interface",
        implementation(
            "TYPESCRIPT {\n    interface Sh$0ape { area(): number }\n    class Circle implements Shape { area() { return 3; } }\n}\nTYPESCRIPT {\n    class Square implements Shape { area() { return 4; } }\n}\n"
        )
    );
    assert_snapshot!(
        "implementation_declared_only",
        implementation("FUNCTION f {\n    description: \"x\"\n}\nCALL { function: \"$0f\" }\n")
    );
}

/// All scripts of a small workspace with what is implemented in them.
#[test]
fn a_declaration_leads_to_the_implementations_of_all_scripts_around() {
    let main = "IMPORT { path: \"one.tars\" }\nIMPORT { path: \"two.tars\" }\nFUNCTION save {\n    description: \"declared here\"\n}\nCALL { function: \"save\" }\nCALL { function: \"lonely\" }\n";
    let files = [
        (
            "one.tars",
            "FUNCTION save {\n    ACTION { type: \"log\" message: \"one\" }\n}\n",
        ),
        (
            "two.tars",
            "PYTHON {\n    def save():\n        pass\n}\nFUNCTION other {\n}\n",
        ),
        (
            "elsewhere.tars",
            "FUNCTION lonely {\n    ACTION { type: \"log\" message: \"x\" }\n}\n",
        ),
        ("main.tars", main),
    ];
    let mut host = AnalysisHost::new();
    let ids: Vec<_> = files
        .iter()
        .map(|(name, text)| host.set_file(&Path::new("/s").join(name), Document::parse(text)))
        .collect();
    let analysis = host.snapshot();
    let mut out = String::new();
    for word in ["save\" }", "lonely"] {
        let at = main.find(word).unwrap();
        let found = analysis.implementation(ids[3], at).unwrap();
        out.push_str(&format!("== {word}\n"));
        for target in found {
            let index = ids.iter().position(|id| *id == target.file).unwrap();
            let (name, text) = files[index];
            out.push_str(&format!("-- {name}\n"));
            out.push_str(&picture(text, &[(target.selection, String::new())]));
        }
    }
    assert_snapshot!(out);
}
