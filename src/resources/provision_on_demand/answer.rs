//! Parses Graph's response to provision on demand: JSON in strings in JSON.
//!
//! `key` is a type name or a JSON string with the result, `value` a JSON string with the steps. Missing values are omitted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::{ModifiedAttribute, Step};
use crate::data_sources::provisioning_log_codes;

/// The result for the user.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    /// `Success`, `Skipped` or `Failure`.
    pub(super) result: String,
    pub(super) action: Option<String>,
    pub(super) skip_reason: Option<String>,
    pub(super) target_object_id: Option<String>,
    pub(super) steps: Vec<Step>,
    pub(super) modified: Vec<ModifiedAttribute>,
    pub(super) error_code: Option<String>,
    pub(super) error_message: Option<String>,
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) if text.is_empty() => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Returns a member by its case-insensitive name: the service spells names differently in different forms of the response.
fn member<'j>(json: &'j Json, name: &str) -> &'j Json {
    let mut members = json.as_object().into_iter().flatten();
    let found = members.find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map_or(&Json::Null, |(_, value)| value)
}

/// Parses a JSON string; `None` if it is not JSON.
fn unpacked(text: &Json) -> Option<Json> {
    serde_json::from_str(text.as_str()?).ok()
}

fn elements(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

impl Answer {
    /// Parses Graph's response, or returns the reason why it cannot be parsed.
    pub(super) fn read(answer: &Json) -> Result<Self, String> {
        let head = unpacked(member(answer, "key")).unwrap_or_default();
        let body = unpacked(member(answer, "value")).unwrap_or_default();
        if head.is_null() && body.is_null() {
            return Err("neither its key nor its value is what it should be".to_owned());
        }
        let body = match &body {
            Json::Array(entries) => entries.first().cloned().unwrap_or_default(),
            other => other.clone(),
        };
        let of_body = |name: &str| member(&body, name);
        let raw: Vec<&Json> = elements(of_body("provisioningSteps")).collect();
        let steps: Vec<Step> = raw.iter().map(|raw| step(raw)).collect();
        let result = plain(member(&head, "result")).or_else(|| plain(of_body("result")));
        let (code, message) = error(member(&head, "details"), &raw);
        let mut read = Self {
            result: result.map_or_else(|| result_of(&steps), |result| word(&result)),
            action: plain(of_body("action")).or_else(|| plain(of_body("provisioningAction"))),
            skip_reason: None,
            target_object_id: plain(member(of_body("targetIdentity"), "id")),
            modified: elements(of_body("modifiedProperties"))
                .map(modified_attribute)
                .collect(),
            error_code: code,
            error_message: message.map(|text| text.trim_end_matches('.').to_owned()),
            steps,
        };
        if read.result == "Skipped" {
            read.skip_reason = read.why();
        }
        Ok(read)
    }

    /// Returns the details called `name` of all steps.
    fn details(&self, name: &str) -> impl Iterator<Item = &str> {
        let details = self.steps.iter().filter_map(|step| step.details.as_ref());
        details.flatten().filter_map(move |(other, value)| {
            other.eq_ignore_ascii_case(name).then_some(value.as_str())
        })
    }

    /// Returns the clauses of scoping filters that were not met.
    fn failed_clauses(&self) -> Vec<String> {
        provisioning_log_codes::not_met(self.details("ScopeEvaluationResult"))
    }

    /// Returns the reason in the steps, with all unmet clauses, or else with the message.
    fn why(&self) -> Option<String> {
        let reason = self.details("SkipReason").next().map(str::to_owned);
        let reason = reason.or_else(|| self.error_code.clone());
        let clauses = self.failed_clauses();
        let more = if clauses.is_empty() {
            self.error_message.clone()
        } else {
            Some(clauses.join("; "))
        };
        match (reason, more) {
            (Some(reason), Some(more)) if reason != more => Some(format!("{reason}: {more}")),
            (reason, more) => reason.or(more),
        }
    }

    /// Whether the user was already up to date.
    pub(super) fn is_current(&self) -> bool {
        let reason = self.skip_reason.as_deref().unwrap_or_default();
        reason.contains("RedundantExport")
    }

    /// Whether the user is entitled according to the response.
    pub(super) fn is_entitled(&self) -> bool {
        let reason = self.skip_reason.as_deref().unwrap_or_default();
        !reason.contains("NotEffectivelyEntitled")
    }

    /// Whether the only reason for the skip is an assignment that may not be visible yet.
    pub(super) fn may_become_entitled(&self) -> bool {
        let is =
            |name: &str, word: &str| self.details(name).any(|it| it.eq_ignore_ascii_case(word));
        self.result == "Skipped"
            && !self.is_entitled()
            && self.failed_clauses().is_empty()
            && !is("Assigned to the application", "true")
            && ![
                "Active in the source system",
                "IsActive",
                "Scoping filter evaluation passed",
            ]
            .iter()
            .any(|name| is(name, "false"))
    }

    /// Returns the recommended action if it is known, with a leading space.
    pub(super) fn meaning(&self) -> String {
        let said = [&self.skip_reason, &self.error_code, &self.error_message];
        let said: Vec<&str> = said
            .into_iter()
            .filter_map(|text| text.as_deref())
            .collect();
        let known = provisioning_log_codes::meaning(&said);
        known.map_or_else(String::new, |meaning| format!(" {meaning}"))
    }

    /// Formats the steps, one per line.
    pub(super) fn told(&self) -> String {
        let mut told = String::from("Steps:");
        for step in &self.steps {
            let [name, status, text] = [&step.name, &step.status, &step.description]
                .map(|part| part.as_deref().unwrap_or("?"));
            let _ = write!(told, "\n- {name}: {status}: {text}");
        }
        if self.steps.is_empty() {
            told += " none";
        }
        told
    }
}

/// If the key is a type name, it does not contain the result. Returns the worst result of the steps.
fn result_of(steps: &[Step]) -> String {
    let has = |word: &str| {
        steps.iter().any(|step| {
            step.status
                .as_deref()
                .is_some_and(|status| status.eq_ignore_ascii_case(word))
        })
    };
    let word = if has("Failure") {
        "Failure"
    } else if has("Skipped") {
        "Skipped"
    } else {
        "Success"
    };
    word.to_owned()
}

/// Converts a result to Terraform's spelling; unknown results remain unchanged.
fn word(result: &str) -> String {
    let known = ["Success", "Skipped", "Failure"].into_iter();
    let mut known = known.filter(|word| word.eq_ignore_ascii_case(result));
    known.next().unwrap_or(result).to_owned()
}

/// Returns code and message of the error: in the result, or in the failed step, as in the tutorial.
fn error(details: &Json, steps: &[&Json]) -> (Option<String>, Option<String>) {
    let of = |json: &Json| {
        let first = |names: [&str; 2]| names.iter().find_map(|name| plain(member(json, name)));
        (
            first(["errorCode", "code"]),
            first(["errorMessage", "message"]),
        )
    };
    let beside = of(details);
    if beside != (None, None) {
        return beside;
    }
    let is_failure = |step: &&&Json| {
        plain(member(step, "status")).is_some_and(|status| word(&status) == "Failure")
    };
    let Some(failed) = steps.iter().find(is_failure) else {
        return (None, None);
    };
    let inside = ["details", "error", "errorInformation"].map(|name| of(member(failed, name)));
    let (code, message) = inside.into_iter().fold((None, None), |found, next| {
        (found.0.or(next.0), found.1.or(next.1))
    });
    (
        code,
        message.or_else(|| plain(member(failed, "description"))),
    )
}

fn step(step: &Json) -> Step {
    let details = member(step, "details").as_object().map(|details| {
        let known = details
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), plain(value)?)));
        known.collect::<BTreeMap<_, _>>()
    });
    let of = |name: &str| plain(member(step, name));
    Step {
        name: of("name"),
        kind: of("type").or_else(|| of("provisioningStepType")),
        status: of("status"),
        description: of("description"),
        details,
    }
}

fn modified_attribute(property: &Json) -> ModifiedAttribute {
    let of = |name: &str| plain(member(property, name));
    ModifiedAttribute {
        name: of("displayName").or_else(|| of("name")),
        old_value: of("oldValue"),
        new_value: of("newValue"),
    }
}

#[cfg(test)]
mod tests;
