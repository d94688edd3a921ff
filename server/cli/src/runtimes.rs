//! `metascript runtimes`: which are there, and the packages that their cells can import.

mod doctor;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use metascript_sandbox::packages::{Manager, Packages};
use metascript_sandbox::{Engine, EngineOptions, Language};

use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum RuntimesCommand {
    /// Say of each language where its runtime is, whether it works, and what to do if not
    Doctor(doctor::DoctorOptions),
    /// Say which runtimes are there
    List {
        /// Where the WebAssembly runtimes are, when not beside the binary
        #[arg(long, value_name = "FOLDER", env = "METASCRIPT_RUNTIMES")]
        runtimes: Option<PathBuf>,
    },
    /// Add packages that cells can import: pure Python of PyPI, or packages of npm that need nothing of Node
    Add(AddOptions),
    /// Take a package out of the lock file
    Remove(RemoveOptions),
    /// List the packages that cells can import
    Packages {
        /// python or javascript; both without it
        language: Option<String>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
They are fetched with your pip or npm, into metascript/packages in your data folder. The lock file names each with its hash:
.metascript/packages.lock.json of the project around the current folder (where .metascript.toml or a lock file is), else your
own. What was added works without a network.

  metascript runtimes add python rich==14.0.0
  metascript runtimes add javascript left-pad@1.3.0
  metascript runtimes add python ./dist/mine-1.0-py3-none-any.whl")]
pub(crate) struct AddOptions {
    /// python or javascript
    language: String,
    /// Names, with versions if you like, or files: wheels and .tgz
    #[arg(required = true)]
    packages: Vec<String>,
    /// For all your scripts, not for this project alone
    #[arg(long, conflicts_with = "project")]
    user: bool,
    /// For the project in the current folder, which need not be one yet
    #[arg(long)]
    project: bool,
    /// Without the packages that they need
    #[arg(long)]
    no_deps: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveOptions {
    /// python or javascript
    language: String,
    /// Its name
    package: String,
    /// From your own lock file, not from the project's
    #[arg(long)]
    user: bool,
}

pub(crate) fn runtimes(command: &RuntimesCommand) -> Result<Exit> {
    let mut out = anstream::stdout().lock();
    let here = std::env::current_dir().context("there is no current folder")?;
    match command {
        RuntimesCommand::Doctor(options) => doctor::doctor(options),
        RuntimesCommand::List { runtimes } => {
            let engine = Engine::new(EngineOptions {
                runtimes: runtimes.clone(),
                ..EngineOptions::default()
            })?;
            let mut exit = Exit::Clean;
            for language in Language::ALL {
                match engine.find_runtime(language) {
                    Ok(path) => writeln!(out, "{:<11} {}", language.as_str(), path.display())?,
                    Err(error) => {
                        exit = Exit::Found;
                        writeln!(out, "{:<11} {error}", language.as_str())?;
                    }
                }
            }
            Ok(exit)
        }
        RuntimesCommand::Add(options) => {
            let language = language(&options.language)?;
            let manager = if options.user {
                Manager::for_user()?
            } else if options.project {
                Manager::for_project(&here)?
            } else {
                Manager::for_folder(&here)?
            };
            for package in &options.packages {
                let added = manager.add(language, package, options.no_deps)?;
                for one in &added.packages {
                    writeln!(out, "{} {}  sha256 {}", one.name, one.version, one.sha256)?;
                }
                writeln!(out, "written to {}", added.lock.display())?;
            }
            Ok(Exit::Clean)
        }
        RuntimesCommand::Remove(options) => {
            let manager = if options.user {
                Manager::for_user()?
            } else {
                Manager::for_folder(&here)?
            };
            if !manager.remove(language(&options.language)?, &options.package)? {
                bail!("the package '{}' is not in the lock file", options.package);
            }
            Ok(Exit::Clean)
        }
        RuntimesCommand::Packages { language: only } => {
            let languages = match only {
                Some(name) => vec![language(name)?],
                None => vec![Language::Python, Language::JavaScript],
            };
            let (packages, problems) = Packages::open(Some(&here));
            for problem in &problems {
                writeln!(anstream::stderr(), "note: {problem}")?;
            }
            for language in languages {
                for one in packages.list(language) {
                    let missing = if one.present {
                        ""
                    } else {
                        "  (not on this machine: add it again)"
                    };
                    writeln!(
                        out,
                        "{:<11} {} {}{missing}",
                        language.as_str(),
                        one.name,
                        one.version
                    )?;
                }
            }
            Ok(if problems.is_empty() {
                Exit::Clean
            } else {
                Exit::Found
            })
        }
    }
}

fn language(name: &str) -> Result<Language> {
    Language::from_name(name).ok_or_else(|| {
        anyhow!("'{name}' has no runtime here; packages are for python and javascript")
    })
}
