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
        [
            Self::Network,
            Self::Filesystem,
            Self::Process,
            Self::Environment,
            Self::Native,
        ]
        .into_iter()
        .find(|one| one.name() == name)
    }

    /// What policies and rules call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Filesystem => "filesystem",
            Self::Process => "process",
            Self::Environment => "environment",
            Self::Native => "native",
        }
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
