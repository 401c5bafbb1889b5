//! The configurations of a source tenant and their jobs.

use std::sync::{Mutex, PoisonError};

use super::json::text;
use super::{Failure, Tenant};
use sdk::PREFIX;
use terraform::{BoxFuture, ListEntry, ListRequest, ListSink, Provider as _, Value, has_errors};

/// A configuration for cross-tenant synchronization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Configuration {
    /// Object ID of its service principal.
    pub(super) id: String,
    /// Its display name. Names are not necessarily unique.
    pub(super) name: String,
}

/// A job of a configuration.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// Its ID.
    pub(super) id: String,
    /// The tenant it synchronizes to, if it is set.
    pub(super) target_tenant_id: Option<String>,
    /// `assigned` or `all`.
    pub(super) scope: Option<String>,
    /// Whether it is started.
    pub(super) enabled: Option<bool>,
}

/// The configurations of a tenant that are `wanted`, by name or ID; all of them if none is given.
///
/// # Errors
///
/// If they cannot be listed, or if one that is wanted does not exist.
pub(super) async fn configurations(
    tenant: &Tenant,
    wanted: &[String],
) -> Result<Vec<Configuration>, Failure> {
    let found = tenant.read("synchronization_configurations", &[]).await?;
    let found: Vec<Configuration> = found
        .member("configurations")
        .as_elements()
        .into_iter()
        .flatten()
        .filter_map(|one| {
            let id = text(one, "service_principal_id")?;
            let name = text(one, "display_name").unwrap_or_else(|| id.clone());
            Some(Configuration { id, name })
        })
        .collect();
    chosen(found, wanted, tenant)
}

fn chosen(
    found: Vec<Configuration>,
    wanted: &[String],
    tenant: &Tenant,
) -> Result<Vec<Configuration>, Failure> {
    let is_meant = |one: &Configuration, wanted: &String| {
        one.name == *wanted || one.id.eq_ignore_ascii_case(wanted)
    };
    let missing = wanted
        .iter()
        .find(|wanted| !found.iter().any(|one| is_meant(one, wanted)));
    if let Some(missing) = missing {
        let there: Vec<String> = found.iter().map(|one| format!("{:?}", one.name)).collect();
        let there = match there.len() {
            0 => "It has none.".to_owned(),
            _ => format!("It has {}.", there.join(", ")),
        };
        return Err(Failure::new(format!(
            "The {} {} has no configuration for cross-tenant synchronization with the name or object ID {missing:?}.\n\n{there} \
             Names must be written exactly as in the portal. IDs are object IDs of the service principal (enterprise \
             application).",
            tenant.role(),
            tenant.id()
        )));
    }
    let is_chosen = |one: &Configuration| {
        wanted.is_empty() || wanted.iter().any(|wanted| is_meant(one, wanted))
    };
    Ok(found.into_iter().filter(is_chosen).collect())
}

/// The jobs of a configuration, with their settings.
///
/// # Errors
///
/// If they cannot be listed or read.
pub(super) async fn jobs(
    tenant: &Tenant,
    configuration: &Configuration,
) -> Result<Vec<Job>, Failure> {
    let found = list(
        tenant,
        "provisioning_job",
        &[("service_principal_id", configuration.id.as_str().into())],
        true,
    )
    .await?;
    let job = |entry: &ListEntry| {
        Some(Job {
            id: text(&entry.object, "id")?,
            target_tenant_id: text(&entry.object, "target_tenant_id").filter(|id| !id.is_empty()),
            scope: text(&entry.object, "scope"),
            enabled: entry.object.member("enabled").as_bool(),
        })
    };
    Ok(found.iter().filter_map(job).collect())
}

/// The identity and the name of every object of a resource type.
///
/// # Errors
///
/// The diagnostics of the list.
pub(super) async fn names(
    tenant: &Tenant,
    name: &str,
    arguments: &[(&str, Value)],
) -> Result<Vec<(Value, String)>, Failure> {
    let found = list(tenant, name, arguments, false).await?;
    let named = found.into_iter();
    Ok(named.map(|one| (one.object, one.display_name)).collect())
}

/// Every object of a resource type, as `terraform query` would list them.
async fn list(
    tenant: &Tenant,
    name: &str,
    arguments: &[(&str, Value)],
    whole_objects: bool,
) -> Result<Vec<ListEntry>, Failure> {
    let type_name = format!("{PREFIX}_{name}");
    let doing = format!(
        "Listing {type_name} in the {} {}",
        tenant.role(),
        tenant.id()
    );
    let lists = tenant.provider().list_resources();
    let mut lists = lists.into_iter();
    let list = lists.find(|list| list.type_name() == type_name);
    let list = list.ok_or_else(|| Failure::new(format!("{doing}: there is no such list")))?;
    let mut config = list.schema().empty_object();
    for (argument, value) in arguments {
        config.set_member(argument, value.clone());
    }
    let collector = Collector::default();
    let request = ListRequest {
        config,
        whole_objects,
        limit: usize::MAX,
    };
    let said = list.list(request, &collector).await;
    if has_errors(&said) {
        return Err(Failure::said(&doing, tenant.id(), &said));
    }
    let found = collector.into_entries();
    match found.iter().find(|one| has_errors(&one.diagnostics)) {
        Some(one) => Err(Failure::said(&doing, tenant.id(), &one.diagnostics)),
        None => Ok(found),
    }
}

/// Collects all entries.
#[derive(Default)]
pub(super) struct Collector(Mutex<Vec<ListEntry>>);

impl Collector {
    /// All collected entries.
    pub(super) fn into_entries(self) -> Vec<ListEntry> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ListSink for Collector {
    fn take(&self, entry: ListEntry) -> BoxFuture<'_, bool> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push(entry);
        Box::pin(std::future::ready(true))
    }
}
