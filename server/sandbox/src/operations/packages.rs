//! Packages: adding one, listing them, asking for one.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Desk, Fault, language, params};
use crate::Language;
use crate::packages::{Manager, PackageInfo, Packages, refusal};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Add {
    language: String,
    package: String,
    /// Without what it needs.
    #[serde(default)]
    alone: bool,
    /// For all scripts of the user, not for the project alone.
    #[serde(default)]
    user: bool,
}

/// Fetches a package with the user's pip or npm; later cells can import it.
pub(super) fn add(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Add = params(json)?;
    let spoken = language(&wanted.language)?;
    let folder = desk.session.folder().map(std::path::Path::to_owned);
    let manager = match &folder {
        Some(folder) if !wanted.user => Manager::for_folder(folder),
        _ => Manager::for_user(),
    };
    // A relative file begins where relative paths of the session do.
    let package = match &folder {
        Some(folder) if folder.join(&wanted.package).is_file() => {
            folder.join(&wanted.package).to_string_lossy().into_owned()
        }
        _ => wanted.package.clone(),
    };
    let added = manager
        .and_then(|manager| manager.add(spoken, &package, wanted.alone))
        .map_err(Fault::could_not)?;
    let (packages, problems) = Packages::open(folder.as_deref());
    desk.session.set_packages(packages);
    let listed: Vec<Json> = added
        .packages
        .iter()
        .map(|one| json!({ "name": one.name, "version": one.version, "sha256": one.sha256 }))
        .collect();
    Ok(json!({ "added": listed, "lock": added.lock, "problems": problems }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    language: Option<String>,
}

/// The packages that cells can import.
pub(super) fn list(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: List = params(json)?;
    let languages = match wanted.language.as_deref().map(language).transpose()? {
        Some(one) => vec![one],
        None => vec![Language::Python, Language::JavaScript],
    };
    let packages: Vec<Json> = languages
        .iter()
        .flat_map(|&language| {
            let packages = desk.session.packages().list(language);
            packages
                .into_iter()
                .map(move |one| describe(language, &one))
        })
        .collect();
    let reason = match languages.as_slice() {
        [one] => refusal(*one),
        _ => None,
    };
    Ok(json!({ "packages": packages, "reason": reason }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Has {
    language: String,
    name: String,
}

/// Whether a package is there: one that was added, or one that the runtime brings.
pub(super) fn has(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Has = params(json)?;
    let spoken = language(&wanted.language)?;
    let found = desk
        .session
        .packages()
        .find(spoken, &wanted.name)
        .map_err(Fault::could_not)?;
    if let Some(found) = found {
        return Ok(
            json!({ "present": found.present, "version": found.version, "origin": "package" }),
        );
    }
    let brings = desk.session.about(spoken)?;
    let present = brings.modules.contains(&wanted.name);
    let origin = present.then_some("runtime");
    let reason = if present { None } else { refusal(spoken) };
    Ok(json!({ "present": present, "version": null, "origin": origin, "reason": reason }))
}

fn describe(language: Language, one: &PackageInfo) -> Json {
    json!({
        "language": language.home().as_str(), "name": one.name, "version": one.version, "sha256": one.sha256,
        "present": one.present, "lock": one.lock,
    })
}
