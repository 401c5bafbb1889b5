//! Formats the pages of functions.

use std::fmt::Write;

use super::{Page, first_paragraph, indented, usage};
use sdk::PREFIX;
use sdk::Task;
use terraform::{Function, Parameter, Signature, Type};

/// Returns the page of one function. `example` is its usage.
pub(super) fn page(function: &dyn Function, example: &str) -> Page {
    let (name, signature) = (function.name(), function.signature());
    let mut text = format!(
        "---\npage_title: \"{name} function - terraform-provider-{PREFIX}\"\nsubcategory: \"{}\"\ndescription: |-\n{}\n---\n\n\
         # function: {name}\n\n{}\n\n",
        Task::Synchronization.title(),
        indented(first_paragraph(&signature.description)),
        signature.description
    );
    text += "Functions need Terraform 1.8 or newer, or OpenTofu 1.7 or newer.\n\n";
    text += &usage(example);
    let _ = write!(
        text,
        "\n## Signature\n\n```text\n{}\n```\n\n## Arguments\n\n{}",
        written(name, signature),
        arguments(signature)
    );
    Page {
        path: format!("functions/{name}.md"),
        text,
    }
}

fn written(name: &str, signature: &Signature) -> String {
    let parameter =
        |parameter: &Parameter| format!("{} {}", parameter.name, type_name(&parameter.of));
    let mut parameters: Vec<String> = signature.parameters.iter().map(parameter).collect();
    parameters.extend(
        signature
            .variadic
            .iter()
            .map(|variadic| format!("{}...", parameter(variadic))),
    );
    format!(
        "{name}({}) {}",
        parameters.join(", "),
        type_name(&signature.returns)
    )
}

fn arguments(signature: &Signature) -> String {
    let all = signature.parameters.iter().chain(&signature.variadic);
    let mut lines = String::new();
    for (position, parameter) in all.enumerate() {
        let number = position + 1;
        let null = if parameter.allows_null {
            ", may be null"
        } else {
            ""
        };
        let _ = writeln!(
            lines,
            "{number}. `{}` ({}{null}) {}",
            parameter.name,
            type_name(&parameter.of),
            parameter.description
        );
    }
    lines
}

fn type_name(of: &Type) -> String {
    let of_inner = |name: &str, inner: &Type| format!("{name} of {}", type_name(inner));
    match of {
        Type::Bool => "bool".to_owned(),
        Type::Number => "number".to_owned(),
        Type::String => "string".to_owned(),
        Type::Dynamic => "dynamic".to_owned(),
        Type::List(inner) => of_inner("list", inner),
        Type::Set(inner) => of_inner("set", inner),
        Type::Map(inner) => of_inner("map", inner),
        Type::Tuple(_) => "tuple".to_owned(),
        Type::Object(_) => "object".to_owned(),
    }
}
