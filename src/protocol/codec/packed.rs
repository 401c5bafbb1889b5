//! MessagePack tokens, read in place and appended to a buffer.
//!
//! It uses the library's markers and lengths, but not its values, which would take more memory than the bytes and our values
//! together.

use rmp::{Marker, decode, encode};

/// A scalar value, or the header of a compound one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'b> {
    Nil,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    /// Not yet validated as UTF-8.
    Text(&'b [u8]),
    Bytes(&'b [u8]),
    /// The number of values that follow.
    Array(usize),
    /// The number of pairs that follow.
    Map(usize),
    Extension,
}

/// Bytes that are read from the front.
pub(super) struct Reader<'b>(&'b [u8]);

/// The reason why bytes are not MessagePack, or why a value cannot be written as such.
pub(super) type Problem = &'static str;

const CUT: Problem = "it ends in the middle of a value";

/// The only error of reading from memory is that the bytes end.
fn cut<E>(_: E) -> Problem {
    CUT
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// Limits `count` to the number of values of at least `size` bytes that can follow: the announced count may be wrong.
    pub(super) fn at_most(&self, count: usize, size: usize) -> usize {
        count.min(self.0.len() / size)
    }

    /// Reads the next token.
    pub(super) fn token(&mut self) -> Result<Token<'b>, Problem> {
        let from = &mut self.0;
        match Marker::from_u8(*from.first().ok_or(CUT)?) {
            Marker::Null => decode::read_nil(from).map(|()| Token::Nil).map_err(cut),
            Marker::False | Marker::True => decode::read_bool(from).map(Token::Bool).map_err(cut),
            Marker::FixPos(_) | Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => {
                decode::read_int(from).map(Token::Unsigned).map_err(cut)
            }
            Marker::FixNeg(_) | Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => {
                decode::read_int(from).map(Token::Signed).map_err(cut)
            }
            Marker::F32 => {
                let number = decode::read_f32(from).map_err(cut)?;
                Ok(Token::Float(number.into()))
            }
            Marker::F64 => decode::read_f64(from).map(Token::Float).map_err(cut),
            mark => self.long(mark),
        }
    }

    /// Reads a token that begins with a length.
    fn long(&mut self, mark: Marker) -> Result<Token<'b>, Problem> {
        let from = &mut self.0;
        match mark {
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let length = decode::read_str_len(from).map_err(cut)?;
                self.bytes(length).map(Token::Text)
            }
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                let length = decode::read_bin_len(from).map_err(cut)?;
                self.bytes(length).map(Token::Bytes)
            }
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                let count = decode::read_array_len(from).map_err(cut)?;
                usize::try_from(count).map(Token::Array).map_err(cut)
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                let count = decode::read_map_len(from).map_err(cut)?;
                usize::try_from(count).map(Token::Map).map_err(cut)
            }
            Marker::Reserved => Err("it contains the byte c1, which means nothing"),
            _ => {
                let extension = decode::read_ext_meta(from).map_err(cut)?;
                self.bytes(extension.size)?;
                Ok(Token::Extension)
            }
        }
    }

    fn bytes(&mut self, length: impl TryInto<usize>) -> Result<&'b [u8], Problem> {
        let length = length.try_into().map_err(cut)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// A buffer to which values are appended.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

/// Converts a length to the type that MessagePack supports.
fn sayable(length: usize) -> Result<u32, Problem> {
    u32::try_from(length).map_err(|_| "It is too long for MessagePack")
}

/// Writing to memory cannot fail.
fn written<T, E>(result: Result<T, E>) -> Result<(), Problem> {
    result.map(|_| ()).map_err(|_| "It cannot be written")
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn nil(&mut self) -> Result<(), Problem> {
        written(encode::write_nil(&mut self.0))
    }

    pub(super) fn boolean(&mut self, truth: bool) -> Result<(), Problem> {
        written(encode::write_bool(&mut self.0, truth))
    }

    /// Writes an unknown value: extension 0 with one byte of payload, like Go. Readers check only the extension.
    pub(super) fn unknown(&mut self) -> Result<(), Problem> {
        written(encode::write_ext_meta(&mut self.0, 1, 0))?;
        self.0.push(0);
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Problem> {
        sayable(text.len())?;
        written(encode::write_str(&mut self.0, text))
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        sayable(bytes.len())?;
        written(encode::write_bin(&mut self.0, bytes))
    }

    /// Writes the header of an array with `count` values.
    pub(super) fn array(&mut self, count: usize) -> Result<(), Problem> {
        written(encode::write_array_len(&mut self.0, sayable(count)?))
    }

    /// Writes the header of a map with `count` pairs.
    pub(super) fn map(&mut self, count: usize) -> Result<(), Problem> {
        written(encode::write_map_len(&mut self.0, sayable(count)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rmpv::Value as Packed;

    use super::*;

    fn packed(value: &Packed) -> Vec<u8> {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, value).unwrap();
        bytes
    }

    /// The lengths on both sides of every change of the encoding.
    const LENGTHS: [usize; 9] = [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536];

    #[test]
    fn every_length_is_encoded_like_the_reference() {
        for length in LENGTHS {
            let text = "x".repeat(length);
            let mut writer = Writer::default();
            writer.text(&text).unwrap();
            writer.bytes(text.as_bytes()).unwrap();
            writer.array(length).unwrap();
            (0..length).for_each(|_| writer.nil().unwrap());
            writer.map(length).unwrap();
            (0..length).for_each(|_| {
                writer.boolean(true).unwrap();
                writer.boolean(false).unwrap();
            });
            let pair = || (Packed::Boolean(true), Packed::Boolean(false));
            let expected = [
                Packed::from(text.as_str()),
                Packed::Binary(text.clone().into_bytes()),
                Packed::Array(vec![Packed::Nil; length]),
                Packed::Map((0..length).map(|_| pair()).collect()),
            ];
            let expected: Vec<u8> = expected.iter().flat_map(packed).collect();
            assert_eq!(writer.into_bytes(), expected, "{length}");
        }
    }

    /// Reads a value as the library's type; a compound value ends with its last part.
    fn read(reader: &mut Reader) -> Result<Packed, Problem> {
        Ok(match reader.token()? {
            Token::Nil => Packed::Nil,
            Token::Bool(truth) => Packed::Boolean(truth),
            Token::Signed(number) => number.into(),
            Token::Unsigned(number) => number.into(),
            Token::Float(number) => Packed::F64(number),
            Token::Text(text) => std::str::from_utf8(text).unwrap().into(),
            Token::Bytes(bytes) => Packed::Binary(bytes.to_vec()),
            Token::Array(count) => {
                Packed::Array((0..count).map(|_| read(reader)).collect::<Result<_, _>>()?)
            }
            Token::Map(count) => Packed::Map(
                (0..count)
                    .map(|_| Ok((read(reader)?, read(reader)?)))
                    .collect::<Result<_, Problem>>()?,
            ),
            Token::Extension => Packed::Ext(0, Vec::new()),
        })
    }

    fn any_value() -> impl Strategy<Value = Packed> {
        let leaf = prop_oneof![
            Just(Packed::Nil),
            any::<bool>().prop_map(Packed::Boolean),
            any::<i64>().prop_map(Packed::from),
            any::<i8>().prop_map(Packed::from),
            any::<u64>().prop_map(Packed::from),
            any::<u16>().prop_map(Packed::from),
            any::<i32>().prop_map(|number| Packed::F64(number.into())),
            ".{0,40}".prop_map(Packed::from),
            proptest::collection::vec(any::<u8>(), 0..300).prop_map(Packed::Binary),
        ];
        leaf.prop_recursive(4, 64, 20, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..20).prop_map(Packed::Array),
                proptest::collection::vec((inner.clone(), inner), 0..20).prop_map(Packed::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn encodings_of_the_reference_are_decoded(value in any_value(), cut in any::<prop::sample::Index>()) {
            let bytes = packed(&value);
            let mut reader = Reader::new(&bytes);
            assert_eq!(read(&mut reader), Ok(value));
            assert!(reader.is_at_end());
            let begun = &bytes[..cut.index(bytes.len())];
            assert_eq!(read(&mut Reader::new(begun)), Err(CUT));
        }
    }

    #[test]
    fn every_extension_is_skipped() {
        for length in [0, 1, 2, 4, 8, 16, 17, 255, 256, 65_535, 65_536] {
            let mut bytes = packed(&Packed::Ext(12, vec![7; length]));
            bytes.push(0xc0);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.token(), Ok(Token::Extension), "{length}");
            assert_eq!(reader.token(), Ok(Token::Nil), "{length}");
        }
    }

    #[test]
    fn single_precision_is_decoded() {
        let bytes = packed(&Packed::F32(0.5));
        assert_eq!(Reader::new(&bytes).token(), Ok(Token::Float(0.5)));
    }
}
