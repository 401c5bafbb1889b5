//! Mutated inputs, which are determined by the corpus and a number.

use serde_json::{Map, Value as Json};

use crate::dice::Dice;

/// The format of an input, which determines effective mutations.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    Bytes,
    /// Text, with the keywords of its language.
    Text(&'static [&'static str]),
    /// A document, of which the part below a JSON pointer is mutated. Unless that is the whole document, the result is still valid JSON.
    Json(&'static str),
}

/// Maximum length of an input.
const LONGEST: usize = 256 * 1024;

/// Maximum number of levels around a part of a document. Bytes are nested deeper; here, printing must not overflow the stack.
const DEEPEST: usize = 300;

impl Dice {
    /// Usually small, sometimes large.
    fn often(&mut self, limit: usize) -> usize {
        let limit = if self.below(4) == 0 { limit } else { 8 };
        1 + self.below(limit)
    }
}

/// One input of the corpus, mutated in a few places.
pub fn mutate(form: Form, kept: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut input = dice.pick(kept).clone();
    for _ in 0..=dice.below(4) {
        let other = dice.pick(kept);
        input = match form {
            Form::Json(part) => {
                let parsed = serde_json::from_slice(&input).ok();
                let is_whole = part.is_empty();
                match parsed {
                    Some(json) if !is_whole || dice.below(4) > 0 => {
                        let other = serde_json::from_slice(other).unwrap_or_default();
                        document(json, part, &other, dice).to_string().into_bytes()
                    }
                    _ => bytes(input, other, &[], dice),
                }
            }
            Form::Text(words) => bytes(input, other, words, dice),
            Form::Bytes => bytes(input, other, &[], dice),
        };
        input.truncate(LONGEST);
    }
    input
}

/// A random range of `bytes`.
fn stretch(bytes: &[u8], dice: &mut Dice) -> std::ops::Range<usize> {
    let from = dice.below(bytes.len());
    let length = dice.often(bytes.len());
    from..(from + length).min(bytes.len())
}

/// Mutates the bytes in one place.
fn bytes(mut input: Vec<u8>, other: &[u8], words: &[&str], dice: &mut Dice) -> Vec<u8> {
    let here = stretch(&input, dice);
    match dice.below(10) {
        0 if !input.is_empty() => {
            let at = dice.below(input.len());
            input[at] ^= 1 << dice.below(8);
        }
        1 if !input.is_empty() => {
            let at = dice.below(input.len());
            input[at] = *dice.pick(&[0, 1, 0x7f, 0x80, 0xc0, 0xd4, 0xdd, 0xdf, 0xff, b'"', b'\\']);
        }
        2 => input.truncate(here.start),
        3 => drop(input.drain(here)),
        // The beginning of one and the end of another.
        4 => {
            input.truncate(here.start);
            let tail = stretch(other, dice);
            input.extend_from_slice(&other[tail.start..]);
        }
        5 => {
            let part = other[stretch(other, dice)].to_vec();
            drop(input.splice(here, part));
        }
        // Repetition of a part.
        6 => {
            let part = input[here.clone()].repeat(dice.often(2_000));
            drop(input.splice(here, part));
        }
        // Deep nesting.
        7 => {
            let open = *dice.pick(&[&b"["[..], b"{\"a\":", b"(", b"\x91", b"\x81\xa1a", b"Not("]);
            let deep = open.repeat(dice.often(20_000));
            drop(input.splice(here.start..here.start, deep));
        }
        8 if !words.is_empty() => {
            let word = dice.pick(words).bytes();
            drop(input.splice(here.start..here.start, word));
        }
        _ => {
            let text = *dice.pick(&TEXTS);
            drop(input.splice(here, text.bytes()));
        }
    }
    input
}

/// Texts and numbers that are often unexpected.
const TEXTS: [&str; 24] = [
    "",
    "0",
    "-0",
    "-1",
    "1.5",
    "2147483648",
    "-9223372036854775809",
    "9223372036854775807",
    "18446744073709551616",
    "1e308",
    "1e-400",
    "1e999999999",
    "99999999999999999999999999999999999999999999999999999999999999999999999999",
    "null",
    "\u{0}",
    "\u{feff}",
    "\u{202e}\u{1d4b3}",
    "e\u{301}\u{301}\u{301}",
    "İß\u{fb03}",
    "../../..",
    "%00%2e%2f",
    "9999-12-31T23:59:60Z",
    "-0001-02-30T25:00:00+99:99",
    "00000000-0000-0000-0000-000000000000",
];

/// The number of parts of a document, including itself.
fn parts(json: &Json) -> usize {
    match json {
        Json::Object(members) => 1 + members.values().map(parts).sum::<usize>(),
        Json::Array(items) => 1 + items.iter().map(parts).sum::<usize>(),
        _ => 1,
    }
}

/// The part with that number; the whole document is 0.
fn part<'a>(json: &'a mut Json, number: &mut usize) -> Option<&'a mut Json> {
    if *number == 0 {
        return Some(json);
    }
    *number -= 1;
    match json {
        Json::Object(members) => members.values_mut().find_map(|inner| part(inner, number)),
        Json::Array(items) => items.iter_mut().find_map(|inner| part(inner, number)),
        _ => None,
    }
}

/// A random part of a document.
fn some(json: &Json, dice: &mut Dice) -> Json {
    let mut copy = json.clone();
    let mut number = dice.below(parts(json));
    part(&mut copy, &mut number)
        .map(Json::take)
        .unwrap_or_default()
}

/// Mutates a document in one place below the pointer `within`.
fn document(mut json: Json, within: &str, other: &Json, dice: &mut Dice) -> Json {
    let (own, foreign) = (some(&json, dice), some(other, dice));
    let Some(root) = json.pointer_mut(within) else {
        return json;
    };
    let mut number = dice.below(parts(root));
    if number == 0 && !within.is_empty() {
        number = 1;
    }
    if let Some(place) = part(root, &mut number) {
        change(place, own, foreign, dice);
    }
    json
}

/// Mutates one part.
fn change(place: &mut Json, own: Json, foreign: Json, dice: &mut Dice) {
    match dice.below(9) {
        0 => *place = own,
        1 => *place = foreign,
        2 => *place = extreme(dice),
        3 => {
            for _ in 0..dice.often(DEEPEST) {
                let inner = place.take();
                *place = match dice.below(2) {
                    0 => Json::Array(vec![inner]),
                    _ => Json::Object(Map::from_iter([("value".to_owned(), inner)])),
                };
            }
        }
        4 => remove(place, dice),
        5 => repeat(place, dice),
        // As a string, which some responses contain, valid or invalid.
        6 => {
            let text = bytes(place.to_string().into_bytes(), b"{}", &[], dice);
            *place = Json::String(String::from_utf8_lossy(&text).into_owned());
        }
        7 => *place = Json::String((*dice.pick(&TEXTS)).repeat(dice.often(500))),
        _ => match place {
            Json::String(text) => {
                let changed = bytes(std::mem::take(text).into_bytes(), b"/", &[], dice);
                *text = String::from_utf8_lossy(&changed).into_owned();
            }
            other => *other = extreme(dice),
        },
    }
}

/// An extreme number or another scalar.
fn extreme(dice: &mut Dice) -> Json {
    let text = *dice.pick(&TEXTS);
    match dice.below(4) {
        0 => Json::Null,
        1 => Json::Bool(dice.below(2) == 0),
        2 => Json::Array(Vec::new()),
        _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}

fn remove(place: &mut Json, dice: &mut Dice) {
    match place {
        Json::Object(members) => {
            let name = members.keys().nth(dice.below(members.len())).cloned();
            name.and_then(|name| members.remove(&name));
        }
        Json::Array(items) if !items.is_empty() => drop(items.remove(dice.below(items.len()))),
        other => *other = Json::Null,
    }
}

fn repeat(place: &mut Json, dice: &mut Dice) {
    match place {
        Json::Object(members) => {
            let at = dice.below(members.len());
            let found = members.iter().nth(at);
            if let Some((name, value)) = found.map(|(name, value)| (name.clone(), value.clone())) {
                for number in 0..dice.often(100) {
                    members.insert(format!("{name}{number}"), value.clone());
                }
            }
        }
        Json::Array(items) if !items.is_empty() => {
            let item = dice.pick(items).clone();
            items.extend(std::iter::repeat_n(item, dice.often(500)));
        }
        Json::String(text) => *text = text.repeat(dice.often(500)),
        other => *other = Json::Array(vec![other.clone(); dice.often(500)]),
    }
}
