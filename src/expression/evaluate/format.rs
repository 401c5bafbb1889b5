//! Formats a date with a .NET format, in the invariant culture only.

use super::pattern::{DAYS, MONTHS, Moment, Part, Zone, parts};

/// Formats a date.
pub(super) fn write(moment: &Moment, format: &str) -> Result<String, String> {
    let mut written = String::new();
    for part in parts(format)? {
        match part {
            Part::Literal(c) => written.push(c),
            Part::Run('F', count) => {
                let fraction = fraction(moment, count);
                let fraction = fraction.trim_end_matches('0');
                // Without digits, an optional fraction omits its point as well.
                if fraction.is_empty() && written.ends_with('.') {
                    written.pop();
                }
                written.push_str(fraction);
            }
            Part::Run(specifier, count) => written.push_str(&run(moment, specifier, count)),
        }
    }
    Ok(written)
}

fn run(moment: &Moment, specifier: char, count: usize) -> String {
    let at = moment.at;
    let padded = |number: i8| format!("{number:0width$}", width = count.min(2));
    match (specifier, count) {
        ('y', 1) => (at.year() % 100).to_string(),
        ('y', 2) => format!("{:02}", at.year() % 100),
        ('y', _) => format!("{:0count$}", at.year()),
        ('M', 1 | 2) => padded(at.month()),
        ('M', _) => name(&MONTHS, at.month() - 1, count),
        ('d', 1 | 2) => padded(at.day()),
        ('d', _) => name(&DAYS, at.weekday().to_monday_zero_offset(), count),
        ('H', _) => padded(at.hour()),
        ('h', _) => padded((at.hour() + 11) % 12 + 1),
        ('m', _) => padded(at.minute()),
        ('s', _) => padded(at.second()),
        ('f', _) => fraction(moment, count),
        ('t', _) => {
            let sign = if at.hour() < 12 { "AM" } else { "PM" };
            sign[..count.min(2)].to_owned()
        }
        ('z', 1) => "+0".to_owned(),
        ('z', 2) => "+00".to_owned(),
        ('z', _) => "+00:00".to_owned(),
        ('K', _) => match moment.zone {
            Zone::Unspecified => String::new(),
            Zone::Utc => "Z".to_owned(),
            Zone::Local => "+00:00".to_owned(),
        },
        _ => "A.D.".to_owned(),
    }
}

fn fraction(moment: &Moment, count: usize) -> String {
    let mut digits = format!("{:09}", moment.at.subsec_nanosecond());
    digits.truncate(count);
    digits
}

fn name(names: &[&str], place: i8, count: usize) -> String {
    let name = usize::try_from(place)
        .ok()
        .and_then(|place| names.get(place));
    let name = name.copied().unwrap_or_default();
    if count == 3 { &name[..3] } else { name }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::pattern::read;
    use super::write;

    #[test]
    fn dates_are_parsed_and_formatted() {
        for (text, input, output, expected) in [
            (
                "20150123105347.1Z",
                "yyyyMMddHHmmss.fZ",
                "yyyy-MM-dd",
                "2015-01-23",
            ),
            (
                "2020-12-31-08:00",
                "yyyy-MM-ddzzz",
                "yyyy-MM-dd HH:mm K",
                "2020-12-31 08:00 +00:00",
            ),
            (
                "9/1/2021 01:05:09 pm",
                "M/d/yyyy hh:mm:ss tt",
                "d MMM yy, H:m:s",
                "1 Sep 21, 13:5:9",
            ),
            (
                "12/31/2021 12:00:00 AM",
                "M/d/yyyy hh:mm:ss tt",
                "HH'h' h t",
                "00h 12 A",
            ),
            (
                "Monday, 07 June 2021",
                "dddd, dd MMMM yyyy",
                "ddd yyyyy",
                "Mon 02021",
            ),
            (
                "2021-06-07T08:09:10.1250000Z",
                "o",
                "ss.ffff / ss.FFFF / K",
                "10.1250 / 10.125 / Z",
            ),
            (
                "2021-06-07T08:09:10",
                "yyyy-MM-ddTHH:mm:ss.FFF",
                "ss.FFF zz",
                "10 +00",
            ),
            (
                "2021-06-07",
                "yyyy-MM-dd",
                "R",
                "Mon, 07 Jun 2021 00:00:00 GMT",
            ),
            (" 49 ", "yy", "yyyy", "2049"),
            ("50", "yy", "%y \\y \"d\" g", "50 y d A.D."),
            ("24/12/2021", "dd/MM/yyyy", "s", "2021-12-24T00:00:00"),
        ] {
            let moment = read(text, input).unwrap();
            assert_eq!(write(&moment, output).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn dates_in_another_format_are_rejected() {
        for (text, format) in [
            ("2021-13-01", "yyyy-MM-dd"),
            ("2021-02-29", "yyyy-MM-dd"),
            ("0000-02-03", "yyyy-MM-dd"),
            ("2021-2-3", "yyyy-MM-dd"),
            ("2021-02-03 ", "yyyy-MM"),
            ("Tuesday, 07 June 2021", "dddd, dd MMMM yyyy"),
            ("13 PM 2021", "h tt yyyy"),
            ("12:30", "HH:mm"),
            ("2021+15:00", "yyyyzzz"),
            ("2021", "yyyy'"),
            ("2021", "yyyy\\"),
            ("2021", ""),
            ("2021", "q"),
            ("2021", "yyyyffffffff"),
            ("2021é", "yyyytt"),
            ("0001-01-01+14:00", "yyyy-MM-ddzzz"),
        ] {
            let outcome = read(text, format);
            assert!(
                outcome.is_err() || outcome.unwrap().at.year() < 1,
                "{text} {format}"
            );
        }
    }
}
