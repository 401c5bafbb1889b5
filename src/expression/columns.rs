//! Tests of errors: their positions and messages.

use super::{DEPTH, FUNCTIONS, Function, LENGTH, parse};

#[track_caller]
fn refuses(cases: &[(&str, usize, &str, &str)]) {
    for (text, column, piece, cause) in cases {
        let error = parse(text).unwrap_err();
        assert_eq!(
            (error.column, error.piece.as_str()),
            (*column, *piece),
            "{text}: {error}"
        );
        assert!(error.cause.contains(cause), "{text}: {error}");
        assert!(!error.cause.ends_with('.'), "{error}");
    }
}

#[test]
fn unclosed_and_misspelled_parts_are_reported_with_their_column() {
    refuses(&[
        ("", 1, "", "ends too early"),
        ("   ", 4, "", "ends too early"),
        ("Join(\",\", [a]", 14, "", "column 5 is not closed"),
        ("Join(\",\", [a)", 13, ")", "not closed"),
        ("Join(\",\", [a", 11, "[", "not closed"),
        ("Join(\",\", [a] [b])", 15, "[b]", "comma"),
        ("Join(\",\", [a]) x", 16, "x", "unexpected text"),
        ("\"abc", 1, "\"", "not closed"),
        ("\"abc\\", 1, "\"", "not closed"),
        ("\"é\\d\"", 3, "\\d", "write two"),
        ("[ mail]", 1, "[ mail]", "blanks"),
        ("[]", 1, "[]", "missing"),
        ("join(\",\", [a])", 1, "join", "did you mean Join?"),
        (
            "Append(Jion(\"\", [a]), \"\")",
            8,
            "Jion",
            "did you mean Join?",
        ),
        (
            "NormaliseDiacritics([a])",
            1,
            "NormaliseDiacritics",
            "did you mean NormalizeDiacritics?",
        ),
        ("Frobnicate([a])", 1, "Frobnicate", "unknown function"),
        ("RTrim([a])", 1, "RTrim", "did you mean Trim?"),
        ("Right([a], 1)", 1, "Right", "Entra Connect"),
        ("Join(\" \", givenName)", 11, "givenName", "[givenName]"),
        ("Join(\" \", NULL)", 11, "NULL", "no NULL"),
        ("Now", 1, "Now", "Now(…)"),
    ]);
}

#[test]
fn invalid_arguments_are_reported_with_their_column() {
    refuses(&[
        ("Left([a])", 1, "Left", "2 arguments; found 1"),
        ("Left([a], 1, 2)", 1, "Left", "2 arguments; found 3"),
        ("Guid([a])", 1, "Guid", "no arguments; found 1"),
        (
            "PCase([a], \"\", \"\")",
            1,
            "PCase",
            "1 to 2 arguments; found 3",
        ),
        ("Join(\",\")", 1, "Join", "2 or more arguments; found 1"),
        ("Join(\",\", )", 11, ")", "needs source"),
        ("Left(, 1)", 6, ",", "needs string"),
        ("Replace([a], \"b\", , )", 1, "Replace", "5 to 7 arguments"),
        ("Switch([a], \"d\", \"k\")", 1, "Switch", "pairs"),
        ("Left([a], \"x\")", 11, "\"x\"", "whole number"),
        ("Left([a], True)", 11, "True", "whole number"),
        ("DateAdd(\"days\", 1, [a])", 9, "\"days\"", "\"yyyy\""),
        (
            "InStr([a], \"b\", 1, \"vbTextCompare\")",
            20,
            "\"vbTextCompare\"",
            "without quotes",
        ),
        ("Join(\"\", vbTextCompare)", 10, "vbTextCompare", "InStr"),
    ]);
}

#[test]
fn unsupported_syntax_is_reported_with_its_column() {
    refuses(&[
        ("[a] = \"b\"", 5, "=", "IIF"),
        (
            "Join(\"\", [a] = \"b\")",
            14,
            "=",
            "only allowed in the condition",
        ),
        ("IIF([a] == \"b\", 1, 2)", 9, "==", "unknown operator"),
        ("IIF([a] = \"b\" = \"c\", 1, 2)", 15, "=", "one comparison"),
        (
            "IIF([a] = \"b\" AND [c] = \"d\", 1, 2)",
            15,
            "AND",
            "second argument",
        ),
        (
            "IIF([a] = \"b\" Or [c] = \"d\", 1, 2)",
            15,
            "Or",
            "third argument",
        ),
        ("IIF([a] = \"b\" || [c] = \"d\", 1, 2)", 15, "|", "no OR"),
        ("IIF(([a] = \"b\"), 1, 2)", 5, "(", "follow the name"),
        ("Join(\"\", 'a')", 10, "'", "double quotes"),
        ("Join(“”, [a])", 6, "“", "double quotes"),
        ("[a] + [b]", 5, "+", "Join or Append"),
        ("[a] & [b]", 5, "&", "Join or Append"),
        ("BitAnd(&HG, 1)", 8, "&HG", "hexadecimal"),
        ("Left([a], 1.5)", 11, "1.5", "whole numbers"),
        ("Left([a], 007)", 11, "007", "quotes"),
        (
            "Left([a], 99999999999999999999)",
            11,
            "99999999999999999999",
            "too large",
        ),
        ("Left([a], 3 -1)", 13, "-1", "no subtraction"),
        ("Left([a], 3 - 1)", 13, "-", "no subtraction"),
        (
            "Join(\"\", SelectUniqueValue([a], [b]))",
            10,
            "SelectUniqueValue",
            "outermost",
        ),
        ("]", 1, "]", "opening bracket"),
        (",", 1, ",", "expected here"),
        ("Join(\n  \"ä\",\n  [a] [b])", 20, "[b]", "comma"),
    ]);
}

#[test]
fn an_error_is_shown_under_its_place() {
    let text = "Append(Jion(\"\", [a]), \"\")";
    let error = parse(text).unwrap_err();
    assert_eq!(
        format!("{error}\n{}", error.caret(text)),
        "column 8, at `Jion`: unknown function; did you mean Join? Names are case-sensitive\n\
         Append(Jion(\"\", [a]), \"\")\n       ^"
    );
}

#[test]
fn length_is_counted_in_characters_of_both_spellings() {
    let longest = format!("\"{}\"", "ä".repeat(LENGTH - 2));
    assert!(parse(&longest).is_ok());
    let error = parse(&format!("{longest} ")).unwrap_err();
    assert_eq!(error.column, LENGTH + 1);
    assert!(error.cause.contains("10001"), "{error}");
    // It fits as written, but its canonical spelling has a blank after every comma.
    let dense = format!("Join(\"\"{})", ",[a]".repeat(2_400));
    assert!(dense.chars().count() < LENGTH);
    assert!(parse(&dense).unwrap_err().cause.contains("canonical"));
}

#[test]
fn depth_is_limited() {
    let nested = |depth: usize| format!("{}[a]{}", "Not(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(DEPTH)).is_ok());
    let error = parse(&nested(DEPTH + 1)).unwrap_err();
    assert_eq!(error.column, DEPTH * 4 + 1);
    for bomb in ["Not(", "IIF(", "[", "(", "\"\\\"", "-", "IIF([a]="] {
        assert!(parse(&bomb.repeat(LENGTH / bomb.len())).is_err(), "{bomb}");
    }
}

#[test]
fn the_table_of_functions_is_sound() {
    let names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    for function in FUNCTIONS {
        let repeating = function
            .parameters
            .iter()
            .position(|parameter| parameter.repeats);
        assert!(
            repeating.is_none_or(|position| position + 1 == function.parameters.len()),
            "{}",
            function.name
        );
    }
    let documented = "Append AppRoleAssignmentsComplex BitAnd CBool CDate Coalesce ConvertToBase64 ConvertToUTF8Hex Count CStr \
        DateAdd DateDiff DateFromNum FormatDateTime Guid IgnoreFlowIfNullOrEmpty IIF InStr IsNull IsNullOrEmpty IsPresent \
        IsString Item Join Left Mid NormalizeDiacritics Not Now NumFromDate PCase RandomString Redact RemoveDuplicates Replace \
        SelectUniqueValue SingleAppRoleAssignment Split StripSpaces Switch ToLower ToUpper Word AltSecIdFromNetId \
        AppRoleAssignments DefaultDomain IsNothing Prepend";
    let mut documented: Vec<&str> = documented.split_whitespace().collect();
    documented.sort_unstable();
    let (listed, others): (Vec<_>, Vec<_>) = FUNCTIONS.iter().partition(|it| it.documented);
    let names = |of: &[&Function]| of.iter().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(names(&listed), documented);
    assert_eq!(names(&others), ["Len", "Trim"]);
}

#[test]
fn only_selecting_a_unique_value_is_refused_for_cross_tenant_synchronization() {
    let refused: Vec<&str> = FUNCTIONS
        .iter()
        .filter(|function| !function.cross_tenant)
        .map(|function| function.name)
        .collect();
    assert_eq!(refused, ["SelectUniqueValue"]);
    let error = parse(" SelectUniqueValue([a], [b])")
        .unwrap()
        .check_cross_tenant()
        .unwrap_err();
    assert_eq!(
        (error.column, error.piece.as_str()),
        (2, "SelectUniqueValue")
    );
    assert!(
        parse("Join(\"\", [a])")
            .unwrap()
            .check_cross_tenant()
            .is_ok()
    );
}
