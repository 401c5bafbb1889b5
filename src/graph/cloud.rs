//! The addresses of Microsoft Graph and its sign-in service in each cloud.

use std::fmt;
use std::str::FromStr;

/// A Microsoft cloud. Tokens of one cloud are not valid in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// The worldwide cloud, which also serves US Government GCC.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGovernmentL4,
    /// US Government L5 (Department of Defense).
    UsGovernmentL5,
    /// The cloud that 21Vianet operates in China.
    China,
}

impl Cloud {
    /// Every spelling that [`Cloud::from_str`] accepts; the preferred one of each cloud comes first.
    pub const NAMES: [(&str, Cloud); 7] = [
        ("global", Cloud::Global),
        ("public", Cloud::Global),
        ("usgovernmentl4", Cloud::UsGovernmentL4),
        ("usgovernment", Cloud::UsGovernmentL4),
        ("usgovernmentl5", Cloud::UsGovernmentL5),
        ("dod", Cloud::UsGovernmentL5),
        ("china", Cloud::China),
    ];

    /// Graph's address, without a version and without a trailing slash.
    #[must_use]
    pub fn graph_url(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsGovernmentL4 => "https://graph.microsoft.us",
            Self::UsGovernmentL5 => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }

    /// The sign-in service's address, without a trailing slash.
    #[must_use]
    pub fn login_url(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGovernmentL4 | Self::UsGovernmentL5 => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// The name of the cloud in policies. Both clouds for the US Government have the same name.
    #[must_use]
    pub fn policy_name(self) -> &'static str {
        match self {
            Self::Global => "microsoftonline.com",
            Self::UsGovernmentL4 | Self::UsGovernmentL5 => "microsoftonline.us",
            Self::China => "partner.microsoftonline.cn",
        }
    }

    /// The audience that the token of an external identity must have to be exchanged in this cloud.
    #[must_use]
    pub fn exchange_audience(self) -> &'static str {
        match self {
            Self::Global => "api://AzureADTokenExchange",
            Self::UsGovernmentL4 | Self::UsGovernmentL5 => "api://AzureADTokenExchangeUSGov",
            Self::China => "api://AzureADTokenExchangeChina",
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, cloud)| cloud == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

/// An unknown cloud name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a cloud: use global, usgovernmentl4, usgovernmentl5 or china")]
pub struct UnknownCloud(pub String);

impl FromStr for Cloud {
    type Err = UnknownCloud;

    fn from_str(name: &str) -> Result<Self, UnknownCloud> {
        let found = Self::NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found
            .map(|(_, cloud)| *cloud)
            .ok_or_else(|| UnknownCloud(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_parsed_to_its_cloud() {
        for (name, cloud) in Cloud::NAMES {
            assert_eq!(name.parse(), Ok(cloud));
            assert_eq!(name.to_uppercase().parse(), Ok(cloud));
        }
        assert_eq!(Cloud::UsGovernmentL5.to_string(), "usgovernmentl5");
        let error = "germany".parse::<Cloud>().unwrap_err();
        assert!(error.to_string().contains("\"germany\" is not a cloud"));
    }
}
