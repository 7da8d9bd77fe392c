//! Decisions: the solver and the managers against trying out everything, plans and corrections by hand.

use std::collections::BTreeMap;

use clivia_core::base::{Clock, Day, Moment, Money};
use clivia_core::contacts::consent::{About, Medium, Refusal};
use clivia_core::contacts::quality::{ContactQuality, Criterion, FittedQuality, QualitySettings};
use clivia_core::contacts::{Consent, Contact, ContactLog, Direction, Held, Outcome};
use clivia_core::decide::corrections::corrections;
use clivia_core::decide::managers::{AccountManager, Client, ManagerError, assign};
use clivia_core::decide::plan::{Budget, PlanError, PlanOption, PlanSettings, plan};
use clivia_core::decide::solver::{Choice, Method, Problem, Selection};
use clivia_core::decide::{Action, CorrectionError, CorrectionInput, CorrectionSettings, Corrections};
use clivia_core::map::{Column, CustomerMap, Diagnosis, FittedMap, IndexSettings, MapInput, MapSettings};
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// What summing a few values in another order may change, relative to them.
const SUMMING: f64 = 1e-12;

mod correct;
mod managers;
mod plans;
mod solver;

fn money(amount: f64) -> Money {
    Money::from_f64(amount).expect("a small amount")
}
