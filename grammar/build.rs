//! Compiles the generated parser and the external scanner.

fn main() {
    let mut build = cc::Build::new();
    build
        .std("c11")
        .include("src")
        .file("src/parser.c")
        .file("src/scanner.c")
        // The scanner reads every character of a cell twice: it is worth optimising in every profile.
        .opt_level(2)
        .warnings(false);
    build.compile("tree-sitter-metascript");
    println!("cargo:rerun-if-changed=src");
}
