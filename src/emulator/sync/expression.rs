//! Parser of mapping expressions: converts text such as `Join(", ", [surname], [givenName])` into the tree that Graph stores.

use serde_json::{Value, json};

/// The longest expression that Graph accepts.
const LONGEST: usize = 10_000;
/// The deepest nesting of calls.
const DEPTH: usize = 64;

/// Every function with its parameters: `?` marks an optional one, `*` one that can be repeated.
const FUNCTIONS: &[(&str, &str)] = &[
    ("AltSecIdFromNetId", "source"),
    ("Append", "source suffix"),
    ("AppRoleAssignments", "source"),
    ("AppRoleAssignmentsComplex", "source"),
    ("BitAnd", "value1 value2"),
    ("CBool", "expression"),
    ("CDate", "expression"),
    ("Coalesce", "source* defaultValue?"),
    ("ConvertToBase64", "source"),
    ("ConvertToUTF8Hex", "source"),
    ("Count", "attribute"),
    ("CStr", "value"),
    ("DateAdd", "interval value date"),
    ("DateDiff", "interval date1 date2"),
    ("DateFromNum", "value"),
    ("DefaultDomain", ""),
    (
        "FormatDateTime",
        "source dateTimeStyles? inputFormat outputFormat?",
    ),
    ("Guid", ""),
    ("IgnoreFlowIfNullOrEmpty", "expression"),
    ("IIF", "condition valueIfTrue valueIfFalse"),
    ("InStr", "value1 value2 start? compareType?"),
    ("IsNothing", "source"),
    ("IsNull", "expression"),
    ("IsNullOrEmpty", "expression"),
    ("IsPresent", "expression"),
    ("IsString", "expression"),
    ("Item", "attribute index"),
    ("Join", "separator source*"),
    ("Left", "string numChars"),
    // Len and Trim are not on Microsoft's page of functions, but published configurations use them.
    ("Len", "string"),
    ("Mid", "source start length"),
    ("NormalizeDiacritics", "source"),
    ("Not", "source"),
    ("Now", ""),
    ("NumFromDate", "value"),
    ("PCase", "source wordSeparators?"),
    ("Prepend", "prefix source"),
    (
        "RandomString",
        "length minNumbers minSpecialChars minCapital minLower excludeChars?",
    ),
    ("Redact", "source"),
    ("RemoveDuplicates", "attribute"),
    (
        "Replace",
        "source Find? RegularExpression? RegularExpressionGroupName? Replacement? ReplacementPropertyName? Template?",
    ),
    ("SelectUniqueValue", "uniqueValueRule*"),
    ("SingleAppRoleAssignment", "source"),
    ("Split", "source delimiter?"),
    ("StripSpaces", "source"),
    ("Switch", "source defaultValue? switchValue*"),
    ("ToLower", "source culture?"),
    ("ToUpper", "source culture?"),
    ("Trim", "source"),
    ("Word", "string wordNumber delimiters"),
];

/// The functions with their parameters, as returned by `GET …/schema/functions`.
pub(crate) fn described() -> Vec<Value> {
    let parameter = |text: &str| {
        let name = text.trim_end_matches(['?', '*']);
        json!({ "name": name, "required": !text.ends_with('?'), "allowMultipleOccurrences": text.ends_with('*'), "type": "String" })
    };
    let function = |(name, parameters): &(&str, &str)| {
        let parameters: Vec<Value> = parameters.split_whitespace().map(parameter).collect();
        json!({ "id": name, "name": name, "parameters": parameters })
    };
    FUNCTIONS.iter().map(function).collect()
}

/// Parses an expression into a mapping source; the error contains the column, counted from 1.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    if text.len() > LONGEST {
        return Err(format!(
            "The expression is longer than {LONGEST} characters."
        ));
    }
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
    };
    let source = parser.comparison()?;
    parser.spaces();
    if parser.at < text.len() {
        return Err(parser.complaint("the expression should end here"));
    }
    Ok(source)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn complaint(&self, what: &str) -> String {
        format!(
            "Column {}: {what}.",
            self.text[..self.at].chars().count() + 1
        )
    }

    fn take(&mut self, token: char) -> bool {
        self.spaces();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len_utf8();
        }
        found
    }

    /// A term, or a comparison of two, as in conditions of IIF.
    fn comparison(&mut self) -> Result<Value, String> {
        let start = self.at;
        let left = self.term()?;
        self.spaces();
        let Some(operator) = ["<>", "<=", ">=", "=", "<", ">"]
            .into_iter()
            .find(|operator| self.rest().starts_with(operator))
        else {
            return Ok(left);
        };
        self.at += operator.len();
        let right = self.term()?;
        // The form in which Graph stores comparisons is UNVERIFIED.
        let parameters = vec![
            json!({ "key": "left", "value": left }),
            json!({ "key": "right", "value": right }),
        ];
        Ok(source(
            "Function",
            operator,
            self.text[start..self.at].trim(),
            &parameters,
        ))
    }

    fn term(&mut self) -> Result<Value, String> {
        self.spaces();
        let start = self.at;
        match self.rest().chars().next() {
            Some('[') => self.attribute(start),
            Some('"') => self.literal(start),
            Some(first) if first.is_ascii_digit() || first == '-' => Ok(self.number(start)),
            Some(first) if first.is_ascii_alphabetic() => self.call(start),
            Some(_) => Err(self
                .complaint("an attribute in brackets, a text in quotes or a function is expected")),
            None => Err(self.complaint("the expression ends too early")),
        }
    }

    fn attribute(&mut self, start: usize) -> Result<Value, String> {
        let end = self
            .rest()
            .find(']')
            .ok_or_else(|| self.complaint("the bracket is not closed"))?;
        let name = self.rest()[1..end].to_owned();
        if name.is_empty() || name.contains(['[', '"', '(']) {
            return Err(self.complaint("this is not a valid attribute name"));
        }
        self.at += end + 1;
        Ok(source("Attribute", &name, &self.text[start..self.at], &[]))
    }

    fn literal(&mut self, start: usize) -> Result<Value, String> {
        let mut value = String::new();
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '\\' if !escaped => escaped = true,
                '"' if !escaped => {
                    self.at = start + at + 1;
                    return Ok(source("Constant", &value, &self.text[start..self.at], &[]));
                }
                c => {
                    if escaped && !matches!(c, '"' | '\\') {
                        value.push('\\');
                    }
                    value.push(c);
                    escaped = false;
                }
            }
        }
        Err(self.complaint("the quote is not closed"))
    }

    fn number(&mut self, start: usize) -> Value {
        let length = self
            .rest()
            .find(|c: char| !(c.is_ascii_digit() || c == '-' || c == '.'))
            .unwrap_or(self.rest().len());
        self.at += length;
        let text = &self.text[start..self.at];
        source("Constant", text, text, &[])
    }

    fn call(&mut self, start: usize) -> Result<Value, String> {
        let length = self
            .rest()
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(self.rest().len());
        let name = self.rest()[..length].to_owned();
        let Some((_, parameters)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            return Err(self.complaint(&format!(
                "'{name}' is not a known function; names are case-sensitive"
            )));
        };
        self.at += length;
        if !self.take('(') {
            return Err(self.complaint(&format!("'(' is expected after {name}")));
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.complaint("functions nest too deeply"));
        }
        let arguments = self.arguments()?;
        self.depth -= 1;
        let expression = self.text[start..self.at].to_owned();
        let parameters = assigned(&name, parameters, arguments).map_err(|why| {
            self.at = start;
            self.complaint(&why)
        })?;
        Ok(source("Function", &name, &expression, &parameters))
    }

    /// The arguments between the parentheses; an omitted argument is null.
    fn arguments(&mut self) -> Result<Vec<Value>, String> {
        let mut found = Vec::new();
        if self.take(')') {
            return Ok(found);
        }
        loop {
            self.spaces();
            let omitted = self.rest().starts_with(',') || self.rest().starts_with(')');
            found.push(if omitted {
                Value::Null
            } else {
                self.comparison()?
            });
            if self.take(')') {
                return Ok(found);
            }
            if !self.take(',') {
                return Err(self.complaint("',' or ')' is expected"));
            }
        }
    }
}

fn source(kind: &str, name: &str, expression: &str, parameters: &[Value]) -> Value {
    json!({ "expression": expression, "name": name, "type": kind, "parameters": parameters })
}

/// Assigns the arguments to the names of the parameters.
fn assigned(name: &str, parameters: &str, arguments: Vec<Value>) -> Result<Vec<Value>, String> {
    let known: Vec<&str> = parameters.split_whitespace().collect();
    let repeated = known.iter().position(|name| name.ends_with('*'));
    let required = known.iter().filter(|name| !name.ends_with('?')).count();
    let least = if name == "Switch" { 2 } else { required };
    if arguments.len() < least || (repeated.is_none() && arguments.len() > known.len()) {
        return Err(format!(
            "{name} does not take {} arguments",
            arguments.len()
        ));
    }
    if name == "Switch" && !arguments.len().is_multiple_of(2) {
        return Err("Switch takes a source, a default and pairs of key and value".to_owned());
    }
    let mut named = Vec::new();
    for (at, argument) in arguments.into_iter().enumerate() {
        if argument.is_null() {
            continue;
        }
        let key = known
            .get(at)
            .or(repeated.map(|at| &known[at]))
            .map_or("", |name| name.trim_end_matches(['?', '*']));
        named.push(json!({ "key": key, "value": argument }));
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_becomes_a_tree() {
        let tree = parse("Join(\", \", [surname], ToUpper([givenName]))").unwrap();
        assert_eq!(tree["type"], "Function");
        assert_eq!(tree["name"], "Join");
        assert_eq!(
            tree["parameters"][0],
            json!({"key": "separator", "value": {"expression": "\", \"", "name": ", ", "type": "Constant", "parameters": []}})
        );
        assert_eq!(tree["parameters"][1]["value"]["name"], "surname");
        assert_eq!(
            tree["parameters"][2]["value"]["parameters"][0]["key"],
            "source"
        );
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(parse(r#""a \"b\" \\ c""#).unwrap()["name"], r#"a "b" \ c"#);
        assert_eq!(
            parse("IIF([country]=\"US\", \"yes\", \"no\")").unwrap()["parameters"][0]["value"]["name"],
            "="
        );
    }

    /// As in Microsoft's sample of the functions.
    #[test]
    fn parameters_are_stored_by_the_names_of_the_sample() {
        for (text, keys) in [
            (
                "Replace([mail], \"@\", , , \"_\", , )",
                &["source", "Find", "Replacement"][..],
            ),
            (
                "Replace([mail], , \"(?<name>.+)@.+\", \"name\", , [surname], \"none\")",
                &[
                    "source",
                    "RegularExpression",
                    "RegularExpressionGroupName",
                    "ReplacementPropertyName",
                    "Template",
                ],
            ),
            (
                "Switch([a], \"d\", \"k\", \"1\", \"l\", \"2\")",
                &[
                    "source",
                    "defaultValue",
                    "switchValue",
                    "switchValue",
                    "switchValue",
                    "switchValue",
                ],
            ),
            (
                "Switch([a], , \"k\", \"1\")",
                &["source", "switchValue", "switchValue"],
            ),
            ("Split([a], \",\")", &["source", "delimiter"]),
        ] {
            let tree = parse(text).unwrap();
            let parameters = tree["parameters"].as_array().unwrap();
            let found: Vec<&str> = parameters
                .iter()
                .map(|parameter| parameter["key"].as_str().unwrap())
                .collect();
            assert_eq!(found, keys, "{text}");
        }
    }

    #[test]
    fn mistakes_are_named_with_their_column() {
        let deep = "Not(".repeat(10_000);
        for (text, column) in [
            ("", "Column 1"),
            ("join([a])", "Column 1"),
            ("Join(\",\", [a]", "Column 14"),
            ("Join(\",\", [a)", "Column 11"),
            ("Left([a])", "Column 1"),
            ("\"abc", "Column 1"),
            ("[a] [b]", "Column 5"),
            ("Switch([a], \"d\", \"k\")", "Column 1"),
            (&deep[..8_000], "Column"),
            (&"a".repeat(10_001), "10000"),
        ] {
            let why = parse(text).unwrap_err();
            assert!(why.contains(column), "{text}: {why}");
        }
    }
}
