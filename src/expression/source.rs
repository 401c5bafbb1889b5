//! Converts expressions to and from `attributeMappingSource`, the tree that Graph stores in a mapping.
//!
//! How Graph stores a comparison is UNVERIFIED; here it is a function with the name of its operator.

use serde_json::{Value as Json, json};

use super::error::{SourceError, shortened};
use super::functions::{Function, Kind};
use super::limits::DEPTH;
use super::operator::Operator;
use super::parser::parse;
use super::table::function;
use super::tree::{Expression, Literal, Node, WORDS, quoted};

impl Expression {
    /// Returns the tree that Graph stores: `type`, `name`, `expression` and `parameters`. Empty arguments have no parameter.
    pub fn to_source(&self) -> Json {
        let (kind, name, parameters) = match &self.node {
            Node::Attribute(name) => ("Attribute", name.clone(), Vec::new()),
            Node::Literal(literal) => ("Constant", literal.bare(), Vec::new()),
            Node::Call {
                function,
                arguments,
            } => (
                "Function",
                function.name.to_owned(),
                named(function, arguments),
            ),
            Node::Comparison {
                operator,
                left,
                right,
            } => {
                let sides = vec![pair("left", left), pair("right", right)];
                ("Function", operator.symbol().to_owned(), sides)
            }
        };
        json!({ "type": kind, "name": name, "expression": self.to_string(), "parameters": parameters })
    }

    /// Returns the expression of a tree from Graph. Its own text is used if it agrees with the tree, because the tree does not
    /// distinguish `1` from `"1"`; a missing or different text is ignored.
    pub fn from_source(source: &Json) -> Result<Self, SourceError> {
        let tree = read(source, 0)?;
        let text = tree.to_string();
        // Parsing the text again assigns columns, and proves that no name breaks out of its quotes or brackets.
        let again = parse(&text).map_err(|error| {
            SourceError(format!(
                "the mapping source is not an expression, {}: {error}",
                shortened(&text)
            ))
        })?;
        if !again.means_the_same_as(&tree) {
            return Err(SourceError(format!(
                "the mapping source has no text: {text}"
            )));
        }
        let written = source["expression"]
            .as_str()
            .and_then(|text| parse(text).ok());
        Ok(written
            .filter(|written| written.resembles(&again))
            .unwrap_or(again))
    }

    /// Whether both have the same tree in Graph, where all constants are strings.
    fn resembles(&self, other: &Self) -> bool {
        strip(self.to_source()) == strip(other.to_source())
    }
}

/// Returns the tree without its texts.
fn strip(mut source: Json) -> Json {
    if let Some(object) = source.as_object_mut() {
        object.remove("expression");
        for parameter in object["parameters"].as_array_mut().into_iter().flatten() {
            parameter["value"] = strip(parameter["value"].take());
        }
    }
    source
}

fn named(function: &Function, arguments: &[Option<Expression>]) -> Vec<Json> {
    let given = arguments.iter().enumerate();
    given
        .filter_map(|(position, argument)| {
            let key = function
                .parameter(position)
                .map_or("", |parameter| parameter.key);
            Some(pair(key, argument.as_ref()?))
        })
        .collect()
}

/// Returns a parameter. Microsoft's sample quotes constants in calls even if they are numbers.
fn pair(key: &str, value: &Expression) -> Json {
    let mut source = value.to_source();
    if let Node::Literal(literal) = &value.node {
        source["expression"] = quoted(&literal.bare()).into();
    }
    json!({ "key": key, "value": source })
}

fn read(source: &Json, depth: usize) -> Result<Expression, SourceError> {
    let Some(name) = source["name"].as_str() else {
        return Err(SourceError("the mapping source has no name".to_owned()));
    };
    let node = match source["type"].as_str() {
        // Graph's default type is Attribute.
        Some("Attribute") | None => Node::Attribute(name.to_owned()),
        Some("Constant") => Node::Literal(constant(name, source["expression"].as_str())),
        Some("Function") if depth > DEPTH => {
            return Err(SourceError(format!(
                "functions can be nested at most {DEPTH} deep"
            )));
        }
        Some("Function") => call(name, source, depth)?,
        Some(other) => {
            return Err(SourceError(format!(
                "there is no mapping source of type {other:?}"
            )));
        }
    };
    Ok(Expression { node, column: 1 })
}

/// Returns a number or a keyword if the text of the constant has no quotes, otherwise a string.
fn constant(name: &str, text: Option<&str>) -> Literal {
    let bare = text.and_then(|text| match parse(text).ok()?.node {
        Node::Literal(literal) if literal.bare() == name => Some(literal),
        _ => None,
    });
    bare.unwrap_or_else(|| Literal::Text(name.to_owned()))
}

fn call(name: &str, source: &Json, depth: usize) -> Result<Node, SourceError> {
    let parameters = source["parameters"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if let Some(operator) = Operator::ALL
        .into_iter()
        .find(|operator| operator.symbol() == name)
    {
        let [left, right] = parameters else {
            return Err(SourceError(format!("{name} compares two values")));
        };
        return Ok(Node::Comparison {
            operator,
            left: Box::new(read(&left["value"], depth + 1)?),
            right: Box::new(read(&right["value"], depth + 1)?),
        });
    }
    let Some(function) = function(name) else {
        return Err(SourceError(format!("there is no function {name}")));
    };
    let mut arguments = vec![None; function.parameters.len().max(function.fewest)];
    for (order, parameter) in parameters.iter().enumerate() {
        let position = position(function, parameter["key"].as_str(), order, &arguments);
        let argument = typed(function, position, read(&parameter["value"], depth + 1)?);
        if position >= arguments.len() {
            arguments.resize(position + 1, None);
        }
        arguments[position] = Some(argument);
    }
    if function.parameters.last().is_some_and(|last| last.repeats) {
        while arguments.len() > function.fewest && arguments.last().is_some_and(Option::is_none) {
            arguments.pop();
        }
    }
    Ok(Node::Call {
        function,
        arguments: function.trimmed(arguments),
    })
}

/// Returns the position of a parameter: by its key, or by its order if the key is unknown.
fn position(
    function: &Function,
    key: Option<&str>,
    order: usize,
    arguments: &[Option<Expression>],
) -> usize {
    let known = function
        .parameters
        .iter()
        .position(|parameter| key.is_some_and(|key| parameter.key.eq_ignore_ascii_case(key)));
    let Some(known) = known else { return order };
    if !function.parameters[known].repeats {
        return known;
    }
    let free = (known..arguments.len()).find(|at| arguments[*at].is_none());
    free.unwrap_or(arguments.len())
}

/// Converts a constant to the usual notation of its parameter: numbers and keywords without quotes.
fn typed(function: &Function, position: usize, argument: Expression) -> Expression {
    let kind = function.parameter(position).map(|parameter| parameter.kind);
    let Node::Literal(Literal::Text(text)) = &argument.node else {
        return argument;
    };
    let literal = match kind {
        Some(Kind::Integer) => text
            .parse()
            .ok()
            .filter(|number: &i64| number.to_string() == *text)
            .map(Literal::Integer),
        Some(Kind::Comparison) => WORDS
            .into_iter()
            .find(|word| word == text)
            .map(Literal::Word),
        _ => None,
    };
    match literal {
        Some(literal) => Expression {
            node: Node::Literal(literal),
            ..argument
        },
        None => argument,
    }
}
