//! Converts an object to a block: its configuration, in which references replace the IDs of other objects in the document.

use serde_json::{Map, Value as Json};

use super::super::document::{Block, Element, Expression};
use super::super::relations::{home, partner_of};
use super::{Composer, Entry, provider};

impl Composer<'_> {
    /// The block of an object.
    pub(super) fn resource(&self, entry: &Entry<'_>) -> Block {
        let mut arguments: Vec<_> = provider(&self.snapshot.tenants[entry.tenant])
            .into_iter()
            .collect();
        for (name, value) in &entry.object.config {
            if !self.is_found_anyway(entry, name, value) {
                arguments.push((name.clone(), self.argument(entry, name, value)));
            }
        }
        arguments.extend(self.depends_on(entry));
        Block {
            comment: self.comment(entry),
            kind: "resource",
            labels: vec![entry.object.type_name.clone(), entry.label.clone()],
            arguments,
            blocks: Vec::new(),
        }
    }

    /// The display name, unless the label already expresses it.
    fn comment(&self, entry: &Entry<'_>) -> Option<String> {
        let partner = partner_of(entry.object);
        let name = match partner {
            Some(id) => self
                .directory
                .tenant_name(entry.tenant, &id)
                .map(str::to_owned),
            None => entry.object.display_name.clone(),
        };
        name.filter(|name| !name.trim().is_empty() && !is_said(name, &entry.label))
    }

    /// Whether the role of an assignment can be omitted, because it is the one of the configuration's service principal for users.
    fn is_found_anyway(&self, entry: &Entry<'_>, name: &str, value: &Json) -> bool {
        let is_assignment = matches!(entry.name, "app_role_assignment" | "app_role_assignments");
        if !is_assignment || name != "app_role_id" {
            return false;
        }
        let resource = entry
            .object
            .config
            .get("resource_object_id")
            .and_then(Json::as_str)
            .unwrap_or_default();
        let key = (
            entry.tenant,
            "synchronization_configuration",
            resource.to_lowercase(),
        );
        self.by_key
            .get(&key)
            .is_some_and(|at| self.entries[*at].object.state.get("app_role_id") == Some(value))
    }

    /// An object that must exist first although no argument refers to it.
    fn depends_on(&self, entry: &Entry<'_>) -> Option<(String, Expression)> {
        if entry.name != "multi_tenant_organization_tenant" {
            return None;
        }
        let key = (entry.tenant, "multi_tenant_organization", String::new());
        let organization = self.entries[*self.by_key.get(&key)?].address();
        let list = Expression::list([Expression::Address(organization)]);
        Some(("depends_on".to_owned(), list))
    }

    fn argument(&self, entry: &Entry<'_>, name: &str, value: &Json) -> Expression {
        if let ("app_role_assignments", "principals", Json::Object(principals)) =
            (entry.name, name, value)
        {
            let ids: Vec<&str> = principals.keys().map(String::as_str).collect();
            return match self.members(entry, &ids) {
                Expression::List(none) if none.is_empty() => Expression::Object(Vec::new()),
                members => Expression::Each(Box::new(members)),
            };
        }
        if let Json::String(id) = value {
            let reference = self.reference(entry, name, id);
            return reference.unwrap_or_else(|| value.into());
        }
        let home = home(self.snapshot, entry.tenant, entry.object, name);
        self.targets(home, value)
    }

    /// A reference to the object that has this ID in the document.
    fn reference(&self, entry: &Entry<'_>, name: &str, id: &str) -> Option<Expression> {
        let tenant = entry.tenant;
        let to = |kind, attribute| self.to(tenant, kind, id, attribute);
        match (entry.name, name) {
            ("trust_settings" | "sync_policy", "partner_tenant_id") => {
                to("partner_policy", name).or_else(|| self.directory.tenant(tenant, id))
            }
            ("provisioning_job", "target_tenant_id") => to("trust_settings", "partner_tenant_id")
                .or_else(|| to("partner_policy", "partner_tenant_id"))
                .or_else(|| self.directory.tenant(tenant, id)),
            (_, "partner_tenant_id" | "member_tenant_id" | "added_by_tenant_id") => {
                self.directory.tenant(tenant, id)
            }
            ("synchronization_schema", "job_id") => to("provisioning_job", "id"),
            ("synchronization_schema", "service_principal_id") => {
                let job = entry.object.config.get("job_id")?.as_str()?;
                let job = self.to(tenant, "provisioning_job", job, name);
                job.or_else(|| to("synchronization_configuration", name))
            }
            ("provisioning_job", "service_principal_id") => {
                to("synchronization_configuration", name)
            }
            (_, "resource_object_id") => {
                to("synchronization_configuration", "service_principal_id")
            }
            (_, "principal_object_id" | "user_object_id") => self.directory.principal(tenant, id),
            _ => None,
        }
    }

    /// A value in which targets are looked up by name if possible, and commented with their names otherwise.
    fn targets(&self, tenant: Option<usize>, value: &Json) -> Expression {
        match value {
            Json::Array(elements) => Expression::List(
                elements
                    .iter()
                    .map(|element| self.target(tenant, element))
                    .collect(),
            ),
            Json::Object(members) => Expression::Object(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), self.targets(tenant, value)))
                    .collect(),
            ),
            scalar => scalar.into(),
        }
    }

    fn target(&self, tenant: Option<usize>, element: &Json) -> Element {
        let Some((tenant, members, id)) = tenant.and_then(|tenant| {
            let members = element.as_object()?;
            let id = members
                .get("target")
                .filter(|_| members.contains_key("target_type"))?;
            Some((tenant, members, id.as_str()?))
        }) else {
            return Element {
                value: self.targets(tenant, element),
                comment: None,
            };
        };
        let reference = self.directory.principal(tenant, id);
        let is_literal = reference.is_none();
        let name = self
            .directory
            .principal_name(tenant, id)
            .filter(|_| is_literal);
        Element {
            value: with_target(members, reference.as_ref()),
            comment: name.map(str::to_owned),
        }
    }

    /// All principals of a map: one lookup for users, one for each group, and the ID with the name in a comment for principals that cannot
    /// be looked up.
    fn members(&self, entry: &Entry<'_>, ids: &[&str]) -> Expression {
        let (mut users, mut others) = (Vec::new(), Vec::new());
        for id in ids.iter().copied() {
            if let Some(name) = self.directory.sign_in_name(entry.tenant, id) {
                users.push(name.to_owned());
                continue;
            }
            let name = self.directory.principal_name(entry.tenant, id);
            let reference = self.directory.principal(entry.tenant, id);
            others.push(Element {
                comment: name.filter(|_| reference.is_none()).map(str::to_owned),
                value: reference.unwrap_or_else(|| Expression::text(id)),
            });
        }
        users.sort();
        others.sort_by_key(|one| (one.comment.clone(), format!("{:?}", one.value)));
        if users.is_empty() {
            return Expression::List(others);
        }
        let users = self.directory.users(entry.tenant, &entry.label, users);
        if others.is_empty() {
            return users;
        }
        Expression::Call("concat", vec![users, Expression::List(others)])
    }
}

/// Whether a label is equal to a name, except for spaces and case.
fn is_said(name: &str, label: &str) -> bool {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    label.ends_with(&words.join("_"))
}

/// The members of a target, with a reference instead of the ID if there is one.
fn with_target(members: &Map<String, Json>, reference: Option<&Expression>) -> Expression {
    let member = |(name, value): (&String, &Json)| {
        let value = match reference {
            Some(reference) if name == "target" => reference.clone(),
            _ => value.into(),
        };
        (name.clone(), value)
    };
    Expression::Object(members.iter().map(member).collect())
}
