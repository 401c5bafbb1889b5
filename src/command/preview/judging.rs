//! Evaluates source users as they are read: those in question, and those who were not requested but are in the target.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use serde_json::{Value as Json, json};

use super::looked_up::ASKED;
use super::report::Story;
use preview::{Configuration, EXPANDED, Engine, Source};
use resources::previewing;
use resources::previewing::KnownUsers;
use sdk::{Context, Problem};

/// The data for evaluating source users.
pub(super) struct Judging<'c> {
    pub(super) before: &'c Configuration,
    pub(super) after: &'c Configuration,
    /// The evaluation without the plan.
    pub(super) was: Engine<'c>,
    pub(super) engine: Engine<'c>,
    /// Users with SMS sign-in, if they were looked up.
    pub(super) sms: Option<BTreeSet<String>>,
    /// The managers of users that were looked up.
    pub(super) managers: HashMap<String, String>,
    pub(super) has_plan: bool,
    pub(super) story: Option<Story>,
    pub(super) licenses: Licenses,
}

/// The number of users in scope who have a license with Microsoft Entra ID P1.
#[derive(Debug, Default)]
pub(super) struct Licenses {
    asked: bool,
    in_scope: usize,
    licensed: usize,
}

impl Licenses {
    fn see(&mut self, is_in_scope: bool, licensed: bool) {
        self.in_scope += usize::from(is_in_scope);
        self.licensed += usize::from(is_in_scope && licensed);
    }

    /// A note about licenses.
    pub(super) fn note(&self) -> Option<String> {
        const NEEDED: &str =
            "Microsoft asks for one for each synchronized user in the source tenant";
        if !self.asked {
            return Some(format!(
                "Which users have a license with Microsoft Entra ID P1 or P2 was not looked up, which is done for up to {ASKED} users. {NEEDED}."
            ));
        }
        (self.licensed < self.in_scope).then(|| {
            format!(
                "{} in scope, {} of them with a license with Microsoft Entra ID P1 or P2. {NEEDED}; what happens without is not \
                 published (UNVERIFIED: users-without-license).",
                crate::counted(self.in_scope, "user is", "users are"),
                self.licensed
            )
        })
    }
}

impl Judging<'_> {
    /// Reads and evaluates the users in question. Without a plan, these include external users of the target whose source user is known
    /// only by name, and the user of the story, in scope or not.
    pub(super) async fn read(
        &mut self,
        source: &Context,
        ids: Option<&BTreeSet<String>>,
        known: &KnownUsers,
    ) -> Result<(), Problem> {
        let columns = [self.before.source_columns(), self.after.source_columns()];
        let few = ids.is_some_and(|ids| ids.len() <= ASKED);
        self.licenses.asked = few;
        let more: &[&str] = if few { &[previewing::PLANS] } else { &[] };
        previewing::sources(source, &columns, ids, more, |user| self.take(user)).await?;
        let Some(ids) = ids else { return Ok(()) };
        let mut named: BTreeSet<String> = if self.has_plan {
            BTreeSet::new()
        } else {
            let strangers = self.engine.strangers();
            let named = strangers.filter_map(|name| known.home_name(name));
            named.take(ASKED).collect()
        };
        named.extend(
            self.story
                .as_ref()
                .and_then(Story::missing)
                .map(str::to_owned),
        );
        let is_new = |user: &Json| !ids.contains(user["id"].as_str().unwrap_or_default());
        let columns = self.after.source_columns();
        let take = |user: &Json| {
            if is_new(user) {
                self.take(user);
            }
        };
        previewing::named_sources(source, columns, &named, take).await
    }

    /// The user as Graph would return it with its manager, if that was looked up.
    fn with_manager<'o>(&self, id: &str, object: &'o Json) -> Cow<'o, Json> {
        let Some(manager) = self.managers.get(id) else {
            return Cow::Borrowed(object);
        };
        let mut object = object.clone();
        object[EXPANDED] = json!({ "id": manager });
        Cow::Owned(object)
    }

    fn take(&mut self, object: &Json) {
        let id = object["id"].as_str().unwrap_or_default();
        let object = &self.with_manager(id, object);
        let sms = self.sms.as_ref().map(|sms| sms.contains(id));
        let licensed = previewing::licensed(object);
        let read = |configuration: &Configuration, managed| Source {
            record: configuration.source_columns().record(object),
            sms_sign_in: sms,
            licensed,
            managed,
        };
        // Without a plan, it is not known which users the job has created; with a plan, they are those in scope until now.
        let managed = self
            .has_plan
            .then(|| self.was.is_in_scope(&read(self.before, None)));
        let user = read(self.after, managed);
        if let Some(licensed) = licensed {
            self.licenses.see(self.engine.is_in_scope(&user), licensed);
        }
        if let Some(story) = &mut self.story {
            story.see(object, self.after, &self.engine, &user);
        }
        self.engine.source(&user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licenses_are_spoken_of_where_some_are_missing() {
        let mut licenses = Licenses {
            asked: true,
            ..Licenses::default()
        };
        licenses.see(true, true);
        licenses.see(false, false);
        assert_eq!(licenses.note(), None);
        licenses.see(true, false);
        let note = licenses.note().unwrap();
        assert!(
            note.starts_with("2 users are in scope, 1 of them with a license"),
            "{note}"
        );
        assert!(note.contains("UNVERIFIED"), "{note}");
        let note = Licenses::default().note().unwrap();
        assert!(note.contains("was not looked up"), "{note}");
    }
}
