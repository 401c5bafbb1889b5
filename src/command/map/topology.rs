//! The tenants, their settings for each other, and the synchronizations between them. No I/O, no drawing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::super::terminal::printable;

/// The content of a map, independent of its source.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Topology {
    /// By ID.
    pub(super) tenants: BTreeMap<String, Node>,
    /// The settings of the first tenant for the second.
    pub(super) trusts: BTreeMap<(String, String), Trust>,
    /// By source, configuration and job.
    syncs: BTreeMap<(String, String, String), Sync>,
    /// Parts that could not be read.
    pub(super) unseen: Vec<Unseen>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unseen {
    pub(super) what: String,
    pub(super) why: String,
}

impl std::fmt::Display for Unseen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { what, why } = self;
        let words = [what, why].map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
        write!(f, "{}: {}", printable(&words[0]), printable(&words[1]))
    }
}

/// A tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) name: Option<String>,
    /// Whether the tenant itself was read, rather than only mentioned by others.
    pub(super) is_read: bool,
}

/// The settings of one tenant's policies for another tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "so many switches there are, each on its own"
)]
pub(super) struct Trust {
    pub(super) mfa: bool,
    pub(super) compliant_devices: bool,
    pub(super) hybrid_joined_devices: bool,
    /// Whether inbound automatic redemption is on.
    pub(super) redeems_inbound: bool,
    /// Whether outbound automatic redemption is on.
    pub(super) redeems_outbound: bool,
    /// Whether the other tenant may synchronize users into this one.
    pub(super) sync_allowed: bool,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sync {
    pub(super) source: String,
    pub(super) target: String,
    /// Object ID of the configuration's service principal.
    pub(super) configuration: String,
    pub(super) job: String,
    /// The name of the configuration.
    pub(super) name: String,
    /// `assigned` or `all`.
    pub(super) scope: Option<String>,
    pub(super) state: State,
    /// The end and result of the last cycle, as text.
    pub(super) last_cycle: Option<String>,
}

/// The state of a job, from best to worst.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Running,
    /// On, with no further details.
    On,
    InitialCycle {
        percent: Option<i64>,
    },
    #[default]
    Unknown,
    /// Paused, or never started.
    Paused,
    Quarantined {
        reason: Option<String>,
    },
}

impl State {
    /// The state according to the attributes of the data source `crosstenant_provisioning_job`.
    pub(super) fn of(job: &Json) -> Self {
        let is = |member: &str| job[member] == true;
        let quarantine = &job["quarantine"];
        if quarantine.is_object() || job["state"] == "quarantined" {
            let reason = quarantine["reason"].as_str().map(str::to_owned);
            Self::Quarantined { reason }
        } else if !is("is_running") {
            Self::Paused
        } else if is("is_initial_cycle_finished") {
            Self::Running
        } else {
            let percent = job["progress"].as_i64();
            Self::InitialCycle { percent }
        }
    }
}

/// The end and result of the last cycle according to the same attributes; `None` if there was none.
pub(super) fn last_cycle(job: &Json) -> Option<String> {
    let last = &job["last_execution"];
    let ended = last["ended"].as_str()?;
    // To the minute, as in 2026-08-07 10:00.
    let moment: String = ended.chars().take(16).collect();
    let how = match (last["state"].as_str(), last["failed"].as_i64()) {
        (Some("entry_level_errors"), Some(count @ 1..)) => format!("{count} failed"),
        (state, _) => state.unwrap_or("ended").replace('_', " "),
    };
    Some(format!("{} {how}", moment.replace('T', " ")))
}

impl Trust {
    /// Whether claims of the other tenant are accepted.
    pub(super) fn accepts_claims(self) -> bool {
        self.mfa || self.compliant_devices || self.hybrid_joined_devices
    }
}

impl Topology {
    /// The tenant with this ID, which is added if it is new. IDs are case-insensitive.
    pub(super) fn tenant(&mut self, id: &str) -> &mut Node {
        self.tenants.entry(id.to_lowercase()).or_default()
    }

    /// Sets the name of a tenant, unless it is already known.
    pub(super) fn name(&mut self, id: &str, name: Option<String>) {
        let name = name.filter(|name| !name.trim().is_empty() && !name.eq_ignore_ascii_case(id));
        let node = self.tenant(id);
        node.name = node.name.take().or(name);
    }

    /// The settings of `from` for `to`; both tenants are added if they are new.
    pub(super) fn trust(&mut self, from: &str, to: &str) -> &mut Trust {
        self.tenant(from);
        self.tenant(to);
        let key = (from.to_lowercase(), to.to_lowercase());
        self.trusts.entry(key).or_default()
    }

    /// Adds a job, or adds details to one that is already there.
    pub(super) fn sync(&mut self, sync: Sync) {
        let sync = Sync {
            source: sync.source.to_lowercase(),
            target: sync.target.to_lowercase(),
            configuration: sync.configuration.to_lowercase(),
            ..sync
        };
        self.tenant(&sync.source);
        self.tenant(&sync.target);
        let key = (
            sync.source.clone(),
            sync.configuration.clone(),
            sync.job.clone(),
        );
        self.syncs.insert(key, sync);
    }

    /// Every job, sorted by the names of its tenants.
    pub(super) fn syncs(&self) -> Vec<&Sync> {
        let mut syncs: Vec<&Sync> = self.syncs.values().collect();
        syncs.sort_by_key(|sync| {
            let label = |id: &str| self.label(id).to_lowercase();
            (label(&sync.source), label(&sync.target), sync.name.clone())
        });
        syncs
    }

    /// The display text of a tenant.
    pub(super) fn label<'a>(&'a self, id: &'a str) -> &'a str {
        let node = self.tenants.get(id);
        node.and_then(|node| node.name.as_deref()).unwrap_or(id)
    }

    /// The pairs of tenants of which at least one has settings for the other, each once.
    pub(super) fn partners(&self) -> BTreeSet<(&str, &str)> {
        let ordered = |(from, to): &'_ (String, String)| from <= to;
        self.trusts
            .keys()
            .map(|key| {
                let (from, to) = (key.0.as_str(), key.1.as_str());
                if ordered(key) { (from, to) } else { (to, from) }
            })
            .collect()
    }

    /// The settings of `from` for `to`, if any.
    pub(super) fn says(&self, from: &str, to: &str) -> Option<Trust> {
        self.trusts.get(&(from.to_owned(), to.to_owned())).copied()
    }

    /// Merges another map into this one.
    pub(super) fn merge(&mut self, other: Self) {
        for (id, node) in other.tenants {
            let mine = self.tenant(&id);
            mine.is_read |= node.is_read;
            mine.name = mine.name.take().or(node.name);
        }
        self.trusts.extend(other.trusts);
        self.syncs.extend(other.syncs);
        self.unseen.extend(other.unseen);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A job of a configuration with this name.
    pub(in super::super) fn sync(source: &str, target: &str, name: &str, state: State) -> Sync {
        Sync {
            source: source.to_owned(),
            target: target.to_owned(),
            configuration: format!("{source}-{name}"),
            job: "Azure2Azure.1".to_owned(),
            name: name.to_owned(),
            scope: Some("assigned".to_owned()),
            state,
            last_cycle: None,
        }
    }

    #[test]
    fn a_tenant_is_one_however_its_id_is_written() {
        let mut map = Topology::default();
        map.trust("AB", "cd").mfa = true;
        map.trust("ab", "CD").sync_allowed = true;
        map.name("Ab", Some("AB".to_owned()));
        assert_eq!(map.label("ab"), "ab", "an ID is not a name");
        map.name("Ab", Some("Contoso".to_owned()));
        map.name("ab", Some("later".to_owned()));
        assert_eq!((map.tenants.len(), map.trusts.len()), (2, 1));
        assert_eq!(map.label("ab"), "Contoso");
        let trust = map.says("ab", "cd").unwrap();
        assert!(trust.accepts_claims() && trust.sync_allowed);
        assert_eq!(map.says("cd", "ab"), None);
        assert_eq!(map.partners().len(), 1);
    }

    #[test]
    fn maps_add_up() {
        let mut here = Topology::default();
        here.sync(sync("a", "b", "x", State::On));
        let mut there = Topology::default();
        there.sync(sync("a", "b", "x", State::Running));
        there.tenant("b").is_read = true;
        there.name("b", Some("Beta".to_owned()));
        here.merge(there);
        assert_eq!(here.syncs().len(), 1);
        assert_eq!(here.syncs()[0].state, State::Running);
        assert_eq!(here.tenants["b"].name.as_deref(), Some("Beta"));
        assert!(here.tenants["b"].is_read && !here.tenants["a"].is_read);
    }
}
