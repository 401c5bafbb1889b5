//! Writes a document in Terraform's JSON syntax.

use serde_json::{Map, Value as Json, json};

use super::document::{Block, Expression, File};

/// The text of a file.
pub(super) fn text(file: &File) -> String {
    let mut root = Map::new();
    root.insert("//".to_owned(), file.about.into());
    for block in &file.blocks {
        put(&mut root, block);
    }
    let text = format!("{:#}\n", Json::Object(root));
    super::hcl::without_direction(&text)
}

/// Inserts a block under its kind and labels. Blocks of the same kind without a unique name form a list.
fn put(root: &mut Map<String, Json>, block: &Block) {
    let body = Json::Object(body(block));
    let path = std::iter::once(block.kind).chain(block.labels.iter().map(String::as_str));
    let mut path: Vec<&str> = path.collect();
    let last = path.pop().unwrap_or_default();
    let mut place = root;
    for name in path {
        let inner = place.entry(name).or_insert_with(|| json!({}));
        let Json::Object(inner) = inner else { return };
        place = inner;
    }
    match place.get_mut(last) {
        None if is_repeated(block.kind) => drop(place.insert(last.to_owned(), json!([body]))),
        None => drop(place.insert(last.to_owned(), body)),
        Some(Json::Array(others)) => others.push(body),
        Some(_) => {}
    }
}

/// Whether several blocks of this kind may have the same labels.
fn is_repeated(kind: &str) -> bool {
    matches!(kind, "import" | "provider")
}

fn body(block: &Block) -> Map<String, Json> {
    let mut members = Map::new();
    if let Some(comment) = &block.comment {
        members.insert("//".to_owned(), comment.as_str().into());
    }
    for (name, value) in &block.arguments {
        members.insert(name.clone(), spelled(value));
    }
    for inner in &block.blocks {
        put(&mut members, inner);
    }
    members
}

fn spelled(value: &Expression) -> Json {
    match value {
        Expression::Literal(Json::String(text)) => escaped(text).into(),
        Expression::Literal(literal) => literal.clone(),
        Expression::Address(address) => address.as_str().into(),
        Expression::Reference(_) | Expression::Call(..) | Expression::Each(_) => {
            format!("${{{}}}", super::hcl::inline(value)).into()
        }
        Expression::List(elements) => elements.iter().map(|one| spelled(&one.value)).collect(),
        Expression::Object(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| (escaped(name), spelled(value)))
                .collect(),
        ),
    }
}

/// Escapes a literal string, because strings are templates. A byte order mark at the beginning of a template is dropped, so it is written
/// as an interpolation.
fn escaped(text: &str) -> String {
    let (mark, rest) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("${\"\\ufeff\"}", rest),
        None => ("", text),
    };
    format!("{mark}{}", rest.replace("${", "$${").replace("%{", "%%{"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::document::Element;

    #[test]
    fn blocks_stand_under_their_labels_and_texts_are_literal() {
        let block = |kind, labels: &[&str], value: Expression| Block {
            kind,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            arguments: vec![("a".to_owned(), value)],
            ..Block::default()
        };
        let file = File {
            name: "x",
            about: "About.",
            blocks: vec![
                block("resource", &["t", "one"], Expression::text("${x} %{y}")),
                block(
                    "resource",
                    &["t", "two"],
                    Expression::Reference("t.one.a".into()),
                ),
                block("import", &[], Expression::Address("t.one".into())),
                block(
                    "import",
                    &[],
                    Expression::Call(
                        "concat",
                        vec![
                            Expression::Reference("b.c".into()),
                            Expression::List(vec![Element {
                                value: Expression::text("d"),
                                comment: Some("gone".into()),
                            }]),
                        ],
                    ),
                ),
            ],
        };
        let json: Json = serde_json::from_str(&text(&file)).unwrap();
        let expected = json!({
            "//": "About.",
            "resource": { "t": { "one": { "a": "$${x} %%{y}" }, "two": { "a": "${t.one.a}" } } },
            "import": [{ "a": "t.one" }, { "a": "${concat(b.c, [\"d\"])}" }],
        });
        assert_eq!(json, expected);
    }
}
