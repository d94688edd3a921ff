//! Builds the WebAssembly runtimes from packages pinned with hashes.
//!
//! Tools (a Python environment, npm packages) are installed once per lock file into the user's cache folder; a
//! runtime is built again only when its sources, its lock file or the WIT world changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

use crate::shell::{self, root, target_dir};
use crate::toolchain;

/// Raised when this file changes what it builds.
const RECIPE: &str = "2";

struct Runtime {
    name: &'static str,
    /// The components that it is made of.
    components: &'static [&'static str],
    lock_files: &'static [&'static str],
    install: fn(&Sources, &Path) -> Result<()>,
    /// Gets the sources, the folder with the tools, and the folder for the components.
    build: fn(&Sources, &Path, &Path) -> Result<()>,
}

const RUNTIMES: &[Runtime] = &[
    Runtime {
        name: "python",
        components: &["python"],
        lock_files: &["requirements.txt"],
        install: install_python,
        build: build_python,
    },
    Runtime {
        name: "javascript",
        components: &["javascript"],
        lock_files: &["package.json", "package-lock.json"],
        install: install_npm,
        build: build_javascript,
    },
    Runtime {
        name: "fsharp",
        components: &["fsharp", "fsharp-compiler"],
        lock_files: &["package.json", "package-lock.json"],
        install: install_npm,
        build: build_fsharp,
    },
];

/// Cells of this language are compiled by the user's own toolchain.
const RUST: &str = "rust";

/// Where a runtime's sources are.
struct Sources {
    folder: PathBuf,
    wit: PathBuf,
}

/// Builds the named runtimes, or all, into `<target folder>/runtimes/*.wasm`. One that is current is left alone.
pub fn build(only: &[String]) -> Result<()> {
    for name in only {
        ensure!(
            name == RUST || RUNTIMES.iter().any(|runtime| runtime.name == name),
            "no runtime is called '{name}'; there are {}, {RUST}",
            RUNTIMES
                .iter()
                .map(|runtime| runtime.name)
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    if only.is_empty() || only.iter().any(|name| name == RUST) {
        toolchain::provide();
    }
    let out = target_dir().join("runtimes");
    fs::create_dir_all(&out).with_context(|| format!("could not make {}", out.display()))?;
    for runtime in RUNTIMES {
        if only.is_empty() || only.iter().any(|name| name == runtime.name) {
            build_one(runtime, &out)
                .with_context(|| format!("the {} runtime was not built", runtime.name))?;
        }
    }
    Ok(())
}

/// Tests what makes the F# compiler faster for an interpreter, and must not change what it does.
pub fn test_fsharp_build() -> Result<()> {
    let runtime = RUNTIMES
        .iter()
        .find(|runtime| runtime.name == "fsharp")
        .context("there is no F# runtime")?;
    let sources = Sources::of(runtime);
    shell::run(
        Command::new("node")
            .arg("--test")
            .arg(sources.folder.join("build").join("inline.test.mjs"))
            .env("METASCRIPT_PACKAGES", tools(runtime, &sources)?),
    )
}

impl Sources {
    fn of(runtime: &Runtime) -> Self {
        Self {
            folder: root().join("runtimes").join(runtime.name),
            wit: root().join("runtimes").join("wit"),
        }
    }
}

fn build_one(runtime: &Runtime, out: &Path) -> Result<()> {
    let sources = Sources::of(runtime);
    let wanted = fingerprint(&[&sources.folder, &sources.wit])?;
    let stamp = out.join(format!("{}.stamp", runtime.name));
    let files: Vec<_> = runtime
        .components
        .iter()
        .map(|component| format!("{component}.wasm"))
        .collect();
    if files.iter().all(|file| out.join(file).is_file())
        && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted)
    {
        eprintln!("   {} is current", out.join(files.join(", ")).display());
        return Ok(());
    }
    let begun = Instant::now();
    let tools = tools(runtime, &sources)?;
    let part = out.join(format!("{}.{}.part", runtime.name, std::process::id()));
    fs::create_dir_all(&part).with_context(|| format!("could not make {}", part.display()))?;
    let built = (runtime.build)(&sources, &tools, &part).and_then(|()| {
        files.iter().try_for_each(|file| {
            let wasm = out.join(file);
            fs::rename(part.join(file), &wasm)
                .with_context(|| format!("could not write {}", wasm.display()))?;
            eprintln!(
                "   {}  {} KiB",
                wasm.display(),
                fs::metadata(&wasm)?.len() >> 10
            );
            Ok(())
        })
    });
    let _ = fs::remove_dir_all(&part);
    built?;
    fs::write(&stamp, &wanted).with_context(|| format!("could not write {}", stamp.display()))?;
    eprintln!(
        "   the {} runtime took {:.1} s",
        runtime.name,
        begun.elapsed().as_secs_f32()
    );
    Ok(())
}

/// Hash of the recipe and of every file below the folders.
fn fingerprint(folders: &[&Path]) -> Result<String> {
    let mut hash = Sha256::new();
    hash.update(RECIPE);
    for folder in folders {
        let mut files = Vec::new();
        list(folder, &mut files)?;
        files.sort();
        for file in files {
            let name = file
                .strip_prefix(folder)
                .unwrap_or(&file)
                .to_string_lossy()
                .replace('\\', "/");
            let bytes =
                fs::read(&file).with_context(|| format!("could not read {}", file.display()))?;
            hash.update(format!("{name}\n{}\n", bytes.len()));
            hash.update(bytes);
        }
    }
    Ok(hex(&hash.finalize()))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        } else if !path.ends_with("__pycache__") && !path.ends_with("node_modules") {
            list(&path, files)?;
        }
    }
    Ok(())
}

/// The folder with the tools of a lock file, installed if they are not yet there.
fn tools(runtime: &Runtime, sources: &Sources) -> Result<PathBuf> {
    let mut hash = Sha256::new();
    hash.update(RECIPE);
    for file in runtime.lock_files {
        let path = sources.folder.join(file);
        hash.update(fs::read(&path).with_context(|| format!("could not read {}", path.display()))?);
    }
    let id: String = hex(&hash.finalize()).chars().take(16).collect();
    let folder = cache_dir()?
        .join("metascript")
        .join("tools")
        .join(format!("{}-{id}", runtime.name));
    let complete = folder.join("complete");
    if !complete.is_file() {
        eprintln!(
            "   installing the tools of the {} runtime into {}",
            runtime.name,
            folder.display()
        );
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("could not clear {}", folder.display()))?;
        }
        fs::create_dir_all(&folder)
            .with_context(|| format!("could not make {}", folder.display()))?;
        (runtime.install)(sources, &folder)?;
        fs::write(&complete, "")?;
    }
    Ok(folder)
}

fn cache_dir() -> Result<PathBuf> {
    let variable = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .or_else(|| variable("LOCALAPPDATA"))
        .context("no home folder: set HOME or XDG_CACHE_HOME")
}

/// Whether a program answers.
fn answers(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn install_python(sources: &Sources, folder: &Path) -> Result<()> {
    let Some(python) = ["python3", "python"]
        .into_iter()
        .find(|name| answers(name, "--version").is_some())
    else {
        bail!("Python 3.9 or newer is needed to build it: no `python3` on the PATH");
    };
    shell::run(Command::new(python).args(["-m", "venv"]).arg(folder)).context(
        "a Python environment could not be made; Debian and Ubuntu need the package python3-venv",
    )?;
    shell::run(
        Command::new(scripts(folder).join("python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--only-binary=:all:",
                "--require-hashes",
                "-r",
            ])
            .arg(sources.folder.join("requirements.txt")),
    )
}

fn scripts(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts" } else { "bin" })
}

fn build_python(sources: &Sources, tools: &Path, out: &Path) -> Result<()> {
    shell::run(
        Command::new(scripts(tools).join("componentize-py"))
            .env("VIRTUAL_ENV", tools)
            .env_remove("PYTHONPATH")
            .env_remove("PYTHONHOME")
            .arg("--wit-path")
            .arg(&sources.wit)
            .args([
                "--world",
                "cell-runtime",
                "componentize",
                "app",
                "--python-path",
            ])
            .arg(sources.folder.join("guest"))
            .arg("--output")
            .arg(out.join("python.wasm")),
    )
}

fn npm() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

fn install_npm(sources: &Sources, folder: &Path) -> Result<()> {
    let version = answers("node", "--version")
        .context("Node.js 20 or newer is needed to build it: no `node` on the PATH")?;
    let major: u32 = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|part| part.parse().ok())
        .unwrap_or(0);
    ensure!(
        major >= 20,
        "Node.js 20 or newer is needed to build it; `node` is {version}"
    );
    for file in ["package.json", "package-lock.json"] {
        fs::copy(sources.folder.join(file), folder.join(file))?;
    }
    shell::run(
        Command::new(npm())
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(folder),
    )
}

fn build_javascript(sources: &Sources, tools: &Path, out: &Path) -> Result<()> {
    // Packages are found beside the sources, so these go to where the packages are.
    let guest = tools.join("guest");
    if guest.exists() {
        fs::remove_dir_all(&guest)?;
    }
    copy(&sources.folder.join("guest"), &guest)?;
    let packages = tools.join("node_modules");
    let bundle = guest.join("bundle.js");
    shell::run(
        Command::new("node")
            .arg(packages.join("esbuild").join("bin").join("esbuild"))
            .arg(guest.join("main.js"))
            .args([
                "--bundle",
                "--format=esm",
                "--platform=neutral",
                "--main-fields=module,main",
                "--log-level=warning",
            ])
            .args([
                "--external:metascript:*",
                "--minify-whitespace",
                "--minify-syntax",
            ])
            .arg(format!("--outfile={}", bundle.display())),
    )?;
    shell::run(
        Command::new("node")
            .arg(packages.join("componentize-qjs").join("cli.mjs"))
            .arg("--wit")
            .arg(&sources.wit)
            .args(["--world", "event-loop-runtime", "--js"])
            .arg(&bundle)
            .arg("--output")
            .arg(out.join("javascript.wasm")),
    )
}

/// The runner is a plain component; the compiler is one that has compiled the cells of `warm` before it was kept.
fn build_fsharp(sources: &Sources, tools: &Path, out: &Path) -> Result<()> {
    let work = tools.join(format!("work-{}", std::process::id()));
    let made = build_fsharp_in(&work, sources, tools, out);
    let _ = fs::remove_dir_all(&work);
    made
}

fn build_fsharp_in(work: &Path, sources: &Sources, tools: &Path, out: &Path) -> Result<()> {
    let scripts = sources.folder.join("build");
    shell::run(
        Command::new("node")
            .arg(scripts.join("build.mjs"))
            .arg("--packages")
            .arg(tools)
            .arg("--work")
            .arg(work),
    )?;
    let componentize = |world: &str, script: &str, out: &Path| {
        shell::run(
            Command::new("node")
                .arg(scripts.join("componentize.mjs"))
                .arg("--packages")
                .arg(tools)
                .arg("--wit")
                .arg(&sources.wit)
                .args(["--world", world, "--script"])
                .arg(work.join(script))
                .arg("--out")
                .arg(out),
        )
    };
    componentize("fsharp-runtime", "runner.js", &out.join("fsharp.wasm"))?;

    // Warming up takes longest, and most changes leave the compiler as it was.
    let cells = sources.folder.join("warm");
    let snapshot = sources.folder.join("snapshot");
    let script = fs::read(work.join("compiler.js"))?;
    let id = format!(
        "{}-{}",
        fingerprint(&[&cells, &snapshot, &sources.wit])?,
        hex(&Sha256::digest(&script))
    );
    let warm = tools.join("fsharp-compiler.wasm");
    let stamp = tools.join("fsharp-compiler.stamp");
    if !(warm.is_file() && fs::read_to_string(&stamp).is_ok_and(|found| found == id)) {
        let cold = work.join("cold.wasm");
        componentize("fsharp-compiler-runtime", "compiler.js", &cold)?;
        // All packages together have other features than one alone, and the engine would be compiled twice.
        shell::run(shell::cargo().args([
            "build",
            "--quiet",
            "--workspace",
            "--bin",
            "metascript-snapshot",
        ]))?;
        let part = work.join("warm.wasm");
        shell::run(
            Command::new(target_dir().join("debug").join(format!(
                "metascript-snapshot{}",
                std::env::consts::EXE_SUFFIX
            )))
            .arg(&cold)
            .arg(&cells)
            .arg(&part),
        )?;
        fs::rename(&part, &warm)?;
        fs::write(&stamp, &id)?;
    }
    fs::copy(&warm, out.join("fsharp-compiler.wasm"))?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
