//! `metascript rules test`: rules of one's own, proved by annotated files.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Subcommand;
use metascript_security::CustomRules;

use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Test the rules in a folder by the files beside them
    #[command(after_help = "\
`NAME.yaml` holds rules; `NAME.py`, `NAME.js` ... beside it hold code with comments: `ruleid: ID` before a line that the rule
must find, `ok: ID` before one that it must not. A finding on a line without a comment is a fault too.")]
    Test {
        /// Folders with rules and test files
        #[arg(required = true)]
        folders: Vec<PathBuf>,
    },
}

pub(crate) fn rules(command: &RulesCommand) -> Result<Exit> {
    let RulesCommand::Test { folders } = command;
    let mut out = anstream::stdout().lock();
    let (mut tested, mut faulty) = (0, 0);
    for folder in folders {
        for rule_file in rule_files(folder)? {
            let rules = CustomRules::read(std::slice::from_ref(&rule_file))
                .map_err(|e| anyhow!("{}: {e}", rule_file.display()))?;
            for (file, language) in test_files(&rule_file)? {
                let code =
                    std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
                let faults = rules.test(language, &code);
                tested += 1;
                faulty += usize::from(!faults.is_empty());
                for fault in faults {
                    writeln!(out, "{}: {fault}", file.display())?;
                }
            }
        }
    }
    if tested == 0 {
        bail!("no test files found: beside `NAME.yaml` there has to be `NAME.py`, `NAME.js` ...");
    }
    writeln!(out, "{tested} test files, {faulty} with faults")?;
    Ok(if faulty == 0 {
        Exit::Clean
    } else {
        Exit::Found
    })
}

fn rule_files(folder: &Path) -> Result<Vec<PathBuf>> {
    if folder.is_file() {
        return Ok(vec![folder.to_path_buf()]);
    }
    let mut out = Vec::new();
    for entry in ignore::WalkBuilder::new(folder).build() {
        let path = entry?.into_path();
        if path.is_file() && path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            out.push(path);
        }
    }
    out.sort();
    Ok(out)
}

/// Files beside the rules with the same stem.
fn test_files(rules: &Path) -> Result<Vec<(PathBuf, &'static str)>> {
    let folder = rules
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let language = path
            .extension()
            .and_then(|e| e.to_str())
            .and_then(crate::scan::language_of_extension);
        if let Some(language) = language.filter(|_| path.file_stem() == rules.file_stem()) {
            out.push((path, language));
        }
    }
    out.sort();
    Ok(out)
}
