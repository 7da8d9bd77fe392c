//! The worked example of docs/contact-quality.md, computed: every number that is printed there.
//!
//! Contacts and customers are read out of the page's own tables, and so are the results to compare with.

use std::collections::BTreeMap;

use clivia_core::base::{Day, Moment, Money};
use clivia_core::contacts::quality::{ContactQuality, Criterion, FittedQuality, OutcomeWords, QualitySettings};
use clivia_core::contacts::{Contact, ContactLog, Direction, Held};
use clivia_core::map::{
    AttractivenessSettings, Column, CustomerMap, FittedMap, IndexSettings, MapInput, MapSettings, Source,
};

const PAGE: &str = include_str!("../../docs/contact-quality.md");

/// What the page prints for a number that there is not.
const ABSENT: &str = "–";

/// A table of the page: its header and its rows, each by the name in its first column.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The columns after the first, with what `of` row and column should be.
    fn assert_numbers(&self, of: impl Fn(&str, &str) -> f64) {
        for row in &self.rows {
            for (column, printed) in self.header.iter().zip(row).skip(1).filter(|(_, cell)| is_number(cell)) {
                assert_printed(printed, of(&row[0], column), &format!("{column} of {}", row[0]));
            }
        }
    }

    fn cell(&self, name: &str, column: &str) -> &str {
        let place = self.header.iter().position(|title| title == column).expect(column);
        let row = self.rows.iter().find(|row| row[0] == name).expect(name);
        &row[place]
    }

    fn number(&self, name: &str, column: &str) -> f64 {
        number(self.cell(name, column))
    }
}

fn is_number(cell: &str) -> bool {
    cell == ABSENT || cell.parse::<f64>().is_ok()
}

fn number(cell: &str) -> f64 {
    if cell == ABSENT { f64::NAN } else { cell.parse().expect("a cell is a number or absent") }
}

/// A printed number is the computed one rounded to its digits.
fn assert_printed(printed: &str, computed: f64, what: &str) {
    let decimals = printed.split_once('.').map_or(0, |(_, part)| part.len() as i32);
    let half_digit = 0.5 * 10_f64.powi(-decimals);
    let is_absent = number(printed).is_nan() && computed.is_nan();
    // A half may be rounded either way: its last bit decides.
    assert!(is_absent || (number(printed) - computed).abs() <= half_digit + 1e-9, "{what}: {printed} for {computed}");
}

/// The section of the page.
fn section() -> &'static str {
    let (_, example) = PAGE.split_once("\n## Worked example\n").expect("the page has the section");
    example.split("\n## ").next().expect("a split has a first part")
}

/// The tables of the worked example, in the order of the page.
fn tables() -> Vec<Table> {
    let lines: Vec<&str> = section().lines().collect();
    let blocks = lines.split(|line| !line.starts_with('|')).filter(|block| !block.is_empty());
    let cells = |line: &&str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_string()).collect();
    blocks.map(|block| Table { header: cells(&block[0]), rows: block[2..].iter().map(cells).collect() }).collect()
}

/// Everything computed from the two tables of input.
struct Example {
    customers: Vec<String>,
    fitted: FittedQuality,
    quality: ContactQuality,
    log: ContactLog,
    map: CustomerMap,
    fitted_map: FittedMap,
    /// Contributions by customer and criterion, contact quality and attractiveness.
    contributions: BTreeMap<(String, String), f64>,
}

fn example() -> Example {
    let [contacts, customers] = &tables()[..2] else { panic!("the page has its tables of input") };
    let names: Vec<String> = customers.rows.iter().map(|row| row[0].clone()).collect();
    let column = |title: &str| names.iter().map(|name| customers.number(name, title)).collect::<Vec<f64>>();
    let rhythm = column("rhythm days");
    let log = log(contacts, &names);
    let fitted = QualitySettings::default().fit(&log, &rhythm).unwrap();
    let quality = fitted.criteria(&log, &rhythm);

    let worth = ["clv", "profit", "growth", "p_alive"].map(|name| (name, column(name)));
    let worth = worth.each_ref().map(|(name, values)| Column { name, values, less_is_better: false });
    let treatment = Criterion::ALL.map(|criterion| Column {
        name: criterion.name(),
        values: quality.column(criterion),
        less_is_better: criterion.less_is_better(),
    });
    let contacted: Vec<bool> = quality.contacts.iter().map(|&contacts| contacts > 0).collect();
    let input = MapInput {
        attractiveness: &worth,
        contact: &treatment,
        contacted: &contacted,
        revenue: None,
        clv: None,
        contact_cost: Some(&quality.cost),
        profit: None,
    };
    let attractiveness = AttractivenessSettings::default().index(Source::Clv).unwrap();
    let contact = IndexSettings { weights: fitted.weights().clone(), targets: fitted.targets().clone() };
    let fitted_map = MapSettings::default().fit(&attractiveness, &contact, &input).unwrap();
    let map = fitted_map.apply(&input).unwrap();
    let contributions = contributions(&fitted_map, &input, &names);
    Example { customers: names, fitted, quality, log, map, fitted_map, contributions }
}

fn contributions(map: &FittedMap, input: &MapInput<'_>, names: &[String]) -> BTreeMap<(String, String), f64> {
    let mut all = BTreeMap::new();
    for scorer in map.scorers(input).unwrap() {
        let criteria = scorer.index().criteria();
        let mut parts = vec![0.0; criteria.len()];
        for (customer, name) in names.iter().enumerate() {
            let score = scorer.score(customer, &mut parts);
            assert_eq!(parts.iter().filter(|part| !part.is_nan()).sum::<f64>(), score);
            all.extend(criteria.iter().zip(&parts).map(|(c, &part)| ((name.clone(), c.name.clone()), part)));
        }
    }
    all
}

fn log(contacts: &Table, customers: &[String]) -> ContactLog {
    let mut channels: Vec<String> = contacts.rows.iter().map(|row| row[2].clone()).collect();
    channels.sort();
    channels.dedup();
    let words = OutcomeWords::default();
    let rows = contacts.rows.iter().map(|row| {
        let [customer, date, channel, direction, outcome, cost, rating, hours] = &row[..] else {
            panic!("eight columns: {row:?}")
        };
        Contact {
            customer: customers.iter().position(|name| name == customer).expect(customer) as u32,
            at: Moment::on(date.parse().unwrap()),
            channel: channels.iter().position(|name| name == channel).expect(channel) as u16,
            campaign: Contact::NONE,
            agent: Contact::NONE,
            direction: Some(if direction == "in" { Direction::Inbound } else { Direction::Outbound }),
            outcome: (outcome != ABSENT).then(|| words.meaning(outcome).expect(outcome)),
            is_control: false,
            cost: Money::from_f64(number(cost)).unwrap(),
            satisfaction: number(rating) as f32,
            response_hours: number(hours) as f32,
        }
    });
    let held =
        Held { direction: true, outcome: true, cost: true, satisfaction: true, response_time: true, ..Held::default() };
    let as_of: Day = "2025-06-30".parse().unwrap();
    ContactLog::new(as_of, customers.len(), channels.clone(), Vec::new(), held, rows.collect())
}

impl Example {
    fn row(&self, customer: &str) -> usize {
        self.customers.iter().position(|name| name == customer).expect(customer)
    }

    fn criterion(&self, customer: &str, name: &str) -> f64 {
        let criterion = Criterion::ALL.into_iter().find(|criterion| criterion.name() == name).expect(name);
        self.quality.column(criterion)[self.row(customer)]
    }

    fn contribution(&self, customer: &str, criterion: &str) -> f64 {
        self.contributions[&(customer.to_string(), criterion.to_string())]
    }
}

#[test]
fn the_worked_example_has_its_tables() {
    let sizes: Vec<(usize, usize)> = tables().iter().map(|table| (table.header.len(), table.rows.len())).collect();
    assert_eq!(sizes, [(8, 12), (6, 5), (5, 3), (9, 5), (9, 5), (10, 5), (6, 5), (7, 5)]);
    assert!(tables().iter().all(|table| table.rows.iter().all(|row| row.len() == table.header.len())));
}

#[test]
fn the_worked_example_is_what_the_base_teaches() {
    let example = example();
    let rules = example.fitted.channel_rules(&example.log.channels);
    let outbound = |channel: usize| {
        let known = |contact: &&Contact| usize::from(contact.channel) == channel && contact.is_outbound();
        let outcomes = example.log.contacts().iter().filter(known).filter_map(|contact| contact.outcome);
        outcomes.filter(|&outcome| outcome != clivia_core::contacts::Outcome::Neutral).collect::<Vec<_>>()
    };
    tables()[2].assert_numbers(|name, column| {
        let channel = example.log.channels.iter().position(|channel| channel == name).expect(name);
        match column {
            "tried" => outbound(channel).len() as f64,
            "successes" => outbound(channel).iter().filter(|outcome| outcome.is_success()).count() as f64,
            "rate" => rules.success_rate(channel as u16),
            "mean cost" => rules.mean_cost(channel as u16).to_f64(),
            _ => panic!("{column}"),
        }
    });
    let learnt = example.fitted.learnt();
    assert_eq!((learnt.overall.success.mean, learnt.rhythm_days), (0.6, 45.0));
    assert_eq!((learnt.satisfaction.mean, learnt.satisfaction.strength), (3.75, 4.0));
}

#[test]
fn the_worked_example_has_its_criteria_and_points() {
    let example = example();
    let index = example.fitted_map.contact().index();
    tables()[3].assert_numbers(|customer, name| example.criterion(customer, name));
    tables()[4].assert_numbers(|customer, name| {
        let place = index.criteria().iter().position(|criterion| criterion.name == name).expect(name);
        index.points(place, example.criterion(customer, name))
    });
}

/// Lines such as `- rhythm = 45 / 45 = 1.0: days since ...`.
#[test]
fn the_worked_example_shows_how_one_customer_comes_about() {
    let example = example();
    let shown: Vec<&str> = section().lines().filter_map(|line| line.strip_prefix("- ")).collect();
    assert_eq!(shown.len(), Criterion::ALL.len());
    for (line, criterion) in shown.into_iter().zip(Criterion::ALL) {
        let (name, _) = line.split_once(" = ").expect(line);
        let (_, result) = line.rsplit_once(" = ").expect(line);
        let printed = result.split(':').next().expect("a split has a first part");
        assert_eq!(name, criterion.name());
        assert_printed(printed, example.criterion("Brandt", name), name);
    }
}

#[test]
fn the_worked_example_has_its_contributions_and_scores() {
    let example = example();
    let value = |scores: &[f64], customer: &str, column: &str| match column {
        "score" => scores[example.row(customer)],
        criterion => example.contribution(customer, criterion),
    };
    tables()[5].assert_numbers(|customer, column| value(&example.map.contact_quality, customer, column));
    tables()[6].assert_numbers(|customer, column| value(&example.map.attractiveness, customer, column));
}

#[test]
fn the_worked_example_has_its_map() {
    let (example, tables) = (example(), tables());
    let map = &example.map;
    tables[7].assert_numbers(|customer, column| {
        let row = example.row(customer);
        match column {
            "attractiveness" => map.attractiveness_position[row],
            "contact quality" => map.contact_position[row],
            "distance" => map.distance(row).unwrap(),
            "contact cost" => example.quality.cost[row].to_f64(),
            _ => panic!("{column}"),
        }
    });
    for (row, customer) in example.customers.iter().enumerate() {
        assert_eq!(map.diagnosis(row).unwrap().name(), tables[7].cell(customer, "diagnosis"), "{customer}");
        assert_eq!(map.cell_name(row).unwrap(), tables[7].cell(customer, "cell"), "{customer}");
    }
}
