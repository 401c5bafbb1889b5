//! Converts a preview to attributes: every affected user, and the counts of all users.

use std::collections::{BTreeMap, BTreeSet};

use super::{PreviewChange, PreviewCounts, PreviewGroup, PreviewUser, SynchronizationPreview};
use preview::{Change, Configuration, Doubt, GroupVerdict, Outcome, Preview, Value, Verdict};

/// Attributes of target users that can be compared.
const COMPARED: [&str; 4] = ["displayName", "mail", "userType", "accountEnabled"];

/// The contents of the attributes.
pub(super) struct Told<'t> {
    pub(super) config: &'t SynchronizationPreview,
    pub(super) configuration: &'t Configuration,
}

impl Told<'_> {
    fn knows_target(&self) -> bool {
        self.config.target_users.is_some()
    }

    pub(super) fn described(
        &self,
        preview: &Preview,
        in_scope: usize,
        members: Vec<usize>,
    ) -> SynchronizationPreview {
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        let mut facts: BTreeSet<&Doubt> = BTreeSet::new();
        let mut doubtful = 0;
        let mut users = Vec::new();
        for verdict in preview.users.iter().filter(|one| !one.is_elsewhere()) {
            let outcome = self.outcome(verdict);
            *counted.entry(outcome).or_default() += 1;
            facts.extend(&verdict.doubts);
            doubtful += usize::from(!verdict.doubts.is_empty());
            if outcome != "stay" {
                users.push(self.user(verdict, outcome));
            }
        }
        users.sort_by(|one, other| one.user_principal_name.cmp(&other.user_principal_name));
        let groups = preview.groups.iter();
        facts.extend(groups.clone().flat_map(|group| &group.doubts));
        let sentences = facts
            .into_iter()
            .map(|doubt: &Doubt| (doubt.fact().to_owned(), doubt.sentence().to_owned()));
        SynchronizationPreview {
            counts: Some(self.counts(&counted, in_scope, doubtful)),
            users: Some(users),
            groups: Some(groups.zip(members).map(group).collect()),
            is_quarantined: self.knows_target().then_some(preview.quarantined),
            unverified: Some(sentences.collect()),
            ..self.config.clone()
        }
    }

    fn counts(
        &self,
        counted: &BTreeMap<&str, usize>,
        in_scope: usize,
        doubtful: usize,
    ) -> PreviewCounts {
        let number = |count: usize| i64::try_from(count).ok();
        let of = |name: &str| number(counted.get(name).copied().unwrap_or_default());
        let there = |name: &str| of(name).filter(|_| self.knows_target());
        PreviewCounts {
            in_scope: number(in_scope),
            created: there("create"),
            updated: there("update"),
            unchanged: there("stay"),
            leaving: there("leave"),
            perhaps_leaving: there("perhaps_leave"),
            kept: there("keep"),
            skipped: of("skip"),
            colliding: there("collision"),
            failing: of("failure"),
            unverified: number(doubtful),
        }
    }

    fn outcome(&self, verdict: &Verdict) -> &'static str {
        match &verdict.outcome {
            Outcome::Create(_) if !self.knows_target() => "in_scope",
            Outcome::Create(_) => "create",
            Outcome::Update { .. } | Outcome::Restore(_)
                if self.changes(verdict).next().is_some() =>
            {
                "update"
            }
            Outcome::Update { .. } | Outcome::Restore(_) | Outcome::Nothing { .. } => "stay",
            Outcome::Leave(_) if verdict.doubts.contains(&Doubt::PerhapsNotManaged) => {
                "perhaps_leave"
            }
            Outcome::Leave(_) => "leave",
            Outcome::Keep(..) => "keep",
            Outcome::Skip(why) if why.is_failure() => "failure",
            Outcome::Skip(_) => "skip",
            Outcome::Collide(_) => "collision",
        }
    }

    /// Returns the visible changes: all values of a new user, and the comparable ones of an existing user.
    fn changes<'v>(&self, verdict: &'v Verdict) -> impl Iterator<Item = &'v Change> {
        let is_new = matches!(verdict.outcome, Outcome::Create(_));
        let has_domain = !self.configuration.target_domain.is_empty();
        verdict.changes().iter().filter(move |change| {
            let name = self.configuration.attribute(change);
            if is_new {
                name != "userPrincipalName" || has_domain
            } else {
                COMPARED.contains(&name)
            }
        })
    }

    fn user(&self, verdict: &Verdict, outcome: &str) -> PreviewUser {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let changes = self.config.include_changes == Some(true);
        let change = |change: &Change| PreviewChange {
            attribute: Some(self.configuration.attribute(change).to_owned()),
            before: shown(&change.before),
            after: shown(&change.after),
        };
        PreviewUser {
            source_object_id: text(&verdict.source),
            user_principal_name: text(&verdict.name),
            target_object_id: verdict.target.as_deref().and_then(text),
            outcome: Some(outcome.to_owned()),
            reason: verdict.outcome.reason(),
            changes: changes.then(|| self.changes(verdict).map(change).collect()),
            unverified: Some(
                verdict
                    .doubts
                    .iter()
                    .map(|doubt| doubt.fact().to_owned())
                    .collect(),
            ),
        }
    }
}

fn shown(value: &Value) -> Option<String> {
    (!value.is_empty()).then(|| value.bare())
}

fn group((group, members): (&GroupVerdict, usize)) -> PreviewGroup {
    PreviewGroup {
        source_object_id: Some(group.source.clone()),
        display_name: Some(group.name.clone()),
        is_copied: Some(group.skipped.is_none()),
        reason: group.skipped.clone(),
        member_count: i64::try_from(members).ok(),
    }
}
