//! A plan that a resource may still adjust or reject.

use terraform::{Diagnostic, Diagnostics, Path, Value};

/// A plan that a resource may still adjust.
pub struct Change<'a> {
    /// The provider's tenant.
    pub tenant_id: &'a str,
    /// The object as it is; null where there is none.
    pub prior: &'a Value,
    /// The configuration; null to destroy.
    pub config: &'a Value,
    /// The object as it would be; null to destroy.
    pub planned: &'a mut Value,
    /// The attributes whose change would make another object of it.
    pub requires_replace: &'a mut Vec<Path>,
    /// What the user should know.
    pub diagnostics: &'a mut Diagnostics,
}

impl Change<'_> {
    /// Whether the object is to be destroyed.
    #[must_use]
    pub fn is_destroy(&self) -> bool {
        self.planned.is_null()
    }

    /// Reports that the tenant in `attribute` must be another one than the provider's. `side` is the tenant of the pair that the
    /// resource belongs in, where there is only one: then the value is right and the provider configuration is not.
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
