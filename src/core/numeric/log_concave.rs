//! Integrals of positive functions with one hump, by their logarithm.

use std::sync::LazyLock;

use crate::numeric::quadrature::gauss_legendre;

/// The nodes of a panel on `[-1, 1]`, found once.
pub static NODES: LazyLock<[(f64, f64); 12]> = LazyLock::new(gauss_legendre);

/// How often a panel may let the function fall by a factor of e: twelve nodes hold that to 1e-14.
const MOST_FALL: f64 = 8.0;
/// How far a panel may reach, as a multiple of the distance to the nearest singularity at its start: twelve nodes hold
/// that to 1e-15 away from it, and towards it.
const AWAY: f64 = 1.2;
const TOWARDS: f64 = 0.6;
/// How many halves of a panel the nearest singularity is away from its middle, at the least.
const CLEAR: f64 = 1.65;
/// Panels after which a sum is ended.
const MOST_PANELS: usize = 100_000;

/// `ln ∫ e^f(v) dv` from minus infinity to `right`, for an `f` with one top, given with its slope. To about 1e-13
/// relative where `reach(v)` is at most the distance from `v` to where `f` is not analytic in the complex plane.
///
/// The panels go outwards from the top, until what they add no longer shows.
///
/// ```
/// use clivia_core::numeric::log_concave::ln_integral;
/// // The whole of the normal density.
/// let whole = ln_integral(|v| (-0.5 * v * v, -v), |_| 9.0, 0.3, f64::INFINITY);
/// assert!((whole - 0.5 * std::f64::consts::TAU.ln()).abs() < 1e-13);
/// ```
pub fn ln_integral(f: impl Fn(f64) -> (f64, f64), reach: impl Fn(f64) -> f64, near: f64, right: f64) -> f64 {
    let top = top(&f, near, right);
    let (height, _) = f(top);
    let value = |v: f64| f(v).0 - height;
    let mut sum = side(&value, &reach, top, f64::NEG_INFINITY);
    if top < right {
        sum += side(&value, &reach, top, right);
    }
    height + sum.ln()
}

/// Where the function is highest, up to `right`; near it is near enough.
fn top(f: &impl Fn(f64) -> (f64, f64), near: f64, right: f64) -> f64 {
    if right.is_finite() && f(right).1 >= 0.0 {
        return right;
    }
    let start = near.min(right);
    let (mut low, mut high) = (start, start);
    let mut step = 1.0;
    while f(low).1 < 0.0 && step < 1e9 {
        low -= step;
        step *= 2.0;
    }
    step = 1.0;
    while f(high).1 > 0.0 && step < 1e9 {
        high = (high + step).min(right);
        step *= 2.0;
    }
    // A panel that begins beside the top falls only a little more.
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if f(high).0.max(f(low).0) > f(middle).0 - 0.1 && high - low < 1.0 {
            break;
        }
        if f(middle).1 > 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// `∫ e^f(v) dv` from `from` to `to`, in either direction, where `f` falls from about 0.
pub fn side(f: &impl Fn(f64) -> f64, reach: &impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    let (mut sum, mut at) = (0.0, from);
    for _ in 0..MOST_PANELS {
        let length = panel_length(f, reach, at, to);
        let half = 0.5 * length;
        let value = |node: f64| f(at + half + half * node).exp();
        let panel: f64 = NODES.iter().map(|(node, weight)| weight * value(*node)).sum::<f64>() * half.abs();
        sum += panel;
        let next = if length == to - at { to } else { at + length };
        if panel <= 1e-18 * sum || next == to || next == at {
            break;
        }
        at = next;
    }
    sum
}

/// How far the next panel may go, with its sign.
pub fn panel_length(f: &impl Fn(f64) -> f64, reach: &impl Fn(f64) -> f64, at: f64, to: f64) -> f64 {
    let left = to - at;
    let most = if left < 0.0 { TOWARDS } else { AWAY } * reach(at);
    let mut length = left.signum() * left.abs().min(most);
    // A singularity that lies ahead, beside the real line, is nearer to the middle than to the start.
    for _ in 0..60 {
        if reach(at + 0.5 * length) >= CLEAR * 0.5 * length.abs() {
            break;
        }
        length *= 0.7;
    }
    let here = f(at);
    for _ in 0..60 {
        let fall = (f(at + length) - here).abs();
        if fall <= MOST_FALL {
            break;
        }
        // Where it falls ever faster, this is nearer than half.
        length *= (0.9 * MOST_FALL / fall).clamp(0.02, 0.7);
    }
    length
}

#[cfg(test)]
mod tests {
    use crate::numeric::log_concave::*;
    use statrs::function::gamma::ln_gamma;

    #[test]
    fn gamma_functions_are_such_integrals() {
        // ∫ e^(a v - e^v) dv = Γ(a).
        for a in [0.01, 0.5, 3.0, 40.0, 1e4] {
            let value = ln_integral(|v: f64| (a * v - v.exp(), a - v.exp()), |_| 2.0, 0.0, f64::INFINITY);
            assert!((value - ln_gamma(a)).abs() < 1e-11 * ln_gamma(a).abs().max(1.0), "{a}"); // both roundings
        }
    }

    #[test]
    fn a_slope_that_ends_is_cut_there() {
        // ∫ e^v up to 2, and a tail that rises steeply.
        assert!((ln_integral(|v| (v, 1.0), |_| 9.0, 0.0, 2.0) - 2.0).abs() < 1e-13); // rounding
        assert!((ln_integral(|v| (500.0 * v, 500.0), |_| 9.0, 0.0, 1.0) - (500.0 - 500.0_f64.ln())).abs() < 1e-12); // as above
    }
}
