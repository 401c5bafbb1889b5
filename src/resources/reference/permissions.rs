//! The permissions behind a resource's calls, as a table.

use std::fmt::Write;

use crate::graph::access::{self, Access};

const OWNED: &str = "`Application.ReadWrite.OwnedBy` reaches only applications that the signed-in application owns; for others, for \
                     example one made in the portal, `Application.ReadWrite.All` is needed.\n\n";

/// The section of a page about `calls`, given as (method, path template).
pub(super) fn section(calls: &[(&str, &str)]) -> String {
    let mut text = String::from(
        "## API Permissions\n\nFor each call, the least privileged application permission that Microsoft publishes for it, and \
         the directory role that a person signed in with the Azure CLI needs instead.\n\n\
         | Application permission | Directory role | Calls |\n|---|---|---|\n",
    );
    let rows = rows(calls);
    for (needs, calls) in &rows {
        let permissions: Vec<String> = needs
            .permission
            .split(" and ")
            .map(|permission| format!("`{permission}`"))
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            permissions.join(" and "),
            needs.role,
            calls.join("<br>")
        );
    }
    text += "\n";
    if rows
        .iter()
        .any(|(needs, _)| needs.permission.contains("OwnedBy"))
    {
        text += OWNED;
    }
    text
}

/// The distinct needs of `calls`, each with its calls.
fn rows(calls: &[(&str, &str)]) -> Vec<(&'static Access, Vec<String>)> {
    let mut rows: Vec<(&Access, Vec<String>)> = Vec::new();
    for (method, path) in calls {
        let Some(needs) = access::needed(method, path) else {
            continue;
        };
        let call = format!("`{method} {path}`");
        let same = rows
            .iter_mut()
            .find(|(other, _)| (other.permission, other.role) == (needs.permission, needs.role));
        match same {
            Some((_, calls)) => calls.push(call),
            None => rows.push((needs, vec![call])),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{CrossTenant, provider};
    use crate::terraform::Provider;

    #[test]
    fn every_call_has_a_known_need() {
        let served = CrossTenant::default();
        let resources = served
            .resources()
            .into_iter()
            .map(|one| (true, one.type_name().to_owned()));
        let sources = served
            .data_sources()
            .into_iter()
            .map(|one| (false, one.type_name().to_owned()));
        for (is_resource, type_name) in resources.chain(sources) {
            let calls = provider::calls(is_resource, super::super::short(&type_name));
            assert!(!calls.is_empty(), "{type_name} makes no calls");
            for (method, path) in calls {
                assert!(
                    access::needed(method, path).is_some(),
                    "{type_name}: {method} {path}"
                );
            }
        }
    }

    #[test]
    fn equal_needs_share_a_row() {
        let text = section(&[
            ("POST", "/policies/crossTenantAccessPolicy/partners"),
            ("GET", "/policies/crossTenantAccessPolicy/partners/{id}"),
            ("DELETE", "/policies/crossTenantAccessPolicy/partners/{id}"),
        ]);
        assert_eq!(
            text.matches("`Policy.ReadWrite.CrossTenantAccess`").count(),
            1
        );
        assert!(text.contains(
            "| `Policy.ReadWrite.CrossTenantAccess` | Security Administrator | `POST /policies/crossTenantAccessPolicy/partners`<br>`DELETE "
        ));
        assert!(text.contains("| `Policy.Read.All` | Security Reader |"));
    }
}
