//! Objects that are looked up by data sources instead of being written as IDs: tenants, users and groups. Only referenced objects are
//! looked up.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::provider;
use crate::export::document::{Block, Expression};
use crate::export::labels::{Nameless, chosen};
use crate::snapshot::{Partner, Principal, PrincipalKind, Snapshot, TenantSnapshot};
use sdk::PREFIX;

/// The number of a tenant and the ID of an object in it.
type Key = (usize, String);

/// The objects that can be referenced.
pub(super) struct Directory<'a> {
    snapshot: &'a Snapshot,
    tenants: BTreeMap<Key, (&'a Partner, String)>,
    principals: BTreeMap<Key, (&'a Principal, String)>,
    used: RefCell<Used>,
}

/// The objects that have been referenced.
#[derive(Default)]
struct Used {
    tenants: BTreeSet<Key>,
    principals: BTreeSet<Key>,
    /// Sets of users, by the name of the data source.
    users: BTreeMap<(usize, String), Vec<String>>,
}

impl<'a> Directory<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            tenants: tenants(snapshot),
            principals: principals(snapshot),
            used: RefCell::default(),
        }
    }

    /// The name of another tenant.
    pub(super) fn tenant_name(&self, tenant: usize, id: &str) -> Option<&'a str> {
        let (partner, _) = self.tenants.get(&(tenant, id.to_lowercase()))?;
        partner.display_name.as_deref()
    }

    /// The name of a user, group or service principal.
    pub(super) fn principal_name(&self, tenant: usize, id: &str) -> Option<&'a str> {
        let (principal, _) = self.principals.get(&(tenant, id.to_lowercase()))?;
        principal.display_name.as_deref()
    }

    /// The lookup of another tenant's ID, if it can be found by its domain name.
    pub(super) fn tenant(&self, tenant: usize, id: &str) -> Option<Expression> {
        let key = (tenant, id.to_lowercase());
        let (partner, label) = self.tenants.get(&key)?;
        partner.domain_name.as_ref()?;
        self.used.borrow_mut().tenants.insert(key);
        Some(Expression::Reference(format!(
            "data.{PREFIX}_tenant.{label}.tenant_id"
        )))
    }

    /// The lookup of a user's or group's ID, if it can be found by its name.
    pub(super) fn principal(&self, tenant: usize, id: &str) -> Option<Expression> {
        let key = (tenant, id.to_lowercase());
        let (principal, label) = self.principals.get(&key)?;
        principal.unique_name.as_ref()?;
        let kind = data_source(principal.kind)?;
        self.used.borrow_mut().principals.insert(key);
        Some(Expression::Reference(format!(
            "data.{PREFIX}_{kind}.{label}.id"
        )))
    }

    /// The sign-in name of a user, if it is known.
    pub(super) fn sign_in_name(&self, tenant: usize, id: &str) -> Option<&'a str> {
        let (principal, _) = self.principals.get(&(tenant, id.to_lowercase()))?;
        let is_user = principal.kind == PrincipalKind::User;
        principal.unique_name.as_deref().filter(|_| is_user)
    }

    /// The lookup of several users' IDs by their sign-in names.
    pub(super) fn users(&self, tenant: usize, label: &str, names: Vec<String>) -> Expression {
        let key = (tenant, label.to_owned());
        self.used.borrow_mut().users.insert(key, names);
        Expression::Reference(format!("data.{PREFIX}_users.{label}.ids"))
    }

    /// The data sources for everything that was referenced: tenants, then users and groups.
    pub(super) fn used(&self) -> (Vec<Block>, Vec<Block>) {
        let used = self.used.borrow();
        let tenants = used.tenants.iter().filter_map(|key| self.tenant_block(key));
        let principals = used.principals.iter();
        let principals = principals.filter_map(|key| self.principal_block(key));
        let sets = used.users.iter().map(|((tenant, label), names)| {
            let names = Expression::list(names.iter().map(Expression::text));
            self.block(*tenant, "users", label, ("user_principal_names", names))
        });
        let mut principals: Vec<Block> = principals.chain(sets).collect();
        principals.sort_by_key(|block| {
            (
                block.labels.first() != Some(&format!("{PREFIX}_group")),
                block.labels.clone(),
            )
        });
        (tenants.collect(), principals)
    }

    fn tenant_block(&self, key: &Key) -> Option<Block> {
        let (partner, label) = self.tenants.get(key)?;
        let domain = Expression::text(partner.domain_name.as_deref()?);
        let block = self.block(key.0, "tenant", label, ("domain_name", domain));
        Some(Block {
            comment: partner.display_name.clone(),
            ..block
        })
    }

    fn principal_block(&self, key: &Key) -> Option<Block> {
        let (principal, label) = self.principals.get(key)?;
        let name = Expression::text(principal.unique_name.as_deref()?);
        let argument = match principal.kind {
            PrincipalKind::User => "user_principal_name",
            _ => "display_name",
        };
        Some(self.block(key.0, data_source(principal.kind)?, label, (argument, name)))
    }

    fn block(&self, tenant: usize, kind: &str, label: &str, argument: (&str, Expression)) -> Block {
        let mut arguments: Vec<_> = provider(&self.snapshot.tenants[tenant])
            .into_iter()
            .collect();
        arguments.push((argument.0.to_owned(), argument.1));
        Block {
            kind: "data",
            labels: vec![format!("{PREFIX}_{kind}"), label.to_owned()],
            arguments,
            ..Block::default()
        }
    }
}

/// The data source that finds one principal of this kind.
fn data_source(kind: PrincipalKind) -> Option<&'static str> {
    match kind {
        PrincipalKind::User => Some("user"),
        PrincipalKind::Group => Some("group"),
        PrincipalKind::ServicePrincipal => None,
    }
}

fn tenants(snapshot: &Snapshot) -> BTreeMap<Key, (&Partner, String)> {
    let all = each(snapshot, |tenant| &tenant.partners);
    let names = all.iter().map(|(tenant, partner)| Nameless {
        space: "tenant".to_owned(),
        family: "tenant",
        name: partner.display_name.clone().unwrap_or_default(),
        otherwise: format!(
            "tenant {}",
            partner.domain_name.as_deref().unwrap_or_default()
        ),
        side: snapshot.tenants[*tenant].alias.clone(),
    });
    let names: Vec<Nameless> = names.collect();
    let labeled = all.into_iter().zip(chosen(&names));
    labeled
        .map(|((tenant, partner), label)| {
            ((tenant, partner.tenant_id.to_lowercase()), (partner, label))
        })
        .collect()
}

fn principals(snapshot: &Snapshot) -> BTreeMap<Key, (&Principal, String)> {
    let all = each(snapshot, |tenant| &tenant.principals);
    let names = all.iter().map(|(tenant, principal)| {
        let kind = data_source(principal.kind).unwrap_or("principal");
        let name = principal
            .display_name
            .clone()
            .or_else(|| principal.unique_name.clone());
        Nameless {
            space: kind.to_owned(),
            family: kind,
            name: name.unwrap_or_default(),
            otherwise: format!(
                "{kind} {}",
                principal.id.chars().take(8).collect::<String>()
            ),
            side: snapshot.tenants[*tenant].alias.clone(),
        }
    });
    let names: Vec<Nameless> = names.collect();
    let labeled = all.into_iter().zip(chosen(&names));
    labeled
        .map(|((tenant, principal), label)| {
            ((tenant, principal.id.to_lowercase()), (principal, label))
        })
        .collect()
}

/// Flattens a list per tenant into pairs with the number of the tenant.
fn each<'a, T>(
    snapshot: &'a Snapshot,
    of: impl Fn(&'a TenantSnapshot) -> &'a Vec<T>,
) -> Vec<(usize, &'a T)> {
    let mut all = Vec::new();
    for (number, tenant) in snapshot.tenants.iter().enumerate() {
        all.extend(of(tenant).iter().map(|one| (number, one)));
    }
    all
}
