//! The synchronizations between tenants, and the settings of each tenant for each partner.

use std::collections::{BTreeMap, BTreeSet};

use clap::ValueEnum;

use super::tenants::{List, Tenant};

/// Which tenants synchronize to which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// The hub sends its users to every other tenant
    HubAndSpoke,
    /// Every other tenant sends its users to the hub
    SpokesToHub,
    /// Every tenant sends its users to every other one
    Mesh,
    /// Each tenant sends its users to those that the file names under `synchronize`
    Matrix,
}

/// The tenants and the synchronizations between them. Tenants are identified by their labels.
#[derive(Debug)]
pub(super) struct Topology {
    /// The tenants that take part.
    pub(super) tenants: BTreeMap<String, Tenant>,
    /// The source and target of each synchronization.
    pub(super) ways: BTreeSet<(String, String)>,
}

/// The settings of a tenant for a partner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Side {
    /// Whether it sends users to the partner.
    pub(super) sends: bool,
    /// Whether it receives users from the partner.
    pub(super) receives: bool,
}

impl Topology {
    /// Connects the tenants.
    ///
    /// # Errors
    ///
    /// If the file lacks something that the topology requires.
    pub(super) fn of(file: List, kind: Kind) -> Result<Self, String> {
        let labels: Vec<String> = file.tenants.keys().cloned().collect();
        let ways = match kind {
            Kind::Mesh => pairs(&labels, &labels),
            Kind::HubAndSpoke => pairs(&[hub(&file)?], &labels),
            Kind::SpokesToHub => pairs(&labels, &[hub(&file)?]),
            Kind::Matrix => matrix(&file)?,
        };
        Ok(Self {
            tenants: file.tenants,
            ways,
        })
    }

    /// The settings of each tenant for each of its partners. One policy covers both directions.
    pub(super) fn sides(&self) -> BTreeMap<(&str, &str), Side> {
        let mut sides: BTreeMap<(&str, &str), Side> = BTreeMap::new();
        for (from, to) in &self.ways {
            sides.entry((from, to)).or_default().sends = true;
            sides.entry((to, from)).or_default().receives = true;
        }
        sides
    }

    /// A tenant by its label.
    pub(super) fn tenant(&self, label: &str) -> &Tenant {
        &self.tenants[label]
    }

    /// Display name of a tenant.
    pub(super) fn name<'a>(&'a self, label: &'a str) -> &'a str {
        self.tenant(label).display_name(label)
    }

    /// Tenants that send users, in order.
    pub(super) fn senders(&self) -> BTreeSet<&str> {
        self.ways.iter().map(|(from, _)| from.as_str()).collect()
    }
}

fn hub(file: &List) -> Result<String, String> {
    let missing = "this topology needs `hub`, the name of one of the tenants.";
    file.hub.clone().ok_or_else(|| missing.to_owned())
}

/// Pairs of each with each other.
fn pairs(from: &[String], to: &[String]) -> BTreeSet<(String, String)> {
    let each = from
        .iter()
        .flat_map(|one| to.iter().map(move |other| (one, other)));
    let others = each.filter(|(one, other)| one != other);
    others
        .map(|(one, other)| (one.clone(), other.clone()))
        .collect()
}

fn matrix(file: &List) -> Result<BTreeSet<(String, String)>, String> {
    let named = file.synchronize.iter();
    let ways: BTreeSet<(String, String)> = named
        .flat_map(|(from, all)| all.iter().map(move |to| (from.clone(), to.clone())))
        .collect();
    if let Some((label, _)) = ways.iter().find(|(from, to)| from == to) {
        return Err(format!("{label} cannot synchronize to itself."));
    }
    if ways.is_empty() {
        return Err(
            "a matrix needs `synchronize`: by tenant, the tenants that it sends users to."
                .to_owned(),
        );
    }
    Ok(ways)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(more: &str) -> List {
        let tenant = |label: &str, digit: u8| {
            format!("  {label}:\n    tenant_id: {digit}0000000-0000-4000-8000-000000000000\n")
        };
        let [a, b, c] = [tenant("a", 1), tenant("b", 2), tenant("c", 3)];
        List::read(&format!("{more}tenants:\n{a}{b}{c}")).unwrap()
    }

    fn ways(more: &str, kind: Kind) -> Vec<String> {
        let topology = Topology::of(file(more), kind).unwrap();
        let ways = topology.ways.iter();
        ways.map(|(from, to)| format!("{from}{to}")).collect()
    }

    #[test]
    fn each_topology_has_its_ways() {
        assert_eq!(ways("", Kind::Mesh), ["ab", "ac", "ba", "bc", "ca", "cb"]);
        assert_eq!(ways("hub: b\n", Kind::HubAndSpoke), ["ba", "bc"]);
        assert_eq!(ways("hub: b\n", Kind::SpokesToHub), ["ab", "cb"]);
        assert_eq!(ways("synchronize: {c: [a]}\n", Kind::Matrix), ["ca"]);
    }

    #[test]
    fn both_directions_are_one_policy() {
        let topology =
            Topology::of(file("synchronize: {a: [b], b: [a, c]}\n"), Kind::Matrix).unwrap();
        let sides = topology.sides();
        let [both, receives] = [
            Side {
                sends: true,
                receives: true,
            },
            Side {
                sends: false,
                receives: true,
            },
        ];
        assert_eq!(sides.len(), 4);
        assert_eq!((sides[&("a", "b")], sides[&("c", "b")]), (both, receives));
    }

    #[test]
    fn what_a_topology_lacks_is_named() {
        let why = |more: &str, kind| Topology::of(file(more), kind).unwrap_err();
        assert!(why("", Kind::HubAndSpoke).contains("`hub`"));
        assert!(why("", Kind::Matrix).contains("`synchronize`"));
        assert!(why("synchronize: {a: [a]}\n", Kind::Matrix).contains("to itself"));
    }
}
