//! What the checks report, as plain data.

use std::fmt;
use std::ops::Range;

use metascript_syntax::TextEdit;
use serde::{Deserialize, Serialize};

use crate::FileId;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The script cannot do what it says.
    Error,
    /// Very likely not what was meant.
    Warning,
    /// Worth knowing.
    Information,
    /// A suggestion; shown quietly.
    Hint,
}

impl Severity {
    /// The name in settings and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
            Severity::Hint => "hint",
        }
    }
}

/// How an editor may draw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// Faded: it has no effect.
    Unnecessary,
    /// Struck through: there is a newer spelling.
    Deprecated,
}

/// One finding about a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which check found it.
    pub code: Code,
    /// After the project's settings.
    pub severity: Severity,
    /// One sentence for people.
    pub message: String,
    /// Where, in bytes.
    pub range: Range<usize>,
    /// Other places that explain it.
    pub related: Vec<Related>,
    /// Changes that repair it, best first.
    pub fixes: Vec<Fix>,
    /// How to draw it.
    pub tags: Vec<Tag>,
}

/// A place that explains a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Its file.
    pub file: FileId,
    /// Where, in bytes.
    pub range: Range<usize>,
    /// What is there.
    pub message: String,
}

/// A change that repairs a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a menu entry.
    pub title: String,
    /// Edits of the same file: byte ranges in the text as it is, not overlapping.
    pub edits: Vec<TextEdit>,
    /// It is right without looking; `fix all` may apply it.
    pub preferred: bool,
}

/// The check that found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub(crate) &'static Entry);

/// What is known of a code.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Entry {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) severity: Severity,
    pub(crate) page: &'static str,
}

impl Code {
    /// `MS0001`.
    pub fn as_str(self) -> &'static str {
        self.0.id
    }

    /// A short name in words, as `missing-property`.
    pub fn title(self) -> &'static str {
        self.0.title
    }

    /// Unless the project says otherwise.
    pub fn default_severity(self) -> Severity {
        self.0.severity
    }

    /// Its documentation page, in Markdown.
    pub fn page(self) -> &'static str {
        self.0.page
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

/// All codes, in order.
pub fn codes() -> impl Iterator<Item = Code> {
    TABLE.iter().copied()
}

/// The code with this id or title, in any case.
pub fn code(id: &str) -> Option<Code> {
    codes().find(|code| {
        code.as_str().eq_ignore_ascii_case(id) || code.title().eq_ignore_ascii_case(id)
    })
}

/// The documentation page of a code, in Markdown.
pub fn explain(id: &str) -> Option<&'static str> {
    code(id).map(Code::page)
}

macro_rules! table {
    ($($name:ident $id:literal $title:literal $severity:ident;)*) => {
        /// The codes by name.
        pub(crate) mod known {
            use super::{Code, Entry, Severity};
            $(pub(crate) const $name: Code = {
                static ENTRY: Entry = Entry {
                    id: $id,
                    title: $title,
                    severity: Severity::$severity,
                    page: include_str!(concat!("../../../docs/diagnostics/", $id, ".md")),
                };
                Code(&ENTRY)
            };)*
        }
        static TABLE: &[Code] = &[$(known::$name),*];
    };
}

table! {
    SYNTAX "MS0001" "syntax-error" Error;
    UNCLOSED_FENCE "MS0002" "unclosed-fence" Warning;
    NOT_A_METASCRIPT "MS0003" "not-a-metascript" Hint;
    TRAILING_TEXT "MS0004" "trailing-text" Warning;
    UNKNOWN_BLOCK "MS0101" "unknown-block" Hint;
    UNKNOWN_PROPERTY "MS0102" "unknown-property" Hint;
    MISSING_PROPERTY "MS0103" "missing-property" Warning;
    MISSING_NAME "MS0104" "missing-name" Warning;
    DUPLICATE_PROPERTY "MS0105" "duplicate-property" Warning;
    WRONG_TYPE "MS0106" "wrong-type" Warning;
    OUT_OF_RANGE "MS0107" "out-of-range" Warning;
    UNKNOWN_VALUE "MS0108" "unknown-value" Hint;
    DEPRECATED "MS0109" "deprecated-spelling" Hint;
    UNKNOWN_ACTION "MS0110" "unknown-action-type" Hint;
    ELSE_WITHOUT_IF "MS0201" "else-without-if" Error;
    CATCH_WITHOUT_TRY "MS0202" "catch-without-try" Error;
    UNKNOWN_FUNCTION "MS0203" "unknown-function" Warning;
    WRONG_ARGUMENTS "MS0204" "wrong-arguments" Warning;
    UNREACHABLE "MS0205" "unreachable" Hint;
    DUPLICATE_FUNCTION "MS0206" "duplicate-function" Warning;
    UNDEFINED_VARIABLE "MS0301" "undefined-variable" Warning;
    UNUSED_VARIABLE "MS0302" "unused-variable" Hint;
    IMPORT_NOT_FOUND "MS0303" "import-not-found" Warning;
    IMPORT_CYCLE "MS0304" "import-cycle" Error;
    BROKEN_EXPRESSION "MS0305" "broken-expression" Warning;
    FLOW_CYCLE "MS0306" "data-flow-cycle" Warning;
    WOT_LINE "MS0401" "workflow-line" Error;
    WOT_KIND "MS0402" "node-kind" Error;
    WOT_CHECK "MS0403" "node-check" Error;
    WOT_VALUE "MS0404" "policy-value" Error;
    WOT_UNKNOWN_NODE "MS0405" "unknown-node" Error;
    WOT_START "MS0406" "workflow-start" Warning;
    WOT_CYCLE "MS0407" "workflow-cycle" Error;
    WOT_TOOL "MS0408" "tool-not-allowed" Warning;
    WOT_EMPTY_WORK "MS0409" "work-without-tool" Warning;
    WOT_IGNORED "MS0410" "ignored-field" Hint;
    WOT_DUPLICATE_NODE "MS0411" "duplicate-node" Warning;
    SUPPRESSION_REASON "MS0901" "suppression-without-reason" Warning;
    SUPPRESSION_CODE "MS0902" "suppression-unknown-code" Warning;
    SUPPRESSION_UNUSED "MS0903" "suppression-unused" Hint;
}
