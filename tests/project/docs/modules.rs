//! The README of each module lists the variables and outputs that its files declare.

use std::fmt::Write as _;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};

use crate::docs::{is_current, names, read};

const MODULES: &str = "modules";

/// The blocks of a kind in a file of a module.
fn blocks(module: &str, file: &str, kind: &str) -> Vec<Block> {
    let text = read(&format!("{MODULES}/{module}/{file}"));
    let body: Body = text.parse().unwrap();
    let blocks = body.into_blocks();
    blocks
        .filter(|block| block.ident.as_str() == kind)
        .collect()
}

fn label(block: &Block) -> &str {
    block.labels[0].as_str()
}

fn argument<'a>(block: &'a Block, name: &str) -> Option<&'a Expression> {
    block.body.get_attribute(name).map(|found| &found.value)
}

fn description(block: &Block) -> String {
    let found = argument(block, "description").and_then(Expression::as_str);
    let text = found.unwrap_or_else(|| panic!("{} has no description", label(block)));
    assert!(text.ends_with('.'), "{}: {text}", label(block));
    text.to_owned()
}

/// An expression on one line, for a cell of a table.
fn cell(expression: &Expression) -> String {
    let text = expression.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of the page that is generated from the files.
fn generated(module: &str) -> String {
    let mut text =
        "## Inputs\n\n| Name | Description | Type | Default |\n|---|---|---|---|\n".to_owned();
    for block in blocks(module, "variables.tf", "variable") {
        let kind = cell(argument(&block, "type").unwrap());
        let default = argument(&block, "default");
        let default = default.map_or_else(|| "required".to_owned(), |it| format!("`{}`", cell(it)));
        let _ = writeln!(
            text,
            "| `{}` | {} | `{kind}` | {default} |",
            label(&block),
            description(&block)
        );
    }
    text.push_str("\n## Outputs\n\n| Name | Description |\n|---|---|\n");
    for block in blocks(module, "outputs.tf", "output") {
        let _ = writeln!(text, "| `{}` | {} |", label(&block), description(&block));
    }
    text
}

#[test]
fn the_readme_of_each_module_lists_what_it_takes_and_gives() {
    let modules = names(MODULES);
    assert!(modules.len() >= 3, "{modules:?}");
    for module in modules {
        let path = format!("{MODULES}/{module}/README.md");
        let page = read(&path);
        let (written, _) = page
            .split_once("## Inputs")
            .unwrap_or_else(|| panic!("{path} has no section Inputs"));
        is_current(&path, &format!("{written}{}", generated(&module)));
    }
}
