//! The rules: which users are in scope, and the outcome of those who are and who are not.

use super::configuration::Action;
use super::directory::Source;
use super::doubt::Doubt;
use super::engine::{Cycle, Engine};
use super::matching::IndexedUser;
use super::value::Value;
use super::verdict::{Change, Kept, Leaving, Outcome, Skip, When};

/// Whether the job manages a copy, as far as is known.
fn managed(held: &IndexedUser, user: &Source) -> Option<bool> {
    let known = held.origin.as_ref().and_then(|origin| origin.managed);
    known.or(user.managed)
}

impl Engine<'_> {
    /// Whether a source user is in scope: entitled, internal, and satisfying the filter.
    #[must_use]
    pub fn is_in_scope(&self, user: &Source) -> bool {
        self.configuration.users.enabled && self.outside(user).is_none()
    }

    /// Returns the reason why the user is not in scope; `None` if it is.
    #[must_use]
    pub fn outside(&self, user: &Source) -> Option<Skip> {
        let record = &user.record;
        if self.entitled.lacks_role(&record.id) {
            return Some(Skip::DefaultAccess);
        }
        if !self.entitled.holds(&record.id) {
            return Some(Skip::NotAssigned);
        }
        if self.is_external(user) {
            return Some(Skip::External);
        }
        if record.text(self.at.kind) == Some("Guest") {
            return Some(Skip::InternalGuest);
        }
        if user.sms_sign_in == Some(true) {
            return Some(Skip::SmsSignIn);
        }
        let filter = &self.configuration.users.filter;
        if filter.passes(record) {
            return None;
        }
        let clause = filter.unmet(record);
        Some(Skip::Filtered(
            clause.map_or_else(String::new, |clause| clause.text().to_owned()),
        ))
    }

    fn is_external(&self, user: &Source) -> bool {
        let text = |column| user.record.text(column);
        text(self.at.name).is_some_and(|name| name.contains("#EXT#"))
            || text(self.at.creation) == Some("Invitation")
            || text(self.at.state).is_some()
    }

    pub(super) fn out_of_scope(
        &self,
        user: &Source,
        counterpart: Option<u32>,
        why: Skip,
        doubts: &mut Vec<Doubt>,
    ) -> Outcome {
        let copy = counterpart
            .map(|number| self.index.user(number))
            .filter(|held| !held.deleted);
        let managed = copy.and_then(|held| managed(held, user));
        let is_foreign = copy.is_none() || managed == Some(false);
        if is_foreign || !self.configuration.users.enabled {
            if why == Skip::InternalGuest {
                doubts.push(Doubt::InternalGuest);
            }
            return Outcome::Skip(why);
        }
        if managed.is_none() {
            doubts.push(Doubt::PerhapsNotManaged);
        }
        let is_unassigned = matches!(why, Skip::NotAssigned | Skip::DefaultAccess);
        let leaving = match why {
            Skip::Filtered(clause) => Leaving::Filtered(clause),
            Skip::SmsSignIn => Leaving::SmsSignIn,
            Skip::DefaultAccess => Leaving::DefaultAccess,
            Skip::External | Skip::InternalGuest => Leaving::NotInternal,
            _ => Leaving::Unassigned,
        };
        let disabled = *user.record.value(self.at.enabled) == Value::Bool(false)
            && copy.is_some_and(|held| {
                *held.record.value(self.at.there_enabled) == Value::Bool(false)
            });
        if is_unassigned && disabled {
            doubts.push(Doubt::DisabledAndUnassigned);
            return Outcome::Keep(leaving, Kept::DisabledBefore);
        }
        self.leaves(leaving)
    }

    pub(super) fn leaves(&self, why: Leaving) -> Outcome {
        if self.configuration.users.allows(Action::Delete) {
            Outcome::Leave(why)
        } else {
            Outcome::Keep(why, Kept::NoDelete)
        }
    }

    pub(super) fn in_scope(
        &mut self,
        user: &Source,
        counterpart: Option<u32>,
        doubts: &mut Vec<Doubt>,
    ) -> Outcome {
        if !self.configuration.users.enabled {
            return Outcome::Skip(Skip::MappingOff);
        }
        doubts.extend(&self.configuration.users.doubts);
        if user.sms_sign_in.is_none() {
            doubts.push(Doubt::SmsSignIn);
        }
        if user.licensed == Some(false) {
            doubts.push(Doubt::NoLicense);
        }
        let Some(number) = counterpart else {
            return self.create(user, doubts);
        };
        let held = self.index.user(number);
        if !held.deleted {
            return self.update(user, number, doubts);
        }
        match held
            .origin
            .as_ref()
            .and_then(|origin| origin.deleted_by_job)
        {
            Some(false) => return Outcome::Skip(Skip::DeletedByHand),
            Some(true) => {}
            None => doubts.push(Doubt::DeletedBySomebody),
        }
        self.restore(user, number, doubts)
    }

    fn create(&mut self, user: &Source, doubts: &mut Vec<Doubt>) -> Outcome {
        if *user.record.value(self.at.enabled) == Value::Bool(false) {
            return Outcome::Skip(Skip::Disabled);
        }
        if !self.configuration.users.allows(Action::Add) {
            return Outcome::Skip(Skip::NoAdd);
        }
        if self.configuration.invitations == Some(false) {
            return Outcome::Skip(Skip::InvitationsOff);
        }
        let changes = match self.changes(user, None, doubts) {
            Ok(changes) => changes,
            Err(failed) => return failed,
        };
        if let Some(collision) = self.collision(&changes, None, doubts) {
            return Outcome::Collide(collision);
        }
        let texts = changes
            .iter()
            .filter(|change| self.unique(change).is_some());
        let texts: Vec<String> = texts.map(|change| change.after.bare()).collect();
        self.index
            .claim(&user.record.id, texts.iter().map(String::as_str));
        Outcome::Create(changes)
    }

    fn update(&mut self, user: &Source, number: u32, doubts: &mut Vec<Doubt>) -> Outcome {
        let held = self.index.user(number);
        let adopted = managed(held, user) == Some(false);
        let is_pending = self.is_pending(number);
        if !self.configuration.users.allows(Action::Update)
            || (is_pending && self.cycle != Cycle::Full)
        {
            return Outcome::Nothing { adopted };
        }
        if is_pending {
            doubts.push(Doubt::PendingInvitation);
        }
        let changes = match self.changes(user, Some(number), doubts) {
            Ok(changes) => changes,
            Err(failed) => return failed,
        };
        let when = self.when(&user.record.id, adopted);
        if changes.is_empty() {
            return Outcome::Nothing { adopted };
        }
        if when != When::SourceChanges
            && let Some(collision) = self.collision(&changes, Some(number), doubts)
        {
            return Outcome::Collide(collision);
        }
        if when != When::SourceChanges {
            self.rename(number, &changes);
        }
        if when == When::NotKnown && changes.iter().any(|it| !self.is_reference(it)) {
            doubts.push(Doubt::PerhapsUnchanged);
        }
        Outcome::Update {
            changes,
            adopted,
            when,
        }
    }

    /// Whether the invitation of the copy is not redeemed yet.
    fn is_pending(&self, number: u32) -> bool {
        let state = self.index.user(number).record.text(self.at.there_state);
        state == Some("PendingAcceptance")
    }

    fn restore(&mut self, user: &Source, number: u32, doubts: &mut Vec<Doubt>) -> Outcome {
        let changes = if self.configuration.users.allows(Action::Update) {
            if self.is_pending(number) {
                doubts.push(Doubt::PendingInvitation);
            }
            match self.changes(user, Some(number), doubts) {
                Ok(changes) => changes,
                Err(failed) => return failed,
            }
        } else {
            Vec::new()
        };
        if let Some(collision) = self.collision_of_restored(&changes, number, doubts) {
            return Outcome::Collide(collision);
        }
        self.index.set_deleted(number, false);
        self.rename(number, &changes);
        Outcome::Restore(changes)
    }

    /// Updates the holders of the names and addresses that a copy gets and releases.
    fn rename(&mut self, number: u32, changes: &[Change]) {
        for change in changes {
            if let Some(attribute) = self.unique(change) {
                let (old, new) = (change.before.bare(), change.after.bare());
                self.index.change(number, attribute, &old, &new);
            }
        }
    }

    /// Returns when a difference is written: the service processes users that are new to it or have changed.
    fn when(&self, source: &str, adopted: bool) -> When {
        match &self.cycle {
            Cycle::Full => When::NextCycle,
            _ if adopted => When::NextCycle,
            Cycle::Incremental(None) => When::NotKnown,
            Cycle::Incremental(Some(changed)) if changed.contains(source) => When::NextCycle,
            Cycle::Incremental(Some(_)) => When::SourceChanges,
        }
    }
}
