//! Finds users, deleted users and contacts of the target tenant that have the name or an address of users in scope. Pure.

use std::collections::HashMap;

use preview::{Collision, Configuration, Doubt, Outcome, Preview, Skip, Value, Verdict};
use resources::previewing::Contact;

/// Objects in the target tenant that conflict with users in scope.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Collisions {
    /// Users who cannot be created or updated, with the conflicting object.
    pub(super) taken: Vec<String>,
    /// Users whose address belongs to a contact.
    pub(super) contacts: Vec<String>,
    /// Users whose copy is in the recycle bin.
    pub(super) deleted: Vec<String>,
    /// The number of existing external users that synchronization adopts.
    pub(super) adopted: usize,
    /// The number of users in scope who will be created or already exist.
    pub(super) in_scope: usize,
}

impl Collisions {
    /// Compares the users. With `is_first`, no cycle has run yet, so that no user in the recycle bin was deleted by a cycle.
    pub(super) fn of(
        configuration: &Configuration,
        preview: &Preview,
        contacts: &[Contact],
        is_first: bool,
    ) -> Self {
        let held = by_address(contacts);
        let mut found = Self::default();
        for verdict in &preview.users {
            found.in_scope += usize::from(is_in_scope(&verdict.outcome));
            match &verdict.outcome {
                Outcome::Collide(collision) => found.taken.push(in_the_way(verdict, collision)),
                Outcome::Skip(Skip::DeletedByHand) => found.deleted.push(verdict.name.to_string()),
                Outcome::Restore(_) if is_first => found.deleted.push(verdict.name.to_string()),
                Outcome::Update { adopted, .. } | Outcome::Nothing { adopted }
                    if *adopted || (is_first && verdict.doubts.contains(&Doubt::MatchedByName)) =>
                {
                    found.adopted += 1;
                }
                _ => {}
            }
            for change in verdict.changes() {
                let is_address = matches!(
                    configuration.attribute(change),
                    "mail" | "userPrincipalName"
                );
                if let Value::Text(text) = &change.after
                    && is_address
                    && let Some(contact) = held.get(&text.to_lowercase())
                {
                    found.contacts.push(format!(
                        "{}: the contact {:?} uses {text}",
                        verdict.name, contact.name
                    ));
                    break;
                }
            }
        }
        found
    }

    /// Whether there are no collisions.
    pub(super) fn is_none(&self) -> bool {
        self.taken.is_empty() && self.contacts.is_empty() && self.deleted.is_empty()
    }

    /// Descriptions of the collisions, with the first of each kind.
    pub(super) fn sentences(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (list, before, after) in [
            (&self.taken, "cannot be created or changed", ""),
            (
                &self.contacts,
                "may be created without the email address, because a contact of the target tenant uses it (UNVERIFIED)",
                "",
            ),
            (
                &self.deleted,
                "are in the recycle bin of the target tenant",
                ", and synchronization restores only users that it deleted itself",
            ),
        ] {
            if list.is_empty() {
                continue;
            }
            let first: Vec<&str> = list.iter().take(NAMED).map(String::as_str).collect();
            let more = match list.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let users = super::counted(list.len(), "user", "users");
            let before = if list.len() == 1 {
                singular(before)
            } else {
                before.to_owned()
            };
            all.push(format!(
                "{users} {before}{after}: {}{more}.",
                first.join("; ")
            ));
        }
        all
    }
}

/// The maximum number of named objects of each kind.
const NAMED: usize = 10;

fn singular(words: &str) -> String {
    match words.strip_prefix("are ") {
        Some(rest) => format!("is {rest}"),
        None => words.to_owned(),
    }
}

fn is_in_scope(outcome: &Outcome) -> bool {
    !matches!(
        outcome,
        Outcome::Skip(_) | Outcome::Leave(_) | Outcome::Keep(..)
    ) || matches!(outcome, Outcome::Skip(Skip::DeletedByHand))
}

fn in_the_way(verdict: &Verdict, collision: &Collision) -> String {
    let holder = if collision.arriving {
        "a source user who is created by the same cycle".to_owned()
    } else {
        format!("{} ({})", collision.holder_name, collision.holder)
    };
    format!(
        "{}: {} {} is used by {holder}",
        verdict.name, collision.attribute, collision.value
    )
}

/// Contacts by their addresses, in lower case.
fn by_address(contacts: &[Contact]) -> HashMap<String, &Contact> {
    let mut held = HashMap::new();
    for contact in contacts {
        for address in &contact.addresses {
            held.entry(address.to_lowercase()).or_insert(contact);
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_way_is_counted_and_named() {
        let many = |count: usize| (0..count).map(|number| format!("u{number}")).collect();
        let found = Collisions {
            taken: many(1),
            contacts: many(12),
            deleted: many(1),
            ..Collisions::default()
        };
        let said = found.sentences();
        assert_eq!(said[0], "1 user cannot be created or changed: u0.");
        assert!(
            said[1].starts_with("12 users may be created without")
                && said[1].ends_with("u9 and 2 more.")
        );
        assert!(
            said[2].starts_with("1 user is in the recycle bin"),
            "{}",
            said[2]
        );
        assert!(!found.is_none() && Collisions::default().is_none());
    }

    #[test]
    fn contacts_are_found_in_any_case() {
        let contacts = [Contact {
            name: "Ada (mail)".into(),
            addresses: vec!["Ada@contoso.example".into()],
        }];
        assert!(by_address(&contacts).contains_key("ada@contoso.example"));
    }
}
