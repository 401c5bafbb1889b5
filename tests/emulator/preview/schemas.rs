//! Random schemas: every kind of mapping, every operator.

use serde_json::{Value as Json, json};

use super::people::ATTRIBUTES;
use crate::dice::Dice;

const EXPRESSIONS: [&str; 27] = [
    r#"Join(" ", [givenName], [surname])"#,
    r#"Join(", ", [surname], "", [city])"#,
    r#"Append([department], " (C)")"#,
    r#"Prepend("x-", [city])"#,
    r"ToLower([mail])",
    r"ToUpper([city])",
    r#"Switch([country], "Other", "GB", "Britain", "US", "States")"#,
    r#"Switch([city], [department], "", "nowhere")"#,
    r"Coalesce([jobTitle], [department])",
    r"Mid([displayName], 1, 3)",
    r"Left([surname], 2)",
    r#"Replace([department], "a", , , "b", , )"#,
    r"StripSpaces([displayName])",
    r"NormalizeDiacritics([surname])",
    r#"IIF([country]="GB", "home", "away")"#,
    r#"IIF(IsNullOrEmpty([city]), "none", "some")"#,
    r#"IIF(IsPresent([jobTitle]), [jobTitle], "none")"#,
    r"Not([accountEnabled])",
    r"Trim([jobTitle])",
    r#"Word([displayName], 1, " ")"#,
    r#"Item(Split([displayName], " "), 1)"#,
    r"Len([surname])",
    r"PCase([surname])",
    r"ToUpper(Left(NormalizeDiacritics([surname]), 4))",
    r#"Append(Left([givenName], 1), Append(".", [surname]))"#,
    r"IgnoreFlowIfNullOrEmpty([companyName])",
    r#"InStr([displayName], "a")"#,
];

const SOURCES: [&str; 14] = [
    "givenName",
    "surname",
    "displayName",
    "department",
    "city",
    "country",
    "employeeId",
    "jobTitle",
    "companyName",
    "mobile",
    "telephoneNumber",
    "physicalDeliveryOfficeName",
    "extensionAttribute1",
    "objectId",
];

const TARGETS: [&str; 15] = [
    "givenName",
    "surname",
    "displayName",
    "department",
    "city",
    "country",
    "employeeId",
    "jobTitle",
    "companyName",
    "mobile",
    "telephoneNumber",
    "physicalDeliveryOfficeName",
    "extensionAttribute2",
    "showInAddressList",
    "mailNickname",
];

const OPERATORS: [(&str, &[&str]); 14] = [
    ("EQUALS", &["Sales", "GB", "London", "12"]),
    ("NOT EQUALS", &["Sales", "US", "Oslo", "7"]),
    ("IS NULL", &[]),
    ("IS NOT NULL", &[]),
    ("IS TRUE", &[]),
    ("IS FALSE", &[]),
    ("REGEX MATCH", &["^S", "(?i)sales", "[0-9]+", "o.*n"]),
    ("NOT REGEX MATCH", &["^S", "(?i)sales", "[0-9]+", "o.*n"]),
    ("&", &["ale", "1", "o"]),
    ("!&", &["ale", "1", "o"]),
    ("ENDS_WITH", &["s", "B", "don"]),
    ("Greater_Than", &["7", "100"]),
    ("Greater_Than_OR_EQUALS", &["12", "1815"]),
    ("Includes", &["ale", "1", "o"]),
];

/// The template's schema with other mappings, another filter and other target object actions.
pub(super) fn random(dice: &mut Dice, template: &Json) -> Json {
    let mut schema = template.clone();
    let mappings = schema["synchronizationRules"][0]["objectMappings"]
        .as_array_mut()
        .unwrap();
    let users = mappings
        .iter_mut()
        .find(|mapping| mapping["sourceObjectName"] == "User")
        .unwrap();
    let lines = users["attributeMappings"].as_array_mut().unwrap();
    let fixed = [
        "alternativeSecurityIds",
        "IsSoftDeleted",
        "userPrincipalName",
    ];
    let usual = ["mail", "accountEnabled", "manager", "userType"];
    lines.retain(|line| {
        let target = line["targetAttributeName"].as_str().unwrap();
        fixed.contains(&target) || (usual.contains(&target) && !dice.once_in(6))
    });
    for target in TARGETS {
        if dice.once_in(2) {
            lines.push(mapping(dice, target));
        }
    }
    users["scope"]["groups"] = filter(dice);
    users["flowTypes"] = json!(*dice.pick(&[
        "Add, Update, Delete",
        "Add, Update, Delete",
        "Add, Update, Delete",
        "Add, Update",
        "Add, Delete",
        "Update, Delete",
    ]));
    users["enabled"] = json!(!dice.once_in(20));
    groups(dice, &mut schema);
    schema
}

/// The mapping of groups: often enabled, sometimes filtered, sometimes with other values.
fn groups(dice: &mut Dice, schema: &mut Json) {
    let rules = schema["synchronizationRules"].as_array_mut().unwrap();
    let mut mappings = rules
        .iter_mut()
        .flat_map(|rule| rule["objectMappings"].as_array_mut().unwrap());
    let groups = mappings
        .find(|mapping| mapping["sourceObjectName"] == "Group")
        .unwrap();
    groups["enabled"] = json!(!dice.once_in(4));
    groups["flowTypes"] = json!(*dice.pick(&[
        "Add, Update, Delete",
        "Add, Update, Delete",
        "Add, Update",
        "Add, Delete",
        "Update, Delete",
    ]));
    let lines = groups["attributeMappings"].as_array_mut().unwrap();
    lines.retain(|line| {
        let may_go =
            ["description", "members"].contains(&line["targetAttributeName"].as_str().unwrap());
        !may_go || !dice.once_in(6)
    });
    if let Some(line) = lines
        .iter_mut()
        .find(|line| line["targetAttributeName"] == "description")
    {
        let text = *dice.pick(&[
            r"ToUpper([description])",
            r#"Append([displayName], " (C)")"#,
        ]);
        if dice.once_in(2) {
            let name = text.split('(').next().unwrap();
            line["source"] =
                json!({ "type": "Function", "name": name, "expression": text, "parameters": [] });
        }
        if dice.once_in(3) {
            line["defaultValue"] = json!("By default");
        }
    }
    let (operator, values) = *dice.pick(&OPERATORS);
    let clause = json!({ "operatorName": operator, "sourceOperandName": *dice.pick(&["displayName", "description"]),
        "targetOperand": { "values": values.first().into_iter().collect::<Vec<_>>() } });
    let filter = json!([{ "name": "Some", "clauses": [clause] }]);
    let is_filtered = dice.once_in(4);
    groups["scope"] = if is_filtered {
        json!({ "groups": filter })
    } else {
        Json::Null
    };
}

fn mapping(dice: &mut Dice, target: &str) -> Json {
    let source = match dice.below(5) {
        0 => {
            json!({ "type": "Constant", "name": "true", "expression": "\"true\"", "parameters": [] })
        }
        1 | 2 => {
            let text = *dice.pick(&EXPRESSIONS);
            let name = text.split('(').next().unwrap();
            json!({ "type": "Function", "name": name, "expression": text, "parameters": [] })
        }
        3 if dice.once_in(3) => Json::Null,
        _ => {
            let name = *dice.pick(&SOURCES);
            json!({ "type": "Attribute", "name": name, "expression": format!("[{name}]"), "parameters": [] })
        }
    };
    let default = if dice.once_in(3) {
        json!("By default")
    } else {
        Json::Null
    };
    let flow = *dice.pick(&["Always", "Always", "ObjectAddOnly"]);
    json!({ "targetAttributeName": target, "source": source, "defaultValue": default, "flowType": flow,
        "flowBehavior": "FlowWhenChanged", "matchingPriority": 0, "exportMissingReferences": false })
}

/// Groups of clauses, most often none.
fn filter(dice: &mut Dice) -> Json {
    let groups = if dice.once_in(2) {
        0
    } else {
        1 + dice.below(2)
    };
    let group = |dice: &mut Dice| {
        let clauses: Vec<Json> = (0..=dice.below(2)).map(|_| clause(dice)).collect();
        json!({ "name": "Staff", "clauses": clauses })
    };
    (0..groups).map(|_| group(dice)).collect()
}

fn clause(dice: &mut Dice) -> Json {
    let (operator, values) = *dice.pick(&OPERATORS);
    let attribute = if operator.starts_with("IS ") && dice.once_in(2) {
        "accountEnabled"
    } else {
        *dice.pick(&ATTRIBUTES)
    };
    let values: Vec<&str> = match (values.is_empty(), operator) {
        (true, _) => Vec::new(),
        (_, "EQUALS" | "NOT EQUALS") if dice.once_in(3) => values.to_vec(),
        _ => vec![*dice.pick(values)],
    };
    json!({ "operatorName": operator, "sourceOperandName": attribute, "targetOperand": { "values": values } })
}
