//! A damped Newton method for smooth functions of a few variables, with a verdict that can be trusted.

/// Newton steps after which a search is given up. It is never taken for convergence.
const MOST_ITERATIONS: usize = 200;
/// A Newton decrement at which nothing is left to gain: steps are beyond rounding.
const DECREMENT_STOP: f64 = 1e-18;
/// A decrement so small that the next Hessian would be the same one.
const DECREMENT_KEEP: f64 = 1e-13;
/// The largest decrement that counts as converged, should rounding stop the search before.
const DECREMENT_ACCEPT: f64 = 1e-8;
/// The largest slope of a function that counts as flat.
const SLOPE_ACCEPT: f64 = 1e-6;
/// The longest step in a variable. The variables are logarithms, so this is a factor of about 7.
const LONGEST_STEP: f64 = 2.0;
/// Damping, as a share of the Hessian's diagonal. The least is small enough to walk along a valley whose
/// floor is a billion times flatter than its walls.
const LEAST_DAMPING: f64 = 1e-9;
const MOST_DAMPING: f64 = 1e9;
/// A pivot that loses ten digits is rounding, not curvature.
const SMALLEST_PIVOT: f64 = 1e-10;

/// A square matrix, row by row.
pub type Matrix = Vec<Vec<f64>>;

/// Where a search ended, and how far that can be trusted.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum {
    /// The variables.
    pub point: Vec<f64>,
    /// The function there.
    pub value: f64,
    /// The largest slope in a variable that is free to move.
    pub gradient_norm: f64,
    /// The inverse of the Hessian in the free variables; `None` where it is not positive definite.
    pub covariance: Option<Matrix>,
    /// The condition number of that Hessian, in the 1-norm.
    pub condition: Option<f64>,
    /// Which variables are held at the edge of the box.
    pub at_bound: Vec<bool>,
    /// Newton steps taken.
    pub iterations: usize,
    /// Whether the point is a minimum: by the Newton decrement, or because the function is flat there.
    /// An iteration limit never makes it true.
    pub converged: bool,
}

/// Minimises a function given with its exact gradient, inside the box `|variable| ≤ bound`.
///
/// Newton's method with the function's own Hessian, or central differences of its gradient; where that is not positive
/// definite or the step does not descend, Levenberg's damping is raised. Deterministic.
///
/// Source: Nocedal and Wright (2006), Numerical Optimization, chapters 3 and 16.7.
///
/// ```
/// use clivia_core::numeric::newton::minimise;
/// let bowl = |at: &[f64]| {
///     let [x, y] = [at[0], at[1]];
///     (x.cosh() + (y - x).powi(2), vec![x.sinh() - 2.0 * (y - x), 2.0 * (y - x)])
/// };
/// let minimum = minimise(bowl, &[3.0, -1.0], 10.0);
/// assert!(minimum.converged && minimum.point[0].abs() < 1e-9);
/// ```
pub fn minimise(function: impl Smooth, start: &[f64], bound: f64) -> Minimum {
    let hessian = function.hessian(start);
    let mut state = State::new(start.to_vec(), function.at(start), hessian, bound);
    let mut damping = 0.0;
    for iteration in 0..MOST_ITERATIONS {
        if state.nothing_left() {
            return state.verdict(iteration);
        }
        let Some((point, slope)) = state.descend(&function, &mut damping) else { return state.verdict(iteration) };
        let before = state.decrement;
        // So close to the minimum that the Hessian no longer changes.
        let keep = before.is_some_and(|decrement| decrement <= DECREMENT_KEEP);
        let hessian = if keep { state.hessian } else { function.hessian(&point) };
        state = State::new(point, slope, hessian, bound);
        if state.stalled(before) {
            return state.verdict(iteration + 1);
        }
    }
    state.verdict(MOST_ITERATIONS)
}

/// A function's value and gradient at a point.
pub type Slope = (f64, Vec<f64>);

/// A smooth function with its exact gradient.
pub trait Smooth {
    /// The value and the gradient.
    fn at(&self, point: &[f64]) -> Slope;

    /// The Hessian; by central differences of the gradient where the function does not know better.
    fn hessian(&self, point: &[f64]) -> Matrix {
        central_differences(&|point: &[f64]| self.at(point), point)
    }
}

impl<F: Fn(&[f64]) -> Slope> Smooth for F {
    fn at(&self, point: &[f64]) -> Slope {
        self(point)
    }
}

/// A point with what is known there.
struct State {
    point: Vec<f64>,
    bound: f64,
    value: f64,
    /// Zero in variables held at the bound.
    gradient: Vec<f64>,
    at_bound: Vec<bool>,
    hessian: Matrix,
    /// The Hessian in the free variables, the identity in the others.
    curvature: Matrix,
    /// `gᵀ H⁻¹ g`, twice the descent that Newton's quadratic promises; `None` where `H` is not positive definite.
    decrement: Option<f64>,
}

impl State {
    fn new(point: Vec<f64>, (value, slope): Slope, hessian: Matrix, bound: f64) -> Self {
        let at_bound = held(&point, &slope, bound);
        let gradient = free_slope(&point, &slope, bound);
        let curvature = restrict(&hessian, &at_bound);
        let decrement = cholesky(&curvature).map(|factor| dot(&gradient, &solve(&factor, &gradient)));
        State { point, bound, value, gradient, at_bound, hessian, curvature, decrement }
    }

    fn gradient_norm(&self) -> f64 {
        largest(&self.gradient)
    }

    fn nothing_left(&self) -> bool {
        match self.decrement {
            Some(decrement) => decrement <= DECREMENT_STOP,
            None => self.flat(),
        }
    }

    /// Whether no slope is left that matters, or that rounding would let us see.
    fn flat(&self) -> bool {
        self.gradient_norm() <= SLOPE_ACCEPT.max(1e-11 * self.value.abs())
    }

    /// Close to the minimum, and the last step gained nothing: rounding is all that is left.
    fn stalled(&self, before: Option<f64>) -> bool {
        let (Some(now), Some(before)) = (self.decrement, before) else { return false };
        now <= DECREMENT_ACCEPT && now > 0.5 * before
    }

    /// The next point, with just as much damping as it takes to improve; `None` where no step does.
    fn descend(&self, function: &impl Smooth, damping: &mut f64) -> Option<(Vec<f64>, Slope)> {
        while *damping < MOST_DAMPING {
            let trial = self.step(*damping).map(|point| {
                let slope = function.at(&point);
                (point, slope)
            });
            if let Some((point, slope)) = trial.filter(|(point, slope)| self.improved_by(point, slope)) {
                *damping = if *damping <= LEAST_DAMPING { 0.0 } else { 0.1 * *damping };
                return Some((point, slope));
            }
            *damping = (10.0 * *damping).max(LEAST_DAMPING);
        }
        None
    }

    /// Lower beyond rounding; or within rounding, where values say nothing any more, less steep.
    fn improved_by(&self, point: &[f64], (value, slope): &Slope) -> bool {
        let gain = (self.value - value) / self.value.abs().max(1.0);
        let less_steep = || largest(&free_slope(point, slope, self.bound)) < 0.9 * self.gradient_norm();
        gain > 1e-12 || (gain > -1e-10 && less_steep())
    }

    /// The end of the damped Newton step. A variable at the edge that it would push out is held, and the
    /// step taken in the others.
    fn step(&self, damping: f64) -> Option<Vec<f64>> {
        let mut blocked = self.at_bound.clone();
        loop {
            let step = self.newton_step(&blocked, damping)?;
            let pushed = |i: usize| !blocked[i] && self.point[i].abs() >= self.bound && step[i] * self.point[i] > 0.0;
            let Some(out) = (0..step.len()).find(|&i| pushed(i)) else { return Some(self.walk(&step)) };
            blocked[out] = true;
        }
    }

    /// `-(H + damping · |diagonal|)⁻¹ g` in the variables that are not blocked.
    fn newton_step(&self, blocked: &[bool], damping: f64) -> Option<Vec<f64>> {
        let mut damped = restrict(&self.hessian, blocked);
        let n = damped.len();
        let diagonal = fill(n, |i| damped[i][i].abs());
        let floor = 1e-8 * largest(&diagonal);
        for (i, row) in damped.iter_mut().enumerate() {
            row[i] += damping * diagonal[i].max(floor);
        }
        let right = fill(n, |i| if blocked[i] { 0.0 } else { -self.gradient[i] });
        Some(solve(&cholesky(&damped)?, &right))
    }

    /// Along the step, at most as far as the longest step and to the nearest edge. Cutting one variable
    /// alone would leave the valley that the step follows.
    fn walk(&self, step: &[f64]) -> Vec<f64> {
        let room = |i: usize| (self.bound - self.point[i] * step[i].signum()) / step[i].abs();
        let far = (0..step.len()).filter(|&i| step[i] != 0.0).map(room).fold(1.0, f64::min);
        let cut = far.min(LONGEST_STEP / largest(step));
        fill(step.len(), |i| {
            let end = self.point[i] + cut * step[i];
            // On the edge exactly where the step stops there.
            if end.abs() > self.bound * (1.0 - 1e-12) { end.signum() * self.bound } else { end }
        })
    }

    fn verdict(self, iterations: usize) -> Minimum {
        let covariance = cholesky(&self.curvature).map(|factor| inverse(&factor, &self.at_bound));
        let norms = |inverse: &Matrix| norm(&self.curvature, &self.at_bound) * norm(inverse, &self.at_bound);
        let small = self.decrement.is_some_and(|decrement| decrement <= DECREMENT_ACCEPT);
        Minimum {
            gradient_norm: self.gradient_norm(),
            condition: covariance.as_ref().map(norms),
            converged: self.value.is_finite() && (small || self.flat()),
            covariance,
            point: self.point,
            value: self.value,
            at_bound: self.at_bound,
            iterations,
        }
    }
}

/// Which variables are at the edge of the box and would descend by leaving it.
fn held(point: &[f64], slope: &[f64], bound: f64) -> Vec<bool> {
    fill(point.len(), |i| point[i].abs() >= bound && slope[i] * point[i] < 0.0)
}

/// The gradient in the variables that are free to move, zero in the others.
fn free_slope(point: &[f64], slope: &[f64], bound: f64) -> Vec<f64> {
    let held = held(point, slope, bound);
    fill(point.len(), |i| if held[i] { 0.0 } else { slope[i] })
}

/// The largest absolute value; NaN where there is one, so that it never passes for small.
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |top: f64, value| if value.abs() <= top { top } else { value.abs() })
}

/// The Hessian, by central differences of the exact gradient, made symmetric.
pub fn central_differences(function: &impl Fn(&[f64]) -> Slope, point: &[f64]) -> Matrix {
    // About the cube root of the rounding unit: it balances truncation against cancellation.
    const STEP: f64 = 1e-5;
    let n = point.len();
    let moved = |i: usize, by: f64| fill(n, |j| if i == j { point[j] + by } else { point[j] });
    let rows: Matrix = fill(n, |i| {
        let (_, ahead) = function(&moved(i, STEP));
        let (_, behind) = function(&moved(i, -STEP));
        fill(n, |j| (ahead[j] - behind[j]) / (2.0 * STEP))
    });
    fill(n, |i| fill(n, |j| 0.5 * (rows[i][j] + rows[j][i])))
}

/// The matrix with the rows and columns of held variables replaced by those of the identity.
fn restrict(matrix: &Matrix, held: &[bool]) -> Matrix {
    let n = held.len();
    fill(n, |i| fill(n, |j| if held[i] || held[j] { f64::from(u8::from(i == j)) } else { matrix[i][j] }))
}

/// The lower Cholesky factor; `None` where the matrix is not positive definite beyond rounding.
fn cholesky(matrix: &Matrix) -> Option<Matrix> {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    for i in 0..n {
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
fn solve(factor: &Matrix, right: &[f64]) -> Vec<f64> {
    let n = right.len();
    let mut x = right.to_vec();
    for i in 0..n {
        x[i] = (x[i] - (0..i).map(|k| factor[i][k] * x[k]).sum::<f64>()) / factor[i][i];
    }
    for i in (0..n).rev() {
        x[i] = (x[i] - (i + 1..n).map(|k| factor[k][i] * x[k]).sum::<f64>()) / factor[i][i];
    }
    x
}

/// The inverse in the free variables, zero elsewhere.
fn inverse(factor: &Matrix, held: &[bool]) -> Matrix {
    let n = held.len();
    fill(n, |i| {
        let unit = fill(n, |j| f64::from(u8::from(i == j && !held[i])));
        solve(factor, &unit)
    })
}

/// The largest absolute row sum over free variables.
fn norm(matrix: &Matrix, held: &[bool]) -> f64 {
    let n = held.len();
    let row_sum = |i: usize| (0..n).filter(|&j| !held[j]).map(|j| matrix[i][j].abs()).sum::<f64>();
    (0..n).filter(|&i| !held[i]).map(row_sum).fold(0.0, f64::max)
}

/// The values of `f` at 0 to `n - 1`.
fn fill<T>(n: usize, f: impl Fn(usize) -> T) -> Vec<T> {
    (0..n).map(f).collect()
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

#[cfg(test)]
mod tests {
    use crate::numeric::newton::*;

    fn rosenbrock(at: &[f64]) -> Slope {
        let [x, y] = [at[0], at[1]];
        let valley = y - x * x;
        ((1.0 - x).powi(2) + 100.0 * valley * valley, vec![2.0 * (x - 1.0) - 400.0 * x * valley, 200.0 * valley])
    }

    #[test]
    fn finds_the_bottom_of_a_bent_valley() {
        let minimum = minimise(rosenbrock, &[-1.2, 1.0], 10.0);
        assert!(minimum.converged);
        assert!((minimum.point[0] - 1.0).abs() < 1e-9); // the decrement stops at 1e-18, its root is the distance
    }

    #[test]
    fn holds_a_variable_at_the_edge() {
        let minimum = minimise(rosenbrock, &[-0.5, 0.0], 0.5);
        assert!(minimum.converged);
        assert_eq!((minimum.point[0], minimum.at_bound), (0.5, vec![true, false]));
        assert!((minimum.point[1] - 0.25).abs() < 1e-9); // as above
    }

    #[test]
    fn a_slope_without_end_has_not_converged() {
        let root = |at: &[f64]| (at[0].abs().sqrt(), vec![0.5 * at[0].signum() / at[0].abs().sqrt()]);
        let minimum = minimise(root, &[2.0], 5.0);
        assert!(!minimum.converged);
    }

    #[test]
    fn nan_has_not_converged() {
        assert!(!minimise(|_: &[f64]| (f64::NAN, vec![f64::NAN; 2]), &[0.0; 2], 5.0).converged);
    }

    #[test]
    fn the_covariance_is_the_inverse_hessian() {
        let bowl = |at: &[f64]| {
            let [x, y] = [at[0], at[1]];
            (x * x + x * y + y * y, vec![2.0 * x + y, x + 2.0 * y])
        };
        let minimum = minimise(bowl, &[1.0, 2.0], 5.0);
        let covariance = minimum.covariance.expect("positive definite");
        assert!((covariance[0][0] - 2.0 / 3.0).abs() < 1e-9); // central differences of a line
        assert!((minimum.condition.expect("defined") - 3.0).abs() < 1e-8); // 3 / 1 by rows
    }
}
