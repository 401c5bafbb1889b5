//! Query options: they must be declared for the operation, well formed, and refer to existing properties.
//!
//! Filters are not parsed: only the property on the left of a comparison and the first argument of a function are checked.

use std::collections::HashSet;

use serde_json::Value;
use url::form_urlencoded;

use super::Version;

/// Types that derive from directoryObject: their properties may be selected for it as well.
const DIRECTORY_OBJECTS: [&str; 5] = ["user", "group", "servicePrincipal", "application", "device"];

const COMPARISONS: [&str; 8] = ["eq", "ne", "gt", "ge", "lt", "le", "in", "has"];
const FUNCTIONS: [&str; 4] = ["startswith", "endswith", "contains", "tolower"];

/// The violations in a query as it was sent.
pub(super) fn violations(version: &Version, operation: &Value, query: &str) -> Vec<String> {
    let declared = declared(version, operation);
    let properties = properties(version, operation);
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let paging = name == "$skiptoken" && declared.contains("$top");
        if !declared.contains(name.as_ref()) && !paging {
            all.push(format!("query option {name} is not declared"));
            continue;
        }
        if !seen.insert(name.clone()) {
            all.push(format!("query option {name} is given twice"));
        }
        let wrong = match name.as_ref() {
            "$top" | "$skip" => value.parse::<u32>().is_err().then(|| value.to_string()),
            "$count" => (value != "true" && value != "false").then(|| value.to_string()),
            _ => None,
        };
        all.extend(wrong.map(|value| format!("query option {name} cannot be '{value}'")));
        let unknown = heads(&name, &value)
            .into_iter()
            .filter(|head| !properties.contains(head.as_str()));
        all.extend(unknown.map(|head| format!("{name} names '{head}', which is no property")));
    }
    all
}

/// Names of the query options of an operation.
fn declared<'v>(version: &'v Version, operation: &'v Value) -> HashSet<&'v str> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|parameter| version.resolve(parameter));
    let queries = parameters.filter(|parameter| parameter["in"] == "query");
    queries
        .filter_map(|parameter| parameter["name"].as_str())
        .collect()
}

/// Property names of the response of an operation, or of the objects that it lists.
fn properties<'v>(version: &'v Version, operation: &'v Value) -> HashSet<&'v str> {
    let Some(schema) = version.content(&operation["responses"]["200"]) else {
        return HashSet::new();
    };
    let mut entity = version.resolve(schema);
    if let Some(items) = entity.pointer("/properties/value/items") {
        entity = version.resolve(items);
    }
    let mut names: HashSet<&str> = names(entity).collect();
    if entity["title"] == "directoryObject" {
        for name in DIRECTORY_OBJECTS {
            let component = format!("microsoft.graph.{name}");
            names.extend(self::names(
                &version.document["components"]["schemas"][component],
            ));
        }
    }
    names
}

fn names(entity: &Value) -> impl Iterator<Item = &str> {
    let properties = entity["properties"].as_object().into_iter().flatten();
    properties.map(|(name, _)| name.as_str())
}

/// The properties in an option; of a path, only the first segment.
fn heads(option: &str, value: &str) -> Vec<String> {
    let head = |text: &str| {
        let end = text.find(['/', '(', ' ']).unwrap_or(text.len());
        text[..end].to_owned()
    };
    match option {
        "$select" | "$orderby" => {
            let names = value.split(',').map(|name| head(name.trim()));
            names.filter(|name| name != "*").collect()
        }
        // Commas inside parentheses belong to the options of the expanded property.
        "$expand" => {
            let mut depth = 0;
            let parts = value.split(|letter| {
                depth += i32::from(letter == '(') - i32::from(letter == ')');
                letter == ',' && depth == 0
            });
            let names = parts.map(|name| head(name.trim()));
            names.filter(|name| name != "*").collect()
        }
        "$filter" => compared(value),
        _ => Vec::new(),
    }
}

/// The properties that a filter compares or passes to a function, without lambda variables.
fn compared(filter: &str) -> Vec<String> {
    // Strings are in quotes; a quote inside is doubled, which also splits correctly.
    let outside: Vec<&str> = filter.split('\'').step_by(2).collect();
    let outside = outside.join(" ");
    let words: Vec<&str> = outside
        .split([' ', '(', ')', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let variables: HashSet<&str> = words
        .iter()
        .filter_map(|word| word.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    let pairs = words.windows(2).filter_map(|pair| {
        if COMPARISONS.contains(&pair[1]) {
            Some(pair[0])
        } else {
            FUNCTIONS.contains(&pair[0]).then_some(pair[1])
        }
    });
    let heads = pairs
        .map(|path| path.rsplit(':').next().unwrap_or(path))
        .filter_map(|path| path.split('/').next())
        .filter(|head| !variables.contains(head) && !FUNCTIONS.contains(head));
    heads.map(str::to_owned).collect()
}
