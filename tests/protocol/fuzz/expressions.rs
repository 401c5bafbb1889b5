//! Expressions of the mapping language: as text, and as the trees that Graph stores.

use std::collections::BTreeMap;

use crosstenant::expression::{DEPTH, Expression, LENGTH, Value, equivalent, evaluate, parse};
use serde_json::Value as Json;

use crate::fuzz::harness::{Target, Tried};
use crate::fuzz::mutate::Form;

pub const TEXTS: Target = Target {
    name: "expressions",
    what: "the parser of expressions, their canonical spelling, and their preview",
    rounds: 1_500,
    form: Form::Text(&[
        "[mail]",
        "[many]",
        "[ä]",
        "\"",
        "\\\"",
        ",",
        ", ,",
        "(",
        ")",
        "=",
        "<>",
        "&HF",
        "-9223372036854775808",
        "True",
        "vbTextCompare",
        "Join(\", \", [surname], [givenName])",
        "Replace([mail], , \"(?<a>.)(b|c)+$\", \"a\", \"$1\", , )",
        "IIF([mail] = \"x\", 1, 2)",
        "Switch([mail], \"a\", \"b\", \"c\")",
        "FormatDateTime([date], , \"yyyy-MM-dd\", \"dddd, dd MMMM yyyy\")",
        "DateAdd(\"yyyy\", 9999, \"1/1/2020\")",
        "Mid([mail], 1, 2147483647)",
        "Word([mail], 2, \" @\")",
        "Split([mail], \"@\")",
        "NormalizeDiacritics([ä])",
        "BitAnd(&HF, 247)",
        "CDate(\"2020-02-30\")",
    ]),
    open: || Box::new(text),
};

pub const TREES: Target = Target {
    name: "trees",
    what: "the reader of expressions as Graph stores them",
    rounds: 1_500,
    form: Form::Json(""),
    open: || Box::new(tree),
};

fn attributes() -> BTreeMap<String, Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let many = vec!["a".to_owned(), "İß ﬃ".to_owned(), String::new()];
    BTreeMap::from([
        ("mail".to_owned(), text("ada@contoso.example")),
        ("surname".to_owned(), text("Lovelace")),
        ("givenName".to_owned(), text("Ada")),
        ("date".to_owned(), text("2020-02-29 23:59:59")),
        ("ä".to_owned(), text("\u{1d4b3}e\u{301}\u{0}İ")),
        ("flag".to_owned(), Value::Boolean(true)),
        ("number".to_owned(), Value::Integer(i64::MIN)),
        ("many".to_owned(), Value::List(many)),
    ])
}

fn text(input: &[u8]) -> Tried {
    let text = String::from_utf8_lossy(input);
    match parse(&text) {
        Err(mistake) => {
            let said = format!("{mistake}\n{}", mistake.caret(&text));
            if said.len() > 2_000 {
                return Err(format!("the message has {} bytes", said.len()));
            }
            Ok(said.len())
        }
        Ok(expression) => understood(&text, &expression),
    }
}

/// Properties of every valid expression.
fn understood(text: &str, expression: &Expression) -> Tried {
    let spelling = expression.to_string();
    match parse(&spelling) {
        Ok(again) if again == *expression => {}
        other => return Err(format!("{spelling} is read as {other:?}")),
    }
    if spelling.chars().count() > LENGTH {
        return Err(format!(
            "{} characters were accepted",
            spelling.chars().count()
        ));
    }
    if !equivalent(text, &spelling) {
        return Err(format!("{text} and {spelling} are not the same"));
    }
    let source = expression.to_source();
    match Expression::from_source(&source) {
        Ok(again) if again.means_the_same_as(expression) => {}
        other => return Err(format!("{source} is read as {other:?}")),
    }
    let _ = (expression.check_cross_tenant(), expression.attributes());
    let size = match evaluate(expression, &attributes()) {
        Ok(value) => format!("{value:?}").len(),
        Err(mistake) => format!("{mistake}{}", mistake.caret(text)).len(),
    };
    // The tree repeats the text of each call inside the enclosing call.
    Ok(size + source.to_string().len() / DEPTH)
}

fn tree(input: &[u8]) -> Tried {
    let Ok(source) = serde_json::from_slice::<Json>(input) else {
        return Ok(0);
    };
    match Expression::from_source(&source) {
        Err(mistake) => Ok(mistake.to_string().len()),
        Ok(expression) => understood(&expression.to_string(), &expression),
    }
}
