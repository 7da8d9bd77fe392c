//! The words of flags whose settings are enums of the library.

use clap::ValueEnum;
use clivia_core::base::TimeUnit;
use clivia_core::clusters::ClusterMethod;
use clivia_core::models::contract::RetentionChoice;
use clivia_core::models::{ModelName, NotConverged, Prior, SpendName};
use clivia_core::orders::ReturnsPolicy;
use clivia_core::rfm::Bins;
use clivia_core::summary::SpendDays;
use clivia_core::value::ClvConvention;
use clivia_io::consent::ConsentPolicy;
use clivia_io::contacts::Unmatched;
use clivia_io::orders::amount_column::AmountPer;
use clivia_io::orders::ids::{FoldIds, Placeholders};
use clivia_io::orders::{Duplicates, ZeroAmounts};
use clivia_io::plan::Decimal;
use clivia_io::settings::report::FailOn;
use clivia_io::write::TableFormat;

/// Declares the words of a flag, each with its help, for a setting that is an enum of the library.
macro_rules! words {
    ($(#[$of_all:meta])* $name:ident => $target:ty { $($(#[$attribute:meta])* $word:ident),+ $(,)? }) => {
        $(#[$of_all])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub(crate) enum $name { $($(#[$attribute])* $word),+ }

        impl From<$name> for $target {
            fn from(word: $name) -> Self {
                match word { $($name::$word => <$target>::$word),+ }
            }
        }
    };
}

words!(
    /// How tables are written.
    #[derive(Default)]
    FormatArg => TableFormat {
        /// Apache Parquet, compressed with Snappy: quick, and read by everything
        #[default]
        Parquet,
        /// Comma-separated values, safe to open in a spreadsheet
        Csv,
        /// A JSON object a line
        Ndjson,
        /// Arrow IPC, also known as Feather
        Ipc,
    }
);
words!(ConsentArg => ConsentPolicy { Obey, Ignore });
words!(
    UnmatchedArg => Unmatched {
        /// End the run with an error that says how the ids differ
        Error,
        /// Go on without contacts, and draw no map
        NoMap,
        /// Draw the map of those that match
        Map,
    }
);
words!(DecimalArg => Decimal { Point, Comma });
words!(ReturnsArg => ReturnsPolicy { Net, Ignore, Reject });
words!(
    FailOnArg => FailOn {
        /// A note alone ends no command
        Never,
        /// Numbers may be other than they should be
        Warning,
        /// Numbers are very likely not what they should be
        Severe,
    }
);
words!(
    DuplicatesArg => Duplicates {
        /// Equal lines count; an order that a second file has again counts once
        Auto,
        /// Every line counts
        Keep,
        /// Of equal lines the first counts
        Drop,
    }
);
words!(ZeroArg => ZeroAmounts { Keep, Reject });
words!(
    PerArg => AmountPer {
        /// As the values show
        Auto,
        /// Each row has an amount of its own
        Line,
        /// Each row repeats the total of its order
        Order,
    }
);
words!(
    FoldArg => FoldIds {
        /// Where they are e-mail addresses
        Auto,
        Always,
        Never,
    }
);
words!(
    PlaceholdersArg => Placeholders {
        /// Stop and ask
        Ask,
        /// Refuse their rows
        Refuse,
        /// They are customers
        Keep,
    }
);
words!(UnitArg => TimeUnit { Days, Weeks, Months, Quarters, Years });
words!(SpendArg => SpendDays { Repeat, All });
words!(BinsArg => Bins { Independent, Nested });
words!(
    ConventionArg => ClvConvention {
        /// From the moment at which it is expected
        Continuous,
        /// From the end of its month, as lifetimes and pymc-marketing do
        Monthly,
    }
);
words!(
    MethodArg => ClusterMethod {
        /// Around means: a customer belongs to the nearest centroid
        KMeans,
        /// A Gaussian mixture: clusters have sizes, widths and directions of their own
        Gmm,
    }
);
words!(
    NotConvergedArg => NotConverged {
        /// End the run with an error that says what to try
        Error,
        /// Go on without the model, its columns empty
        Empty,
    }
);
words!(
    PriorArg => Prior {
        /// Maximum likelihood
        None,
        /// Weakly informative, for thin bases
        Weak,
    }
);
words!(
    SpendModelArg => SpendName {
        /// Spend does not depend on how often customers buy
        GammaGamma,
        /// It does
        GammaGammaConditional,
        /// Everybody spends the same
        Constant,
    }
);
words!(
    ModelArg => ModelName {
        /// Customers buy at random and may leave after any purchase but the first
        BgNbd,
        /// As BG/NBD, but they may leave after the first purchase too
        MbgNbd,
        /// Customers buy at random and may leave at any time
        ParetoNbd,
        /// In each period customers buy or not, and may leave at its beginning
        BgBb,
        /// As BG/NBD, with purchases more regular than random
        BgCnbdK,
        /// As MBG/NBD, with purchases more regular than random
        MbgCnbdK,
        /// As Pareto/NBD, with a risk of leaving that grows with age
        GgompertzNbd,
        /// Customers buy at random and never leave
        Nbd,
    }
);
words!(RetentionArg => RetentionChoice { Auto, Sbg, Bdw });
