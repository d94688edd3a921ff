//! What code needs from the machine.

/// A power that a policy can deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// Other machines.
    Network,
    /// Files and folders.
    Filesystem,
    /// Other programs.
    Process,
    /// Environment variables.
    Environment,
    /// Code outside of the language's own safety.
    Native,
}

impl Capability {
    /// The capability that policies and rules call `name`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "network" => Self::Network,
            "filesystem" => Self::Filesystem,
            "process" => Self::Process,
            "environment" => Self::Environment,
            "native" => Self::Native,
            _ => return None,
        })
    }

    /// Its name for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Filesystem => "files",
            Self::Process => "programs",
            Self::Environment => "environment variables",
            Self::Native => "native code",
        }
    }
}
