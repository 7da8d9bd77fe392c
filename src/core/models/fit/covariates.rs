//! Static covariates: what is known of customers beside their purchases moves their rates.
//!
//! A customer with covariates `z` has its own scale of the purchase rate and its own dropout:
//!
//! ```text
//! BG/NBD       α = α₀ e^(-γ'z)   a = a₀ e^(δ'z)   b = b₀ e^(ε'z)
//! Pareto/NBD   α = α₀ e^(-γ'z)   β = β₀ e^(-δ'z)
//! ```
//!
//! so that a positive `γ` means more purchases, and a positive `δ` of Pareto/NBD a shorter life.
//!
//! Fader, P. S. and B. G. S. Hardie (2007), Incorporating Time-Invariant Covariates into the Pareto/NBD
//! and BG/NBD Models, <http://www.brucehardie.com/notes/019/>.

use std::collections::BTreeMap;

use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::TimeUnit;
use crate::models::fit::{Likelihood, Parameter, Task, Totals};
use crate::models::purchase::pareto_nbd;
use crate::models::{FitError, FitReport, FitSettings, Fitted, Histories, History, ModelName, PurchaseModel};
use crate::numeric::special::{ln_rising, softplus_with_slope};

/// A covariate as it entered a fit: a column of numbers, or a level of a column of words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covariate {
    /// The column of the customers table.
    pub column: String,
    /// The word that counts 1, where all others count 0; `None` for a column of numbers.
    pub level: Option<String>,
    /// The word of the column that has no coefficient of its own; `None` for a column of numbers.
    #[serde(default)]
    pub reference: Option<String>,
    /// What counts for customers of whom it is not known: the mean of the others.
    pub mean: f64,
    /// Its standard deviation: the search and the weak prior see effects per standard deviation.
    pub deviation: f64,
}

impl Covariate {
    /// `column`, or `column=level`.
    pub fn name(&self) -> String {
        match &self.level {
            Some(level) => format!("{}={level}", self.column),
            None => self.column.clone(),
        }
    }
}

/// Whether a fit knows a word of a column: it has a coefficient, or is the one that needs none.
pub fn is_known(columns: &[Covariate], column: &str, word: &str) -> bool {
    let own = columns.iter().filter(|covariate| covariate.column == column);
    own.into_iter().any(|own| own.level.as_deref() == Some(word) || own.reference.as_deref() == Some(word))
}

/// The covariates of every customer of a base, each distinct combination once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Covariates {
    /// What they are.
    pub columns: Vec<Covariate>,
    combinations: Vec<Vec<f64>>,
    group_of: Vec<u32>,
}

impl Covariates {
    /// Covariates given column by column, a value a customer, in the order of the base. NaN counts as the mean.
    pub fn new(columns: Vec<Covariate>, values: &[Vec<f64>], customers: usize) -> Self {
        let mut numbers: BTreeMap<Vec<u64>, u32> = BTreeMap::new();
        let mut combinations = Vec::new();
        let value = |column: usize, customer: usize| {
            let known = values[column].get(customer).copied().filter(|value| value.is_finite());
            known.unwrap_or(columns[column].mean)
        };
        let group_of = (0..customers).map(|customer| {
            let row: Vec<f64> = (0..columns.len()).map(|column| value(column, customer)).collect();
            *numbers.entry(row.iter().map(|value| (value + 0.0).to_bits()).collect()).or_insert_with(|| {
                combinations.push(row);
                combinations.len() as u32 - 1
            })
        });
        let group_of = group_of.collect();
        Covariates { columns, combinations, group_of }
    }

    /// The number of a customer's combination, for [`Histories::grouped`].
    pub fn group(&self, customer: usize) -> u32 {
        self.group_of.get(customer).copied().unwrap_or(0)
    }

    /// Each distinct combination.
    pub fn combinations(&self) -> &[Vec<f64>] {
        &self.combinations
    }
}

/// The parameters of a model that covariates move, by their place, with the sign of the exponent.
struct Moved {
    names: &'static [&'static str; 4],
    places: &'static [(usize, f64)],
    kinds: fn() -> Vec<Parameter>,
}

const BG_NBD: Moved = Moved {
    names: &["r", "alpha", "a", "b"],
    places: &[(1, -1.0), (2, 1.0), (3, 1.0)],
    kinds: || vec![Parameter::shape("r"), Parameter::scale("alpha"), Parameter::shape("a"), Parameter::shape("b")],
};
const PARETO_NBD: Moved = Moved {
    names: &["r", "alpha", "s", "beta"],
    places: &[(1, -1.0), (3, -1.0)],
    kinds: || vec![Parameter::shape("r"), Parameter::scale("alpha"), Parameter::shape("s"), Parameter::scale("beta")],
};

impl Moved {
    /// # Errors
    /// [`FitError::NoCovariates`] where the model has no place for covariates.
    fn of(model: ModelName) -> Result<&'static Moved, FitError> {
        match model {
            ModelName::BgNbd => Ok(&BG_NBD),
            ModelName::ParetoNbd => Ok(&PARETO_NBD),
            other => Err(FitError::NoCovariates { model: other.name() }),
        }
    }

    /// `alpha:gender` and its like, in the order of the search.
    fn coefficient_names(&self, columns: &[Covariate]) -> Vec<String> {
        let name = |(place, _): &(usize, f64), column: &Covariate| format!("{}:{}", self.names[*place], column.name());
        self.places.iter().flat_map(|place| columns.iter().map(move |column| name(place, column))).collect()
    }

    /// The four parameters of customers with covariates `z`, given those at `z = 0` and the coefficients.
    fn parameters(&self, base: [f64; 4], coefficients: &[f64], z: &[f64]) -> [f64; 4] {
        let mut moved = base;
        for (&(place, sign), own) in self.places.iter().zip(coefficients.chunks(z.len().max(1))) {
            let sum: f64 = own.iter().zip(z).map(|(coefficient, value)| coefficient * value).sum();
            moved[place] *= (sign * sum).exp();
        }
        moved
    }
}

/// Fits a model with covariates, to histories whose groups are those of `covariates`; the plain model where there are
/// none.
///
/// # Errors
/// [`FitError::NoCovariates`] for models other than BG/NBD and Pareto/NBD, else as [`ModelName::fit`].
pub fn fit(
    model: ModelName,
    histories: &Histories,
    covariates: &Covariates,
    unit: TimeUnit,
    settings: &FitSettings,
) -> Result<Fitted<Box<dyn PurchaseModel>>, FitError> {
    if covariates.columns.is_empty() {
        return model.fit(histories, unit, settings);
    }
    let moved = Moved::of(model)?;
    let totals = Totals::of(histories)?;
    let scale = totals.time_scale();
    let names = moved.coefficient_names(&covariates.columns);
    let deviations = moved.places.iter().flat_map(|_| covariates.columns.iter().map(|column| column.deviation));
    let coefficients =
        names.into_iter().zip(deviations).map(|(name, deviation)| Parameter::coefficient(name, deviation));
    let parameters: Vec<Parameter> = (moved.kinds)().into_iter().chain(coefficients).collect();
    let start = |[r, dropout, stay]: [f64; 3]| {
        let alpha = r / totals.scaled_rate();
        let mut start = vec![r, alpha, dropout, stay];
        start.resize(parameters.len(), 0.0);
        start
    };
    let task = Task {
        model: model.name(),
        starts: [[0.25, 0.8, 2.5], [1.0, 1.0, 5.0], [4.0, 0.3, 3.0]].map(start).to_vec(),
        parameters,
        fixed: Vec::new(),
        scale,
        log_scale: totals.log_scale(),
        customers: histories.customers(),
        distinct_rows: histories.distinct().len(),
        time_unit: Some(unit),
        warnings: Vec::new(),
        settings,
    };
    let (_, mut report) = task.maximise(&Rows::new(model, moved, histories, covariates, scale))?;
    report.covariates = covariates.columns.clone();
    Ok(Fitted { model: from_report(&report, unit, covariates)?, report })
}

/// The model of an earlier fit, for customers with `covariates`; the plain model where the fit had none.
///
/// # Errors
/// As [`ModelName::from_report`].
pub fn from_report(
    report: &FitReport,
    unit: TimeUnit,
    covariates: &Covariates,
) -> Result<Box<dyn PurchaseModel>, FitError> {
    let base = ModelName::from_report(report, unit)?;
    if report.covariates.is_empty() {
        return Ok(base);
    }
    Ok(Box::new(WithCovariates { groups: by_combination(report, unit, covariates)?, base }))
}

/// The plain model of each combination of covariates, of an earlier fit with covariates.
///
/// # Errors
/// As [`ModelName::from_report`], and [`FitError::NoCovariates`] for models that take none.
pub fn by_combination(
    report: &FitReport,
    unit: TimeUnit,
    covariates: &Covariates,
) -> Result<Vec<Box<dyn PurchaseModel>>, FitError> {
    let name = ModelName::from_report(report, unit)?.name();
    let moved = Moved::of(name)?;
    let at_zero = report.parameters_in(unit, name.name(), *moved.names)?;
    let coefficients = moved.coefficient_names(&report.covariates);
    let coefficients: Vec<f64> =
        coefficients.iter().map(|name| report.parameters.get(name).copied().unwrap_or(0.0)).collect();
    let model = |z: &Vec<f64>| {
        let values = moved.parameters(at_zero, &coefficients, z);
        let mut own = report.clone();
        own.covariates.clear();
        own.parameters = moved.names.iter().map(|name| (*name).to_string()).zip(values).collect();
        ModelName::from_report(&own, unit)
    };
    covariates.combinations().iter().map(model).collect()
}

/// A model a combination of covariates.
#[derive(Debug)]
struct WithCovariates {
    /// Of customers whose covariates are all zero.
    base: Box<dyn PurchaseModel>,
    groups: Vec<Box<dyn PurchaseModel>>,
}

impl WithCovariates {
    fn of(&self, history: History) -> &dyn PurchaseModel {
        self.groups.get(history.group as usize).unwrap_or(&self.base).as_ref()
    }
}

impl PurchaseModel for WithCovariates {
    fn name(&self) -> ModelName {
        self.base.name()
    }

    fn log_likelihood(&self, history: History) -> f64 {
        self.of(history).log_likelihood(history)
    }

    fn p_alive(&self, history: History) -> f64 {
        self.of(history).p_alive(history)
    }

    fn purchases_if_alive(&self, history: History, horizon: f64) -> f64 {
        self.of(history).purchases_if_alive(history, horizon)
    }

    fn probability_if_alive(&self, history: History, horizon: f64, n: u32) -> f64 {
        self.of(history).probability_if_alive(history, horizon, n)
    }

    fn probabilities_if_alive(&self, history: History, horizon: f64, tail: f64) -> Vec<f64> {
        self.of(history).probabilities_if_alive(history, horizon, tail)
    }

    fn draw(&self, t: f64, rng: &mut Xoshiro256PlusPlus) -> History {
        self.base.draw(t, rng)
    }

    fn while_alive(&self, history: History) -> History {
        self.of(history).while_alive(history)
    }

    fn discounted_if_alive(&self, history: History, horizon: f64, delta: f64) -> Option<f64> {
        self.of(history).discounted_if_alive(history, horizon, delta)
    }

    fn time_scale(&self, history: History) -> f64 {
        self.of(history).time_scale(history)
    }
}

/// Distinct histories with their covariates, in scaled time.
struct Rows<'a> {
    model: ModelName,
    moved: &'static Moved,
    covariates: &'a Covariates,
    rows: Vec<(History, f64)>,
}

impl<'a> Rows<'a> {
    fn new(
        model: ModelName,
        moved: &'static Moved,
        histories: &Histories,
        covariates: &'a Covariates,
        scale: f64,
    ) -> Self {
        let scaled = |history: &History| History { t_x: history.t_x / scale, t: history.t / scale, ..*history };
        let rows = histories.distinct().iter().map(scaled).zip(histories.weights().iter().copied()).collect();
        Rows { model, moved, covariates, rows }
    }

    fn row(&self, parameters: [f64; 4], history: History) -> (f64, [f64; 4]) {
        match self.model {
            ModelName::ParetoNbd => pareto_nbd::log_likelihood_slope(parameters, history),
            _ => bg_nbd_slope(parameters, history),
        }
    }
}

/// Rows summed up in one task.
const BLOCK: usize = 1024;

impl Likelihood for Rows<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn thinned(&self, step: usize) -> Self {
        Rows { rows: self.rows.iter().step_by(step).copied().collect(), ..*self }
    }

    /// The sum over rows, by the chain rule: `dL/dγ = Σ dL/d ln θ · (±z)`.
    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let base = [parameters[0], parameters[1], parameters[2], parameters[3]];
        let coefficients = &parameters[4..];
        let own = |z: &Vec<f64>| self.moved.parameters(base, coefficients, z);
        let groups: Vec<[f64; 4]> = self.covariates.combinations.iter().map(own).collect();
        let block = |rows: &[(History, f64)]| {
            let (mut value, mut gradient) = (0.0, vec![0.0; parameters.len()]);
            for (history, weight) in rows {
                let (own, z) = (groups[history.group as usize], &self.covariates.combinations[history.group as usize]);
                let (log, slope) = self.row(own, *history);
                value += weight * log;
                for place in 0..4 {
                    gradient[place] += weight * slope[place] * own[place] / base[place];
                }
                for (number, &(place, sign)) in self.moved.places.iter().enumerate() {
                    for (column, value) in z.iter().enumerate() {
                        gradient[4 + number * z.len() + column] += weight * sign * slope[place] * own[place] * value;
                    }
                }
            }
            (value, gradient)
        };
        let blocks: Vec<(f64, Vec<f64>)> = self.rows.par_chunks(BLOCK).map(block).collect();
        blocks.into_iter().fold((0.0, vec![0.0; parameters.len()]), |(value, mut gradient), (more, slopes)| {
            gradient.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += slope);
            (value + more, gradient)
        })
    }
}

/// The log-likelihood of a history under BG/NBD and its gradient in `r, α, a, b`; see [`crate::models::purchase::bg_nbd`].
fn bg_nbd_slope([r, alpha, a, b]: [f64; 4], History { x, t_x, t, .. }: History) -> (f64, [f64; 4]) {
    let x = f64::from(x);
    let (rate, rate_slope) = ln_rising(r, x);
    let (stay, stay_slope) = ln_rising(b, x);
    let (either, either_slope) = ln_rising(a + b, x);
    let log_t = (t / alpha).ln_1p();
    let value = rate - r * log_t - x * (alpha + t).ln() + stay - either;
    let gradient = [rate_slope - log_t, (r * t / alpha - x) / (alpha + t), -either_slope, stay_slope - either_slope];
    if x == 0.0 {
        return (value, gradient);
    }
    let (since, stays) = (((t - t_x) / (alpha + t_x)).ln_1p(), b + x - 1.0);
    let (log_sum, gone) = softplus_with_slope((a / stays).ln() + (r + x) * since);
    let in_alpha = (r + x) * (t_x - t) / ((alpha + t) * (alpha + t_x));
    let gone_slope = [since, in_alpha, 1.0 / a, -1.0 / stays];
    (value + log_sum, std::array::from_fn(|i| gradient[i] + gone * gone_slope[i]))
}

#[cfg(test)]
mod tests {
    use crate::models::fit::covariates::*;
    use crate::models::purchase::bg_nbd::BgNbd;
    use rand::SeedableRng;

    fn columns() -> Vec<Covariate> {
        ["gender", "age"]
            .map(|column| Covariate { column: column.into(), level: None, reference: None, mean: 0.0, deviation: 1.0 })
            .to_vec()
    }

    /// Customers of two genders, the second of whom buy twice as often.
    fn base(customers: usize) -> (Histories, Covariates) {
        let gender: Vec<f64> = (0..customers).map(|i| (i % 2) as f64).collect();
        let age: Vec<f64> = (0..customers).map(|i| (i % 5) as f64 / 4.0).collect();
        let covariates = Covariates::new(columns(), &[gender, age], customers);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let plain = BgNbd::new(0.8, 8.0, 0.9, 3.0).expect("positive");
        let often = BgNbd { alpha: 4.0, ..plain };
        let history = |i: usize| {
            let model = if i.is_multiple_of(2) { plain } else { often };
            History { group: covariates.group(i), ..model.draw(50.0, &mut rng) }
        };
        let drawn: Vec<History> = (0..customers).map(history).collect();
        (Histories::new(&drawn), covariates)
    }

    #[test]
    fn equal_combinations_are_one_group() {
        let covariates = Covariates::new(columns(), &[vec![0.0, 1.0, 0.0], vec![2.0, f64::NAN, 2.0]], 3);
        assert_eq!([0, 1, 2].map(|customer| covariates.group(customer)), [0, 1, 0]);
        assert_eq!(covariates.combinations(), [vec![0.0, 2.0], vec![1.0, 0.0]]);
    }

    #[test]
    fn the_gradient_is_that_of_the_likelihood() {
        let (histories, covariates) = base(400);
        for (model, moved) in [(ModelName::BgNbd, &BG_NBD), (ModelName::ParetoNbd, &PARETO_NBD)] {
            let rows = Rows::new(model, moved, &histories, &covariates, 1.0);
            let point: Vec<f64> =
                [0.7, 5.0, 0.9, 2.2, 0.3, -0.2, 0.1, 0.4, -0.5, 0.2][..4 + 2 * moved.places.len()].into();
            let (_, gradient) = rows.at(&point);
            for (i, exact) in gradient.into_iter().enumerate() {
                let moved = |by: f64| {
                    let mut moved = point.clone();
                    moved[i] += by;
                    rows.at(&moved).0
                };
                let slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((exact - slope).abs() < 1e-5 * exact.abs().max(1.0), "{model} {i}: {exact} {slope}"); // of central differences
            }
        }
    }

    #[test]
    fn a_covariate_that_doubles_the_rate_is_found() {
        let (histories, covariates) = base(6_000);
        let fitted = fit(ModelName::BgNbd, &histories, &covariates, TimeUnit::Weeks, &FitSettings::default());
        let Fitted { model, report } = fitted.expect("a fit");
        let error = report.standard_errors["alpha:gender"].expect("identified");
        assert!((report.parameters["alpha:gender"] - 2.0_f64.ln()).abs() < 3.0 * error && error < 0.1);
        let age = report.parameters["alpha:age"] / report.standard_errors["alpha:age"].expect("identified");
        assert!(age.abs() < 3.0); // age does nothing
        let of = |group: u32| model.expected_purchases(History { group, ..History::NEW }, 10.0);
        assert!(of(covariates.group(1)) > 1.6 * of(covariates.group(0)));
        let again = from_report(&report, TimeUnit::Weeks, &covariates).expect("the same model");
        let history = History { group: covariates.group(1), ..History::new(3, 20.0, 50.0) };
        assert_eq!(again.p_alive(history), model.p_alive(history));
    }

    #[test]
    fn other_models_have_no_place_for_covariates() {
        let (histories, covariates) = base(50);
        let error = fit(ModelName::Nbd, &histories, &covariates, TimeUnit::Weeks, &FitSettings::default());
        assert_eq!(error.err(), Some(FitError::NoCovariates { model: "nbd" }));
    }
}
