//! A limit on users: a number, or a percentage of the existing users.

use std::fmt;
use std::str::FromStr;

/// The maximum number of users.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    Count(usize),
    /// Hundredths of a percent.
    Share(u32),
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a number of users such as 10, or a share such as 5%".to_owned();
        match text.strip_suffix('%') {
            None => text.parse().map(Self::Count).map_err(|_| wrong()),
            Some(share) => {
                let (whole, part) = share.trim().split_once('.').unwrap_or((share.trim(), ""));
                let whole: u32 = whole.parse().map_err(|_| wrong())?;
                let digits = format!("{part:0<2}");
                let part: u32 = digits
                    .get(..2)
                    .and_then(|it| it.parse().ok())
                    .ok_or_else(wrong)?;
                let share = whole.checked_mul(100).and_then(|it| it.checked_add(part));
                share
                    .filter(|share| *share <= 10_000)
                    .map(Self::Share)
                    .ok_or_else(wrong)
            }
        }
    }
}

impl Limit {
    /// The maximum number of users if `present` exist.
    pub(super) fn allows(self, present: usize) -> usize {
        match self {
            Self::Count(count) => count,
            Self::Share(share) => present * share as usize / 10_000,
        }
    }

    pub(super) fn is_exceeded(self, count: usize, present: usize) -> bool {
        count > self.allows(present)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) if share % 100 == 0 => write!(f, "{}%", share / 100),
            Self::Share(share) => write!(f, "{}.{:02}%", share / 100, share % 100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_shares_are_read() {
        for (text, expected) in [
            ("0", Some(Limit::Count(0))),
            ("12", Some(Limit::Count(12))),
            ("5%", Some(Limit::Share(500))),
            ("0.5%", Some(Limit::Share(50))),
            ("2.25%", Some(Limit::Share(225))),
            ("101%", None),
            ("-1", None),
            ("many", None),
            ("%", None),
        ] {
            assert_eq!(text.parse::<Limit>().ok(), expected, "{text}");
        }
        assert_eq!("0.5%".parse::<Limit>().unwrap().to_string(), "0.50%");
    }

    #[test]
    fn a_share_is_of_those_who_are_there() {
        let five = Limit::Share(500);
        assert!(!five.is_exceeded(5, 100));
        assert!(five.is_exceeded(6, 100));
        assert!(five.is_exceeded(1, 19), "less than one user is none");
        assert!(!Limit::Count(0).is_exceeded(0, 0));
    }
}
