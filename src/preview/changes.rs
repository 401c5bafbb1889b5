//! The differences between a user and its copy, and conflicts about unique attributes.

use super::directory::Source;
use super::doubt::Doubt;
use super::engine::Engine;
use super::mapping::{Destination, Unmapped};
use super::matching::Holder;
use super::value::Value;
use super::verdict::{Change, Collision, Outcome, Skip};

/// Attributes that are unique in a tenant.
const UNIQUE: [&str; 2] = ["userPrincipalName", "mail"];

impl Engine<'_> {
    /// Returns the differences between the mapped values and the copy. References are compared at the end.
    pub(super) fn changes(
        &self,
        user: &Source,
        copy: Option<u32>,
        doubts: &mut Vec<Doubt>,
    ) -> Result<Vec<Change>, Outcome> {
        let to = Destination {
            domain: &self.configuration.target_domain,
            creating: copy.is_none(),
        };
        let copy = copy.map(|number| &self.index.user(number).record);
        let mut changes = Vec::new();
        let mappings = self.configuration.users.attributes.iter();
        for (mapping, number) in mappings.zip(0u16..) {
            let after = match mapping.value(&user.record, to) {
                Ok(value) => value,
                Err(Unmapped {
                    only_service: true, ..
                }) => {
                    doubts.push(Doubt::Expression);
                    continue;
                }
                Err(Unmapped { attribute, why, .. }) => {
                    return Err(Outcome::Skip(Skip::MappingFails { attribute, why }));
                }
            };
            let before = copy.map_or(&Value::Null, |copy| copy.value(mapping.column));
            if !after.is_empty() && (mapping.is_reference() || *before != after) {
                changes.push(Change {
                    mapping: number,
                    before: before.clone(),
                    after,
                });
            }
        }
        doubts.dedup();
        Ok(changes)
    }

    pub(super) fn is_reference(&self, change: &Change) -> bool {
        self.configuration.users.attributes[usize::from(change.mapping)].is_reference()
    }

    pub(super) fn unique(&self, change: &Change) -> Option<&'static str> {
        let name = self.configuration.attribute(change);
        UNIQUE.into_iter().find(|unique| *unique == name)
    }

    /// Returns the holder of a unique value that a copy gets: a name, or an address, because every mail address becomes a proxy
    /// address.
    pub(super) fn collision(
        &self,
        changes: &[Change],
        own: Option<u32>,
        doubts: &mut Vec<Doubt>,
    ) -> Option<Collision> {
        let mut gets = changes
            .iter()
            .filter_map(|change| Some((self.unique(change)?, change.after.bare())));
        let taken = gets.find_map(|(attribute, value)| self.taken(attribute, value, own));
        Some(self.collided(taken?, own, doubts))
    }

    /// The same for a copy that is restored from the recycle bin, where it does not hold its values: those that do not change are
    /// checked too.
    pub(super) fn collision_of_restored(
        &self,
        changes: &[Change],
        own: u32,
        doubts: &mut Vec<Doubt>,
    ) -> Option<Collision> {
        if let Some(collision) = self.collision(changes, Some(own), doubts) {
            return Some(collision);
        }
        let copy = &self.index.user(own).record;
        let had = UNIQUE.iter().filter(|attribute| {
            let mut changes = changes.iter();
            !changes.any(|change| self.unique(change) == Some(attribute))
        });
        let taken = had.into_iter().find_map(|attribute| {
            let column = self.configuration.target.find(attribute)?;
            let value = copy.text(column)?.to_owned();
            self.taken(attribute, value, Some(own))
        });
        Some(self.collided(taken?, Some(own), doubts))
    }

    fn taken(
        &self,
        attribute: &'static str,
        value: String,
        own: Option<u32>,
    ) -> Option<(&'static str, String, Holder)> {
        let holder = match attribute {
            "mail" => self.index.holder_of_address(&value, own),
            _ => self.index.holder_of_name(&value, own),
        };
        Some((attribute, value, holder?))
    }

    fn collided(
        &self,
        (attribute, value, holder): (&'static str, String, Holder),
        own: Option<u32>,
        doubts: &mut Vec<Doubt>,
    ) -> Collision {
        if attribute == "mail" {
            doubts.push(Doubt::TakenAddress);
        }
        let (holder, holder_name, arriving) = match holder {
            Holder::Arriving(source) => (source, "".into(), true),
            Holder::Target(number) => {
                let record = &self.index.user(number).record;
                let name = self.configuration.target.find("userPrincipalName");
                let name = name.and_then(|column| record.text(column));
                (record.id.clone(), name.unwrap_or_default().into(), false)
            }
        };
        Collision {
            attribute,
            value: value.into(),
            holder,
            holder_name,
            arriving,
            updating: own.is_some(),
        }
    }
}
