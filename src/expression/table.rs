//! The table of all functions.
//!
//! Microsoft's sample of the API confirms the keys of parameters in Graph's tree for the functions that it contains. The others
//! have the names of the reference page, which is UNVERIFIED.

use super::evaluate::{dates, lists, logic, numbers, replace, text};
use super::functions::{Compute, Evaluation, Function, Kind, Parameter};

const fn parameter(key: &'static str, kind: Kind) -> Parameter {
    Parameter {
        key,
        kind,
        required: true,
        repeats: false,
    }
}

const fn value(key: &'static str) -> Parameter {
    parameter(key, Kind::Value)
}

const fn integer(key: &'static str) -> Parameter {
    parameter(key, Kind::Integer)
}

const fn condition(key: &'static str) -> Parameter {
    parameter(key, Kind::Condition)
}

impl Parameter {
    const fn or_empty(mut self) -> Self {
        self.required = false;
        self
    }

    const fn and_more(mut self) -> Self {
        self.repeats = true;
        self
    }
}

const fn local(name: &'static str, compute: Compute, parameters: &'static [Parameter]) -> Function {
    let mut fewest = 0;
    let mut position = 0;
    while position < parameters.len() {
        position += 1;
        if parameters[position - 1].required {
            fewest = position;
        }
    }
    Function {
        name,
        parameters,
        fewest,
        confirmed: false,
        documented: true,
        cross_tenant: true,
        evaluation: Evaluation::Local(compute),
    }
}

const fn refused(
    name: &'static str,
    why: &'static str,
    parameters: &'static [Parameter],
) -> Function {
    let mut function = local(name, text::same, parameters);
    function.evaluation = Evaluation::Refused(why);
    function
}

const fn confirmed(mut function: Function) -> Function {
    function.confirmed = true;
    function
}

const fn at_least(fewest: usize, mut function: Function) -> Function {
    function.fewest = fewest;
    function
}

/// A function that the reference page does not list, but that published configurations of Microsoft or customers use.
const fn undocumented(mut function: Function) -> Function {
    function.documented = false;
    function
}

const fn elsewhere(mut function: Function) -> Function {
    function.cross_tenant = false;
    function
}

const SOURCE: Parameter = value("source");
const EXPRESSION: Parameter = value("expression");
const ATTRIBUTE: Parameter = value("attribute");
const INTERVAL: Parameter = parameter("interval", Kind::Interval);
const CULTURE: Parameter = value("culture").or_empty();
const DIRECTORY: &str = "only the service knows the directory";
const ASSIGNMENTS: &str = "only the service knows the user's app role assignments";
const RANDOM: &str = "its value is random";
const CLOCK: &str = "its value is the time of the synchronization, which is not known";

/// All functions, sorted by name.
pub static FUNCTIONS: &[Function] = &[
    refused("AltSecIdFromNetId", DIRECTORY, &[SOURCE]),
    confirmed(refused("AppRoleAssignments", ASSIGNMENTS, &[SOURCE])),
    refused("AppRoleAssignmentsComplex", ASSIGNMENTS, &[SOURCE]),
    confirmed(local("Append", text::append, &[SOURCE, value("suffix")])),
    local(
        "BitAnd",
        numbers::bit_and,
        &[integer("value1"), integer("value2")],
    ),
    local("CBool", logic::c_bool, &[condition("expression")]),
    local("CDate", dates::c_date, &[EXPRESSION]),
    local("CStr", text::c_str, &[value("value")]),
    local("Coalesce", logic::coalesce, &[SOURCE.and_more()]),
    local("ConvertToBase64", text::base64, &[SOURCE]),
    local("ConvertToUTF8Hex", text::utf8_hex, &[SOURCE]),
    local("Count", lists::count, &[ATTRIBUTE]),
    local(
        "DateAdd",
        dates::date_add,
        &[INTERVAL, integer("value"), value("dateTime")],
    ),
    local(
        "DateDiff",
        dates::date_diff,
        &[INTERVAL, value("date1"), value("date2")],
    ),
    local("DateFromNum", dates::date_from_num, &[integer("value")]),
    confirmed(refused("DefaultDomain", DIRECTORY, &[])),
    // The sample has no dateTimeStyles; on the reference page it is the second parameter.
    confirmed(local(
        "FormatDateTime",
        dates::format_date_time,
        &[
            SOURCE,
            value("dateTimeStyles").or_empty(),
            value("inputFormat"),
            value("outputFormat"),
        ],
    )),
    refused("Guid", RANDOM, &[]),
    local(
        "IIF",
        logic::iif,
        &[
            condition("condition"),
            value("valueIfTrue"),
            value("valueIfFalse"),
        ],
    ),
    local("IgnoreFlowIfNullOrEmpty", logic::ignore_flow, &[EXPRESSION]),
    local(
        "InStr",
        text::in_str,
        &[
            value("value1"),
            value("value2"),
            integer("start").or_empty(),
            parameter("compareType", Kind::Comparison).or_empty(),
        ],
    ),
    confirmed(local("IsNothing", logic::is_null, &[SOURCE])),
    local("IsNull", logic::is_null, &[EXPRESSION]),
    local("IsNullOrEmpty", logic::is_null_or_empty, &[EXPRESSION]),
    local("IsPresent", logic::is_present, &[EXPRESSION]),
    local("IsString", logic::is_string, &[EXPRESSION]),
    local("Item", lists::item, &[ATTRIBUTE, integer("index")]),
    confirmed(local(
        "Join",
        lists::join,
        &[value("separator"), SOURCE.and_more()],
    )),
    local("Left", text::left, &[value("string"), integer("numChars")]),
    undocumented(local("Len", text::len, &[value("string")])),
    confirmed(local(
        "Mid",
        text::mid,
        &[SOURCE, integer("start"), integer("length")],
    )),
    local("NormalizeDiacritics", text::normalize_diacritics, &[SOURCE]),
    confirmed(local("Not", logic::not, &[condition("source")])),
    refused("Now", CLOCK, &[]),
    local("NumFromDate", dates::num_from_date, &[value("value")]),
    local(
        "PCase",
        text::p_case,
        &[SOURCE, value("wordSeparators").or_empty()],
    ),
    confirmed(local("Prepend", text::prepend, &[value("prefix"), SOURCE])),
    refused(
        "RandomString",
        RANDOM,
        &[
            integer("length"),
            integer("minimumNumbers"),
            integer("minimumSpecialCharacters"),
            integer("minimumCapital"),
            integer("minimumLowerCase"),
            value("charactersToAvoid").or_empty(),
        ],
    ),
    local("Redact", text::same, &[SOURCE]),
    local("RemoveDuplicates", lists::remove_duplicates, &[ATTRIBUTE]),
    confirmed(at_least(
        5,
        local(
            "Replace",
            replace::replace,
            &[
                SOURCE,
                value("Find").or_empty(),
                value("RegularExpression").or_empty(),
                value("RegularExpressionGroupName").or_empty(),
                value("Replacement").or_empty(),
                value("ReplacementPropertyName").or_empty(),
                value("Template").or_empty(),
            ],
        ),
    )),
    elsewhere(at_least(
        2,
        refused(
            "SelectUniqueValue",
            "only the service knows which values are already used in the target tenant",
            &[value("uniqueValueRule").and_more()],
        ),
    )),
    confirmed(refused("SingleAppRoleAssignment", ASSIGNMENTS, &[SOURCE])),
    // In the sample the delimiter is optional; the reference page requires it and documents no default.
    confirmed(local("Split", lists::split, &[SOURCE, value("delimiter")])),
    confirmed(local("StripSpaces", text::strip_spaces, &[SOURCE])),
    confirmed(at_least(
        2,
        local(
            "Switch",
            logic::switch,
            &[
                SOURCE,
                value("defaultValue").or_empty(),
                value("switchValue").and_more(),
            ],
        ),
    )),
    local("ToLower", text::to_lower, &[SOURCE, CULTURE]),
    local("ToUpper", text::to_upper, &[SOURCE, CULTURE]),
    // Microsoft's page about transformations in cloud sync shows it with this key.
    undocumented(confirmed(local("Trim", text::trim, &[SOURCE]))),
    local(
        "Word",
        text::word,
        &[value("string"), integer("wordNumber"), value("delimiters")],
    ),
];

/// Returns the function called `name`; the case matters.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}
