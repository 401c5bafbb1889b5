//! The texts of a map, which are the same in every format.

use super::super::counted;
use super::super::terminal::printable;
use super::topology::{State, Sync, Topology, Trust};

/// The state of a job.
pub(super) fn state(state: &State) -> String {
    match state {
        State::Running => "running".to_owned(),
        State::On => "switched on".to_owned(),
        State::InitialCycle { percent: None } => "initial cycle".to_owned(),
        State::InitialCycle {
            percent: Some(percent),
        } => format!("initial cycle, {percent} %"),
        State::Unknown => "state unknown".to_owned(),
        State::Paused => "paused".to_owned(),
        State::Quarantined { reason: None } => "in quarantine".to_owned(),
        State::Quarantined {
            reason: Some(reason),
        } => format!("in quarantine: {}", reason.replace('_', " ")),
    }
}

/// The users that a job synchronizes.
pub(super) fn scope(scope: Option<&str>) -> &str {
    match scope {
        Some("all") => "all users",
        Some("assigned") => "assigned users",
        Some(other) => other,
        None => "scope unknown",
    }
}

/// The details of a job, except its tenants.
pub(super) fn sync(sync: &Sync) -> String {
    let mut words = vec![
        format!("“{}”", printable(&sync.name)),
        scope(sync.scope.as_deref()).to_owned(),
        state(&sync.state),
    ];
    words.extend(sync.last_cycle.clone());
    words.join(" · ")
}

/// A short description of one tenant's settings for another.
pub(super) fn trust(trust: Trust) -> String {
    let claims = [
        (trust.mfa, "MFA"),
        (trust.compliant_devices, "compliant devices"),
        (trust.hybrid_joined_devices, "hybrid devices"),
    ];
    let claims: Vec<&str> = claims
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, name)| *name)
        .collect();
    let mut words = Vec::new();
    if !claims.is_empty() {
        words.push(format!("trusts {}", claims.join(", ")));
    }
    match (trust.redeems_inbound, trust.redeems_outbound) {
        (true, true) => words.push("redeems both ways".to_owned()),
        (true, false) => words.push("redeems from it".to_owned()),
        (false, true) => words.push("redeems to it".to_owned()),
        (false, false) => {}
    }
    if trust.sync_allowed {
        words.push("lets it sync".to_owned());
    }
    if words.is_empty() {
        "a partner, nothing more".to_owned()
    } else {
        words.join(" · ")
    }
}

/// The numbers of tenants, partners and synchronizations.
pub(super) fn summary(map: &Topology) -> String {
    let syncs = map.syncs();
    let in_quarantine = |sync: &&&Sync| matches!(sync.state, State::Quarantined { .. });
    let mut words = vec![
        counted(map.tenants.len(), "tenant", "tenants"),
        counted(
            map.partners().len(),
            "pair of partners",
            "pairs of partners",
        ),
        counted(syncs.len(), "synchronization", "synchronizations"),
    ];
    match syncs.iter().filter(in_quarantine).count() {
        0 => {}
        count => words.push(format!("{count} in quarantine")),
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_reported_in_one_direction() {
        let all = Trust {
            mfa: true,
            compliant_devices: true,
            redeems_outbound: true,
            sync_allowed: true,
            ..Trust::default()
        };
        assert_eq!(
            trust(all),
            "trusts MFA, compliant devices · redeems to it · lets it sync"
        );
        assert_eq!(trust(Trust::default()), "a partner, nothing more");
    }
}
