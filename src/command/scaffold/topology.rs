//! Which tenants synchronize to which, and what each then says of each partner.

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

/// List and the ways between them. List are named by their labels.
#[derive(Debug)]
pub(super) struct Topology {
    /// The tenants that take part.
    pub(super) tenants: BTreeMap<String, Tenant>,
    /// From where to where users are synchronized.
    pub(super) ways: BTreeSet<(String, String)>,
}

/// What a tenant says of a partner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Side {
    /// It sends users there.
    pub(super) sends: bool,
    /// It receives users from there.
    pub(super) receives: bool,
}

impl Topology {
    /// Connects the tenants.
    ///
    /// # Errors
    ///
    /// If the file lacks what the topology needs.
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

    /// What each tenant says of each of its partners. One policy holds both directions.
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

    /// Name of a tenant for people.
    pub(super) fn name<'a>(&'a self, label: &'a str) -> &'a str {
        self.tenant(label).display_name(label)
    }

    /// List that send users, in order.
    pub(super) fn senders(&self) -> BTreeSet<&str> {
        self.ways.iter().map(|(from, _)| from.as_str()).collect()
    }
}

fn hub(file: &List) -> Result<String, String> {
    let missing = "this topology needs `hub`, the name of one of the tenants.";
    file.hub.clone().ok_or_else(|| missing.to_owned())
}

/// From each to each other.
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
