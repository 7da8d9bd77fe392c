//! `clivia profiles`: the exports that are known by their header.

use std::io::Write;

use clap::Args;
use clivia_io::profiles::{Profile, Profiles};

use crate::Failure;

/// Which profile.
#[derive(Debug, Args)]
pub(super) struct ProfilesArgs {
    /// Print this one as TOML, for a profile of your own that --profile FILE reads
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(args: &ProfilesArgs) -> Result<(), Failure> {
    let text = match &args.name {
        Some(name) => one(name)?,
        None => list(Profiles::builtin()),
    };
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}

fn one(name: &str) -> Result<String, Failure> {
    let known = || Profiles::builtin().iter().map(|profile| profile.name.as_str()).collect::<Vec<_>>().join(", ");
    let profile = Profiles::named(name);
    profile
        .map(|profile| profile.text().into())
        .ok_or_else(|| Failure::Usage(format!("there is no profile '{name}'; there are {}", known())))
}

/// A profile a paragraph: its name and title, and the columns that it is known by.
fn list(profiles: &[Profile]) -> String {
    let width = profiles.iter().map(|profile| profile.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for profile in profiles {
        text.push_str(&format!("{:width$}  {} ({})\n", profile.name, profile.title, profile.table.words()));
        for signature in &profile.recognise {
            text.push_str(&format!("{:width$}    known by: {}\n", "", signature.words()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_listed_with_what_it_is_known_by() {
        let text = list(Profiles::builtin());
        assert!(text.contains("shopify_orders         a Shopify order export (orders)\n"), "{text}");
        assert!(text.contains("    known by: event_name, event_date, user_pseudo_id\n"), "{text}");
        assert!(Profiles::builtin().iter().all(|profile| text.contains(&profile.title)));
    }

    #[test]
    fn one_is_printed_as_it_is_written() -> Result<(), Failure> {
        let text = one("online_retail")?;
        assert!(Profile::parse(&text, "again").is_ok_and(|profile| profile.name == "online_retail"));
        assert!(matches!(one("gone"), Err(Failure::Usage(text)) if text.contains("shopify_orders")));
        Ok(())
    }
}
