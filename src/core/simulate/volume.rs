//! How many lines the order file of a population has, and the population that has so many.

use crate::models::PurchaseModel;
use crate::models::purchase::bg_nbd::BgNbd;
use crate::simulate::settings::{LARGEST, MAX_EVENTS, SMALLEST};
use crate::simulate::{PopulationSettings, PurchaseTruth, SimulationError};

/// Moments of joining at which expected purchases are taken: their mean is far more exact than a draw.
const JOININGS: u32 = 64;

/// Halvings of the range of the factor, each of which doubles its precision.
const HALVINGS: u32 = 60;

impl PurchaseTruth {
    /// Buyers who purchase `factor` times as often.
    ///
    /// Where that is more often, each purchase is as much less likely to be the last one, so that customers stay for
    /// about as long as before: `alpha / factor`, and `b` such that `a / (a + b)` is divided by `factor`. The spread
    /// of the rates, whose shape is `r`, remains: few customers have many of the orders.
    pub fn times_as_often(self, factor: f64) -> Self {
        let PurchaseTruth { r, alpha, a, b } = self;
        PurchaseTruth { r, alpha: alpha / factor, a, b: (a + b) * factor.max(1.0) - a }
    }
}

impl PopulationSettings {
    /// Expected order lines of a customer, returns included, without the effect of contacts.
    ///
    /// `(1 + returns_share) (1 + E[X(t)])`, the mean over the moments of joining, with `E[X(t)]` of BG/NBD, equation
    /// (9) of Fader, Hardie and Lee (2005). Returns that come after the window are counted, which makes it too high by
    /// a few parts in ten thousand by default.
    pub fn expected_lines_per_customer(&self) -> f64 {
        let PurchaseTruth { r, alpha, a, b } = self.purchases;
        let model = BgNbd { r, alpha, a, b };
        let days = |place: u32| f64::from(self.cohort_days) * (f64::from(place) + 0.5) / f64::from(JOININGS);
        let repeats = |place| model.expectation((f64::from(self.observed_days) - days(place)) / 7.0);
        let mean = (0..JOININGS).map(repeats).sum::<f64>() / f64::from(JOININGS);
        (1.0 + self.quirks.returns_share) * (1.0 + mean)
    }

    /// The population that purchases more or less often, so that a customer has `lines` order lines on average:
    /// [`PurchaseTruth::times_as_often`] at the factor at which [`Self::expected_lines_per_customer`] is `lines`.
    ///
    /// ```
    /// use clivia_core::simulate::PopulationSettings;
    ///
    /// let settings = PopulationSettings::default().with_lines_per_customer(10.0)?;
    /// assert!((settings.expected_lines_per_customer() - 10.0).abs() < 1e-6); // bisected to the last digits
    /// assert_eq!(settings.purchases.r, 0.243); // as uneven as before
    /// # Ok::<(), clivia_core::simulate::SimulationError>(())
    /// ```
    ///
    /// # Errors
    /// [`SimulationError`] where other settings have no meaning, or no rate gives so many lines.
    pub fn with_lines_per_customer(self, lines: f64) -> Result<Self, SimulationError> {
        self.check()?;
        let (mut low, mut high) = self.factors();
        let lines_at = |log_factor: f64| self.at_factor(log_factor).expected_lines_per_customer();
        if !(lines_at(low)..=lines_at(high)).contains(&lines) {
            let rule =
                "more than each customer's first order and its return, and what no more than 10,000 purchases give";
            return Err(SimulationError::Setting { setting: "orders_per_customer", value: lines, rule });
        }
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            (low, high) = if lines_at(middle) < lines { (middle, high) } else { (low, middle) };
        }
        Ok(self.at_factor(high))
    }

    fn at_factor(&self, log_factor: f64) -> Self {
        PopulationSettings { purchases: self.purchases.times_as_often(log_factor.exp()), ..self.clone() }
    }

    /// The logarithms of the least and the largest factor that [`PopulationSettings::check`] lets pass.
    fn factors(&self) -> (f64, f64) {
        let PurchaseTruth { r, alpha, a, b } = self.purchases;
        let weeks = f64::from(self.observed_days) / 7.0;
        let most = MAX_EVENTS * alpha / (weeks * r * self.effect.rate_ratio.max(1.0));
        let high = most.min(alpha / SMALLEST).min(LARGEST / (a + b)).max(1.0);
        // Rounding must not lead past a limit.
        ((alpha / LARGEST).ln().min(0.0) + 1e-9, high.ln() - 1e-9)
    }
}

#[cfg(test)]
mod tests {
    use crate::simulate::volume::*;

    #[test]
    fn more_and_fewer_lines_are_found() {
        for kind in [PopulationSettings::default(), PopulationSettings::planted()] {
            for lines in [1.1, 2.0, 10.0, 60.0, 400.0] {
                let settings = kind.clone().with_lines_per_customer(lines).expect("there is such a rate");
                let found = settings.expected_lines_per_customer();
                assert!((found / lines - 1.0).abs() < 1e-9, "{found} for {lines}"); // 60 halvings of a range of 2^5
                assert!(settings.check().is_ok(), "{settings:?}");
            }
        }
    }

    #[test]
    fn no_rate_gives_less_than_an_order_or_a_flood() {
        for lines in [f64::NAN, -1.0, 0.0, 1.0, 1.01, 1e6] {
            let refused = PopulationSettings::default().with_lines_per_customer(lines);
            assert!(
                matches!(refused, Err(SimulationError::Setting { setting: "orders_per_customer", .. })),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn who_buys_less_often_leaves_as_readily_as_before() {
        let plain = PurchaseTruth::default();
        assert_eq!(plain.times_as_often(0.5).b, plain.b);
        let often = plain.times_as_often(8.0);
        let (before, after) = (plain.a / (plain.a + plain.b), often.a / (often.a + often.b));
        assert!((before / after - 8.0).abs() < 1e-12); // rounding
    }
}
