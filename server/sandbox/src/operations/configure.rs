//! Limits, policy and packages of a session.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Desk, Fault, params};
use crate::Policy;
use crate::packages::Packages;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    policy: Option<String>,
    #[serde(default)]
    limits: Limits,
    /// False: cells import no packages; true: those of the lock files, read anew.
    packages: Option<bool>,
    /// The caller knows that this allows more than what holds.
    #[serde(default)]
    raise: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Limits {
    time_limit_ms: Option<u64>,
    memory_limit_mb: Option<u64>,
    output_limit_kb: Option<u64>,
    value_limit_kb: Option<u64>,
    host_calls: Option<u64>,
}

/// Changes what is named and says what holds. What would allow more needs `raise: true`.
pub(super) fn configure(desk: &mut Desk<'_>, json: Json) -> Result<Json, Fault> {
    let wanted: Wanted = params(json)?;
    let now = Policy {
        limits: desk.session.limits().clone(),
        ..desk.session.policy().clone()
    };
    let mut next = match &wanted.policy {
        Some(name) => (desk.policies)(Some(name)).map_err(Fault::params)?,
        None => now.clone(),
    };
    let none = |name: &str| Fault::params(format!("`{name}` is 1 or more"));
    let amount = |name: &str, value: Option<u64>, unit: u64, place: &mut usize| match value {
        None => Ok(()),
        Some(0) => Err(none(name)),
        Some(value) => {
            *place = usize::try_from(value.saturating_mul(unit)).unwrap_or(usize::MAX);
            Ok(())
        }
    };
    let limits = &wanted.limits;
    match limits.time_limit_ms {
        Some(0) => return Err(none("timeLimitMs")),
        Some(time) => next.limits.wall_time = Duration::from_millis(time),
        None => {}
    }
    amount(
        "memoryLimitMb",
        limits.memory_limit_mb,
        1 << 20,
        &mut next.limits.memory,
    )?;
    amount(
        "outputLimitKb",
        limits.output_limit_kb,
        1 << 10,
        &mut next.limits.output,
    )?;
    amount(
        "valueLimitKb",
        limits.value_limit_kb,
        1 << 10,
        &mut next.limits.value,
    )?;
    if let Some(calls) = limits.host_calls {
        next.host_calls = calls;
    }
    let raised = !next.is_within(&now);
    if raised && !wanted.raise {
        return Err(Fault::params(format!(
            "this allows more than what holds now; if that is meant, say `raise: true`. It would be:\n{}",
            next.summary().join("\n")
        )));
    }
    if next != now {
        desk.session.set_policy(next);
    }
    let mut problems = Vec::new();
    match wanted.packages {
        Some(true) => {
            let (packages, found) = Packages::open(desk.session.folder());
            problems = found;
            desk.session.set_packages(packages);
        }
        Some(false) => desk.session.set_packages(Packages::default()),
        None => {}
    }
    let holds = desk.session.policy();
    Ok(json!({
        "policy": holds.name,
        "limits": {
            "timeLimitMs": u64::try_from(holds.limits.wall_time.as_millis()).unwrap_or(u64::MAX),
            "memoryLimitMb": holds.limits.memory >> 20,
            "outputLimitKb": holds.limits.output >> 10,
            "valueLimitKb": holds.limits.value >> 10,
            "hostCalls": holds.host_calls,
        },
        "summary": holds.summary(),
        "raised": raised,
        "problems": problems,
    }))
}
