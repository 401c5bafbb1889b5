use super::*;
use hcl_edit::expr::TraversalOperator;
use proptest::prelude::*;
use serde_json::json;

fn file(value: Expression) -> File {
    let block = Block {
        comment: Some("Two\nlines".to_owned()),
        kind: "resource",
        labels: vec!["t".to_owned(), "n".to_owned()],
        arguments: vec![
            (
                "provider".to_owned(),
                Expression::Address("p.source".to_owned()),
            ),
            ("value".to_owned(), value),
            (
                "reference".to_owned(),
                Expression::Reference("data.a.b.id".to_owned()),
            ),
        ],
        blocks: Vec::new(),
    };
    File {
        name: "x",
        about: "About.",
        blocks: vec![block],
    }
}

/// The value of an expression as Terraform evaluates it.
fn understood(value: &Hcl) -> Json {
    match value {
        Hcl::String(text) => json!(**text),
        Hcl::StringTemplate(template) => {
            let text = template.iter().map(|element| match element {
                template::Element::Literal(literal) => literal.to_string(),
                other => panic!("{other:?} is evaluated"),
            });
            json!(text.collect::<String>())
        }
        Hcl::Bool(truth) => json!(**truth),
        Hcl::Number(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Hcl::Array(elements) => elements.iter().map(understood).collect(),
        Hcl::Object(members) => Json::Object(
            members
                .iter()
                .map(|(key, value)| {
                    let key = match key {
                        ObjectKey::Ident(ident) => ident.to_string().trim().to_owned(),
                        ObjectKey::Expression(key) => understood(key).as_str().unwrap().to_owned(),
                    };
                    (key, understood(value.expr()))
                })
                .collect(),
        ),
        other => panic!("{other:?}"),
    }
}

fn written(text: &str) -> Body {
    text.parse()
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn value(text: &str) -> Json {
    let body = written(text);
    let block = body.get_blocks("resource").next().unwrap();
    understood(&block.body.get_attribute("value").unwrap().value)
}

#[test]
fn texts_mean_what_they_are() {
    for text in [
        "",
        "${x}",
        "$${x}",
        "$$${x}",
        "${a} %%{b} $${c} %{d}",
        "%%%{x}${y}",
        "$",
        "%",
        "a\"b\\c\n\t\u{7}\u{7f}",
        "\u{202e}x\u{202c}\u{2028}\u{feff}",
        "日本 😀",
    ] {
        let text = json!(text);
        let hcl = super::text(&file((&text).into()));
        assert_eq!(value(&hcl), text, "{hcl}");
    }
}

#[test]
fn references_are_no_texts() {
    let hcl = text(&file(Expression::text("x")));
    let body = written(&hcl);
    let block = body.get_blocks("resource").next().unwrap();
    let reference = &block.body.get_attribute("reference").unwrap().value;
    let Hcl::Traversal(path) = reference else {
        panic!("{reference:?}")
    };
    assert!(
        matches!(path.operators[2].value(), TraversalOperator::GetAttr(name) if name.as_str() == "id")
    );
    assert!(
        hcl.contains("\n# Two lines\nresource \"t\" \"n\" {\n  provider  = p.source\n"),
        "{hcl}"
    );
}

/// Any JSON except null, which is never written.
fn anything() -> impl Strategy<Value = Json> {
    let text = prop_oneof![".{0,20}", "[$%{}\"\\\\a]{0,8}"];
    let scalar = prop_oneof![
        text.prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof!["[a-z_]{1,12}", ".{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::btree_map(name, inner, 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_is_read_back_as_it_was(json in anything()) {
        let hcl = text(&file((&json).into()));
        prop_assert_eq!(value(&hcl), json, "{}", hcl);
    }
}
