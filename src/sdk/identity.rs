//! The identity of a resource's objects, derived from its import ID: what an `import` block may say instead of one.

use super::managed::Managed;
use super::verbs::Facts;
use terraform::{
    self, Attribute, Diagnostic, Diagnostics, Identity, IdentityAttribute, Path, Value,
};

/// The tenant that an object lives in, where that is not what it is all about.
const TENANT: &str = "tenant_id";

/// What identifies the objects of a resource, whose attributes these are; nothing where they are not imported.
pub fn declared(facts: &Facts, attributes: &[Attribute]) -> Option<Identity> {
    let mut names = match facts.identity {
        [] => named(facts.import.first().copied().unwrap_or_default()),
        names => names.to_vec(),
    };
    let dispensable = dispensable(&names, facts.import);
    let mut required = names.clone();
    required.retain(|name| !dispensable.contains(name));
    let has_tenant = attributes.iter().any(|attribute| attribute.name == TENANT);
    if !names.is_empty() && has_tenant && !names.contains(&TENANT) {
        names.insert(0, TENANT);
    }
    let attributes: Vec<_> = names
        .iter()
        .filter_map(|name| attributes.iter().find(|attribute| attribute.name == *name))
        .map(|attribute| IdentityAttribute {
            // Tenants are GUIDs, but one that is read-only is not checked.
            caseless: attribute.rules.caseless || attribute.name == TENANT,
            // What is listed on purpose and not needed by every form excludes each other.
            alternative: !facts.identity.is_empty() && dispensable.contains(&attribute.name),
            ..IdentityAttribute::from(attribute, required.contains(&attribute.name))
        })
        .collect();
    (!attributes.is_empty()).then_some(Identity {
        version: facts.identity_version,
        attributes,
    })
}

/// Those of an identity's attributes that a shorter form of the import ID does without: the provider finds out what they are.
///
/// A form that names nothing at all is of something that a tenant has once, and no shorter form of anything.
pub fn dispensable<'n>(names: &[&'n str], forms: &[&'n str]) -> Vec<&'n str> {
    let shorter: Vec<Vec<&str>> = forms
        .iter()
        .map(|form| named(form))
        .filter(|form| !form.is_empty() && form.iter().all(|name| names.contains(name)))
        .collect();
    let lacks = |name: &&str| shorter.iter().any(|form| !form.contains(name));
    names.iter().copied().filter(lacks).collect()
}

/// The attributes in a form of an import ID.
pub fn named(form: &str) -> Vec<&str> {
    form.split('<')
        .skip(1)
        .filter_map(|part| part.split('>').next())
        .collect()
}

impl Managed {
    /// The object that an identity names: what identifies it set, everything else null.
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
            // There is no path into an identity, and the object is not written down yet.
            let pathless = |diagnostic| Diagnostic {
                path: None,
                ..diagnostic
            };
            Err(found.into_iter().map(pathless).collect())
        }
    }

    /// A stored identity in the current version. An attribute that it did not have yet is the provider's tenant or null, and the
    /// next read completes it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attributes_of_a_form_are_found() {
        assert_eq!(named("<a>/<b>"), ["a", "b"]);
        assert_eq!(named("<a>"), ["a"]);
        assert!(named("").is_empty());
    }

    #[test]
    fn what_a_shorter_form_does_without_is_not_required() {
        let lacking = |forms: &[&'static str]| dispensable(&named(forms[0]), forms);
        assert_eq!(lacking(&["<a>/<b>", "/x/<a>/y/<b>", "/x/<a>"]), ["b"]);
        assert!(lacking(&["<a>/<b>", "<a>/<c>"]).is_empty(), "another name");
        assert!(lacking(&["<a>", "<a>/<b>"]).is_empty(), "a longer form");
        assert!(lacking(&["<a>", "/x"]).is_empty(), "the only one there is");
    }
}
