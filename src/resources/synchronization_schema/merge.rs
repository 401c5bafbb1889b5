//! Computes the next schema document: the live one with only the managed parts changed. Other values and their order are kept.

use serde_json::{Value as Json, json};

use super::document::{self, FLOWS};
use super::part::{Objects, Part};
use super::reading::Read;
use super::{AttributeMapping, SynchronizationSchema};
use expression::ParseError;
use terraform::{Diagnostic, Path};

/// A change of the managed parts. Parts that are no longer managed are reset to the template.
pub(super) struct Step<'a> {
    /// The parts that are managed from now on.
    pub(super) planned: &'a SynchronizationSchema,
    /// The parts that were managed until now.
    pub(super) prior: Option<&'a SynchronizationSchema>,
    /// The template's schema if [`Step::needs_template`] returns true.
    pub(super) template: &'a Json,
}

impl Step<'_> {
    /// Whether a part is reset to the template.
    pub(super) fn needs_template(&self) -> bool {
        let Some(prior) = self.prior else {
            return false;
        };
        let given_up = |objects| self.planned.part(objects).gives_up(&prior.part(objects));
        Objects::ALL.into_iter().any(given_up)
    }

    /// Returns the document to send; equal to `live` if nothing changes. `read` contains the trees of expressions that only Graph can
    /// parse, by their text.
    pub(super) fn merged(&self, live: &Json, read: &Read) -> Result<Json, Diagnostic> {
        let mut document = live.clone();
        if document::object_mapping(live, Objects::Users).is_none() {
            let detail = "The schema of this job has no mapping of users. Nothing was changed. Check that this is a \
                job for cross-tenant synchronization.";
            let summary = "The job does not synchronize users";
            return Err(Diagnostic::error(summary, detail));
        }
        for objects in Objects::ALL {
            let prior = self.prior.map(|prior| prior.part(objects));
            let side = Side {
                objects,
                exclusive: self.planned.is_exclusive(objects),
                planned: self.planned.part(objects),
                prior: prior.unwrap_or_default(),
                template: self.template,
            };
            side.change(&mut document, read)?;
        }
        Ok(document)
    }
}

/// The change of the mapping of users or of groups.
struct Side<'a> {
    objects: Objects,
    exclusive: bool,
    planned: Part,
    prior: Part,
    template: &'a Json,
}

impl Side<'_> {
    fn change(&self, document: &mut Json, read: &Read) -> Result<(), Diagnostic> {
        let Some(mapping) = document::object_mapping_mut(document, self.objects) else {
            return match self.first() {
                Some(name) if self.planned.is_some() => Err(self.nothing_to_set(name)),
                _ => Ok(()),
            };
        };
        self.mappings(mapping, read)?;
        self.filters(mapping);
        self.actions(mapping);
        let original = self.prior.enabled;
        let original = original.and_then(|_| document::enabled(self.template, self.objects));
        if let Some(wanted) = self.planned.enabled.or(original) {
            set(mapping, "enabled", json!(wanted));
        }
        Ok(())
    }

    /// Returns the first attribute that manages a part of these objects.
    fn first(&self) -> Option<&'static str> {
        let (part, objects) = (&self.planned, self.objects);
        let set = [
            (part.enabled.is_some(), objects.switch()),
            (part.mappings.is_some(), objects.mappings()),
            (part.filters.is_some(), objects.filters()),
            (part.actions.is_some(), objects.actions()),
        ];
        set.into_iter()
            .find_map(|(is_set, name)| is_set.then_some(name))
    }

    fn nothing_to_set(&self, name: &'static str) -> Diagnostic {
        let detail = format!(
            "The schema of this job has no mapping of {}, so `{name}` has no effect. Nothing was changed. Jobs that were \
             created before Microsoft introduced it may lack the mapping: reset the schema in the portal, or create the \
             configuration again.",
            self.objects.words()
        );
        let summary = format!("The job does not synchronize {}", self.objects.words());
        Diagnostic::error(summary, detail).at(Path::root(name))
    }

    /// Returns the targets whose mapping is no longer managed.
    fn released(&self) -> impl Iterator<Item = &str> {
        let before = self.prior.mappings.iter().flatten();
        before
            .map(|(target, _)| target.as_str())
            .filter(|target| !self.is_written(target))
    }

    fn is_written(&self, target: &str) -> bool {
        let written = self.planned.mappings.as_ref();
        written.is_some_and(|written| written.contains_key(target))
    }

    fn mappings(&self, object: &mut Json, read: &Read) -> Result<(), Diagnostic> {
        if self.planned.mappings.is_none() && self.prior.mappings.is_none() && !self.exclusive {
            return Ok(());
        }
        let originals: Vec<(&str, &Json)> =
            document::mappings(self.template, self.objects).collect();
        if !object["attributeMappings"].is_array() {
            object["attributeMappings"] = json!([]);
        }
        let Some(live) = object["attributeMappings"].as_array_mut() else {
            return Ok(());
        };
        if self.exclusive {
            live.retain(|it| document::is_built_in(it) || self.is_written(document::target(it)));
        }
        let find =
            |live: &[Json], target: &str| live.iter().position(|it| document::target(it) == target);
        for target in self.released() {
            let original = originals.iter().find(|(other, _)| *other == target);
            match (find(live, target), original) {
                (Some(at), _) if document::is_matching(&live[at]) => {}
                (Some(at), Some((_, original))) => restore(self.objects, &mut live[at], original),
                (Some(at), None) => drop(live.remove(at)),
                (None, Some((_, original))) if !self.exclusive => live.push((*original).clone()),
                (None, _) => {}
            }
        }
        for (target, mapping) in self.planned.mappings.iter().flatten() {
            let source = match mapping.unread().and_then(|text| read.get(text)) {
                Some(source) => source.clone(),
                None => mapping
                    .source()
                    .map_err(|error| wrong(self.objects, target, &error))?,
            };
            match find(live, target) {
                Some(at) => change(self.objects, &mut live[at], mapping, source),
                None => live.push(made(target, mapping, &source)),
            }
        }
        Ok(())
    }

    fn filters(&self, object: &mut Json) {
        let groups = match (&self.planned.filters, &self.prior.filters) {
            (Some(wanted), _) => document::groups(wanted),
            (None, _) if self.exclusive => json!([]),
            (None, Some(_)) => {
                let original = document::filter_groups(self.template, self.objects);
                Some(original)
                    .filter(|it| it.is_array())
                    .cloned()
                    .unwrap_or_else(|| json!([]))
            }
            (None, None) => return,
        };
        let same = document::same_filters(
            &document::filters(&object["scope"]["groups"]),
            &document::filters(&groups),
        );
        if same {
            return;
        }
        if !object["scope"].is_object() {
            object["scope"] =
                json!({ "groups": [], "inputFilterGroups": [], "categoryFilterGroups": [] });
        }
        object["scope"]["groups"] = groups;
    }

    fn actions(&self, object: &mut Json) {
        let original = self.prior.actions.as_ref();
        let original = original.and_then(|_| document::actions(self.template, self.objects));
        let Some(wanted) = self.planned.actions.clone().or(original) else {
            return;
        };
        let is = |action: Option<bool>, word: &str| {
            let live = object["flowTypes"].as_str().unwrap_or_default();
            live.split(',').any(|it| it.trim() == word) == action.unwrap_or(true)
        };
        let same =
            is(wanted.create, "Add") && is(wanted.update, "Update") && is(wanted.delete, "Delete");
        if !same {
            object["flowTypes"] = json!(wanted.flow_types());
        }
    }
}

/// Replaces a live mapping with the template's if they differ.
fn restore(objects: Objects, live: &mut Json, original: &Json) {
    let shown = |mapping: &Json| document::shown(objects, mapping);
    if !shown(original).means_the_same_as(&shown(live)) {
        *live = original.clone();
    }
}

fn change(objects: Objects, live: &mut Json, wanted: &AttributeMapping, source: Json) {
    if !document::same_source(&live["source"], &source) {
        live["source"] = source;
    }
    let now = document::shown(objects, live);
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

/// Returns the error about an expression that was unknown during planning and is invalid.
fn wrong(objects: Objects, target: &str, error: &ParseError) -> Diagnostic {
    let summary = format!("The expression is wrong at column {}", error.column);
    let at = Path::root(objects.mappings())
        .key(target)
        .attribute("expression");
    Diagnostic::error(summary, format!("{error}.")).at(at)
}
