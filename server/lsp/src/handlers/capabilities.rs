//! What a cell needs from the machine, beside what the policy of its script grants.

use std::sync::Arc;

use metascript_sandbox::Policy;
use metascript_security::Capability;
use tower_lsp_server::gen_lsp_types::MessageType;

use crate::run_policy::{RunPolicy, run_policy};
use crate::state::State;
use crate::uri;

/// The policy under which a script runs.
pub(crate) fn policy_of(state: &State, document: &str) -> Result<RunPolicy, String> {
    let folder = uri::folder(document);
    run_policy(folder.as_deref(), state.options().run.policy.as_deref())
}

/// What a cell needs, in a few words: `needs network: not granted by strict`. `None` when it only computes.
pub(crate) fn summary(needs: &[Capability], policy: &Policy) -> Option<String> {
    let names = |granted: bool| {
        let chosen = needs
            .iter()
            .filter(|need| grants(policy, **need) == granted);
        let names: Vec<&str> = chosen.map(|need| need.words()).collect();
        names.join(", ")
    };
    let (granted, denied) = (names(true), names(false));
    match (granted.as_str(), denied.as_str()) {
        ("", "") => None,
        (_, "") => Some(format!("uses {granted}: granted by {}", policy.name)),
        ("", _) => Some(format!("needs {denied}: not granted by {}", policy.name)),
        _ => Some(format!(
            "uses {granted}; needs {denied}: not granted by {}",
            policy.name
        )),
    }
}

/// Whether the policy grants something of the kind; the sandbox has neither programs nor an environment to give.
fn grants(policy: &Policy, need: Capability) -> bool {
    match need {
        Capability::Network => !policy.hosts.is_empty(),
        Capability::Filesystem => !policy.folders.is_empty(),
        Capability::Process | Capability::Environment | Capability::Native => false,
    }
}

/// Shows what the policy of a script lets its cells do.
pub(crate) async fn show(state: &Arc<State>, document: &str) {
    let (kind, text) = match policy_of(state, document) {
        Ok(found) => {
            let mut lines = vec![format!(
                "Cells of {} run under the policy `{}`.",
                uri::file_name(document),
                found.policy.name
            )];
            lines.extend(found.policy.summary());
            (MessageType::Info, lines.join("\n"))
        }
        Err(problem) => (MessageType::Error, problem),
    };
    state.client.show_message(kind, text).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_stand_beside_what_is_granted() {
        let strict = Policy::strict();
        assert_eq!(summary(&[], &strict), None);
        assert_eq!(
            summary(&[Capability::Network, Capability::Filesystem], &strict).unwrap(),
            "needs network, files: not granted by strict"
        );
        let moderate = run_policy(Some(std::path::Path::new("/nowhere")), Some("moderate"))
            .unwrap()
            .policy;
        assert_eq!(
            summary(&[Capability::Filesystem], &moderate).unwrap(),
            "uses files: granted by moderate"
        );
        assert_eq!(
            summary(&[Capability::Filesystem, Capability::Process], &moderate).unwrap(),
            "uses files; needs programs: not granted by moderate"
        );
    }
}
