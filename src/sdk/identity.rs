//! The identity of a resource's objects, which an `import` block can contain instead of an ID. Derived from the import ID.

use super::facts::Facts;
use terraform::{Attribute, Identity, IdentityAttribute};

/// The attribute for the tenant of an object.
pub(crate) const TENANT: &str = "tenant_id";

/// Returns the names of the attributes that identify an object of a tenant.
pub fn names(facts: &Facts) -> Vec<&'static str> {
    match facts.identity {
        [] => named(facts.import.first().copied().unwrap_or_default()),
        names => names.to_vec(),
    }
}

/// Returns the identity of a resource with these attributes; `None` if its objects cannot be imported.
pub fn declared(facts: &Facts, attributes: &[Attribute]) -> Option<Identity> {
    let mut names = names(facts);
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
            // Tenants are GUIDs, but a read-only tenant attribute has no check.
            caseless: attribute.rules.caseless || attribute.name == TENANT,
            // Explicitly declared attributes that are not in every form exclude each other.
            alternative: !facts.identity.is_empty() && dispensable.contains(&attribute.name),
            ..IdentityAttribute::from(attribute, required.contains(&attribute.name))
        })
        .collect();
    (!attributes.is_empty()).then_some(Identity {
        version: facts.identity_version,
        attributes,
    })
}

/// Returns the attributes of an identity that a shorter form of the import ID omits. The provider looks them up.
///
/// A form without attributes belongs to an object that a tenant has exactly once, and is not a shorter form of another one.
pub fn dispensable<'n>(names: &[&'n str], forms: &[&'n str]) -> Vec<&'n str> {
    let shorter: Vec<Vec<&str>> = forms
        .iter()
        .map(|form| named(form))
        .filter(|form| !form.is_empty() && form.iter().all(|name| names.contains(name)))
        .collect();
    let lacks = |name: &&str| shorter.iter().any(|form| !form.contains(name));
    names.iter().copied().filter(lacks).collect()
}

/// Returns the attribute names in a form of an import ID.
pub fn named(form: &str) -> Vec<&str> {
    form.split('<')
        .skip(1)
        .filter_map(|part| part.split('>').next())
        .collect()
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
