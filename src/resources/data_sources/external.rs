//! External users: derives their user principal name in their home tenant from that in this tenant.

use serde_json::Value as Json;

use super::prelude::text;

/// The marker in user principal names of external users.
const MARK: &str = "#EXT#";

/// Whether a user's home is another tenant.
pub(super) fn is_external(user: &Json) -> bool {
    text(user, "userPrincipalName").is_some_and(|name| name.contains(MARK))
}

/// Returns the user principal name in the home tenant. `ada_contoso.example#EXT#@fabrikam.example` is `ada@contoso.example`; domain names
/// have no underscore, so the last one stands for the @. Entra truncates very long names, which then cannot be converted. The names of
/// deleted users begin with their ID.
pub(crate) fn home_name(user: &Json) -> Option<String> {
    let name = text(user, "userPrincipalName")?;
    let (local, _) = name.split_once(MARK)?;
    let id = text(user, "id").unwrap_or_default().replace('-', "");
    let local = local.strip_prefix(id.as_str()).unwrap_or(local);
    let (person, domain) = local.rsplit_once('_')?;
    let is_whole = !person.is_empty() && domain.contains('.') && !domain.ends_with('.');
    is_whole.then(|| format!("{person}@{domain}"))
}

/// Whether a user comes from a domain, according to the name in the home tenant or, if that is unknown, the email address.
pub(crate) fn comes_from(user: &Json, domain: &str) -> bool {
    let home = home_name(user).or_else(|| text(user, "mail"));
    let end = home.as_deref().and_then(|name| name.rsplit_once('@'));
    end.is_some_and(|(_, end)| end.eq_ignore_ascii_case(domain))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_name_at_home_is_read_off() {
        let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let home = |name: &str| home_name(&json!({ "id": id, "userPrincipalName": name }));
        for (here, at_home) in [
            (
                "ada_contoso.example#EXT#@fabrikam.example",
                Some("ada@contoso.example"),
            ),
            (
                "a_b_contoso.example#EXT#@fabrikam.example",
                Some("a_b@contoso.example"),
            ),
            (
                "0f8fad5bd9cb469fa16570867728950eada_contoso.example#EXT#@fabrikam.example",
                Some("ada@contoso.example"),
            ),
            ("nadia@fabrikam.example", None),
            ("cutoff_contoso#EXT#@fabrikam.example", None),
            ("nounderscore#EXT#@fabrikam.example", None),
        ] {
            assert_eq!(home(here).as_deref(), at_home, "{here}");
        }
    }

    #[test]
    fn domains_are_compared_without_case() {
        let user = json!({ "userPrincipalName": "ada_contoso.example#EXT#@fabrikam.example" });
        assert!(is_external(&user) && comes_from(&user, "Contoso.example"));
        assert!(!comes_from(&user, "toso.example"));
        let by_mail =
            json!({ "userPrincipalName": "x#EXT#@y.example", "mail": "x@contoso.example" });
        assert!(comes_from(&by_mail, "contoso.example"));
    }
}
