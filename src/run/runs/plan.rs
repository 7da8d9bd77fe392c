//! A plan for a finished run: its corrections chosen within a budget, spread over days and handed to people.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;

use crate::error::Error;
use crate::runs::finished::{Finished, Table};
use clivia_core::base::{Day, Money};
use clivia_core::contacts::quality::channel_key;
use clivia_core::decide::managers::{AccountManager, Assignment, Client, assign};
use clivia_core::decide::plan::{Plan, PlanOption, PlanSettings, plan};
use clivia_core::map::Diagnosis;

/// Columns of the customers table that say who has whom, the surest first.
const MANAGER_COLUMNS: [&str; 2] = ["account_manager", "manager"];

/// What a plan is made with.
#[derive(Debug, Default)]
pub struct PlanRequest {
    /// Budget, capacities and period.
    pub settings: PlanSettings,
    /// Who can look after customers; empty = nobody is assigned.
    pub managers: Vec<AccountManager>,
    /// What handing a customer on costs, in the unit of value; without it the mean value of those looked after.
    pub switching_cost: Option<f64>,
}

/// One thing to do: who, what, when, by whom, for how much, why.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The customer.
    pub customer_id: String,
    /// Whether its contact is below or above attractiveness.
    pub diagnosis: Diagnosis,
    /// What to do.
    pub what: String,
    /// When.
    pub on: Day,
    /// Who: its manager in the assignment, else who has contacted it most; `None` where neither is known.
    pub by: Option<String>,
    /// The channel to use, or to use less.
    pub channel: Option<String>,
    /// What it costs.
    pub cost: Money,
    /// What it saves.
    pub saving: Money,
    /// What it is worth.
    pub value: f64,
    /// Why.
    pub reason: String,
}

/// A customer and who looks after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Managed {
    /// The customer.
    pub customer_id: String,
    /// The manager.
    pub manager: String,
    /// Who had it before, where that is known.
    pub before: Option<String>,
    /// Whether it is handed on from one of the managers to another.
    pub is_moved: bool,
    /// What the customer is worth.
    pub value: f64,
}

/// A plan with the names of customers, channels and people.
#[derive(Debug)]
pub struct Planned {
    /// What to do, the most valuable first.
    pub tasks: Vec<Task>,
    /// Who looks after whom, the most valuable customer first.
    pub managed: Vec<Managed>,
    /// How good a choice that is.
    pub totals: PlanTotals,
}

/// The figures of a plan as a whole: plan.json.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanTotals {
    /// What it was made with.
    pub settings: PlanSettings,
    /// The last day that counted.
    pub as_of: Day,
    /// Options that there were.
    pub options: u64,
    /// Contacts that are planned.
    pub contacts: u64,
    /// Over-served customers with whom something is saved.
    pub spared: u64,
    /// Whether the choice is proven to be the best.
    pub method: clivia_core::decide::solver::Method,
    /// The value of the chosen contacts.
    pub value: f64,
    /// No choice has a greater value than this.
    pub bound: f64,
    /// What may be missing to the best, as a share of the bound.
    pub gap: f64,
    /// What the contacts cost.
    pub cost: Money,
    /// What they may cost; none = as much as it takes.
    pub budget: Option<Money>,
    /// What is saved with the over-served.
    pub saving: Money,
    /// Contacts whose value is below their cost: with money to spare, the plan takes them too.
    pub worth_less_than_cost: u64,
    /// Who looks after how many.
    pub managers: Option<ManagerTotals>,
}

/// The figures of an assignment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ManagerTotals {
    /// What each has.
    pub loads: Vec<clivia_core::decide::managers::Load>,
    /// Customers handed on from one of the managers to another.
    pub moves: u32,
    /// Customers taken over from somebody who is not among the managers.
    pub taken_over: u32,
    /// What handing one on costs.
    pub switching_cost: f64,
    /// The largest difference between a manager's value and its share.
    pub unevenness: f64,
    /// Unevenness plus what the moves cost.
    pub objective: f64,
    /// No assignment has an objective below this.
    pub bound: f64,
}

/// Makes a plan from the folder of a finished run.
///
/// # Errors
/// [`Error`] where the folder holds no run with a map, or the request has no meaning.
pub fn plan_run(folder: &Path, request: &PlanRequest) -> Result<Planned, Error> {
    let run = Finished::open(folder)?;
    run.frozen.contact()?;
    let mut corrections = Options::read(&run.table("corrections")?)?;
    corrections.know_channels(run.frozen.contact()?.contacts.learnt().channels.keys());
    let measured = run.frozen.settings.corrections.period_days;
    corrections.scale_savings(f64::from(request.settings.period_days) / f64::from(measured));
    let as_of = run.frozen.as_of;
    let chosen = plan(&corrections.options, &corrections.channels, as_of, &request.settings)?;
    let present = run.present(request)?;
    let assignment = assigned(&present, request)?;
    let (managed, by) = managed(&present, assignment.as_ref(), request);
    let tasks: Vec<Task> =
        chosen.rows.iter().map(|row| corrections.task(row.option as usize, row.on, &by, &present)).collect();
    let taken_over =
        managed.iter().filter(|row| !row.is_moved && row.before.as_ref().is_some_and(|who| *who != row.manager));
    let taken_over = taken_over.count() as u32;
    let totals =
        totals(&chosen, &tasks, &corrections, as_of, assignment.map(|(who, cost)| (who, cost, taken_over)), request);
    Ok(Planned { tasks, managed, totals })
}

/// The corrections of a run as options.
struct Options {
    options: Vec<PlanOption>,
    channels: Vec<String>,
    customers: Vec<String>,
    actions: Vec<Option<String>>,
}

impl Options {
    fn read(table: &Table) -> Result<Self, Error> {
        let (ids, diagnoses) = (table.ids()?, table.texts("diagnosis")?);
        let (names, actions) = (table.texts("channel")?, table.texts("action")?);
        let (values, costs, savings) = (table.numbers("value")?, table.numbers("cost")?, table.numbers("saving")?);
        let mut read = Options { options: Vec::new(), channels: Vec::new(), customers: Vec::new(), actions };
        let mut places: HashMap<String, u16> = HashMap::new();
        for row in 0..table.rows() {
            // The options of a customer stand together.
            if read.customers.last().map(String::as_str) != Some(ids.get(row)) {
                read.customers.push(ids.get(row).into());
            }
            let channel = names[row].as_ref().map(|name| {
                *places.entry(name.clone()).or_insert_with(|| {
                    read.channels.push(name.clone());
                    (read.channels.len() - 1) as u16
                })
            });
            let money = |amount: f64| Money::from_f64(amount).unwrap_or_default();
            read.options.push(PlanOption {
                customer: (read.customers.len() - 1) as u32,
                diagnosis: diagnosis(diagnoses[row].as_deref()),
                channel,
                value: values[row],
                cost: money(costs[row]),
                saving: money(savings[row]),
            });
        }
        Ok(read)
    }

    /// Channels of the log by which no option comes may have a capacity too.
    fn know_channels<'a>(&mut self, keys: impl Iterator<Item = &'a String>) {
        for key in keys {
            if !self.channels.iter().any(|known| channel_key(known) == *key) {
                self.channels.push(key.clone());
            }
        }
    }

    /// Savings were measured over the period of the corrections; a plan for another has as much more or less of them.
    fn scale_savings(&mut self, periods: f64) {
        for option in self.options.iter_mut().filter(|option| option.diagnosis == Diagnosis::OverServed) {
            option.saving = Money((option.saving.0 as f64 * periods).round() as i64);
            option.value *= periods;
        }
    }

    fn task(&self, option: usize, on: Day, by: &HashMap<String, String>, present: &Present) -> Task {
        let row = &self.options[option];
        let customer_id = self.customers[row.customer as usize].clone();
        let action = self.actions[option].as_deref().unwrap_or_default();
        let (reason, what) = action.split_once(": ").unwrap_or(("", action));
        Task {
            by: by.get(&customer_id).or_else(|| present.of(&customer_id)).cloned(),
            customer_id,
            diagnosis: row.diagnosis,
            what: what.into(),
            on,
            channel: row.channel.map(|channel| self.channels[usize::from(channel)].clone()),
            cost: if row.diagnosis == Diagnosis::UnderServed { row.cost } else { Money(0) },
            saving: row.saving,
            value: row.value,
            reason: reason.into(),
        }
    }
}

/// The diagnosis of a word in the corrections table; only misplaced customers stand there.
fn diagnosis(word: Option<&str>) -> Diagnosis {
    if word == Some(Diagnosis::OverServed.name()) { Diagnosis::OverServed } else { Diagnosis::UnderServed }
}

/// Who has whom now, and what customers are worth.
struct Present {
    ids: Vec<String>,
    values: Vec<f64>,
    by: Vec<Option<String>>,
    places: HashMap<String, usize>,
}

impl Present {
    fn of(&self, customer: &str) -> Option<&String> {
        self.by[*self.places.get(customer)?].as_ref()
    }
}

impl Finished {
    fn present(&self, request: &PlanRequest) -> Result<Present, Error> {
        let (customers, criteria) = (self.table("customers")?, self.table("criteria")?);
        let ids: Vec<String> = customers.ids()?.iter().map(String::from).collect();
        let places: HashMap<String, usize> = ids.iter().cloned().zip(0..).collect();
        let mut by = vec![None; ids.len()];
        for (id, agent) in criteria.ids()?.iter().zip(criteria.texts("agent")?) {
            if let Some(&place) = places.get(id) {
                by[place] = agent;
            }
        }
        let column = MANAGER_COLUMNS.into_iter().find(|column| customers.holds(column));
        if let (Some(column), false) = (column, request.managers.is_empty()) {
            by = customers.texts(column)?;
        }
        Ok(Present { values: customers.numbers("clv")?, ids, by, places })
    }
}

fn assigned(present: &Present, request: &PlanRequest) -> Result<Option<(Assignment, f64)>, Error> {
    if request.managers.is_empty() {
        return Ok(None);
    }
    let names: HashMap<&str, u32> = request.managers.iter().map(|manager| manager.name.as_str()).zip(0..).collect();
    let client = |(customer, &value): (usize, &f64)| Client {
        customer: customer as u32,
        value,
        manager: present.by[customer].as_deref().and_then(|name| names.get(name).copied()),
    };
    let clients: Vec<Client> = present.values.iter().enumerate().map(client).collect();
    let cost = request.switching_cost.unwrap_or_else(|| mean_of_top(&present.values, &request.managers));
    Ok(Some((assign(&clients, &request.managers, cost)?, cost)))
}

/// The mean value of the customers that there is room for: a move should better the balance by more than that.
fn mean_of_top(values: &[f64], managers: &[AccountManager]) -> f64 {
    let room = managers.iter().map(|manager| manager.capacity as usize).sum::<usize>();
    let mut falling: Vec<f64> = values.iter().copied().filter(|value| value.is_finite() && *value > 0.0).collect();
    falling.sort_unstable_by(|a, b| b.total_cmp(a));
    falling.truncate(room);
    falling.iter().sum::<f64>() / falling.len().max(1) as f64
}

/// The assignment with names, and by customer who looks after it.
fn managed(
    present: &Present,
    assignment: Option<&(Assignment, f64)>,
    request: &PlanRequest,
) -> (Vec<Managed>, HashMap<String, String>) {
    let rows = assignment.iter().flat_map(|(assignment, _)| &assignment.assigned);
    let managed = rows.map(|assigned| Managed {
        customer_id: present.ids[assigned.customer as usize].clone(),
        manager: request.managers[assigned.manager as usize].name.clone(),
        before: present.by[assigned.customer as usize].clone(),
        is_moved: assigned.is_moved,
        value: present.values[assigned.customer as usize],
    });
    let managed: Vec<Managed> = managed.collect();
    let by = managed.iter().map(|managed| (managed.customer_id.clone(), managed.manager.clone())).collect();
    (managed, by)
}

fn worth_less_than_cost(tasks: &[Task]) -> u64 {
    let is_dear = |task: &&Task| task.diagnosis == Diagnosis::UnderServed && task.value < task.cost.to_f64();
    tasks.iter().filter(is_dear).count() as u64
}

fn totals(
    plan: &Plan,
    tasks: &[Task],
    corrections: &Options,
    as_of: Day,
    assignment: Option<(Assignment, f64, u32)>,
    request: &PlanRequest,
) -> PlanTotals {
    let spared = tasks.iter().filter(|task| task.diagnosis == Diagnosis::OverServed).count() as u64;
    PlanTotals {
        settings: request.settings.clone(),
        as_of,
        options: corrections.options.len() as u64,
        contacts: tasks.len() as u64 - spared,
        spared,
        method: plan.method,
        value: plan.value,
        bound: plan.bound,
        gap: plan.gap,
        cost: plan.cost,
        budget: plan.budget,
        saving: plan.saving,
        worth_less_than_cost: worth_less_than_cost(tasks),
        managers: assignment.map(|(assignment, switching_cost, taken_over)| ManagerTotals {
            loads: assignment.loads,
            moves: assignment.moves,
            taken_over,
            switching_cost,
            unevenness: assignment.unevenness,
            objective: assignment.objective,
            bound: assignment.bound,
        }),
    }
}
