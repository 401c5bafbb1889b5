//! Which user of the target is the same person, and who else holds a name or an address.

use std::collections::HashMap;

use super::directory::{Columns, Record};
use super::value::Value;

/// How it is known which source user a target user stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// By the service's own link.
    Service,
    /// By an attribute of the target user that holds the ID.
    Attribute,
    /// From the provisioning log.
    Log,
    /// By its name or address: a guess.
    Name,
}

/// The source user that a target user stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Object ID of the source user.
    pub source: String,
    /// How that is known.
    pub known: Known,
    /// Whether this job manages the target user; none where that is not known.
    pub managed: Option<bool>,
    /// Of a deleted user: whether synchronization deleted it.
    pub deleted_by_job: Option<bool>,
}

/// A target user as the engine keeps it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) record: Record,
    pub(super) deleted: bool,
    pub(super) origin: Option<Origin>,
    /// Whether a source user of the preview was found for it.
    pub(super) met: bool,
}

/// The target directory with its indexes.
#[derive(Debug, Default)]
pub(super) struct Index {
    users: Vec<Held>,
    by_source: HashMap<Box<str>, u32>,
    by_name: HashMap<Box<str>, Vec<u32>>,
    /// External users by their name without the domain of the target.
    by_home: HashMap<Box<str>, u32>,
    by_address: HashMap<Box<str>, Vec<u32>>,
    /// Names and addresses that users take who arrive in this cycle.
    claimed: HashMap<Box<str>, Box<str>>,
    at: Places,
}

/// Where the attributes that identify somebody are.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    name: usize,
    mail: usize,
    addresses: usize,
    creation: usize,
}

/// Who holds a name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Target(u32),
    /// A source user who arrives in the same cycle.
    Arriving(Box<str>),
}

impl Index {
    pub(super) fn new(columns: &Columns) -> Self {
        let column = |name: &str| columns.find(name).unwrap_or(usize::MAX);
        Self {
            at: Places {
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
            // One that is there counts before one in the recycle bin.
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
        self.users.push(Held {
            record,
            deleted,
            origin,
            met: false,
        });
    }

    pub(super) fn user(&self, number: u32) -> &Held {
        &self.users[number as usize]
    }

    pub(super) fn users(&self) -> &[Held] {
        &self.users
    }

    /// The target user who is this source user, and how that is known. A guess is made only where it is wanted.
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

    /// Who holds this name, other than `own`. Users in the recycle bin hold none.
    pub(super) fn holder_of_name(&self, name: &str, own: Option<u32>) -> Option<Holder> {
        self.holder(&self.by_name, name, own)
    }

    /// Who holds this mail address, other than `own`.
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

    /// From now on a user who arrives holds these.
    pub(super) fn claim<'t>(&mut self, source: &str, texts: impl Iterator<Item = &'t str>) {
        for text in texts {
            self.claimed.insert(folded(text), source.into());
        }
    }

    /// From now on a user of the target holds the name or address `new` instead of `old`.
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

    /// The user is in the recycle bin from now on, or out of it.
    pub(super) fn set_deleted(&mut self, number: u32, deleted: bool) {
        self.users[number as usize].deleted = deleted;
    }

    /// The user of the target with this id. Only for the few that leave.
    pub(super) fn numbers(&self) -> HashMap<Box<str>, u32> {
        let all = self.users.iter().zip(0u32..);
        all.map(|(held, number)| (held.record.id.clone(), number))
            .collect()
    }
}

/// Users who are there count before those in the recycle bin.
fn note(index: &mut HashMap<Box<str>, u32>, key: Box<str>, number: u32, deleted: bool) {
    if !deleted || !index.contains_key(&key) {
        index.insert(key, number);
    }
}

/// What an external name says of home: `ada_contoso.example`. The names of deleted users begin with their ID.
fn home<'n>(name: &'n str, id: &str) -> Option<&'n str> {
    let (home, _) = name.split_once("#ext#")?;
    let plain = id.to_lowercase().replace('-', "");
    Some(home.strip_prefix(plain.as_str()).unwrap_or(home))
}

fn addresses(record: &Record, at: Places) -> Vec<Box<str>> {
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

/// Names and addresses are the same in any case.
fn folded(text: &str) -> Box<str> {
    text.to_lowercase().into()
}
