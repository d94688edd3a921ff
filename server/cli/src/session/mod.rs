//! `metascript session`: the operations of a session as JSON-RPC 2.0 on standard input and output.
//!
//! One thread reads and answers what cannot wait (an interrupt); another one owns the session and does the rest in order.
//! What cells print is sent as notifications while they run.

mod framing;
mod rpc;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use metascript_lsp::run_policy;
use metascript_sandbox::operations::{self, Desk};
use metascript_sandbox::packages::Packages;
use metascript_sandbox::{
    AuditLog, Engine, EngineOptions, InterruptHandle, Session, SessionOptions, amount,
};
use serde_json::{Value, json};

use crate::args::size;
use crate::exit::Exit;
use crate::run::services;
use framing::{Incoming, Output, Reader};
use rpc::{Failure, Message, Request};

#[derive(Debug, Args)]
#[command(after_help = "\
One JSON object a line, or with Content-Length heads as editors write them; answers come in the form of the first request.
docs/sessions.md lists the requests: metascript/execute, metascript/evaluate, metascript/variable/get, ... The session ends
when standard input does, after the requests that were read.

  echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"metascript/evaluate\",\"params\":{\"language\":\"python\",\"expression\":\"6*7\"}}' \\
    | metascript session")]
pub(crate) struct SessionArguments {
    /// The folder where relative paths begin; the current one without it
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// strict, moderate, permissive, or one of your settings or of .metascript.toml; without it, as your settings say
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Wall time of one cell, for example 500ms, 2s, 1m; without it, the policy's
    #[arg(long, value_name = "TIME", value_parser = amount::time)]
    time_limit: Option<Duration>,
    /// Memory of one runtime, for example 256MB; without it, the policy's
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory_limit: Option<u64>,
    /// Fixed clock and seeded random numbers
    #[arg(long)]
    deterministic: bool,
    /// What the random numbers of a deterministic session begin with
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        requires = "deterministic"
    )]
    seed: u64,
    /// Where the WebAssembly runtimes are, when not beside the binary
    #[arg(long, value_name = "FOLDER", env = "METASCRIPT_RUNTIMES")]
    runtimes: Option<PathBuf>,
}

/// The method that stops the running cell; answered at once.
const INTERRUPT: &str = "metascript/interrupt";

/// What the session's thread does next.
enum Job {
    One(Request),
    /// JSON-RPC's batch: the answers come together.
    Batch(Vec<Result<Request, Failure>>),
}

/// Where the session works.
struct Place<'a> {
    folder: &'a Path,
    /// What its cells do is written down; what is not may not reach files and hosts.
    audited: bool,
}

pub(crate) fn session(options: &SessionArguments) -> Result<Exit> {
    let folder = match &options.folder {
        Some(folder) => std::path::absolute(folder)?,
        None => std::env::current_dir().context("there is no current folder")?,
    };
    if !folder.is_dir() {
        return Err(anyhow!("{} is no folder", folder.display()));
    }
    let engine = Engine::new(EngineOptions {
        runtimes: options.runtimes.clone(),
        ..EngineOptions::default()
    })?;
    let options = setup(options, folder.clone())?;
    let audited = options.audit.is_some();
    let session = engine.session_with(options);
    let interrupt = session.interrupt_handle();
    let output = Output::default();
    let (jobs, work) = channel();
    let worker = {
        let output = output.clone();
        std::thread::Builder::new()
            .name("session".to_owned())
            .spawn(move || {
                let place = Place {
                    folder: &folder,
                    audited,
                };
                serve(session, &work, &output, &place);
            })
            .context("the session's thread could not start")?
    };
    read(&jobs, &interrupt, &output);
    drop(jobs);
    if output.is_closed() {
        // Nobody is left to hear how it ends.
        interrupt.interrupt();
    }
    worker
        .join()
        .map_err(|_| anyhow!("the session's thread ended unexpectedly"))?;
    Ok(Exit::Clean)
}

fn setup(options: &SessionArguments, folder: PathBuf) -> Result<SessionOptions> {
    let mut found =
        run_policy(Some(&folder), options.policy.as_deref()).map_err(|problem| anyhow!(problem))?;
    let audit = AuditLog::open();
    if let Err(error) = &audit {
        // What cannot be noted is not done.
        found.policy.confine();
        found.notes.push(format!(
            "the audit log cannot be written, so cells reach neither files nor hosts: {error}"
        ));
    }
    let (packages, problems) = Packages::open(Some(&folder));
    found.notes.extend(problems);
    for text in &found.notes {
        // A closed standard error is nobody to tell.
        let _ = writeln!(anstream::stderr(), "note: {text}");
    }
    let limits = &mut found.policy.limits;
    limits.wall_time = options.time_limit.unwrap_or(limits.wall_time);
    if let Some(memory) = options.memory_limit {
        limits.memory = usize::try_from(memory).unwrap_or(usize::MAX);
    }
    Ok(SessionOptions {
        services: Some(services(&folder)),
        policy: found.policy,
        folder: Some(folder),
        audit: audit.ok(),
        origin: "metascript session".to_owned(),
        seed: options.deterministic.then_some(options.seed),
        packages,
    })
}

/// Reads until standard input ends or the reader of the answers is gone.
fn read(jobs: &Sender<Job>, interrupt: &InterruptHandle, output: &Output) {
    let mut reader = Reader::new(std::io::stdin().lock());
    while !output.is_closed() {
        let text = match reader.next() {
            Incoming::End => return,
            Incoming::Text(text) => text,
            Incoming::Wrong(problem) => {
                output.send(&rpc::failure(Value::Null, &Failure::parse(problem)));
                continue;
            }
        };
        output.follow(reader.framing());
        let job = match rpc::read(&text) {
            Err(failure) => {
                output.send(&rpc::failure(Value::Null, &failure));
                continue;
            }
            Ok(Message::One(Err(failure))) => {
                output.send(&rpc::failure(failure.id.clone(), &failure));
                continue;
            }
            Ok(Message::One(Ok(request))) if request.method == INTERRUPT => {
                let stopped = interrupt.interrupt();
                if let Some(id) = request.id {
                    output.send(&rpc::answer(id, json!({ "interrupted": stopped })));
                }
                continue;
            }
            Ok(Message::One(Ok(request))) => Job::One(request),
            Ok(Message::Batch(batch)) => Job::Batch(batch),
        };
        if jobs.send(job).is_err() {
            return;
        }
    }
}

/// Does the work in order until there is no more.
fn serve(mut session: Session, work: &Receiver<Job>, output: &Output, place: &Place<'_>) {
    for job in work {
        if output.is_closed() {
            return;
        }
        match job {
            Job::One(request) => {
                if let Some(answer) = answer(&mut session, request, output, place) {
                    output.send(&answer);
                }
            }
            Job::Batch(batch) => {
                let answers: Vec<Value> = batch
                    .into_iter()
                    .filter_map(|one| match one {
                        Ok(request) => answer(&mut session, request, output, place),
                        Err(failure) => Some(rpc::failure(failure.id.clone(), &failure)),
                    })
                    .collect();
                if !answers.is_empty() {
                    output.send(&Value::Array(answers));
                }
            }
        }
    }
}

/// The answer to a request; none to a notification.
fn answer(
    session: &mut Session,
    request: Request,
    output: &Output,
    place: &Place<'_>,
) -> Option<Value> {
    let Request { id, method, params } = request;
    let Some(operation) = operations::find(&method) else {
        // In a batch an interrupt has its turn like everything else, and nothing runs then.
        let done = if method == INTERRUPT {
            Ok(json!({ "interrupted": false }))
        } else {
            Err(Failure::no_method(&method))
        };
        return id.map(|id| match done {
            Ok(value) => rpc::answer(id, value),
            Err(failure) => rpc::failure(id, &failure),
        });
    };
    let policies = |name: Option<&str>| {
        run_policy(Some(place.folder), name).map(|mut found| {
            if !place.audited {
                found.policy.confine();
            }
            found.policy
        })
    };
    let done = operation(
        &mut Desk {
            session,
            policies: &policies,
            sink: &mut |event| {
                if let Some(event) = operations::event(&event) {
                    output.send(&json!({
                        "jsonrpc": "2.0", "method": "metascript/output", "params": { "id": id, "event": event },
                    }));
                }
            },
        },
        params,
    );
    id.map(|id| match done {
        Ok(value) => rpc::answer(id, value),
        Err(fault) => rpc::failure(id, &Failure::from(fault)),
    })
}
