//! MessagePack itself: one token after the other, read in place, written at the end of what is written already.
//!
//! No value of its own stands between the bytes and ours: it would take more memory than both.

/// The beginning of a value, or all of it where it has no parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'b> {
    Nil,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    /// Not yet known to be UTF-8.
    Text(&'b [u8]),
    Bytes(&'b [u8]),
    /// So many values follow.
    Array(usize),
    /// So many pairs follow.
    Map(usize),
    Extension,
}

/// Bytes that are read from the front.
pub(super) struct Reader<'b>(&'b [u8]);

/// What keeps bytes from being MessagePack.
pub(super) type Problem = &'static str;

const CUT: Problem = "it ends in the middle of a value";

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of `count` values of at least `size` bytes there can be: what is announced need not follow.
    pub(super) fn at_most(&self, count: usize, size: usize) -> usize {
        count.min(self.0.len() / size)
    }

    /// The next token.
    pub(super) fn token(&mut self) -> Result<Token<'b>, Problem> {
        let [mark] = self.take()?;
        Ok(match mark {
            0x00..=0x7f => Token::Unsigned(mark.into()),
            0x80..=0x8f => Token::Map(usize::from(mark & 0x0f)),
            0x90..=0x9f => Token::Array(usize::from(mark & 0x0f)),
            0xa0..=0xbf => Token::Text(self.bytes(usize::from(mark & 0x1f))?),
            0xc0 => Token::Nil,
            0xc1 => return Err("it contains the byte c1, which means nothing"),
            0xc2 => Token::Bool(false),
            0xc3 => Token::Bool(true),
            0xc4..=0xc6 => {
                let length = self.length(mark - 0xc4)?;
                Token::Bytes(self.bytes(length)?)
            }
            0xc7..=0xc9 => {
                let length = self.length(mark - 0xc7)?;
                self.extension(length)?
            }
            0xca => Token::Float(f32::from_be_bytes(self.take()?).into()),
            0xcb => Token::Float(f64::from_be_bytes(self.take()?)),
            0xcc => Token::Unsigned(u8::from_be_bytes(self.take()?).into()),
            0xcd => Token::Unsigned(u16::from_be_bytes(self.take()?).into()),
            0xce => Token::Unsigned(u32::from_be_bytes(self.take()?).into()),
            0xcf => Token::Unsigned(u64::from_be_bytes(self.take()?)),
            0xd0 => Token::Signed(i8::from_be_bytes(self.take()?).into()),
            0xd1 => Token::Signed(i16::from_be_bytes(self.take()?).into()),
            0xd2 => Token::Signed(i32::from_be_bytes(self.take()?).into()),
            0xd3 => Token::Signed(i64::from_be_bytes(self.take()?)),
            0xd4..=0xd8 => self.extension(1 << (mark - 0xd4))?,
            0xd9..=0xdb => {
                let length = self.length(mark - 0xd9)?;
                Token::Text(self.bytes(length)?)
            }
            0xdc | 0xdd => Token::Array(self.length(mark - 0xdc + 1)?),
            0xde | 0xdf => Token::Map(self.length(mark - 0xde + 1)?),
            0xe0..=0xff => Token::Signed(i8::from_be_bytes([mark]).into()),
        })
    }

    /// A length in one, two or four bytes.
    fn length(&mut self, width: u8) -> Result<usize, Problem> {
        Ok(match width {
            0 => u8::from_be_bytes(self.take()?).into(),
            1 => u16::from_be_bytes(self.take()?).into(),
            _ => usize::try_from(u32::from_be_bytes(self.take()?)).map_err(|_| CUT)?,
        })
    }

    /// An extension, after its length: its kind and its payload, whatever they are.
    fn extension(&mut self, length: usize) -> Result<Token<'b>, Problem> {
        let [_kind] = self.take()?;
        self.bytes(length)?;
        Ok(Token::Extension)
    }

    fn take<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Problem> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(CUT)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn bytes(&mut self, length: usize) -> Result<&'b [u8], Problem> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// Bytes that are written at the end.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

/// The marks of one form with a length: up to how many it is in the mark itself, and with one, two and four bytes of length.
struct Form {
    mark: u8,
    short: usize,
    marks: [Option<u8>; 3],
}

const TEXT: Form = Form {
    mark: 0xa0,
    short: 31,
    marks: [Some(0xd9), Some(0xda), Some(0xdb)],
};
const ARRAY: Form = Form {
    mark: 0x90,
    short: 15,
    marks: [None, Some(0xdc), Some(0xdd)],
};
const MAP: Form = Form {
    mark: 0x80,
    short: 15,
    marks: [None, Some(0xde), Some(0xdf)],
};

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn nil(&mut self) {
        self.0.push(0xc0);
    }

    pub(super) fn boolean(&mut self, truth: bool) {
        self.0.push(if truth { 0xc3 } else { 0xc2 });
    }

    /// The extension 0 with one byte of payload, which is what Go writes; readers look at the extension alone.
    pub(super) fn unknown(&mut self) {
        self.0.extend([0xd4, 0, 0]);
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Problem> {
        self.length(&TEXT, text.len())?;
        self.0.extend(text.as_bytes());
        Ok(())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let marks = [Some(0xc4), Some(0xc5), Some(0xc6)];
        self.long(marks, bytes.len())?;
        self.0.extend(bytes);
        Ok(())
    }

    /// The beginning of so many values.
    pub(super) fn array(&mut self, count: usize) -> Result<(), Problem> {
        self.length(&ARRAY, count)
    }

    /// The beginning of so many pairs.
    pub(super) fn map(&mut self, count: usize) -> Result<(), Problem> {
        self.length(&MAP, count)
    }

    fn length(&mut self, form: &Form, length: usize) -> Result<(), Problem> {
        match u8::try_from(length) {
            Ok(short) if length <= form.short => {
                self.0.push(form.mark | short);
                Ok(())
            }
            _ => self.long(form.marks, length),
        }
    }

    fn long(&mut self, [one, two, four]: [Option<u8>; 3], length: usize) -> Result<(), Problem> {
        if let (Some(mark), Ok(length)) = (one, u8::try_from(length)) {
            self.0.extend([mark, length]);
        } else if let (Some(mark), Ok(length)) = (two, u16::try_from(length)) {
            self.0.push(mark);
            self.0.extend(length.to_be_bytes());
        } else if let (Some(mark), Ok(length)) = (four, u32::try_from(length)) {
            self.0.push(mark);
            self.0.extend(length.to_be_bytes());
        } else {
            return Err("It is too long for MessagePack");
        }
        Ok(())
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

    /// Lengths on both sides of every change of form.
    const LENGTHS: [usize; 9] = [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536];

    #[test]
    fn every_length_is_written_as_others_write_it() {
        for length in LENGTHS {
            let text = "x".repeat(length);
            let mut writer = Writer::default();
            writer.text(&text).unwrap();
            writer.bytes(text.as_bytes()).unwrap();
            writer.array(length).unwrap();
            (0..length).for_each(|_| writer.nil());
            writer.map(length).unwrap();
            (0..length).for_each(|_| {
                writer.boolean(true);
                writer.boolean(false);
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

    /// What was read, as others would have read it; every value with parts ends with them.
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
        fn what_others_write_is_read(value in any_value(), cut in any::<prop::sample::Index>()) {
            let bytes = packed(&value);
            let mut reader = Reader::new(&bytes);
            assert_eq!(read(&mut reader), Ok(value));
            assert!(reader.is_at_end());
            let begun = &bytes[..cut.index(bytes.len())];
            assert_eq!(read(&mut Reader::new(begun)), Err(CUT));
        }
    }

    #[test]
    fn every_extension_is_passed_over() {
        for length in [0, 1, 2, 4, 8, 16, 17, 255, 256, 65_535, 65_536] {
            let mut bytes = packed(&Packed::Ext(12, vec![7; length]));
            bytes.push(0xc0);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.token(), Ok(Token::Extension), "{length}");
            assert_eq!(reader.token(), Ok(Token::Nil), "{length}");
        }
    }

    #[test]
    fn single_precision_is_read_as_well() {
        let bytes = packed(&Packed::F32(0.5));
        assert_eq!(Reader::new(&bytes).token(), Ok(Token::Float(0.5)));
    }
}
