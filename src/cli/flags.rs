//! The library names settings; this door adds the flags that set them.

/// Settings and the flags that set them. Longer names come before those that they begin with.
const FLAGS: [(&str, &str); 84] = [
    ("orders.observed_margin = true", "--margin column"),
    ("orders.customer", "--customer"),
    ("orders.date", "--date"),
    ("orders.amount_per", "--amount-per"),
    ("orders.amount", "--amount"),
    ("orders.order", "--order"),
    ("orders.returns", "--returns"),
    ("orders.duplicates", "--duplicates"),
    ("orders.zero_amounts", "--zero-amounts"),
    ("orders.status", "--status"),
    ("orders.refunded", "--refunded"),
    ("orders.fold_ids", "--fold-ids"),
    ("orders.placeholders", "--placeholders"),
    ("currency.into", "--currency"),
    ("currency.column", "--currency-column"),
    ("read.date_format", "--date-format"),
    ("read.timezone", "--timezone"),
    ("read.delimiter", "--delimiter"),
    ("read.encoding", "--encoding"),
    ("read.header_line", "--header-line"),
    ("read.sheet", "--sheet"),
    ("read.decimal", "--decimal"),
    ("read.unreadable_error", "--unreadable-error"),
    ("read.profile", "--profile"),
    ("summary.as_of", "--as-of"),
    ("summary.time_unit", "--time-unit"),
    ("summary.spend_days", "--spend-days"),
    ("models.purchases", "--model"),
    ("models.spend", "--spend-model"),
    ("models.covariates", "--covariate"),
    ("models.holdout", "--holdout"),
    ("models.not_converged", "--not-converged"),
    ("models.fit.prior", "--prior"),
    ("models.fit.penalty", "--penalty"),
    ("models.fit.regularity", "--regularity"),
    ("value.horizon", "--horizon"),
    ("value.discount_rate", "--discount-rate"),
    ("value.convention", "--clv-convention"),
    ("value.margin", "--margin"),
    ("intervals.level", "--interval"),
    ("intervals.bootstrap", "--bootstrap"),
    ("rfm.bins", "--bins"),
    ("clusters.k", "--clusters"),
    ("clusters.method", "--cluster-method"),
    ("retention.margin", "--margin"),
    ("retention.interval", "--interval"),
    ("retention.fit.penalty", "--penalty"),
    ("retention.horizon", "--horizon"),
    ("retention.period", "--period"),
    ("retention.discount_rate", "--discount-rate"),
    ("retention.fit.prior", "--prior"),
    ("subscription_columns.customer", "--customer"),
    ("subscription_columns.start", "--start"),
    ("subscription_columns.end", "--end"),
    ("subscription_columns.price", "--price"),
    ("update.replace = true", "--replace"),
    ("update.again = true", "--again"),
    ("subscription_columns.cancelled", "--cancelled"),
    ("subscription_columns.status", "--status"),
    ("subscription_columns.at_period_end", "--at-period-end"),
    ("subscription_columns.period_end", "--period-end"),
    ("contact_columns.customer", "--contact-customer"),
    ("contact_columns.date", "--contact-date"),
    ("contact_columns.channel", "--channel"),
    ("contact_columns.channel_is", "--channel-is"),
    ("contact_columns.direction", "--direction"),
    ("contact_columns.direction_is", "--direction-is"),
    ("contact_columns.outcome", "--outcome"),
    ("contact_columns.cost", "--contact-cost"),
    ("contact_columns.failed", "--contact-failed"),
    ("contact_columns.status", "--contact-status"),
    ("contact_columns.consent", "--consent"),
    ("contact_columns.unmatched = \"no_map\"", "--unmatched no-map"),
    ("contact_columns.unmatched", "--unmatched"),
    ("update.replace", "--replace"),
    ("update.cancel", "--cancel"),
    ("update.again", "--again"),
    ("inputs.customers", "--customers"),
    ("inputs.contacts", "--contacts"),
    ("orders.where", "--where"),
    ("contact_columns.where", "--contacts-where"),
    ("customers.where", "--customers-where"),
    ("run.frozen", "--frozen"),
    ("report.fail_on", "--fail-on"),
];

/// A sentence of the library with flags in place of the settings that it names: `models.fit.prior = "weak"` becomes
/// `--prior weak`.
pub(crate) fn with_flags(sentence: &str) -> String {
    FLAGS.iter().fold(sentence.to_string(), |sentence, (setting, flag)| replaced(&sentence, setting, flag))
}

fn replaced(sentence: &str, setting: &str, flag: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let (mut found, mut rest) = (String::with_capacity(sentence.len()), sentence);
    while let Some(at) = rest.find(setting) {
        let (before, after) = (&rest[..at], &rest[at + setting.len()..]);
        found.push_str(before);
        // A full stop ends a sentence, unless a name goes on behind it.
        let follows = |c: char| is_part(c) && (c != '.' || after[1..].starts_with(is_part));
        let stands_alone = !before.ends_with(is_part) && !after.starts_with(follows);
        if stands_alone {
            found.push_str(flag);
            rest = typed(after, &mut found);
        } else {
            found.push_str(setting);
            rest = after;
        }
    }
    found + rest
}

/// The flags that help where a sentence names no setting.
pub(crate) fn flags_of(setting: &str) -> Option<&'static str> {
    match setting {
        "strict" => Some("--strict"),
        "temp_dir" => Some("--temp-dir, --memory"),
        "memory" => Some("--memory"),
        "out" => Some("--out"),
        "overwrite" => Some("--out, --overwrite"),
        _ => None,
    }
}

/// Takes ` = "weak"` or ` = 200` from what comes after a setting and types it as a flag's value; what is left. What is in
/// single quotes, or has quotes within, stays as it is written: a shell reads it alike.
fn typed<'a>(after: &'a str, into: &mut String) -> &'a str {
    let Some(value) = after.strip_prefix(" = ") else { return after };
    if let Some((quoted, rest)) = value.strip_prefix('\'').and_then(|text| text.split_once('\'')) {
        into.extend([" '", quoted, "'"]);
        return rest;
    }
    let (value, rest) = match value.strip_prefix('"').and_then(quoted) {
        Some(quoted) => quoted,
        None => value.split_at(value.find([' ', ',', ';', ':', ')']).unwrap_or(value.len())),
    };
    let quote = if value.contains([' ', '\\', '\'', '*', '<', '>', '|', '&']) { "\"" } else { "" };
    into.extend([" ", quote, value, quote]);
    rest
}

/// A text before its closing quote, and what comes after it; a quote after a backslash is one of the text.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let closing = |(at, sign): &(usize, char)| *sign == '"' && !text[..*at].ends_with('\\');
    let (at, _) = text.char_indices().find(closing)?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_of_expressions_are_kept() {
        let flag = |said: &str| with_flags(said);
        assert_eq!(
            flag("set orders.amount = '\"Quantity\" * \"Price\"', or not"),
            "set --amount '\"Quantity\" * \"Price\"', or not"
        );
        assert_eq!(flag("orders.amount = \"Order Total\"; else"), "--amount \"Order Total\"; else");
        assert_eq!(flag("orders.status = \"\\\"a b\\\" <> 'x'\"."), "--status \"\\\"a b\\\" <> 'x'\".");
        assert_eq!(flag("orders.amount_per = \"line\""), "--amount-per line");
        assert_eq!(flag("read.profile = \"none\""), "--profile none");
    }

    #[test]
    fn settings_become_flags_with_their_values() {
        let said = "try models.fit.prior = \"weak\" or models.fit.penalty = 1, another models.purchases, or more data.";
        assert_eq!(with_flags(said), "try --prior weak or --penalty 1, another --model, or more data.");
        assert_eq!(with_flags("orders.amount = \"a * b\": no"), "--amount \"a * b\": no");
        assert_eq!(with_flags("name it with orders.customer."), "name it with --customer.");
        assert_eq!(with_flags("clusters.k_max = 0 cannot be used"), "clusters.k_max = 0 cannot be used");
        assert_eq!(with_flags("set contacts.satisfaction_scale"), "set contacts.satisfaction_scale");
        assert_eq!(with_flags("my_orders.customers"), "my_orders.customers");
    }

    #[test]
    fn no_setting_is_listed_twice() {
        let mut settings = FLAGS.map(|(setting, _)| setting);
        settings.sort_unstable();
        assert!(settings.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
