//! Policies of one's own: the table `[run]` of the user's settings and of a workspace's `.metascript.toml`.
//!
//! A workspace's file is written by whoever wrote the workspace. What it asks for beyond the user's default counts only
//! when somebody asks for that policy by name, and even then it reaches no folder outside the workspace and no address
//! of the machine's own network.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::{Access, BUILT_IN, FolderGrant, HostGrant, Policy, amount};
use crate::services::Models;

/// Policies by name, and which one holds when none is asked for.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    named: BTreeMap<String, Policy>,
    /// The user's default.
    default: Option<String>,
    /// What the workspace would like.
    asked: Option<String>,
    problems: Vec<String>,
}

#[derive(Deserialize, Default)]
struct File {
    #[serde(default)]
    run: Run,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Run {
    policy: Option<String>,
    policies: BTreeMap<String, Written>,
}

/// A policy as it stands in a file: what is absent is as in the policy that it extends.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Written {
    extends: Option<String>,
    wall_time: Option<String>,
    fuel: Option<u64>,
    memory: Option<String>,
    output: Option<String>,
    value: Option<String>,
    host_calls: Option<u64>,
    folders: Option<Vec<WrittenFolder>>,
    hosts: Option<Vec<WrittenHost>>,
    models: Option<Models>,
    keep_vectors: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFolder {
    path: PathBuf,
    #[serde(default = "read")]
    access: Access,
}

fn read() -> Access {
    Access::Read
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHost {
    host: String,
    methods: Option<Vec<String>>,
    #[serde(default)]
    private: bool,
}

/// Who wrote a file: its folder, for a workspace's.
#[derive(Clone, Copy)]
enum Author<'a> {
    User,
    Workspace(&'a Path),
}

impl Policies {
    /// Reads settings files. One that is not there changes nothing.
    pub fn load(user: Option<&Path>, workspace: Option<&Path>) -> Self {
        let mut policies = Self::default();
        for (path, is_workspace) in [(user, false), (workspace, true)] {
            let Some(path) = path else { continue };
            match std::fs::read_to_string(path) {
                Ok(text) if is_workspace => {
                    let folder = path.parent().unwrap_or(Path::new("."));
                    policies.add(&text, Author::Workspace(folder));
                }
                Ok(text) => policies.add(&text, Author::User),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => policies
                    .problems
                    .push(format!("{}: {error}", path.display())),
            }
        }
        policies.check_default();
        policies
    }

    /// The same from texts; the workspace's with its folder.
    pub fn read(user: Option<&str>, workspace: Option<(&str, &Path)>) -> Self {
        let mut policies = Self::default();
        if let Some(text) = user {
            policies.add(text, Author::User);
        }
        if let Some((text, folder)) = workspace {
            policies.add(text, Author::Workspace(folder));
        }
        policies.check_default();
        policies
    }

    /// What in the files does not hold, a line each.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The policy of that name.
    pub fn named(&self, name: &str) -> Result<Policy, String> {
        Policy::built_in(name)
            .or_else(|| self.named.get(name).cloned())
            .ok_or_else(|| {
                let own: Vec<&str> = self.named.keys().map(String::as_str).collect();
                format!(
                    "there is no policy `{name}`; there are {}",
                    BUILT_IN
                        .into_iter()
                        .chain(own)
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            })
    }

    /// The policy that holds when none is asked for by name; and, when the workspace would like one that allows more,
    /// a text for people that says which and what it allows.
    pub fn default_policy(&self) -> (Policy, Option<String>) {
        let own = self
            .default
            .as_deref()
            .and_then(|name| self.named(name).ok())
            .unwrap_or_default();
        let Some(asked) = self.asked.as_deref().and_then(|name| self.named(name).ok()) else {
            return (own, None);
        };
        if asked.is_within(&own) {
            return (asked, None);
        }
        let text = format!(
            "the workspace asks for the policy `{}`, which allows more than `{}`; it holds only if you ask for it by name:\n  {}",
            asked.name,
            own.name,
            asked.summary().join("\n  ")
        );
        (own, Some(text))
    }

    fn check_default(&mut self) {
        for name in [&self.default, &self.asked].into_iter().flatten() {
            if let Err(problem) = self.named(name) {
                self.problems.push(format!("run.policy: {problem}"));
            }
        }
    }

    fn add(&mut self, text: &str, author: Author<'_>) {
        let run = match toml::from_str::<File>(text) {
            Ok(file) => file.run,
            Err(error) => {
                self.problems.push(format!(
                    "the table [run] is not readable: {}",
                    error.message()
                ));
                return;
            }
        };
        for (name, written) in run.policies {
            if BUILT_IN.contains(&name.as_str()) || self.named.contains_key(&name) {
                self.problems.push(format!(
                    "run.policies.{name}: there is a policy of that name already; choose another"
                ));
                continue;
            }
            match self.policy(&name, written, author) {
                Ok(policy) => {
                    self.named.insert(name, policy);
                }
                Err(problem) => self
                    .problems
                    .push(format!("run.policies.{name}: {problem}")),
            }
        }
        match author {
            Author::User => self.default = run.policy,
            Author::Workspace(_) => self.asked = run.policy,
        }
    }

    fn policy(&self, name: &str, written: Written, author: Author<'_>) -> Result<Policy, String> {
        let mut policy = match &written.extends {
            // What the user allows himself is not a workspace's to build on.
            Some(base) if matches!(author, Author::Workspace(_)) => Policy::built_in(base)
                .ok_or_else(|| {
                    format!("extends: `{base}` is not strict, moderate or permissive")
                })?,
            Some(base) => self.named(base)?,
            None => Policy::strict(),
        };
        name.clone_into(&mut policy.name);
        let bytes =
            |text: &str| amount::size(text).map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        let limits = &mut policy.limits;
        if let Some(text) = &written.wall_time {
            limits.wall_time = amount::time(text).map_err(|e| format!("wall_time: {e}"))?;
        }
        for (name, place, text) in [
            ("memory", &mut limits.memory, &written.memory),
            ("output", &mut limits.output, &written.output),
            ("value", &mut limits.value, &written.value),
        ] {
            if let Some(text) = text {
                *place = bytes(text).map_err(|error| format!("{name}: {error}"))?;
            }
        }
        limits.fuel = written.fuel.or(limits.fuel);
        policy.host_calls = written.host_calls.unwrap_or(policy.host_calls);
        if let Some(folders) = written.folders {
            policy.folders = folders
                .into_iter()
                .map(|folder| grant_folder(folder, author))
                .collect::<Result<_, _>>()?;
        }
        if let Some(hosts) = written.hosts {
            policy.hosts = hosts
                .into_iter()
                .map(|host| grant_host(host, author))
                .collect::<Result<_, _>>()?;
        }
        policy.models = written.models.unwrap_or(policy.models);
        policy.keep_vectors = written.keep_vectors.unwrap_or(policy.keep_vectors);
        Ok(policy)
    }
}

fn grant_folder(folder: WrittenFolder, author: Author<'_>) -> Result<FolderGrant, String> {
    match author {
        Author::User => Ok(FolderGrant {
            path: folder.path,
            access: folder.access,
            within: None,
        }),
        Author::Workspace(root) => {
            let inside = folder
                .path
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if !inside {
                return Err(format!(
                    "folders: {} is outside the workspace; only your own settings can grant it",
                    folder.path.display()
                ));
            }
            Ok(FolderGrant {
                path: root.join(&folder.path),
                access: folder.access,
                within: Some(root.to_owned()),
            })
        }
    }
}

fn grant_host(written: WrittenHost, author: Author<'_>) -> Result<HostGrant, String> {
    if written.private && matches!(author, Author::Workspace(_)) {
        return Err(format!(
            "hosts: {}: only your own settings can grant `private`",
            written.host
        ));
    }
    // An IPv6 address stands in brackets and has colons of its own.
    let (name, port) = match written.host.rsplit_once(':') {
        Some((name, digits)) if !digits.ends_with(']') => match digits.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (written.host.as_str(), None),
        },
        _ => (written.host.as_str(), None),
    };
    let host = name.trim_end_matches('.').to_ascii_lowercase();
    let fine = |text: &str| {
        !text.is_empty()
            && !text.contains(['/', '@', '*', '?', '#', ' '])
            && (!text.contains(':') || text.starts_with('['))
    };
    if host != "*" && !fine(host.strip_prefix("*.").unwrap_or(&host)) {
        return Err(format!(
            "hosts: `{}` is no host; write for example api.example.com, *.example.com or localhost:8080",
            written.host
        ));
    }
    let methods = written
        .methods
        .unwrap_or_else(|| vec!["GET".to_owned(), "HEAD".to_owned()]);
    Ok(HostGrant {
        host,
        port,
        methods: methods
            .into_iter()
            .map(|method| method.to_ascii_uppercase())
            .collect(),
        private: written.private,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use std::time::Duration;

    use super::*;

    const REPORTS: &str = "[run]\npolicy = \"reports\"\n[run.policies.reports]\nextends = \"strict\"\nwall_time = \"2m\"\nmemory = \"64MB\"\n\
        folders = [{ path = \"data\" }, { path = \"out\", access = \"write\" }]\nhosts = [{ host = \"API.example.com\", methods = [\"get\"] }]\n";

    fn workspace(text: &str) -> Policies {
        Policies::read(None, Some((text, Path::new("/w"))))
    }

    #[test]
    fn a_policy_of_ones_own_is_read_whole() {
        let policies = workspace(REPORTS);
        assert_eq!(policies.problems(), [] as [&str; 0]);
        let policy = policies.named("reports").unwrap();
        assert_eq!(policy.limits.wall_time, Duration::from_mins(2));
        assert_eq!(policy.limits.memory, 64 << 20);
        assert_eq!(policy.limits.output, Policy::strict().limits.output);
        assert_eq!(policy.folders[0].path, Path::new("/w/data"));
        assert_eq!(policy.folders[1].access, Access::Write);
        assert_eq!(policy.hosts[0].host, "api.example.com");
        assert_eq!(policy.hosts[0].methods, ["GET"]);
    }

    #[test]
    fn a_workspace_cannot_raise_itself() {
        let (policy, note) = workspace(REPORTS).default_policy();
        assert_eq!(policy, Policy::strict());
        let note = note.unwrap();
        assert!(
            note.contains("`reports`") && note.contains("/w/out"),
            "{note}"
        );

        let (policy, note) = workspace("[run]\npolicy = \"permissive\"\n").default_policy();
        assert_eq!((policy, note.is_some()), (Policy::strict(), true));

        // The user's word counts, and the workspace may be content with less.
        let tight = "[run]\npolicy = \"tight\"\n[run.policies.tight]\nwall_time = \"1s\"\n";
        let (policy, note) = workspace(tight).default_policy();
        assert_eq!((policy.name.as_str(), note), ("tight", None));
        let both = Policies::read(
            Some("[run]\npolicy = \"moderate\"\n"),
            Some((tight, Path::new("/w"))),
        );
        assert_eq!(both.default_policy().0.name, "tight");
        let user = Policies::read(Some("[run]\npolicy = \"moderate\"\n"), None);
        assert_eq!(user.default_policy().0.name, "moderate");
    }

    #[test]
    fn a_workspace_reaches_neither_out_of_itself_nor_into_the_network() {
        for (text, expected) in [
            (
                "folders = [{ path = \"../other\" }]",
                "outside the workspace",
            ),
            ("folders = [{ path = \"/etc\" }]", "outside the workspace"),
            (
                "hosts = [{ host = \"localhost:8080\", private = true }]",
                "`private`",
            ),
            ("hosts = [{ host = \"http://x/\" }]", "is no host"),
            ("hosts = [{ host = \"x:99999\" }]", "is no host"),
            ("hosts = [{ host = \"a.*.com\" }]", "is no host"),
            ("memory = \"lots\"", "unknown unit"),
            ("walltime = \"1s\"", "unknown field"),
            ("extends = \"lax\"", "`lax` is not strict"),
        ] {
            let policies = workspace(&format!("[run.policies.own]\n{text}\n"));
            assert!(
                policies.problems().join("\n").contains(expected),
                "{text}: {:?}",
                policies.problems()
            );
            assert!(policies.named("own").is_err(), "{text}");
        }
        let taken = Policies::read(
            Some("[run.policies.mine]\nwall_time = \"1s\"\n"),
            Some((
                "[run.policies.mine]\nextends = \"permissive\"\n[run.policies.strict]\nextends = \"permissive\"\n",
                Path::new("/w"),
            )),
        );
        assert_eq!(taken.problems().len(), 2);
        assert_eq!(
            taken.named("mine").unwrap().limits.wall_time,
            Duration::from_secs(1)
        );
        assert_eq!(taken.named("strict").unwrap(), Policy::strict());
    }
}
