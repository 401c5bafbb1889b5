//! A planned change that a resource can adjust or reject.

use terraform::{Diagnostic, Diagnostics, Path, Value};

/// A planned change that a resource can adjust or reject.
pub struct Change<'a> {
    /// The provider's tenant.
    pub tenant_id: &'a str,
    /// The existing object; null if there is none.
    pub prior: &'a Value,
    /// The configuration; null to destroy.
    pub config: &'a Value,
    /// The planned object; null to destroy.
    pub planned: &'a mut Value,
    /// The attributes whose change replaces the object.
    pub requires_replace: &'a mut Vec<Path>,
    /// Messages for the user.
    pub diagnostics: &'a mut Diagnostics,
}

impl Change<'_> {
    /// Whether the plan destroys the object.
    #[must_use]
    pub fn is_destroy(&self) -> bool {
        self.planned.is_null()
    }

    /// Reports an error if `attribute` is the provider's own tenant. `side` is the tenant of the pair in which the resource must be
    /// configured, if it can be configured in only one: then the value is right and the provider configuration is wrong.
    pub fn forbid_own_tenant(&mut self, attribute: &str, side: Option<&str>) {
        let other = self.planned.member(attribute).as_str();
        if !other.is_some_and(|other| other.eq_ignore_ascii_case(self.tenant_id)) {
            return;
        }
        let tenant_id = self.tenant_id;
        let detail = match side {
            Some(side) => format!(
                "This provider configuration signs in to tenant {tenant_id}, which is the one in `{attribute}`. Configure this \
                 resource in the {side} tenant: set `provider` to the provider configuration that signs in to the {side} tenant, and \
                 leave `{attribute}` as it is."
            ),
            None => format!(
                "`{attribute}` must name the other tenant of the pair, but {tenant_id} is the tenant that this provider \
                 configuration signs in to. Check which provider alias this resource uses."
            ),
        };
        self.diagnostics.push(
            Diagnostic::error(
                format!("`{attribute}` is the provider's own tenant"),
                detail,
            )
            .at(Path::root(attribute)),
        );
    }
}
