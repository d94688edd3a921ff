//! Rust's types and the session's values.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use crate::{BigInt, DateTime, Error, Map, Table, Value};

/// A type whose values can be shared.
pub trait ToValue {
    /// The value.
    fn to_value(&self) -> Value;

    /// The value of several; bytes are no list of numbers.
    #[doc(hidden)]
    fn all_to_value(items: &[Self]) -> Value
    where
        Self: Sized,
    {
        Value::List(items.iter().map(Self::to_value).collect())
    }
}

/// A type that can take a value of the session.
pub trait FromValue: Sized {
    /// The value as this type, or why it is none.
    fn from_value(value: Value) -> Result<Self, Error>;

    #[doc(hidden)]
    fn all_from_value(value: Value) -> Result<Vec<Self>, Error> {
        match value {
            Value::List(items) => items.into_iter().map(Self::from_value).collect(),
            other => Err(wrong(&other, "a list")),
        }
    }
}

fn wrong(value: &Value, wanted: &str) -> Error {
    Error::new(
        "wrong-type",
        format!("the value is of type {}, not {wanted}", value.kind()),
    )
}

/// `From` and `TryFrom` by way of the two traits.
macro_rules! standard {
    ($($type:ty)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                value.to_value()
            }
        }

        impl TryFrom<Value> for $type {
            type Error = Error;

            fn try_from(value: Value) -> Result<Self, Error> {
                Self::from_value(value)
            }
        }
    )*};
}

standard!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 char String BigInt DateTime Map Table);

macro_rules! whole {
    ($($type:ty)*) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                match i64::try_from(*self) {
                    Ok(number) => Value::Int(number),
                    Err(_) => Value::BigInt(BigInt::from(*self)),
                }
            }
        }

        impl FromValue for $type {
            fn from_value(value: Value) -> Result<Self, Error> {
                match &value {
                    Value::Int(number) => Self::try_from(*number).map_err(|_| {
                        Error::new("wrong-type", format!("{number} does not fit into {}", stringify!($type)))
                    }),
                    Value::BigInt(number) => Self::try_from(number),
                    other => Err(wrong(other, "a whole number")),
                }
            }
        }
    )*};
}

whole!(i8 i16 i32 i64 i128 isize u16 u32 u64 u128 usize);

impl ToValue for u8 {
    fn to_value(&self) -> Value {
        Value::Int(i64::from(*self))
    }

    fn all_to_value(items: &[Self]) -> Value {
        Value::Bytes(items.to_vec())
    }
}

impl FromValue for u8 {
    fn from_value(value: Value) -> Result<Self, Error> {
        u16::from_value(value)?
            .try_into()
            .map_err(|_| Error::new("wrong-type", "the number does not fit into u8"))
    }

    fn all_from_value(value: Value) -> Result<Vec<Self>, Error> {
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(wrong(&other, "bytes")),
        }
    }
}

/// Types that are one case of a value.
macro_rules! case {
    ($($type:ty, $case:ident, $what:literal;)*) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                Value::$case(self.clone())
            }
        }

        impl FromValue for $type {
            fn from_value(value: Value) -> Result<Self, Error> {
                match value {
                    Value::$case(inner) => Ok(inner),
                    other => Err(wrong(&other, $what)),
                }
            }
        }
    )*};
}

case! {
    bool, Bool, "a boolean";
    String, Text, "text";
    DateTime, DateTime, "a date-time";
    Map, Map, "a map";
    Table, Table, "a table";
}

impl ToValue for BigInt {
    fn to_value(&self) -> Value {
        match i64::try_from(self) {
            Ok(number) => Value::Int(number),
            Err(_) => Value::BigInt(self.clone()),
        }
    }
}

impl FromValue for BigInt {
    fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::Int(number) => Ok(number.into()),
            Value::BigInt(number) => Ok(number),
            other => Err(wrong(&other, "a whole number")),
        }
    }
}

impl ToValue for f64 {
    fn to_value(&self) -> Value {
        Value::Float(*self)
    }
}

impl FromValue for f64 {
    fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::Float(number) => Ok(number),
            Value::Int(number) if number.unsigned_abs() < 1 << 53 => Ok(number as f64),
            other => Err(wrong(&other, "a float")),
        }
    }
}

impl ToValue for f32 {
    fn to_value(&self) -> Value {
        Value::Float(f64::from(*self))
    }
}

impl FromValue for f32 {
    fn from_value(value: Value) -> Result<Self, Error> {
        f64::from_value(value).map(|number| number as f32)
    }
}

impl ToValue for char {
    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl FromValue for char {
    fn from_value(value: Value) -> Result<Self, Error> {
        let text = String::from_value(value)?;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(Error::new("wrong-type", "the text is not one character")),
        }
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl FromValue for Value {
    fn from_value(value: Value) -> Result<Self, Error> {
        Ok(value)
    }
}

impl ToValue for () {
    fn to_value(&self) -> Value {
        Value::Null
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Value::Null
    }
}

impl ToValue for SystemTime {
    fn to_value(&self) -> Value {
        Value::DateTime((*self).into())
    }
}

macro_rules! pointer {
    ($($type:ty)*) => {$(
        impl<T: ToValue + ?Sized> ToValue for $type {
            fn to_value(&self) -> Value {
                T::to_value(self)
            }
        }
    )*};
}

pointer!(&T &mut T Box<T> Rc<T> Arc<T>);

impl<T: ToValue + ToOwned + ?Sized> ToValue for Cow<'_, T> {
    fn to_value(&self) -> Value {
        T::to_value(self)
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl<T: ToValue> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.to_value()
    }
}

impl<T: ToValue> ToValue for [T] {
    fn to_value(&self) -> Value {
        T::all_to_value(self)
    }
}

impl<T: ToValue, const N: usize> ToValue for [T; N] {
    fn to_value(&self) -> Value {
        T::all_to_value(self)
    }
}

impl<T: ToValue> ToValue for Vec<T> {
    fn to_value(&self) -> Value {
        T::all_to_value(self)
    }
}

impl<T: ToValue> ToValue for VecDeque<T> {
    fn to_value(&self) -> Value {
        Value::List(self.iter().map(T::to_value).collect())
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: Value) -> Result<Self, Error> {
        T::all_from_value(value)
    }
}

impl<T: ToValue> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        items.to_value()
    }
}

impl<T: FromValue> TryFrom<Value> for Vec<T> {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self, Error> {
        Self::from_value(value)
    }
}

impl<K: AsRef<str>, V: ToValue> ToValue for BTreeMap<K, V> {
    fn to_value(&self) -> Value {
        Value::Map(
            self.iter()
                .map(|(key, value)| (key.as_ref().to_owned(), value.to_value()))
                .collect(),
        )
    }
}

/// By key, because a hash map has no order of its own.
impl<K: AsRef<str>, V: ToValue, S> ToValue for HashMap<K, V, S> {
    fn to_value(&self) -> Value {
        self.iter()
            .map(|(key, value)| (key.as_ref(), value))
            .collect::<BTreeMap<_, _>>()
            .to_value()
    }
}

macro_rules! maps {
    ($($type:ident)*) => {$(
        impl<V: FromValue> FromValue for $type<String, V> {
            fn from_value(value: Value) -> Result<Self, Error> {
                Map::from_value(value)?
                    .into_iter()
                    .map(|(key, value)| Ok((key, V::from_value(value)?)))
                    .collect()
            }
        }

        impl<K: AsRef<str>, V: ToValue> From<$type<K, V>> for Value {
            fn from(map: $type<K, V>) -> Self {
                map.to_value()
            }
        }
    )*};
}

maps!(BTreeMap HashMap);

macro_rules! tuples {
    ($(($($name:ident)*))*) => {$(
        impl<$($name: ToValue),*> ToValue for ($($name,)*) {
            #[allow(non_snake_case)]
            fn to_value(&self) -> Value {
                let ($($name,)*) = self;
                Value::List(vec![$($name.to_value()),*])
            }
        }
    )*};
}

tuples!((A)(A B)(A B C)(A B C D)(A B C D E)(A B C D E F));
