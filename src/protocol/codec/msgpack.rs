//! The MessagePack form of values, which is what CLIs send and are sent.

use rmpv::{Value as Packed, ValueRef};

use super::json::{normalized, noun, number_from};
use super::{Fault, type_json};
use crate::terraform::{Number, Object, Path, Type, Value};

/// Far beyond any schema; a message that nests deeper is refused before it exhausts the stack.
const DEEPEST: usize = 256;

/// What `bytes` hold, which must be one value of the type `of` and nothing else.
pub(super) fn decode(of: &Type, mut bytes: &[u8]) -> Result<Value, Fault> {
    let root = Path::default();
    let packed = rmpv::decode::read_value_ref_with_max_depth(&mut bytes, DEEPEST)
        .map_err(|error| Fault::new(&root, format!("It is not MessagePack: {error}")))?;
    if !bytes.is_empty() {
        return Err(Fault::new(&root, "More bytes follow after its end"));
    }
    unpack(of, packed, &root)
}

fn unpack(of: &Type, packed: ValueRef<'_>, at: &Path) -> Result<Value, Fault> {
    match (of, packed) {
        (_, ValueRef::Nil) => Ok(Value::Null),
        // Any extension is an unknown value. What else may be known about it can be ignored safely.
        (_, ValueRef::Ext(..)) => Ok(Value::Unknown),
        (Type::Bool, ValueRef::Boolean(truth)) => Ok(Value::Bool(truth)),
        (Type::String, ValueRef::String(text)) => Ok(Value::String(utf8(&text, at)?)),
        (Type::Number, packed) => number(&packed, at).map(Value::Number),
        (Type::List(of), ValueRef::Array(elements)) => Ok(Value::List(
            elements
                .into_iter()
                .enumerate()
                .map(|(index, element)| unpack(of, element, &at.index(index)))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Set(of), ValueRef::Array(elements)) => Ok(Value::set(
            elements
                .into_iter()
                .map(|element| unpack(of, element, at))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Tuple(of), ValueRef::Array(elements)) if of.len() == elements.len() => {
            Ok(Value::List(
                of.iter()
                    .zip(elements)
                    .enumerate()
                    .map(|(index, (of, element))| unpack(of, element, &at.index(index)))
                    .collect::<Result<_, _>>()?,
            ))
        }
        (Type::Map(of), ValueRef::Map(members)) => Ok(Value::Map(
            members
                .into_iter()
                .map(|(key, member)| {
                    let key = text(&key, at)?;
                    let member = unpack(of, member, &at.key(&key))?;
                    Ok((key, member))
                })
                .collect::<Result<_, Fault>>()?,
        )),
        (Type::Object(of), ValueRef::Map(members)) => {
            let mut result = Object::new();
            for (name, member) in members {
                let name = text(&name, at)?;
                let here = at.attribute(&name);
                let of = of
                    .get(&name)
                    .ok_or_else(|| Fault::new(&here, "There is no such attribute"))?;
                result.insert(name, unpack(of, member, &here)?);
            }
            match of.keys().find(|name| !result.contains_key(*name)) {
                Some(name) => Err(Fault::new(&at.attribute(name), "The attribute is missing")),
                None => Ok(Value::Object(result)),
            }
        }
        (Type::Dynamic, ValueRef::Array(pair)) => dynamic(pair, at),
        (of, packed) => Err(Fault::new(
            at,
            format!("Expected {}, got {}", noun(of), kind(&packed)),
        )),
    }
}

/// A pair: the type in JSON, then the value of that type.
fn dynamic(pair: Vec<ValueRef<'_>>, at: &Path) -> Result<Value, Fault> {
    let problem = "A value of any type must come with its type";
    let [of, value] = <[ValueRef<'_>; 2]>::try_from(pair).map_err(|_| Fault::new(at, problem))?;
    let json = match &of {
        ValueRef::Binary(bytes) => bytes,
        ValueRef::String(text) => text.as_bytes(),
        _ => return Err(Fault::new(at, problem)),
    };
    let of = serde_json::from_slice(json)
        .ok()
        .and_then(|json| type_json::type_from_json(&json))
        .ok_or_else(|| Fault::new(at, problem))?;
    let value = unpack(&of, value, at)?;
    Ok(Value::Dynamic(Box::new(of), Box::new(value)))
}

fn text(packed: &ValueRef<'_>, at: &Path) -> Result<String, Fault> {
    match packed {
        ValueRef::String(text) => utf8(text, at),
        _ => Err(Fault::new(at, "A key must be a string")),
    }
}

fn utf8(text: &rmpv::Utf8StringRef<'_>, at: &Path) -> Result<String, Fault> {
    text.as_str()
        .map(normalized)
        .ok_or_else(|| Fault::new(at, "The text is not UTF-8"))
}

fn number(packed: &ValueRef<'_>, at: &Path) -> Result<Number, Fault> {
    match packed {
        ValueRef::Integer(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Ok(Number::from(number)),
            (_, Some(number)) => Ok(Number::from(number)),
            _ => Err(Fault::new(at, "The number is out of range")),
        },
        ValueRef::F32(number) => float(f64::from(*number), at),
        ValueRef::F64(number) => float(*number, at),
        ValueRef::String(text) => number_from(text.as_str().unwrap_or_default(), at),
        other => Err(Fault::new(
            at,
            format!("Expected a number, got {}", kind(other)),
        )),
    }
}

fn float(number: f64, at: &Path) -> Result<Number, Fault> {
    Number::try_from(number).map_err(|_| Fault::new(at, "The number is not finite"))
}

fn kind(packed: &ValueRef<'_>) -> &'static str {
    match packed {
        ValueRef::Nil => "null",
        ValueRef::Boolean(_) => "a bool",
        ValueRef::Integer(_) | ValueRef::F32(_) | ValueRef::F64(_) => "a number",
        ValueRef::String(_) => "a string",
        ValueRef::Binary(_) => "bytes",
        ValueRef::Array(_) => "a list",
        ValueRef::Map(_) => "a map",
        ValueRef::Ext(..) => "an unknown value",
    }
}

/// `value` as a value of the type `of`.
pub(super) fn encode(of: &Type, value: &Value) -> Result<Vec<u8>, Fault> {
    let packed = pack(of, value, &Path::default())?;
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &packed)
        .map_err(|error| Fault::new(&Path::default(), error))?;
    Ok(bytes)
}

fn pack(of: &Type, value: &Value, at: &Path) -> Result<Packed, Fault> {
    match (of, value) {
        (_, Value::Null) => Ok(Packed::Nil),
        // The payload is what Go writes; readers look at the extension alone.
        (_, Value::Unknown) => Ok(Packed::Ext(0, vec![0])),
        (Type::Bool, Value::Bool(truth)) => Ok(Packed::Boolean(*truth)),
        (Type::Number, Value::Number(number)) => Ok(pack_number(number)),
        (Type::String, Value::String(text)) => Ok(normalized(text).into()),
        (Type::List(of), Value::List(elements)) => Ok(Packed::Array(
            elements
                .iter()
                .enumerate()
                .map(|(index, element)| pack(of, element, &at.index(index)))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Set(of), Value::Set(elements)) => Ok(Packed::Array(
            elements
                .iter()
                .map(|element| pack(of, element, at))
                .collect::<Result<_, _>>()?,
        )),
        (Type::Tuple(of), Value::List(elements) | Value::Set(elements))
            if of.len() == elements.len() =>
        {
            Ok(Packed::Array(
                of.iter()
                    .zip(elements)
                    .enumerate()
                    .map(|(index, (of, element))| pack(of, element, &at.index(index)))
                    .collect::<Result<_, _>>()?,
            ))
        }
        (Type::Map(of), Value::Map(members)) => Ok(Packed::Map(
            members
                .iter()
                .map(|(key, member)| Ok((normalized(key).into(), pack(of, member, &at.key(key))?)))
                .collect::<Result<_, Fault>>()?,
        )),
        (Type::Object(of), Value::Object(members) | Value::Map(members)) => {
            if let Some(name) = members.keys().find(|name| !of.contains_key(*name)) {
                return Err(Fault::new(
                    &at.attribute(name),
                    "There is no such attribute",
                ));
            }
            let member = |name: &str| members.get(name).unwrap_or(&Value::Null);
            Ok(Packed::Map(
                of.iter()
                    .map(|(name, of)| {
                        let packed = pack(of, member(name), &at.attribute(name))?;
                        Ok((name.as_str().into(), packed))
                    })
                    .collect::<Result<_, Fault>>()?,
            ))
        }
        (Type::Dynamic, Value::Dynamic(of, value)) => pack_dynamic(of, value, at),
        (Type::Dynamic, value) => pack_dynamic(&type_json::type_of(value), value, at),
        (of, value) => Err(Fault::new(
            at,
            format!("Expected {}, got {}", noun(of), value.noun()),
        )),
    }
}

fn pack_dynamic(of: &Type, value: &Value, at: &Path) -> Result<Packed, Fault> {
    let json = type_json::type_to_json(of).to_string();
    Ok(Packed::Array(vec![
        Packed::Binary(json.into_bytes()),
        pack(of, value, at)?,
    ]))
}

/// Decimal digits, as in state files. Terraform compares numbers with the precision that their encoding implies: an integer would seem
/// to differ from the equal number in the state, and `plan -refresh-only -detailed-exitcode` would end with 2 and "No changes".
fn pack_number(number: &Number) -> Packed {
    number.to_string().into()
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
        Type::Object(members.map(|(name, of)| (name.to_owned(), of)).into())
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
    fn bytes_that_are_no_value_are_refused() {
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
