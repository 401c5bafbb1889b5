//! The parts of a tenant that replicate, and how their objects are compared, copied and replaced.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::job::Job;
use crate::store::{Collection, Tenant};

/// The field in which a part is stored.
#[derive(Clone, Copy)]
enum Place {
    /// Objects by id.
    Objects(fn(&mut Tenant) -> &mut Collection),
    /// One document.
    Document(fn(&mut Tenant) -> &mut Collection),
    /// One document, or null.
    Nullable(fn(&mut Tenant) -> &mut Value),
    /// A document that is a list, by the ID of its owner.
    Lists(fn(&mut Tenant) -> &mut BTreeMap<String, Vec<Value>>),
    Members,
    /// Jobs without their schemas, which are separate documents.
    Jobs,
    Schemas,
}

/// Objects of one type.
pub(super) struct Part {
    /// First segment of the keys with which handlers query visibility.
    pub(super) name: &'static str,
    place: Place,
    /// Whether the provisioning engine has its own, slower copy: policies and assignments.
    pub(super) engine: bool,
}

const fn part(name: &'static str, place: Place) -> Part {
    Part {
        name,
        place,
        engine: false,
    }
}

const fn seen_by_engine(name: &'static str, place: Place) -> Part {
    Part {
        name,
        place,
        engine: true,
    }
}

/// Every part that replicates. Logs, domains and the applications that sign in do not.
pub(super) static PARTS: [Part; 25] = [
    part(
        "accessPolicy",
        Place::Document(|tenant| &mut tenant.access_policy),
    ),
    part(
        "defaultPolicy",
        Place::Document(|tenant| &mut tenant.default_policy),
    ),
    seen_by_engine("partners", Place::Objects(|tenant| &mut tenant.partners)),
    seen_by_engine(
        "syncPolicies",
        Place::Objects(|tenant| &mut tenant.sync_policies),
    ),
    part(
        "deletedPartners",
        Place::Objects(|tenant| &mut tenant.deleted_partners),
    ),
    part(
        "deletedSyncPolicies",
        Place::Objects(|tenant| &mut tenant.deleted_sync_policies),
    ),
    part(
        "syncPolicyTemplate",
        Place::Document(|tenant| &mut tenant.sync_policy_template),
    ),
    part(
        "partnerTemplate",
        Place::Document(|tenant| &mut tenant.partner_template),
    ),
    part(
        "authorizationPolicy",
        Place::Document(|tenant| &mut tenant.authorization_policy),
    ),
    part(
        "externalIdentitiesPolicy",
        Place::Document(|tenant| &mut tenant.external_identities_policy),
    ),
    part(
        "organization",
        Place::Document(|tenant| &mut tenant.organization),
    ),
    part(
        "multiTenantOrganization",
        Place::Nullable(|tenant| &mut tenant.multi_tenant_organization),
    ),
    part(
        "organizationMembers",
        Place::Objects(|tenant| &mut tenant.organization_members),
    ),
    part(
        "joinRequest",
        Place::Document(|tenant| &mut tenant.join_request),
    ),
    part("users", Place::Objects(|tenant| &mut tenant.users)),
    part("groups", Place::Objects(|tenant| &mut tenant.groups)),
    part("members", Place::Members),
    part(
        "phoneMethods",
        Place::Lists(|tenant| &mut tenant.phone_methods),
    ),
    part(
        "applications",
        Place::Objects(|tenant| &mut tenant.applications),
    ),
    part(
        "servicePrincipals",
        Place::Objects(|tenant| &mut tenant.service_principals),
    ),
    seen_by_engine(
        "assignments",
        Place::Objects(|tenant| &mut tenant.assignments),
    ),
    part("secrets", Place::Lists(|tenant| &mut tenant.secrets)),
    part("jobs", Place::Jobs),
    part("schemas", Place::Schemas),
    part(
        "deletedItems",
        Place::Objects(|tenant| &mut tenant.deleted_items),
    ),
];

/// The index of the part with this name in [`PARTS`].
pub(super) fn named(name: &str) -> Option<usize> {
    PARTS.iter().position(|part| part.name == name)
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// A job without its schema.
fn bare(job: &Job) -> Job {
    Job {
        schema: None,
        ..job.clone()
    }
}

impl Part {
    /// Whether the part is equal in both tenants.
    pub(super) fn is_equal(&self, one: &mut Tenant, other: &mut Tenant) -> bool {
        match self.place {
            Place::Objects(of) | Place::Document(of) => of(one) == of(other),
            Place::Nullable(of) => of(one) == of(other),
            Place::Lists(of) => of(one) == of(other),
            Place::Members => one.members == other.members,
            Place::Jobs | Place::Schemas => one.jobs == other.jobs,
        }
    }

    /// All objects by key. The key of a document is empty.
    pub(super) fn entries(&self, tenant: &mut Tenant) -> Map<String, Value> {
        let single = |value: Value| Map::from_iter([(String::new(), value)]);
        match self.place {
            Place::Objects(of) => of(tenant).clone(),
            Place::Document(of) => single(Value::Object(of(tenant).clone())),
            Place::Nullable(of) if of(tenant).is_null() => Map::new(),
            Place::Nullable(of) => single(of(tenant).clone()),
            Place::Lists(of) => of(tenant)
                .iter()
                .map(|(key, list)| (key.clone(), json(list)))
                .collect(),
            Place::Members => tenant
                .members
                .iter()
                .map(|(key, list)| (key.clone(), json(list)))
                .collect(),
            Place::Jobs => tenant
                .jobs
                .iter()
                .map(|job| (job.id.clone(), json(&bare(job))))
                .collect(),
            Place::Schemas => tenant
                .jobs
                .iter()
                .map(|job| (job.id.clone(), json(&job.schema)))
                .collect(),
        }
    }

    /// Copies the part from one tenant to the other.
    pub(super) fn copy(&self, from: &mut Tenant, to: &mut Tenant) {
        match self.place {
            Place::Objects(of) | Place::Document(of) => of(to).clone_from(of(from)),
            Place::Nullable(of) => of(to).clone_from(of(from)),
            Place::Lists(of) => of(to).clone_from(of(from)),
            Place::Members => to.members.clone_from(&from.members),
            Place::Jobs | Place::Schemas => to.jobs.clone_from(&from.jobs),
        }
    }

    pub(super) fn swap(&self, one: &mut Tenant, other: &mut Tenant) {
        match self.place {
            Place::Objects(of) | Place::Document(of) => std::mem::swap(of(one), of(other)),
            Place::Nullable(of) => std::mem::swap(of(one), of(other)),
            Place::Lists(of) => std::mem::swap(of(one), of(other)),
            Place::Members => std::mem::swap(&mut one.members, &mut other.members),
            Place::Jobs | Place::Schemas => std::mem::swap(&mut one.jobs, &mut other.jobs),
        }
    }

    /// Restores or removes one object.
    pub(super) fn put(&self, tenant: &mut Tenant, key: &str, value: Option<&Value>) {
        match self.place {
            Place::Objects(of) => match value {
                Some(value) => drop(of(tenant).insert(key.to_owned(), value.clone())),
                None => drop(of(tenant).shift_remove(key)),
            },
            Place::Document(of) => {
                let document = value.and_then(Value::as_object).cloned();
                *of(tenant) = document.unwrap_or_default();
            }
            Place::Nullable(of) => *of(tenant) = value.cloned().unwrap_or_default(),
            Place::Lists(of) => set(of(tenant), key, value),
            Place::Members => set(&mut tenant.members, key, value),
            Place::Jobs => put_job(&mut tenant.jobs, key, value),
            Place::Schemas => {
                let schema = value.filter(|schema| !schema.is_null());
                for job in tenant.jobs.iter_mut().filter(|job| job.id == key) {
                    job.schema = schema.cloned();
                }
            }
        }
    }

    /// Whether this part is stored in the same field as another, so that both are copied and swapped at once.
    pub(super) fn shares(&self, other: &Self) -> bool {
        matches!(self.place, Place::Jobs | Place::Schemas)
            && matches!(other.place, Place::Jobs | Place::Schemas)
    }
}

fn set<T: serde::de::DeserializeOwned>(
    lists: &mut BTreeMap<String, T>,
    key: &str,
    value: Option<&Value>,
) {
    match value.and_then(|value| serde_json::from_value(value.clone()).ok()) {
        Some(list) => drop(lists.insert(key.to_owned(), list)),
        None => drop(lists.remove(key)),
    }
}

fn put_job(jobs: &mut Vec<Job>, id: &str, value: Option<&Value>) {
    let known = jobs.iter().position(|job| job.id == id);
    let job = value.and_then(|value| serde_json::from_value::<Job>(value.clone()).ok());
    match (known, job) {
        (Some(at), Some(job)) => {
            let schema = jobs[at].schema.take();
            jobs[at] = Job { schema, ..job };
        }
        (None, Some(job)) => jobs.push(job),
        (Some(at), None) => drop(jobs.remove(at)),
        (None, None) => {}
    }
}
