//! What the cells of a session may do: limits, folders, hosts.

pub mod amount;
mod settings;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Limits;
use crate::services::Models;
pub use settings::Policies;

/// Whether files of a folder may be changed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Files can be read and folders listed.
    Read,
    /// Files can be made, changed and removed as well.
    Write,
}

/// A folder that cells may use, with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderGrant {
    /// A path; a relative one begins at the script's folder.
    pub path: PathBuf,
    /// What may be done there.
    pub access: Access,
    /// The folder must lie in this one, links followed: set when a workspace's file asks for it.
    pub within: Option<PathBuf>,
}

/// A host that cells may ask over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostGrant {
    /// A name or an address in lower case; `*.example.com` means every name below, `*` any host.
    pub host: String,
    /// The port; without one, 80 and 443.
    pub port: Option<u16>,
    /// Methods in upper case.
    pub methods: Vec<String>,
    /// Addresses of this machine and of its network are allowed too.
    pub private: bool,
}

/// What the cells of a session may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// `strict`, `moderate`, `permissive` or a name of one's own.
    pub name: String,
    /// Bounds on time, memory, output and values.
    pub limits: Limits,
    /// How often one cell may call the host.
    pub host_calls: u64,
    /// Folders that cells may use.
    pub folders: Vec<FolderGrant>,
    /// Hosts that cells may ask.
    pub hosts: Vec<HostGrant>,
    /// Language models that cells may ask; what the user's settings say of consent and budgets holds as well.
    pub models: Models,
    /// Stores of vectors are kept in `.metascript/vectors` of the script's folder. Otherwise they end with the session.
    pub keep_vectors: bool,
}

/// The policies that ship with the product, the tightest first.
pub const BUILT_IN: [&str; 3] = ["strict", "moderate", "permissive"];

impl Default for Policy {
    fn default() -> Self {
        Self::strict()
    }
}

impl Policy {
    /// No file, no host; 30 seconds, 256 MiB.
    pub fn strict() -> Self {
        Self {
            name: "strict".to_owned(),
            limits: Limits::default(),
            host_calls: 10_000,
            folders: Vec::new(),
            hosts: Vec::new(),
            models: Models::None,
            keep_vectors: false,
        }
    }

    /// Reads the script's folder, asks models of this machine; 2 minutes, 512 MiB.
    fn moderate() -> Self {
        Self {
            name: "moderate".to_owned(),
            limits: Limits {
                wall_time: Duration::from_mins(2),
                memory: 512 << 20,
                output: 4 << 20,
                value: 32 << 20,
                fuel: None,
            },
            host_calls: 100_000,
            folders: vec![FolderGrant {
                path: PathBuf::from("."),
                access: Access::Read,
                within: None,
            }],
            hosts: Vec::new(),
            models: Models::Local,
            keep_vectors: false,
        }
    }

    /// Reads and writes the script's folder, asks any public host and any model of the settings; 10 minutes, 1 GiB.
    fn permissive() -> Self {
        let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        Self {
            name: "permissive".to_owned(),
            limits: Limits {
                wall_time: Duration::from_mins(10),
                memory: 1 << 30,
                output: 16 << 20,
                value: 64 << 20,
                fuel: None,
            },
            host_calls: 1_000_000,
            folders: vec![FolderGrant {
                path: PathBuf::from("."),
                access: Access::Write,
                within: None,
            }],
            hosts: vec![HostGrant {
                host: "*".to_owned(),
                port: None,
                methods: methods.map(str::to_owned).to_vec(),
                private: false,
            }],
            models: Models::Any,
            keep_vectors: true,
        }
    }

    /// A policy that ships with the product.
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            "strict" => Some(Self::strict()),
            "moderate" => Some(Self::moderate()),
            "permissive" => Some(Self::permissive()),
            _ => None,
        }
    }

    /// Takes back everything that reaches beyond the sandbox; the limits stay.
    pub fn confine(&mut self) {
        self.folders.clear();
        self.hosts.clear();
        self.models = Models::None;
        self.keep_vectors = false;
    }

    /// Whether this policy allows nothing that `other` forbids.
    pub fn is_within(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.limits, &other.limits);
        let fuel = match (mine.fuel, theirs.fuel) {
            (_, None) => true,
            (Some(mine), Some(theirs)) => mine <= theirs,
            (None, Some(_)) => false,
        };
        mine.wall_time <= theirs.wall_time
            && mine.memory <= theirs.memory
            && mine.output <= theirs.output
            && mine.value <= theirs.value
            && fuel
            && self.host_calls <= other.host_calls
            && self.folders.iter().all(|one| {
                other
                    .folders
                    .iter()
                    .any(|known| one.path == known.path && one.access <= known.access)
            })
            && self.hosts.iter().all(|one| other.hosts.contains(one))
            && self.models <= other.models
            && self.keep_vectors <= other.keep_vectors
    }

    /// What the policy allows, a line each, for people.
    pub fn summary(&self) -> Vec<String> {
        let limits = &self.limits;
        let mut lines = vec![format!(
            "limits: {} a cell, {} of memory, {} of output, values of {}, {} calls of the host{}",
            seconds(limits.wall_time),
            amount::bytes(limits.memory),
            amount::bytes(limits.output),
            amount::bytes(limits.value),
            self.host_calls,
            limits
                .fuel
                .map(|fuel| format!(", {fuel} instructions"))
                .unwrap_or_default()
        )];
        if self.folders.is_empty() {
            lines.push("files: none".to_owned());
        }
        for folder in &self.folders {
            let verb = match folder.access {
                Access::Read => "reads",
                Access::Write => "reads and writes",
            };
            let name = if folder.path == Path::new(".") {
                "the script's folder".to_owned()
            } else {
                folder.path.display().to_string()
            };
            lines.push(format!("files: {verb} {name}"));
        }
        if self.hosts.is_empty() {
            lines.push("network: none".to_owned());
        }
        for host in &self.hosts {
            let name = match (host.host.as_str(), host.port) {
                ("*", None) => "any public host".to_owned(),
                ("*", Some(port)) => format!("any public host at port {port}"),
                (name, None) => name.to_owned(),
                (name, Some(port)) => format!("{name}:{port}"),
            };
            lines.push(format!(
                "network: {} {name}{}",
                host.methods.join(", "),
                if host.private {
                    ", also in this machine's own network"
                } else {
                    ""
                }
            ));
        }
        match self.models {
            Models::None => {}
            Models::Local => lines.push("language models: those of this machine".to_owned()),
            Models::Any => lines.push("language models: all of your settings".to_owned()),
        }
        if self.keep_vectors {
            lines.push("vectors: kept in .metascript/vectors of the script's folder".to_owned());
        }
        lines
    }
}

pub(crate) fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 1.0 {
        format!("{} ms", time.as_millis())
    } else {
        format!("{seconds} s")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_built_in_policy_allows_what_the_tighter_ones_do() {
        let [strict, moderate, permissive] = BUILT_IN.map(|name| Policy::built_in(name).unwrap());
        assert!(strict.is_within(&moderate) && moderate.is_within(&permissive));
        assert!(!moderate.is_within(&strict) && !permissive.is_within(&moderate));
        assert_eq!(strict, Policy::default());
        assert!(strict.folders.is_empty() && strict.hosts.is_empty());
        assert!(BUILT_IN.iter().all(|name| {
            Policy::built_in(name)
                .is_some_and(|policy| policy.hosts.iter().all(|host| !host.private))
        }));
    }
}
