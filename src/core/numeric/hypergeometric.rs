//! The difference quotient of Gauss's hypergeometric function behind expected purchase counts.

use crate::numeric::quadrature::beta_mean;

/// What a sum may lose to cancellation before another way is taken: three of sixteen digits.
const LARGEST_CANCELLATION: f64 = 1e3;
/// Moments that settle the mean, if each is to be at most `LARGEST_MOMENT_RATIO` of the one before.
const MOST_MOMENTS: usize = 40;
const LARGEST_MOMENT_RATIO: f64 = 0.35;
/// Terms after which quadrature is the shorter way.
const MOST_TERMS: usize = 4_000;
/// Up to here the transformed series starts to fall soon enough.
const LARGEST_A: f64 = 20.0;
/// Where a term no longer shows in a sum.
const LAST_BIT: f64 = 1e-16;
/// A power of two, far from the ends of the range.
const LARGEST_WEIGHT: f64 = 1.157_920_892_373_162e77;

/// `(c / ε) [1 - ₂F₁(ρ, ε; c; -w)]` with `ε = a - 1` and `c = a + b - 1`, finite for every `a, b, ρ > 0`
/// and `w ≥ 0`.
///
/// It is the mean of `[1 - (1 + p w)^-ρ] / p` over `p ~ Beta(a, b)`, so neither `a = 1` nor `a + b = 1`
/// is special, although both divide by zero in the quotient as written. There are four ways to it, the
/// cheapest first, each of which notices where it does not hold:
///
/// 1. moments of `p`, where `p w` is small (`a` small or `b` large);
/// 2. Euler's transformation, for parameters of ordinary size;
/// 3. a sum over counts, all of whose terms are positive, for large `a`, `b` or `ρ`;
/// 4. quadrature, for what is left: sums of thousands of terms.
///
/// Relative error below 1e-10. Infinite `w` gives the mean of `1 / p`, infinite where `a` is 1 or less.
///
/// Source: DLMF 15.8.1 for the transformations, 15.6.1 for the integral.
///
/// ```
/// use clivia_core::numeric::hypergeometric::gauss_quotient;
/// // Beta(1, 1) is uniform: the integral of [1 - 1/(1 + p w)] / p over p is ln(1 + w).
/// assert!((gauss_quotient(1.0, 1.0, 1.0, 3.0) - 4.0_f64.ln()).abs() < 1e-15);
/// ```
pub fn gauss_quotient(rho: f64, a: f64, b: f64, w: f64) -> f64 {
    if w.is_infinite() {
        return if a > 1.0 { (a + b - 1.0) / (a - 1.0) } else { f64::INFINITY };
    }
    by_moments(rho, a, b, w)
        .or_else(|| by_series(rho, a, b, w))
        .or_else(|| by_counts(rho, a, b, w))
        .unwrap_or_else(|| by_quadrature(rho, a, b, w))
}

/// The Maclaurin series in `w`, by the moments of `p`:
///
/// ```text
/// ρ w Σ_{k≥0} (ρ+1)_k (a)_k / ((a+b)_k (k+1)!) (-w)^k
/// ```
///
/// It may diverge in the end, but its remainder is below the first term left out, as that of
/// `(1 + y)^-ρ` is for `y ≥ 0`, and terms that fall so fast lose nothing. `None` where they do not.
///
/// Source: DLMF 15.2.1, term by term; 5.12.1 for the moments.
fn by_moments(rho: f64, a: f64, b: f64, w: f64) -> Option<f64> {
    let mut term = rho * w;
    let mut sum = term;
    for k in 0..MOST_MOMENTS {
        let k = k as f64;
        let ratio = (rho + 1.0 + k) * (a + k) * w / ((a + b + k) * (k + 2.0));
        if ratio > LARGEST_MOMENT_RATIO {
            return None;
        }
        term *= -ratio;
        sum += term;
        if term.abs() <= LAST_BIT * sum {
            return Some(sum);
        }
    }
    None
}

/// By Euler's transformation, with `L = ln(1 + w)`, `z = w / (1 + w)` and `m = a + b - 1 - ρ`:
///
/// ```text
/// c L (1 - e^(-εL)) / (εL) - e^(-εL) Σ_{k≥1} (a)_{k-1} (m)_k / ((c+1)_{k-1} k!) z^k
/// ```
///
/// where the first factor has the limit `L` at `ε = 0` and no gamma function is left. `None` where the
/// series is long (z near 1, a large) or cancels (m large). No mean exceeds `ρ w`, so a hopeless sum ends early.
fn by_series(rho: f64, a: f64, b: f64, w: f64) -> Option<f64> {
    let (epsilon, c) = (a - 1.0, a + b - 1.0);
    let log = w.ln_1p();
    let first = c * log * exp_quotient(-epsilon * log);
    let scale = (-epsilon * log).exp();
    let largest = LARGEST_CANCELLATION * rho * w;
    if a > LARGEST_A || first.abs() > largest {
        return None;
    }
    let (sum, size) = series(a, c - rho, c, w / (1.0 + w), largest / scale)?;
    let value = first - scale * sum;
    let lost = first.abs() + scale * size > LARGEST_CANCELLATION * value.abs();
    (value.is_finite() && !lost).then_some(value)
}

/// `Σ_{k≥1} (a)_{k-1} (m)_k / ((c+1)_{k-1} k!) z^k` and the sum of its terms' absolute values, if that
/// stays below `largest`.
fn series(a: f64, m: f64, c: f64, z: f64, largest: f64) -> Option<(f64, f64)> {
    let mut term = m * z;
    let (mut sum, mut size) = (term, term.abs());
    for k in 1..MOST_TERMS {
        let k = k as f64;
        let ratio = (a + k - 1.0) * (m + k) * z / ((c + k) * (k + 1.0));
        term *= ratio;
        sum += term;
        size += term.abs();
        // What is left is below a geometric series of the larger of this ratio and its limit, z. While
        // m + k is negative, the ratio without its factor (a+k-1)/(c+k), below 1, is sure to fall.
        let rest = if m + k > 0.0 { ratio } else { -(m + k) * z / (k + 1.0) }.max(z);
        if term.abs() * rest <= LAST_BIT * size * (1.0 - rest) {
            return Some((sum, size));
        }
        if size > largest {
            return None;
        }
    }
    None
}

/// By Pfaff's transformation, with `z = w / (1 + w)`:
///
/// ```text
/// Σ_{n≥1} P(N = n) S_n,   P(N = n) = (ρ)_n / n! z^n (1 - z)^ρ,   S_n = Σ_{j<n} (b)_j / (a+b)_j
/// ```
///
/// `N` is how often a customer would buy if none could leave, which is negative binomial, and `S_n` how
/// many of its first `n` purchases the customer is expected to be there for. Nothing cancels, and the sum
/// ends with whichever ends first: the counts, or (where `a > 1`) the stay, which cannot last beyond
/// `S_∞ = c / (a - 1)` purchases. `None` where both are long.
fn by_counts(rho: f64, a: f64, b: f64, w: f64) -> Option<f64> {
    let z = w / (1.0 + w);
    let mut counts = Counts { weight: 1.0, mass: 1.0, total: 0.0, log_scale: -rho * w.ln_1p() };
    let (mut reached, mut stays) = (0.0, 1.0);
    for n in 0..MOST_TERMS {
        let n = n as f64;
        let ratio = (rho + n) * z / (n + 1.0);
        reached += stays;
        stays *= (b + n) / (a + b + n);
        counts.push(ratio, reached);
        if counts.is_last(reached, ratio.max(z)) {
            return Some(counts.total / counts.mass);
        }
        let settled = stays * (a + b + n) <= LAST_BIT * reached * (a - 1.0);
        if let Some(value) = settled.then(|| counts.beyond(reached)).flatten() {
            return Some(value);
        }
    }
    None
}

/// Sums over counts, each weight as a multiple of `e^log_scale`.
struct Counts {
    weight: f64,
    mass: f64,
    total: f64,
    log_scale: f64,
}

impl Counts {
    /// Adds the next count, `ratio` times as likely as the last.
    fn push(&mut self, ratio: f64, reached: f64) {
        self.weight *= ratio;
        self.mass += self.weight;
        self.total += self.weight * reached;
        if self.weight > LARGEST_WEIGHT {
            self.weight /= LARGEST_WEIGHT;
            self.mass /= LARGEST_WEIGHT;
            self.total /= LARGEST_WEIGHT;
            self.log_scale += LARGEST_WEIGHT.ln();
        }
    }

    /// Whether all further counts together are below the last bit, if no ratio of two exceeds `ratio`.
    /// `S_n` grows at most as `n`, so that they are below a geometric series' derivative.
    fn is_last(&self, reached: f64, ratio: f64) -> bool {
        let gap = 1.0 - ratio;
        gap > 0.0 && self.weight * reached <= LAST_BIT * self.total * gap * gap
    }

    /// The sum if all further counts give what the last did; `None` where that cancels.
    fn beyond(&self, reached: f64) -> Option<f64> {
        let value = reached - self.log_scale.exp() * (reached * self.mass - self.total);
        (LARGEST_CANCELLATION * value > reached).then_some(value)
    }
}

/// The mean of `[1 - (1 + p w)^-ρ] / p` over `p ~ Beta(a, b)`, by quadrature.
fn by_quadrature(rho: f64, a: f64, b: f64, w: f64) -> f64 {
    beta_mean(a, b, |p| if p * w < 1e-300 { rho * w } else { -(-rho * (p * w).ln_1p()).exp_m1() / p })
}

/// `(e^y - 1) / y`, which is 1 at `y = 0`.
pub(crate) fn exp_quotient(y: f64) -> f64 {
    if y == 0.0 { 1.0 } else { y.exp_m1() / y }
}

#[cfg(test)]
mod tests {
    use crate::numeric::hypergeometric::*;

    /// Every way that holds at a point, and quadrature.
    fn assert_ways_agree(rho: f64, a: f64, b: f64, w: f64) {
        let quadrature = by_quadrature(rho, a, b, w);
        for (way, value) in [
            ("moments", by_moments(rho, a, b, w)),
            ("series", by_series(rho, a, b, w)),
            ("counts", by_counts(rho, a, b, w)),
        ] {
            let error = value.map_or(0.0, |value| value / quadrature - 1.0);
            assert!(error.abs() < 1e-11, "{way} {rho} {a} {b} {w}: {error:e}"); // two ways, each near 1e-12
        }
    }

    #[test]
    fn all_ways_agree() {
        for rho in [0.01, 0.25, 3.25, 1_000.25] {
            for a in [0.05, 0.8, 1.0, 1.0 + 1e-9, 1.0 - 1e-9, 3.0, 60.0] {
                for (b, w) in [(0.02, 0.5), (0.2, 1.0), (2.4, 1e-6), (5.4, 0.7), (2.4, 12.0), (900.0, 2.0)] {
                    assert_ways_agree(rho, a, b, w);
                }
            }
        }
    }

    #[test]
    fn all_ways_agree_at_the_edges_of_a_fit() {
        for (a, b) in [(4.5e-5, 22_026.0), (0.8, 22_026.0), (1e3, 22_026.0), (22_026.0, 22_026.0), (22_026.0, 0.5)] {
            for rho in [0.83, 131.0, 900.0] {
                for w in [1e-3, 0.3, 5.2, 100.0] {
                    assert_ways_agree(rho, a, b, w);
                }
            }
        }
    }

    #[test]
    fn the_edges_of_a_fit_need_no_quadrature() {
        for (a, b) in [(4.5e-5, 22_026.0), (22_026.0, 22_026.0), (22_026.0, 4.5e-5), (1_100.0, 22_026.0)] {
            for (x, w) in [(0.0, 5.2), (2.0, 1.2), (130.0, 5.2)] {
                let ways = [by_moments, by_series, by_counts].map(|way| way(0.83 + x, a, b + x, w));
                assert!(ways.iter().any(Option::is_some), "{a} {b} {x} {w}");
            }
        }
    }

    #[test]
    fn constant_dropout_ends_the_count_however_many_purchases() {
        // At p = 1/2 for all, (1 - (1 + w/2)^-ρ) / (1/2) is 2 to the last bit; Beta(22026, 22026) adds 1 / 22025 of it.
        let value = by_counts(1e5, 22_026.0, 22_026.0, 1.0);
        assert_eq!(value.map(|value| (value / (44_051.0 / 22_025.0) - 1.0).abs() < 1e-14), Some(true)); // rounding
    }

    #[test]
    fn nothing_happens_in_no_time() {
        assert_eq!(gauss_quotient(0.25, 0.8, 2.4, 0.0), 0.0);
    }

    #[test]
    fn without_dropout_it_is_the_mean_of_the_negative_binomial() {
        // Beta(1e-12, 1) puts nearly all mass at p = 0, where the function is ρ w.
        let value = gauss_quotient(2.5, 1e-12, 1.0, 3.0);
        assert!((value / 7.5 - 1.0).abs() < 1e-10); // the mass elsewhere is about 1e-12 times a logarithm
    }
}
