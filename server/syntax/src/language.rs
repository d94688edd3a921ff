//! The languages of cells.

/// The language of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Language {
    /// F#.
    FSharp,
    /// C#.
    CSharp,
    /// Python.
    Python,
    /// JavaScript.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// Rust.
    Rust,
    /// SQL.
    Sql,
    /// POSIX shells.
    Bash,
    /// PowerShell.
    PowerShell,
    /// CUDA C++.
    Cuda,
    /// Any other, by its name in lower case; `text` when a fence names none.
    Other(Box<str>),
}

impl Language {
    /// The language that a keyword (`FSHARP`, `F#`), an argument of `LANG` or the word behind a fence names.
    pub fn named(name: &str) -> Language {
        let name = name.trim().to_lowercase();
        match name.as_str() {
            "fsharp" | "f#" | "fs" | "fsx" => Language::FSharp,
            "csharp" | "c#" | "cs" | "csx" => Language::CSharp,
            "python" | "py" | "python3" => Language::Python,
            "javascript" | "js" | "node" | "mjs" => Language::JavaScript,
            "typescript" | "ts" => Language::TypeScript,
            "rust" | "rs" => Language::Rust,
            "sql" => Language::Sql,
            "bash" | "sh" | "shell" | "zsh" | "command" | "console" => Language::Bash,
            "powershell" | "pwsh" | "ps1" => Language::PowerShell,
            "cuda" | "cu" => Language::Cuda,
            "" => Language::Other("text".into()),
            _ => Language::Other(name.into_boxed_str()),
        }
    }

    /// The canonical name, in lower case.
    pub fn as_str(&self) -> &str {
        match self {
            Language::FSharp => "fsharp",
            Language::CSharp => "csharp",
            Language::Python => "python",
            Language::JavaScript => "javascript",
            Language::TypeScript => "typescript",
            Language::Rust => "rust",
            Language::Sql => "sql",
            Language::Bash => "bash",
            Language::PowerShell => "powershell",
            Language::Cuda => "cuda",
            Language::Other(name) => name,
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
