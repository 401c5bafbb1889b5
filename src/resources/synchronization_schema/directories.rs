//! Checks that the attributes in mappings and filters exist in the directories of a job's schema.

use serde_json::{Value as Json, json};

use super::document::elements;
use super::part::Objects;
use super::{SynchronizationSchema, names};
use expression::{closest, parse};
use sdk::prelude::*;

/// An attribute that the schema does not have.
struct Missing {
    name: String,
    at: Path,
    in_target: bool,
    objects: Objects,
}

/// Returns the position in the document of the source or target directory of users.
fn position(document: &Json, in_target: bool) -> Option<usize> {
    let member = if in_target {
        "targetDirectoryName"
    } else {
        "sourceDirectoryName"
    };
    let mut rules = elements(&document["synchronizationRules"]).iter();
    let name = rules.find_map(|rule| rule[member].as_str())?;
    let directories = elements(&document["directories"]);
    directories
        .iter()
        .position(|directory| directory["name"] == name)
}

/// Returns the attributes of users or groups in a directory; `None` if the document does not describe them.
fn attributes(document: &Json, in_target: bool, kind: Objects) -> Option<Vec<&str>> {
    let directory = &document["directories"][position(document, in_target)?];
    let mut objects = elements(&directory["objects"]).iter();
    let object = objects.find(|object| object["name"] == kind.kind())?;
    let listed = elements(&object["attributes"]).iter();
    let names: Vec<&str> = listed.filter_map(|it| it["name"].as_str()).collect();
    (!names.is_empty()).then_some(names)
}

impl SynchronizationSchema {
    /// Returns every configured attribute name, with its position.
    fn named(&self) -> Vec<Missing> {
        let mut found = Vec::new();
        for objects in Objects::ALL {
            self.named_of(objects, &mut found);
        }
        found
    }

    fn named_of(&self, objects: Objects, found: &mut Vec<Missing>) {
        let mut push = |name: &str, at: Path, in_target: bool| {
            found.push(Missing {
                name: name.to_owned(),
                at,
                in_target,
                objects,
            });
        };
        let part = self.part(objects);
        for (target, mapping) in part.mappings.iter().flatten() {
            let at = Path::root(objects.mappings()).key(target);
            push(target, at.clone(), true);
            if let Some(name) = &mapping.attribute {
                push(name, at.attribute("attribute"), false);
            }
            let parsed = mapping.expression.as_deref().and_then(|it| parse(it).ok());
            for name in parsed.iter().flat_map(|parsed| parsed.attributes()) {
                push(name, at.attribute("expression"), false);
            }
        }
        for (index, filter) in part.filters.iter().flatten().enumerate() {
            let clauses = Path::root(objects.filters())
                .index(index)
                .attribute("clauses");
            for (index, clause) in filter.clauses.iter().enumerate() {
                let at = clauses.index(index).attribute("attribute");
                push(&clause.attribute, at, false);
            }
        }
    }

    /// Returns the attributes that `document` does not have. Attributes that every tenant has are not checked.
    fn missing(&self, document: &Json) -> Vec<Missing> {
        let is_missing = |it: &Missing| {
            // Whether a schema must list an extension before it is written is UNVERIFIED; Graph decides.
            if names::is_known(it.objects, &it.name)
                || (it.in_target && names::is_extension(&it.name))
            {
                return false;
            }
            attributes(document, it.in_target, it.objects)
                .is_some_and(|there| !there.contains(&it.name.as_str()))
        };
        self.named().into_iter().filter(is_missing).collect()
    }

    /// Returns an error if a configured attribute does not exist. Attributes of the source tenant that the schema does not list yet are
    /// discovered first.
    pub(super) async fn all_names_exist(&self, context: &Context, document: &mut Json) -> Result {
        let mut missing = self.missing(document);
        if missing.iter().any(|it| !it.in_target) {
            self.discover(context, document).await?;
            missing = self.missing(document);
        }
        let Some(first) = missing.first() else {
            return Ok(());
        };
        let there = attributes(document, first.in_target, first.objects).unwrap_or_default();
        let meant = closest(&first.name, there)
            .map_or_else(String::new, |meant| format!(" Did you mean `{meant}`?"));
        let side = if first.in_target { "target" } else { "source" };
        let detail = format!(
            "The schema of the job has no attribute {:?} of {} in the {side} tenant. Names are case-sensitive.{meant} Nothing was \
             changed.\n\nAt `{}`.",
            first.name,
            first.objects.words(),
            first.at
        );
        Err(
            Diagnostic::error(format!("Unknown attribute {}", first.name), detail)
                .at(first.at.clone())
                .into(),
        )
    }

    /// Lets Graph discover new attributes in the source tenant, and adds them to the document.
    async fn discover(&self, context: &Context, document: &mut Json) -> Result {
        let Some(at) = position(document, false) else {
            return Ok(());
        };
        let Some(id) = text(&document["directories"][at], "id") else {
            return Ok(());
        };
        let path = format!(
            "{}/directories/{}/discover",
            self.path(),
            graph::segment(&id)
        );
        let mut found = context
            .graph
            .post(&path, &json!(null), Resend::Safe)
            .await?;
        if let Some(members) = found.as_object_mut() {
            members.retain(|name, _| !name.starts_with("@odata."));
        }
        if found["objects"].is_array() {
            document["directories"][at] = found;
        }
        Ok(())
    }
}
