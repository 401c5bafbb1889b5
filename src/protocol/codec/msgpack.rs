//! The MessagePack form of values, which CLIs send and receive.

use super::json::{normalized, noun, number_from};
use super::packed::{Problem, Reader, Token, Writer};
use super::{Fault, type_json};
use terraform::{Name, Number, Object, Trail, Type, Value};

/// Decodes `bytes`, which must be exactly one value of the type `of`.
pub(super) fn decode(of: &Type, bytes: &[u8]) -> Result<Value, Fault> {
    let (root, mut reader) = (Trail::default(), Reader::new(bytes));
    let value = unpack(of, &mut reader, &root)?;
    if reader.is_at_end() {
        Ok(value)
    } else {
        Err(Fault::new(&root, "More bytes follow after its end"))
    }
}

fn next<'b>(reader: &mut Reader<'b>, at: &Trail) -> Result<Token<'b>, Fault> {
    let token = reader.token();
    token.map_err(|problem| Fault::new(at, format!("It is not MessagePack: {problem}")))
}

/// Decodes the next value, of the type `of`. The type limits its depth.
fn unpack(of: &Type, reader: &mut Reader, at: &Trail) -> Result<Value, Fault> {
    match (of, next(reader, at)?) {
        (_, Token::Nil) => Ok(Value::Null),
        // Any extension is an unknown value. Refinements of it can be ignored safely.
        (_, Token::Extension) => Ok(Value::Unknown),
        (Type::Bool, Token::Bool(truth)) => Ok(Value::Bool(truth)),
        (Type::String, Token::Text(text)) => Ok(Value::String(normalized(utf8(text, at)?).into())),
        (Type::Number, token) => number(token, at).map(Value::Number),
        (Type::List(of), Token::Array(count)) => {
            let mut elements = Vec::with_capacity(reader.at_most(count, 1));
            for index in 0..count {
                elements.push(unpack(of, reader, &at.index(index))?);
            }
            Ok(Value::List(elements))
        }
        (Type::Set(of), Token::Array(count)) => {
            let mut elements = Vec::with_capacity(reader.at_most(count, 1));
            for _ in 0..count {
                elements.push(unpack(of, reader, at)?);
            }
            Ok(Value::set(elements))
        }
        (Type::Tuple(of), Token::Array(count)) if of.len() == count => {
            let elements = of.iter().enumerate();
            let elements = elements.map(|(index, of)| unpack(of, reader, &at.index(index)));
            Ok(Value::List(elements.collect::<Result<_, _>>()?))
        }
        (Type::Map(of), Token::Map(count)) => {
            let mut members = Vec::with_capacity(reader.at_most(count, 2));
            for _ in 0..count {
                let key = Name::shared(&normalized(key(reader, at)?));
                let member = unpack(of, reader, &at.key(&key))?;
                members.push((key, member));
            }
            Ok(Value::Map(members.into_iter().collect()))
        }
        (Type::Object(of), Token::Map(count)) => {
            let mut members = Vec::with_capacity(of.len());
            for _ in 0..count {
                let name = normalized(key(reader, at)?);
                let here = at.attribute(&name);
                let (name, of) = of
                    .get_key_value(&*name)
                    .ok_or_else(|| Fault::new(&here, "There is no such attribute"))?;
                members.push((name.clone(), unpack(of, reader, &here)?));
            }
            let members: Object = members.into_iter().collect();
            match of.keys().find(|name| !members.contains_key(name)) {
                Some(name) => Err(Fault::new(&at.attribute(name), "The attribute is missing")),
                None => Ok(Value::Object(members)),
            }
        }
        (Type::Dynamic, Token::Array(2)) => dynamic(reader, at),
        (Type::Dynamic, Token::Array(_)) => Err(Fault::new(at, UNTYPED)),
        (of, token) => Err(Fault::new(
            at,
            format!("Expected {}, got {}", noun(of), kind(token)),
        )),
    }
}

const UNTYPED: &str = "A value of any type must come with its type";

/// Decodes a pair: the type in JSON, then the value of that type.
fn dynamic(reader: &mut Reader, at: &Trail) -> Result<Value, Fault> {
    let (Token::Bytes(json) | Token::Text(json)) = next(reader, at)? else {
        return Err(Fault::new(at, UNTYPED));
    };
    let of = serde_json::from_slice(json)
        .ok()
        .and_then(|json| type_json::type_from_json(&json))
        .ok_or_else(|| Fault::new(at, UNTYPED))?;
    let value = unpack(&of, reader, at)?;
    Ok(Value::Dynamic(Box::new(of), Box::new(value)))
}

fn key<'b>(reader: &mut Reader<'b>, at: &Trail) -> Result<&'b str, Fault> {
    match next(reader, at)? {
        Token::Text(text) => utf8(text, at),
        _ => Err(Fault::new(at, "A key must be a string")),
    }
}

fn utf8<'b>(text: &'b [u8], at: &Trail) -> Result<&'b str, Fault> {
    std::str::from_utf8(text).map_err(|_| Fault::new(at, "The text is not UTF-8"))
}

fn number(token: Token, at: &Trail) -> Result<Number, Fault> {
    match token {
        Token::Signed(number) => Ok(number.into()),
        Token::Unsigned(number) => Ok(number.into()),
        Token::Float(number) => {
            Number::try_from(number).map_err(|_| Fault::new(at, "The number is not finite"))
        }
        Token::Text(text) => number_from(std::str::from_utf8(text).unwrap_or_default(), at),
        other => Err(Fault::new(
            at,
            format!("Expected a number, got {}", kind(other)),
        )),
    }
}

fn kind(token: Token) -> &'static str {
    match token {
        Token::Nil => "null",
        Token::Bool(_) => "a bool",
        Token::Signed(_) | Token::Unsigned(_) | Token::Float(_) => "a number",
        Token::Text(_) => "a string",
        Token::Bytes(_) => "bytes",
        Token::Array(_) => "a list",
        Token::Map(_) => "a map",
        Token::Extension => "an unknown value",
    }
}

/// Encodes `value` as a value of the type `of`.
pub(super) fn encode(of: &Type, value: &Value) -> Result<Vec<u8>, Fault> {
    let mut writer = Writer::default();
    pack(of, value, &mut writer, &Trail::default())?;
    Ok(writer.into_bytes())
}

fn pack(of: &Type, value: &Value, writer: &mut Writer, at: &Trail) -> Result<(), Fault> {
    let unwritable = |problem: Problem| Fault::new(at, problem);
    match (of, value) {
        (_, Value::Null) => writer.nil().map_err(unwritable)?,
        (_, Value::Unknown) => writer.unknown().map_err(unwritable)?,
        (Type::Bool, Value::Bool(truth)) => writer.boolean(*truth).map_err(unwritable)?,
        // Decimal digits, as in state files. Terraform compares numbers with the precision that their encoding implies: an
        // integer would differ from the equal number in the state, and `plan -refresh-only -detailed-exitcode` would end with 2
        // and "No changes".
        (Type::Number, Value::Number(number)) => {
            writer.text(&number.to_string()).map_err(unwritable)?;
        }
        (Type::String, Value::String(text)) => {
            writer.text(&normalized(text)).map_err(unwritable)?;
        }
        (Type::List(of), Value::List(elements)) => {
            writer.array(elements.len()).map_err(unwritable)?;
            for (index, element) in elements.iter().enumerate() {
                pack(of, element, writer, &at.index(index))?;
            }
        }
        (Type::Set(of), Value::Set(elements)) => {
            writer.array(elements.len()).map_err(unwritable)?;
            for element in elements {
                pack(of, element, writer, at)?;
            }
        }
        (Type::Tuple(of), Value::List(elements) | Value::Set(elements))
            if of.len() == elements.len() =>
        {
            writer.array(elements.len()).map_err(unwritable)?;
            for (index, (of, element)) in of.iter().zip(elements).enumerate() {
                pack(of, element, writer, &at.index(index))?;
            }
        }
        (Type::Map(of), Value::Map(members)) => {
            writer.map(members.len()).map_err(unwritable)?;
            for (key, member) in members {
                writer.text(&normalized(key)).map_err(unwritable)?;
                pack(of, member, writer, &at.key(key))?;
            }
        }
        (Type::Object(of), Value::Object(members) | Value::Map(members)) => {
            if let Some(name) = members.keys().find(|name| !of.contains_key(*name)) {
                return Err(Fault::new(
                    &at.attribute(name),
                    "There is no such attribute",
                ));
            }
            writer.map(of.len()).map_err(unwritable)?;
            for (name, of) in of {
                writer.text(name).map_err(unwritable)?;
                let member = members.get(name).unwrap_or(&Value::Null);
                pack(of, member, writer, &at.attribute(name))?;
            }
        }
        (Type::Dynamic, Value::Dynamic(of, value)) => pack_dynamic(of, value, writer, at)?,
        (Type::Dynamic, value) => pack_dynamic(&type_json::type_of(value), value, writer, at)?,
        (of, value) => {
            let problem = format!("Expected {}, got {}", noun(of), value.noun());
            return Err(Fault::new(at, problem));
        }
    }
    Ok(())
}

fn pack_dynamic(of: &Type, value: &Value, writer: &mut Writer, at: &Trail) -> Result<(), Fault> {
    let json = type_json::type_to_json(of).to_string();
    let unwritable = |problem: Problem| Fault::new(at, problem);
    writer.array(2).map_err(unwritable)?;
    writer.bytes(json.as_bytes()).map_err(unwritable)?;
    pack(of, value, writer, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(of: &Type, bytes: &[u8]) -> (String, String) {
        let fault = decode(of, bytes).unwrap_err();
        (fault.path.to_string(), fault.problem)
    }

    fn object() -> Type {
        let members = [("a", Type::Bool), ("b", Type::List(Box::new(Type::String)))];
        Type::Object(members.map(|(name, of)| (Name::from(name), of)).into())
    }

    #[test]
    fn an_object_has_all_its_attributes_and_no_others() {
        let missing = ("b".to_owned(), "The attribute is missing".to_owned());
        assert_eq!(problem(&object(), b"\x81\xa1a\xc3"), missing);
        let unknown = ("c".to_owned(), "There is no such attribute".to_owned());
        assert_eq!(
            problem(&object(), b"\x83\xa1a\xc3\xa1b\xc0\xa1c\xc0"),
            unknown
        );
        let wrong = (
            "b[1]".to_owned(),
            "Expected a string, got a bool".to_owned(),
        );
        assert_eq!(
            problem(&object(), b"\x82\xa1a\xc3\xa1b\x92\xa1x\xc2"),
            wrong
        );
        let extra = Value::Object(Object::from([("c".to_owned(), Value::Null)]));
        assert_eq!(encode(&object(), &extra).unwrap_err().path.to_string(), "c");
    }

    #[test]
    fn bytes_that_are_not_a_value_are_rejected() {
        for bytes in [
            &b""[..],
            b"\xc0\xc0",
            b"\xa2x",
            b"\xa1\xff",
            b"\xdd\xff\xff\xff\xff",
            b"\xcb\x7f\xf8\0\0\0\0\0\0",
        ] {
            assert!(decode(&Type::String, bytes).is_err(), "{bytes:?}");
        }
        let infinite = b"\xcb\x7f\xf0\0\0\0\0\0\0";
        assert_eq!(
            problem(&Type::Number, infinite).1,
            "The number is not finite"
        );
        let endless = [&b"\xdb\0\0\xc3\x50"[..], &vec![b'1'; 50_000]].concat();
        assert_eq!(
            problem(&Type::Number, &endless).1,
            "The number has too many digits"
        );
        assert!(decode(&Type::String, &vec![0x91; 1_000_000]).is_err());
    }

    #[test]
    fn numbers_are_written_in_decimal_digits() {
        let bytes =
            |text: &str| encode(&Type::Number, &Value::Number(text.parse().unwrap())).unwrap();
        assert_eq!(bytes("7"), b"\xa17");
        assert_eq!(bytes("0.5"), b"\xa30.5");
        assert_eq!(bytes("0.1"), b"\xa30.1");
        assert_eq!(bytes("1e20"), b"\xb5100000000000000000000");
    }

    #[test]
    fn every_extension_is_unknown() {
        for bytes in [
            &b"\xd4\0\0"[..],
            b"\xc7\x03\x0c\x81\x01\xc2",
            b"\xd5\x63\x01\x02",
        ] {
            assert_eq!(decode(&object(), bytes), Ok(Value::Unknown));
        }
        assert_eq!(encode(&object(), &Value::Unknown).unwrap(), [0xd4, 0, 0]);
    }
}
