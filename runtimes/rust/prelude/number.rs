//! Whole numbers of any size.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// A whole number of any size, in decimal digits. Rust has no arithmetic for it: up to 38 digits `i128` does.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BigInt(String);

impl BigInt {
    pub(crate) fn raw(digits: String) -> Self {
        Self(digits)
    }

    /// The digits, with a minus sign in front if there is one.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl FromStr for BigInt {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (sign, digits) = text
            .strip_prefix('-')
            .map_or(("", text), |digits| ("-", digits));
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::new(
                "wrong-type",
                format!("'{text}' is no whole number"),
            ));
        }
        let digits = digits.trim_start_matches('0');
        Ok(Self(match digits {
            "" => "0".to_owned(),
            digits => format!("{sign}{digits}"),
        }))
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! whole {
    ($($type:ty)*) => {$(
        impl From<$type> for BigInt {
            fn from(number: $type) -> Self {
                Self(number.to_string())
            }
        }

        impl TryFrom<&BigInt> for $type {
            type Error = Error;

            fn try_from(number: &BigInt) -> Result<Self, Error> {
                number.0.parse().map_err(|_| {
                    Error::new("wrong-type", format!("{number} does not fit into {}", stringify!($type)))
                })
            }
        }
    )*};
}

whole!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
