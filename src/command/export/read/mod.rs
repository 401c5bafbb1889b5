//! Reads tenants as Terraform would: lists what exists, imports and refreshes each object, and lets the provider generate its
//! configuration. Several objects are read concurrently. An object that cannot be read is recorded, and the others are still read.

mod names;
mod object;
mod problems;
mod synchronization;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::join_all;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

use self::problems::{Problem, error_texts};
use super::exported_types::{self, settings_of_tenants};
use super::progress::{Bar, Progress};
use super::relations::name_of;
use super::wanted::Wanted;
use crate::snapshot::{Object, Snapshot, TenantSnapshot};
use crate::source::Collector;
use crate::{Failure, Tenant, counted, json};
use sdk::PREFIX;
use terraform::{ListEntry, ListRequest, Provider as _, Value, has_errors};

/// Concurrent requests to one tenant, as many as Terraform sends itself.
const AT_A_TIME: usize = 10;

/// Concurrent reads of objects in one collection. The client lists the collection for all of them, and decides by the number of waiting
/// reads whether to fetch another page.
const OF_A_COLLECTION: usize = 100;
/// The types whose collections the client can list.
const IN_COLLECTIONS: [&str; 4] = [
    "partner_policy",
    "trust_settings",
    "sync_policy",
    "app_role_assignment",
];

/// The tenants to read, and their names in the configuration.
pub(super) type Named = Vec<(Tenant, Option<String>)>;

/// Reads all tenants.
///
/// # Errors
///
/// If an object that was requested by name does not exist.
pub(super) async fn tenants(
    tenants: &Named,
    wanted: &Wanted,
    with_jobs: bool,
    progress: &Progress<'_>,
) -> Result<Snapshot, Failure> {
    let wanted = Wanted {
        partners: names::resolved(tenants, &wanted.partners).await,
        ..wanted.clone()
    };
    let readers: Vec<Reader> = tenants
        .iter()
        .map(|(tenant, alias)| Reader::new(tenant, alias.as_deref(), &wanted, progress))
        .collect();
    let read = join_all(readers.iter().map(|reader| reader.everything(with_jobs))).await;
    problems::all_readable(&readers)?;
    let mut snapshot = Snapshot::of(read);
    let listed = readers
        .iter()
        .flat_map(|reader| lock(&reader.configurations).clone());
    wanted.narrow(&mut snapshot, &listed.collect::<Vec<_>>())?;
    names::complete(&readers, &mut snapshot).await;
    for (tenant, reader) in snapshot.tenants.iter_mut().zip(&readers) {
        tenant.missing = reader.missing();
        reader.finish(tenant);
    }
    Ok(snapshot)
}

/// Reads one tenant.
struct Reader<'a, 't> {
    tenant: &'a Tenant,
    alias: Option<&'a str>,
    wanted: &'a Wanted,
    progress: &'a Progress<'t>,
    bar: Bar,
    turns: Semaphore,
    turns_in_collections: Semaphore,
    problems: Mutex<Vec<Problem>>,
    /// All configurations by ID and name, whether they are exported or not.
    configurations: Mutex<Vec<(String, String)>>,
    /// Whether Graph has answered at all, even with an empty response.
    answered: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a, 't> Reader<'a, 't> {
    fn new(
        tenant: &'a Tenant,
        alias: Option<&'a str>,
        wanted: &'a Wanted,
        progress: &'a Progress<'t>,
    ) -> Self {
        Self {
            tenant,
            alias,
            wanted,
            progress,
            bar: progress.bar(&format!("{} {}", tenant.role(), tenant.id())),
            turns: Semaphore::new(AT_A_TIME),
            turns_in_collections: Semaphore::new(OF_A_COLLECTION),
            problems: Mutex::default(),
            configurations: Mutex::default(),
            answered: AtomicBool::new(false),
        }
    }

    /// Reads everything that is selected, except the names of referenced objects.
    async fn everything(&self, with_jobs: bool) -> TenantSnapshot {
        let mut tenant = TenantSnapshot {
            tenant_id: self.tenant.id().to_owned(),
            alias: self.alias.map(str::to_owned),
            provider: self.tenant.arguments(),
            ..TenantSnapshot::default()
        };
        let (settings, (partners, named), synchronization, organization) = tokio::join!(
            self.settings(),
            self.partners(),
            self.synchronization(with_jobs),
            self.organization(),
        );
        tenant.objects = [settings, partners, synchronization.objects, organization].concat();
        tenant.partners = named;
        tenant.jobs = synchronization.jobs;
        tenant.principals = synchronization.principals;
        // A user who is assigned to two configurations is read once.
        let mut seen = BTreeSet::new();
        tenant
            .objects
            .retain(|object| seen.insert((object.type_name.clone(), object.import_id.clone())));
        tenant.objects.sort_by_cached_key(|object| {
            (
                exported_types::place(name_of(object)),
                object.display_name.clone(),
                object.import_id.clone(),
            )
        });
        tenant
    }

    fn finish(&self, tenant: &TenantSnapshot) {
        let name = tenant.display_name.as_deref().unwrap_or(&tenant.tenant_id);
        self.bar.finish();
        self.progress.note(&format!(
            "{}: {} found",
            crate::terminal::printable(name),
            counted(tenant.objects.len(), "object", "objects")
        ));
    }

    /// Waits until one more object of a type may be read.
    async fn turn(&self, name: &str) -> Result<SemaphorePermit<'_>, AcquireError> {
        if IN_COLLECTIONS.contains(&name) {
            self.turns_in_collections.acquire().await
        } else {
            self.turns.acquire().await
        }
    }

    /// The settings that every tenant has once, if they differ from the defaults.
    async fn settings(&self) -> Vec<Object> {
        let settings = settings_of_tenants().filter(|name| self.wanted.has(name));
        let read =
            settings.map(|name| self.object(name, self.tenant.id().to_owned(), Called::default()));
        join_all(read).await.into_iter().flatten().collect()
    }

    /// The organization if this tenant is its first owner, or the membership if the tenant joined one.
    async fn organization(&self) -> Vec<Object> {
        let own = || self.tenant.id().to_owned();
        let kinds =
            ["", "_tenant", "_join_request"].map(|rest| format!("multi_tenant_organization{rest}"));
        let [organization, member, request] = kinds.each_ref().map(String::as_str);
        if !self.wanted.has_any(&[organization, member, request]) {
            return Vec::new();
        }
        // A tenant that has joined sees the organization too, but does not manage it.
        let joined = self.object(request, own(), Called::default()).await;
        if joined.is_some() {
            return joined
                .into_iter()
                .filter(|_| self.wanted.has(request))
                .collect();
        }
        let Some(mut owned) = self.object(organization, own(), Called::default()).await else {
            return Vec::new();
        };
        owned.display_name = called(&owned);
        let mut objects: Vec<Object> = Some(owned)
            .into_iter()
            .filter(|_| self.wanted.has(organization))
            .collect();
        if self.wanted.has(member) {
            let listed = self.list(member, &[]).await;
            let read = listed.iter().filter_map(|one| {
                let id = json::text(&one.object, "member_tenant_id")?;
                Some(self.object(member, id, Called::default()))
            });
            for mut one in join_all(read).await.into_iter().flatten() {
                one.display_name = called(&one);
                objects.push(one);
            }
        }
        objects
    }

    /// Everything that a list resource of the provider returns; empty if it cannot be listed.
    async fn list(&self, name: &str, arguments: &[(&str, Value)]) -> Vec<ListEntry> {
        let _turn = self.turns.acquire().await;
        let type_name = format!("{PREFIX}_{name}");
        let listings = self.tenant.provider().list_resources();
        let Some(listing) = listings
            .iter()
            .find(|listing| listing.type_name() == type_name)
        else {
            self.record_problem(
                name,
                None,
                "The provider does not have this list. Please report this.",
            );
            return Vec::new();
        };
        let mut config = listing.schema().empty_object();
        for (argument, value) in arguments {
            config.set_member(argument, value.clone());
        }
        let found = Collector::default();
        let request = ListRequest {
            config,
            whole_objects: false,
            limit: usize::MAX,
        };
        let said = listing.list(request, &found).await;
        if has_errors(&said) {
            self.record_problem(name, None, &error_texts(&said));
        } else {
            self.answered.store(true, Ordering::Relaxed);
        }
        found.into_entries()
    }

    /// Reads a data source.
    async fn look_up(&self, name: &str, arguments: &[(&str, Value)]) -> Result<Value, Failure> {
        let _turn = self.turns.acquire().await;
        self.tenant.read(name, arguments).await
    }
}

/// The name of an object and of its parent.
#[derive(Clone, Debug, Default)]
struct Called {
    name: Option<String>,
    configuration: Option<String>,
}

/// The name in an object's own attributes.
fn called(object: &Object) -> Option<String> {
    let name = object.state.get("display_name")?;
    name.as_str().map(str::to_owned)
}
