use metascript_sandbox::Language;

use crate::support::{assert_picture, js, notebook, py, session};

#[test]
fn python_sees_nothing_of_the_machine() {
    assert_picture!(notebook(
        Language::Python,
        &[
            "open('/etc/passwd')",
            "open('notes.txt', 'w')",
            "import os, pathlib\npathlib.Path('/etc/hostname').read_text()",
            "os.listdir('/')",
            "dict(os.environ), os.getenv('HOME'), os.environ.get('PATH')",
            "import socket\nsocket.socket()",
            "socket.create_connection(('127.0.0.1', 80))",
            "import urllib.request\nurllib.request.urlopen('http://127.0.0.1/')",
            "import subprocess\nsubprocess.run(['ls'])",
            "os.system('ls')",
            "import ctypes",
            "import _io\n_io.open('/etc/passwd')",
            "os.open('/etc/passwd', os.O_RDONLY)",
            "import sys\nsys.argv, os.getcwd()",
        ]
    ));
}

#[test]
fn javascript_sees_nothing_of_the_machine() {
    assert_picture!(notebook(
        Language::JavaScript,
        &[
            "typeof process + typeof Deno + typeof fetch + typeof XMLHttpRequest + typeof std + typeof os",
            "require('fs')",
            "await import('node:fs')",
            "await import('/etc/passwd')",
            "const f = new Function('return import(\"/etc/passwd\")'); await f()",
        ]
    ));
}

#[test]
fn sessions_do_not_see_each_other() {
    let (mut one, mut other) = (session(), session());
    py(
        &mut one,
        "secret = 1\nimport builtins\nbuiltins.leak = 2\nimport json\njson.leak = 3",
    );
    js(&mut one, "globalThis.secret = 1; Object.prototype.leak = 2");
    let seen = py(
        &mut other,
        "import builtins, json\n'secret' in globals(), hasattr(builtins, 'leak'), hasattr(json, 'leak')",
    );
    assert_eq!(seen.text(), "(False, False, False)");
    assert_eq!(
        js(&mut other, "[typeof secret, typeof {}.leak].join()").text(),
        "'undefined,undefined'"
    );
}
