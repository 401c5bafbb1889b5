//! Decides which users and groups are in scope: assigned directly or by direct membership, internal, and matching the filters.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::mapping::attribute;
use crate::rules::phone_methods::sms_sign_in;
use crate::store::Tenant;

/// Default access. A principal that is assigned only with this role is not effectively entitled.
const NO_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// How a principal is assigned to the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Assigned {
    No,
    /// Only with the role of zeros.
    WithoutRole,
    Yes,
}

impl Assigned {
    pub(crate) fn counts(self) -> bool {
        self == Self::Yes
    }
}

/// Users and groups that are assigned directly.
pub(crate) fn principals(tenant: &Tenant, service_principal: &str) -> BTreeMap<String, Assigned> {
    let mut found = BTreeMap::new();
    let assignments = tenant.assignments.values();
    for assignment in assignments.filter(|it| it["resourceId"] == service_principal) {
        let Some(principal) = assignment["principalId"].as_str() else {
            continue;
        };
        let how = if assignment["appRoleId"] == NO_ROLE {
            Assigned::WithoutRole
        } else {
            Assigned::Yes
        };
        let best = found.entry(principal.to_owned()).or_insert(how);
        *best = how.max(*best);
    }
    found
}

/// The users that a service principal is entitled to: all of them, or the assigned ones. Only direct members of groups count, and only if
/// the group is security-enabled.
pub(crate) fn entitled(
    tenant: &Tenant,
    service_principal: &str,
    all: bool,
) -> HashMap<String, Assigned> {
    if all {
        let everyone = tenant.users.keys();
        return everyone.map(|id| (id.clone(), Assigned::Yes)).collect();
    }
    let mut users = HashMap::new();
    let mut entitle = |id: &String, how: Assigned| {
        if tenant.users.contains_key(id) {
            let best = users.entry(id.clone()).or_insert(how);
            *best = how.max(*best);
        }
    };
    for (principal, how) in principals(tenant, service_principal) {
        entitle(&principal, how);
        let is_read = tenant
            .groups
            .get(&principal)
            .is_some_and(|group| group["securityEnabled"] == true);
        if is_read {
            let members = tenant.members.get(&principal).into_iter().flatten();
            members.for_each(|member| entitle(member, how));
        }
    }
    users
}

/// The result of the scoping step for a user.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// None if the user is in scope.
    pub(super) skip: Option<&'static str>,
    /// The details of the step in the log.
    pub(super) details: Value,
    /// The clause that was not met, as in the log.
    pub(super) clause: Option<String>,
}

/// Whether the user is a guest or otherwise from another tenant. Each of these properties suffices.
fn is_external(user: &Value) -> bool {
    let name = user["userPrincipalName"].as_str();
    user["userType"] == "Guest"
        || name.is_some_and(|name| name.contains("#EXT#"))
        || user["creationType"] == "Invitation"
        || user["externalUserState"].is_string()
}

/// Evaluates one user with its assignment.
pub(super) fn judge(tenant: &Tenant, user: &Value, assigned: Assigned, scope: &Value) -> Verdict {
    let id = user["id"].as_str().unwrap_or_default();
    let mut clauses = Map::new();
    // The built-in filter of the service: guests and users with SMS sign-in have alternative security IDs. This text is UNVERIFIED for
    // guests.
    let external = is_external(user) || sms_sign_in(tenant.phone_methods.get(id));
    let built_in = "Filter external users.alternativeSecurityIds EQUALS 'None'".to_owned();
    let mut failed = external.then(|| built_in.clone());
    clauses.insert(built_in, json!(!external));
    if !external {
        failed = filter(user, scope, &mut clauses);
    }
    verdict(assigned, failed, &clauses)
}

/// Evaluates one group. `why` is the reason, other than its filter, that excludes it.
pub(super) fn judge_group(
    group: &Value,
    assigned: Assigned,
    why: Option<&str>,
    scope: &Value,
) -> Verdict {
    let mut clauses = Map::new();
    let failed = match why {
        Some(why) => {
            clauses.insert(why.to_owned(), json!(false));
            Some(why.to_owned())
        }
        None => filter(group, scope, &mut clauses),
    };
    verdict(assigned, failed, &clauses)
}

fn verdict(assigned: Assigned, failed: Option<String>, clauses: &Map<String, Value>) -> Verdict {
    let skip = if !assigned.counts() {
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
        "Assigned to the application": word(assigned != Assigned::No),
        "User has the required role": word(assigned.counts()),
        "Scoping filter evaluation passed": word(failed.is_none()),
        "ScopeEvaluationResult": Value::Object(clauses.clone()).to_string(),
        "IsInProvisioningScope": word(skip.is_none()),
        "IsActive": "True",
    });
    if let Some(reason) = skip {
        details["SkipReason"] = json!(reason);
    }
    Verdict {
        skip,
        details,
        clause: if assigned.counts() { failed } else { None },
    }
}

/// Returns the first clause that fails if no group of the filter is met. Groups are alternatives; all clauses of a group are required.
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

/// A clause as in the log: `Sales staff.department EQUALS 'Sales'`.
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

/// Whether a clause is met. Comparisons are case-sensitive. For an attribute without a value, every clause is false except `IS NULL`; that
/// this is true for `!&` too follows from the general rule and is UNVERIFIED.
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
        let judged = |user: Value| judge(&tenant, &user, Assigned::Yes, &scope);
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
            judge(&tenant, &json!({}), Assigned::No, &json!({})).skip,
            Some("NotEffectivelyEntitled")
        );
    }
}
