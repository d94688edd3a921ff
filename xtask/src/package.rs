//! `cargo xtask package`: what users install.
//!
//! Three files in `target/packages`: the server with its runtimes as an archive, the extension for VS Code with both
//! inside, and the plugin for Neovim with the grammar that it compiles.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::{neovim, runtimes, shell, vscode};

/// What was made.
pub struct Packages {
    /// `metascript-VERSION-TARGET.tar.gz`
    pub server: PathBuf,
    /// `metascript-VERSION-PLATFORM.vsix`
    pub vscode: PathBuf,
    /// `metascript.nvim-VERSION.tar.gz`
    pub neovim: PathBuf,
}

/// Where the binary comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// For users.
    Release,
    /// For the tests, which have it already.
    Dev,
}

/// Makes all packages for this machine.
pub fn make(profile: Profile) -> Result<Packages> {
    let out = shell::target_dir().join("packages");
    fs::create_dir_all(&out)?;
    runtimes::build(&[])?;
    let binary = binary(profile)?;
    let target = host()?;
    let version = env!("CARGO_PKG_VERSION");

    shell::step("The server's archive");
    let name = format!("metascript-{version}-{target}");
    let server = out.join(format!("{name}.tar.gz"));
    archive(&server, |archive| {
        let root = shell::root();
        archive.append_path_with_name(&binary, format!("{name}/{}", program()))?;
        for runtime in wasm()? {
            let file = runtime.file_name().unwrap_or_default().to_string_lossy();
            archive.append_path_with_name(&runtime, format!("{name}/runtimes/{file}"))?;
        }
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            archive.append_path_with_name(root.join(file), format!("{name}/{file}"))?;
        }
        Ok(())
    })?;

    shell::step("The plugin for Neovim");
    let neovim = out.join(format!("metascript.nvim-{version}.tar.gz"));
    archive(&neovim, |archive| {
        let root = shell::root();
        archive.append_dir_all("metascript.nvim", root.join("editors/neovim"))?;
        for part in ["src", "queries", "grammar.js", "tree-sitter.json"] {
            let (from, to) = (
                root.join("grammar").join(part),
                format!("metascript.nvim/grammar/{part}"),
            );
            if from.is_dir() {
                archive.append_dir_all(to, from)?;
            } else {
                archive.append_path_with_name(from, to)?;
            }
        }
        Ok(())
    })?;

    shell::step("The extension for VS Code");
    let platform = vscode_platform(&target)?;
    let vscode = out.join(format!("metascript-{version}-{platform}.vsix"));
    vscode::package_with(&binary, &wasm()?, platform, &vscode)?;
    for made in [&server, &neovim, &vscode] {
        let size = fs::metadata(made)?.len();
        eprintln!("   {} ({:.1} MB)", made.display(), megabytes(size));
    }
    Ok(Packages {
        server,
        vscode,
        neovim,
    })
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Makes the packages of the dev build, installs each into a clean folder and runs a cell from there. Answers how many
/// checks passed and failed.
pub fn test() -> Result<(u32, u32)> {
    let packages = make(Profile::Dev)?;
    let mut tally = (0, 0);
    let installed = shell::target_dir().join("tmp").join("installed");
    if installed.exists() {
        fs::remove_dir_all(&installed)?;
    }
    let server = match unpacked_server(&packages.server, &installed) {
        Ok(server) => {
            println!("ok      the archive's server runs a cell");
            tally.0 += 1;
            Some(server)
        }
        Err(error) => {
            println!("FAILED  the archive's server runs a cell: {error:#}");
            tally.1 += 1;
            None
        }
    };
    if let Some(server) = server {
        unpack(&packages.neovim, &installed)?;
        let (passed, failed) = neovim::test_installed(&installed.join("metascript.nvim"), &server)?;
        tally = (tally.0 + passed, tally.1 + failed);
    }
    let (passed, failed) = vscode::test_package(&packages.vscode)?;
    fs::remove_dir_all(&installed)?;
    Ok((tally.0 + passed, tally.1 + failed))
}

/// Unpacks the server's archive and runs a script with it.
fn unpacked_server(archive: &Path, into: &Path) -> Result<PathBuf> {
    unpack(archive, into)?;
    let folder = fs::read_dir(into)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.join(program()).is_file())
        .context("the archive holds no server")?;
    let server = folder.join(program());
    let output = Command::new(&server)
        .arg("run")
        .arg(shell::root().join("fixtures/hello.tars"))
        .current_dir(into)
        .env_remove("METASCRIPT_RUNTIMES")
        .stderr(Stdio::inherit())
        .output()?;
    let shown = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "it failed: {shown}");
    ensure!(
        shown.contains("the highest is 18.9"),
        "the cell's output is not there: {shown}"
    );
    Ok(server)
}

fn unpack(archive: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    let file = File::open(archive)?;
    tar::Archive::new(flate2::read::GzDecoder::new(file))
        .unpack(into)
        .with_context(|| format!("{} cannot be unpacked", archive.display()))
}

/// Writes an archive beside its place and then renames it.
fn archive(
    path: &Path,
    fill: impl FnOnce(&mut tar::Builder<GzEncoder<File>>) -> Result<()>,
) -> Result<()> {
    let unfinished = path.with_extension("new");
    let file = File::create(&unfinished)?;
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
    fill(&mut archive).with_context(|| format!("{} cannot be written", path.display()))?;
    archive.into_inner()?.finish()?;
    fs::rename(&unfinished, path)?;
    Ok(())
}

fn program() -> String {
    format!("metascript{}", std::env::consts::EXE_SUFFIX)
}

fn binary(profile: Profile) -> Result<PathBuf> {
    match profile {
        Profile::Dev => {
            shell::run(shell::cargo().args(["build", "--workspace", "--all-targets"]))?;
            Ok(shell::binary())
        }
        Profile::Release => {
            shell::run(shell::cargo().args(["build", "--release", "--bin", "metascript"]))?;
            Ok(shell::target_dir().join("release").join(program()))
        }
    }
}

/// The components of all runtimes.
fn wasm() -> Result<Vec<PathBuf>> {
    let folder = shell::target_dir().join("runtimes");
    let mut found: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("{}", folder.display()))?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .collect();
    found.sort();
    ensure!(!found.is_empty(), "{} has no runtime", folder.display());
    Ok(found)
}

/// The target triple of this machine's compiler.
fn host() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output()?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("rustc does not name its host")
}

/// The name that VS Code has for a target
/// (<https://code.visualstudio.com/api/working-with-extensions/publishing-extension>).
fn vscode_platform(target: &str) -> Result<&'static str> {
    Ok(match target {
        "x86_64-unknown-linux-gnu" => "linux-x64",
        "aarch64-unknown-linux-gnu" => "linux-arm64",
        "x86_64-unknown-linux-musl" => "alpine-x64",
        "aarch64-unknown-linux-musl" => "alpine-arm64",
        "x86_64-apple-darwin" => "darwin-x64",
        "aarch64-apple-darwin" => "darwin-arm64",
        "x86_64-pc-windows-msvc" => "win32-x64",
        "aarch64-pc-windows-msvc" => "win32-arm64",
        other => bail!("VS Code does not run on {other}"),
    })
}
