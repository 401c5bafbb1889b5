//! Graph's answer to provision on demand: JSON in texts in JSON, unpacked.
//!
//! `key` is a type name or a JSON text with the result, `value` a JSON text with the steps. What is missing is left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::{ModifiedAttribute, Step};
use crate::resources::lookups::log_words;

/// What became of the user.
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

/// A member by its name in any case: the service spells them differently in different forms of the answer.
fn member<'j>(json: &'j Json, name: &str) -> &'j Json {
    let mut members = json.as_object().into_iter().flatten();
    let found = members.find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map_or(&Json::Null, |(_, value)| value)
}

/// A JSON text, where it is one.
fn unpacked(text: &Json) -> Option<Json> {
    serde_json::from_str(text.as_str()?).ok()
}

fn elements(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

impl Answer {
    /// Reads Graph's answer, or says what is odd about it.
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

    /// The details called `name` of all steps.
    fn details(&self, name: &str) -> impl Iterator<Item = &str> {
        let details = self.steps.iter().filter_map(|step| step.details.as_ref());
        details.flatten().filter_map(move |(other, value)| {
            other.eq_ignore_ascii_case(name).then_some(value.as_str())
        })
    }

    /// The clauses of scoping filters that were not met.
    fn failed_clauses(&self) -> Vec<String> {
        log_words::not_met(self.details("ScopeEvaluationResult"))
    }

    /// The reason in the steps, with all clauses that were not met, or else with the message.
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

    /// Whether nothing was done because there was nothing to do.
    pub(super) fn is_current(&self) -> bool {
        let reason = self.skip_reason.as_deref().unwrap_or_default();
        reason.contains("RedundantExport")
    }

    /// Whether the user is entitled, as far as the answer says.
    pub(super) fn is_entitled(&self) -> bool {
        let reason = self.skip_reason.as_deref().unwrap_or_default();
        !reason.contains("NotEffectivelyEntitled")
    }

    /// Whether the user was skipped for nothing but an assignment that may not have been seen yet.
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

    /// What to do about it, where that is known; begins with a space.
    pub(super) fn meaning(&self) -> String {
        let said = [&self.skip_reason, &self.error_code, &self.error_message];
        let said: Vec<&str> = said
            .into_iter()
            .filter_map(|text| text.as_deref())
            .collect();
        let known = log_words::meaning(&said);
        known.map_or_else(String::new, |meaning| format!(" {meaning}"))
    }

    /// The steps, a line each.
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

/// A type name as key says nothing about the result; the worst of the steps does.
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

/// A result in our spelling; one that is not known stays as it is.
fn word(result: &str) -> String {
    let known = ["Success", "Skipped", "Failure"].into_iter();
    let mut known = known.filter(|word| word.eq_ignore_ascii_case(result));
    known.next().unwrap_or(result).to_owned()
}

/// Code and message of what went wrong: beside the result, or in the step that failed, as the tutorial shows it.
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
mod tests {
    use serde_json::json;

    use super::*;

    fn pair(key: &str, value: &Json) -> Json {
        json!({ "key": key, "value": value.to_string() })
    }

    const TYPE_NAME: &str =
        "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo";

    fn scoping(details: &Json) -> Json {
        json!({ "name": "EntrySynchronizationScoping", "type": "Scoping", "status": "Skipped", "description": "Judged", "details": details })
    }

    #[test]
    fn a_type_name_as_key_leaves_the_result_to_the_steps() {
        let entry = json!([{
            "provisioningSteps": [{ "name": "EntryExportAdd", "type": "Export", "status": "Success", "description": "d", "details": { "n": 1, "none": null } }],
            "modifiedProperties": [{ "displayName": "mail", "oldValue": null, "newValue": "a@b" }],
            "action": "create", "targetIdentity": { "id": "t" },
        }]);
        let answer = Answer::read(&pair(TYPE_NAME, &entry)).unwrap();
        assert_eq!(
            (answer.result.as_str(), answer.action.as_deref()),
            ("Success", Some("create"))
        );
        assert_eq!(answer.target_object_id.as_deref(), Some("t"));
        assert_eq!(
            answer.steps[0].details,
            Some(BTreeMap::from([("n".to_owned(), "1".to_owned())]))
        );
        assert_eq!(answer.modified[0].new_value.as_deref(), Some("a@b"));

        let skipped = json!([{ "provisioningSteps": [scoping(&json!({ "SkipReason": "NotEffectivelyEntitled" }))] }]);
        let answer = Answer::read(&pair(TYPE_NAME, &skipped)).unwrap();
        assert_eq!(
            (answer.result.as_str(), answer.is_entitled()),
            ("Skipped", false)
        );
    }

    #[test]
    fn a_result_as_key_counts_and_brings_its_words() {
        let key = json!({ "result": "Failure", "details": { "errorCode": "AzureActiveDirectoryForbidden", "errorMessage": "No guests." } });
        let answer = Answer::read(&pair(&key.to_string(), &json!([]))).unwrap();
        assert_eq!(answer.result, "Failure");
        assert!(
            answer
                .meaning()
                .contains("crosstenant_guest_invite_settings")
        );
        assert_eq!(answer.told(), "Steps: none");

        let key = json!({ "result": "Skipped", "details": { "errorCode": "NotInProvisioningScope",
            "errorMessage": "Filter external users.alternativeSecurityIds EQUALS 'None'." } });
        let entry = json!([{ "provisioningSteps": [scoping(&json!({ "SkipReason": "NotInProvisioningScope" }))] }]);
        let answer = Answer::read(&pair(&key.to_string(), &entry)).unwrap();
        assert!(
            answer
                .skip_reason
                .as_deref()
                .unwrap()
                .starts_with("NotInProvisioningScope: Filter external")
        );
        assert!(
            answer.meaning().contains("SMS"),
            "the clause says more than the reason"
        );
        assert!(answer.is_entitled());
        assert!(
            answer
                .told()
                .contains("EntrySynchronizationScoping: Skipped: Judged")
        );
    }

    #[test]
    fn keys_in_another_case_give_the_same_result() {
        let body = r#"[{"Action":"Create","TargetIdentity":{"Id":"t"},"ModifiedProperties":[{"DisplayName":"mail","NewValue":"a@b"}],
            "ProvisioningSteps":[{"Name":"EntryExportAdd","Type":"Export","Status":"Success","Description":"d"}]}]"#;
        let expected =
            Answer::read(&json!({ "key": "{\"result\":\"Success\"}", "value": body })).unwrap();
        assert_eq!(
            (
                expected.action.as_deref(),
                expected.target_object_id.as_deref()
            ),
            (Some("Create"), Some("t"))
        );
        assert_eq!(expected.steps[0].kind.as_deref(), Some("Export"));
        assert_eq!(expected.modified[0].new_value.as_deref(), Some("a@b"));
        for key in ["{\"result\":\"success\"}", "{\"Result\":\"SUCCESS\"}"] {
            for (first, second) in [("key", "value"), ("Key", "Value")] {
                let answer = Answer::read(&json!({ first: key, second: body })).unwrap();
                assert_eq!(answer, expected, "{key}");
            }
        }
        assert!(expected.skip_reason.is_none());
    }

    #[test]
    fn an_error_inside_a_step_is_found() {
        let failed = |more: &Json| {
            let mut step = json!({ "name": "EntryExportAdd", "type": "Export", "status": "Failure", "description": "Failed to create." });
            step.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            let answer =
                Answer::read(&pair(TYPE_NAME, &json!([{ "provisioningSteps": [step] }]))).unwrap();
            (answer.result, answer.error_code, answer.error_message)
        };
        let texts = |code: Option<&str>, message: &str| {
            (
                "Failure".to_owned(),
                code.map(str::to_owned),
                Some(message.to_owned()),
            )
        };
        let details = json!({ "details": { "ErrorCode": "AzureActiveDirectoryForbidden", "ErrorMessage": "No guests." } });
        assert_eq!(
            failed(&details),
            texts(Some("AzureActiveDirectoryForbidden"), "No guests")
        );
        let error = json!({ "error": { "code": "ObjectConflict", "message": "Taken" } });
        assert_eq!(failed(&error), texts(Some("ObjectConflict"), "Taken"));
        assert_eq!(failed(&json!({})), texts(None, "Failed to create"));
    }

    #[test]
    fn all_clauses_that_are_not_met_are_named_once() {
        let result = json!({ "A.city EQUALS 'Oslo'": false, "A.department EQUALS 'Sales'": "False", "B.country EQUALS 'NO'": true });
        let details = json!({ "SkipReason": "NotEffectivelyEntitled", "ScopeEvaluationResult": result.to_string() });
        let entry = json!([{ "provisioningSteps": [scoping(&details), scoping(&details)] }]);
        let answer = Answer::read(&pair(TYPE_NAME, &entry)).unwrap();
        assert_eq!(
            answer.skip_reason.as_deref(),
            Some("NotEffectivelyEntitled: A.city EQUALS 'Oslo'; A.department EQUALS 'Sales'")
        );
        assert!(
            !answer.may_become_entitled(),
            "an assignment would not help"
        );
    }

    #[test]
    fn only_a_missing_assignment_is_worth_waiting_for() {
        let waits = |more: Json| {
            let mut details = json!({ "SkipReason": "NotEffectivelyEntitled", "Assigned to the application": "False" });
            details
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            let entry = json!([{ "provisioningSteps": [scoping(&details)] }]);
            Answer::read(&pair(TYPE_NAME, &entry))
                .unwrap()
                .may_become_entitled()
        };
        assert!(waits(json!({})));
        assert!(waits(json!({ "Active in the source system": "True" })));
        for cannot_change in [
            json!({ "Active in the source system": "False" }),
            json!({ "IsActive": "false" }),
            json!({ "Scoping filter evaluation passed": "False" }),
            json!({ "Assigned to the application": "True" }),
            json!({ "SkipReason": "NotInProvisioningScope" }),
        ] {
            assert!(!waits(cannot_change.clone()), "{cannot_change}");
        }
    }

    #[test]
    fn nonsense_is_no_success() {
        for odd in [
            json!(null),
            json!({}),
            json!({ "key": 1, "value": "x" }),
            json!({ "key": TYPE_NAME, "value": "<html>" }),
        ] {
            assert!(Answer::read(&odd).is_err(), "{odd}");
        }
    }
}
