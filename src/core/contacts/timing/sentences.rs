//! The findings in plain words, and what they do not prove.

use crate::contacts::timing::{Claim, Resolution, Timing, TimingRow, Trial};

impl Timing {
    /// What was found, a sentence each, and what it does not prove. Words of effect are for trials alone.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![self.looked_at()];
        sentences.extend(self.followers());
        sentences.extend(self.claims());
        sentences.extend(self.costs.iter().map(|cost| {
            let [middle, low, high] = cost.additional_purchases;
            let price = cost
                .cost_per_purchase
                .map_or(String::new(), |[cost, low, high]| format!(", at {cost:.2} ({low:.2} to {high:.2}) each"));
            format!(
                "If it were an effect, the {} contacts by {} would have brought {middle:.0} ({low:.0} to {high:.0}) \
                 additional purchases{price}; only an experiment can tell.",
                cost.contacts,
                if cost.kind == super::ANY { "the company" } else { cost.kind.as_str() },
            )
        }));
        sentences.extend(self.trials.iter().map(Trial::sentence));
        sentences.extend(self.notes.iter().cloned());
        sentences.extend(self.caveat());
        sentences
    }

    fn looked_at(&self) -> String {
        if self.purchases == 0 {
            return "Nothing can be said about purchases after contacts: no customer has a purchase between its \
                    first and its last."
                .into();
        }
        format!(
            "Based on {} purchases of {} customers, each between the customer's own first and last purchase: only \
             then is it certain that the customer has not left.",
            self.purchases, self.customers,
        )
    }

    fn followers(&self) -> Option<String> {
        let mut kinds: Vec<&str> =
            self.rows.iter().filter(|row| row.follows_purchases).map(|row| row.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let names = listed(&kinds)?;
        Some(format!(
            "Contacts of {names} follow purchases, as order confirmations and complaints do: nothing is concluded from what comes after \
             them."
        ))
    }

    fn claims(&self) -> Vec<String> {
        let claimed: Vec<&TimingRow> =
            self.any.iter().chain(self.after_contacts()).filter(|row| row.claim == Claim::MoreFollow).collect();
        let tested = self.any.iter().chain(self.after_contacts()).any(|row| row.p_adjusted.is_some());
        match (claimed.is_empty(), tested) {
            (false, _) => claimed.into_iter().map(TimingRow::sentence).collect(),
            (true, true) => vec!["The data do not show more purchases after contacts than at other times.".into()],
            (true, false) => vec!["There are too few purchases after contacts to tell whether there are more.".into()],
        }
    }

    fn after_contacts(&self) -> impl Iterator<Item = &TimingRow> {
        self.rows.iter().filter(|row| row.direction == super::Sequence::AfterContact)
    }

    fn caveat(&self) -> Vec<String> {
        let mut caveats = vec![
            "This is association, not effect: a season, a sale or a customer's own plan may bring both the contact \
             and the purchase. To learn what contacts do, hold a random share of customers out of a campaign."
                .to_string(),
        ];
        if self.resolution == Resolution::Days {
            caveats.push(
                "Not every row has a time of day. If a contact and a purchase fall on the same day, it is unknown which \
                 came first: that day is shown, but nothing is concluded from it."
                    .into(),
            );
        }
        caveats
    }
}

impl TimingRow {
    fn sentence(&self) -> String {
        let kind = if self.kind == super::ANY { "a contact by the company" } else { &self.kind };
        format!(
            "In the {} after {kind}, customers purchased {:.2} times as often as at their other times ({:.2} to \
             {:.2}).",
            self.window(),
            self.rate_ratio,
            self.low,
            self.high,
        )
    }

    /// Its lags in words: `3 to 7 days`.
    pub fn window(&self) -> String {
        format!("{} to {} days", self.lag_from_days, self.lag_to_days)
    }
}

impl Trial {
    fn sentence(&self) -> String {
        let start = format!(
            "Campaign {}, {} customers contacted at random and {} held out",
            self.campaign, self.treated.customers, self.control.customers,
        );
        let newcomers = self.newcomers();
        let Some(difference) = self.purchases_difference else {
            return format!("{start}: too few to compare.{newcomers}");
        };
        let interval = match (difference.low, difference.high) {
            (Some(low), Some(high)) => format!(" ({low:.3} to {high:.3})"),
            _ => String::new(),
        };
        let verdict = if self.effect_shown { "an effect" } else { "no effect is shown" };
        let cost = self
            .cost_per_purchase
            .map_or(String::new(), |cost| format!("; an additional purchase cost {:.2}", cost.value));
        format!(
            "{start}: {:.3}{interval} more purchases a contact in {} days, {verdict}{cost}.{newcomers}",
            difference.value, self.days
        )
    }

    fn newcomers(&self) -> String {
        match self.not_yet_customers {
            0 => String::new(),
            1 => " Another 1 was not yet a customer: nothing can be read from it.".into(),
            many => format!(" Another {many} were not yet customers: nothing can be read from them."),
        }
    }
}

fn listed(names: &[&str]) -> Option<String> {
    let (last, rest) = names.split_last()?;
    if rest.is_empty() { Some((*last).into()) } else { Some(format!("{} and {last}", rest.join(", "))) }
}
