//! The next schema document: the live one with what is managed changed, and nothing else, neither values nor order.

use serde_json::{Value as Json, json};

use super::document::{self, FLOWS};
use super::reading::Read;
use super::{AttributeMapping, SynchronizationSchema};
use crate::expression::ParseError;
use crate::terraform::{Diagnostic, Path};

/// What was managed before and is not any more goes back to the template.
pub(super) struct Step<'a> {
    /// What is managed from now on.
    pub(super) planned: &'a SynchronizationSchema,
    /// What was managed until now.
    pub(super) prior: Option<&'a SynchronizationSchema>,
    /// The template's schema, where [`Step::needs_template`] says so.
    pub(super) template: &'a Json,
}

impl Step<'_> {
    /// Whether something goes back to the template.
    pub(super) fn needs_template(&self) -> bool {
        let Some(prior) = self.prior else {
            return false;
        };
        let planned = self.planned;
        self.released().next().is_some()
            || (prior.scoping_filters.is_some() && planned.scoping_filters.is_none())
            || (prior.object_actions.is_some() && planned.object_actions.is_none())
            || (prior.users_enabled.is_some() && planned.users_enabled.is_none())
            || (prior.groups_enabled.is_some() && planned.groups_enabled.is_none())
    }

    /// Targets whose mapping is not managed any more.
    fn released(&self) -> impl Iterator<Item = &str> {
        let before = self
            .prior
            .and_then(|prior| prior.attribute_mappings.as_ref());
        before
            .into_iter()
            .flatten()
            .map(|(target, _)| target.as_str())
            .filter(|target| !self.is_written(target))
    }

    fn is_written(&self, target: &str) -> bool {
        let written = self.planned.attribute_mappings.as_ref();
        written.is_some_and(|written| written.contains_key(target))
    }

    /// The document to send; equal to `live` where nothing is to be done.
    /// `read` has the trees of expressions that only Graph understands, by their text.
    pub(super) fn merged(&self, live: &Json, read: &Read) -> Result<Json, Diagnostic> {
        let mut document = live.clone();
        let users = document::object_mapping_mut(&mut document, "User").ok_or_else(|| {
            let detail = "The schema of this job has no mapping of users. Nothing was changed. Is this the job of a \
                          cross-tenant synchronization?";
            Diagnostic::error("The job does not synchronize users", detail)
        })?;
        self.mappings(users, read)?;
        self.filters(users);
        self.actions(users);
        let (planned, prior) = (self.planned, self.prior);
        for (kind, name, wanted, before) in [
            (
                "User",
                "users_enabled",
                planned.users_enabled,
                prior.and_then(|prior| prior.users_enabled),
            ),
            (
                "Group",
                "groups_enabled",
                planned.groups_enabled,
                prior.and_then(|prior| prior.groups_enabled),
            ),
        ] {
            let original = before.and_then(|_| document::enabled(self.template, kind));
            let Some(wanted) = wanted.or(original) else {
                continue;
            };
            let Some(mapping) = document::object_mapping_mut(&mut document, kind) else {
                let detail =
                    format!("The schema of this job has no mapping of objects of the kind {kind}.");
                let problem = Diagnostic::error(format!("`{name}` has nothing to set"), detail);
                return Err(problem.at(Path::root(name)));
            };
            set(mapping, "enabled", json!(wanted));
        }
        Ok(document)
    }

    fn mappings(&self, users: &mut Json, read: &Read) -> Result<(), Diagnostic> {
        let originals: Vec<(&str, &Json)> = document::mappings(self.template).collect();
        if !users["attributeMappings"].is_array() {
            users["attributeMappings"] = json!([]);
        }
        let Some(live) = users["attributeMappings"].as_array_mut() else {
            return Ok(());
        };
        let exclusive = self.planned.exclusive == Some(true);
        if exclusive {
            live.retain(|it| document::is_built_in(it) || self.is_written(document::target(it)));
        }
        let find =
            |live: &[Json], target: &str| live.iter().position(|it| document::target(it) == target);
        for target in self.released() {
            let original = originals.iter().find(|(other, _)| *other == target);
            match (find(live, target), original) {
                (Some(at), _) if document::is_matching(&live[at]) => {}
                (Some(at), Some((_, original))) => restore(&mut live[at], original),
                (Some(at), None) => drop(live.remove(at)),
                (None, Some((_, original))) if !exclusive => live.push((*original).clone()),
                (None, _) => {}
            }
        }
        for (target, mapping) in self.planned.attribute_mappings.iter().flatten() {
            let source = match mapping.unread().and_then(|text| read.get(text)) {
                Some(source) => source.clone(),
                None => mapping.source().map_err(|error| wrong(target, &error))?,
            };
            match find(live, target) {
                Some(at) => change(&mut live[at], mapping, source),
                None => live.push(made(target, mapping, &source)),
            }
        }
        Ok(())
    }

    fn filters(&self, users: &mut Json) {
        let before = self.prior.and_then(|prior| prior.scoping_filters.as_ref());
        let groups = match (&self.planned.scoping_filters, before) {
            (Some(wanted), _) => document::groups(wanted),
            (None, _) if self.planned.exclusive == Some(true) => json!([]),
            (None, Some(_)) => document::filter_groups(self.template).clone(),
            (None, None) => return,
        };
        let same = document::same_filters(
            &document::filters(&users["scope"]["groups"]),
            &document::filters(&groups),
        );
        if same {
            return;
        }
        if !users["scope"].is_object() {
            users["scope"] =
                json!({ "groups": [], "inputFilterGroups": [], "categoryFilterGroups": [] });
        }
        users["scope"]["groups"] = groups;
    }

    fn actions(&self, users: &mut Json) {
        let before = self.prior.and_then(|prior| prior.object_actions.as_ref());
        let original = before.and_then(|_| document::actions(self.template));
        let Some(wanted) = self.planned.object_actions.clone().or(original) else {
            return;
        };
        let is = |action: Option<bool>, word: &str| {
            let live = users["flowTypes"].as_str().unwrap_or_default();
            live.split(',').any(|it| it.trim() == word) == action.unwrap_or(true)
        };
        let same =
            is(wanted.create, "Add") && is(wanted.update, "Update") && is(wanted.delete, "Delete");
        if !same {
            users["flowTypes"] = json!(wanted.flow_types());
        }
    }
}

/// The template's mapping in place of a live one, where they differ at all.
fn restore(live: &mut Json, original: &Json) {
    if !document::shown(original).means_the_same_as(&document::shown(live)) {
        *live = original.clone();
    }
}

fn change(live: &mut Json, wanted: &AttributeMapping, source: Json) {
    if !document::same_source(&live["source"], &source) {
        live["source"] = source;
    }
    let now = document::shown(live);
    if now.default_value != wanted.default_value {
        set(live, "defaultValue", json!(wanted.default_value));
    }
    if now.flow_type() != wanted.flow_type() {
        set(live, "flowType", json!(wanted.flow_type()));
    }
    let behavior = wanted.flow_behavior.as_deref().unwrap_or(FLOWS);
    if now.flow_behavior.as_deref() != Some(behavior) {
        set(live, "flowBehavior", json!(behavior));
    }
}

fn set(object: &mut Json, member: &str, value: Json) {
    if object[member] != value {
        object[member] = value;
    }
}

fn made(target: &str, mapping: &AttributeMapping, source: &Json) -> Json {
    json!({
        "defaultValue": mapping.default_value,
        "exportMissingReferences": false,
        "flowBehavior": mapping.flow_behavior.as_deref().unwrap_or(FLOWS),
        "flowType": mapping.flow_type(),
        "matchingPriority": 0,
        "targetAttributeName": target,
        "source": source,
    })
}

/// An expression that was not known while planning and is wrong.
fn wrong(target: &str, error: &ParseError) -> Diagnostic {
    let summary = format!("The expression is wrong at column {}", error.column);
    let at = Path::root("attribute_mappings")
        .key(target)
        .attribute("expression");
    Diagnostic::error(summary, format!("{error}.")).at(at)
}
