//! A damped Newton method for smooth functions of a few variables, with a verdict that can be trusted.

use std::array::from_fn;

/// Newton steps after which a search is given up. It is never taken for convergence.
const MOST_ITERATIONS: usize = 200;
/// A Newton decrement at which nothing is left to gain: steps are beyond rounding.
const DECREMENT_STOP: f64 = 1e-18;
/// The largest decrement that counts as converged, should rounding stop the search before.
const DECREMENT_ACCEPT: f64 = 1e-10;
/// Where the function is flat to second order, the largest slope that counts as converged.
const SLOPE_ACCEPT: f64 = 1e-6;
/// The longest step in a variable. The variables are logarithms, so this is a factor of about 7.
const LONGEST_STEP: f64 = 2.0;
/// A pivot that loses ten digits is rounding, not curvature.
const SMALLEST_PIVOT: f64 = 1e-10;

/// A square matrix.
pub type Matrix<const N: usize> = [[f64; N]; N];

/// Where a search ended, and how far that can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum<const N: usize> {
    /// The variables.
    pub point: [f64; N],
    /// The function there.
    pub value: f64,
    /// The largest slope in a variable that is free to move.
    pub gradient_norm: f64,
    /// The inverse of the Hessian in the free variables; `None` where it is not positive definite.
    pub covariance: Option<Matrix<N>>,
    /// The condition number of that Hessian, in the 1-norm.
    pub condition: Option<f64>,
    /// Which variables are held at the edge of the box.
    pub at_bound: [bool; N],
    /// Newton steps taken.
    pub iterations: usize,
    /// Whether the point is a minimum: by the Newton decrement, or by the slope where the function is
    /// flat. An iteration limit never makes it true.
    pub converged: bool,
}

/// Minimises a function given with its exact gradient, inside the box `|variable| ≤ bound`.
///
/// Newton's method with the Hessian by central differences of the gradient; where that is not positive
/// definite or the step does not descend, Levenberg's damping is raised. Deterministic.
///
/// Source: Nocedal and Wright (2006), Numerical Optimization, chapters 3 and 16.7.
///
/// ```
/// use clivia::numeric::newton::minimise;
/// let bowl = |&[x, y]: &[f64; 2]| (x.cosh() + (y - x).powi(2), [x.sinh() - 2.0 * (y - x), 2.0 * (y - x)]);
/// let minimum = minimise(bowl, [3.0, -1.0], 10.0);
/// assert!(minimum.converged && minimum.point[0].abs() < 1e-9);
/// ```
pub fn minimise<const N: usize>(
    function: impl Fn(&[f64; N]) -> (f64, [f64; N]),
    start: [f64; N],
    bound: f64,
) -> Minimum<N> {
    let mut state = State::at(&function, start, bound);
    let mut damping = 0.0;
    for iteration in 0..MOST_ITERATIONS {
        if state.nothing_left() {
            return state.verdict(iteration);
        }
        let Some(point) = state.descend(&function, &mut damping) else { return state.verdict(iteration) };
        let before = state.decrement;
        state = State::at(&function, point, bound);
        if state.stalled(before) {
            return state.verdict(iteration + 1);
        }
    }
    state.verdict(MOST_ITERATIONS)
}

/// A point with what is known there.
struct State<const N: usize> {
    point: [f64; N],
    bound: f64,
    value: f64,
    /// Zero in variables held at the bound.
    gradient: [f64; N],
    at_bound: [bool; N],
    /// The Hessian in the free variables, the identity in the others.
    hessian: Matrix<N>,
    /// `gᵀ H⁻¹ g`, twice the descent that Newton's quadratic promises; `None` where `H` is not positive definite.
    decrement: Option<f64>,
}

impl<const N: usize> State<N> {
    fn at(function: &impl Fn(&[f64; N]) -> (f64, [f64; N]), point: [f64; N], bound: f64) -> Self {
        let (value, mut gradient) = function(&point);
        let at_bound = from_fn(|i| point[i].abs() >= bound && gradient[i] * point[i] < 0.0);
        let hessian = restrict(central_differences(function, &point), &at_bound);
        for (slope, held) in gradient.iter_mut().zip(at_bound) {
            *slope = if held { 0.0 } else { *slope };
        }
        let decrement = cholesky(&hessian).map(|factor| dot(&gradient, &solve(&factor, &gradient)));
        State { point, bound, value, gradient, at_bound, hessian, decrement }
    }

    fn gradient_norm(&self) -> f64 {
        self.gradient.iter().fold(0.0, |norm: f64, slope| norm.max(slope.abs()))
    }

    fn nothing_left(&self) -> bool {
        match self.decrement {
            Some(decrement) => decrement <= DECREMENT_STOP,
            None => self.gradient_norm() <= SLOPE_ACCEPT,
        }
    }

    /// Close to the minimum, and the last step gained nothing: rounding is all that is left.
    fn stalled(&self, before: Option<f64>) -> bool {
        let (Some(now), Some(before)) = (self.decrement, before) else { return false };
        now <= DECREMENT_ACCEPT && now > 0.5 * before
    }

    /// The next point, with just as much damping as it takes to descend; `None` where no step descends.
    fn descend(&self, function: &impl Fn(&[f64; N]) -> (f64, [f64; N]), damping: &mut f64) -> Option<[f64; N]> {
        let rounding = 1e-14 * self.value.abs();
        while *damping < 1e12 {
            let trial = self.step(*damping);
            if trial.is_some_and(|point| function(&point).0 <= self.value + rounding) {
                *damping = if *damping < 1e-3 { 0.0 } else { 0.1 * *damping };
                return trial;
            }
            *damping = (10.0 * *damping).max(1e-3);
        }
        None
    }

    /// The damped Newton step, cut to the longest step and the box.
    fn step(&self, damping: f64) -> Option<[f64; N]> {
        let mut damped = self.hessian;
        let largest = (0..N).fold(0.0, |largest: f64, i| largest.max(self.hessian[i][i].abs()));
        for (i, row) in damped.iter_mut().enumerate() {
            row[i] += damping * self.hessian[i][i].abs().max(1e-8 * largest);
        }
        let step = solve(&cholesky(&damped)?, &self.gradient);
        let length = step.iter().fold(0.0, |length: f64, part| length.max(part.abs()));
        let cut = (LONGEST_STEP / length).min(1.0);
        Some(from_fn(|i| (self.point[i] - cut * step[i]).clamp(-self.bound, self.bound)))
    }

    fn verdict(self, iterations: usize) -> Minimum<N> {
        let gradient_norm = self.gradient_norm();
        let covariance = cholesky(&self.hessian).map(|factor| inverse(&factor, &self.at_bound));
        let converged = self.value.is_finite()
            && match self.decrement {
                Some(decrement) => decrement <= DECREMENT_ACCEPT,
                None => gradient_norm <= SLOPE_ACCEPT,
            };
        Minimum {
            condition: covariance.as_ref().map(|inverse| norm(&self.hessian, &self.at_bound) * norm(inverse, &self.at_bound)),
            covariance,
            point: self.point,
            value: self.value,
            gradient_norm,
            at_bound: self.at_bound,
            iterations,
            converged,
        }
    }
}

/// The Hessian, by central differences of the exact gradient, made symmetric.
fn central_differences<const N: usize>(
    function: &impl Fn(&[f64; N]) -> (f64, [f64; N]),
    point: &[f64; N],
) -> Matrix<N> {
    // The cube root of the rounding unit balances truncation against cancellation.
    const STEP: f64 = 1e-5;
    let moved = |i: usize, by: f64| from_fn(|j| if i == j { point[j] + by } else { point[j] });
    let rows: Matrix<N> = from_fn(|i| {
        let (_, ahead) = function(&moved(i, STEP));
        let (_, behind) = function(&moved(i, -STEP));
        from_fn(|j| (ahead[j] - behind[j]) / (2.0 * STEP))
    });
    from_fn(|i| from_fn(|j| 0.5 * (rows[i][j] + rows[j][i])))
}

/// The matrix with the rows and columns of held variables replaced by those of the identity.
fn restrict<const N: usize>(matrix: Matrix<N>, held: &[bool; N]) -> Matrix<N> {
    from_fn(|i| from_fn(|j| if held[i] || held[j] { f64::from(u8::from(i == j)) } else { matrix[i][j] }))
}

/// The lower Cholesky factor; `None` where the matrix is not positive definite beyond rounding.
fn cholesky<const N: usize>(matrix: &Matrix<N>) -> Option<Matrix<N>> {
    let mut factor = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let rest = matrix[i][j] - (0..j).map(|k| factor[i][k] * factor[j][k]).sum::<f64>();
            if i != j {
                factor[i][j] = rest / factor[j][j];
            } else if rest > SMALLEST_PIVOT * matrix[i][i] && rest > 0.0 {
                factor[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(factor)
}

/// Solves `L Lᵀ x = right`.
fn solve<const N: usize>(factor: &Matrix<N>, right: &[f64; N]) -> [f64; N] {
    let mut x = *right;
    for i in 0..N {
        x[i] = (x[i] - (0..i).map(|k| factor[i][k] * x[k]).sum::<f64>()) / factor[i][i];
    }
    for i in (0..N).rev() {
        x[i] = (x[i] - (i + 1..N).map(|k| factor[k][i] * x[k]).sum::<f64>()) / factor[i][i];
    }
    x
}

/// The inverse in the free variables, zero elsewhere.
fn inverse<const N: usize>(factor: &Matrix<N>, held: &[bool; N]) -> Matrix<N> {
    from_fn(|i| {
        let unit = from_fn(|j| f64::from(u8::from(i == j && !held[i])));
        solve(factor, &unit)
    })
}

/// The largest absolute row sum over free variables.
fn norm<const N: usize>(matrix: &Matrix<N>, held: &[bool; N]) -> f64 {
    let row_sum = |i: usize| (0..N).filter(|&j| !held[j]).map(|j| matrix[i][j].abs()).sum::<f64>();
    (0..N).filter(|&i| !held[i]).map(row_sum).fold(0.0, f64::max)
}

fn dot<const N: usize>(left: &[f64; N], right: &[f64; N]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rosenbrock(&[x, y]: &[f64; 2]) -> (f64, [f64; 2]) {
        let valley = y - x * x;
        ((1.0 - x).powi(2) + 100.0 * valley * valley, [2.0 * (x - 1.0) - 400.0 * x * valley, 200.0 * valley])
    }

    #[test]
    fn finds_the_bottom_of_a_bent_valley() {
        let minimum = minimise(rosenbrock, [-1.2, 1.0], 10.0);
        assert!(minimum.converged);
        assert!((minimum.point[0] - 1.0).abs() < 1e-9); // the decrement stops at 1e-18, its root is the distance
    }

    #[test]
    fn holds_a_variable_at_the_edge() {
        let minimum = minimise(rosenbrock, [-0.5, 0.0], 0.5);
        assert!(minimum.converged);
        assert_eq!((minimum.point[0], minimum.at_bound), (0.5, [true, false]));
        assert!((minimum.point[1] - 0.25).abs() < 1e-9); // as above
    }

    #[test]
    fn a_slope_without_end_has_not_converged() {
        let minimum = minimise(|&[x]: &[f64; 1]| (x.abs().sqrt(), [0.5 * x.signum() / x.abs().sqrt()]), [2.0], 5.0);
        assert!(!minimum.converged);
    }

    #[test]
    fn nan_has_not_converged() {
        assert!(!minimise(|_: &[f64; 2]| (f64::NAN, [f64::NAN; 2]), [0.0; 2], 5.0).converged);
    }

    #[test]
    fn the_covariance_is_the_inverse_hessian() {
        let minimum = minimise(|&[x, y]: &[f64; 2]| (x * x + x * y + y * y, [2.0 * x + y, x + 2.0 * y]), [1.0, 2.0], 5.0);
        let covariance = minimum.covariance.expect("positive definite");
        assert!((covariance[0][0] - 2.0 / 3.0).abs() < 1e-9); // central differences of a line
        assert!((minimum.condition.expect("defined") - 3.0).abs() < 1e-8); // 3 / 1 by rows
    }
}
