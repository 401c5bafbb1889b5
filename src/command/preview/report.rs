//! The result of a preview. No I/O.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::super::Pair;
use super::groups;
use preview::{
    ClauseResult, Configuration, Counts, Doubt, Engine, Outcome, Preview, Route, Source, Value,
    Verdict, When,
};
use resources::previewing::LogLine;

/// The preview of one configuration.
pub(super) struct Report {
    pub(super) name: String,
    pub(super) principal: String,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) configuration: Configuration,
    pub(super) preview: Preview,
    pub(super) story: Option<Story>,
    pub(super) notes: Vec<String>,
    pub(super) is_plan: bool,
    pub(super) is_full: bool,
}

/// A section of the report with some of the users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Leaving,
    PerhapsLeaving,
    Colliding,
    Arriving,
    Restored,
    Changing,
    Drifting,
    Kept,
    Skipped,
}

impl Section {
    pub(super) const ALL: [Self; 9] = [
        Self::Leaving,
        Self::PerhapsLeaving,
        Self::Colliding,
        Self::Arriving,
        Self::Restored,
        Self::Changing,
        Self::Drifting,
        Self::Kept,
        Self::Skipped,
    ];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Leaving => "Leaving: soft-deleted in the target tenant",
            Self::PerhapsLeaving => "Leaving, if this job has brought them",
            Self::Colliding => "Colliding: creating or changing them fails",
            Self::Arriving => "Arriving: created in the target tenant",
            Self::Restored => "Restored from the recycle bin of the target tenant",
            Self::Changing => "Changing",
            Self::Drifting => "Different in the target tenant, until the source user changes",
            Self::Kept => "Out of scope, and staying in the target tenant",
            Self::Skipped => "Skipped",
        }
    }

    pub(super) fn of(verdict: &Verdict) -> Option<Self> {
        Some(match &verdict.outcome {
            Outcome::Leave(_) if verdict.doubts.contains(&Doubt::PerhapsNotManaged) => {
                Self::PerhapsLeaving
            }
            Outcome::Leave(_) => Self::Leaving,
            Outcome::Collide(_) => Self::Colliding,
            Outcome::Create(_) => Self::Arriving,
            Outcome::Restore(_) => Self::Restored,
            Outcome::Update {
                when: When::SourceChanges,
                ..
            } => Self::Drifting,
            Outcome::Update { .. } => Self::Changing,
            Outcome::Keep(..) => Self::Kept,
            Outcome::Skip(_) if verdict.is_elsewhere() => return None,
            Outcome::Skip(_) => Self::Skipped,
            Outcome::Nothing { .. } => return None,
        })
    }
}

/// The detailed report about one user while it is being collected.
pub(super) struct Story {
    wanted: String,
    pub(super) source: Option<Box<str>>,
    pub(super) routes: Vec<String>,
    pub(super) clauses: Vec<ClauseResult>,
    /// The values that the mappings produce for the user, if it is in scope.
    pub(super) attributes: Vec<(String, Value)>,
    /// The latest entries of the provisioning log for the user, newest first.
    pub(super) log: Vec<LogLine>,
}

impl Story {
    pub(super) fn of(wanted: &str) -> Self {
        Self {
            wanted: wanted.to_owned(),
            source: None,
            routes: Vec::new(),
            clauses: Vec::new(),
            attributes: Vec::new(),
            log: Vec::new(),
        }
    }

    /// Records what is known of the user before the evaluation, if it is the requested one.
    pub(super) fn see(
        &mut self,
        object: &Json,
        configuration: &Configuration,
        engine: &Engine,
        user: &Source,
    ) {
        let is = |member: &str| {
            let text = object[member].as_str();
            text.is_some_and(|text| text.eq_ignore_ascii_case(&self.wanted))
        };
        if is("id") || is("userPrincipalName") {
            let routes = engine.routes(&user.record.id);
            self.routes = routes.iter().map(Route::words).collect();
            self.clauses = engine.clauses(user);
            if engine.is_in_scope(user) {
                self.attributes = yielded(configuration, user);
            }
            self.source = Some(user.record.id.clone());
        }
    }

    /// The requested user, if it was not found.
    pub(super) fn missing(&self) -> Option<&str> {
        self.source.is_none().then_some(self.wanted.as_str())
    }
}

/// The values that the mappings produce for an existing user, except references.
fn yielded(configuration: &Configuration, user: &Source) -> Vec<(String, Value)> {
    let values = configuration.mapped(user).unwrap_or_default();
    let names = configuration.users.attributes.iter();
    let all = names.map(|line| line.target().to_owned()).zip(values);
    all.filter(|(_, value)| !value.is_empty() && !matches!(value, Value::Reference(_)))
        .collect()
}

impl Report {
    pub(super) fn new(
        pair: &Pair,
        name: String,
        principal: String,
        configuration: Configuration,
        preview: Preview,
        story: Option<Story>,
        notes: Vec<String>,
    ) -> Self {
        Self {
            name,
            principal,
            source: pair.source.id().to_owned(),
            target: pair.target.id().to_owned(),
            configuration,
            preview,
            story,
            notes,
            is_plan: false,
            is_full: false,
        }
    }

    pub(super) fn of_plan(self, is_plan: bool) -> Self {
        Self { is_plan, ..self }
    }

    pub(super) fn full(self, is_full: bool) -> Self {
        Self { is_full, ..self }
    }

    /// If the plan ends synchronization, no cycle follows.
    pub(super) fn ended(mut self, ends: bool) -> Self {
        if ends {
            self.preview.users.clear();
            self.preview.groups.clear();
            self.preview.counts = Counts::default();
        }
        self
    }

    /// The verdicts of a section; with a story, only that of its user.
    pub(super) fn verdicts(&self, section: Section) -> impl Iterator<Item = &Verdict> {
        let only = self
            .story
            .as_ref()
            .and_then(|story| story.source.as_deref());
        self.preview.users.iter().filter(move |verdict| {
            let is_meant = only.is_none_or(|source| *verdict.source == *source);
            is_meant && Section::of(verdict) == Some(section)
        })
    }

    /// The verdict of the user in the story.
    pub(super) fn story_verdict(&self) -> Option<&Verdict> {
        let source = self.story.as_ref()?.source.as_deref()?;
        let mut users = self.preview.users.iter();
        users.find(|verdict| *verdict.source == *source)
    }

    /// Assumptions that were made for at least one user.
    pub(super) fn doubts(&self) -> BTreeMap<Doubt, usize> {
        let mut doubts = BTreeMap::new();
        let users = self
            .preview
            .users
            .iter()
            .filter(|verdict| !verdict.is_elsewhere());
        let users = users.flat_map(|verdict| verdict.doubts.iter());
        let groups = self
            .preview
            .groups
            .iter()
            .flat_map(|group| group.doubts.iter());
        for doubt in users.chain(groups) {
            *doubts.entry(*doubt).or_default() += 1;
        }
        doubts
    }

    /// The counts that are not zero or always shown, with their labels.
    pub(super) fn totals(&self) -> Vec<(usize, &'static str)> {
        let counts = &self.preview.counts;
        let all = [
            (counts.created, "created", true),
            (counts.restored, "restored", false),
            (counts.updated, "changed", true),
            (counts.disabled, "of them blocked from sign-in", false),
            (counts.leaving, "soft-deleted", true),
            (
                counts.perhaps_leaving,
                "soft-deleted if this job has brought them",
                false,
            ),
            (counts.kept, "out of scope but kept", false),
            (counts.colliding, "colliding", false),
            (counts.failing, "failing", false),
            (counts.skipped, "skipped", false),
            (
                counts.drifted,
                "different in the target until the source changes",
                false,
            ),
            (counts.unchanged, "unchanged", true),
        ];
        all.into_iter()
            .filter(|(count, _, always)| *always || *count > 0)
            .map(|(count, words, _)| (count, words))
            .collect()
    }

    /// The reason and the changes in one line.
    pub(super) fn why(&self, verdict: &Verdict) -> String {
        match &verdict.outcome {
            Outcome::Create(_) => {
                let routes = self.preview.routes(&verdict.source);
                let words: Vec<String> = routes.iter().map(Route::words).collect();
                words.join("; ")
            }
            Outcome::Update { adopted, .. } => {
                let adopted = if *adopted { "taken over; " } else { "" };
                format!("{adopted}{}", self.changed(verdict))
            }
            Outcome::Restore(_) => self.changed(verdict),
            Outcome::Nothing { .. } => "nothing changes".to_owned(),
            other => other.reason().unwrap_or_default(),
        }
    }

    fn changed(&self, verdict: &Verdict) -> String {
        let changes = verdict.changes().iter();
        let texts: Vec<String> = changes
            .map(|change| {
                let name = self.configuration.attribute(change);
                format!(
                    "{name}: {} → {}",
                    shown(&change.before),
                    shown(&change.after)
                )
            })
            .collect();
        texts.join(", ")
    }
}

/// A value in one line.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "(none)".to_owned(),
        Value::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Value::Reference(id) => format!("user {id}"),
        other => other.bare(),
    }
}

/// All reports as one JSON document.
pub(super) fn document(reports: &[Report], exceeded: &[String]) -> Json {
    let mut unverified = serde_json::Map::new();
    for doubt in reports
        .iter()
        .flat_map(|report| report.doubts().into_keys())
    {
        unverified.insert(doubt.fact().to_owned(), json!(doubt.sentence()));
    }
    json!({
        "exceeded": exceeded,
        "configurations": reports.iter().map(Report::json).collect::<Vec<_>>(),
        "unverified": unverified,
    })
}

impl Report {
    fn json(&self) -> Json {
        let counts = &self.preview.counts;
        let only = self
            .story
            .as_ref()
            .and_then(|story| story.source.as_deref());
        let users = self.preview.users.iter().filter(|verdict| {
            let concerned =
                !matches!(verdict.outcome, Outcome::Nothing { .. }) && !verdict.is_elsewhere();
            only.map_or(concerned, |source| *verdict.source == *source)
        });
        let users: Vec<Json> = users.map(|verdict| self.user(verdict)).collect();
        let groups = self.preview.groups.iter().map(groups::json);
        let groups: Vec<Json> = groups.collect();
        json!({
            "service_principal_id": self.principal, "display_name": self.name,
            "source_tenant_id": self.source, "target_tenant_id": self.target,
            "of": if self.is_plan { "plan" } else { "live" }, "full_cycle": self.is_full,
            "quarantined": self.preview.quarantined, "notes": self.notes,
            "counts": {
                "created": counts.created, "updated": counts.updated, "disabled": counts.disabled,
                "drifted": counts.drifted, "restored": counts.restored, "unchanged": counts.unchanged,
                "adopted": counts.adopted, "leaving": counts.leaving, "perhaps_leaving": counts.perhaps_leaving,
                "kept": counts.kept, "skipped": counts.skipped, "not_assigned": counts.not_assigned,
                "colliding": counts.colliding, "failing": counts.failing, "unverified": counts.doubtful,
            },
            "users": users, "groups": groups,
        })
    }

    fn user(&self, verdict: &Verdict) -> Json {
        let changes: Vec<Json> = verdict
            .changes()
            .iter()
            .map(|change| {
                json!({ "attribute": self.configuration.attribute(change), "before": change.before.json(),
                    "after": change.after.json() })
            })
            .collect();
        let outcome = match &verdict.outcome {
            Outcome::Create(_) => "create",
            Outcome::Update { .. } => "update",
            Outcome::Restore(_) => "restore",
            Outcome::Nothing { .. } => "nothing",
            Outcome::Leave(_) => "leave",
            Outcome::Keep(..) => "keep",
            Outcome::Skip(_) => "skip",
            Outcome::Collide(_) => "collision",
        };
        let mut user = json!({
            "source_id": verdict.source, "user_principal_name": verdict.name, "target_id": verdict.target,
            "outcome": outcome, "reason": self.why(verdict), "changes": changes, "unverified": facts(&verdict.doubts),
        });
        if let Some(story) = self.story.as_ref() {
            let clauses = story.clauses.iter().map(|result| {
                json!({ "clause": result.clause, "value": result.value.json(), "met": result.met })
            });
            user["assigned"] = json!(story.routes);
            let attributes = story.attributes.iter();
            user["attributes"] = attributes
                .map(|(name, value)| json!({ "attribute": name, "value": value.json() }))
                .collect();
            user["clauses"] = clauses.collect();
            let log = story.log.iter().map(|line| {
                json!({ "time": line.time, "action": line.action, "status": line.status, "reason": line.why })
            });
            user["log"] = log.collect();
        }
        user
    }
}

pub(super) fn facts(doubts: &[Doubt]) -> Vec<&'static str> {
    doubts.iter().map(|doubt| doubt.fact()).collect()
}
