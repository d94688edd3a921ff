//! Between a cell and the host: start, variables, result, end.
//!
//! Whether a type can be shown or shared is decided where the type is known: a method call finds the trait of the most
//! borrowed receiver first, so the traits below are tried from the last to the first.

use std::fmt::{Debug, Display};
use std::io::Write;

use crate::{FromValue, Rich, Table, ToValue, Value, host};

/// Runs a cell.
pub fn run(cell: fn() -> Result<(), Box<dyn std::error::Error>>) {
    std::panic::set_hook(Box::new(|panic| {
        let _ = std::io::stdout().flush();
        let message = panic
            .payload()
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.payload().downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "the cell panicked".to_owned());
        let (file, line, column) = panic.location().map_or(("", 0, 0), |place| {
            (place.file(), place.line(), place.column())
        });
        end("panic", message, file, line, column);
    }));
    if let Err(error) = cell() {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(&format!(": {error}"));
            cause = error.source();
        }
        let _ = std::io::stdout().flush();
        end("Error", message, "", 0, 0);
    }
}

fn end(name: &str, message: String, file: &str, line: u32, column: u32) {
    let _ = host::ask(
        host::PANIC,
        &Value::List(vec![
            name.into(),
            message.into(),
            file.into(),
            line.into(),
            column.into(),
        ]),
    );
}

/// The value of a variable of the session that the cell mentions.
pub fn recall<T: FromValue>(name: &str) -> T {
    match host::ask(host::RECALL, &Value::from(name)).and_then(T::from_value) {
        Ok(value) => value,
        Err(error) => panic!("'{name}' cannot be read: {error}"),
    }
}

/// The value of a variable at the cell's end; `None`: its type cannot be shared.
pub fn define<T: ?Sized>(name: &str, _: &T, value: Option<Value>) {
    let shareable = value.is_some();
    let _ = host::ask(
        host::DEFINE,
        &Value::List(vec![
            name.into(),
            shareable.into(),
            value.unwrap_or_default(),
            std::any::type_name::<T>().into(),
        ]),
    );
}

/// The value of the last expression.
pub fn result(shown: Option<Rich>, value: Option<Value>) {
    let shareable = value.is_some();
    let _ = std::io::stdout().flush();
    let _ = host::ask(
        host::RESULT,
        &Value::List(vec![
            shown.map_or(Value::Null, Rich::into_value),
            shareable.into(),
            value.unwrap_or_default(),
        ]),
    );
}

/// A value of any type.
pub struct Of<'a, T: ?Sized>(pub &'a T);

pub trait Shared {
    fn shared(&self) -> Option<Value>;
}

impl<T: ToValue + ?Sized> Shared for &Of<'_, T> {
    fn shared(&self) -> Option<Value> {
        Some(self.0.to_value())
    }
}

pub trait NotShared {
    fn shared(&self) -> Option<Value>;
}

impl<T: ?Sized> NotShared for Of<'_, T> {
    fn shared(&self) -> Option<Value> {
        None
    }
}

pub trait ShownByName {
    fn shown(&self) -> Option<Rich>;
}

impl<T: ?Sized> ShownByName for Of<'_, T> {
    fn shown(&self) -> Option<Rich> {
        Some(format!("<{}>", std::any::type_name::<T>()).into())
    }
}

pub trait ShownByDisplay {
    fn shown(&self) -> Option<Rich>;
}

impl<T: Display + ?Sized> ShownByDisplay for &Of<'_, T> {
    fn shown(&self) -> Option<Rich> {
        Some(self.0.to_string().into())
    }
}

pub trait ShownByDebug {
    fn shown(&self) -> Option<Rich>;
}

impl<T: Debug + ?Sized> ShownByDebug for &&Of<'_, T> {
    fn shown(&self) -> Option<Rich> {
        Some(format!("{:?}", self.0).into())
    }
}

pub trait ShownByItself {
    fn shown(&self) -> Option<Rich>;
}

impl ShownByItself for &&&Of<'_, Rich> {
    fn shown(&self) -> Option<Rich> {
        Some(self.0.clone())
    }
}

impl ShownByItself for &&&Of<'_, Table> {
    fn shown(&self) -> Option<Rich> {
        Some(self.0.into())
    }
}

impl ShownByItself for &&&Of<'_, ()> {
    fn shown(&self) -> Option<Rich> {
        None
    }
}
