//! Who is in scope: assigned directly or through direct membership, internal, and past the filters.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::mapping::attribute;
use crate::emulator::rules::phone_methods::sms_sign_in;
use crate::emulator::store::Tenant;

/// Ids of the users a service principal is entitled to: everyone, or those assigned. Groups count
/// with their direct members only.
pub(super) fn entitled(tenant: &Tenant, service_principal: &str, all: bool) -> HashSet<String> {
    if all {
        return tenant.users.keys().cloned().collect();
    }
    let assigned = tenant
        .assignments
        .values()
        .filter(|assignment| assignment["resourceId"] == service_principal);
    let mut users = HashSet::new();
    for principal in assigned.filter_map(|assignment| assignment["principalId"].as_str()) {
        if tenant.users.contains_key(principal) {
            users.insert(principal.to_owned());
        }
        let members = tenant.members.get(principal).into_iter().flatten();
        users.extend(
            members
                .filter(|member| tenant.users.contains_key(*member))
                .cloned(),
        );
    }
    users
}

/// What the scoping step found out about a user.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// Null where the user is in scope.
    pub(super) skip: Option<&'static str>,
    /// The step's details as the log shows them.
    pub(super) details: Value,
    /// The clause that was not met, in the log's words.
    pub(super) clause: Option<String>,
}

/// Whether the user is a guest here or otherwise at home elsewhere.
fn is_external(user: &Value) -> bool {
    user["userType"] == "Guest"
        || user["userPrincipalName"]
            .as_str()
            .is_some_and(|upn| upn.contains("#EXT#"))
}

/// Judges one user. `assigned` says whether the user is entitled at all.
pub(super) fn judge(tenant: &Tenant, user: &Value, assigned: bool, scope: &Value) -> Verdict {
    let id = user["id"].as_str().unwrap_or_default();
    let mut clauses = Map::new();
    // The service's built-in filter: guests and users with SMS sign-in carry alternative security
    // ids. For guests this text is UNVERIFIED.
    let external = is_external(user) || sms_sign_in(tenant.phone_methods.get(id));
    let built_in = "Filter external users.alternativeSecurityIds EQUALS 'None'".to_owned();
    let mut failed = external.then(|| built_in.clone());
    clauses.insert(built_in, json!(!external));
    if !external {
        failed = filter(user, scope, &mut clauses);
    }
    let skip = if !assigned {
        Some("NotEffectivelyEntitled")
    } else if failed.is_some() {
        // The name of this reason is UNVERIFIED; the details are documented.
        Some("NotInProvisioningScope")
    } else {
        None
    };
    let word = |flag: bool| if flag { "True" } else { "False" };
    let mut details = json!({
        "Active in the source system": "True",
        "Assigned to the application": word(assigned),
        "User has the required role": word(assigned),
        "Scoping filter evaluation passed": word(failed.is_none()),
        "ScopeEvaluationResult": Value::Object(clauses).to_string(),
        "IsInProvisioningScope": word(skip.is_none()),
        "IsActive": "True",
    });
    if let Some(reason) = skip {
        details["SkipReason"] = json!(reason);
    }
    Verdict {
        skip,
        details,
        clause: if assigned { failed } else { None },
    }
}

/// The first clause that fails if no group of the filter is met; groups are alternatives, their
/// clauses all needed.
fn filter(user: &Value, scope: &Value, results: &mut Map<String, Value>) -> Option<String> {
    let groups = scope["groups"]
        .as_array()
        .filter(|groups| !groups.is_empty())?;
    let mut first = None;
    let mut met = false;
    for group in groups {
        let mut all = true;
        for clause in group["clauses"].as_array().into_iter().flatten() {
            let text = clause_text(group["name"].as_str().unwrap_or_default(), clause);
            let holds = holds(user, clause);
            results.insert(text.clone(), json!(holds));
            if !holds {
                all = false;
                first.get_or_insert(text);
            }
        }
        met |= all;
    }
    if met { None } else { first }
}

/// A clause as logs write it: `Sales staff.department EQUALS 'Sales'`.
fn clause_text(group: &str, clause: &Value) -> String {
    let values: Vec<&str> = values(clause).collect();
    let operand = if values.is_empty() {
        String::new()
    } else {
        format!(" '{}'", values.join(","))
    };
    let (name, operator) = (&clause["sourceOperandName"], &clause["operatorName"]);
    format!(
        "{group}.{} {}{operand}",
        name.as_str().unwrap_or_default(),
        operator.as_str().unwrap_or_default()
    )
}

fn values(clause: &Value) -> impl Iterator<Item = &str> {
    clause["targetOperand"]["values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Comparison is case-sensitive. On an attribute without a value every clause is false but `IS NULL`; that this holds for `!&`
/// too follows from the general rule and is UNVERIFIED.
fn holds(user: &Value, clause: &Value) -> bool {
    let value = attribute(
        user,
        clause["sourceOperandName"].as_str().unwrap_or_default(),
    );
    let text = match &value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let operator = clause["operatorName"].as_str().unwrap_or_default();
    if text.is_empty() {
        return operator == "IS NULL";
    }
    let wanted = values(clause).next().unwrap_or_default();
    let number = |text: &str| text.parse::<i64>().ok();
    let both = || number(&text).zip(number(wanted));
    match operator {
        "EQUALS" => values(clause).any(|wanted| wanted == text),
        "NOT EQUALS" => values(clause).all(|wanted| wanted != text),
        "IS NOT NULL" => true,
        "IS TRUE" => text.eq_ignore_ascii_case("true"),
        "IS FALSE" => text.eq_ignore_ascii_case("false"),
        "ENDS_WITH" => text.ends_with(wanted),
        "Includes" | "&" => text.contains(wanted),
        "!&" => !text.contains(wanted),
        "Greater_Than" => both().is_some_and(|(a, b)| a > b),
        "Greater_Than_OR_EQUALS" => both().is_some_and(|(a, b)| a >= b),
        "REGEX MATCH" => super::pattern::matches(wanted, &text),
        "NOT REGEX MATCH" => !super::pattern::matches(wanted, &text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(operator: &str, name: &str, values: &[&str]) -> Value {
        json!({ "operatorName": operator, "sourceOperandName": name, "targetOperand": { "values": values } })
    }

    #[test]
    fn clauses_hold_as_documented() {
        let user = json!({ "department": "Sales", "accountEnabled": true, "employeeId": "12", "mail": null });
        for (operator, name, values, expected) in [
            ("EQUALS", "department", vec!["Sales"], true),
            ("EQUALS", "department", vec!["sales"], false),
            ("NOT EQUALS", "department", vec!["Support"], true),
            ("IS NULL", "mail", vec![], true),
            ("IS NOT NULL", "mail", vec![], false),
            ("IS TRUE", "accountEnabled", vec![], true),
            ("IS FALSE", "accountEnabled", vec![], false),
            ("ENDS_WITH", "department", vec!["les"], true),
            ("Includes", "department", vec!["ale"], true),
            ("&", "department", vec!["ale"], true),
            ("&", "employeeId", vec!["2"], true),
            ("&", "employeeId", vec!["4"], false),
            ("!&", "employeeId", vec!["2"], false),
            ("!&", "employeeId", vec!["4"], true),
            ("!&", "mail", vec!["x"], false),
            ("NOT EQUALS", "mail", vec!["x"], false),
            ("EQUALS", "mail", vec![""], false),
            ("NOT REGEX MATCH", "mail", vec!["x"], false),
            ("REGEX MATCH", "mail", vec![".*"], false),
            ("IS FALSE", "mail", vec![], false),
            ("Greater_Than", "employeeId", vec!["11"], true),
            ("Greater_Than_OR_EQUALS", "employeeId", vec!["13"], false),
            ("REGEX MATCH", "department", vec!["S(a|b)les"], true),
            ("NOT REGEX MATCH", "department", vec!["X.*"], true),
            ("IsMemberOf", "department", vec!["x"], false),
        ] {
            assert_eq!(
                holds(&user, &clause(operator, name, &values)),
                expected,
                "{operator} {name}"
            );
        }
    }

    #[test]
    fn groups_are_alternatives_and_clauses_all_needed() {
        let tenant = Tenant::default();
        let scope = json!({ "groups": [
            { "name": "A", "clauses": [clause("EQUALS", "department", &["Sales"]), clause("EQUALS", "city", &["Oslo"])] },
            { "name": "B", "clauses": [clause("EQUALS", "department", &["Support"])] },
        ]});
        let judged = |user: Value| judge(&tenant, &user, true, &scope);
        assert_eq!(
            judged(json!({ "department": "Sales", "city": "Oslo" })).skip,
            None
        );
        assert_eq!(judged(json!({ "department": "Support" })).skip, None);
        let outside = judged(json!({ "department": "Sales" }));
        assert_eq!(outside.skip, Some("NotInProvisioningScope"));
        assert_eq!(outside.clause.as_deref(), Some("A.city EQUALS 'Oslo'"));
        let guest = judged(json!({ "userType": "Guest" }));
        assert_eq!(
            guest.clause.as_deref(),
            Some("Filter external users.alternativeSecurityIds EQUALS 'None'")
        );
        assert_eq!(
            judge(&tenant, &json!({}), false, &json!({})).skip,
            Some("NotEffectivelyEntitled")
        );
    }
}
