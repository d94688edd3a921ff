//! Languages that have a runtime.

use std::fmt;

/// The component that compiles F#, by the name of its file.
pub(crate) const FSHARP_COMPILER: &str = "fsharp-compiler";

/// A language whose cells can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Language {
    /// CPython 3.14.
    Python,
    /// QuickJS-ng.
    JavaScript,
    /// JavaScript's runtime, which erases the types: both languages share one state.
    TypeScript,
    /// Fable in QuickJS-ng, with a compiler that all sessions share.
    FSharp,
    /// The user's own toolchain, which compiles to WebAssembly.
    Rust,
}

impl Language {
    /// Every language with a runtime.
    pub const ALL: [Self; 5] = [
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::FSharp,
        Self::Rust,
    ];

    /// The canonical name, in lower case: `python`, `javascript`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::FSharp => "fsharp",
            Self::Rust => "rust",
        }
    }

    /// The name as its users write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::FSharp => "F#",
            Self::Rust => "Rust",
        }
    }

    /// The language of a canonical name; `None` if it has no runtime.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.as_str() == name)
    }

    /// The language whose runtime and state it shares; most are their own.
    pub const fn home(self) -> Self {
        match self {
            Self::TypeScript => Self::JavaScript,
            other => other,
        }
    }

    /// The runtime that runs the language, by the name of its file.
    pub(crate) const fn runtime(self) -> &'static str {
        self.home().as_str()
    }

    /// The component that compiles its cells, by the name of its file; most runtimes do that themselves.
    pub(crate) const fn compiler(self) -> Option<&'static str> {
        match self {
            Self::FSharp => Some(FSHARP_COMPILER),
            _ => None,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}
