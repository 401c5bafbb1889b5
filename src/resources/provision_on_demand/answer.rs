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

/// A JSON text, where it is one.
fn unpacked(text: &Json) -> Option<Json> {
    serde_json::from_str(text.as_str()?).ok()
}

impl Answer {
    /// Reads Graph's answer, or says what is odd about it.
    pub(super) fn read(answer: &Json) -> Result<Self, String> {
        let head = unpacked(&answer["key"]).unwrap_or_default();
        let body = unpacked(&answer["value"]).unwrap_or_default();
        if head.is_null() && body.is_null() {
            return Err("neither its key nor its value is what it should be".to_owned());
        }
        let body = match &body {
            Json::Array(entries) => entries.first().cloned().unwrap_or_default(),
            other => other.clone(),
        };
        let steps: Vec<Step> = body["provisioningSteps"]
            .as_array()
            .into_iter()
            .flatten()
            .map(step)
            .collect();
        let modified = body["modifiedProperties"].as_array().into_iter().flatten();
        let details = &head["details"];
        let mut read = Self {
            result: plain(&head["result"])
                .or_else(|| plain(&body["result"]))
                .unwrap_or_else(|| result_of(&steps)),
            action: plain(&body["action"]).or_else(|| plain(&body["provisioningAction"])),
            skip_reason: None,
            target_object_id: plain(&body["targetIdentity"]["id"]),
            modified: modified.map(modified_attribute).collect(),
            error_code: plain(&details["errorCode"]),
            error_message: plain(&details["errorMessage"])
                .map(|text| text.trim_end_matches('.').to_owned()),
            steps,
        };
        if read.result == "Skipped" {
            read.skip_reason = read.why();
        }
        Ok(read)
    }

    /// The reason in the steps, with the clause where one is named.
    fn why(&self) -> Option<String> {
        let detail = |name: &str| {
            let details = self.steps.iter().filter_map(|step| step.details.as_ref());
            details
                .into_iter()
                .find_map(|details| details.get(name).cloned())
        };
        let reason = detail("SkipReason").or_else(|| self.error_code.clone());
        match (reason, self.error_message.clone()) {
            (Some(reason), Some(message)) => Some(format!("{reason}: {message}")),
            (reason, message) => reason.or(message),
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

fn step(step: &Json) -> Step {
    let details = step["details"].as_object().map(|details| {
        let known = details
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), plain(value)?)));
        known.collect::<BTreeMap<_, _>>()
    });
    Step {
        name: plain(&step["name"]),
        kind: plain(&step["type"]).or_else(|| plain(&step["provisioningStepType"])),
        status: plain(&step["status"]),
        description: plain(&step["description"]),
        details,
    }
}

fn modified_attribute(property: &Json) -> ModifiedAttribute {
    ModifiedAttribute {
        name: plain(&property["displayName"]).or_else(|| plain(&property["name"])),
        old_value: plain(&property["oldValue"]),
        new_value: plain(&property["newValue"]),
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
