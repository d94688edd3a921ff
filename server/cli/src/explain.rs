//! `metascript explain`.

use std::io::Write;

use anyhow::{Result, bail};

use crate::exit::Exit;

/// Prints the page of one code, or the list of all.
pub(crate) fn explain(code: Option<&str>) -> Result<Exit> {
    let mut out = anstream::stdout().lock();
    if let Some(code) = code {
        let page = metascript_analysis::explain(&code.to_ascii_uppercase())
            .map(str::to_owned)
            .or_else(|| metascript_security::explain(code));
        let Some(page) = page else {
            bail!("there is no code `{code}`; `metascript explain` lists them all");
        };
        writeln!(out, "{}", page.trim_end())?;
    } else {
        for code in metascript_analysis::codes() {
            writeln!(out, "{}  {}", code.as_str(), code.title())?;
        }
        for rule in metascript_security::all_rules() {
            writeln!(out, "{}  {}", rule.id, rule.title)?;
        }
    }
    Ok(Exit::Clean)
}
