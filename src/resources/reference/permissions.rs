//! The permissions that the calls of a resource require: a table on its page, and one page about all of them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Page, short, shown};
use crate::SERVED;
use graph::permissions::{self, Access};
use sdk::served::How;
use sdk::{PREFIX, SITE};

const OWNED: &str = "`Application.ReadWrite.OwnedBy` covers only applications that the signed-in application owns. For \
    other applications, for example those created in the portal, `Application.ReadWrite.All` is required.\n\n";

/// Returns the section of a page about `calls`, given as (method, path template).
pub(super) fn section(calls: &[(&str, &str)]) -> String {
    let mut text = String::from(
        "## API Permissions\n\nFor each call, this table lists the least privileged application permission that Microsoft documents, and \
         the directory role that a user who signs in with the Azure CLI needs instead.\n\n\
         | Application permission | Directory role | Calls |\n|---|---|---|\n",
    );
    let rows = rows(calls);
    for (needs, calls) in &rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            quoted(needs.permission),
            needs.role,
            calls.join("<br>")
        );
    }
    text += "\n";
    if rows
        .iter()
        .any(|(needs, _)| needs.permission.contains("OwnedBy"))
    {
        text += OWNED;
    }
    text
}

/// Returns the distinct permissions of `calls`, each with its calls.
fn rows(calls: &[(&str, &str)]) -> Vec<(&'static Access, Vec<String>)> {
    let mut rows: Vec<(&Access, Vec<String>)> = Vec::new();
    for (method, path) in calls {
        let Some(needs) = permissions::needed(method, path) else {
            continue;
        };
        let call = shown_call(method, path);
        let same = rows
            .iter_mut()
            .find(|(other, _)| (other.permission, other.role) == (needs.permission, needs.role));
        match same {
            Some((_, calls)) => calls.push(call),
            None => rows.push((needs, vec![call])),
        }
    }
    rows
}

/// Formats a call like Microsoft's documentation: an attribute that stands for an ID is `{id}`.
fn shown_call(method: &str, path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let is_attribute = segment.starts_with('{') && segment.contains('_');
        if is_attribute { "{id}" } else { segment }
    });
    format!("`{method} {}`", segments.collect::<Vec<_>>().join("/"))
}

fn opening() -> String {
    format!(
        "\
---
page_title: \"Permissions\"
description: |-
  What each resource, data source and action needs to read, write and destroy: application permissions and directory roles.
---

# Permissions

The provider names, for each call it makes, the least privileged application permission that Microsoft publishes and the
directory role that a person signed in with the Azure CLI needs instead. This page is written from the same table that the
error messages use. Grant a permission in the tenant that the resource lives in, to the application that the provider
configuration for **that** tenant signs in with, and give admin consent. Functions of the provider need none.

For the permissions of a typical setup, see [getting started]({SITE}/guides/getting-started#1-an-application-in-each-tenant).

"
    )
}

/// A type with its calls.
type Caller = (String, Vec<(&'static str, &'static str)>);

/// Returns the page about all resources, data sources and actions.
pub(super) fn page() -> Page {
    let [resources, sources, actions, lists] = callers();
    let mut text = opening();
    text += "## To run a plan and an apply\n\n";
    text += "A plan only reads. An application that only plans, for example in the pipeline of a pull request, needs \
        only the permissions in the second column. \"Nothing more\" means that the permissions of the previous columns \
        are sufficient.\n\n";
    text += "| Resource | To read, for a plan | To create and change | To destroy |\n|---|---|---|---|\n";
    for (name, calls) in &resources {
        let needed = [Operation::Read, Operation::Write, Operation::Delete]
            .map(|operation| needs(calls, operation));
        let link = link("resources", name);
        let _ = writeln!(text, "| {link} | {} |", needed.join(" | "));
    }
    text += "\n| Data source | To read |\n|---|---|\n";
    for (name, calls) in &sources {
        let needed = needs(calls, Operation::Read);
        let _ = writeln!(text, "| {} | {needed} |", link("data-sources", name));
    }
    text += "\n| List resource | To read |\n|---|---|\n";
    for (name, calls) in &lists {
        let needed = needs(calls, Operation::Read);
        let _ = writeln!(text, "| {} | {needed} |", link("list-resources", name));
    }
    text += "\n| Action | To look | To act |\n|---|---|---|\n";
    for (name, calls) in &actions {
        let needed = [Operation::Read, Operation::Write].map(|operation| needs(calls, operation));
        let _ = writeln!(
            text,
            "| {} | {} |",
            link("actions", name),
            needed.join(" | ")
        );
    }
    text += "\n";
    text += OWNED;
    text += &by_permission([resources, sources, actions, lists].iter().flatten());
    Page {
        path: "guides/permissions.md".to_owned(),
        text: text.trim_end().to_owned() + "\n",
    }
}

/// Returns resources, data sources, actions and list resources.
fn callers() -> [Vec<Caller>; 4] {
    let mut callers = [const { Vec::new() }; 4];
    for one in SERVED {
        let place = match one.how {
            How::Resource(..) => 0,
            How::DataSource(_) => 1,
            How::Action(_) => 2,
            How::List(_) => 3,
        };
        callers[place].push((format!("{PREFIX}_{}", one.name), one.calls()));
    }
    callers
}

/// The operation on an object.
#[derive(Clone, Copy, PartialEq)]
enum Operation {
    Read,
    Write,
    Delete,
}

/// Calls with POST that do not change anything.
const QUESTIONS: [&str; 3] = ["/validateCredentials", "/parseExpression", "/discover"];

fn operation(method: &str, path: &str) -> Operation {
    match method {
        "GET" => Operation::Read,
        "DELETE" => Operation::Delete,
        _ if QUESTIONS.iter().any(|question| path.ends_with(question)) => Operation::Read,
        _ => Operation::Write,
    }
}

/// Formats the permissions of one operation, each with its role.
fn needs(calls: &[(&str, &str)], wanted: Operation) -> String {
    let chosen = calls
        .iter()
        .filter(|(method, path)| operation(method, path) == wanted);
    let mut needs: Vec<String> = Vec::new();
    for need in chosen.filter_map(|(method, path)| permissions::needed(method, path)) {
        let text = format!("{} ({})", quoted(need.permission), need.role);
        if !needs.contains(&text) {
            needs.push(text);
        }
    }
    if needs.is_empty() {
        return "nothing more".to_owned();
    }
    needs.join("<br>")
}

fn quoted(permission: &str) -> String {
    let names: Vec<String> = permission
        .split(" and ")
        .map(|name| format!("`{name}`"))
        .collect();
    names.join(" and ")
}

fn link(folder: &str, type_name: &str) -> String {
    format!("[`{type_name}`]({})", shown(folder, short(type_name)))
}

/// Formats each permission with its calls and the types that send them.
fn by_permission<'t>(callers: impl Iterator<Item = &'t Caller>) -> String {
    let mut rows: BTreeMap<(&str, &str), BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for (name, calls) in callers {
        for (method, path) in calls {
            let Some(need) = permissions::needed(method, path) else {
                continue;
            };
            for permission in need.permission.split(" and ") {
                let calls = rows.entry((permission, need.role)).or_default();
                let users = calls.entry(shown_call(method, path)).or_default();
                if !users.contains(&short(name)) {
                    users.push(short(name));
                }
            }
        }
    }
    let mut text = String::from(
        "## What each permission is for\n\nThe names in the last column are without `crosstenant_`.\n\n\
         | Application permission | Directory role | Call | Made by |\n|---|---|---|---|\n",
    );
    for ((permission, role), calls) in rows {
        for (call, users) in calls {
            let _ = writeln!(
                text,
                "| `{permission}` | {role} | {call} | {} |",
                users.join(", ")
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_a_known_need() {
        for one in SERVED {
            assert!(!one.calls().is_empty(), "{} makes no calls", one.name);
            for (method, path) in one.calls() {
                let need = permissions::needed(method, path);
                assert!(need.is_some(), "{}: {method} {path}", one.name);
            }
        }
    }

    #[test]
    fn what_only_asks_counts_as_reading() {
        let calls = [
            (
                "POST",
                "/servicePrincipals/{id}/synchronization/jobs/validateCredentials",
            ),
            ("DELETE", "/servicePrincipals/{id}/appRoleAssignedTo/{id}"),
        ];
        assert_eq!(
            needs(&calls, Operation::Read),
            "`Application.ReadWrite.OwnedBy` (Hybrid Identity Administrator)"
        );
        assert_eq!(needs(&calls, Operation::Write), "nothing more");
        assert_eq!(
            needs(&calls, Operation::Delete),
            "`AppRoleAssignment.ReadWrite.All` (Cloud Application Administrator)"
        );
    }

    #[test]
    fn equal_needs_share_a_row() {
        let text = section(&[
            ("POST", "/policies/crossTenantAccessPolicy/partners"),
            ("GET", "/policies/crossTenantAccessPolicy/partners/{id}"),
            ("DELETE", "/policies/crossTenantAccessPolicy/partners/{id}"),
        ]);
        assert_eq!(
            text.matches("`Policy.ReadWrite.CrossTenantAccess`").count(),
            1
        );
        assert!(text.contains(
            "| `Policy.ReadWrite.CrossTenantAccess` | Security Administrator | `POST /policies/crossTenantAccessPolicy/partners`<br>`DELETE "
        ));
        assert!(text.contains("| `Policy.Read.All` | Security Reader |"));
    }
}
