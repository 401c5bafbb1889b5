//! Shared code of the two policy templates of a multitenant organization, and the explanation of their effects on partners.

use serde_json::{Value as Json, json};

use super::partner_policy::partner;
use sdk::prelude::*;

/// The levels in Terraform's and in Graph's spelling.
const LEVELS: [(&str, &str); 2] = [
    ("existing_partners", "existingPartners"),
    ("new_partners", "newPartners"),
];
const LEVEL: &str = "templateApplicationLevel";

/// Returns the rules of `template_application_level`.
pub(super) fn levels() -> terraform::Rule<Option<Set<String>>> {
    let all = LEVELS.map(|(level, _)| level.to_owned()).to_vec();
    default(Set(all)).check(Check::That(known_levels))
}

fn known_levels(levels: &Value) -> Result<(), String> {
    const KNOWN: Check = Check::OneOf(&["new_partners", "existing_partners"]);
    let elements = levels.as_elements().unwrap_or_default();
    let wrong = elements.iter().find_map(|level| KNOWN.violation(level));
    wrong.map_or(Ok(()), |expected| {
        Err(format!("a set of which each is {expected}"))
    })
}

/// Converts a body to Graph's format.
pub(super) fn body(body: &mut Json) {
    if let Some(level) = body.get_mut(LEVEL) {
        *level = to_graph(level);
    }
}

/// Converts Graph's response to the structure of the attributes.
pub(super) fn answer(answer: &Json) -> Json {
    let mut answer = answer.clone();
    answer[LEVEL] = from_graph(answer[LEVEL].as_str().unwrap_or_default());
    answer
}

/// Converts several levels to one string.
fn to_graph(levels: &Json) -> Json {
    let chosen = levels.as_array().into_iter().flatten();
    let names: Vec<&str> = chosen
        .filter_map(|level| LEVELS.iter().find(|(ours, _)| level == ours))
        .map(|(_, graph)| *graph)
        .collect();
    match names.as_slice() {
        [] => json!("none"),
        names => json!(names.join(",")),
    }
}

fn from_graph(levels: &str) -> Json {
    let chosen = levels.split(',').map(str::trim);
    let names = chosen.filter_map(|level| LEVELS.iter().find(|(_, graph)| level == *graph));
    names.map(|(ours, _)| json!(ours)).collect()
}

/// Warns that `attribute` of a partner's settings was probably changed by the multitenant organization, if both tenants are in one. If that
/// cannot be determined, there is no warning.
pub(super) async fn explain(
    context: &Context,
    partner_tenant_id: &str,
    attribute: &str,
    template: &str,
) -> Option<Diagnostic> {
    let found = context.graph.get(&partner(partner_tenant_id)).await;
    if found.ok()??["isInMultiTenantOrganization"] != true {
        return None;
    }
    let detail = format!(
        "`{attribute}` for the partner {partner_tenant_id} in tenant {} differs from the applied value. Both tenants \
        belong to a multitenant organization. Its templates and its page in the Microsoft 365 admin center change such \
        settings, usually when a tenant joins. Either set the new value in the configuration, or apply to restore the \
        configured value. To prevent further changes in this tenant, remove `existing_partners` from \
        `template_application_level` of `{template}`.",
        context.tenant_id()
    );
    // The CLI merges warnings with the same summary.
    let summary = format!("`{attribute}` was probably changed by the multitenant organization");
    Some(Diagnostic::warning(summary, detail).at(Path::root(attribute)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_one_text_in_graph() {
        for (ours, graph) in [
            (json!([]), "none"),
            (json!(["new_partners"]), "newPartners"),
            (
                json!(["existing_partners", "new_partners"]),
                "existingPartners,newPartners",
            ),
        ] {
            assert_eq!(to_graph(&ours), graph);
            assert_eq!(from_graph(graph), ours);
        }
        assert_eq!(
            from_graph("existingPartners, newPartners"),
            json!(["existing_partners", "new_partners"])
        );
        assert_eq!(from_graph(""), json!([]));
    }

    #[test]
    fn a_level_that_does_not_exist_is_named() {
        let expected = known_levels(&Value::set(vec!["newPartners".into()])).unwrap_err();
        assert!(
            expected.contains("\"new_partners\" or \"existing_partners\", not \"newPartners\""),
            "{expected}"
        );
    }
}
