//! Checks a configuration before any request: each error has the position of the mistake and the reason.

use super::names::{self, Fault};
use super::part::Objects;
use expression::{self, Expression, closest};
use terraform::{Diagnostic, Diagnostics, Path, Value};

/// Operators of scoping filters with a value.
const BINARY: [&str; 10] = [
    "EQUALS",
    "NOT EQUALS",
    "REGEX MATCH",
    "NOT REGEX MATCH",
    "&",
    "!&",
    "ENDS_WITH",
    "Greater_Than",
    "Greater_Than_OR_EQUALS",
    "Includes",
];

/// Operators of scoping filters without a value.
const UNARY: [&str; 4] = ["IS NULL", "IS NOT NULL", "IS TRUE", "IS FALSE"];

/// The advice for functions of Microsoft that this provider does not support yet.
const UNKNOWN: &str =
    "If Microsoft Graph accepts the expression, set `validate_expression = false` in this mapping.";

/// Operators of other languages, without spaces and in lower case.
const SYMBOLS: [(&str, &str); 16] = [
    ("=", "EQUALS"),
    ("==", "EQUALS"),
    ("eq", "EQUALS"),
    ("equal", "EQUALS"),
    ("is", "EQUALS"),
    ("!=", "NOT EQUALS"),
    ("<>", "NOT EQUALS"),
    ("ne", "NOT EQUALS"),
    ("isnot", "NOT EQUALS"),
    ("~", "REGEX MATCH"),
    ("=~", "REGEX MATCH"),
    ("!~", "NOT REGEX MATCH"),
    (">", "Greater_Than"),
    (">=", "Greater_Than_OR_EQUALS"),
    ("contains", "Includes"),
    ("endswith", "ENDS_WITH"),
];

/// Returns all errors of `config`. Unknown values are allowed.
pub(super) fn check(config: &Value, found: &mut Diagnostics) {
    let from = found.len();
    for objects in Objects::ALL {
        check_mappings(objects, config, found);
        check_filters(objects, config, found);
    }
    check_exclusive(config, found);
    check_groups(config, found);
    // For an attribute deeper than one level, the CLI shows only the resource.
    for problem in &mut found[from..] {
        if let Some(path) = &problem.path {
            problem.detail = format!("{}\n\nAt `{path}`.", problem.detail);
        }
    }
}

fn check_mappings(objects: Objects, config: &Value, found: &mut Diagnostics) {
    let mappings = config.member(objects.mappings());
    let at = Path::root(objects.mappings());
    for (target, mapping) in mappings.as_object().into_iter().flatten() {
        named(
            names::target(objects, target),
            target,
            &at.key(target),
            found,
        );
        check_mapping(objects, target, mapping, &at.key(target), found);
    }
}

fn check_exclusive(config: &Value, found: &mut Diagnostics) {
    if config.member("exclusive").as_bool() != Some(true) {
        return;
    }
    if config.member("attribute_mappings").is_null() {
        let detail = "With `exclusive = true`, every mapping that is not configured is removed, and no mapping is \
            configured. Add the mappings to keep, or remove `exclusive`.";
        let problem = Diagnostic::error("`exclusive` requires `attribute_mappings`", detail);
        found.push(problem.at(Path::root("exclusive")));
    }
    let groups = Objects::Groups.mappings();
    let written = config.member(groups).as_object();
    if written.is_some_and(|written| !written.contains_key(names::MEMBERS)) {
        let detail = "With `exclusive = true`, every mapping of groups that is not configured is removed, and `members` is not configured. \
                      Groups are then copied without their members. To copy the members, add `members = { attribute = \"members\" }`.";
        let summary = "The members of groups are not synchronized";
        found.push(Diagnostic::warning(summary, detail).at(Path::root(groups)));
    }
}

/// Checks the settings that groups require together, as far as this resource contains them.
fn check_groups(config: &Value, found: &mut Diagnostics) {
    let switch = |objects: Objects| config.member(objects.switch()).as_bool();
    let at = Path::root(Objects::Groups.switch());
    if switch(Objects::Groups) == Some(true) && switch(Objects::Users) == Some(false) {
        let detail = "Groups cannot be synchronized without users: the members of a copied group are the users that \
            the same job creates. Remove `users_enabled = false`, or set `groups_enabled` to `false`.";
        let summary = "Groups cannot be synchronized without users";
        found.push(Diagnostic::warning(summary, detail).at(at));
        return;
    }
    if switch(Objects::Groups) == Some(true) {
        return;
    }
    let names = [Objects::mappings, Objects::filters, Objects::actions];
    let names = names.map(|name| name(Objects::Groups));
    let written = names
        .into_iter()
        .find(|name| !config.member(name).is_null());
    let is_unknown = config.member(Objects::Groups.switch()).is_unknown();
    if let Some(name) = written.filter(|_| !is_unknown) {
        let detail = format!(
            "`{name}` has no effect while the mapping of groups is disabled, as it is by default in Microsoft Entra. Set \
             `groups_enabled = true` to synchronize groups."
        );
        let summary = "The mapping of groups is not enabled here";
        found.push(Diagnostic::warning(summary, detail).at(Path::root(name)));
    }
}

fn check_filters(objects: Objects, config: &Value, found: &mut Diagnostics) {
    let filters = config.member(objects.filters());
    let at = Path::root(objects.filters());
    for (index, group) in filters.as_elements().unwrap_or_default().iter().enumerate() {
        let clauses = group.member("clauses").as_elements().unwrap_or_default();
        for (clause, value) in clauses.iter().enumerate() {
            let at = at.index(index).attribute("clauses").index(clause);
            check_clause(objects, value, &at, found);
        }
    }
}

fn check_mapping(
    objects: Objects,
    target: &str,
    mapping: &Value,
    at: &Path,
    found: &mut Diagnostics,
) {
    let parts = ["attribute", "constant", "expression"].map(|name| mapping.member(name));
    check_parts(target, mapping, parts, at, found);
    let [attribute, constant, expression] = parts.map(Value::as_str);
    if let Some(name) = attribute {
        let fault = names::source(objects, name);
        named(fault, name, &at.attribute("attribute"), found);
    }
    if objects == Objects::Groups && target == names::MEMBERS {
        return check_members(attribute, parts, at, found);
    }
    if let Some(constant) = constant.filter(|_| objects == Objects::Users) {
        check_constant(target, constant, &at.attribute("constant"), found);
    }
    if let Some(text) = expression {
        let at = at.attribute("expression");
        if mapping.member("validate_expression").as_bool() == Some(false) {
            check_unvalidated(text, &at, found);
        } else {
            check_expression(objects, text, &at, found);
        }
    }
}

/// Members are references, so only `members` can be their source.
fn check_members(attribute: Option<&str>, parts: [&Value; 3], at: &Path, found: &mut Diagnostics) {
    let is_other = attribute.is_some_and(|name| name != names::MEMBERS);
    if !is_other && parts[1].is_null() && parts[2].is_null() {
        return;
    }
    let detail = "The members of a copied group are references to users in the target tenant. They can be mapped only \
        from the members of the source group: `members = { attribute = \"members\" }`.";
    let problem = Diagnostic::error("Members can only be mapped from members", detail);
    found.push(problem.at(at.clone()));
}

/// Checks that there is exactly one source, or none if there is a default.
fn check_parts(
    target: &str,
    mapping: &Value,
    parts: [&Value; 3],
    at: &Path,
    found: &mut Diagnostics,
) {
    if parts.iter().any(|part| part.is_unknown()) {
        return;
    }
    let set = parts.iter().filter(|part| !part.is_null()).count();
    if set == 1 || (set == 0 && !mapping.member("default_value").is_null()) {
        return;
    }
    let many = if set == 0 {
        "none".to_owned()
    } else {
        set.to_string()
    };
    let detail = format!(
        "The mapping of {target} must set exactly one of `attribute`, `constant` and `expression`, but {many} of them \
        are set. Only a mapping with a `default_value` can omit all of them."
    );
    let problem = Diagnostic::error("A mapping needs exactly one source", detail);
    found.push(problem.at(at.clone()));
}

/// Checks an expression that only Graph validates.
fn check_unvalidated(text: &str, at: &Path, found: &mut Diagnostics) {
    let Err(error) = expression::parse(text) else {
        return;
    };
    let detail = format!(
        "This provider does not support the whole expression: {error}. Because `validate_expression` is `false`, the \
        expression is not checked during the plan. Microsoft Graph checks it when the schema is saved."
    );
    let warning = Diagnostic::warning("The expression is not checked during the plan", detail);
    found.push(warning.at(at.clone()));
}

/// Whether [`check_expression`] accepts an expression of the live schema.
pub(super) fn passes(objects: Objects, expression: &Expression) -> bool {
    let is_refused = |name: &&str| {
        matches!(
            names::source(objects, name),
            Some(Fault::Refused(_) | Fault::Misspelt(_))
        )
    };
    expression.check_cross_tenant().is_ok() && !expression.attributes().iter().any(is_refused)
}

fn check_constant(target: &str, constant: &str, at: &Path, found: &mut Diagnostics) {
    let is_truth = ["true", "false"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(constant));
    let expected = match target {
        "userType" if !["Member", "Guest"].contains(&constant) => "\"Member\" or \"Guest\"",
        target if names::is_boolean(target) && !is_truth => "\"True\" or \"False\"",
        _ => return,
    };
    let detail = format!("{target} can only be {expected}, not {constant:?}.");
    found.push(Diagnostic::error(format!("Invalid value of {target}"), detail).at(at.clone()));
}

fn check_expression(objects: Objects, text: &str, at: &Path, found: &mut Diagnostics) {
    let checked = expression::parse(text).and_then(|parsed| {
        parsed.check_cross_tenant()?;
        Ok(parsed)
    });
    match checked {
        Err(error) => {
            let detail = format!("{error}.\n\n{}\n\n{UNKNOWN}", error.caret(text));
            let summary = format!("The expression is wrong at column {}", error.column);
            found.push(Diagnostic::error(summary, detail).at(at.clone()));
        }
        Ok(parsed) => {
            for name in parsed.attributes() {
                named(names::source(objects, name), name, at, found);
            }
            for name in parsed.undocumented() {
                let detail = format!(
                    "Microsoft's reference of the functions for provisioning does not list {name}, but published configurations use \
                     it. Check the mapping with `crosstenant_expression_test` before you rely on it."
                );
                let warning = Diagnostic::warning(format!("{name} is not documented"), detail);
                found.push(warning.at(at.clone()));
            }
        }
    }
}

/// Reports the fault of a name.
fn named(fault: Option<Fault>, name: &str, at: &Path, found: &mut Diagnostics) {
    let problem = match fault {
        None => return,
        Some(Fault::Refused(why)) => {
            Diagnostic::error(format!("The attribute {name} cannot be used here"), why)
        }
        Some(Fault::Misspelt(meant)) => Diagnostic::error(
            format!("Unknown attribute {name}"),
            format!("Names of attributes are case-sensitive. Did you mean `{meant}`?"),
        ),
        Some(Fault::Suspicious(meant)) => Diagnostic::warning(
            format!("{name} is not a standard attribute"),
            format!(
                "Did you mean `{meant}`? Otherwise, the name is looked up in the schema of the job before anything is changed."
            ),
        ),
    };
    found.push(problem.at(at.clone()));
}

fn check_clause(objects: Objects, clause: &Value, at: &Path, found: &mut Diagnostics) {
    let attribute = clause.member("attribute").as_str();
    if let Some(name) = attribute {
        let fault = names::filter(objects, name);
        named(fault, name, &at.attribute("attribute"), found);
    }
    let Some(operator) = clause.member("operator").as_str() else {
        return;
    };
    let values = clause.member("values");
    let given = match values {
        Value::Null => Some(0),
        values => values.as_elements().map(<[Value]>::len),
    };
    let problem = if UNARY.contains(&operator) {
        if let Some(name) = attribute.filter(|name| {
            matches!(operator, "IS TRUE" | "IS FALSE") && names::is_no_boolean(objects, name)
        }) {
            let detail = format!(
                "{operator} can only be used with Boolean attributes, and {name} is not a Boolean attribute."
            );
            Diagnostic::error(format!("{name} is not a Boolean attribute"), detail)
                .at(at.attribute("operator"))
        } else if given.is_some_and(|given| given > 0) {
            let detail = format!("{operator} takes no values. Remove `values`.");
            Diagnostic::error(format!("{operator} takes no values"), detail)
                .at(at.attribute("values"))
        } else {
            return;
        }
    } else if BINARY.contains(&operator) {
        if given != Some(0) {
            return;
        }
        let detail = format!("Set `values` to the values that {operator} compares with.");
        Diagnostic::error(format!("{operator} needs a value"), detail).at(at.attribute("operator"))
    } else {
        unknown_operator(operator).at(at.attribute("operator"))
    };
    found.push(problem);
}

fn unknown_operator(operator: &str) -> Diagnostic {
    let all = || UNARY.into_iter().chain(BINARY);
    let plain = operator.to_ascii_lowercase().replace(['_', ' '], "");
    if plain == "ismemberof" {
        let detail = "Cross-tenant synchronization does not support it. Assign the group to the configuration instead: its \
                      direct members are synchronized.";
        return Diagnostic::error("IsMemberOf is not supported", detail);
    }
    let spelt = all().find(|known| known.to_ascii_lowercase().replace(['_', ' '], "") == plain);
    let symbol = SYMBOLS.iter().find(|(symbol, _)| *symbol == plain);
    let meant = spelt
        .or_else(|| symbol.map(|(_, operator)| *operator))
        .or_else(|| closest(operator, all()));
    let listed: Vec<String> = all().map(|known| format!("`{known}`")).collect();
    let detail = match meant {
        Some(meant) => {
            format!(
                "Operators must be written exactly as Microsoft Graph lists them. Did you mean `{meant}`?"
            )
        }
        None => format!("Scoping filters know {}.", listed.join(", ")),
    };
    Diagnostic::error(format!("Unknown operator {operator:?}"), detail)
}
