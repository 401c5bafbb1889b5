//! Tests of the documented examples and the rules in the documentation.

use std::collections::BTreeMap;

use super::{Value, evaluate};
use crate::{EvalError, parse};

fn user() -> BTreeMap<String, Value> {
    let texts = [
        ("userPrincipalName", "John.Doe@contoso.com"),
        ("StatusHireDate", "2012-03-16-07:00"),
        ("ended", "8/25/2021 5:41:18 PM"),
        ("extensionAttribute1", "20150123105347.1Z"),
        ("extensionAttribute5", "PermissionSetOne, PermissionSetTwo"),
        ("state", "QLD"),
        ("country", "USA"),
        ("empty", ""),
        ("firstName", "PABLO GONSALVES (SECOND)"),
        ("lastName", "PINTO-DE'SILVA"),
        ("BusinessTitle", "Product Developer"),
        ("UserID", "jsmith"),
        ("telephoneNumber", "+91 9998887777"),
        ("mobile", "+1 (999) 888-7777"),
        ("AddressLineData", "545 Tremont Street"),
        ("mailNickname", "john_doe72"),
        ("mail", "john.doe@contoso.com"),
        ("givenName", "John"),
        ("surname", "Doe"),
        ("ContractEndDate", "2020-12-31-08:00"),
        ("number", "12"),
    ];
    let mut user: BTreeMap<String, Value> = texts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::Text(value.to_owned())))
        .collect();
    let addresses = [
        "SMTP:a@contoso.com",
        "smtp:b@contoso.com",
        "SMTP:a@contoso.com",
    ];
    user.insert(
        "proxyAddresses".to_owned(),
        Value::List(addresses.map(str::to_owned).to_vec()),
    );
    user.insert("accountEnabled".to_owned(), Value::Boolean(true));
    user
}

pub(super) fn value(text: &str) -> Result<Value, EvalError> {
    let expression = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    evaluate(&expression, &user())
}

#[track_caller]
pub(super) fn yields(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        match value(text) {
            Ok(Value::Text(found)) => assert_eq!(found, *expected, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[track_caller]
pub(super) fn is(cases: &[(&str, Value)]) {
    for (text, expected) in cases {
        assert_eq!(value(text).as_ref(), Ok(expected), "{text}");
    }
}

#[test]
fn documented_texts() {
    yields(&[
        (
            r#"Append([userPrincipalName], ".test")"#,
            "John.Doe@contoso.com.test",
        ),
        (r#"Prepend("x-", [UserID])"#, "x-jsmith"),
        (
            r#"ConvertToBase64("Hello world!")"#,
            "SABlAGwAbABvACAAdwBvAHIAbABkACEA",
        ),
        (
            r#"ConvertToUTF8Hex("Hello world!")"#,
            "48656C6C6F20776F726C6421",
        ),
        (r#"Left("John Doe", 3)"#, "Joh"),
        (r#"Left("John Doe", 0)"#, ""),
        (r#"Left("John Doe", -1)"#, "John Doe"),
        (r#"Left("John Doe", 30)"#, "John Doe"),
        ("Left([nothing], 3)", ""),
        (
            "Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))",
            "JohDoe",
        ),
        (r#"Mid("abc", 4, 2)"#, ""),
        (
            r#"NormalizeDiacritics("Zoë Łukasz Straße Øre Ǣ ĳ ḗ")"#,
            "Zoe Lukasz Strasse OEre AE ĳ e",
        ),
        (r#"StripSpaces(" a b ")"#, "ab"),
        (r#"Word("The quick brown fox", 3, " ")"#, "brown"),
        (
            r#"Word("This,string!has&many separators", 3, ",!&#")"#,
            "has",
        ),
        (r#"Word("one", 0, " ")"#, ""),
        (r#"Word("one", 2, " ")"#, ""),
        (r#"Word([nothing], 1, " ")"#, ""),
        ("PCase([firstName])", "Pablo Gonsalves (Second)"),
        (r#"PCase([lastName], " '-")"#, "Pinto-De'Silva"),
        (r#"PCase("o'NEIL's 1ST")"#, "O'neil's 1St"),
        (r#"PCase(Join(" ", "GREGORY", "JAMES"))"#, "Gregory James"),
        (
            r#"ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".", [givenName], [surname]))), "contoso.com"))"#,
            "john.doe@contoso.com",
        ),
        (r#"ToUpper("straße")"#, "STRAßE"),
        (r#"ToUpper("ilk", "tr-TR")"#, "İLK"),
        (r#"ToLower("ILK", "az")"#, "ılk"),
        ("CStr([accountEnabled])", "True"),
        ("CStr(7)", "7"),
        ("Redact([UserID])", "jsmith"),
    ]);
}

#[test]
fn documented_lists() {
    yields(&[
        (r#"Join(", ", "", [surname], [givenName])"#, "Doe, John"),
        (
            r#"Join(", ", [surname], [nothing], [empty], [givenName])"#,
            "Doe, John",
        ),
        ("Item([proxyAddresses], 1)", "SMTP:a@contoso.com"),
        (
            r#"Join(";", RemoveDuplicates([proxyAddresses]))"#,
            "SMTP:a@contoso.com;smtp:b@contoso.com",
        ),
    ]);
    let sets = ["PermissionSetOne", "PermissionSetTwo"].map(str::to_owned);
    is(&[
        (
            r#"Split([extensionAttribute5], ",")"#,
            Value::List(sets.to_vec()),
        ),
        ("Count([proxyAddresses])", Value::Integer(3)),
        ("Count([nothing])", Value::Integer(0)),
        ("Item([proxyAddresses], 4)", Value::Null),
        (r#"Split([nothing], ",")"#, Value::Null),
    ]);
}

#[test]
fn documented_numbers_and_booleans() {
    is(&[
        ("BitAnd(&HF, &HF7)", Value::Integer(7)),
        (r#"BitAnd([number], "4")"#, Value::Integer(4)),
        (
            r#"InStr("The quick brown fox", "quick")"#,
            Value::Integer(5),
        ),
        (
            r#"InStr("repEated", "e", 3, vbBinaryCompare)"#,
            Value::Integer(7),
        ),
        (
            r#"InStr("repEated", "e", 3, vbTextCompare)"#,
            Value::Integer(4),
        ),
        (r#"InStr("ä b", "b", , vbTextCompare)"#, Value::Integer(3)),
        (r#"InStr("abc", "z")"#, Value::Integer(0)),
        (r#"InStr("abc", "a", 9)"#, Value::Integer(0)),
        ("CBool([UserID] = [UserID])", Value::Boolean(true)),
        ("CBool(0)", Value::Boolean(false)),
        (r#"CBool("7")"#, Value::Boolean(true)),
        ("Not([accountEnabled])", Value::Boolean(false)),
        (r#"Not("False")"#, Value::Boolean(true)),
        ("IsNull([nothing])", Value::Boolean(true)),
        ("IsNull([empty])", Value::Boolean(false)),
        ("IsNothing([nothing])", Value::Boolean(true)),
        ("IsNullOrEmpty([empty])", Value::Boolean(true)),
        ("IsPresent([empty])", Value::Boolean(false)),
        ("IsPresent([mail])", Value::Boolean(true)),
        ("IsString([mail])", Value::Boolean(true)),
        ("IsString([proxyAddresses])", Value::Boolean(false)),
        ("Mid([nothing], 1, 2)", Value::Null),
        (r#"Append([nothing], ".test")"#, Value::Null),
    ]);
}

#[test]
fn documented_choices() {
    yields(&[
        (
            r#"Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney", "QLD", "Australia/Brisbane")"#,
            "Australia/Brisbane",
        ),
        (r#"Switch([state], "none", "qld", "x")"#, "none"),
        (r#"Switch([nothing], "none", "", "0")"#, "0"),
        (r#"Switch([country], [country], "", "Other")"#, "USA"),
        (r#"Switch([accountEnabled], "x", "True", "on")"#, "on"),
        (r#"IIF([country]="USA",[country],[state])"#, "USA"),
        (
            r#"IIF([country]="USA",IIF([state]="CA","True","False"),"False")"#,
            "False",
        ),
        (
            "Coalesce([nothing], [userPrincipalName])",
            "John.Doe@contoso.com",
        ),
        (r#"Coalesce([nothing], "")"#, ""),
        ("Trim(\" a  b\t\")", "a  b"),
        ("Replace([country], \"USA\", , , \"US\")", "US"),
        ("Replace([country], \"USA\", , , \"US\", )", "US"),
        // Only the branch that is taken needs the service.
        (r#"IIF([country] <> "USA", Guid(), "here")"#, "here"),
        (
            r#"Switch([state], Now(), "QLD", "here", "NSW", Guid())"#,
            "here",
        ),
    ]);
    is(&[
        (r#"Switch([state], , "NSW", "x")"#, Value::Null),
        ("Coalesce([nothing], [missing])", Value::Null),
        ("Len([country])", Value::Integer(3)),
        ("Len([nothing])", Value::Null),
        ("IgnoreFlowIfNullOrEmpty([empty])", Value::Null),
        (
            r#"IgnoreFlowIfNullOrEmpty(Switch([state], "", "3443", "Dr."))"#,
            Value::Null,
        ),
    ]);
}
