//! Sizes and times as people write them.

use std::time::Duration;

/// Longest time that can be asked for.
const MOST_SECONDS: f64 = 86_400.0;

/// `10`, `64KB`, `50MB`, `1GB` (powers of 1024) in bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        other => return Err(format!("unknown unit `{other}`; use KB, MB or GB")),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| format!("`{text}` is not a size; write for example 256MB"))
}

/// `500ms`, `2s`, `1m`; a bare number means seconds.
pub fn time(text: &str) -> Result<Duration, String> {
    let (number, unit) = split_unit(text);
    let scale = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        other => return Err(format!("unknown unit `{other}`; use ms, s or m")),
    };
    number
        .parse::<f64>()
        .ok()
        .map(|number| number * scale)
        .filter(|seconds| seconds.is_finite() && *seconds > 0.0 && *seconds <= MOST_SECONDS)
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("`{text}` is not a time up to a day; write for example 2s"))
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

/// Bytes for people: `256 MiB`, `1.5 MiB`, `10 B`.
pub(crate) fn bytes(number: usize) -> String {
    const UNITS: [(usize, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    for (factor, unit) in UNITS {
        if number >= factor {
            let tenths = number / (factor / 10).max(1);
            return if tenths.is_multiple_of(10) || number.is_multiple_of(factor) {
                format!("{} {unit}", number / factor)
            } else {
                format!("{}.{} {unit}", tenths / 10, tenths % 10)
            };
        }
    }
    format!("{number} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_take_units() {
        assert_eq!(size("256MB"), Ok(256 << 20));
        assert_eq!(size("10"), Ok(10));
        assert!(size("0").is_err());
        assert!(size("12 parsecs").is_err());
        assert!(size("99999999999999GB").is_err());
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("1.5s"), Ok(Duration::from_millis(1500)));
        assert!(time("-1s").is_err());
        assert!(time("forever").is_err());
        assert_eq!(bytes(256 << 20), "256 MiB");
        assert_eq!(bytes(1000), "1000 B");
    }
}
