use metascript_sandbox::{CellSource, Language, Status};

use crate::support::{assert_picture, notebook, py, run_cell, session};

fn show(cells: &[&str]) -> String {
    notebook(Language::Python, cells)
}

#[test]
fn state_and_results() {
    assert_picture!(show(&[
        "x = 20\ndef double(n):\n    return n * 2",
        "double(x) + 2",
        "_ + 1",
        "x += 1; x",
        "x;",
        "None",
        "'text'",
        "print('a', 1); print('b')\n3.5",
        "[i ** 2 for i in range(40)]",
        "import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: int\nP(3)",
        "del x\n'x' in globals()",
    ]));
}

#[test]
fn top_level_await_keeps_its_loop() {
    assert_picture!(show(&[
        "import asyncio\nasync def f(n):\n    await asyncio.sleep(0.001)\n    return n\nawait f(1) + await f(2)",
        "task = asyncio.create_task(f(7))\nawait asyncio.sleep(0)",
        "await task",
        "await asyncio.gather(*(f(n) for n in range(5)))",
        "async def main():\n    print('in main')\n    return 5",
        "asyncio.run(main())",
        "async for n in agen():\n    print(n)",
    ]));
}

#[test]
fn tracebacks_count_lines_of_the_script() {
    assert_picture!(show(&[
        "def outer(n):\n    return inner(n)\n\ndef inner(n):\n    return 1 / n",
        "outer(0)",
        "import json\njson.loads('{')",
        "try:\n    outer(0)\nexcept ZeroDivisionError as error:\n    raise ValueError('bad') from error",
        "x = (1,\n",
        "if True:\nprint(1)",
        "async def f():\n    raise KeyError('k')\nawait f()",
        "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])",
        "class Odd(Exception):\n    def __str__(self):\n        raise RuntimeError('no')\nraise Odd()",
    ]));
}

#[test]
fn an_error_knows_its_place() {
    let mut session = session();
    let error = py(&mut session, "a = 1\nb = a / 0\n").error().clone();
    assert_eq!(
        (error.name.as_str(), error.message.as_str()),
        ("ZeroDivisionError", "division by zero")
    );
    assert_eq!((error.line, error.column), (Some(11), Some(4)));
    let error = py(&mut session, "ok = 1\nx = = 2").error().clone();
    assert_eq!(
        (error.name.as_str(), error.line, error.column),
        ("SyntaxError", Some(11), Some(4))
    );
}

#[test]
fn a_cell_indented_as_a_whole_runs() {
    let mut session = session();
    let code =
        "\n    # a comment\n    text = '''a\nb'''\n    if text:\n        print(text)\n    1 / 0\n";
    let run = py(&mut session, code);
    assert_eq!(run.stdout(), "a\nb\n");
    assert_eq!(run.error().line, Some(10 + 6));
    let first = run_cell(
        &mut session,
        &CellSource::new(Language::Python, "    1 / 0").at("first.tars", 0),
    );
    assert_eq!(first.error().line, Some(0), "{}", first.picture());
}

#[test]
fn rich_results_have_every_form() {
    let mut session = session();
    let run = py(
        &mut session,
        "class Rich:\n    def _repr_html_(self): return '<b>x</b>'\n    def _repr_png_(self): return b'\\x89PNG'\n    def __repr__(self): return 'Rich'\nRich()",
    );
    let mimes: Vec<_> = run
        .result()
        .unwrap()
        .representations
        .iter()
        .map(|(mime, _)| mime.as_str())
        .collect();
    assert_eq!(mimes, ["text/plain", "text/html", "image/png"]);
    let run = py(
        &mut session,
        "display(Rich(), 5)\ndisplay({'text/markdown': '*hi*'}, raw=True)",
    );
    insta::assert_snapshot!(run.picture(), @r#"
    display text/plain: Text("Rich")
    display text/html: Text("<b>x</b>")
    display image/png: Binary([137, 80, 78, 71])
    display text/plain: Text("5")
    display text/markdown: Text("*hi*")
    "#);
}

#[test]
fn output_streams_while_the_cell_runs() {
    use metascript_sandbox::Event;
    let mut session = session();
    let cell = CellSource::new(
        Language::Python,
        "import time\nprint('first')\nstart = time.monotonic()\nwhile time.monotonic() - start < 0.2: pass\nprint('second')",
    );
    let mut seen = Vec::new();
    session
        .evaluate(&cell, &mut |event| {
            if let Event::Stream { text, .. } = event {
                seen.push((text, std::time::Instant::now()));
            }
        })
        .unwrap();
    assert_eq!(seen.len(), 2);
    assert!(
        seen[1].1 - seen[0].1 >= std::time::Duration::from_millis(150),
        "the first line came with the second"
    );
}

#[test]
fn the_standard_library_is_there() {
    let modules = "abc argparse array ast asyncio base64 bisect calendar cmath cmd code codecs collections collections.abc \
        colorsys concurrent.futures configparser contextlib contextvars copy csv dataclasses datetime decimal difflib dis \
        doctest email email.mime.text enum filecmp fnmatch fractions ftplib functools gettext glob graphlib gzip hashlib \
        heapq hmac html html.parser http http.client http.cookies imaplib importlib importlib.metadata inspect io ipaddress \
        itertools json keyword linecache locale logging logging.handlers math mimetypes numbers operator optparse os \
        os.path pathlib pickle pickletools pkgutil platform plistlib pprint profile queue quopri random re reprlib \
        sched secrets selectors shelve shlex shutil smtplib socket socketserver stat statistics string string.templatelib \
        stringprep struct subprocess symtable sys sysconfig tarfile tempfile textwrap threading time timeit token tokenize \
        tomllib trace traceback types typing unicodedata unittest unittest.mock urllib.error urllib.parse urllib.request \
        uuid warnings wave weakref wsgiref.util xml.dom.minidom xml.etree.ElementTree xml.sax xmlrpc.client zipapp \
        zipfile zlib zoneinfo encodings.latin_1 encodings.utf_16 encodings.cp1252 encodings.idna";
    let mut session = session();
    let code = format!(
        "import importlib\nmissing = []\nfor name in '''{modules}'''.split():\n    try:\n        importlib.import_module(name)\n    except ImportError as error:\n        missing.append(f'{{name}}: {{error}}')\nmissing"
    );
    assert_eq!(py(&mut session, &code).text(), "[]");
    let used = py(
        &mut session,
        "import datetime, decimal, fractions, hashlib, statistics, zoneinfo, random, uuid, textwrap, re\n\
         moment = datetime.datetime(2026, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo('Europe/Paris'))\n\
         (moment.isoformat(), str(decimal.Decimal('0.1') * 3), str(fractions.Fraction(1, 3) + 1), hashlib.sha256(b'').hexdigest()[:8],\n\
          statistics.median([1, 5, 2]), len(str(uuid.uuid4())), 'é'.encode('cp1252'))",
    );
    assert_eq!(
        used.text(),
        "('2026-07-01T12:00:00+02:00', '0.3', '4/3', 'e3b0c442', 2, 36, b'\\xe9')"
    );
}

#[test]
fn what_cannot_work_says_so() {
    assert_picture!(show(&[
        "import numpy",
        "import sqlite3",
        "try:\n    import ssl\nexcept ImportError:\n    print('guarded imports go on')",
        "import threading\nthreading.Thread(target=print).start()",
        "input('name? ')",
        "import sys\nsys.exit()",
        "sys.exit('stopped')",
    ]));
}

#[test]
fn random_numbers_differ_between_sessions() {
    let draw = || {
        py(&mut session(), "import random, secrets, uuid\n(random.random(), secrets.token_hex(8), uuid.uuid4().hex)").text().to_owned()
    };
    assert_ne!(draw(), draw());
}

#[test]
fn completion_and_explanation_use_the_live_state() {
    let mut session = session();
    assert!(
        session
            .complete(Language::Python, "x.", "")
            .unwrap()
            .is_empty(),
        "completing starts nothing"
    );
    py(
        &mut session,
        "import math\ndef greet(name: str, loud=False) -> str:\n    'Greets somebody.'\n    return name\ngreeting = 'hi'",
    );
    let labels = |before: &str, session: &mut metascript_sandbox::Session| -> Vec<String> {
        session
            .complete(Language::Python, before, "")
            .unwrap()
            .into_iter()
            .map(|one| one.label)
            .collect()
    };
    assert_eq!(labels("gre", &mut session), ["greet", "greeting"]);
    assert_eq!(labels("y = math.isq", &mut session), ["isqrt"]);
    assert_eq!(
        labels("import json\nimport statis", &mut session),
        ["statistics"]
    );
    assert_eq!(labels("nothing.here.", &mut session), Vec::<String>::new());
    let found = session
        .inspect(Language::Python, "gre", "et('x')")
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.title.as_str(), found.documentation.as_str()),
        ("greet(name: str, loud=False) -> str", "Greets somebody.")
    );
    let about = session.about(Language::Python).unwrap();
    assert!(about.version.starts_with("3.14"), "{about:?}");
}

#[test]
fn a_failed_cell_keeps_what_it_did() {
    let mut session = session();
    let run = py(&mut session, "a = 1\nb = 2\n1 / 0\nc = 3");
    assert_eq!(run.outcome.status, Status::Failed);
    assert_eq!(run.outcome.defined, ["a", "b"]);
    assert_eq!(py(&mut session, "a + b").text(), "3");
}
