//! Importing a module and listing its members.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::execute::run;
use super::{Desk, Fault, language, params};
use crate::event::{CellSource, Completion, Status};
use crate::{Error, Language};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Import {
    language: String,
    module: String,
    /// The name that the module gets in the session.
    #[serde(rename = "as")]
    name: Option<String>,
}

/// Imports a module into the session, where later cells have it too, and lists what it offers.
pub(super) fn import(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Import = params(json)?;
    let spoken = language(&wanted.language)?;
    let (code, path) = statement(spoken, &wanted.module, wanted.name.as_deref())?;
    if spoken.home() == Language::FSharp {
        return namespace(desk, &wanted.module, &code);
    }
    let cell = CellSource::new(spoken, code).at("import", 0);
    let ran = run(desk, &cell)?;
    if ran.outcome.status != Status::Ok {
        let reason = ran.error.map_or_else(String::new, |error| error.message);
        return Err(Fault::could_not(format!(
            "'{}' cannot be imported: {reason}",
            wanted.module
        )));
    }
    let members = desk.session.complete(spoken, &format!("{path}."), "")?;
    Ok(answer(&wanted.module, Some(&path), members))
}

/// In F# a module needs no import; its members must be there, and it is opened if it can be.
fn namespace(desk: &mut Desk<'_>, module: &str, code: &str) -> Result<Json, Fault> {
    desk.session.start(Language::FSharp)?;
    let members = desk
        .session
        .complete(Language::FSharp, &format!("{module}."), "")?;
    if members.is_empty() {
        return Err(Fault::could_not(format!(
            "there is no module or namespace '{module}' in F#; cells have the base library and what other cells define"
        )));
    }
    let cell = CellSource::new(Language::FSharp, code).at("import", 0);
    // Events of a module that wants its name written (`List`) are nobody's fault and not passed on.
    let mut silent = |_| {};
    let opened = desk.session.evaluate(&cell, &mut silent)?.status == Status::Ok;
    Ok(answer(module, (!opened).then_some(module), members))
}

fn answer(module: &str, name: Option<&str>, members: Vec<Completion>) -> Json {
    let members: Vec<Json> = members
        .into_iter()
        .map(|one| json!({ "name": one.label, "kind": one.kind, "type": one.detail }))
        .collect();
    // Without a name the members themselves are in scope.
    json!({ "module": module, "name": name, "members": members })
}

/// The statement that imports a module, and the name that it has then.
fn statement(
    spoken: Language,
    module: &str,
    name: Option<&str>,
) -> Result<(String, String), Fault> {
    let word = |text: &str| {
        let mut characters = text.chars();
        characters
            .next()
            .is_some_and(|first| first.is_alphabetic() || first == '_')
            && characters.all(|rest| rest.is_alphanumeric() || rest == '_')
    };
    let dotted = |text: &str| text.split('.').all(word);
    let wrong = |what: &str| Fault::params(format!("'{what}' is no name in {spoken}"));
    if let Some(name) = name.filter(|name| !word(name)) {
        return Err(wrong(name));
    }
    match spoken.home() {
        Language::Python if !dotted(module) => Err(wrong(module)),
        Language::Python => Ok(match name {
            Some(name) => (format!("import {module} as {name}"), name.to_owned()),
            None => (format!("import {module}"), module.to_owned()),
        }),
        Language::JavaScript => {
            let fine = !module.is_empty()
                && module.len() <= 500
                && module
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "@/._-:~".contains(c));
            if !fine {
                return Err(wrong(module));
            }
            let name = name.map_or_else(|| identifier(module), str::to_owned);
            Ok((format!("import * as {name} from '{module}';"), name))
        }
        Language::FSharp if !dotted(module) => Err(wrong(module)),
        Language::FSharp if name.is_some() => Err(Fault::params(
            "a module keeps its name in F#: `as` does not work there",
        )),
        Language::FSharp => Ok((format!("open {module}"), module.to_owned())),
        other => Err(Fault::from(Error::Unshareable {
            name: module.to_owned(),
            reason: format!(
                "{other} cells import nothing by name; `use` what you need in the cell"
            ),
        })),
    }
}

/// A name for a module: `@scope/left-pad/x.js` is `leftPad`.
fn identifier(module: &str) -> String {
    let bare = match module
        .strip_prefix('@')
        .and_then(|scoped| scoped.split_once('/'))
    {
        Some((_, rest)) => rest,
        None => module,
    };
    let bare = bare.split('/').next().unwrap_or(bare);
    let bare = bare.strip_suffix(".js").unwrap_or(bare);
    let mut name = String::new();
    let mut upper = false;
    for character in bare.chars() {
        if !character.is_ascii_alphanumeric() {
            upper = !name.is_empty();
        } else if upper {
            name.push(character.to_ascii_uppercase());
            upper = false;
        } else {
            name.push(character);
        }
    }
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_of_modules_become_names_of_the_language() {
        for (module, name) in [
            ("left-pad", "leftPad"),
            ("@scope/a.b", "aB"),
            ("lodash/fp", "lodash"),
            ("big.js", "big"),
            ("7zip", "_7zip"),
        ] {
            assert_eq!(identifier(module), name);
        }
    }

    #[test]
    fn a_module_is_never_a_statement() {
        for (language, module) in [
            (Language::Python, "os; print(1)"),
            (Language::Python, "a\nimport b"),
            (Language::Python, ""),
            (Language::JavaScript, "x'; evil(); '"),
            (Language::JavaScript, "a\\b"),
            (Language::FSharp, "A\nprintfn"),
        ] {
            assert!(statement(language, module, None).is_err(), "{module}");
        }
        assert!(statement(Language::Python, "json", Some("a b")).is_err());
        assert_eq!(
            statement(Language::Python, "os.path", Some("p")).unwrap().0,
            "import os.path as p"
        );
    }
}
