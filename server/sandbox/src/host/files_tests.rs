#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// A folder `granted` with a file, and beside it one that nobody granted.
struct World {
    root: tempfile::TempDir,
    folders: Folders,
}

const SECRET: &str = "a secret";

fn world(access: Access) -> World {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("granted/deep")).unwrap();
    fs::create_dir_all(root.path().join("other")).unwrap();
    fs::write(root.path().join("granted/notes.txt"), "notes").unwrap();
    fs::write(root.path().join("other/secret.txt"), SECRET).unwrap();
    let grant = FolderGrant {
        path: "granted".into(),
        access,
        within: None,
    };
    World {
        folders: Folders::new(&[grant], root.path()),
        root,
    }
}

fn ask(
    world: &World,
    operation: &str,
    path: &str,
    more: &[(&str, &str)],
) -> Result<Value, Refused> {
    let mut entries = vec![("path".to_owned(), Value::Text(path.to_owned()))];
    entries.extend(
        more.iter()
            .map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned()))),
    );
    let operation = format!("fs.{operation}");
    assert!(OPERATIONS.contains(&operation.as_str()));
    let mut arguments = Arguments::new(&operation, Value::Map(entries)).unwrap();
    world
        .folders
        .answer(&operation, &mut arguments, "own", 1000)
}

fn code(answer: Result<Value, Refused>) -> &'static str {
    answer.map_or_else(|refused| refused.code, |_| "ok")
}

#[test]
fn files_of_a_granted_folder_are_read_and_written() {
    let world = world(Access::Write);
    let text = |path| ask(&world, "read-text", path, &[]);
    assert_eq!(
        text("granted/notes.txt"),
        Ok(Value::Text("notes".to_owned()))
    );
    let whole = world.root.path().join("granted/./deep/../notes.txt");
    assert_eq!(
        text(whole.to_str().unwrap()),
        Ok(Value::Text("notes".to_owned()))
    );
    ask(
        &world,
        "write-text",
        "granted/deep/new.txt",
        &[("text", "one")],
    )
    .unwrap();
    ask(
        &world,
        "append-text",
        "granted/deep/new.txt",
        &[("text", " two")],
    )
    .unwrap();
    assert_eq!(
        text("granted/deep/new.txt"),
        Ok(Value::Text("one two".to_owned()))
    );
    ask(&world, "create-folder", "granted/a/b/c", &[]).unwrap();
    assert_eq!(
        ask(&world, "exists", "granted/a/b/c", &[]),
        Ok(Value::Boolean(true))
    );
    ask(&world, "remove", "granted/a/b/c", &[]).unwrap();
    assert_eq!(
        ask(&world, "exists", "granted/a/b/c", &[]),
        Ok(Value::Boolean(false))
    );
    let Value::List(entries) = ask(&world, "list", "granted", &[]).unwrap() else {
        panic!("no list");
    };
    assert_eq!(entries.len(), 3);
    assert_eq!(
        entries[2],
        Value::Map(vec![
            ("name".to_owned(), Value::Text("notes.txt".to_owned())),
            ("kind".to_owned(), Value::Text("file".to_owned())),
            ("size".to_owned(), Value::Integer(5)),
        ])
    );
    // Nothing of the writing is left over.
    assert_eq!(
        fs::read_dir(world.root.path().join("granted/deep"))
            .unwrap()
            .count(),
        1
    );
}

#[test]
fn what_is_not_granted_is_refused_whatever_its_name() {
    let world = world(Access::Read);
    let outside = world.root.path().join("other/secret.txt");
    for path in [
        "other/secret.txt",
        "granted/../other/secret.txt",
        "granted/deep/../../other/secret.txt",
        "../../../../../../etc/passwd",
        "granted/../../etc/passwd",
        "/etc/passwd",
        "/proc/self/environ",
        outside.to_str().unwrap(),
        ".",
        "..",
        "granted2",
        "grantedx/notes.txt",
    ] {
        assert_eq!(
            code(ask(&world, "read-text", path, &[])),
            "denied",
            "{path}"
        );
        assert_eq!(code(ask(&world, "exists", path, &[])), "denied", "{path}");
        assert_eq!(code(ask(&world, "list", path, &[])), "denied", "{path}");
    }
    for path in ["", "a\0b"] {
        assert_eq!(code(ask(&world, "read-text", path, &[])), "bad-argument");
    }
    for operation in ["write-text", "append-text", "create-folder", "remove"] {
        let refused = ask(&world, operation, "granted/notes.txt", &[("text", "x")]).unwrap_err();
        assert_eq!(refused.code, "denied");
        assert!(
            refused.message.contains("access = \"write\""),
            "{refused:?}"
        );
    }
    assert_eq!(
        fs::read_to_string(world.root.path().join("granted/notes.txt")).unwrap(),
        "notes"
    );
}

#[cfg(unix)]
#[test]
fn no_link_leads_out() {
    use std::os::unix::fs::symlink;
    let world = world(Access::Write);
    let granted = world.root.path().join("granted");
    symlink("../other", granted.join("relative")).unwrap();
    symlink(world.root.path().join("other"), granted.join("absolute")).unwrap();
    symlink("../other/secret.txt", granted.join("file")).unwrap();
    symlink("/proc/self", granted.join("proc")).unwrap();
    symlink("notes.txt", granted.join("inside")).unwrap();
    symlink("loop", granted.join("loop")).unwrap();
    for path in [
        "relative/secret.txt",
        "absolute/secret.txt",
        "file",
        "proc/environ",
        "loop",
    ] {
        let path = format!("granted/{path}");
        for operation in ["read-text", "append-text", "info"] {
            let answer = ask(&world, operation, &path, &[("text", "x")]);
            assert!(answer.is_err(), "{operation} {path}: {answer:?}");
        }
    }
    for path in ["relative/new.txt", "absolute/new.txt"] {
        let path = format!("granted/{path}");
        assert_ne!(
            code(ask(&world, "write-text", &path, &[("text", "x")])),
            "ok"
        );
        assert_ne!(code(ask(&world, "create-folder", &path, &[])), "ok");
        assert_ne!(
            code(ask(&world, "remove", "granted/relative/secret.txt", &[])),
            "ok"
        );
    }
    assert_eq!(
        ask(&world, "read-text", "granted/inside", &[]),
        Ok(Value::Text("notes".to_owned()))
    );
    // Writing to a link replaces it and leaves what it showed.
    ask(&world, "write-text", "granted/file", &[("text", "mine")]).unwrap();
    let secret = world.root.path().join("other/secret.txt");
    assert_eq!(fs::read_to_string(secret).unwrap(), SECRET);
    assert_eq!(
        fs::read_dir(world.root.path().join("other"))
            .unwrap()
            .count(),
        1
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_swapped_for_a_link_leads_nowhere() {
    use std::os::unix::fs::symlink;
    let world = world(Access::Write);
    let granted = world.root.path().join("granted");
    let (inside, other) = (granted.join("swap"), world.root.path().join("other"));
    fs::create_dir(&inside).unwrap();
    fs::write(inside.join("secret.txt"), "harmless").unwrap();
    let (aside, link) = (granted.join("aside"), granted.join("link"));
    symlink(&other, &link).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                fs::rename(&inside, &aside).unwrap();
                fs::rename(&link, &inside).unwrap();
                fs::rename(&inside, &link).unwrap();
                fs::rename(&aside, &inside).unwrap();
            }
        });
        let mut seen = [0, 0];
        for _ in 0..20_000 {
            match ask(&world, "read-text", "granted/swap/secret.txt", &[]) {
                Ok(Value::Text(text)) => {
                    seen[0] += 1;
                    if text != "harmless" {
                        over.store(true, Ordering::Relaxed);
                        panic!("read through the link: {text}");
                    }
                }
                Ok(other) => panic!("{other:?}"),
                Err(_) => seen[1] += 1,
            }
            let _ = ask(
                &world,
                "write-text",
                "granted/swap/made.txt",
                &[("text", "x")],
            );
        }
        over.store(true, Ordering::Relaxed);
        assert!(seen[0] > 0, "the harmless file was never read");
    });
    assert!(!other.join("made.txt").exists());
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_no_files() {
    let world = world(Access::Write);
    let pipe = world.root.path().join("granted/pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    assert_eq!(
        code(ask(&world, "read-text", "granted/pipe", &[])),
        "not-a-file"
    );
    assert_ne!(
        code(ask(&world, "append-text", "granted/pipe", &[("text", "x")])),
        "ok"
    );
}

#[test]
fn a_workspace_grants_nothing_outside_itself() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("workspace")).unwrap();
    fs::create_dir_all(root.path().join("other")).unwrap();
    fs::write(root.path().join("other/secret.txt"), SECRET).unwrap();
    let workspace = root.path().join("workspace");
    #[cfg(unix)]
    std::os::unix::fs::symlink("../other", workspace.join("data")).unwrap();
    let grant = FolderGrant {
        path: workspace.join("data"),
        access: Access::Read,
        within: Some(workspace.clone()),
    };
    let world = World {
        folders: Folders::new(&[grant], &workspace),
        root,
    };
    assert_ne!(code(ask(&world, "read-text", "data/secret.txt", &[])), "ok");
}

#[test]
fn sizes_are_bounded() {
    let world = world(Access::Write);
    fs::write(world.root.path().join("granted/large"), "x".repeat(1001)).unwrap();
    assert_eq!(
        code(ask(&world, "read-text", "granted/large", &[])),
        "too-large"
    );
    assert_eq!(
        code(ask(&world, "read-bytes", "granted/large", &[])),
        "too-large"
    );
    fs::write(world.root.path().join("granted/bytes"), [0xff, 0xfe]).unwrap();
    assert_eq!(
        code(ask(&world, "read-text", "granted/bytes", &[])),
        "not-text"
    );
    assert_eq!(
        ask(&world, "read-bytes", "granted/bytes", &[]),
        Ok(Value::Bytes(vec![0xff, 0xfe]))
    );
}
