//! Objects that are identified by an identity, and identities that an earlier version stored.

use super::Managed;
use crate::identity::TENANT;
use terraform::{self, Diagnostic, Diagnostics, Path, Value};

impl Managed {
    /// Returns the object of an identity: the identifying attributes set, everything else null.
    pub fn named_by(&self, identity: &Value) -> Result<Value, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut object = self.declared().empty_object();
        for attribute in self
            .declared_identity()
            .into_iter()
            .flat_map(|it| &it.attributes)
        {
            let value = identity.member(attribute.name);
            if value.is_null() && attribute.required {
                let detail = format!("The identity must have a `{}`.", attribute.name);
                found.push(Diagnostic::error("Incomplete identity", detail));
            }
            found.extend(self.unfit(attribute.name, value));
            object.set_member(attribute.name, value.clone());
        }
        found.extend(self.same_tenant(&object).err());
        if found.is_empty() {
            Ok(object)
        } else {
            // An identity has no path, and the object is not in the configuration yet.
            let pathless = |diagnostic| Diagnostic {
                path: None,
                ..diagnostic
            };
            Err(found.into_iter().map(pathless).collect())
        }
    }

    /// Upgrades a stored identity to the current version. A new attribute gets the provider's tenant or null, and the next read completes
    /// it.
    pub fn upgraded_identity(
        &self,
        version: i64,
        mut identity: Value,
    ) -> Result<Value, Diagnostics> {
        if version > self.facts().identity_version {
            let detail = format!(
                "The state holds version {version} of the identity of {}, this provider writes version {}. Use the provider \
                 version that wrote it.",
                terraform::Resource::type_name(self),
                self.facts().identity_version
            );
            return Err(vec![Diagnostic::error(
                "Unsupported identity version",
                detail,
            )]);
        }
        if identity.member(TENANT).is_null()
            && let (Some(tenant_id), Value::Object(_)) = (self.own_tenant(), &identity)
        {
            identity.set_member(TENANT, tenant_id.into());
        }
        Ok(identity)
    }

    fn unfit(&self, name: &str, value: &Value) -> Option<Diagnostic> {
        let attribute = self.declared().attribute(name)?;
        let mut checks = attribute.rules.checks.iter();
        let expected = checks.find_map(|check| check.violation(value))?;
        let detail = format!("The identity's `{name}` must be {expected}.");
        Some(Diagnostic::error("Invalid identity", detail).at(Path::root(name)))
    }
}
