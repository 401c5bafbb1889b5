//! Matches target users to source users, and finds the holders of names and addresses.

use std::collections::HashMap;

use super::directory::{Columns, Record};
use super::value::Value;

/// How the source user of a target user is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// From the service's own link.
    Service,
    /// From an attribute of the target user that contains the ID.
    Attribute,
    /// From the provisioning log.
    Log,
    /// From its name or address: a guess.
    Name,
}

/// The source user of a target user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The object ID of the source user.
    pub source: String,
    /// How it is known.
    pub known: Known,
    /// Whether this job manages the target user; `None` if unknown.
    pub managed: Option<bool>,
    /// For a deleted user: whether synchronization deleted it.
    pub deleted_by_job: Option<bool>,
}

/// A target user in the index.
#[derive(Debug)]
pub(super) struct IndexedUser {
    pub(super) record: Record,
    pub(super) deleted: bool,
    pub(super) origin: Option<Origin>,
    /// Whether its source user has been judged.
    pub(super) met: bool,
}

/// The target directory with its indexes.
#[derive(Debug, Default)]
pub(super) struct Index {
    users: Vec<IndexedUser>,
    by_source: HashMap<Box<str>, u32>,
    by_name: HashMap<Box<str>, Vec<u32>>,
    /// External users by their name without the domain of the target.
    by_home: HashMap<Box<str>, u32>,
    by_address: HashMap<Box<str>, Vec<u32>>,
    /// Names and addresses of users that are created in this cycle.
    claimed: HashMap<Box<str>, Box<str>>,
    at: KeyColumns,
}

/// The columns of the attributes that identify users.
#[derive(Clone, Copy, Debug, Default)]
struct KeyColumns {
    name: usize,
    mail: usize,
    addresses: usize,
    creation: usize,
}

/// The holder of a name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Target(u32),
    /// A source user that is created in the same cycle.
    Arriving(Box<str>),
}

impl Index {
    pub(super) fn new(columns: &Columns) -> Self {
        let column = |name: &str| columns.find(name).unwrap_or(usize::MAX);
        Self {
            at: KeyColumns {
                name: column("userPrincipalName"),
                mail: column("mail"),
                addresses: column("proxyAddresses"),
                creation: column("creationType"),
            },
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, record: Record, deleted: bool, origin: Option<Origin>) {
        let number = u32::try_from(self.users.len()).unwrap_or(u32::MAX);
        if let Some(origin) = &origin {
            let known = self.by_source.get(origin.source.as_str()).copied();
            // An existing user takes precedence over a deleted one.
            if known.is_none_or(|known| self.users[known as usize].deleted && !deleted) {
                self.by_source.insert(origin.source.as_str().into(), number);
            }
        }
        if let Some(name) = record.text(self.at.name) {
            let key = folded(name);
            if let Some(home) = home(&key, &record.id) {
                note(&mut self.by_home, home.into(), number, deleted);
            }
            self.by_name.entry(key).or_default().push(number);
        }
        for address in addresses(&record, self.at) {
            self.by_address.entry(address).or_default().push(number);
        }
        self.users.push(IndexedUser {
            record,
            deleted,
            origin,
            met: false,
        });
    }

    pub(super) fn user(&self, number: u32) -> &IndexedUser {
        &self.users[number as usize]
    }

    pub(super) fn users(&self) -> &[IndexedUser] {
        &self.users
    }

    /// Returns the target user of this source user, and how it is known. A guess is made only if enabled.
    pub(super) fn counterpart(
        &mut self,
        source: &str,
        name: Option<&str>,
        mail: Option<&str>,
        guess: bool,
    ) -> Option<(u32, Known)> {
        let found = self
            .by_source
            .get(source)
            .map(|number| (*number, self.users[*number as usize].origin.as_ref()))
            .map(|(number, origin)| (number, origin.map_or(Known::Service, |it| it.known)));
        let found = found.or_else(|| {
            let named = name.filter(|_| guess)?.replace('@', "_");
            let named = self.by_home.get(&folded(&named));
            let guessed = named.or_else(|| {
                let mut numbers = self.by_address.get(&folded(mail?))?.iter();
                numbers.find(|number| {
                    let external = self.user(**number).record.text(self.at.creation);
                    external == Some("Invitation")
                })
            })?;
            let is_free = self.users[*guessed as usize].origin.is_none();
            is_free.then_some((*guessed, Known::Name))
        });
        if let Some((number, _)) = found {
            self.users[number as usize].met = true;
        }
        found
    }

    /// Returns the holder of this name, other than `own`. Users in the recycle bin hold no names.
    pub(super) fn holder_of_name(&self, name: &str, own: Option<u32>) -> Option<Holder> {
        self.holder(&self.by_name, name, own)
    }

    /// Returns the holder of this mail address, other than `own`.
    pub(super) fn holder_of_address(&self, address: &str, own: Option<u32>) -> Option<Holder> {
        self.holder(&self.by_address, address, own)
    }

    fn holder(
        &self,
        index: &HashMap<Box<str>, Vec<u32>>,
        text: &str,
        own: Option<u32>,
    ) -> Option<Holder> {
        let key = folded(text);
        let mut held = index.get(&key).into_iter().flatten();
        let held = held.find(|number| Some(**number) != own && !self.user(**number).deleted);
        let claimed = || self.claimed.get(&key).cloned().map(Holder::Arriving);
        held.copied().map(Holder::Target).or_else(claimed)
    }

    /// Assigns names and addresses to a user that is created.
    pub(super) fn claim<'t>(&mut self, source: &str, texts: impl Iterator<Item = &'t str>) {
        for text in texts {
            self.claimed.insert(folded(text), source.into());
        }
    }

    /// Replaces the name or address `old` of a target user by `new`.
    pub(super) fn change(&mut self, number: u32, attribute: &str, old: &str, new: &str) {
        let index = match attribute {
            "mail" => &mut self.by_address,
            _ => &mut self.by_name,
        };
        if let Some(held) = index.get_mut(&folded(old))
            && let Some(at) = held.iter().position(|other| *other == number)
        {
            held.swap_remove(at);
        }
        index.entry(folded(new)).or_default().push(number);
    }

    /// Moves the user to the recycle bin or out of it.
    pub(super) fn set_deleted(&mut self, number: u32, deleted: bool) {
        self.users[number as usize].deleted = deleted;
    }

    /// Returns the numbers of target users by ID. Only needed for the few that leave.
    pub(super) fn numbers(&self) -> HashMap<Box<str>, u32> {
        let all = self.users.iter().zip(0u32..);
        all.map(|(held, number)| (held.record.id.clone(), number))
            .collect()
    }
}

/// Adds a user to an index. Existing users take precedence over deleted ones.
fn note(index: &mut HashMap<Box<str>, u32>, key: Box<str>, number: u32, deleted: bool) {
    if !deleted || !index.contains_key(&key) {
        index.insert(key, number);
    }
}

/// Returns the part of an external name for the home tenant: `ada_contoso.example`. The names of deleted users begin with their
/// ID.
fn home<'n>(name: &'n str, id: &str) -> Option<&'n str> {
    let (home, _) = name.split_once("#ext#")?;
    let plain = id.to_lowercase().replace('-', "");
    Some(home.strip_prefix(plain.as_str()).unwrap_or(home))
}

fn addresses(record: &Record, at: KeyColumns) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = record.text(at.mail).map(folded).into_iter().collect();
    if let Value::List(items) = record.value(at.addresses) {
        for item in items {
            let lower = item.to_lowercase();
            if let Some(address) = lower.strip_prefix("smtp:") {
                found.push(address.into());
            }
        }
    }
    found
}

/// Folds the case of names and addresses, which ignore it.
fn folded(text: &str) -> Box<str> {
    text.to_lowercase().into()
}
