//! Custom date formats of .NET: parses a format, and a date in that format. Invariant culture only.

use jiff::civil::DateTime;

/// The format of the result of CDate.
pub(super) const CANONICAL: &str = "M/d/yyyy h:mm:ss tt";

/// A date and time, with the kind of its time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// The time in UTC, or as written if there is no time zone.
    pub(super) at: DateTime,
    pub(super) zone: Zone,
}

/// The kind of time zone of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Unspecified,
    Utc,
    /// Converted to the time zone of the service, which is UTC.
    Local,
}

/// A part of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Literal(char),
    /// A specifier and its number of repetitions.
    Run(char, usize),
}

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Starts with Monday.
pub(super) const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Splits a format into parts. A single letter is a standard format, which stands for a custom one.
pub(super) fn parts(format: &str) -> Result<Vec<Part>, String> {
    let custom = match format {
        "" => return Err("is an empty format".to_owned()),
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        "m" | "M" => "MMMM dd",
        "o" | "O" => "yyyy-MM-dd'T'HH:mm:ss.fffffffK",
        "r" | "R" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "s" => "yyyy-MM-dd'T'HH:mm:ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ss'Z'",
        "y" | "Y" => "yyyy MMMM",
        custom if custom.chars().count() == 1 => {
            return Err(format!("is not a standard format: {format:?}"));
        }
        custom => custom,
    };
    let mut found = Vec::new();
    let mut letters = custom.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\\' => found.push(Part::Literal(letters.next().ok_or("ends in a backslash")?)),
            '\'' | '"' => loop {
                match letters.next() {
                    Some(end) if end == c => break,
                    Some(literal) => found.push(Part::Literal(literal)),
                    None => return Err("has a quote that is not closed".to_owned()),
                }
            },
            // A single letter after this sign is a custom format.
            '%' => {}
            'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'K' | 'm' | 'M' | 's' | 't' | 'y' | 'z' => {
                let mut count = 1;
                while c != 'K' && letters.next_if_eq(&c).is_some() {
                    count += 1;
                }
                if matches!(c, 'f' | 'F') && count > 7 {
                    return Err("asks for more than seven digits of a second".to_owned());
                }
                found.push(Part::Run(c, count));
            }
            c => found.push(Part::Literal(c)),
        }
    }
    Ok(found)
}

/// Whether a text has the format of a result of CDate.
pub(super) fn is_canonical(text: &str) -> bool {
    read(text, CANONICAL).is_ok()
}

/// Parses a date in a format, apart from surrounding blanks.
pub(super) fn read(text: &str, format: &str) -> Result<Moment, String> {
    let mut reader = Reader {
        rest: text.trim(),
        ..Reader::default()
    };
    let parts = parts(format)?;
    for (position, part) in parts.iter().enumerate() {
        let then = parts.get(position + 1);
        let fits = match part {
            // The point before an optional fraction may be missing together with it.
            Part::Literal('.') if matches!(then, Some(Part::Run('F', _))) => {
                reader.literal('.');
                true
            }
            Part::Literal(c) => reader.literal(*c),
            Part::Run(specifier, count) => reader.run(*specifier, *count).is_some(),
        };
        if !fits {
            return Err(format!("is not a date in the format {format:?}: {text:?}"));
        }
    }
    if !reader.rest.is_empty() {
        return Err(format!("is not a date in the format {format:?}: {text:?}"));
    }
    reader.moment(text)
}

#[derive(Default)]
struct Reader<'t> {
    rest: &'t str,
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    weekday: Option<usize>,
    hour: i8,
    afternoon: Option<bool>,
    minute: i8,
    second: i8,
    nanosecond: i32,
    /// Minutes east of UTC.
    offset: Option<i64>,
    is_utc: bool,
}

impl Reader<'_> {
    fn literal(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn digits(&mut self, fewest: usize, most: usize) -> Option<&str> {
        let count = self
            .rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        (count >= fewest).then_some(digits)
    }

    /// Parses up to two digits for a single specifier, and exactly two otherwise.
    fn pair(&mut self, count: usize) -> Option<i8> {
        self.digits(count.min(2), 2)?.parse().ok()
    }

    /// Returns the index of the name that follows.
    fn name(&mut self, names: &[&str], length: usize) -> Option<usize> {
        let place = names.iter().position(|name| {
            let name = if length == 3 { &name[..3] } else { name };
            let start = self.rest.get(..name.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(name))
        })?;
        let length = if length == 3 { 3 } else { names[place].len() };
        self.rest = &self.rest[length..];
        Some(place)
    }

    fn run(&mut self, specifier: char, count: usize) -> Option<()> {
        match (specifier, count) {
            ('y', 1 | 2) => {
                let year: i16 = self.digits(count, 2)?.parse().ok()?;
                // The pivot of two-digit years is that of newer versions of .NET; UNVERIFIED for the service.
                self.year = Some(if year < 50 { 2000 + year } else { 1900 + year });
            }
            ('y', _) => self.year = Some(self.digits(count, count.max(4))?.parse().ok()?),
            ('M', 1 | 2) => self.month = Some(self.pair(count)?),
            ('M', _) => self.month = i8::try_from(self.name(&MONTHS, count)? + 1).ok(),
            ('d', 1 | 2) => self.day = Some(self.pair(count)?),
            ('d', _) => self.weekday = Some(self.name(&DAYS, count)?),
            ('H', _) => self.hour = self.pair(count)?,
            ('h', _) => {
                self.hour = Some(self.pair(count)?).filter(|hour| *hour <= 12)? % 12;
                self.afternoon = self.afternoon.or(Some(false));
            }
            ('t', _) => {
                let sign = self.rest.get(..count.min(2))?;
                let afternoon = sign.starts_with(['p', 'P']);
                let known = ["a", "p", "am", "pm"];
                known
                    .into_iter()
                    .find(|known| known.eq_ignore_ascii_case(sign))?;
                self.rest = &self.rest[sign.len()..];
                self.afternoon = Some(afternoon);
            }
            ('m', _) => self.minute = self.pair(count)?,
            ('s', _) => self.second = self.pair(count)?,
            ('f' | 'F', _) => {
                let fewest = if specifier == 'f' { count } else { 0 };
                let digits = format!("{:0<9}", self.digits(fewest, count)?);
                self.nanosecond = digits.parse().ok()?;
            }
            ('K', _) if self.rest.is_empty() => {}
            ('K', _) if self.literal('Z') => self.is_utc = true,
            ('K', _) => self.offset = Some(self.zone(3)?),
            ('z', _) => self.offset = Some(self.zone(count)?),
            _ => return None,
        }
        Some(())
    }

    fn zone(&mut self, count: usize) -> Option<i64> {
        let sign = if self.literal('-') {
            -1
        } else {
            self.literal('+').then_some(1)?
        };
        let hours = i64::from(self.pair(count)?);
        let minutes = if count > 2 {
            self.literal(':').then_some(())?;
            i64::from(self.pair(2)?)
        } else {
            0
        };
        (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
    }

    fn moment(self, text: &str) -> Result<Moment, String> {
        let wrong = || format!("is not a valid date: {text:?}");
        // .NET would use the current day or year.
        let Some(year) = self.year else {
            return Err("has no year, so that its value depends on today".to_owned());
        };
        let half = if self.afternoon == Some(true) && self.hour < 12 {
            12
        } else {
            0
        };
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        let at = DateTime::new(
            year,
            month,
            day,
            self.hour + half,
            self.minute,
            self.second,
            self.nanosecond,
        )
        .map_err(|_| wrong())?;
        let weekday = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        if year < 1 || self.weekday.is_some_and(|expected| expected != weekday) {
            return Err(wrong());
        }
        let offset = jiff::Span::new().minutes(self.offset.unwrap_or(0));
        Ok(Moment {
            at: at.checked_sub(offset).map_err(|_| wrong())?,
            zone: match self.offset {
                Some(_) => Zone::Local,
                None if self.is_utc => Zone::Utc,
                None => Zone::Unspecified,
            },
        })
    }
}
