//! Packages in cells: archives built on the spot, and tiny ones of the real registries.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use metascript_sandbox::packages::{Manager, Packages};
use metascript_sandbox::{Language, Policy, Session, SessionOptions};

use crate::support::{engine, patient, run};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn lock(&self) -> PathBuf {
        self.folder.path().join(".metascript/packages.lock.json")
    }

    fn manager(&self) -> Manager {
        Manager::at(&self.store(), &self.lock())
    }

    fn session(&self) -> Session {
        let (packages, problems) = Packages::from_lock(&self.store(), &self.lock());
        assert!(problems.is_empty(), "{problems:?}");
        engine().session_with(SessionOptions {
            policy: Policy {
                limits: patient(),
                ..Policy::strict()
            },
            packages,
            ..SessionOptions::default()
        })
    }
}

fn wheel(folder: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let path = folder.join(name);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn tarball(folder: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let path = folder.join(name);
    let file = std::fs::File::create(&path).unwrap();
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(
        file,
        flate2::Compression::fast(),
    ));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("package/{name}"), text.as_bytes())
            .unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
    path
}

#[test]
fn a_wheel_can_be_imported_and_read() {
    let place = Place::new();
    let wheel = wheel(
        place.folder.path(),
        "Little_Greeter-1.2-py3-none-any.whl",
        &[
            (
                "greeter/__init__.py",
                "from .words import hello\n__version__ = '1.2'\n",
            ),
            (
                "greeter/words.py",
                "import pkgutil\nfrom importlib import resources\ndef hello(name):\n    end = pkgutil.get_data('greeter', 'end.txt').decode()\n    assert resources.files('greeter').joinpath('end.txt').read_text() == end\n    return f'Hello {name}{end}'\ndef fail():\n    raise ValueError('inside')\n",
            ),
            ("greeter/end.txt", "!"),
            ("shared_space/part.py", "x = 1\n"),
            (
                "Little_Greeter-1.2.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: Little-Greeter\nVersion: 1.2\n",
            ),
            (
                "Little_Greeter-1.2.dist-info/WHEEL",
                "Wheel-Version: 1.0\nTag: py3-none-any\n",
            ),
        ],
    );
    let added = place
        .manager()
        .add(Language::Python, wheel.to_str().unwrap(), true)
        .unwrap();
    assert_eq!(added.packages[0].name, "Little-Greeter");
    let mut session = place.session();
    let greeted = run(
        &mut session,
        Language::Python,
        "import greeter\ngreeter.hello('you')",
    );
    assert_eq!(greeted.text(), "'Hello you!'");
    let more = run(
        &mut session,
        Language::Python,
        "import importlib.metadata, shared_space.part\nimportlib.metadata.version('little_greeter'), greeter.__file__, shared_space.part.x",
    );
    assert_eq!(more.text(), "('1.2', '/packages/greeter/__init__.py', 1)");
    let failed = run(&mut session, Language::Python, "greeter.words.fail()");
    assert!(
        failed.error().traceback.contains("in fail"),
        "{}",
        failed.picture()
    );
    let missing = run(&mut session, Language::Python, "import numpy");
    assert!(
        missing
            .error()
            .message
            .contains("runtimes add python numpy"),
        "{}",
        missing.picture()
    );

    let packages = session.packages();
    for name in ["little.greeter", "greeter", "greeter.words"] {
        let found = packages.find(Language::Python, name).unwrap();
        assert_eq!(found.unwrap().version, "1.2", "{name}");
    }
    assert!(packages.find(Language::Python, "greet").unwrap().is_none());

    assert!(
        place
            .manager()
            .remove(Language::Python, "little-greeter")
            .unwrap()
    );
    let gone = run(&mut place.session(), Language::Python, "import greeter");
    assert!(gone.error().message.contains("No module named 'greeter'"));
}

#[test]
fn a_changed_archive_is_refused() {
    let place = Place::new();
    let meta = [
        ("a-1.dist-info/METADATA", "Name: a\nVersion: 1\n"),
        ("a-1.dist-info/WHEEL", "Tag: py3-none-any\n"),
    ];
    let good = wheel(
        place.folder.path(),
        "a-1-py3-none-any.whl",
        &[("a.py", "x = 1"), meta[0], meta[1]],
    );
    let evil = wheel(
        place.folder.path(),
        "evil.whl",
        &[("a.py", "x = 2"), meta[0], meta[1]],
    );
    let added = place
        .manager()
        .add(Language::Python, good.to_str().unwrap(), true)
        .unwrap();
    let stored = place.store().join(&added.packages[0].sha256);
    std::fs::copy(evil, &stored).unwrap();
    let refused = run(&mut place.session(), Language::Python, "import a");
    assert!(
        refused
            .error()
            .message
            .contains("changed after it was added"),
        "{}",
        refused.picture()
    );
    std::fs::remove_file(&stored).unwrap();
    let refused = run(&mut place.session(), Language::Python, "import a");
    assert!(
        refused.error().message.contains("not on this machine"),
        "{}",
        refused.picture()
    );
    assert!(!place.session().packages().list(Language::Python)[0].present);
}

#[test]
fn packages_of_npm_can_be_imported_in_every_form() {
    let place = Place::new();
    let folder = place.folder.path();
    let common = tarball(
        folder,
        "common.tgz",
        &[
            (
                "package.json",
                r#"{"name":"common","version":"1.0.0","main":"lib"}"#,
            ),
            (
                "lib/index.js",
                "const part = require('./part'); exports.twice = (x) => part(x); exports.data = require('../data.json').n; exports.mode = process.env.NODE_ENV;",
            ),
            ("lib/part.js", "module.exports = (x) => x * 2;"),
            ("lib/node.js", "require('fs')"),
            ("data.json", "{\"n\":7}"),
        ],
    );
    let modern = tarball(
        folder,
        "modern.tgz",
        &[
            (
                "package.json",
                r#"{"name":"@me/modern","version":"2.0.0","type":"module","exports":{".":"./index.js","./extra":"./extra.js"}}"#,
            ),
            (
                "index.js",
                "import common from 'common';\nexport { four as default } from './extra.js';\nexport const six = common.twice(3);\nexport let count = 0;\nexport function more() { count += 1; return count; }\n",
            ),
            (
                "extra.js",
                "import { twice } from 'common';\nexport const four = twice(2);\nexport const where = import.meta.url;\n",
            ),
        ],
    );
    for file in [&common, &modern] {
        place
            .manager()
            .add(Language::JavaScript, file.to_str().unwrap(), true)
            .unwrap();
    }
    let mut session = place.session();
    let mut text = |language, code: &str| run(&mut session, language, code).text().to_owned();
    assert_eq!(
        text(
            Language::JavaScript,
            "import c, { twice, data } from 'common';\n[twice(4), data, c.mode]"
        ),
        "[ 8, 7, 'production' ]"
    );
    assert_eq!(
        text(
            Language::JavaScript,
            "import four, * as all from '@me/modern';\nall.more();\n[four, all.six, all.count]"
        ),
        "[ 4, 6, 1 ]"
    );
    assert_eq!(
        text(
            Language::TypeScript,
            "import { four } from '@me/modern/extra';\nconst n: number = four; n"
        ),
        "4"
    );
    assert_eq!(
        text(Language::JavaScript, "require('common').twice(5)"),
        "10"
    );
    for (code, reason) in [
        ("await import('common/lib/node.js')", "is a part of Node"),
        ("await import('@me/modern/secret')", "gives no './secret'"),
        (
            "require('left-pad')",
            "metascript runtimes add javascript left-pad",
        ),
        ("require('../common')", "no module '../common'"),
    ] {
        let refused = run(&mut session, Language::JavaScript, code);
        assert!(
            refused.error().message.contains(reason),
            "{}",
            refused.picture()
        );
    }
    assert_eq!(session.packages().list(Language::JavaScript).len(), 2);
}

/// What is fetched once works without a network.
fn offline(place: &Place, language: Language, code: &str) -> String {
    run(&mut place.session(), language, code).text().to_owned()
}

#[test]
#[ignore = "fetches a package from PyPI"]
fn a_package_of_pypi_works() {
    let place = Place::new();
    let added = place
        .manager()
        .add(Language::Python, "markdown-it-py==3.0.0", false)
        .unwrap();
    let names: Vec<&str> = added.packages.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["markdown-it-py", "mdurl"]);
    let html = offline(
        &place,
        Language::Python,
        "from markdown_it import MarkdownIt\nMarkdownIt().render('# *a*')",
    );
    assert_eq!(html, r"'<h1><em>a</em></h1>\n'");
    // Native code is not taken.
    let error = place
        .manager()
        .add(Language::Python, "numpy==2.1.0", false)
        .unwrap_err();
    assert!(error.to_string().contains("pure Python"), "{error}");
    assert_eq!(place.session().packages().list(Language::Python).len(), 2);
}

#[test]
#[ignore = "fetches packages from npm"]
fn packages_of_npm_work() {
    let place = Place::new();
    place
        .manager()
        .add(Language::JavaScript, "left-pad@1.3.0", false)
        .unwrap();
    place
        .manager()
        .add(Language::JavaScript, "p-limit@6.1.0", false)
        .unwrap();
    let names: Vec<String> = place
        .session()
        .packages()
        .list(Language::JavaScript)
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(names, ["left-pad", "p-limit", "yocto-queue"]);
    assert_eq!(
        offline(
            &place,
            Language::JavaScript,
            "import pad from 'left-pad';\npad('7', 3, '0')"
        ),
        "'007'"
    );
}
