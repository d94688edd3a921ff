//! `tars` in each language: files and hosts that the policy grants, refusals, the audit log.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

use metascript_sandbox::{
    Access, AuditLog, FolderGrant, HostGrant, Language, Policy, Session, SessionOptions, Value,
};
use serde_json::Value as Json;

use crate::support::{Run, engine, patient, run};

const LANGUAGES: [Language; 4] = [
    Language::Python,
    Language::JavaScript,
    Language::TypeScript,
    Language::FSharp,
];

/// A script's folder with `data/notes.txt` (readable), `out` (writable) and a secret beside.
pub(crate) struct World {
    folder: tempfile::TempDir,
    policy: Policy,
    log: AuditLog,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["data", "out"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("data/notes.txt"), "héllo\n").unwrap();
        fs::write(folder.path().join("secret.txt"), "TOP SECRET").unwrap();
        let grant = |path: &str, access| FolderGrant {
            path: path.into(),
            access,
            within: None,
        };
        let policy = Policy {
            name: "own".to_owned(),
            limits: patient(),
            folders: vec![grant("data", Access::Read), grant("out", Access::Write)],
            ..Policy::strict()
        };
        let log = AuditLog::in_folder(&folder.path().join("audit")).unwrap();
        Self {
            folder,
            policy,
            log,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn session(&self) -> Session {
        engine().session_with(SessionOptions {
            policy: self.policy.clone(),
            folder: Some(self.path().to_owned()),
            audit: Some(self.log.clone()),
            origin: "a test".to_owned(),
            ..SessionOptions::default()
        })
    }

    /// The log's entries of one kind, each as it is needed here.
    pub(crate) fn entries(&self, event: &str) -> Vec<Json> {
        let all = self.log.last(usize::MAX).unwrap();
        all.into_iter()
            .filter(|one| one["event"] == event)
            .collect()
    }
}

#[track_caller]
pub(crate) fn fine(run: &Run) {
    assert_eq!(
        run.outcome.status,
        metascript_sandbox::Status::Ok,
        "{}",
        run.picture()
    );
}

/// Reads, writes, appends, lists, asks, removes; the same names in every language.
fn files(language: Language) -> &'static str {
    match language {
        Language::Python => {
            "text = tars.fs.read('data/notes.txt')\ntars.fs.write('out/a.txt', text * 2)\ntars.fs.append('out/a.txt', 'end')\ntars.fs.write('out/b.bin', tars.fs.bytes('data/notes.txt'))\ntars.fs.mkdir('out/x/y')\ntars.fs.remove('out/x/y')\nfound = [f\"{one['name']} {one['kind']} {one['size']}\" for one in tars.fs.list('out')]\nthere = [tars.fs.exists('out/a.txt'), tars.fs.exists('out/none')]"
        }
        Language::FSharp => {
            "let text = tars.fs.read \"data/notes.txt\"\ntars.fs.write(\"out/a.txt\", text + text)\ntars.fs.append(\"out/a.txt\", \"end\")\ntars.fs.write(\"out/b.bin\", tars.fs.bytes \"data/notes.txt\")\ntars.fs.mkdir \"out/x/y\"\ntars.fs.remove \"out/x/y\"\nlet found = [ for one in tars.fs.list \"out\" -> sprintf \"%s %s %d\" one.name one.kind (if one.kind = \"folder\" then 0L else one.size) ]\nlet there = [ tars.fs.exists \"out/a.txt\"; tars.fs.exists \"out/none\" ]"
        }
        _ => {
            "const text = tars.fs.read('data/notes.txt');\ntars.fs.write('out/a.txt', text + text);\ntars.fs.append('out/a.txt', 'end');\ntars.fs.write('out/b.bin', tars.fs.bytes('data/notes.txt'));\ntars.fs.mkdir('out/x/y');\ntars.fs.remove('out/x/y');\nvar found = tars.fs.list('out').map((one) => `${one.name} ${one.kind} ${one.size}`);\nvar there = [tars.fs.exists('out/a.txt'), tars.fs.exists('out/none')];"
        }
    }
}

#[test]
fn files_have_the_same_names_in_every_language() {
    for language in LANGUAGES {
        let world = World::new();
        let mut session = world.session();
        fine(&run(&mut session, language, files(language)));
        let written = fs::read_to_string(world.path().join("out/a.txt")).unwrap();
        assert_eq!(written, "héllo\nhéllo\nend", "{language}");
        assert_eq!(
            fs::read(world.path().join("out/b.bin")).unwrap(),
            "héllo\n".as_bytes()
        );
        let Some(Value::List(found)) = session.variable("found").unwrap() else {
            panic!("{language}: no list")
        };
        assert_eq!(
            found[..2],
            ["a.txt file 17", "b.bin file 7"].map(|text| Value::Text(text.to_owned())),
            "{language}"
        );
        let there = session.variable("there").unwrap().unwrap();
        assert_eq!(
            there,
            Value::List(vec![Value::Boolean(true), Value::Boolean(false)]),
            "{language}"
        );
        let targets: Vec<String> = world
            .entries("host.call")
            .iter()
            .map(|one| {
                format!(
                    "{} {}",
                    one["operation"].as_str().unwrap(),
                    one["target"].as_str().unwrap()
                )
            })
            .collect();
        assert_eq!(
            targets,
            [
                "fs.read-text data/notes.txt",
                "fs.write-text out/a.txt",
                "fs.append-text out/a.txt",
                "fs.read-bytes data/notes.txt",
                "fs.write-bytes out/b.bin",
                "fs.create-folder out/x/y",
                "fs.remove out/x/y",
                "fs.list out",
                "fs.exists out/a.txt",
                "fs.exists out/none",
            ],
            "{language}"
        );
    }
}

#[test]
fn what_is_not_granted_is_refused_in_a_sentence_and_noted() {
    for language in LANGUAGES {
        let world = World::new();
        let mut session = world.session();
        for (path, because) in [
            ("secret.txt", "outside the folders"),
            ("data/../secret.txt", "outside the folders"),
            ("/etc/passwd", "outside the folders"),
        ] {
            let read = run(&mut session, language, &format!("tars.fs.read(\"{path}\")"));
            let shown = read.picture();
            assert!(
                shown.contains(because) && shown.contains("policy of your own"),
                "{language}: {shown}"
            );
            assert!(
                !shown.contains("TOP SECRET") && !shown.contains("root:"),
                "{shown}"
            );
        }
        let write = run(
            &mut session,
            language,
            "tars.fs.write(\"data/notes.txt\", \"x\")",
        )
        .picture();
        assert!(write.contains("access = \"write\""), "{language}: {write}");
        let get = run(
            &mut session,
            language,
            "tars.http.get(\"https://example.com/\")",
        )
        .picture();
        assert!(
            get.contains("does not grant requests to https://example.com"),
            "{language}: {get}"
        );
        let refused = world.entries("host.refused");
        assert_eq!(refused.len(), 5, "{language}");
        assert!(refused.iter().all(|one| one["code"] == "denied"));
        assert_eq!(refused[0]["target"], "secret.txt");
        assert_eq!(refused[4]["target"], "GET https://example.com/");
    }
}

#[test]
fn errors_are_the_languages_own() {
    let world = World::new();
    let mut session = world.session();
    let caught = run(
        &mut session,
        Language::Python,
        "found = []\nfor path in ('data/none', 'secret.txt'):\n    try:\n        tars.fs.read(path)\n    except (FileNotFoundError, PermissionError) as error:\n        found.append((type(error).__name__, error.code, isinstance(error, OSError)))\nfound",
    );
    assert_eq!(
        caught.text(),
        "[('NotFound', 'not-found', True), ('Denied', 'denied', True)]"
    );
    let caught = run(
        &mut session,
        Language::JavaScript,
        "['data/none', 'secret.txt'].map((path) => { try { tars.fs.read(path) } catch (error) { return `${error.name} ${error.code}` } })",
    );
    assert_eq!(
        caught.text(),
        "[ 'HostError not-found', 'HostError denied' ]"
    );
    let caught = run(
        &mut session,
        Language::FSharp,
        "[ for path in [ \"data/none\"; \"secret.txt\" ] -> try File.ReadAllText path with error -> error.Message.Substring(0, 18) ]",
    );
    assert!(
        caught.text().contains("Could not find fil")
            && caught.text().contains("Access to the path"),
        "{}",
        caught.picture()
    );
}

#[test]
fn dot_net_s_files_go_the_same_way() {
    let world = World::new();
    let mut session = world.session();
    fine(&run(
        &mut session,
        Language::FSharp,
        "let lines = File.ReadAllLines \"data/notes.txt\"\nFile.WriteAllText(Path.Combine(\"out\", \"n.txt\"), string lines.Length)\nlet names = Directory.GetFiles \"out\" |> Array.toList\nlet size = FileInfo(\"out/n.txt\").Length",
    ));
    assert_eq!(
        fs::read_to_string(world.path().join("out/n.txt")).unwrap(),
        "1"
    );
    assert_eq!(
        session.variable("names").unwrap(),
        Some(Value::List(vec![Value::Text("out/n.txt".to_owned())]))
    );
}

#[test]
fn lines_of_the_log_are_shown_and_kept() {
    for language in LANGUAGES {
        let world = World::new();
        let mut session = world.session();
        let run = run(
            &mut session,
            language,
            "tars.log(\"one\")\ntars.warn(\"two\")",
        );
        fine(&run);
        assert_eq!(run.stderr(), "info: one\nwarning: two\n", "{language}");
        let begun = &world.entries("cell.begin")[0];
        assert_eq!(begun["policy"], "own");
        assert_eq!(begun["origin"], "a test");
        assert_eq!(begun["script"], "demo.tars");
        assert_eq!(begun["line"], 11);
        assert_eq!(begun["language"], language.as_str());
        assert_eq!(begun["sha256"].as_str().unwrap().len(), 64);
        let ended = &world.entries("cell.end")[0];
        assert_eq!(
            (&ended["status"], &ended["run"]),
            (&Json::from("ok"), &begun["run"])
        );
        assert_eq!(world.entries("host.call")[1]["target"], "warning: two");
        assert!(world.log.verify().unwrap().troubles.is_empty());
    }
}

#[test]
fn variables_through_tars_are_those_of_the_session() {
    let world = World::new();
    let mut session = world.session();
    fine(&run(
        &mut session,
        Language::Python,
        "tars.vars.set('n', 2 ** 70)",
    ));
    fine(&run(
        &mut session,
        Language::JavaScript,
        "tars.vars.set('m', tars.vars.get('n') + 1n)",
    ));
    let seen = run(
        &mut session,
        Language::FSharp,
        "tars.vars.get<bigint> \"m\"",
    );
    assert!(
        seen.text().starts_with("1180591620717411303425"),
        "{}",
        seen.picture()
    );
    assert_eq!(world.entries("host.call")[0]["operation"], "vars.set");
}

#[test]
fn calls_are_counted() {
    let mut world = World::new();
    world.policy.host_calls = 10;
    for (language, code) in [
        (
            Language::Python,
            "for n in range(50): tars.fs.exists('data')",
        ),
        (
            Language::JavaScript,
            "for (let n = 0; n < 50; n++) tars.vars.set('x', n)",
        ),
    ] {
        let mut session = world.session();
        let shown = run(&mut session, language, code).picture();
        assert!(
            shown.contains("allows 10 calls of the host in one cell"),
            "{shown}"
        );
        // The next cell counts anew.
        fine(&run(&mut session, language, "tars.fs.exists('data')"));
    }
}

#[test]
fn nothing_is_touched_that_cannot_be_noted() {
    let world = World::new();
    let mut session = world.session();
    fs::remove_dir_all(world.path().join("audit")).unwrap();
    fs::write(world.path().join("audit"), "in the way").unwrap();
    let run = run(
        &mut session,
        Language::Python,
        "tars.fs.write('out/x', 'y')",
    );
    assert!(
        run.picture().contains("cannot be written to the audit log"),
        "{}",
        run.picture()
    );
    assert!(!world.path().join("out/x").exists());
    assert!(session.audit_fault().is_some());
}

#[test]
fn a_policy_can_change_while_the_session_lives() {
    let world = World::new();
    let mut session = world.session();
    fine(&run(
        &mut session,
        Language::Python,
        "kept = tars.fs.read('data/notes.txt')",
    ));
    session.set_policy(Policy::strict());
    let shown = run(
        &mut session,
        Language::Python,
        "print(kept); tars.fs.read('data/notes.txt')",
    )
    .picture();
    assert!(
        shown.contains("héllo") && shown.contains("under the policy 'strict'"),
        "{shown}"
    );
}

/// Answers every request with its first line.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut seen = Vec::new();
            let mut piece = [0; 4096];
            while !String::from_utf8_lossy(&seen).contains("\r\n\r\n") {
                match stream.read(&mut piece) {
                    Ok(count) if count > 0 => seen.extend_from_slice(&piece[..count]),
                    _ => break,
                }
            }
            let text = String::from_utf8_lossy(&seen);
            let line = text.lines().next().unwrap_or_default().to_owned();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nX-Answer: yes\r\nContent-Length: {}\r\n\r\n{line}",
                line.len()
            );
        }
    });
    port
}

#[test]
fn granted_hosts_answer_in_every_language() {
    let port = echo();
    let mut world = World::new();
    world.policy.hosts = vec![HostGrant {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        methods: vec!["GET".to_owned()],
        private: true,
    }];
    for language in LANGUAGES {
        let mut session = world.session();
        let field = if language == Language::FSharp {
            "answer.headers.[\"x-answer\"]"
        } else {
            "answer.headers['x-answer']"
        };
        let declare = match language {
            Language::FSharp => "let ",
            Language::Python => "",
            _ => "var ",
        };
        let code = format!(
            "{declare}answer = tars.http.get(\"http://127.0.0.1:{port}/path?key=value\")\n{declare}seen = [answer.text{} {field}]",
            if language == Language::FSharp {
                ";"
            } else {
                ","
            }
        );
        fine(&run(&mut session, language, &code));
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(
            session.variable("seen").unwrap(),
            Some(Value::List(vec![
                text("GET /path?key=value HTTP/1.1"),
                text("yes")
            ])),
            "{language}"
        );
        let post = run(
            &mut session,
            language,
            &format!("tars.http.post(\"http://127.0.0.1:{port}/\", \"x\")"),
        )
        .picture();
        assert!(post.contains("does not grant POST"), "{language}: {post}");
    }
    let targets = world.entries("host.call");
    assert_eq!(
        targets[0]["target"],
        format!("GET http://127.0.0.1:{port}/path?…")
    );
    let mut session = world.session();
    let client = format!(
        "let client = new HttpClient()\nlet page = client.GetStringAsync(\"http://127.0.0.1:{port}/net\").Result"
    );
    fine(&run(&mut session, Language::FSharp, &client));
    assert_eq!(
        session.variable("page").unwrap(),
        Some(Value::Text("GET /net HTTP/1.1".to_owned()))
    );
}

#[test]
fn a_request_ends_with_its_cell() {
    // It accepts and never answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut world = World::new();
    world.policy.hosts = vec![HostGrant {
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        methods: vec!["GET".to_owned()],
        private: true,
    }];
    let mut session = world.session();
    session.start(Language::Python).unwrap();
    let mut limits = patient();
    limits.wall_time = std::time::Duration::from_millis(300);
    session.set_limits(limits);
    let run = run(
        &mut session,
        Language::Python,
        &format!("tars.http.get('http://127.0.0.1:{port}/')"),
    );
    assert_eq!(
        run.outcome.status,
        metascript_sandbox::Status::TimedOut,
        "{}",
        run.picture()
    );
    assert!(run.outcome.duration.as_secs() < 10);
}
