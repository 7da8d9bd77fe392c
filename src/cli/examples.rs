//! Two examples for each command, at the end of its help.

pub(crate) const SCORE: &str = "\
Examples:
  clivia score orders.csv --out out
  clivia score orders.csv --contacts contacts.csv --amount \"Quantity * UnitPrice\" --margin 30% --out out";

pub(crate) const CHECK: &str = "\
Examples:
  clivia check orders.csv
  clivia check orders.csv --contacts contacts.csv --decimal comma";

pub(crate) const VALIDATE: &str = "\
Examples:
  clivia validate orders.csv
  clivia validate orders.csv --model bg-nbd --model pareto-nbd --holdout 13w --out models";

pub(crate) const REPORT: &str = "\
Examples:
  clivia report --from out --lang pl --no-customers
  clivia report --from out --out page.html --hash-ids=key.txt";

pub(crate) const PLAN: &str = "\
Examples:
  clivia plan --from out --budget 5000
  clivia plan --from out --budget unlimited --capacity phone=500 --days 30 --out plan";

pub(crate) const COMPARE: &str = "\
Examples:
  clivia compare march april
  clivia compare march april --out moves --format csv";

pub(crate) const RETAIN: &str = "\
Examples:
  clivia retain subscriptions.csv --out out
  clivia retain subscriptions.csv --period month --horizon 24m --margin 80% --out out";

pub(crate) const SUMMARY: &str = "\
Examples:
  clivia summary orders.parquet --out out
  clivia summary \"orders/*.csv\" --time-unit days --format csv --out out";

pub(crate) const UPDATE: &str = "\
Examples:
  clivia update state orders/2024-06-01.csv
  clivia update state corrected.csv --replace --cancel gone.csv";

pub(crate) const SIMULATE: &str = "\
Examples:
  clivia simulate --customers 10000 --seed 1 --out base
  clivia simulate --customers 1000000 --seed 1 --orders-only --format parquet --out base";

pub(crate) const EXPLAIN: &str = "\
Examples:
  clivia explain 12347 --from out
  clivia explain \"ACME Ltd\" --from out";

pub(crate) const INIT: &str = "\
Examples:
  clivia init
  clivia init settings/shop.toml";

pub(crate) const PROFILES: &str = "\
Examples:
  clivia profiles
  clivia profiles shopify_orders > mine.toml";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  clivia completions bash
  clivia completions zsh";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use crate::Cli;

    /// A line as a shell cuts it, where quotes stand around whole words.
    fn words(line: &str) -> Vec<String> {
        let parts = line.split('"').enumerate();
        // What goes to a file is the shell's.
        let parts = parts.map(|(place, part)| (place, part.split('>').next().unwrap_or_default()));
        let cut = |(place, part): (usize, &str)| match place % 2 {
            0 => part.split_whitespace().map(String::from).collect::<Vec<_>>(),
            _ => vec![part.into()],
        };
        parts.flat_map(cut).collect()
    }

    #[test]
    fn the_help_of_every_command_ends_with_two_examples_that_can_be_typed() {
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = command.get_name();
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let (title, examples) = help.split_once('\n').unwrap_or_else(|| panic!("{name} has no examples"));
            let examples: Vec<&str> = examples.lines().map(str::trim).collect();
            assert_eq!((title, examples.len()), ("Examples:", 2), "{name}");
            for example in examples {
                assert!(example.starts_with(&format!("clivia {name}")), "{example}");
                let parsed = Cli::try_parse_from(words(example));
                assert!(parsed.is_ok(), "{example}: {:?}", parsed.err());
            }
        }
    }
}
