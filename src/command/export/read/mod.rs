//! Reads tenants as Terraform would: lists what exists, imports each object, refreshes it and lets the provider generate its
//! configuration. Several at a time; what cannot be read is noted, and the rest goes on.

mod names;
mod object;
mod synchronization;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::join_all;
use serde_json::Value as Json;
use tokio::sync::Semaphore;

use super::kinds::{self, SETTINGS_OF_TENANTS};
use super::progress::{Bar, Progress};
use super::relations::name_of;
use super::wanted::Wanted;
use crate::command::snapshot::{Missing, Object, Snapshot, TenantSnapshot};
use crate::command::{Failure, Tenant, json};
use crate::resources::PREFIX;
use crate::terraform::{BoxFuture, Finding, ListRequest, Provider as _, Taker, Value, has_errors};

/// So many requests to one tenant are under way at a time, as many as Terraform makes itself.
const AT_A_TIME: usize = 10;

/// The tenants to be read, and how each is called in the configuration.
pub(super) type Named = Vec<(Tenant, Option<String>)>;

/// Reads all tenants.
///
/// # Errors
///
/// Where something is wanted by name that is not there.
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
    for reader in &readers {
        reader.is_readable()?;
    }
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

/// One tenant while it is read.
struct Reader<'a, 't> {
    tenant: &'a Tenant,
    alias: Option<&'a str>,
    wanted: &'a Wanted,
    progress: &'a Progress<'t>,
    bar: Bar,
    turns: Semaphore,
    problems: Mutex<Vec<Problem>>,
    /// The configurations that exist, by id and name, wanted or not.
    configurations: Mutex<Vec<(String, String)>>,
    /// Whether Graph has answered at all, be it that there is nothing.
    answered: AtomicBool,
}

/// Something that could not be read.
struct Problem {
    /// The resource type or what else it was, in words.
    kind: String,
    /// Which one.
    name: Option<String>,
    why: String,
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
            problems: Mutex::default(),
            configurations: Mutex::default(),
            answered: AtomicBool::new(false),
        }
    }

    /// Reads everything that is wanted, but for the names of what it refers to.
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
        // Who is assigned to two configurations is still one user.
        let mut seen = BTreeSet::new();
        tenant
            .objects
            .retain(|object| seen.insert((object.type_name.clone(), object.import_id.clone())));
        tenant.objects.sort_by_cached_key(|object| {
            (
                kinds::place(name_of(object)),
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
            "{}: {} objects found",
            crate::command::terminal::printable(name),
            tenant.objects.len()
        ));
    }

    /// What every tenant has once, where it is not the default.
    async fn settings(&self) -> Vec<Object> {
        let settings = SETTINGS_OF_TENANTS
            .iter()
            .filter(|name| self.wanted.has(name));
        let read =
            settings.map(|name| self.object(name, self.tenant.id().to_owned(), Called::default()));
        join_all(read).await.into_iter().flatten().collect()
    }

    /// The organization where this tenant is its first owner, or the membership where it has joined one.
    async fn organization(&self) -> Vec<Object> {
        let own = || self.tenant.id().to_owned();
        let kinds =
            ["", "_tenant", "_join_request"].map(|rest| format!("multi_tenant_organization{rest}"));
        let [organization, member, request] = kinds.each_ref().map(String::as_str);
        if !self.wanted.has_any(&[organization, member, request]) {
            return Vec::new();
        }
        // Who has joined sees the organization as well, but it is not theirs to manage.
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
        owned.display_name = owned
            .state
            .get("display_name")
            .and_then(Json::as_str)
            .map(str::to_owned);
        let mut objects: Vec<Object> = Some(owned)
            .into_iter()
            .filter(|_| self.wanted.has(organization))
            .collect();
        if self.wanted.has(member) {
            let listed = self.list(member, &[]).await;
            let read = listed.iter().filter_map(|one| {
                let id = json::text(&one.object, "member_tenant_id")?;
                Some(self.object(member, id, Called::by(&one.display_name)))
            });
            objects.extend(join_all(read).await.into_iter().flatten());
        }
        objects
    }

    /// Everything that a list of the provider offers; nothing where it cannot be listed.
    async fn list(&self, name: &str, arguments: &[(&str, Value)]) -> Vec<Finding> {
        let _turn = self.turns.acquire().await;
        let type_name = format!("{PREFIX}_{name}");
        let listings = self.tenant.provider().listings();
        let Some(listing) = listings
            .iter()
            .find(|listing| listing.type_name() == type_name)
        else {
            self.miss(
                name,
                None,
                "The provider has no such list. Please report this.",
            );
            return Vec::new();
        };
        let mut config = listing.schema().empty_object();
        for (argument, value) in arguments {
            config.set_member(argument, value.clone());
        }
        let found = Basket::default();
        let request = ListRequest {
            config,
            whole_objects: false,
            limit: usize::MAX,
        };
        let said = listing.list(request, &found).await;
        if has_errors(&said) {
            self.miss(name, None, &said_in_full(&said));
        } else {
            self.answered.store(true, Ordering::Relaxed);
        }
        found.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a data source.
    async fn look_up(&self, name: &str, arguments: &[(&str, Value)]) -> Result<Value, Failure> {
        let _turn = self.turns.acquire().await;
        self.tenant.read(name, arguments).await
    }

    fn miss(&self, kind: &str, name: Option<String>, why: &str) {
        lock(&self.problems).push(Problem {
            kind: kind.to_owned(),
            name,
            why: why.to_owned(),
        });
    }

    /// Fails where nothing at all could be read: a configuration without this tenant is not what was asked for.
    fn is_readable(&self) -> Result<(), Failure> {
        if self.answered.load(Ordering::Relaxed) {
            return Ok(());
        }
        let missing: Vec<String> = self.missing().iter().map(ToString::to_string).collect();
        Err(Failure::new(format!(
            "Nothing could be read in the {} {}, so nothing was written.\n\n{}",
            self.tenant.role(),
            self.tenant.id(),
            missing.join("\n\n")
        )))
    }

    /// What could not be read, what has the same reason together.
    fn missing(&self) -> Vec<Missing> {
        let mut by_reason: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
        for problem in lock(&self.problems).drain(..) {
            by_reason
                .entry(reason(&problem.why))
                .or_default()
                .push(problem);
        }
        let missing = by_reason.into_values().map(|problems| {
            let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for problem in &problems {
                names
                    .entry(&problem.kind)
                    .or_default()
                    .extend(problem.name.as_deref());
            }
            let what: Vec<String> = names
                .iter()
                .map(|(kind, names)| listed(kind, names))
                .collect();
            Missing {
                what: what.join(", "),
                why: problems[0].why.clone(),
            }
        });
        missing.collect()
    }
}

/// What has the same reason has the same cure: the same permission, or the same sign-in.
fn reason(why: &str) -> String {
    let permission = why.lines().find(|line| line.contains(" this call needs "));
    permission.unwrap_or(why).to_owned()
}

/// Objects of a kind, the first of them by name.
fn listed(kind: &str, names: &[&str]) -> String {
    const NAMED: usize = 5;
    let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match (shown.len(), names.len()) {
        (0, _) => format!("{PREFIX}_{kind}"),
        (some, all) if some < all => {
            format!(
                "{PREFIX}_{kind} ({} and {} more)",
                shown.join(", "),
                all - some
            )
        }
        _ => format!("{PREFIX}_{kind} ({})", shown.join(", ")),
    }
}

/// What an object is called, and what it belongs to.
#[derive(Clone, Debug, Default)]
struct Called {
    name: Option<String>,
    configuration: Option<String>,
}

impl Called {
    fn by(name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            configuration: None,
        }
    }
}

fn said_in_full(diagnostics: &[crate::terraform::Diagnostic]) -> String {
    let errors = diagnostics
        .iter()
        .filter(|one| one.severity == crate::terraform::Severity::Error);
    let texts: Vec<String> = errors
        .map(|one| match one.detail.is_empty() {
            true => one.summary.clone(),
            false => one.detail.clone(),
        })
        .collect();
    texts.join("\n")
}

/// Takes everything.
#[derive(Default)]
struct Basket(Mutex<Vec<Finding>>);

impl Taker for Basket {
    fn take(&self, finding: Finding) -> BoxFuture<'_, bool> {
        lock(&self.0).push(finding);
        Box::pin(std::future::ready(true))
    }
}
