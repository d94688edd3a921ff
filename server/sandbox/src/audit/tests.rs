#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;

use super::*;

fn log_with(rotate: u64, entries: usize) -> (tempfile::TempDir, AuditLog) {
    let folder = tempfile::tempdir().unwrap();
    let log = AuditLog::with(
        folder.path().to_owned(),
        &folder.path().join("audit.key"),
        rotate,
    )
    .unwrap();
    for at in 0..entries {
        log.append("cell.begin", &json!({ "cell": at })).unwrap();
    }
    (folder, log)
}

fn troubles(log: &AuditLog) -> String {
    let found: Vec<_> = log
        .verify()
        .unwrap()
        .troubles
        .iter()
        .map(ToString::to_string)
        .collect();
    found.join("\n")
}

/// Changes the lines of the current log behind the log's back.
fn tamper(log: &AuditLog, change: impl FnOnce(&mut Vec<String>)) {
    let path = log.folder().join(CURRENT);
    let mut lines: Vec<String> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    change(&mut lines);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(path, text).unwrap();
}

#[test]
fn an_untouched_log_is_whole() {
    let (_folder, log) = log_with(ROTATE, 5);
    let report = log.verify().unwrap();
    assert_eq!((report.lines, report.troubles), (5, vec![]));
    let last = log.last(2).unwrap();
    assert_eq!((&last[0]["cell"], &last[1]["cell"]), (&json!(3), &json!(4)));
    assert_eq!(last[1]["seq"], json!(5));
    let (_folder, empty) = log_with(ROTATE, 0);
    assert_eq!(empty.verify().unwrap(), Report::default());
}

#[test]
fn whatever_is_done_to_a_line_shows() {
    type Change = fn(&mut Vec<String>);
    let changes: [(&str, Change); 9] = [
        ("changed", |lines| {
            lines[2] = lines[2].replace("\"cell\":2", "\"cell\":9");
        }),
        ("entry 3 is missing", |lines| drop(lines.remove(2))),
        ("entries 1 to 2 are missing", |lines| drop(lines.drain(..2))),
        ("entry 5 was written", |lines| drop(lines.pop())),
        ("entry 5 was written", |lines| lines.clear()),
        ("changed", |lines| lines.swap(1, 2)),
        ("changed", |lines| lines.insert(2, lines[1].clone())),
        ("this is no entry", |lines| {
            lines.insert(2, "{\"seq\":3}".to_owned());
        }),
        ("changed", |lines| {
            // As good a forgery as can be made without the key.
            lines[4] = lines[4].replace("\"cell\":4", "\"cell\":5");
        }),
    ];
    for (expected, change) in changes {
        let (_folder, log) = log_with(ROTATE, 5);
        tamper(&log, change);
        assert!(
            troubles(&log).contains(expected),
            "{expected}: {}",
            troubles(&log)
        );
    }
}

#[test]
fn what_was_cut_off_still_shows_when_the_log_goes_on() {
    let (_folder, log) = log_with(ROTATE, 5);
    tamper(&log, |lines| drop(lines.pop()));
    log.append("cell.begin", &json!({})).unwrap();
    log.append("cell.begin", &json!({})).unwrap();
    let told = troubles(&log);
    assert!(
        told.contains("entry 5 is missing") && told.contains("not as it had been left"),
        "{told}"
    );
}

#[test]
fn a_head_that_is_gone_or_forged_shows() {
    for forged in [None, Some("5 0 00 00\n"), Some("")] {
        let (_folder, log) = log_with(ROTATE, 5);
        tamper(&log, |lines| drop(lines.pop()));
        match forged {
            None => fs::remove_file(log.folder().join(HEAD)).unwrap(),
            Some(text) => fs::write(log.folder().join(HEAD), text).unwrap(),
        }
        assert!(troubles(&log).contains("audit.head"), "{}", troubles(&log));
        // Going on does not hide it.
        log.append("cell.begin", &json!({})).unwrap();
        assert!(
            troubles(&log).contains("not as it had been left"),
            "{}",
            troubles(&log)
        );
    }
}

#[test]
fn a_writer_that_died_half_way_is_told_from_an_attack() {
    // It wrote its line and not the head.
    let (_folder, log) = log_with(ROTATE, 3);
    let before = fs::read(log.folder().join(HEAD)).unwrap();
    log.append("cell.begin", &json!({})).unwrap();
    fs::write(log.folder().join(HEAD), before).unwrap();
    assert_eq!(troubles(&log), "");
    log.append("cell.begin", &json!({})).unwrap();
    assert_eq!(
        (troubles(&log).as_str(), log.verify().unwrap().lines),
        ("", 5)
    );
    // It wrote half a line: nothing is lost, and the place is told.
    let path = log.folder().join(CURRENT);
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"seq\":6,\"ti");
    fs::write(&path, text).unwrap();
    log.append("cell.begin", &json!({})).unwrap();
    assert!(
        troubles(&log).contains("audit.jsonl:6: this is no entry"),
        "{}",
        troubles(&log)
    );
}

#[test]
fn full_logs_are_put_aside_and_the_oldest_go() {
    let (_folder, log) = log_with(1000, 400);
    assert_eq!(troubles(&log), "");
    let files = log.files().unwrap();
    assert!(files.len() > 2 && files.len() <= KEPT + 1, "{files:?}");
    assert!(verify::first_seq(&files[0]).unwrap().unwrap() > 1);
    assert_eq!(log.last(1).unwrap()[0]["cell"], json!(399));
    fs::remove_file(&files[1]).unwrap();
    assert!(troubles(&log).contains("are missing"), "{}", troubles(&log));
    let (_folder, log) = log_with(1000, 400);
    fs::remove_file(&log.files().unwrap()[0]).unwrap();
    assert!(troubles(&log).contains("are missing"), "{}", troubles(&log));
}

#[test]
fn writers_take_turns() {
    let (folder, log) = log_with(4000, 0);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            // Each as another process would have it: its own handle, its own files.
            let log = AuditLog::with(
                folder.path().to_owned(),
                &folder.path().join("audit.key"),
                4000,
            )
            .unwrap();
            scope.spawn(move || {
                for at in 0..50 {
                    log.append("cell.begin", &json!({ "writer": writer, "at": at }))
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(troubles(&log), "");
    let all = log.last(usize::MAX).unwrap();
    assert_eq!(
        all.iter()
            .filter(|entry| entry["event"] == "cell.begin")
            .count(),
        200
    );
}

#[test]
fn an_entry_cannot_forge_another() {
    let (_folder, log) = log_with(ROTATE, 1);
    log.append(
        "host.call",
        &json!({ "seq": 99, "event": "cell.end", "target": "a\"}\n{\"seq\":3,\"event\":\"cell.begin\"}\n" }),
    )
    .unwrap();
    log.append("host.call", &json!({ "target": "x".repeat(1 << 20) }))
        .unwrap();
    assert_eq!(troubles(&log), "");
    let all = log.last(9).unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(
        (&all[1]["seq"], &all[1]["event"]),
        (&json!(2), &json!("host.call"))
    );
    assert!(all[2]["too_long"].is_number());
}

#[cfg(unix)]
#[test]
fn only_the_user_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, log) = log_with(ROTATE, 1);
    for name in [CURRENT, HEAD, LOCK, "audit.key"] {
        let mode = fs::metadata(log.folder().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}
