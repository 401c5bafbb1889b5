//! Responses as in samples, in the tutorial and in public reports.

use serde_json::json;

use super::*;

fn pair(key: &str, value: &Json) -> Json {
    json!({ "key": key, "value": value.to_string() })
}

const TYPE_NAME: &str = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo";

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
fn nonsense_is_not_a_success() {
    for odd in [
        json!(null),
        json!({}),
        json!({ "key": 1, "value": "x" }),
        json!({ "key": TYPE_NAME, "value": "<html>" }),
    ] {
        assert!(Answer::read(&odd).is_err(), "{odd}");
    }
}
