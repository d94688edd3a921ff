//! The code of cells, coloured by the highlight queries of their grammars.

use std::sync::OnceLock;

use metascript_syntax::Language;
use streaming_iterator::StreamingIterator;
use tree_sitter::{Parser, Query, QueryCursor};

use super::{Token, TokenKind};
use crate::db::CellSource;
use crate::ir::Span;

/// The tokens of a cell, relative to its code.
#[salsa::tracked(returns(ref))]
pub(super) fn cell_tokens<'db>(db: &'db dyn salsa::Database, cell: CellSource<'db>) -> Vec<Token> {
    let code = cell.code(db);
    let Some(highlighter) = highlighter(cell.language(db)) else {
        return Vec::new();
    };
    let mut parser = Parser::new();
    if parser.set_language(&highlighter.language).is_err() {
        return Vec::new();
    }
    let Some(tree) = parser.parse(code.as_bytes(), None) else {
        return Vec::new();
    };
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(&highlighter.query, tree.root_node(), code.as_bytes());
    let mut tokens: Vec<Token> = Vec::new();
    while let Some((found, index)) = captures.next() {
        let Some(capture) = found.captures().get(*index) else {
            continue;
        };
        let Some(Some(kind)) = highlighter.kinds.get(capture.index as usize) else {
            continue;
        };
        let span = Span::new(capture.node.start_byte(), capture.node.end_byte());
        match tokens.last_mut() {
            // A later pattern for the same node is the more special one.
            Some(last) if last.span == span => last.kind = *kind,
            _ => tokens.push(Token {
                span,
                kind: *kind,
                definition: false,
            }),
        }
    }
    tokens
}

struct Highlighter {
    language: tree_sitter::Language,
    query: Query,
    kinds: Vec<Option<TokenKind>>,
}

impl Highlighter {
    fn new(language: tree_sitter::Language, source: &str) -> Option<Highlighter> {
        let query = Query::new(&language, source).ok()?;
        let kinds = query.capture_names().iter().map(|name| kind_of(name));
        Some(Highlighter {
            kinds: kinds.collect(),
            language,
            query,
        })
    }
}

/// The languages that are coloured.
const LANGUAGES: [Language; 9] = [
    Language::Python,
    Language::JavaScript,
    Language::TypeScript,
    Language::FSharp,
    Language::CSharp,
    Language::Rust,
    Language::Bash,
    Language::PowerShell,
    Language::Sql,
];

/// The highlighter of a language, made when the first cell of the language is shown.
fn highlighter(language: &Language) -> Option<&'static Highlighter> {
    static MADE: [OnceLock<Option<Highlighter>>; LANGUAGES.len()] =
        [const { OnceLock::new() }; LANGUAGES.len()];
    let at = LANGUAGES.iter().position(|known| known == language)?;
    MADE.get(at)?.get_or_init(|| make(language)).as_ref()
}

fn make(language: &Language) -> Option<Highlighter> {
    match language {
        Language::Python => Highlighter::new(
            tree_sitter_python::LANGUAGE.into(),
            tree_sitter_python::HIGHLIGHTS_QUERY,
        ),
        Language::JavaScript => Highlighter::new(
            tree_sitter_javascript::LANGUAGE.into(),
            tree_sitter_javascript::HIGHLIGHT_QUERY,
        ),
        Language::TypeScript => {
            let query = [
                tree_sitter_javascript::HIGHLIGHT_QUERY,
                tree_sitter_typescript::HIGHLIGHTS_QUERY,
            ];
            let language = tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into();
            Highlighter::new(language, &query.join("\n"))
        }
        Language::FSharp => Highlighter::new(
            tree_sitter_fsharp::LANGUAGE_FSHARP.into(),
            tree_sitter_fsharp::HIGHLIGHTS_QUERY,
        ),
        Language::CSharp => Highlighter::new(
            tree_sitter_c_sharp::LANGUAGE.into(),
            include_str!("csharp.scm"),
        ),
        Language::Rust => Highlighter::new(
            tree_sitter_rust::LANGUAGE.into(),
            tree_sitter_rust::HIGHLIGHTS_QUERY,
        ),
        Language::Bash => Highlighter::new(
            tree_sitter_bash::LANGUAGE.into(),
            tree_sitter_bash::HIGHLIGHT_QUERY,
        ),
        Language::PowerShell => Highlighter::new(
            tree_sitter_powershell::LANGUAGE.into(),
            tree_sitter_powershell::HIGHLIGHTS_QUERY,
        ),
        Language::Sql => Highlighter::new(
            tree_sitter_sequel::LANGUAGE.into(),
            tree_sitter_sequel::HIGHLIGHTS_QUERY,
        ),
        _ => None,
    }
}

/// The kind that a capture of a highlight query means.
fn kind_of(capture: &str) -> Option<TokenKind> {
    let head = capture.split('.').next().unwrap_or(capture);
    Some(match head {
        "keyword" | "conditional" | "repeat" | "include" | "exception" | "boolean" => {
            TokenKind::Keyword
        }
        "function" | "constructor" | "method" => TokenKind::Function,
        "variable" if capture == "variable.parameter" => TokenKind::Parameter,
        "variable" if capture == "variable.member" => TokenKind::Property,
        "variable" => TokenKind::Variable,
        "parameter" => TokenKind::Parameter,
        "property" | "attribute" | "field" => TokenKind::Property,
        "type" => TokenKind::Type,
        "module" | "namespace" => TokenKind::Namespace,
        "constant" if capture == "constant.builtin" => TokenKind::Keyword,
        "constant" => TokenKind::Variable,
        "string" | "escape" | "character" => TokenKind::String,
        "number" | "float" => TokenKind::Number,
        "comment" => TokenKind::Comment,
        "operator" => TokenKind::Operator,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{LANGUAGES, highlighter};

    #[test]
    fn every_highlight_query_is_understood() {
        for language in &LANGUAGES {
            assert!(highlighter(language).is_some(), "{language:?}");
        }
    }
}
