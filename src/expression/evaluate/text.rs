//! Functions of a single string.

use base64::Engine;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Call, Outcome, Value};

/// Returns its argument.
pub(crate) fn same(call: &Call<'_>) -> Outcome {
    call.value(0)
}

pub(crate) fn append(call: &Call<'_>) -> Outcome {
    let suffix = call.text(1)?.unwrap_or_default();
    call.change(|source| format!("{source}{suffix}"))
}

pub(crate) fn prepend(call: &Call<'_>) -> Outcome {
    let prefix = call.text(0)?.unwrap_or_default();
    let source = call.text(1)?;
    Ok(source.map_or(Value::Null, |source| {
        Value::Text(format!("{prefix}{source}"))
    }))
}

pub(crate) fn c_str(call: &Call<'_>) -> Outcome {
    call.change(str::to_owned)
}

/// Encodes the UTF-16LE bytes of the string.
pub(crate) fn base64(call: &Call<'_>) -> Outcome {
    call.change(|source| {
        let bytes: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    })
}

pub(crate) fn utf8_hex(call: &Call<'_>) -> Outcome {
    call.change(|source| {
        let digits = source.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
        digits
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .map(|digit| digit.to_ascii_uppercase())
            .collect()
    })
}

/// Returns the position of one string in another, counted from 1; 0 if it is not found.
pub(crate) fn in_str(call: &Call<'_>) -> Outcome {
    let (Some(mut text), Some(mut wanted)) = (call.text(0)?, call.text(1)?) else {
        return Ok(Value::Null);
    };
    if call.text(3)?.as_deref() == Some("vbTextCompare") {
        (text, wanted) = (lower(&text), lower(&wanted));
    }
    let start = call.integer(2)?.unwrap_or(1);
    let Some(skipped) = start
        .checked_sub(1)
        .and_then(|start| usize::try_from(start).ok())
    else {
        return Err(call.fail_at(2, "counts from 1"));
    };
    let offset = text.char_indices().nth(skipped).map(|(offset, _)| offset);
    let found = offset.and_then(|offset| {
        let before = text[offset..].find(&wanted)?;
        Some(text[..offset + before].chars().count() + 1)
    });
    let found = found.map_or(0, |position| i64::try_from(position).unwrap_or(i64::MAX));
    Ok(Value::Integer(found))
}

/// Null results in an empty string and a negative number in the whole string, as documented.
pub(crate) fn left(call: &Call<'_>) -> Outcome {
    let source = call.text(0)?.unwrap_or_default();
    Ok(Value::Text(match usize::try_from(call.number(1)?) {
        Ok(count) => source.chars().take(count).collect(),
        Err(_) => source,
    }))
}

/// After the end of the string, the result is empty.
pub(crate) fn mid(call: &Call<'_>) -> Outcome {
    let start = usize::try_from(call.number(1)?)
        .ok()
        .filter(|start| *start > 0);
    let start = start.ok_or_else(|| call.fail_at(1, "counts from 1"))?;
    let length = usize::try_from(call.number(2)?);
    let length = length.map_err(|_| call.fail_at(2, "is negative"))?;
    call.change(|source| source.chars().skip(start - 1).take(length).collect())
}

pub(crate) fn strip_spaces(call: &Call<'_>) -> Outcome {
    call.change(|source| source.replace(' ', ""))
}

/// Removes white space at both ends. UNVERIFIED: the reference of Microsoft Entra Connect describes a function of this name.
pub(crate) fn trim(call: &Call<'_>) -> Outcome {
    call.change(|source| source.trim().to_owned())
}

/// Returns the number of characters. UNVERIFIED like [`trim`]; null stays null.
pub(crate) fn len(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    Ok(text.map_or(Value::Null, |text| {
        Value::Integer(i64::try_from(text.chars().count()).unwrap_or(i64::MAX))
    }))
}

/// Removes diacritics, and replaces the letters whose replacement is documented.
pub(crate) fn normalize_diacritics(call: &Call<'_>) -> Outcome {
    call.change(|source| {
        let mut plain = String::with_capacity(source.len());
        for c in source.nfd().filter(|c| !is_combining_mark(*c)) {
            match c {
                'æ' => plain.push_str("ae"),
                'Æ' => plain.push_str("AE"),
                'ø' | 'œ' => plain.push_str("oe"),
                'Ø' | 'Œ' => plain.push_str("OE"),
                'ß' => plain.push_str("ss"),
                'ł' => plain.push('l'),
                'Ł' => plain.push('L'),
                'ı' => plain.push('i'),
                c => plain.push(c),
            }
        }
        plain.nfc().collect()
    })
}

/// Without separators like .NET's ToTitleCase after lower-casing: an apostrophe is part of a word, and a digit does not start
/// one.
pub(crate) fn p_case(call: &Call<'_>) -> Outcome {
    let separators = call.text(1)?;
    call.change(|source| {
        let mut inside = false;
        let mut proper = String::with_capacity(source.len());
        for c in source.chars() {
            let (begins, continues) = match &separators {
                Some(separators) => (true, !separators.contains(c)),
                None => (
                    c.is_alphabetic(),
                    c == '\'' || c.is_alphanumeric() || is_combining_mark(c),
                ),
            };
            proper.push(if inside {
                lower_letter(c)
            } else {
                upper_letter(c)
            });
            inside = continues && (inside || begins);
        }
        proper
    })
}

pub(crate) fn to_lower(call: &Call<'_>) -> Outcome {
    let turkic = is_turkic(call)?;
    call.change(|source| {
        let letter = |c| match c {
            'I' if turkic => 'ı',
            'İ' if turkic => 'i',
            c => lower_letter(c),
        };
        source.chars().map(letter).collect()
    })
}

pub(crate) fn to_upper(call: &Call<'_>) -> Outcome {
    let turkic = is_turkic(call)?;
    call.change(|source| {
        let letter = |c| match c {
            'i' if turkic => 'İ',
            'ı' if turkic => 'I',
            c => upper_letter(c),
        };
        source.chars().map(letter).collect()
    })
}

/// Counted from 1; there is no word between two consecutive delimiters, which is UNVERIFIED.
pub(crate) fn word(call: &Call<'_>) -> Outcome {
    let source = call.text(0)?.unwrap_or_default();
    let number = call.number(1)?;
    let delimiters = call.text(2)?.unwrap_or_default();
    let mut words = source
        .split(|c| delimiters.contains(c))
        .filter(|word| !word.is_empty());
    let index = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1));
    let found = index.and_then(|index| words.nth(index));
    Ok(Value::Text(found.unwrap_or_default().to_owned()))
}

/// Turkish and Azeri have a dotless i; in all other cultures, changing the case gives the same result.
fn is_turkic(call: &Call<'_>) -> Result<bool, super::EvalError> {
    let culture = call.text(1)?.unwrap_or_default().to_ascii_lowercase();
    Ok(matches!(culture.split('-').next(), Some("tr" | "az")))
}

fn lower(text: &str) -> String {
    text.chars().map(lower_letter).collect()
}

/// Maps one letter to one letter, like .NET: `ß` has no upper case.
fn lower_letter(c: char) -> char {
    let mut letters = c.to_lowercase();
    letters
        .next()
        .filter(|_| letters.next().is_none())
        .unwrap_or(c)
}

fn upper_letter(c: char) -> char {
    let mut letters = c.to_uppercase();
    letters
        .next()
        .filter(|_| letters.next().is_none())
        .unwrap_or(c)
}
