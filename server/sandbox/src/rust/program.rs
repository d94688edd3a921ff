//! A compiled cell at work: a core module with one import of its own and what little of WASI a cell has.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmtime::{Caller, Engine, Extern, Linker, Memory, Module, Val};

use super::wire;
use crate::event::{Bundle, Content, StreamName};
use crate::state::{self, State};
use crate::value::Value;
use crate::wire::{host::Host as _, types};

/// Errors of WASI: no such descriptor, not supported, not allowed.
const BAD_DESCRIPTOR: i32 = 8;
const UNSUPPORTED: i32 = 58;
const NOT_CAPABLE: i32 = 76;

const WASI: &str = "wasi_snapshot_preview1";

/// What of WASI a cell has.
const SERVED: [&str; 12] = [
    "fd_write",
    "fd_read",
    "poll_oneoff",
    "random_get",
    "environ_sizes_get",
    "environ_get",
    "args_sizes_get",
    "args_get",
    "clock_time_get",
    "clock_res_get",
    "sched_yield",
    "proc_exit",
];

/// Longest text of a panic.
const MOST_TEXT: usize = 64 << 10;
/// Random bytes of one piece.
const PIECE: u32 = 65_536;

/// What a running cell gets and leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Variables of the session that the cell mentions.
    pub(crate) given: HashMap<String, Value>,
    /// The host's last answer.
    answer: Vec<u8>,
    /// The beginning of a character that is not written yet, of each stream.
    partial: [Vec<u8>; 2],
    pub(crate) shown: Option<Bundle>,
    /// The typed value of the last expression; `Some(None)`: it has none.
    pub(crate) result: Option<Option<Value>>,
    /// Variables at the cell's end: name, value, type.
    pub(crate) defined: Vec<(String, Option<Value>, String)>,
    pub(crate) ended: Option<Ended>,
}

/// How a cell ended itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ended {
    pub(crate) name: String,
    pub(crate) message: String,
    /// Place in the program, counted from one; 0 if unknown.
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) file: String,
}

/// The cell called `exit`.
#[derive(Debug, thiserror::Error)]
#[error("the cell ended the program with exit code {0}")]
struct Exit(i32);

/// The code with which the cell ended the program, if that is what happened.
pub(crate) fn exit_code(error: &wasmtime::Error) -> Option<i32> {
    error.downcast_ref::<Exit>().map(|exit| exit.0)
}

/// Everything that a compiled cell may import. What it asks of WASI beyond that is refused, as a system refuses it.
pub(super) fn linker(engine: &Engine, module: &Module) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap_async("metascript", "ask", |caller, (operation, at, length)| {
        Box::new(ask(caller, operation, at, length))
    })?;
    linker.func_wrap(
        "metascript",
        "take",
        |mut caller: Caller<'_, State>, at: u32| {
            let answer = std::mem::take(&mut caller.data_mut().program.answer);
            write(&mut caller, at, &answer)
        },
    )?;
    linker.func_wrap_async(WASI, "fd_write", |caller, (to, at, count, written)| {
        Box::new(fd_write(caller, to, at, count, written))
    })?;
    linker.func_wrap_async(WASI, "poll_oneoff", |caller, (at, events, count, made)| {
        Box::new(poll(caller, at, events, count, made))
    })?;
    linker.func_wrap_async(WASI, "random_get", |caller, (at, length)| {
        Box::new(random(caller, at, length))
    })?;
    linker.func_wrap(
        WASI,
        "fd_read",
        |mut caller: Caller<'_, State>, from: u32, _at: u32, _count: u32, read: u32| {
            if from != 0 {
                return Ok(BAD_DESCRIPTOR);
            }
            // Standard input is at its end.
            write(&mut caller, read, &0u32.to_le_bytes()).map(|()| 0)
        },
    )?;
    for name in ["environ_sizes_get", "args_sizes_get"] {
        linker.func_wrap(
            WASI,
            name,
            |mut caller: Caller<'_, State>, count: u32, bytes: u32| {
                write(&mut caller, count, &0u32.to_le_bytes())?;
                write(&mut caller, bytes, &0u32.to_le_bytes()).map(|()| 0)
            },
        )?;
    }
    for name in ["environ_get", "args_get"] {
        linker.func_wrap(WASI, name, |_: Caller<'_, State>, _: u32, _: u32| 0)?;
    }
    linker.func_wrap(
        WASI,
        "clock_time_get",
        |mut caller: Caller<'_, State>, clock: u32, _: u64, at: u32| {
            let Some(nanos) = time(caller.data(), clock) else {
                return Ok(UNSUPPORTED);
            };
            write(&mut caller, at, &nanos.to_le_bytes()).map(|()| 0)
        },
    )?;
    linker.func_wrap(
        WASI,
        "clock_res_get",
        |mut caller: Caller<'_, State>, _: u32, at: u32| {
            write(&mut caller, at, &1000u64.to_le_bytes()).map(|()| 0)
        },
    )?;
    linker.func_wrap(WASI, "sched_yield", |_: Caller<'_, State>| 0)?;
    linker.func_wrap(
        WASI,
        "proc_exit",
        |_: Caller<'_, State>, code: i32| -> wasmtime::Result<()> { Err(Exit(code).into()) },
    )?;
    for import in module.imports() {
        let wasmtime::ExternType::Func(kind) = import.ty() else {
            continue;
        };
        let known = SERVED.contains(&import.name());
        let answers = kind.results().len() == 1 && kind.results().all(|one| one.is_i32());
        if !known && import.module() == WASI && answers {
            let refused = match import.name() {
                name if name.starts_with("fd_") => BAD_DESCRIPTOR,
                _ => NOT_CAPABLE,
            };
            linker.func_new(WASI, import.name(), kind, move |_, _, results| {
                if let Some(place) = results.first_mut() {
                    *place = Val::I32(refused);
                }
                Ok(())
            })?;
        }
    }
    Ok(linker)
}

fn memory(caller: &mut Caller<'_, State>) -> wasmtime::Result<Memory> {
    caller
        .get_export("memory")
        .and_then(Extern::into_memory)
        .ok_or_else(|| wasmtime::Error::msg("the cell has no memory"))
}

fn out_of_bounds() -> wasmtime::Error {
    wasmtime::Trap::MemoryOutOfBounds.into()
}

fn read<'a>(
    caller: &'a mut Caller<'_, State>,
    at: u32,
    length: usize,
) -> wasmtime::Result<&'a [u8]> {
    let memory = memory(caller)?;
    let start = usize::try_from(at).map_err(|_| out_of_bounds())?;
    start
        .checked_add(length)
        .and_then(|end| memory.data(&*caller).get(start..end))
        .ok_or_else(out_of_bounds)
}

fn read_u32(caller: &mut Caller<'_, State>, at: u32) -> wasmtime::Result<u32> {
    let bytes = read(caller, at, 4)?;
    Ok(u32::from_le_bytes(
        bytes.try_into().map_err(|_| out_of_bounds())?,
    ))
}

fn read_u64(caller: &mut Caller<'_, State>, at: u32) -> wasmtime::Result<u64> {
    let bytes = read(caller, at, 8)?;
    Ok(u64::from_le_bytes(
        bytes.try_into().map_err(|_| out_of_bounds())?,
    ))
}

fn write(caller: &mut Caller<'_, State>, at: u32, bytes: &[u8]) -> wasmtime::Result<()> {
    let memory = memory(caller)?;
    let start = usize::try_from(at).map_err(|_| out_of_bounds())?;
    memory
        .write(caller, start, bytes)
        .map_err(|_| out_of_bounds())
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A clock in nanoseconds: 0 is that of the wall, 1 the monotonic one.
fn time(state: &State, clock: u32) -> Option<u64> {
    use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

    static START: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    Some(match (clock, &state.clock) {
        (0, Some(own)) => nanos(HostWallClock::now(own)),
        (0, None) => nanos(SystemTime::now().duration_since(UNIX_EPOCH).ok()?),
        (1, Some(own)) => HostMonotonicClock::now(own),
        (1, None) => nanos(START.elapsed()),
        _ => return None,
    })
}

async fn fd_write(
    mut caller: Caller<'_, State>,
    to: u32,
    at: u32,
    count: u32,
    written: u32,
) -> wasmtime::Result<i32> {
    let (stream, name) = match to {
        1 => (0, StreamName::Stdout),
        2 => (1, StreamName::Stderr),
        _ => return Ok(BAD_DESCRIPTOR),
    };
    let mut total: u32 = 0;
    for piece in 0..count {
        let entry = at
            .checked_add(piece.checked_mul(8).ok_or_else(out_of_bounds)?)
            .ok_or_else(out_of_bounds)?;
        let start = read_u32(&mut caller, entry)?;
        let length = read_u32(&mut caller, entry.checked_add(4).ok_or_else(out_of_bounds)?)?;
        let size = usize::try_from(length).map_err(|_| out_of_bounds())?;
        let bytes = read(&mut caller, start, size)?.to_vec();
        let state = caller.data_mut();
        if let Some(partial) = state.program.partial.get_mut(stream) {
            partial.extend(bytes);
            let text = whole_characters(partial);
            state.output.write(name, &text);
        }
        total = total.saturating_add(length);
    }
    write(&mut caller, written, &total.to_le_bytes())?;
    state::hand_over().await;
    Ok(0)
}

/// Takes the characters that are complete; what is no UTF-8 becomes the replacement character.
fn whole_characters(bytes: &mut Vec<u8>) -> String {
    let keep = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => bytes.len() - error.valid_up_to(),
        _ => 0,
    };
    let rest = bytes.split_off(bytes.len() - keep);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}

/// A wait, which is all that the standard library uses this for.
async fn poll(
    mut caller: Caller<'_, State>,
    at: u32,
    events: u32,
    count: u32,
    made: u32,
) -> wasmtime::Result<i32> {
    let field = |offset: u32| at.checked_add(offset).ok_or_else(out_of_bounds);
    if count != 1 || read(&mut caller, field(8)?, 1)? != [0] {
        return Ok(UNSUPPORTED);
    }
    let user = read_u64(&mut caller, field(0)?)?;
    let clock = read_u32(&mut caller, field(16)?)?;
    let mut wait = read_u64(&mut caller, field(24)?)?;
    let absolute = read(&mut caller, field(40)?, 1)?
        .first()
        .is_some_and(|flags| flags & 1 == 1);
    if absolute {
        wait = wait.saturating_sub(time(caller.data(), clock).unwrap_or(wait));
    }
    let milliseconds = u32::try_from(wait.div_ceil(1_000_000)).unwrap_or(u32::MAX);
    state::hand_over().await;
    let (control, own) = (
        std::sync::Arc::clone(&caller.data().control),
        caller.data().clock.clone(),
    );
    if !state::wait(&control, own.as_ref(), milliseconds).await? {
        return Err(crate::control::Stop::Interrupted.into());
    }
    let mut event = [0; 32];
    for (place, byte) in event.iter_mut().zip(user.to_le_bytes()) {
        *place = byte;
    }
    write(&mut caller, events, &event)?;
    write(&mut caller, made, &1u32.to_le_bytes())?;
    Ok(0)
}

async fn random(mut caller: Caller<'_, State>, at: u32, length: u32) -> wasmtime::Result<i32> {
    let size = usize::try_from(length).map_err(|_| out_of_bounds())?;
    read(&mut caller, at, size)?;
    let mut done = 0;
    while done < length {
        let bytes = caller.data_mut().random(PIECE.min(length - done)).await?;
        write(&mut caller, at + done, &bytes)?;
        done += PIECE.min(length - done);
    }
    Ok(0)
}

async fn ask(
    mut caller: Caller<'_, State>,
    operation: u32,
    at: u32,
    length: u32,
) -> wasmtime::Result<u32> {
    let size = usize::try_from(length).map_err(|_| out_of_bounds())?;
    let most = caller.data().max_value.saturating_add(MOST_TEXT);
    let message = if size > most {
        // The bytes are still the cell's own, so looking at where they should be is all that is done.
        read(&mut caller, at, size)?;
        Err(refusal(
            "too-large",
            &format!(
                "the value is larger than the limit of {} bytes",
                caller.data().max_value
            ),
        ))
    } else {
        wire::read(read(&mut caller, at, size)?)
            .map_err(|error| refusal("bad-value", &error.to_string()))
    };
    let answer = match message {
        Ok(message) => caller.data_mut().answer(operation, message).await?,
        Err(refused) => {
            if operation == DEFINE || operation == RESULT {
                let program = &mut caller.data_mut().program;
                program.ended.get_or_insert_with(|| Ended {
                    name: "ValueError".to_owned(),
                    message: refused.message.clone(),
                    ..Ended::default()
                });
            }
            Err(refused)
        }
    };
    let (flag, value) = match answer {
        Ok(value) => (0, value),
        Err(refused) => (
            1,
            Value::List(vec![
                Value::Text(refused.code),
                Value::Text(refused.message),
            ]),
        ),
    };
    let mut bytes = vec![flag];
    wire::write(&value, &mut bytes);
    let length = u32::try_from(bytes.len()).map_err(|_| out_of_bounds())?;
    caller.data_mut().program.answer = bytes;
    Ok(length)
}

fn refusal(code: &str, message: &str) -> types::Refusal {
    types::Refusal {
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

const GET: u32 = 1;
const SET: u32 = 2;
const NAMES: u32 = 3;
const CALL: u32 = 4;
const DISPLAY: u32 = 5;
const RESULT: u32 = 6;
const DEFINE: u32 = 7;
const PANIC: u32 = 8;
const RECALL: u32 = 9;

type Answer = Result<Value, types::Refusal>;

impl State {
    async fn answer(&mut self, operation: u32, message: Value) -> wasmtime::Result<Answer> {
        let unfit = || refusal("bad-argument", "the message does not fit the operation");
        let parts = match message {
            Value::List(parts) => parts,
            other => vec![other],
        };
        let mut parts = parts.into_iter();
        let mut next = move || parts.next();
        let text = |value: Option<Value>| match value {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        Ok(match operation {
            GET => match text(next()) {
                Some(name) => match self.get_variable(name.clone()).await? {
                    Ok(Some(value)) => Value::from_wire(value, self.max_value)
                        .map_err(|error| refusal("bad-value", &error.to_string())),
                    Ok(None) => Err(refusal(
                        "not-found",
                        &format!("there is no variable '{name}'"),
                    )),
                    Err(refused) => Err(refused),
                },
                None => Err(unfit()),
            },
            SET => match (text(next()), next()) {
                (Some(name), Some(value)) => self
                    .set_variable(name, value.to_wire())
                    .await?
                    .map(|()| Value::Null),
                _ => Err(unfit()),
            },
            NAMES => Ok(Value::List(
                self.list_variables()
                    .await?
                    .into_iter()
                    .map(|variable| Value::Text(variable.name))
                    .collect(),
            )),
            CALL => match (text(next()), next()) {
                (Some(operation), Some(arguments)) => self
                    .call(operation, arguments.to_wire())
                    .await?
                    .and_then(|value| {
                        Value::from_wire(value, self.max_value)
                            .map_err(|error| refusal("bad-value", &error.to_string()))
                    }),
                _ => Err(unfit()),
            },
            DISPLAY => match next().and_then(bundle) {
                Some(shown) => {
                    self.output.display(shown);
                    state::hand_over().await;
                    Ok(Value::Null)
                }
                None => Err(unfit()),
            },
            RESULT => {
                self.program.shown = next().and_then(bundle);
                let has_value = matches!(next(), Some(Value::Boolean(true)));
                self.program.result = Some(next().filter(|_| has_value));
                Ok(Value::Null)
            }
            DEFINE => match (text(next()), next(), next(), text(next())) {
                (Some(name), Some(Value::Boolean(has_value)), Some(value), Some(kind)) => {
                    let value = has_value.then_some(value);
                    self.program.defined.push((name, value, kind));
                    Ok(Value::Null)
                }
                _ => Err(unfit()),
            },
            PANIC => {
                let number = |value: Option<Value>| match value {
                    Some(Value::Integer(number)) => u32::try_from(number).unwrap_or(0),
                    _ => 0,
                };
                let short = |text: Option<String>| {
                    let text = text.unwrap_or_default();
                    text.get(..text.floor_char_boundary(MOST_TEXT))
                        .unwrap_or_default()
                        .to_owned()
                };
                self.program.ended = Some(Ended {
                    name: short(text(next())),
                    message: short(text(next())),
                    file: short(text(next())),
                    line: number(next()),
                    column: number(next()),
                });
                Ok(Value::Null)
            }
            RECALL => match text(next()) {
                Some(name) => self
                    .program
                    .given
                    .get(&name)
                    .cloned()
                    .ok_or_else(|| refusal("not-found", "there is no such variable")),
                None => Err(unfit()),
            },
            _ => Err(refusal("unknown-operation", "there is no such operation")),
        })
    }
}

fn bundle(value: Value) -> Option<Bundle> {
    let Value::Map(entries) = value else {
        return None;
    };
    let representations = entries
        .into_iter()
        .filter_map(|(mime, content)| {
            let content = match content {
                Value::Text(text) => Content::Text(text),
                Value::Bytes(bytes) => Content::Binary(bytes),
                _ => return None,
            };
            Some((mime, content))
        })
        .collect();
    Some(Bundle { representations })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        let mut bytes = "aé".as_bytes().to_vec();
        let last = bytes.pop();
        assert_eq!(whole_characters(&mut bytes), "a");
        bytes.extend(last);
        assert_eq!(whole_characters(&mut bytes), "é");
        bytes.extend([255, b'x']);
        assert_eq!(whole_characters(&mut bytes), "\u{fffd}x");
        assert!(bytes.is_empty());
    }
}
