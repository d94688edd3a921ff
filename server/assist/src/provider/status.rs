//! What an HTTP status and its body mean.

use std::time::Duration;

use serde_json::Value;

use crate::error::Failure;

/// The failure that a status means, refined by the provider's own words.
pub(crate) fn failure(status: u16, words: &str) -> Failure {
    let words = words.to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|needle| words.contains(needle));
    if says(&[
        "context_length",
        "context length",
        "maximum context",
        "prompt is too long",
        "too many tokens",
    ]) {
        return Failure::PromptTooLong;
    }
    match status {
        401 | 403 => Failure::KeyRefused,
        402 => Failure::NoCredit,
        429 if says(&["insufficient_quota", "credit balance", "billing"]) => Failure::NoCredit,
        429 => Failure::RateLimited,
        404 | 405 | 410 => Failure::NotFound,
        408 | 504 => Failure::TimedOut,
        413 => Failure::PromptTooLong,
        300..=399 => Failure::NotFound,
        400..=499 if says(&["credit balance", "insufficient_quota"]) => Failure::NoCredit,
        400..=499 if says(&["api key", "api_key", "unauthorized"]) => Failure::KeyRefused,
        400..=499 => Failure::BadRequest,
        _ => Failure::Server,
    }
}

/// The provider's own words in an error body, whatever its shape.
pub(crate) fn words(body: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(body) else {
        let start = body.trim_start();
        if start.starts_with('<') {
            return "a web page came back instead of an answer: check base_url".to_owned();
        }
        return start.to_owned();
    };
    words_of(&value)
}

/// The words in an error value: a text, or the usual fields of an object.
pub(crate) fn words_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.first().map(words_of).unwrap_or_default(),
        Value::Object(map) => {
            let code = ["code", "type"]
                .iter()
                .find_map(|key| map.get(*key))
                .and_then(Value::as_str);
            let text = ["error", "message", "detail", "msg"]
                .iter()
                .find_map(|key| map.get(*key))
                .map(words_of)
                .unwrap_or_default();
            match code {
                Some(code) if !text.contains(code) && code != "error" => format!("{text} [{code}]"),
                _ => text,
            }
        }
        _ => String::new(),
    }
}

/// The wait that a `retry-after` header asks for: seconds, or a date measured against the answer's own `date`.
/// Never more than an hour: a lying header must not silence a provider for good.
pub(crate) fn retry_after(header: &str, date: Option<&str>) -> Option<Duration> {
    const LONGEST: f64 = 3600.0;
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::from_secs_f64(seconds.min(LONGEST)));
    }
    let seconds = http_date(header)?.checked_sub(http_date(date?)?)?;
    #[allow(clippy::cast_precision_loss)]
    Some(Duration::from_secs_f64(
        (seconds.max(0) as f64).min(LONGEST),
    ))
}

/// Seconds since 1970 of a date as HTTP writes it (`Sun, 06 Nov 1994 08:49:37 GMT`).
fn http_date(text: &str) -> Option<i64> {
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = i64::try_from(months.iter().position(|name| *name == month)?).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words
        .next()?
        .split(':')
        .map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if !(1970..=9999).contains(&year) || !(1..=31).contains(&day) {
        return None;
    }
    Some(days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`).
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year and month of a day counted from 1970-01-01 (the inverse of [`days_from_civil`], without the day).
pub(crate) fn month_of_day(days: i64) -> (i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_providers_error_body_is_understood() {
        for (body, expected) in [
            (
                r#"{"error":{"message":"Incorrect API key","type":"invalid_request_error","code":"invalid_api_key"}}"#,
                "Incorrect API key [invalid_api_key]",
            ),
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                "Overloaded [overloaded_error]",
            ),
            (
                r#"{"id":"1","message":"invalid api token"}"#,
                "invalid api token",
            ),
            (r#"{"error":"model 'x' not found"}"#, "model 'x' not found"),
            (
                r#"{"detail":[{"loc":["body"],"msg":"field required","type":"missing"}]}"#,
                "field required [missing]",
            ),
            (
                "<html><body>Sign in",
                "a web page came back instead of an answer: check base_url",
            ),
            ("upstream died", "upstream died"),
            ("{}", ""),
        ] {
            assert_eq!(words(body), expected, "{body}");
        }
    }

    #[test]
    fn statuses_mean_what_the_providers_mean() {
        assert_eq!(failure(429, "insufficient_quota"), Failure::NoCredit);
        assert_eq!(failure(429, "slow down"), Failure::RateLimited);
        assert_eq!(
            failure(400, "This model's maximum context length is 8192 tokens"),
            Failure::PromptTooLong
        );
        assert_eq!(failure(529, "Overloaded"), Failure::Server);
        assert_eq!(failure(302, ""), Failure::NotFound);
    }

    #[test]
    fn retry_after_in_both_forms_and_bounded() {
        assert_eq!(retry_after("2.5", None), Some(Duration::from_millis(2500)));
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:50:07 GMT", Some(now)),
            Some(Duration::from_secs(30))
        );
        assert_eq!(retry_after("99999999", None), Some(Duration::from_hours(1)));
        for nonsense in ["-1", "NaN", "soon", "Sun, 99 Foo 1994 08:50:07 GMT", ""] {
            assert_eq!(retry_after(nonsense, Some(now)), None, "{nonsense}");
        }
    }

    #[test]
    fn days_and_months_agree() {
        for days in (-1000..40_000).step_by(13) {
            let (year, month) = month_of_day(days);
            let first = days_from_civil(year, month, 1);
            assert!((0..31).contains(&(days - first)), "{days}");
        }
    }
}
