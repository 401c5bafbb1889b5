//! Generates the reference pages from the declarations. Descriptions are taken from the schemas and written only once.
//!
//! No I/O: the caller passes the examples and writes the pages.

mod attributes;
mod functions;
mod import;
mod permissions;

use std::fmt::Write;

use sdk::served::{How, Served};
use sdk::{PREFIX, SITE};

use super::{CrossTenant, SERVED};
use terraform::{Action, DataSource, Function, ListResource, Provider, Resource, Schema};

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The path below `docs/`.
    pub path: String,
    /// Markdown.
    pub text: String,
}

/// Returns all pages of the reference. `example` returns the text of a file below `examples/`.
#[must_use]
pub fn pages(example: &dyn Fn(&str) -> String) -> Vec<Page> {
    let served = CrossTenant::default();
    let mut pages = vec![index(&served, example)];
    pages.extend(
        served
            .resources()
            .into_iter()
            .map(|resource| resource_page(resource, example)),
    );
    pages.extend(
        served
            .data_sources()
            .into_iter()
            .map(|source| data_source_page(source, example)),
    );
    pages.extend(
        served
            .actions()
            .into_iter()
            .map(|action| action_page(action, example)),
    );
    pages.extend(
        served
            .list_resources()
            .into_iter()
            .map(|listing| listing_page(listing, example)),
    );
    pages.extend(served.functions().into_iter().map(|function| {
        let path = format!("functions/{}/function.tf", function.name());
        functions::page(function, &example(&path))
    }));
    pages.push(permissions::page());
    pages
}

/// The URL of files that the registries do not show.
const REPOSITORY: &str = "https://github.com/crosstenant/terraform-provider-crosstenant/blob/main";

fn where_to_go() -> String {
    format!(
        "## Guides

- [Install]({SITE}/guides/install): from a registry, a mirror or an archive, with verification.
- [Getting started]({SITE}/guides/getting-started): set up synchronization between two tenants, step by step.
- [Authentication]({SITE}/guides/authentication): all authentication methods, clouds and endpoints.
- [Microsoft's page, step by step]({SITE}/guides/configure-cross-tenant-synchronization): the HCL for each control of the portal.
- [Synchronize groups]({SITE}/guides/synchronize-groups): required settings, supported groups and members, and events.
- [Adopt an existing setup]({SITE}/guides/adopt-an-existing-setup): export tenants that were configured manually.
- Moving from [azuread]({SITE}/guides/moving-from-azuread), [msgraph]({SITE}/guides/moving-from-msgraph) or
  [microsoft365 and microsoft365wp]({SITE}/guides/moving-from-microsoft365): move their objects without changing them.
- [From the set of principals to the map]({SITE}/guides/principals-as-a-map): changes for `principals` of `crosstenant_app_role_assignments`.
- [Preview a cycle]({SITE}/guides/preview): preview the next cycle or a plan, and stop a pipeline that would delete too many users.
- [Deprovisioning]({SITE}/guides/deprovisioning): end a synchronization without leaving users behind, and find leftover users.
- [Commands of the provider binary]({SITE}/guides/command-line): `check`, `status`, `preview`, `leftovers`, `map`, `export` and `live`.
- [Compatibility]({SITE}/guides/compatibility): supported versions of Terraform and OpenTofu and their features.
- [Troubleshooting]({SITE}/guides/troubleshooting): errors by symptom and by code.
- [Secure defaults]({SITE}/guides/secure-defaults): check collaboration settings and fix them without stopping synchronization.
- [Permissions]({SITE}/guides/permissions): permissions of each resource and operation.
- [Try the provider in test tenants]({SITE}/guides/test-tenants): test whether Microsoft Graph behaves as assumed.
- [Test your own modules]({SITE}/guides/testing): with a mocked provider, or against the local Graph emulator.
- [Other tools]({SITE}/guides/other-tools): policies on plans, imports, exit codes, and debugging two tenants.
- [Unverified]({REPOSITORY}/docs/internals/unverified.md): assumptions that were not verified in a live tenant.
"
    )
}

/// Returns the URL of a page of the reference.
fn shown(folder: &str, name: &str) -> String {
    format!("{SITE}/{folder}/{name}")
}

fn index(served: &CrossTenant, example: &dyn Fn(&str) -> String) -> Page {
    let description = &served.schema().description;
    let mut text = format!(
        "---\npage_title: \"{PREFIX} Provider\"\ndescription: |-\n{}\n---\n\n# {PREFIX} Provider\n\n{description}\n\n{}\n{}\n",
        indented(first_paragraph(description)),
        usage(&example("provider/provider.tf")),
        where_to_go(),
    );
    let resources = served
        .resources()
        .into_iter()
        .map(|one| (one.type_name(), one.schema()));
    text += &listed("Resources", "resources", resources);
    let data_sources = served
        .data_sources()
        .into_iter()
        .map(|one| (one.type_name(), one.schema()));
    text += &listed("Data sources", "data-sources", data_sources);
    text += &listed_functions(&served.functions());
    let actions = served
        .actions()
        .into_iter()
        .map(|one| (one.type_name(), one.schema()));
    text += &listed("Actions", "actions", actions);
    let listings = served
        .list_resources()
        .into_iter()
        .map(|one| (one.type_name(), one.schema()));
    text += &listed("List resources", "list-resources", listings);
    text += &attributes::section(served.schema());
    Page {
        path: "index.md".to_owned(),
        text,
    }
}

/// Formats a table of pages with the first sentence of each.
fn listed<'a>(
    heading: &str,
    folder: &str,
    types: impl Iterator<Item = (&'a str, &'a Schema)>,
) -> String {
    let mut table = format!("## {heading}\n\n| Type | Description |\n|---|---|\n");
    for (type_name, schema) in types {
        let _ = writeln!(
            table,
            "| [`{type_name}`]({}) | {} |",
            shown(folder, short(type_name)),
            first_sentence(&schema.description)
        );
    }
    table + "\n"
}

fn listed_functions(functions: &[&dyn Function]) -> String {
    let mut table = String::from("## Functions\n\n| Function | Description |\n|---|---|\n");
    for function in functions {
        let (name, summary) = (function.name(), function.signature().summary);
        let _ = writeln!(
            table,
            "| [`{name}`]({}) | {summary}. |",
            shown("functions", name)
        );
    }
    table + "\n"
}

fn resource_page(resource: &dyn Resource, example: &dyn Fn(&str) -> String) -> Page {
    let type_name = resource.type_name();
    let name = short(type_name);
    let folder = format!("resources/{type_name}");
    let mut text = head(type_name, "Resource", resource.schema());
    let served = served("Resource", name);
    let facts = served.facts().expect("facts of a resource");
    if !facts.notes.is_empty() {
        text += facts.notes;
        text += "\n\n";
    }
    text += &permissions::section(&served.calls());
    text += &usage(&example(&format!("{folder}/resource.tf")));
    text += "\n";
    text += &attributes::section(resource.schema());
    text += &import::section(
        facts.import,
        &example(&format!("{folder}/import.sh")),
        type_name,
        resource.identity(),
    );
    text += &import::moves(type_name, facts.moves);
    Page {
        path: format!("resources/{name}.md"),
        text: text.trim_end().to_owned() + "\n",
    }
}

fn data_source_page(source: &dyn DataSource, example: &dyn Fn(&str) -> String) -> Page {
    let type_name = source.type_name();
    let name = short(type_name);
    let mut text = head(type_name, "Data Source", source.schema());
    text += &permissions::section(&served("Data Source", name).calls());
    text += &usage(&example(&format!(
        "data-sources/{type_name}/data-source.tf"
    )));
    text += "\n";
    text += &attributes::section(source.schema());
    Page {
        path: format!("data-sources/{name}.md"),
        text: text.trim_end().to_owned() + "\n",
    }
}

fn action_page(action: &dyn Action, example: &dyn Fn(&str) -> String) -> Page {
    let type_name = action.type_name();
    let name = short(type_name);
    let mut text = head(type_name, "Action", action.schema());
    let _ = write!(
        text,
        "Actions need Terraform 1.14 or newer; OpenTofu does not have them ([compatibility]({SITE}/guides/compatibility)).\n\n"
    );
    text += &permissions::section(&served("Action", name).calls());
    text += &usage(&example(&format!("actions/{type_name}/action.tf")));
    text += "\n";
    text += &attributes::section(action.schema());
    Page {
        path: format!("actions/{name}.md"),
        text: text.trim_end().to_owned() + "\n",
    }
}

fn listing_page(listing: &dyn ListResource, example: &dyn Fn(&str) -> String) -> Page {
    let type_name = listing.type_name();
    let name = short(type_name);
    let mut text = head(type_name, "List Resource", listing.schema());
    let _ = write!(
        text,
        "Lists need `terraform query` of Terraform 1.14 or newer; OpenTofu does not have it \
         ([compatibility]({SITE}/guides/compatibility)).\n\n"
    );
    text += &permissions::section(&served("List Resource", name).calls());
    let path = format!("list-resources/{type_name}/list-resource.tfquery.hcl");
    text += &usage(&example(&path));
    text += "\n";
    text += &attributes::section(listing.schema());
    Page {
        path: format!("list-resources/{name}.md"),
        text: text.trim_end().to_owned() + "\n",
    }
}

/// Returns the served object with that name, for a page of that kind.
fn served(kind: &str, name: &str) -> &'static Served {
    let is_kind = |one: &Served| {
        kind == match one.how {
            How::Resource(..) => "Resource",
            How::DataSource(_) => "Data Source",
            How::Action(_) => "Action",
            How::List(_) => "List Resource",
        }
    };
    let mut all = SERVED.iter();
    all.find(|one| is_kind(one) && one.name == name)
        .expect("everything that has a page is served")
}

fn head(type_name: &str, kind: &str, schema: &Schema) -> String {
    format!(
        "---\npage_title: \"{type_name} {kind} - terraform-provider-{PREFIX}\"\nsubcategory: \"{}\"\ndescription: |-\n{}\n---\n\n\
         # {type_name} ({kind})\n\n{}\n\n",
        served(kind, short(type_name)).task.title(),
        indented(first_paragraph(&schema.description)),
        schema.description
    )
}

fn usage(example: &str) -> String {
    format!(
        "## Example Usage\n\n```terraform\n{}\n```\n",
        example.trim_end()
    )
}

/// Returns the type without the provider's prefix.
fn short(type_name: &str) -> &str {
    type_name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_prefix('_'))
        .unwrap_or(type_name)
}

fn first_paragraph(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or(text)
}

fn first_sentence(text: &str) -> String {
    let paragraph = first_paragraph(text).replace('\n', " ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |dot| dot + 1);
    paragraph[..end].to_owned()
}

/// Indents a text for a YAML block in the front matter.
fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
