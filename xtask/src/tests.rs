//! `cargo xtask test`: every check and every test, summed up in one line.

use anyhow::Result;

use crate::shell::servers;
use crate::shell::{self, cargo, step};
use crate::{emacs, grammar, helix, neovim, package, runtimes, suites, vscode, zed};

/// How many tests passed and failed.
#[derive(Default)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
    /// What failed, to be said once more at the end of a long output.
    failures: Vec<String>,
}

impl Tally {
    fn fail(&mut self, what: String) {
        eprintln!("FAILED {what}");
        self.failures.push(what);
    }

    /// A check that either holds or does not counts as one test.
    fn check(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                self.fail(format!("{name}: {error:#}"));
            }
        }
    }

    /// A suite that could not even run counts as one failure.
    fn suite(&mut self, name: &str, outcome: Result<(u32, u32)>) {
        match outcome {
            Ok((passed, failed)) => {
                eprintln!("   {name}: {passed} passed, {failed} failed");
                self.passed += passed;
                self.failed += failed;
                if failed > 0 {
                    self.fail(format!("{name}: {failed} of {}", passed + failed));
                }
            }
            Err(error) => {
                self.failed += 1;
                self.fail(format!("{name}: {error:#}"));
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
    tally.check("the F# compiler's build", runtimes::test_fsharp_build());

    step("The server");
    tally.check(
        "cargo build",
        shell::run(cargo().args(["build", "--workspace", "--all-targets"])),
    );

    step("Suites that others wrote");
    tally.check("suites", suites::fetch().map(drop));

    step("Rust tests");
    let (outcome, failed) = cargo_tests();
    tally.suite("cargo test", outcome);
    failed.into_iter().for_each(|name| tally.fail(name));

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

    if !tally.failures.is_empty() {
        step("What failed");
        for failure in &tally.failures {
            eprintln!("   {failure}");
        }
    }
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

/// `cargo test` over the workspace, and the names of the tests that failed. Some have a deadline of their own, which a busy
/// machine may miss: those that fail are run once more by themselves, said aloud, and that run counts.
fn cargo_tests() -> (Result<(u32, u32)>, Vec<String>) {
    let first = match cargo_test(&[]) {
        Ok(first) => first,
        Err(error) => return (Err(error), Vec::new()),
    };
    // Something other than a test went wrong where the counts do not agree.
    let failed = u32::try_from(first.names.len()).unwrap_or(u32::MAX);
    if first.names.is_empty() || failed != first.failed {
        return (Ok((first.passed, first.failed)), first.names);
    }
    eprintln!(
        "   failed: {}; trying those once more",
        first.names.join(", ")
    );
    match cargo_test(&first.names) {
        Ok(second) => {
            // One that did not run a second time has not passed.
            let still = failed.saturating_sub(second.passed).max(second.failed);
            let passed = first.passed + failed.saturating_sub(still);
            (Ok((passed, still)), second.names)
        }
        Err(error) => (Err(error), first.names),
    }
}

/// What a run of `cargo test` said.
#[derive(Default)]
struct Outcome {
    passed: u32,
    failed: u32,
    names: Vec<String>,
}

/// `cargo test`, of everything or of the tests with these names, counted from its "test result" lines.
fn cargo_test(only: &[String]) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let exact = (!only.is_empty()).then_some("--exact");
    let ok = shell::run_watched(
        cargo()
            .args(["test", "--workspace", "--no-fail-fast"])
            // Those that a plain `cargo test` leaves out, because they need what is installed here.
            .args(["--", "--include-ignored"])
            .args(exact)
            .args(only)
            .env(servers::PYTHON, servers::python()?)
            .env("METASCRIPT_REQUIRE_SUITES", "1"),
        |line| {
            if let Some((passed, failed)) = test_result(line) {
                outcome.passed += passed;
                outcome.failed += failed;
            }
            outcome.names.extend(failed_test(line));
        },
    )?;
    if !ok && outcome.failed == 0 {
        outcome.failed = 1;
    }
    Ok(outcome)
}

/// The name in a line such as `test parsing::an_empty_file ... FAILED`.
fn failed_test(line: &str) -> Option<String> {
    let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
    Some(name.to_owned())
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
    use super::{failed_test, test_result};

    #[test]
    fn a_failed_test_is_known_by_its_name() {
        let name = failed_test("test editing::a_file_grows ... FAILED");
        assert_eq!(name.as_deref(), Some("editing::a_file_grows"));
        assert_eq!(failed_test("test editing::a_file_grows ... ok"), None);
    }

    #[test]
    fn counts_are_read_from_the_result_line() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(test_result(line), Some((12, 3)));
        assert_eq!(test_result("running 3 tests"), None);
    }
}
