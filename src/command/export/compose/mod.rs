//! Converts a snapshot to a configuration: the file of each object, its name, and its references. No I/O.

mod blocks;
mod directory;

use std::collections::HashMap;

use super::document::{Block, Document, Expression, File};
use super::exported_types::{
    EXPORTED_TYPES, FILES, IMPORTS, PRINCIPALS, PROVIDERS, TENANTS, place,
};
use super::labels::{Nameless, chosen};
use super::relations::{name_of, partner_of, principal_of};
use crate::snapshot::{Object, Snapshot, TenantSnapshot};
use directory::Directory;
use sdk::PREFIX;

/// The configuration of everything in the snapshot.
pub(super) fn document(snapshot: &Snapshot) -> Document {
    let composer = Composer::new(snapshot);
    let mut blocks: HashMap<&'static str, Vec<Block>> = HashMap::new();
    for entry in &composer.entries {
        let file = EXPORTED_TYPES[entry.place].file;
        blocks
            .entry(file)
            .or_default()
            .push(composer.resource(entry));
        blocks.entry(IMPORTS).or_default().push(import(entry));
    }
    blocks.insert(PROVIDERS, providers(snapshot));
    let (tenants, principals) = composer.directory.used();
    blocks.insert(TENANTS, tenants);
    blocks.insert(PRINCIPALS, principals);
    let files = FILES.iter().filter_map(|(name, about)| {
        let blocks = blocks.remove(name).filter(|blocks| !blocks.is_empty())?;
        Some(File {
            name,
            about,
            blocks,
        })
    });
    Document {
        files: files.collect(),
    }
}

/// An object that is being added to the configuration.
struct Entry<'a> {
    /// The number of its tenant.
    tenant: usize,
    object: &'a Object,
    /// Its type without the provider's prefix.
    name: &'static str,
    /// The index of the type in [`EXPORTED_TYPES`].
    place: usize,
    label: String,
}

impl Entry<'_> {
    fn address(&self) -> String {
        format!("{}.{}", self.object.type_name, self.label)
    }
}

struct Composer<'a> {
    snapshot: &'a Snapshot,
    /// In the order of the output.
    entries: Vec<Entry<'a>>,
    /// Entries by tenant, type and the ID with which other objects refer to them.
    by_key: HashMap<(usize, &'static str, String), usize>,
    directory: Directory<'a>,
}

impl<'a> Composer<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let directory = Directory::new(snapshot);
        let mut entries = Vec::new();
        for (tenant, of) in snapshot.tenants.iter().enumerate() {
            entries.extend(of.objects.iter().filter_map(|object| entry(tenant, object)));
        }
        let nameless: Vec<Nameless> = entries
            .iter()
            .map(|entry| nameless(&snapshot.tenants[entry.tenant], entry, &directory))
            .collect();
        for (entry, label) in entries.iter_mut().zip(chosen(&nameless)) {
            entry.label = label;
        }
        entries.sort_by_cached_key(|entry| {
            (
                entry.tenant,
                EXPORTED_TYPES[entry.place].file,
                group(entry, &directory),
                entry.place,
                entry.label.clone(),
            )
        });
        let by_key = entries
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| Some(((entry.tenant, entry.name, key(entry)?), at)))
            .collect();
        Self {
            snapshot,
            entries,
            by_key,
            directory,
        }
    }

    /// A reference to an attribute of the object of a type with this `id`, if it is exported.
    fn to(
        &self,
        tenant: usize,
        name: &'static str,
        id: &str,
        attribute: &str,
    ) -> Option<Expression> {
        let at = self.by_key.get(&(tenant, name, id.to_lowercase()))?;
        let address = self.entries[*at].address();
        Some(Expression::Reference(format!("{address}.{attribute}")))
    }
}

fn entry(tenant: usize, object: &Object) -> Option<Entry<'_>> {
    let place = place(name_of(object));
    Some(Entry {
        tenant,
        object,
        name: EXPORTED_TYPES.get(place)?.name,
        place,
        label: String::new(),
    })
}

/// The ID with which other objects refer to an object.
fn key(entry: &Entry<'_>) -> Option<String> {
    match entry.name {
        "partner_policy" | "trust_settings" => partner_of(entry.object),
        "synchronization_configuration" => principal_of(entry.object),
        "provisioning_job" => Some(entry.object.state.get("id")?.as_str()?.to_lowercase()),
        "multi_tenant_organization" => Some(String::new()),
        _ => None,
    }
}

/// The key by which objects are grouped in a file: the objects of one partner or of one configuration.
fn group(entry: &Entry<'_>, directory: &Directory<'_>) -> (String, String) {
    if let Some(partner) = partner_of(entry.object) {
        let name = directory.tenant_name(entry.tenant, &partner);
        return (name.unwrap_or_default().to_lowercase(), partner);
    }
    let name = entry.object.configuration.clone().unwrap_or_default();
    (
        name.to_lowercase(),
        principal_of(entry.object).unwrap_or_default(),
    )
}

fn nameless(tenant: &TenantSnapshot, entry: &Entry<'_>, directory: &Directory<'_>) -> Nameless {
    let object = entry.object;
    let short = |id: &str| id.chars().take(8).collect::<String>();
    let member = |name: &str| object.state.get(name).and_then(|id| id.as_str());
    let own = object.display_name.clone().unwrap_or_default();
    let configuration = object.configuration.clone().unwrap_or_default();
    let other = partner_of(object)
        .or_else(|| member("member_tenant_id").map(str::to_owned))
        .or_else(|| member("added_by_tenant_id").map(str::to_owned));
    let (name, otherwise) = match (entry.name, other, principal_of(object)) {
        (_, Some(id), _) => (
            directory
                .tenant_name(entry.tenant, &id)
                .unwrap_or_default()
                .to_owned(),
            format!("tenant {}", short(&id)),
        ),
        ("app_role_assignment", None, Some(_)) => (
            format!("{configuration} {own}"),
            format!(
                "assignment {}",
                short(member("principal_object_id").unwrap_or_default())
            ),
        ),
        (_, None, Some(id)) => (configuration, format!("configuration {}", short(&id))),
        ("sms_sign_in" | "multi_tenant_organization", None, None) => (own, "it".to_owned()),
        _ => (
            tenant.display_name.clone().unwrap_or_default(),
            format!("tenant {}", short(&tenant.tenant_id)),
        ),
    };
    Nameless {
        space: object.type_name.clone(),
        family: EXPORTED_TYPES[entry.place].file,
        name,
        otherwise,
        side: tenant.alias.clone(),
    }
}

fn import(entry: &Entry<'_>) -> Block {
    Block {
        kind: "import",
        arguments: vec![
            ("to".to_owned(), Expression::Address(entry.address())),
            (
                "id".to_owned(),
                Expression::text(entry.object.import_id.as_str()),
            ),
        ],
        ..Block::default()
    }
}

/// The `provider` argument of a block, if there are several provider configurations.
fn provider(tenant: &TenantSnapshot) -> Option<(String, Expression)> {
    let alias = tenant.alias.as_ref()?;
    let address = Expression::Address(format!("{PREFIX}.{alias}"));
    Some(("provider".to_owned(), address))
}

fn providers(snapshot: &Snapshot) -> Vec<Block> {
    let source = Expression::Object(vec![(
        "source".to_owned(),
        Expression::text(format!("{PREFIX}/{PREFIX}")),
    )]);
    let required = Block {
        kind: "required_providers",
        arguments: vec![(PREFIX.to_owned(), source)],
        ..Block::default()
    };
    let terraform = Block {
        kind: "terraform",
        blocks: vec![required],
        ..Block::default()
    };
    let one = |tenant: &TenantSnapshot| {
        let alias = tenant.alias.iter();
        let alias = alias.map(|alias| ("alias".to_owned(), Expression::text(alias.as_str())));
        let others = tenant.provider.iter();
        let others = others.map(|(name, value)| (name.clone(), value.into()));
        Block {
            comment: tenant.display_name.clone(),
            kind: "provider",
            labels: vec![PREFIX.to_owned()],
            arguments: alias.chain(others).collect(),
            ..Block::default()
        }
    };
    std::iter::once(terraform)
        .chain(snapshot.tenants.iter().map(one))
        .collect()
}

#[cfg(test)]
mod tests;
