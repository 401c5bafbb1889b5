//! Tests of the documented examples of Replace and of the date functions.

use super::Value;
use super::examples::{is, yields};

#[test]
fn documented_replacements() {
    yields(&[
        (
            r#"Replace([BusinessTitle],"Product Developer", , , "Software Engineer", , )"#,
            "Software Engineer",
        ),
        (
            r#"Replace([UserID],"<username>", , , , , "<username>@contoso.com")"#,
            "jsmith@contoso.com",
        ),
        (
            r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )"#,
            "9998887777",
        ),
        // The documentation shows this without the plus, which its pattern does not match.
        (
            r#"Replace([mobile], , "[()\\s-]+", , "", , )"#,
            "+19998887777",
        ),
        (
            r#"Replace([AddressLineData], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )"#,
            "888 Tremont Street",
        ),
        (
            r#"Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )"#,
            "John.Doe",
        ),
        (
            r#"Replace([empty], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [telephoneNumber], )"#,
            "9998887777",
        ),
        (
            r#"Replace([UserID], , "(?<x>.)", "x" , , [telephoneNumber], )"#,
            "jsmith",
        ),
        (r#"Replace([mailNickname], , "[a-zA-Z_]*", , "", , )"#, "72"),
        (r#"Replace([mail], "@contoso.com", , ,"", ,)"#, "john.doe"),
        // .NET's substitutions and its look-around.
        (
            r#"Replace("ab", , "(a)(b)", , "$2$1$$$&$9${no}", , )"#,
            "ba$ab$9${no}",
        ),
        (r#"Replace("a1b2", , "(?<=b)\\d", , "x", , )"#, "a1bx"),
    ]);
    is(&[
        (r#"Replace([nothing], "a", , , "b", , )"#, Value::Null),
        (
            r#"Replace([nothing], , "(?<x>z)", "x", , [mail], )"#,
            Value::Null,
        ),
    ]);
}

#[test]
fn documented_dates() {
    yields(&[
        ("CDate(\"2020-03-16-07:00\")", "3/16/2020 7:00:00 AM"),
        ("CDate(\"2021-06-30+08:00\")", "6/29/2021 4:00:00 PM"),
        (
            "CDate(\"2009-06-15T01:45:30-07:00\")",
            "6/15/2009 8:45:30 AM",
        ),
        (
            r#"DateAdd("d", 7, CDate([StatusHireDate]))"#,
            "3/23/2012 7:00:00 AM",
        ),
        (
            r#"DateAdd("d", -10, CDate([StatusHireDate]))"#,
            "3/6/2012 7:00:00 AM",
        ),
        (
            r#"DateAdd("ww", 2, CDate([StatusHireDate]))"#,
            "3/30/2012 7:00:00 AM",
        ),
        (
            r#"DateAdd("m", 10, CDate([StatusHireDate]))"#,
            "1/16/2013 7:00:00 AM",
        ),
        (
            r#"DateAdd("yyyy", 2, CDate([StatusHireDate]))"#,
            "3/16/2014 7:00:00 AM",
        ),
        (r#"DateAdd("m", 1, "2021-01-31")"#, "2/28/2021 12:00:00 AM"),
        ("DateFromNum(129699324000000000)", "1/1/2012 11:00:00 PM"),
        (
            r#"FormatDateTime([extensionAttribute1], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")"#,
            "2015-01-23",
        ),
        (
            r#"FormatDateTime(CDate([StatusHireDate]), "AllowWhiteSpaces, AssumeUniversal", "M/d/yyyy h:mm:ss tt", "o")"#,
            "2012-03-16T07:00:00.0000000",
        ),
        (
            r#"IIF(DateDiff("d", [ended], CDate([StatusHireDate])) > 5, "False", "True")"#,
            "True",
        ),
    ]);
    let end = r#"NumFromDate(Join("", FormatDateTime([ContractEndDate], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))"#;
    is(&[
        (
            r#"DateDiff("d", "2021-08-18+08:00", "2021-08-31+08:00")"#,
            Value::Integer(13),
        ),
        (
            r#"DateDiff("d", [ended], CDate([StatusHireDate]))"#,
            Value::Integer(-3449),
        ),
        (
            r#"DateDiff("ww", [ended], CDate([StatusHireDate]))"#,
            Value::Integer(-493),
        ),
        (
            r#"DateDiff("m", [ended], CDate([StatusHireDate]))"#,
            Value::Integer(-113),
        ),
        (
            r#"DateDiff("yyyy", [ended], CDate([StatusHireDate]))"#,
            Value::Integer(-9),
        ),
        (
            r#"DateDiff("d", "2021-08-31+08:00", "2021-08-31+08:00")"#,
            Value::Integer(0),
        ),
        (
            r#"DateDiff("h", "2021-08-24", "2021-08-25")"#,
            Value::Integer(24),
        ),
        (
            r#"DateDiff("n", "2021-08-24", "2021-08-25")"#,
            Value::Integer(1440),
        ),
        (
            r#"DateDiff("s", "2021-08-24", "2021-08-25")"#,
            Value::Integer(86400),
        ),
        (
            r#"NumFromDate("2012-01-01T23:00:00Z")"#,
            Value::Integer(129_699_324_000_000_000),
        ),
        (end, Value::Integer(132_539_615_990_000_000)),
        ("CDate([nothing])", Value::Null),
    ]);
}
