//! Makes inputs of inputs: bytes, JSON, and words that mean something.

use serde_json::{Value as Json, json};

use crate::dice::Dice;
use crate::harness::LARGEST;

/// Another input like those in `pool`.
pub fn mutated(dice: &mut Dice, pool: &[Vec<u8>], words: &[String], headed: bool) -> Vec<u8> {
    let input = dice.pick(pool).clone();
    let other = dice.pick(pool).clone();
    let (head, mut body) = split(&input, headed);
    let (other_head, other_body) = split(&other, headed);
    let mut head = head.to_vec();
    if headed && dice.once_in(8) {
        head = other_head.to_vec();
    } else if headed && dice.once_in(40) {
        bytes(dice, &mut head, other_head, words);
        head.retain(|byte| *byte != b'\n');
    }
    for _ in 0..=dice.below(4) {
        if dice.once_in(2) || !json_line(dice, &mut body, &other_body, words) {
            bytes(dice, &mut body, &other_body, words);
        }
    }
    body.truncate(LARGEST);
    if headed {
        head.push(b'\n');
        head.extend(body);
        return head;
    }
    body
}

/// The first line, and the rest.
pub fn split(input: &[u8], headed: bool) -> (&[u8], Vec<u8>) {
    match input.iter().position(|byte| *byte == b'\n') {
        Some(at) if headed => (&input[..at], input[at + 1..].to_vec()),
        None if headed => (input, Vec::new()),
        _ => (&[], input.to_vec()),
    }
}

fn span(dice: &mut Dice, length: usize) -> std::ops::Range<usize> {
    let start = dice.below(length);
    let most = if dice.once_in(4) { length } else { 16 };
    start..(start + 1 + dice.below(most)).min(length)
}

/// One change of bytes.
fn bytes(dice: &mut Dice, body: &mut Vec<u8>, other: impl AsRef<[u8]>, words: &[String]) {
    let other = other.as_ref();
    let at = dice.below(body.len() + 1);
    let insertion: Vec<u8> = match dice.below(10) {
        0 if !body.is_empty() => {
            let at = dice.below(body.len());
            body[at] ^= 1 << dice.below(8);
            return;
        }
        1 if !body.is_empty() => {
            let at = dice.below(body.len());
            body[at] = dice.byte();
            return;
        }
        2 if !body.is_empty() => {
            let span = span(dice, body.len());
            body.drain(span);
            return;
        }
        3 if !body.is_empty() => {
            body.truncate(dice.below(body.len()));
            return;
        }
        4 if !body.is_empty() => {
            let span = span(dice, body.len());
            body[span].to_vec()
        }
        5 if !body.is_empty() => {
            // Much of the same.
            let span = span(dice, body.len());
            let piece = body[span].to_vec();
            piece.repeat((1 + dice.below(LARGEST / 2) / piece.len()).min(20_000))
        }
        6 if !other.is_empty() => {
            let span = span(dice, other.len());
            other[span].to_vec()
        }
        7 if !words.is_empty() => dice.pick(words).as_bytes().to_vec(),
        8 => (0..dice.below(8)).map(|_| dice.byte()).collect(),
        _ => dice.pick(&TOKENS).to_vec(),
    };
    body.splice(at..at, insertion);
}

/// Bytes on which parsers of all kinds have stumbled.
const TOKENS: [&[u8]; 28] = [
    b"\0",
    b"\"",
    b"'",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b",",
    b"-1",
    b"0",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"1e999",
    b"1e-999",
    b"NaN",
    b"null",
    b"%2F",
    b"%00",
    b"../",
    b"\xff",
    b"\xf0\x9f\x92\xa9",
    b"e\xcc\x81",
    b"\xe2\x80\xae",
    b"\xdf\xff\xff\xff\xff",
];

/// One change in one line that is JSON; whether there was one.
fn json_line(
    dice: &mut Dice,
    body: &mut Vec<u8>,
    other: impl AsRef<[u8]>,
    words: &[String],
) -> bool {
    let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').collect();
    let chosen = dice.below(lines.len());
    let Ok(mut json) = serde_json::from_slice::<Json>(lines[chosen]) else {
        return json_whole(dice, body, words);
    };
    let donor = other
        .as_ref()
        .split(|byte| *byte == b'\n')
        .find_map(|line| serde_json::from_slice(line).ok());
    change(dice, &mut json, donor.as_ref(), words);
    let text = json.to_string().into_bytes();
    let mut lines: Vec<Vec<u8>> = lines.into_iter().map(<[u8]>::to_vec).collect();
    lines[chosen] = text;
    *body = lines.join(&b'\n');
    true
}

fn json_whole(dice: &mut Dice, body: &mut Vec<u8>, words: &[String]) -> bool {
    let Ok(mut json) = serde_json::from_slice::<Json>(body) else {
        return false;
    };
    change(dice, &mut json, None, words);
    *body = json.to_string().into_bytes();
    true
}

fn places(json: &Json, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{at}/{name}"), found);
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate().take(50) {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn strange(dice: &mut Dice, words: &[String]) -> Json {
    match dice.below(14) {
        0 => Json::Null,
        1 => json!(true),
        2 => json!(0),
        3 => json!(-1),
        4 => json!(i64::MAX),
        5 => json!(1.5e300),
        6 => json!(""),
        7 => json!([]),
        8 => json!({}),
        9 => json!("x".repeat(dice.below(5_000))),
        10 => json!("é\u{0}\u{202e}💩"),
        11 => json!([null, [null], {}]),
        12 => (0..dice.below(100)).fold(json!(1), |inner, _| json!([inner])),
        _ if !words.is_empty() => json!(dice.pick(words)),
        _ => json!("x"),
    }
}

/// Changes one place of a document.
fn change(dice: &mut Dice, json: &mut Json, donor: Option<&Json>, words: &[String]) {
    let mut found = Vec::new();
    places(json, "", &mut found);
    let place = dice.pick(&found).clone();
    let transplant = donor.map(|donor| {
        let mut found = Vec::new();
        places(donor, "", &mut found);
        donor.pointer(dice.pick(&found).as_str()).unwrap().clone()
    });
    let Some(value) = json.pointer_mut(&place) else {
        return;
    };
    match (dice.below(6), value) {
        (0, Json::Object(members)) if !members.is_empty() => {
            let name = members
                .keys()
                .nth(dice.below(members.len()))
                .unwrap()
                .clone();
            members.remove(&name);
        }
        (1, Json::Array(items)) if !items.is_empty() => {
            let copy = dice.pick(items).clone();
            let times = if dice.once_in(10) { 300 } else { 1 };
            items.extend(std::iter::repeat_n(copy, times));
        }
        (2, Json::Object(members)) => {
            let name = if words.is_empty() {
                "x".to_owned()
            } else {
                dice.pick(words).clone()
            };
            members.insert(name, strange(dice, words));
        }
        (3, Json::String(text)) => {
            let mut raw = text.clone().into_bytes();
            bytes(dice, &mut raw, b"", words);
            *text = String::from_utf8_lossy(&raw).into_owned();
        }
        (4, value) if transplant.is_some() => *value = transplant.unwrap(),
        (_, value) => *value = strange(dice, words),
    }
}
