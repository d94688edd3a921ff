//! `cargo xtask test`: every check and every test, summed up in one line.

use anyhow::Result;

use crate::shell::servers;
use crate::shell::{self, cargo, step};
use crate::{emacs, grammar, helix, neovim, package, runtimes, vscode, zed};

/// How many tests passed and failed.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

impl Tally {
    fn add(&mut self, (passed, failed): (u32, u32)) {
        self.passed += passed;
        self.failed += failed;
    }

    /// A check that either holds or does not counts as one test.
    fn check(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                eprintln!("FAILED {name}: {error:#}");
            }
        }
    }

    /// A suite that could not even run counts as one failure.
    fn suite(&mut self, name: &str, outcome: Result<(u32, u32)>) {
        match outcome {
            Ok((passed, failed)) => {
                eprintln!("   {name}: {passed} passed, {failed} failed");
                self.add((passed, failed));
            }
            Err(error) => {
                self.failed += 1;
                eprintln!("FAILED {name}: {error:#}");
            }
        }
    }
}

/// Runs everything. Nothing is skipped: what cannot run counts as failed.
pub fn run() -> Tally {
    let mut tally = Tally::default();

    step("Formatting");
    tally.check(
        "cargo fmt",
        shell::run(cargo().args(["fmt", "--all", "--check"])),
    );

    step("The generated parser is current");
    tally.check("grammar", grammar::generate(true));

    step("WebAssembly runtimes");
    tally.check("runtimes", runtimes::build(&[]));

    step("The server");
    tally.check(
        "cargo build",
        shell::run(cargo().args(["build", "--workspace", "--all-targets"])),
    );

    step("Rust tests");
    tally.suite("cargo test", cargo_test());

    step("Lints");
    tally.check(
        "cargo clippy",
        shell::run(cargo().args(["clippy", "--workspace", "--all-targets", "--quiet"])),
    );

    step("Neovim");
    tally.suite("neovim", twice(neovim::test));

    step("Emacs");
    match twice(|| Ok(emacs::test()?.unwrap_or_default())) {
        Ok((0, 0)) => eprintln!("   no Emacs with Eglot is to be had here: left out"),
        outcome => tally.suite("emacs", outcome),
    }

    step("Helix");
    match twice(|| Ok(helix::test()?.unwrap_or_default())) {
        Ok((0, 0)) => eprintln!("   no Helix is to be had here: left out"),
        outcome => tally.suite("helix", outcome),
    }

    step("Zed");
    tally.check("the extension of the page", zed::test());

    step("VS Code");
    tally.suite("vscode", twice(vscode::test));

    step("Packages");
    tally.suite("packages", twice(package::test));

    tally
}

/// A real editor on a busy machine may miss a deadline of its own: a suite that fails gets a second try,
/// said aloud, and that one counts.
fn twice(suite: impl Fn() -> Result<(u32, u32)>) -> Result<(u32, u32)> {
    match suite() {
        Ok((passed, 0)) => Ok((passed, 0)),
        first => {
            eprintln!("   first try: {first:?}; trying once more");
            suite()
        }
    }
}

/// `cargo test` over the workspace, counted from its "test result" lines.
fn cargo_test() -> Result<(u32, u32)> {
    let (mut passed, mut failed) = (0, 0);
    let ok = shell::run_watched(
        cargo()
            .args(["test", "--workspace", "--no-fail-fast"])
            // Those that a plain `cargo test` leaves out, because they need what is installed here.
            .args(["--", "--include-ignored"])
            .env(servers::PYTHON, servers::python()?),
        |line| {
            if let Some((p, f)) = test_result(line) {
                passed += p;
                failed += f;
            }
        },
    )?;
    if !ok && failed == 0 {
        failed = 1;
    }
    Ok((passed, failed))
}

/// The counts in a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; ...`.
fn test_result(line: &str) -> Option<(u32, u32)> {
    let rest = line.strip_prefix("test result: ")?;
    let count = |word: &str| {
        rest.split([';', '.'])
            .find_map(|part| part.trim().strip_suffix(word)?.trim().parse::<u32>().ok())
    };
    Some((count("passed")?, count("failed")?))
}

#[cfg(test)]
mod tests {
    use super::test_result;

    #[test]
    fn counts_are_read_from_the_result_line() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(test_result(line), Some((12, 3)));
        assert_eq!(test_result("running 3 tests"), None);
    }
}
