//! Relations between objects, based on the IDs in them.

use crate::snapshot::{Object, Snapshot};
use sdk::PREFIX;

/// The type of an object without the provider's prefix.
pub(super) fn name_of(object: &Object) -> &str {
    let rest = object.type_name.strip_prefix(PREFIX);
    rest.and_then(|rest| rest.strip_prefix('_'))
        .unwrap_or(&object.type_name)
}

/// Whether an object is of a type, without the provider's prefix.
pub(super) fn is(object: &Object, name: &str) -> bool {
    name_of(object) == name
}

fn member(object: &Object, name: &str) -> Option<String> {
    Some(object.state.get(name)?.as_str()?.to_lowercase())
}

/// The partner to which an object belongs.
pub(super) fn partner_of(object: &Object) -> Option<String> {
    member(object, "partner_tenant_id")
}

/// The target tenant of a job.
pub(super) fn target(object: &Object) -> Option<String> {
    member(object, "target_tenant_id")
}

/// The service principal of the configuration that an object belongs to.
pub(super) fn principal_of(object: &Object) -> Option<String> {
    member(object, "service_principal_id").or_else(|| member(object, "resource_object_id"))
}

/// The number of the tenant to which the users and groups in an argument of a policy belong, if it is in the snapshot: the tenant itself
/// for outbound settings, the partner for inbound ones.
pub(super) fn home(
    snapshot: &Snapshot,
    tenant: usize,
    object: &Object,
    argument: &str,
) -> Option<usize> {
    if argument.contains("outbound") {
        return Some(tenant);
    }
    let partner = partner_of(object).filter(|_| argument.contains("inbound"))?;
    let mut tenants = snapshot.tenants.iter();
    tenants.position(|tenant| tenant.tenant_id.eq_ignore_ascii_case(&partner))
}
