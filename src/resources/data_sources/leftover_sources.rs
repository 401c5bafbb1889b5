//! The source users of target users, as far as they still exist in the source tenant.

use std::collections::{BTreeSet, HashMap};

use jiff::ToSpan;
use serde_json::Value as Json;

use super::leftover_users::TargetUser;
use super::prelude::*;
use super::timestamp::{instant, timestamp};
use preview::{Configuration, Engine, Skip, Source};

/// The source users to look for.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// By object ID.
    pub(super) ids: BTreeSet<String>,
    /// By user principal name or email address, in lower case.
    pub(super) names: BTreeSet<String>,
}

/// An existing source user.
#[derive(Clone, Debug)]
pub(super) struct Present {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) enabled: bool,
    /// The reason why the user is out of scope.
    pub(super) outside: Option<Skip>,
}

/// A source user in the recycle bin.
#[derive(Clone, Debug)]
pub(super) struct Deleted {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) restorable_until: Option<String>,
}

/// The state of a source user.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate<'s> {
    Present(&'s Present),
    Deleted(&'s Deleted),
    Gone,
}

/// The display name and the object ID of a source user.
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

/// Source users by their IDs, names and addresses.
pub(super) struct Sources<'e> {
    engine: &'e Engine<'e>,
    configuration: &'e Configuration,
    wanted: &'e Wanted,
    present: HashMap<String, Present>,
    by_name: HashMap<String, String>,
    deleted: Vec<Deleted>,
    deleted_by: HashMap<String, usize>,
}

impl Wanted {
    pub(super) fn of(users: &[&TargetUser]) -> Self {
        let mut wanted = Self::default();
        for user in users {
            match &user.source_object_id {
                Some(id) => drop(wanted.ids.insert(id.to_lowercase())),
                None => wanted.names.extend(names(user)),
            }
        }
        wanted
    }

    /// Whether a source user was not found.
    pub(super) fn lacks(&self, sources: &Sources) -> bool {
        let mut ids = self.ids.iter();
        let mut names = self.names.iter();
        ids.any(|id| !sources.present.contains_key(id))
            || names.any(|name| !sources.by_name.contains_key(name))
    }
}

/// Returns the possible names of a user in the home tenant.
fn names(user: &TargetUser) -> impl Iterator<Item = String> {
    let names = [&user.home_user_principal_name, &user.mail];
    names.into_iter().flatten().map(|name| name.to_lowercase())
}

impl Fate<'_> {
    /// Returns the source user if it still exists.
    pub(super) fn source(&self) -> Option<Named> {
        let (id, name) = match self {
            Self::Present(it) => (&it.id, &it.name),
            Self::Deleted(it) => (&it.id, &it.name),
            Self::Gone => return None,
        };
        Some(Named {
            id: id.clone(),
            name: name.clone(),
        })
    }
}

impl<'e> Sources<'e> {
    pub(super) fn new(
        engine: &'e Engine<'e>,
        configuration: &'e Configuration,
        wanted: &'e Wanted,
    ) -> Self {
        Self {
            engine,
            configuration,
            wanted,
            present: HashMap::new(),
            by_name: HashMap::new(),
            deleted: Vec::new(),
            deleted_by: HashMap::new(),
        }
    }

    /// Adds a source user if a target user may stand for it.
    pub(super) fn take(&mut self, user: &Json) {
        let Some(id) = text(user, "id").map(|id| id.to_lowercase()) else {
            return;
        };
        let called = called(user);
        let is_named = called.iter().any(|name| self.wanted.names.contains(name));
        if !is_named && !self.wanted.ids.contains(&id) {
            return;
        }
        let record = self.configuration.source_columns().record(user);
        let source = Source {
            record,
            sms_sign_in: None,
            licensed: None,
            managed: None,
        };
        let present = Present {
            name: text(user, "userPrincipalName").unwrap_or_default(),
            enabled: user["accountEnabled"] != false,
            outside: self.engine.outside(&source),
            id: id.clone(),
        };
        for name in called {
            self.by_name.entry(name).or_insert_with(|| id.clone());
        }
        self.present.insert(id, present);
    }

    /// Reads the recycle bin of the source tenant.
    pub(super) async fn read_deleted(&mut self, context: &Context) -> Result {
        let path = "/directory/deletedItems/microsoft.graph.user\
                    ?$select=id,userPrincipalName,mail,deletedDateTime&$top=999";
        for user in context.graph.list(path).await? {
            self.bury(&user);
        }
        Ok(())
    }

    fn bury(&mut self, user: &Json) {
        let Some(id) = text(user, "id").map(|id| id.to_lowercase()) else {
            return;
        };
        // The name of a deleted user begins with the ID.
        let plain = id.replace('-', "");
        let name = text(user, "userPrincipalName").unwrap_or_default();
        let name = name
            .strip_prefix(&plain)
            .map_or(name.clone(), str::to_owned);
        let deleted = timestamp(&user["deletedDateTime"]);
        let until = deleted.as_deref().and_then(instant);
        let until = until.and_then(|deleted| deleted.checked_add((30 * 24).hours()).ok());
        let number = self.deleted.len();
        let address = text(user, "mail").map(|mail| mail.to_lowercase());
        for key in [Some(id.clone()), Some(name.to_lowercase()), address] {
            if let Some(key) = key.filter(|key| !key.is_empty()) {
                self.deleted_by.entry(key).or_insert(number);
            }
        }
        self.deleted.push(Deleted {
            id,
            name,
            restorable_until: until.map(|until| until.to_string()),
        });
    }

    /// Returns the state of the source user of a target user.
    pub(super) fn of(&self, user: &TargetUser) -> Fate<'_> {
        let present = |id: &String| self.present.get(id).map(Fate::Present);
        let buried = |key: &String| {
            let number = self.deleted_by.get(key)?;
            self.deleted.get(*number).map(Fate::Deleted)
        };
        let found = match &user.source_object_id {
            Some(id) => {
                let id = id.to_lowercase();
                present(&id).or_else(|| buried(&id))
            }
            None => names(user)
                .find_map(|name| present(self.by_name.get(&name)?))
                .or_else(|| names(user).find_map(|name| buried(&name))),
        };
        found.unwrap_or(Fate::Gone)
    }
}

/// Returns the names and addresses of a source user, in lower case.
fn called(user: &Json) -> Vec<String> {
    let names = ["userPrincipalName", "mail"].map(|name| text(user, name));
    let mut names: Vec<String> = names
        .into_iter()
        .flatten()
        .map(|name| name.to_lowercase())
        .collect();
    names.dedup();
    names
}
