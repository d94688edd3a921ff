//! Walls around the compiler's process, where the system has them.

use std::io;
use std::path::Path;
use std::process::{Child, Command};

/// What the compiler may read, and the one folder that it may write.
pub(super) struct Confinement<'a> {
    pub(super) readable: Vec<&'a Path>,
    pub(super) writable: &'a Path,
    /// Most memory, in bytes of address space.
    pub(super) memory: u64,
    /// Most seconds of a processor.
    pub(super) seconds: u64,
}

/// Largest file that the compiler may write.
#[cfg(target_os = "linux")]
const MOST_FILE: u64 = 256 << 20;

/// Starts the program confined. The walls hold for what it starts in turn.
#[cfg(target_os = "linux")]
pub(super) fn spawn(mut command: Command, walls: &Confinement<'_>) -> io::Result<Child> {
    // Landlock confines the thread that asks for it and what that thread starts.
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("metascript-rustc".to_owned())
            .spawn_scoped(scope, move || {
                restrict(walls).map_err(io::Error::other)?;
                let child = command.spawn()?;
                let id = i32::try_from(child.id()).unwrap_or(0);
                for (resource, most) in [
                    (rlimit::Resource::AS, walls.memory),
                    (rlimit::Resource::CPU, walls.seconds),
                    (rlimit::Resource::FSIZE, MOST_FILE),
                    (rlimit::Resource::CORE, 0),
                ] {
                    if id > 0 {
                        // It fails only for a process that is gone already.
                        let _ = rlimit::prlimit(id, resource, Some((most, most)), None);
                    }
                }
                Ok(child)
            })?
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the compiler could not be confined")))
    })
}

#[cfg(target_os = "linux")]
fn restrict(walls: &Confinement<'_>) -> Result<(), landlock::RulesetError> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope,
        path_beneath_rules,
    };

    // What the kernel does not know is left out: best effort is the crate's default.
    let abi = ABI::V6;
    // Libraries of the compiler and of the linker, and what their loader reads.
    let system = [
        "/lib",
        "/lib64",
        "/usr/lib",
        "/usr/lib64",
        "/nix/store",
        "/etc/ld.so.cache",
        "/dev/urandom",
        "/dev/random",
        "/proc/self",
        "/sys/fs/cgroup",
    ];
    let readable = walls
        .readable
        .iter()
        .copied()
        .chain(system.iter().map(Path::new));
    Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .add_rules(path_beneath_rules(readable, AccessFs::from_read(abi)))?
        .add_rules(path_beneath_rules(
            ["/dev/null"],
            AccessFs::ReadFile | AccessFs::WriteFile,
        ))?
        .add_rules(path_beneath_rules(
            [walls.writable],
            AccessFs::from_all(abi),
        ))?
        .restrict_self()?;
    Ok(())
}

/// Whether the compiler sees no file but its own.
#[cfg(target_os = "linux")]
pub(crate) fn hides_files() -> bool {
    use landlock::{ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};

    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))
        .and_then(Ruleset::create)
        .is_ok()
}

/// Starts the program: this system has no walls that a program can put up without being an administrator.
#[cfg(not(target_os = "linux"))]
pub(super) fn spawn(mut command: Command, _: &Confinement<'_>) -> io::Result<Child> {
    command.spawn()
}

/// Whether the compiler sees no file but its own.
#[cfg(not(target_os = "linux"))]
pub(crate) fn hides_files() -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::process::Stdio;

    use super::*;

    /// What a program that prints a file has to say from behind the walls.
    fn cat(file: &Path, writable: &Path) -> std::process::Output {
        let mut command = Command::new("/bin/cat");
        command
            .arg(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let walls = Confinement {
            readable: vec![Path::new("/bin"), Path::new("/usr/bin")],
            writable,
            memory: 1 << 30,
            seconds: 10,
        };
        spawn(command, &walls).unwrap().wait_with_output().unwrap()
    }

    #[test]
    fn what_stands_outside_is_out_of_reach_whatever_the_program_is() {
        if !hides_files() {
            return;
        }
        let [inside, outside] = [(), ()].map(|()| tempfile::tempdir().unwrap());
        for folder in [&inside, &outside] {
            std::fs::write(folder.path().join("text"), "seen").unwrap();
        }
        std::os::unix::fs::symlink(outside.path().join("text"), inside.path().join("link"))
            .unwrap();
        assert_eq!(
            cat(&inside.path().join("text"), inside.path()).stdout,
            b"seen"
        );
        for hidden in [
            outside.path().join("text"),
            inside.path().join("link"),
            "/etc/passwd".into(),
        ] {
            let output = cat(&hidden, inside.path());
            assert!(
                !output.status.success() && output.stdout.is_empty(),
                "{}",
                hidden.display()
            );
        }
    }
}
