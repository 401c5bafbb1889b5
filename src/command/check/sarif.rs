//! A report as SARIF 2.1.0 for code scanning: a rule for each check, a result for each row.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::report::{Part, Report, Row, State};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://registry.terraform.io/providers/crosstenant/crosstenant/latest/docs";

/// The whole document.
pub(super) fn document(report: &Report) -> Json {
    let titled = report.titled();
    let rules: BTreeMap<&str, Json> = titled
        .iter()
        .flat_map(|(_, part)| part.rows.iter().flatten())
        .map(|row| (row.check.as_str(), rule(row)))
        .collect();
    let names: Vec<&str> = rules.keys().copied().collect();
    let results = titled
        .iter()
        .flat_map(|(title, part)| {
            part.rows
                .iter()
                .flatten()
                .map(move |row| (title, part, row))
        })
        .map(|(title, part, row)| {
            let at = names.iter().position(|name| *name == row.check);
            result(report, title, part, row, at)
        });
    let failed = titled.iter().filter_map(|(title, part)| {
        let why = part.rows.as_ref().err()?;
        Some(json!({ "level": "error", "message": { "text": format!("{title}: {why}") } }))
    });
    let notifications: Vec<Json> = failed.collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "terraform-provider-crosstenant",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": HOME,
                "rules": rules.values().collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": format!("crosstenant/{}/", report.profile.name()) },
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn rule(row: &Row) -> Json {
    let expected = row.expected.as_deref().unwrap_or(&row.check);
    let mut rule = json!({
        "id": row.check,
        "shortDescription": { "text": expected },
        "properties": { "tags": row.baselines },
    });
    if let Some(why) = &row.why {
        rule["fullDescription"] = json!({ "text": why });
    }
    rule
}

/// Rows that passed are results too, so that readers see what was checked.
fn result(report: &Report, title: &str, part: &Part, row: &Row, rule: Option<usize>) -> Json {
    let (kind, level) = match row.state {
        State::Met => ("pass", "none"),
        State::Unmet => ("fail", "error"),
        State::Hidden | State::Unseen => ("open", "none"),
        State::Allowed => ("review", "none"),
    };
    let text = match row.state {
        State::Unmet => format!("{}\n\n{}", row.detail, row.advice()),
        _ => row.detail.clone(),
    };
    // A tenant is not a file, but code scanning requires one and groups results by it.
    let file = format!("{}/{}", report.profile.name(), part.tenant_id);
    json!({
        "ruleId": row.check,
        "ruleIndex": rule,
        "kind": kind,
        "level": level,
        "message": { "text": text },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": file }, "region": { "startLine": 1 } },
            "logicalLocations": [{ "name": title, "fullyQualifiedName": format!("{}/{}", part.tenant_id, row.check), "kind": "resource" }],
        }],
        "partialFingerprints": { "check": format!("{}/{title}/{}", part.tenant_id, row.check) },
    })
}
