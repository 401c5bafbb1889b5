//! Writes a document as HCL in the format of `terraform fmt`.

use std::fmt::Write as _;

use hcl_edit::expr::{
    Array, Expression as Hcl, ForExpr, ForIntro, FuncArgs, FuncCall, Object, ObjectKey,
    ObjectValue, ObjectValueTerminator,
};
use hcl_edit::structure::{Attribute, Block as HclBlock, Body, Structure};
use hcl_edit::template::{self, StringTemplate};
use hcl_edit::{Decorate as _, Decorated, Ident};
use serde_json::Value as Json;

use super::document::{Block, Element, Expression, File};

/// The line length above which lists and objects are split into several lines.
const WIDTH: usize = 110;

/// The text of a file.
pub(super) fn text(file: &File) -> String {
    let mut body = Body::new();
    for (number, block) in file.blocks.iter().enumerate() {
        let mut prefix = if number == 0 {
            format!("# {}\n\n", file.about)
        } else {
            "\n".to_owned()
        };
        if let Some(comment) = &block.comment {
            let _ = writeln!(prefix, "# {}", one_line(comment));
        }
        let mut block = spelled_block(block, 0);
        block.decor_mut().set_prefix(prefix);
        body.push(block);
    }
    without_direction(&body.to_string())
}

/// An expression on one line, as in a template.
pub(super) fn inline(value: &Expression) -> String {
    spelled(value, Layout::Inline).to_string().trim().to_owned()
}

/// Escapes Unicode marks that change the writing direction, which would make a text look different. Valid in HCL and in JSON.
pub(super) fn without_direction(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if turns_direction(letter) {
            let _ = write!(plain, "\\u{:04X}", u32::from(letter));
        } else {
            plain.push(letter);
        }
    }
    plain
}

fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Replaces line breaks, because a comment ends with its line.
fn one_line(comment: &str) -> String {
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    comment
        .chars()
        .map(plain)
        .collect::<String>()
        .trim()
        .to_owned()
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

fn spelled_block(block: &Block, depth: usize) -> HclBlock {
    let mut spelled = HclBlock::new(Ident::new(block.kind));
    spelled.labels = block
        .labels
        .iter()
        .map(|label| label.as_str().into())
        .collect();
    let mut body = Body::new();
    for mut attribute in aligned(&block.arguments, depth + 1) {
        attribute.decor_mut().set_prefix(indent(depth + 1));
        body.push(attribute);
    }
    for inner in &block.blocks {
        let mut inner = spelled_block(inner, depth + 1);
        inner.decor_mut().set_prefix(indent(depth + 1));
        body.push(Structure::Block(inner));
    }
    body.decor_mut().set_suffix(indent(depth));
    spelled.body = body;
    spelled
}

/// The layout of an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// On one line.
    Inline,
    /// On several lines if one would be too long, indented by this depth.
    Below(usize),
}

/// The arguments as HCL, with aligned equals signs of neighboring lines.
fn aligned(arguments: &[(String, Expression)], depth: usize) -> Vec<Attribute> {
    let spelled: Vec<(String, Hcl, bool)> = arguments
        .iter()
        .map(|(name, value)| {
            let (value, is_one_line) = laid_out(name.len(), value, depth);
            (name.clone(), value, is_one_line)
        })
        .collect();
    let widths = widths(
        spelled
            .iter()
            .map(|(name, _, single)| (name.len(), *single)),
    );
    let padded = spelled.into_iter().zip(widths);
    padded
        .map(|((name, value, _), width)| {
            let mut key = Decorated::new(Ident::new(&name));
            key.decor_mut()
                .set_suffix(" ".repeat(width - name.len() + 1));
            Attribute::new(key, value)
        })
        .collect()
}

/// The value of an argument whose name has this length, and whether it fits on one line.
fn laid_out(name: usize, value: &Expression, depth: usize) -> (Hcl, bool) {
    let room = WIDTH.saturating_sub(2 * depth + name + 3);
    if fits(value, room) {
        (spelled(value, Layout::Inline), true)
    } else {
        (spelled(value, Layout::Below(depth)), false)
    }
}

/// The padded width of each name: that of the longest name among neighboring single-line arguments.
fn widths(names: impl Iterator<Item = (usize, bool)>) -> Vec<usize> {
    let names: Vec<(usize, bool)> = names.collect();
    let mut widths: Vec<usize> = Vec::new();
    for run in names.chunk_by(|one, other| one.1 && other.1) {
        let widest = run
            .iter()
            .map(|(width, _)| *width)
            .max()
            .unwrap_or_default();
        widths.extend(run.iter().map(|_| widest));
    }
    widths
}

/// Whether it is readable on one line: it is short, has a single value, and its parts have no comments.
fn fits(value: &Expression, room: usize) -> bool {
    match value {
        Expression::Literal(_) | Expression::Reference(_) | Expression::Address(_) => true,
        Expression::List(elements) if elements.is_empty() => true,
        Expression::Object(members) if members.is_empty() => true,
        value => is_simple(value, 2) && inline(value).chars().count() <= room,
    }
}

fn is_simple(value: &Expression, depth: usize) -> bool {
    let deeper = |value: &Expression| depth > 0 && is_simple(value, depth - 1);
    match value {
        Expression::List(elements) => elements
            .iter()
            .all(|one| one.comment.is_none() && deeper(&one.value)),
        Expression::Object(members) => members.iter().all(|(_, value)| deeper(value)),
        Expression::Call(_, values) => values.iter().all(deeper),
        Expression::Each(values) => is_simple(values, depth),
        _ => true,
    }
}

fn spelled(value: &Expression, layout: Layout) -> Hcl {
    match value {
        Expression::Literal(Json::String(text)) => quoted(text),
        Expression::Literal(Json::Bool(truth)) => Hcl::from(*truth),
        Expression::Literal(literal) => raw(&literal.to_string()),
        Expression::Reference(path) | Expression::Address(path) => raw(path),
        Expression::List(elements) => list(elements, layout),
        Expression::Object(members) => object(members, layout),
        Expression::Call(name, values) => {
            let mut arguments = FuncArgs::new();
            for value in values {
                arguments.push(spelled(value, layout));
            }
            FuncCall::new(Ident::new(*name), arguments).into()
        }
        Expression::Each(values) => each(values, layout),
    }
}

/// `{ for id in values : id => {} }`.
fn each(values: &Expression, layout: Layout) -> Hcl {
    let mut name = Decorated::new(Ident::new("id"));
    name.decor_mut().set_prefix(" ");
    name.decor_mut().set_suffix(" ");
    let mut values = spelled(values, layout);
    values.decor_mut().set_prefix(" ");
    values.decor_mut().set_suffix(" ");
    let mut intro = ForIntro::new(name, values);
    intro.decor_mut().set_prefix(" ");
    let mut nothing: Hcl = Object::new().into();
    nothing.decor_mut().set_prefix(" ");
    nothing.decor_mut().set_suffix(" ");
    let mut each = ForExpr::new(intro, nothing);
    each.key_expr = Some(raw("id"));
    each.into()
}

/// A literal string. The library escapes the beginning of a template, but can miss one if there are several in a string, so each gets its
/// own part.
fn quoted(text: &str) -> Hcl {
    let is_start = |at: &usize| {
        ["${", "%{"]
            .iter()
            .any(|mark| text[*at..].starts_with(mark))
    };
    let starts = text.char_indices().map(|(at, _)| at).filter(is_start);
    let mut parts = Vec::new();
    let mut from = 0;
    for at in starts {
        parts.push(&text[from..at]);
        from = at;
    }
    if parts.is_empty() {
        return Hcl::from(text);
    }
    parts.push(&text[from..]);
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let elements = parts.map(|part| template::Element::Literal(part.to_owned().into()));
    elements.collect::<StringTemplate>().into()
}

/// Expressions that the library parses: numbers of any size, null, and references.
fn raw(text: &str) -> Hcl {
    let mut read: Hcl = text.parse().unwrap_or_else(|_| Hcl::from(text));
    read.decor_mut().clear();
    read
}

fn list(elements: &[Element], layout: Layout) -> Hcl {
    let mut array = Array::new();
    let Layout::Below(depth) = layout else {
        for element in elements {
            array.push(spelled(&element.value, layout));
        }
        return array.into();
    };
    let line = |comment: Option<&String>, depth: usize| {
        let comment = comment.map(|comment| format!(" # {}", one_line(comment)));
        format!("{}\n{}", comment.unwrap_or_default(), indent(depth))
    };
    // The comment of an element is written after its comma, which is before the next element.
    let mut said = None;
    for element in elements {
        let (mut value, _) = laid_out(0, &element.value, depth + 1);
        value.decor_mut().set_prefix(line(said, depth + 1));
        array.push(value);
        said = element.comment.as_ref();
    }
    array.set_trailing_comma(true);
    array.set_trailing(line(said, depth));
    array.into()
}

fn object(members: &[(String, Expression)], layout: Layout) -> Hcl {
    let mut object = Object::new();
    let Layout::Below(depth) = layout else {
        let last = members.len().saturating_sub(1);
        for (number, (name, value)) in members.iter().enumerate() {
            let mut name = key(name);
            name.decor_mut().set_prefix(" ");
            name.decor_mut().set_suffix(" ");
            let mut value = ObjectValue::new(spelled(value, layout));
            value.set_terminator(if number == last {
                ObjectValueTerminator::None
            } else {
                ObjectValueTerminator::Comma
            });
            object.insert(name, value);
        }
        object.set_trailing(if members.is_empty() { "" } else { " " });
        return object.into();
    };
    let spelled: Vec<(ObjectKey, usize, Hcl, bool)> = members
        .iter()
        .map(|(name, value)| {
            let name = key(name);
            let width = key_width(&name);
            let (value, is_one_line) = laid_out(width, value, depth + 1);
            (name, width, value, is_one_line)
        })
        .collect();
    let widths = widths(
        spelled
            .iter()
            .map(|(_, width, _, single)| (*width, *single)),
    );
    for (number, ((mut name, width, value, _), widest)) in
        spelled.into_iter().zip(widths).enumerate()
    {
        let start = if number == 0 { "\n" } else { "" };
        name.decor_mut()
            .set_prefix(format!("{start}{}", indent(depth + 1)));
        name.decor_mut().set_suffix(" ".repeat(widest - width + 1));
        let mut value = ObjectValue::new(value);
        value.set_terminator(ObjectValueTerminator::Newline);
        object.insert(name, value);
    }
    object.set_trailing(indent(depth));
    object.into()
}

/// A name as an identifier if possible, in quotes otherwise.
fn key(name: &str) -> ObjectKey {
    match Ident::try_new(name) {
        Ok(ident) if !matches!(name, "null" | "true" | "false" | "for") => {
            Decorated::new(ident).into()
        }
        _ => quoted(name).into(),
    }
}

fn key_width(key: &ObjectKey) -> usize {
    match key {
        ObjectKey::Ident(ident) => ident.as_str().chars().count(),
        ObjectKey::Expression(expression) => expression.to_string().trim().chars().count(),
    }
}

#[cfg(test)]
mod tests;
