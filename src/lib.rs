//! # The tour
//!
//! The modules in the order in which data passes through them:
//!
//! | module | takes | gives |
//! |---|---|---|
//! | [`tables`] | files | order lines, contacts, refused rows |
//! | [`ledger`] | order lines | what a customer did on a day, returns settled |
//! | [`summary`] | the ledger | frequency, recency, age and spend of each customer |
//! | [`rfm`] | the summary | scores and segments |
//! | [`models`] | the summary | fitted models of purchases and spend |
//! | [`value`] | fitted models | P(alive), expected purchases, lifetime value |
//! | [`validation`] | purchase days, fitted models | how well each foretold a holdout |
//! | [`intervals`] | fitted models | how far off purchases and value may be |
//! | [`retention`] | subscriptions | who stays, and what that is worth |
//! | [`clusters`] | the summary | k-means segments |
//! | [`contacts`] | the contact log | contact quality of each customer |
//! | [`map`](mod@map) | value and contact quality | who is under-served, who over-served |
//! | [`state`] | order lines of many days | what they came to, kept for the next |
//! | [`figures`] | all of these | what charts are drawn from |
//! | [`export`] | all of these | files |
//! | [`report`] | the files of a run | one page, and its charts as pictures |
//! | [`batches`] | Arrow record batches of another engine | summaries, and values back |
//!
//! [`pipeline`] puts them in this order; each can be used by itself:
//!
//! ```
//! use clivia::clusters::{ClusterModel, ClusterSettings};
//! use clivia::ids::Id;
//! use clivia::ledger::LedgerBuilder;
//! use clivia::models::gamma_gamma::FitGammaGamma;
//! use clivia::models::{Fit, FitPurchases, ModelName};
//! use clivia::rfm::{RfmScale, RfmSettings};
//! use clivia::simulate::{Population, PopulationSettings};
//! use clivia::summary::{Summary, SummarySettings};
//! use clivia::tables::orders::{OrderLine, ReturnsPolicy};
//! use clivia::units::{Day, Moment};
//! use clivia::value::{value, ValueTerms};
//!
//! // Orders of 500 simulated customers; with files, `tables::orders::OrdersReader` gives these lines.
//! let base = Population::new(PopulationSettings { customers: 500, seed: 7, ..Default::default() })?;
//! let mut ledger = LedgerBuilder::new(ReturnsPolicy::Net, false);
//! for customer in base.block(0..500) {
//!     let id = base.customer_id(customer.number);
//!     let line = |day, amount| {
//!         OrderLine { customer: Id::new(&id), at: Moment::on(Day(day)), amount, order: 0, profit: None }
//!     };
//!     let lines: Vec<OrderLine> =
//!         customer.orders.iter().map(|order| line((order.at / 86_400) as i32, order.amount)).collect();
//!     ledger.add(&lines)?;
//! }
//! let ledger = ledger.finish()?;
//! let summary = Summary::new(&ledger, true, &SummarySettings::default())?;
//!
//! let rfm = RfmScale::fit(&summary, &RfmSettings::default())?.apply(&summary)?;
//! println!("{} is among {}", summary.ids.get(0), rfm.segment_name(0));
//!
//! let purchases = FitPurchases::by(ModelName::BgNbd).fit(&summary)?;
//! let spend = FitGammaGamma::default().fit(&summary)?;
//! let value = value(&summary, Some(purchases.model.as_ref()), Some(&spend.model), &ValueTerms::default());
//! assert_eq!(value.clv.as_ref().map(Vec::len), Some(summary.len()));
//!
//! let clusters = ClusterModel::fit(&summary, &ClusterSettings::default())?.apply(&summary)?;
//! println!("and in the cluster {}", clusters.label(0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![doc = include_str!("../README.md")]

pub mod units;
pub mod ids;
pub mod error;
pub mod config;
pub mod memory;

pub mod tables;
pub mod ledger;
pub mod summary;
pub mod rfm;
pub mod numeric;
pub mod models;
pub mod value;
pub mod validation;
pub mod intervals;
pub mod retention;
pub mod clusters;
pub mod contacts;
pub mod map;
pub mod decide;

pub mod figures;

pub mod batches;
pub mod export;
pub mod report;
pub mod finished;
pub mod compare;
pub mod planning;
pub mod retaining;
pub mod explain;
pub mod frozen;
pub mod state;
pub mod pipeline;
pub mod simulate;

pub use error::Error;
