//! Tests of expressions that cannot be evaluated, with column and cause.

use super::Value;
use super::examples::value;

#[track_caller]
fn refuses(cases: &[(&str, usize, &str, &str)]) {
    for (text, column, piece, cause) in cases {
        let error = value(text).unwrap_err();
        assert_eq!(
            (error.column, error.piece.as_str()),
            (*column, *piece),
            "{text}: {error}"
        );
        assert!(error.cause.contains(cause), "{text}: {error}");
    }
}

#[test]
fn functions_of_the_service_are_rejected_with_reason_and_column() {
    refuses(&[
        ("Now()", 1, "Now", "the time of the synchronization"),
        (r#"Join("-", Guid(), "x")"#, 11, "Guid", "random"),
        (
            "Redact(RandomString(6,3,0,0,3))",
            8,
            "RandomString",
            "random",
        ),
        (
            "SingleAppRoleAssignment([appRoleAssignments])",
            1,
            "SingleAppRoleAssignment",
            "service",
        ),
        (
            "AltSecIdFromNetId([netId])",
            1,
            "AltSecIdFromNetId",
            "directory",
        ),
    ]);
}

#[test]
fn failing_functions_are_reported_with_reason_and_column() {
    refuses(&[
        (
            "Join(\"\", Item([proxyAddresses], 0))",
            33,
            "0",
            "counts from 1",
        ),
        (
            "Append([proxyAddresses], \"x\")",
            8,
            "[proxyAddresses]",
            "several values",
        ),
        (
            "Mid([mail], [UserID], 2)",
            13,
            "[UserID]",
            "not a whole number",
        ),
        ("Mid([mail], [nothing], 2)", 13, "[nothing]", "no value"),
        ("Mid([mail], 0, 2)", 13, "0", "counts from 1"),
        ("Mid([mail], 1, -2)", 16, "-2", "negative"),
        ("CBool([mail])", 7, "[mail]", "neither"),
        (
            "IIF([empty]=\"\",\"Other\",[country])",
            5,
            "[empty]",
            "Switch",
        ),
        (
            "IIF(IsPresent([nothing]), \"a\", \"b\")",
            15,
            "[nothing]",
            "Switch",
        ),
        ("IIF([mail], \"a\", \"b\")", 5, "[mail]", "true or false"),
        ("CBool([mail] > 5)", 7, "[mail] > 5", "number"),
        ("CDate([mail])", 7, "[mail]", "not a date"),
        (
            "FormatDateTime([mail], , \"yyyy\", \"yyyy\")",
            16,
            "[mail]",
            "format",
        ),
        (
            "FormatDateTime([mail], \"Sloppy\", \"yyyy\", \"yyyy\")",
            24,
            "\"Sloppy\"",
            "style",
        ),
        (
            "FormatDateTime(\"12\", , \"HH\", \"yyyy\")",
            16,
            "\"12\"",
            "today",
        ),
        (
            "DateAdd(\"yyyy\", 99999999999, \"2020-01-01\")",
            1,
            "DateAdd",
            "range",
        ),
        (
            "Replace([mail], , \"(\", , \"\", , )",
            19,
            "\"(\"",
            "regular expression",
        ),
        ("Replace([mail], \"\", , , \"\", , )", 17, "\"\"", "empty"),
        (
            "Replace([mail], \"a\", \"b\", , \"\", , )",
            1,
            "Replace",
            "combination",
        ),
        ("Split([mail], \"\")", 15, "\"\"", "empty"),
    ]);
}

/// Reported in public; UNVERIFIED. A function that cannot be evaluated here, or a null in a nested condition, is not such a
/// failure.
#[test]
fn iif_fails_if_the_branch_that_is_not_taken_fails() {
    let format = |condition: &str| {
        format!(r#"IIF({condition}, FormatDateTime([mail], , "dd/MM/yyyy", "yyyy-MM-dd"), "")"#)
    };
    for text in [
        format(r#"[country]="1""#),
        format!(r#"IIF([country]="1", {}, "")"#, format(r#"[country]="2""#)),
    ] {
        let error = value(&text).unwrap_err();
        assert_eq!(error.piece, "[mail]", "{error}");
        assert_eq!(
            error
                .cause
                .matches("the service is reported to evaluate both")
                .count(),
            1,
            "{error}"
        );
    }
    let inside =
        r#"FormatDateTime(IIF([country]="1", [mail], [nothing]), , "dd/MM/yyyy", "yyyy-MM-dd")"#;
    assert_eq!(value(inside), Ok(Value::Null));
    let nested = r#"IIF([country]="1", IIF([nothing]="x", "y", Now()), "z")"#;
    assert_eq!(value(nested), Ok(Value::Text("z".to_owned())));
}

#[test]
fn the_length_of_values_is_limited() {
    let mut text = "\"aaaaaaaaaa\"".to_owned();
    for _ in 0..30 {
        text = format!("Replace({text}, \"a\", , , \"{}\", , )", "a".repeat(200));
    }
    assert!(value(&text).unwrap_err().cause.contains("longer than"));
    let endless = format!(
        r#"Replace("{}", , "(?:(a|aa)(?=a))+\\1c", , "", , )"#,
        "a".repeat(40)
    );
    assert!(
        value(&endless)
            .unwrap_err()
            .cause
            .contains("cannot be applied")
    );
}
