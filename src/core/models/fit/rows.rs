//! The likelihood over distinct histories of models that know the second derivatives of each.

use rayon::prelude::*;

use crate::models::fit::Likelihood;
use crate::models::{Histories, History};
use crate::numeric::newton::{Matrix, central_differences};
use crate::numeric::special::ln_rising;

/// A log-likelihood, its gradient, and its second derivatives in the upper triangle.
pub(crate) type Derivatives<const N: usize> = (f64, [f64; N], [[f64; N]; N]);

/// Rows summed up in one task. The blocks, and so the bits of a sum, do not depend on the threads.
const BLOCK: usize = 512;

/// Distinct histories in scaled time. The first parameter is `r`, the shape of the purchase rates.
pub(crate) struct Rows<const N: usize> {
    rows: Vec<(History, f64)>,
    /// Each `x` and how many customers have it.
    xs: Vec<(f64, f64)>,
    /// Of a row, without the terms that depend on `x` alone; the second derivatives only where asked for.
    derivatives: fn([f64; N], History, bool) -> Derivatives<N>,
}

impl<const N: usize> Rows<N> {
    pub(crate) fn new(
        histories: &Histories,
        scale: f64,
        derivatives: fn([f64; N], History, bool) -> Derivatives<N>,
    ) -> Self {
        let scaled = |history: &History| History { t_x: history.t_x / scale, t: history.t / scale, ..*history };
        let rows = histories.distinct().iter().map(scaled).zip(histories.weights().iter().copied());
        Self::of(rows.collect(), derivatives)
    }

    /// Rows sorted by `x`.
    fn of(rows: Vec<(History, f64)>, derivatives: fn([f64; N], History, bool) -> Derivatives<N>) -> Self {
        let mut xs: Vec<(f64, f64)> = Vec::new();
        for (history, weight) in &rows {
            let x = f64::from(history.x);
            match xs.last_mut().filter(|(last, _)| *last == x) {
                Some((_, customers)) => *customers += weight,
                None => xs.push((x, *weight)),
            }
        }
        Rows { rows, xs, derivatives }
    }

    /// `Σ ln Γ(r+x)/Γ(r)` and its slope in `r`.
    fn gamma_part(&self, r: f64) -> (f64, f64) {
        self.xs.iter().fold((0.0, 0.0), |(value, slope), (x, customers)| {
            let (log, in_r) = ln_rising(r, *x);
            (value + customers * log, slope + customers * in_r)
        })
    }

    fn sum(&self, parameters: &[f64], second: bool) -> Derivatives<N> {
        let parameters: [f64; N] = std::array::from_fn(|i| parameters[i]);
        let zero = || (0.0, [0.0; N], [[0.0; N]; N]);
        let block = |rows: &[(History, f64)]| {
            let mut sum = zero();
            for (history, weight) in rows {
                add(&mut sum, (self.derivatives)(parameters, *history, second), *weight);
            }
            sum
        };
        let blocks: Vec<Derivatives<N>> = self.rows.par_chunks(BLOCK).map(block).collect();
        let mut sum = zero();
        blocks.into_iter().for_each(|block| add(&mut sum, block, 1.0));
        sum
    }
}

fn add<const N: usize>(sum: &mut Derivatives<N>, more: Derivatives<N>, weight: f64) {
    sum.0 += weight * more.0;
    for i in 0..N {
        sum.1[i] += weight * more.1[i];
        for j in i..N {
            sum.2[i][j] += weight * more.2[i][j];
        }
    }
}

impl<const N: usize> Likelihood for Rows<N> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn thinned(&self, step: usize) -> Self {
        Rows::of(self.rows.iter().step_by(step).copied().collect(), self.derivatives)
    }

    fn at(&self, parameters: &[f64]) -> (f64, Vec<f64>) {
        let (gamma, gamma_slope) = self.gamma_part(parameters[0]);
        let (value, mut gradient, _) = self.sum(parameters, false);
        gradient[0] += gamma_slope;
        (value + gamma, gradient.to_vec())
    }

    fn second_derivatives(&self, parameters: &[f64]) -> Option<Matrix> {
        let (_, _, mut second) = self.sum(parameters, true);
        // The gamma functions are few, one an x, so differences cost nothing.
        let gamma = |log: &[f64]| {
            let (value, slope) = self.gamma_part(log[0].exp());
            (value, vec![slope * log[0].exp()])
        };
        let r = parameters[0];
        let in_log = central_differences(&gamma, &[r.ln()])[0][0];
        second[0][0] += (in_log - self.gamma_part(r).1 * r) / (r * r);
        Some((0..N).map(|i| (0..N).map(|j| second[i.min(j)][i.max(j)]).collect()).collect())
    }
}
