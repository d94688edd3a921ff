//! What a Rust cell has besides the standard library: typed values, the session's variables, `tars`, rich output.
//!
//! The host compiles this crate once for each toolchain and links it to every cell. It has no dependencies.

mod convert;
mod host;
mod moment;
mod number;
mod show;
mod value;

/// What the host's generated code calls; not for cells.
#[doc(hidden)]
pub mod cell;
pub mod tars;

pub use convert::{FromValue, ToValue};
pub use host::Error;
pub use moment::DateTime;
pub use number::BigInt;
pub use show::{Rich, display, html, jpeg, json, md, png, svg};
pub use value::{Map, Table, Value};

/// Names that a cell has without a `use`.
pub mod prelude {
    pub use crate::{BigInt, DateTime, FromValue, Map, Rich, Table, ToValue, Value, display, tars};
}

/// The value of a variable of the session, as the type that is asked for.
///
/// Fails if there is no such variable, or if its value is not of that type.
pub fn get<T: FromValue>(name: &str) -> Result<T, Error> {
    T::from_value(host::ask(host::GET, &Value::from(name))?)
}

/// Sets a variable of the session for every language.
pub fn set<T: ToValue + ?Sized>(name: &str, value: &T) -> Result<(), Error> {
    let message = Value::List(vec![Value::from(name), value.to_value()]);
    host::ask(host::SET, &message).map(drop)
}

/// Names of the session's variables.
pub fn names() -> Vec<String> {
    host::ask(host::NAMES, &Value::Null)
        .and_then(Vec::from_value)
        .unwrap_or_default()
}
