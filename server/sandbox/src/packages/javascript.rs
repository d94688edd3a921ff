//! Modules of npm packages, found as Node and the bundlers find them: `exports`, `imports`, `module`, `browser`, `main`.

use serde_json::Value as Json;

use super::PackageError;
use super::lock::{Entry, Lock};
use super::store::Store;
use crate::Language;
use crate::value::Value;

/// How a module is asked for; packages may answer each differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Import,
    Require,
}

/// A module that a package brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// The number of the lock file, then the path in its tree: `0/node_modules/a/index.js`.
    path: String,
    /// `module`, `script` (CommonJS) or `json`.
    kind: &'static str,
    source: String,
}

impl Module {
    pub(super) fn into_value(self) -> Value {
        Value::Map(vec![
            ("path".to_owned(), Value::Text(self.path)),
            ("kind".to_owned(), Value::Text(self.kind.to_owned())),
            ("source".to_owned(), Value::Text(self.source)),
        ])
    }
}

/// Node's own modules, which a cell does not have.
const BUILT_IN: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "sys",
    "timers",
    "tls",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "wasi",
    "worker_threads",
    "zlib",
];

/// Chains of `exports`, longer than any that means something.
const MAX_DEPTH: usize = 32;

/// The files of a tree of packages.
trait Tree {
    /// Whether a package lies at this path of the tree.
    fn is_package(&self, path: &str) -> bool;
    /// A file of the package at `package`.
    fn file(&self, package: &str, path: &str) -> Result<Option<String>, PackageError>;
}

struct Locked<'a> {
    store: &'a Store,
    lock: &'a Lock,
}

impl Locked<'_> {
    fn entry(&self, path: &str) -> Option<&Entry> {
        self.lock
            .entries(Language::JavaScript)
            .iter()
            .find(|entry| entry.path == path)
    }
}

impl Tree for Locked<'_> {
    fn is_package(&self, path: &str) -> bool {
        self.entry(path).is_some()
    }

    fn file(&self, package: &str, path: &str) -> Result<Option<String>, PackageError> {
        let Some(entry) = self.entry(package) else {
            return Ok(None);
        };
        let archive = self.store.open(entry)?;
        Ok(archive
            .file(path)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }
}

/// The module that `name` means in the file `from`, or in a cell.
pub(super) fn module(
    store: &Store,
    locks: &[Lock],
    name: &str,
    from: Option<&str>,
    kind: Kind,
) -> Result<Option<Module>, PackageError> {
    let (only, from) = match from.and_then(|from| from.split_once('/')) {
        Some((number, path)) => (number.parse::<usize>().ok(), Some(path)),
        None => (None, None),
    };
    for (at, lock) in locks.iter().enumerate() {
        if only.is_some_and(|only| only != at) {
            continue;
        }
        if let Some(found) = resolve(&Locked { store, lock }, name, from, kind)? {
            return Ok(Some(Module {
                path: format!("{at}/{}", found.path),
                ..found
            }));
        }
    }
    let plain = name.strip_prefix("node:").unwrap_or(name);
    let root = plain.split('/').next().unwrap_or_default();
    if let Some(from) = from
        && (name.starts_with("node:") || BUILT_IN.contains(&root))
    {
        return Err(PackageError::new(format!(
            "'{name}' is a part of Node, which a cell does not have (wanted by {from})"
        )));
    }
    Ok(None)
}

fn resolve(
    tree: &dyn Tree,
    name: &str,
    from: Option<&str>,
    kind: Kind,
) -> Result<Option<Module>, PackageError> {
    let home = from.and_then(package_of);
    if name.starts_with("./") || name.starts_with("../") || name == "." || name == ".." {
        let (Some((package, file)), Some(_)) = (home, from) else {
            return Ok(None);
        };
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let Some(path) = join(folder, name) else {
            return Ok(None);
        };
        return load(tree, package, &path);
    }
    if name.starts_with('#') {
        let Some((package, _)) = home else {
            return Ok(None);
        };
        let manifest = manifest(tree, package)?;
        return match manifest
            .get("imports")
            .and_then(|map| mapped(map, name, kind))
        {
            Some(target) if target.starts_with("./") => {
                load(tree, package, target.trim_start_matches("./"))
            }
            Some(target) => resolve(tree, &target, from, kind),
            None => Ok(None),
        };
    }
    let Some((bare, rest)) = split(name) else {
        return Ok(None);
    };
    let mut around = home.map_or("", |(package, _)| package);
    loop {
        let package = if around.is_empty() {
            format!("node_modules/{bare}")
        } else {
            format!("{around}/node_modules/{bare}")
        };
        if tree.is_package(&package) {
            return entry(tree, &package, rest, kind);
        }
        if around.is_empty() {
            return Ok(None);
        }
        around = around
            .rfind("/node_modules/")
            .and_then(|at| around.get(..at))
            .unwrap_or("");
    }
}

/// What a package gives for the path `rest` (empty: itself).
fn entry(
    tree: &dyn Tree,
    package: &str,
    rest: &str,
    kind: Kind,
) -> Result<Option<Module>, PackageError> {
    let manifest = manifest(tree, package)?;
    if let Some(exports) = manifest.get("exports").filter(|exports| !exports.is_null()) {
        let wanted = if rest.is_empty() {
            ".".to_owned()
        } else {
            format!("./{rest}")
        };
        let plain = !exports
            .as_object()
            .is_some_and(|map| map.keys().any(|key| key.starts_with('.')));
        let target = if plain {
            (wanted == ".")
                .then(|| condition(exports, kind, 0))
                .flatten()
        } else {
            mapped(exports, &wanted, kind)
        };
        return match target {
            Some(target) => load(tree, package, target.trim_start_matches("./")),
            None => Err(PackageError::new(format!(
                "the package '{}' gives no '{wanted}'",
                package.rsplit("node_modules/").next().unwrap_or(package)
            ))),
        };
    }
    if !rest.is_empty() {
        return load(tree, package, rest);
    }
    let field = |name: &str| manifest.get(name).and_then(Json::as_str);
    let main = match kind {
        Kind::Import => field("module")
            .or_else(|| field("browser"))
            .or_else(|| field("main")),
        Kind::Require => field("main"),
    };
    load(
        tree,
        package,
        &join("", main.unwrap_or("index.js")).unwrap_or_default(),
    )
}

/// The file, with the endings that may be left out, and what it is.
fn load(tree: &dyn Tree, package: &str, path: &str) -> Result<Option<Module>, PackageError> {
    let path = path.trim_matches('/');
    let within = if path.is_empty() {
        String::new()
    } else {
        format!("{path}/")
    };
    let candidates = [
        path.to_owned(),
        format!("{path}.js"),
        format!("{path}.mjs"),
        format!("{path}.cjs"),
        format!("{path}.json"),
        format!("{within}index.js"),
        format!("{within}index.mjs"),
        format!("{within}index.cjs"),
        format!("{within}index.json"),
    ];
    let manifest = manifest(tree, package)?;
    for candidate in candidates {
        if candidate.is_empty() {
            continue;
        }
        let candidate = match replaced(&manifest, &candidate) {
            None => candidate,
            Some(Some(other)) => other,
            // The package says that a browser has nothing in its place.
            Some(None) => {
                return Ok(Some(Module {
                    path: format!("{package}/{candidate}"),
                    kind: "script",
                    source: String::new(),
                }));
            }
        };
        if let Some(source) = tree.file(package, &candidate)? {
            let kind = kind_of(tree, package, &candidate, &source, &manifest)?;
            return Ok(Some(Module {
                path: format!("{package}/{candidate}"),
                kind,
                source,
            }));
        }
    }
    Ok(None)
}

/// What the map `browser` says of a file: nothing, another file, or that there is none.
fn replaced(manifest: &Json, path: &str) -> Option<Option<String>> {
    match manifest.get("browser")?.get(format!("./{path}"))? {
        Json::Bool(false) => Some(None),
        Json::String(other) => Some(Some(other.trim_start_matches("./").to_owned())),
        _ => None,
    }
}

fn kind_of(
    tree: &dyn Tree,
    package: &str,
    path: &str,
    source: &str,
    manifest: &Json,
) -> Result<&'static str, PackageError> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    Ok(match ending {
        "json" => "json",
        "mjs" => "module",
        "cjs" => "script",
        _ => {
            // The nearest `package.json` decides.
            let mut folder = path;
            let mut said = None;
            while let Some((above, _)) = folder.rsplit_once('/') {
                folder = above;
                if let Some(text) = tree.file(package, &format!("{folder}/package.json"))? {
                    let inner: Json = serde_json::from_str(&text).unwrap_or_default();
                    said = inner.get("type").and_then(Json::as_str).map(str::to_owned);
                    break;
                }
            }
            let said = said.or_else(|| {
                manifest
                    .get("type")
                    .and_then(Json::as_str)
                    .map(str::to_owned)
            });
            match said.as_deref() {
                Some("module") => "module",
                Some("commonjs") => "script",
                _ if reads_as_module(source) => "module",
                _ => "script",
            }
        }
    })
}

/// Whether a text without a declared kind has `import` or `export` statements.
fn reads_as_module(source: &str) -> bool {
    let begins = |text: &str| {
        [
            "import ", "import{", "import\"", "import'", "import*", "export ", "export{", "export*",
        ]
        .iter()
        .any(|word| text.starts_with(word))
    };
    source.lines().any(begins)
        || source.contains(";export{")
        || source.contains("}export{")
        || source.contains(";export default")
}

fn manifest(tree: &dyn Tree, package: &str) -> Result<Json, PackageError> {
    let Some(text) = tree.file(package, "package.json")? else {
        return Ok(Json::Null);
    };
    serde_json::from_str(&text)
        .map_err(|error| PackageError::new(format!("the package.json of {package}: {error}")))
}

/// What a map of `exports` or `imports` has for a name: exactly, or by the longest pattern.
fn mapped(map: &Json, wanted: &str, kind: Kind) -> Option<String> {
    let map = map.as_object()?;
    if let Some(target) = map.get(wanted) {
        return condition(target, kind, 0);
    }
    let (star, target, _) = map
        .iter()
        .filter_map(|(key, target)| {
            let (head, tail) = key.split_once('*')?;
            let star = wanted.strip_prefix(head)?.strip_suffix(tail)?;
            Some((star, target, head.len()))
        })
        .max_by_key(|(_, _, length)| *length)?;
    condition(target, kind, 0).map(|target| target.replace('*', star))
}

/// The first target whose condition holds: a cell is no Node, and most like a browser.
fn condition(target: &Json, kind: Kind, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    match target {
        Json::String(path) => Some(path.clone()),
        Json::Array(list) => list.iter().find_map(|one| condition(one, kind, depth + 1)),
        Json::Object(map) => map.iter().find_map(|(name, inner)| {
            let holds = match name.as_str() {
                "default" | "browser" => true,
                "import" | "module" => kind == Kind::Import,
                "require" => kind == Kind::Require,
                _ => false,
            };
            holds.then(|| condition(inner, kind, depth + 1)).flatten()
        }),
        _ => None,
    }
}

/// A bare name and the path below it: `@a/b/c.js` is `@a/b` and `c.js`.
fn split(name: &str) -> Option<(&str, &str)> {
    let end = if name.starts_with('@') {
        let scope = name.find('/')? + 1;
        name.get(scope..)?
            .find('/')
            .map_or(name.len(), |at| scope + at)
    } else {
        name.find('/').unwrap_or(name.len())
    };
    let (bare, rest) = name.split_at(end);
    let fine = !bare.is_empty()
        && bare.split('/').all(|part| {
            !matches!(part, "" | "." | ".." | "node_modules") && !part.contains(['\\', '\0'])
        });
    fine.then(|| (bare, rest.trim_start_matches('/')))
}

/// The package of a file in the tree, and the file's path in it.
fn package_of(path: &str) -> Option<(&str, &str)> {
    let start = path.rfind("node_modules/")? + "node_modules/".len();
    let (bare, _) = split(path.get(start..)?)?;
    let (package, file) = path.split_at(start + bare.len());
    Some((package, file.trim_start_matches('/')))
}

/// A path from a folder of a package; `None` if it leads out of the package.
fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    struct Files(Vec<(&'static str, &'static str, &'static str)>);

    impl Tree for Files {
        fn is_package(&self, path: &str) -> bool {
            self.0.iter().any(|(package, _, _)| *package == path)
        }
        fn file(&self, package: &str, path: &str) -> Result<Option<String>, PackageError> {
            Ok(self
                .0
                .iter()
                .find(|(own, file, _)| *own == package && *file == path)
                .map(|(_, _, text)| (*text).to_owned()))
        }
    }

    fn tree() -> Files {
        Files(vec![
            (
                "node_modules/a",
                "package.json",
                r#"{"main":"./lib","browser":{"./lib/node.js":"./lib/web.js","./lib/none.js":false}}"#,
            ),
            (
                "node_modules/a",
                "lib/index.js",
                "module.exports = require('./node')",
            ),
            ("node_modules/a", "lib/web.js", "exports.web = true"),
            ("node_modules/a", "lib/data.json", "{}"),
            (
                "node_modules/@s/b",
                "package.json",
                r##"{"type":"module","imports":{"#in":"./in.js"},"exports":{".":{"node":"./no.js","require":"./b.cjs","default":"./b.js"},"./x/*":"./src/*.js","./x/private/*":null}}"##,
            ),
            ("node_modules/@s/b", "b.js", "export default 1"),
            ("node_modules/@s/b", "b.cjs", "module.exports = 1"),
            ("node_modules/@s/b", "in.js", ""),
            ("node_modules/@s/b", "src/y.js", ""),
            (
                "node_modules/@s/b/node_modules/a",
                "package.json",
                r#"{"module":"es.js","main":"cjs.js"}"#,
            ),
            (
                "node_modules/@s/b/node_modules/a",
                "es.js",
                "import x from 'y';\nexport { x }",
            ),
            (
                "node_modules/@s/b/node_modules/a",
                "cjs.js",
                "exports.x = 1",
            ),
        ])
    }

    #[test]
    fn names_resolve_as_in_node_and_bundlers() {
        let b = Some("node_modules/@s/b/b.js");
        for (name, from, kind, wanted) in [
            (
                "a",
                None,
                Kind::Import,
                Some(("node_modules/a/lib/index.js", "script")),
            ),
            (
                "a/lib/data",
                None,
                Kind::Import,
                Some(("node_modules/a/lib/data.json", "json")),
            ),
            (
                "./node",
                Some("node_modules/a/lib/index.js"),
                Kind::Require,
                Some(("node_modules/a/lib/web.js", "script")),
            ),
            (
                "./none.js",
                Some("node_modules/a/lib/index.js"),
                Kind::Require,
                Some(("node_modules/a/lib/none.js", "script")),
            ),
            (
                "@s/b",
                None,
                Kind::Import,
                Some(("node_modules/@s/b/b.js", "module")),
            ),
            (
                "@s/b",
                None,
                Kind::Require,
                Some(("node_modules/@s/b/b.cjs", "script")),
            ),
            (
                "@s/b/x/y",
                None,
                Kind::Import,
                Some(("node_modules/@s/b/src/y.js", "module")),
            ),
            (
                "#in",
                b,
                Kind::Import,
                Some(("node_modules/@s/b/in.js", "module")),
            ),
            (
                "a",
                b,
                Kind::Import,
                Some(("node_modules/@s/b/node_modules/a/es.js", "module")),
            ),
            (
                "a",
                b,
                Kind::Require,
                Some(("node_modules/@s/b/node_modules/a/cjs.js", "script")),
            ),
            ("../../a/lib/web.js", b, Kind::Import, None),
            ("..", b, Kind::Import, None),
            ("./x", None, Kind::Import, None),
            ("c", None, Kind::Import, None),
            ("../a", None, Kind::Import, None),
            ("", None, Kind::Import, None),
            ("@s", None, Kind::Import, None),
        ] {
            let found = resolve(&tree(), name, from, kind).unwrap();
            let found = found
                .as_ref()
                .map(|module| (module.path.as_str(), module.kind));
            assert_eq!(found, wanted, "{name} from {from:?}");
        }
        assert!(
            resolve(&tree(), "@s/b/secret", None, Kind::Import)
                .unwrap_err()
                .to_string()
                .contains("gives no './secret'")
        );
    }
}
