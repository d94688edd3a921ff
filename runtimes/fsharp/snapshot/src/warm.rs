//! Lets the compiler compile.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wizer::Wizer;

use crate::instance::Running;

mod wire {
    #![allow(
        missing_docs,
        unreachable_pub,
        clippy::pedantic,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used
    )]

    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "fsharp-compiler-runtime",
        exports: { default: async },
    });
}

use wire::FsharpCompilerRuntime;
use wire::exports::metascript::cell::fsharp_compiler::{Position, Request, Severity};
use wire::exports::metascript::cell::fsharp_editor::{Script, Shared};
use wire::metascript::cell::types::{Node, Value};

/// Cells whose file begins so are meant to be wrong: errors have a first time as well.
const WRONG: &str = "wrong";

/// Earlier cells that later ones see.
const KEPT: usize = 2;

/// A cell to warm up with.
pub struct Cell {
    name: String,
    code: String,
}

/// The cells of a folder, by name.
pub fn cells(folder: &Path) -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "fsx") {
            continue;
        }
        cells.push(Cell {
            name: path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned())
                .unwrap_or_default(),
            code: std::fs::read_to_string(&path)
                .with_context(|| format!("could not read {}", path.display()))?,
        });
    }
    cells.sort_by(|a, b| a.name.cmp(&b.name));
    ensure!(!cells.is_empty(), "no .fsx in {}", folder.display());
    Ok(cells)
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// The component as it is once it has compiled the cells.
pub async fn up(component: &[u8], cells: &[Cell]) -> Result<Vec<u8>> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_component_model_async(true)
        .max_wasm_stack(64 << 20)
        .async_stack_size(80 << 20);
    let engine = Engine::new(&config)?;
    let wizer = Wizer::new();
    let (context, instrumented) = wizer
        .instrument_component(component)
        .map_err(anyhow::Error::from)
        .context("wizer refused the component")?;
    let compiled = Component::new(&engine, &instrumented)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    refuse_modules(&mut linker)?;
    let state = State {
        wasi: WasiCtxBuilder::new().build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(&engine, state);
    // A snapshot hands over the whole memory in one call, more than a guest may otherwise.
    store.set_hostcall_fuel(usize::MAX);
    let instance = linker.instantiate_async(&mut store, &compiled).await?;
    let compiler = FsharpCompilerRuntime::new(&mut store, &instance)?;
    compile(&compiler, &mut store, cells).await?;
    assist(&compiler, &mut store).await?;

    let mut running = Running {
        store: &mut store,
        instance,
        failure: None,
    };
    let snapshot = wizer.snapshot_component(&context, &mut running).await?;
    match running.failure {
        Some(failure) => Err(anyhow::Error::from(failure).context("the snapshot failed")),
        None => Ok(snapshot),
    }
}

/// The import by which `componentize-qjs` loads further modules while it builds; it is over when a snapshot is made.
fn refuse_modules(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let refused = || Err::<String, _>("there are no further modules".to_owned());
    let mut loader = linker.instance("local:init/module-loader")?;
    loader.func_wrap("resolve", move |_, _: (String, String)| Ok((refused(),)))?;
    loader.func_wrap("load", move |_, _: (String,)| Ok((refused(),)))
}

async fn compile(
    compiler: &FsharpCompilerRuntime,
    store: &mut Store<State>,
    cells: &[Cell],
) -> Result<()> {
    let mut units = Vec::new();
    for cell in cells {
        let begun = Instant::now();
        let request = Request {
            units: units.clone(),
            declarations: Vec::new(),
            code: cell.code.clone(),
        };
        let made = compiler
            .metascript_cell_fsharp_compiler()
            .call_compile(&mut *store, &request)
            .await
            .map_err(anyhow::Error::from)
            .with_context(|| format!("the compiler failed at {}.fsx", cell.name))?;
        let wrong = made
            .diagnostics
            .iter()
            .find(|one| matches!(one.severity, Severity::Error));
        if cell.name.starts_with(WRONG) {
            ensure!(wrong.is_some(), "{}.fsx should be wrong", cell.name);
        } else if let Some(error) = wrong {
            anyhow::bail!("{}.fsx: {}: {}", cell.name, error.code, error.message);
        }
        if let Some(program) = made.program
            && units.len() < KEPT
        {
            units.push(program.unit);
        }
        eprintln!(
            "   compiled {}.fsx  ({:.1} s)",
            cell.name,
            begun.elapsed().as_secs_f32()
        );
    }
    Ok(())
}

/// What an editor asks.
async fn assist(compiler: &FsharpCompilerRuntime, store: &mut Store<State>) -> Result<()> {
    let editor = compiler.metascript_cell_fsharp_editor();
    let shared = |name: &str, value| Shared {
        name: name.to_owned(),
        value,
    };
    let text = Value {
        nodes: vec![Node::Text("Ada".to_owned())],
    };
    let mut script = Script {
        shared: vec![shared("author", Some(text)), shared("unknown", None)],
        above: vec!["let people = [ \"Ada\" ]\nlet add a b = a + b".to_owned()],
        code:
            "let n = add people.Length author.Length\nlet wrong : int = unknown.name + \"\"\nnope"
                .to_owned(),
    };
    let found = editor.call_check(&mut *store, &script).await?;
    ensure!(!found.is_empty(), "no error");
    let at = |column| Position { line: 1, column };
    // A name in scope, members of a value and of a module, half a word.
    for (line, column) in [
        ("people.Length", 4),
        ("people.", 7),
        ("List.", 5),
        ("Math.S", 6),
        ("printf", 6),
        ("Math.", 5),
    ] {
        script.code = format!("let x = 1\n{line}");
        let found = editor
            .call_complete(&mut *store, &script, at(column))
            .await?;
        ensure!(!found.is_empty(), "no completion at {line}");
    }
    for (line, column) in [
        ("people.Length", 9),
        ("List.map string people", 7),
        ("printfn \"%d\" x", 3),
    ] {
        script.code = format!("let x = 1\n{line}");
        let found = editor
            .call_inspect(&mut *store, &script, at(column))
            .await?;
        ensure!(found.is_some(), "no signature at {line}");
    }
    for (line, column) in [("Math.Max(1, )", 12), ("add 1 ", 6)] {
        script.code = format!("let x = 1\n{line}");
        let found = editor
            .call_signatures(&mut *store, &script, at(column))
            .await?;
        ensure!(found.is_some(), "no parameters at {line}");
    }
    Ok(())
}
