//! Values that the portal, newer services and other tools store: they are exported, imported, and sent back unchanged.

use serde_json::{Value as Json, json};

use crate::export::graph::{Configuration, customize, filter, send};
use crate::export::world::{Place, is_adopted, seeded};
use crate::support::{CONTOSO, FABRIKAM, clis};

/// A function that this provider does not know.
fn novel() -> Json {
    let department = json!({ "type": "Attribute", "name": "department", "expression": "[department]", "parameters": [] });
    json!({ "type": "Function", "name": "Novel", "expression": "Novel([department])",
        "parameters": [{ "key": "text", "value": department }] })
}

/// The mapping of users to `target`.
fn mapping<'m>(users: &'m mut Json, target: &str) -> &'m mut Json {
    let mut mappings = users["attributeMappings"]
        .as_array_mut()
        .unwrap()
        .iter_mut();
    mappings
        .find(|mapping| mapping["targetAttributeName"] == target)
        .unwrap()
}

#[test]
fn odd_schemas_and_settings_are_adopted_and_stay() {
    for cli in clis() {
        let emulator = seeded(|_| {});
        let made = Configuration::make(&emulator, "Odd");
        let texts = json!({ "Enabled": "true", "Recipients": "ops@x.example", "DeleteThresholdEnabled": "true", "DeleteThresholdValue": "50" });
        let job = made.job(&emulator, FABRIKAM, false, &texts);
        customize(&emulator, &job, |users| {
            filter(users, "", "Sales");
            let company = json!({ "targetAttributeName": "companyName", "source": null, "defaultValue": "Contoso", "flowType": "Always" });
            users["attributeMappings"]
                .as_array_mut()
                .unwrap()
                .push(company);
            mapping(users, "department")["source"] = novel();
            let trimmed = json!({ "type": "Attribute", "name": "city", "expression": "[city]", "parameters": [] });
            mapping(users, "city")["source"] = json!({ "type": "Function", "name": "Trim", "expression": "Trim([city])",
                "parameters": [{ "key": "source", "value": trimmed }] });
        });
        let schema = || {
            send(
                &emulator,
                CONTOSO,
                "GET",
                &format!("{job}/schema"),
                &Json::Null,
            )
        };
        let before = schema();
        let place = Place::new(&emulator);
        let run = place.export(&[]);
        run.ended(0);
        let adopted = place.workspace(cli);
        let plan = adopted.plan();
        plan.succeeded().says(&[
            "The expression is not checked during the plan",
            "Trim is not documented",
        ]);
        is_adopted(&adopted, run.count());
        let values = adopted.values("crosstenant_provisioning_job");
        assert_eq!(values["notification_email"], "ops@x.example");
        assert_eq!(values["accidental_deletion_threshold"], 50);
        assert_eq!(schema(), before);
    }
}
