//! What goes into a session and what comes out.

use std::time::Duration;

use metascript_syntax::{Cell, Document};

use crate::Language;

/// A cell to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellSource {
    /// Language of the code.
    pub language: Language,
    /// The code exactly as it stands in the script, indentation included.
    pub code: String,
    /// Names the cell; stable while it is edited. Empty is fine.
    pub id: String,
    /// The script's name, for tracebacks.
    pub file: String,
    /// Zero-based line of the script on which `code` begins.
    pub first_line: u32,
    /// The variable that takes the last expression's value (`output_variable` of the script).
    pub result_variable: Option<String>,
    /// `${name}` in the code is replaced as text (`interpolate="raw"`); otherwise it is a value of the language.
    pub raw_interpolation: bool,
}

impl CellSource {
    /// A cell that begins on the first line of a script called `cell`.
    pub fn new(language: Language, code: impl Into<String>) -> Self {
        Self {
            language,
            code: code.into(),
            id: String::new(),
            file: "cell".to_owned(),
            first_line: 0,
            result_variable: None,
            raw_interpolation: false,
        }
    }

    /// A cell of a script, as it stands there. `None` if no runtime knows its language.
    pub fn of_script(cell: &Cell, document: &Document, file: &str) -> Option<Self> {
        let language = Language::from_name(cell.language.as_str())?;
        let mut source =
            Self::new(language, document.slice(cell.code.clone())).at(file, cell.first_line);
        source.result_variable = cell.output_variable.as_ref().map(|(name, _)| name.clone());
        source.raw_interpolation = cell.raw_interpolation.is_some();
        Some(source)
    }

    /// The same cell in its place in a script; `first_line` counts from zero.
    #[must_use]
    pub fn at(mut self, file: impl Into<String>, first_line: u32) -> Self {
        self.file = file.into();
        self.first_line = first_line;
        self
    }

    /// The same cell with a variable for its result.
    #[must_use]
    pub fn with_result_variable(mut self, name: impl Into<String>) -> Self {
        self.result_variable = Some(name.into());
        self
    }
}

/// A channel of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamName {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One representation of something shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text, for example of `text/html`.
    Text(String),
    /// Bytes, for example of `image/png`.
    Binary(Vec<u8>),
}

/// Something to show, in one or several representations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bundle {
    /// MIME type and content, in the runtime's order.
    pub representations: Vec<(String, Content)>,
}

impl Bundle {
    /// The text of a MIME type, if the bundle has it.
    pub fn text(&self, mime: &str) -> Option<&str> {
        self.representations
            .iter()
            .find_map(|(name, content)| match content {
                Content::Text(text) if name == mime => Some(text.as_str()),
                _ => None,
            })
    }
}

/// One frame of a traceback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function, or a text like `<module>`.
    pub function: String,
    /// The script's name, or a library's file.
    pub file: String,
    /// Zero-based line.
    pub line: u32,
    /// Zero-based column in code points, if known.
    pub column: Option<u32>,
}

/// Why a cell failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// Class of the error, for example `ZeroDivisionError`; `DeadlineExceeded`, `Interrupted` and `OutOfMemory` are
    /// the sandbox's own.
    pub name: String,
    /// A sentence.
    pub message: String,
    /// The whole text for people, with one-based lines of the script.
    pub traceback: String,
    /// Frames in the script and in libraries, outermost first.
    pub frames: Vec<Frame>,
    /// Zero-based line of the script, if known.
    pub line: Option<u32>,
    /// Zero-based column in code points, if known.
    pub column: Option<u32>,
}

/// What happens while a cell runs, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The runtime is ready and the cell begins.
    Started,
    /// A piece of text, cut between characters.
    Stream {
        /// The channel.
        name: StreamName,
        /// The text.
        text: String,
    },
    /// Something shown by `display`.
    Display(Bundle),
    /// The last expression's value.
    Result(Bundle),
    /// The cell failed. At most one, and the last event.
    Error(CellError),
}

/// How a cell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It ran to its end.
    Ok,
    /// It failed by itself.
    Failed,
    /// Somebody interrupted it.
    Interrupted,
    /// It was stopped at its deadline, or ran out of fuel.
    TimedOut,
    /// It asked for more memory than it may have.
    OutOfMemory,
}

impl Status {
    /// The status as programs read it: `ok`, `failed`, `interrupted`, `timed_out`, `out_of_memory`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::TimedOut => "timed_out",
            Self::OutOfMemory => "out_of_memory",
        }
    }
}

/// The end of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// From the first instruction to the last.
    pub duration: Duration,
    /// Top-level names that the cell bound.
    pub defined: Vec<String>,
    /// Variables that are gone because the cell's runtime had to be replaced; empty if it lives on.
    pub lost: Vec<String>,
}

/// A variable of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableInfo {
    /// Its name.
    pub name: String,
    /// The language that holds it; `None` if the session itself does.
    pub language: Option<Language>,
    /// Its type in that language.
    pub type_name: String,
    /// One line, shortened.
    pub preview: String,
    /// Items, characters or bytes, where that means something.
    pub size: Option<u64>,
}

/// A completion from the live state of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The text that replaces what was typed.
    pub label: String,
    /// `function`, `class`, `module`, `property`, `keyword`, `variable` or `method`.
    pub kind: String,
    /// For example the type.
    pub detail: String,
    /// Code points before the cursor that the label replaces.
    pub replaces: u32,
}

/// What a name means in the live state of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// For example a signature.
    pub title: String,
    /// The language's name of the type.
    pub type_name: String,
    /// Plain text.
    pub documentation: String,
    /// One line, shortened.
    pub preview: String,
}

/// What a runtime says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeInformation {
    /// For example `3.14.0`.
    pub version: String,
    /// For example `CPython`.
    pub implementation: String,
    /// Importable modules.
    pub modules: Vec<String>,
}
