//! The settings that are compared: every combination of what the options name, or those of an ablation.

use wapiti::{Compilation, Config, Dispatch, Engine, Fusion};

use crate::args::{CompileArg, DispatchArg};
use crate::failure::Failure;
use crate::lab_args::{PlacesArg, SettingsArgs, SwitchArg};

/// One way to run a program, and what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) dispatch: Dispatch,
    pub(crate) compilation: Compilation,
    pub(crate) fusion: Fusion,
    pub(crate) accumulators: bool,
    pub(crate) combining: bool,
}

/// The best that a build has first.
const BEST: &[DispatchArg] = &[
    DispatchArg::Tail,
    #[cfg(wapiti_become)]
    DispatchArg::Become,
    DispatchArg::Match,
    DispatchArg::Call,
];

impl Setting {
    /// All that `args` ask for.
    pub(crate) fn all(args: &SettingsArgs) -> Result<Vec<Self>, Failure> {
        if args.ablate { ablation(args) } else { combinations(args) }
    }

    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new();
        config.dispatch(self.dispatch).compilation(self.compilation).fusion(self.fusion);
        config.accumulators(self.accumulators).combining(self.combining);
        config
    }

    /// Settings with the same key have the same counts of ops and dispatches.
    pub(crate) fn counting_key(&self) -> (Dispatch, Fusion, bool, bool) {
        // Where every op is dispatched, there are as many dispatches as ops, whichever they are.
        if self.dispatch == Dispatch::Call || self.fusion == Fusion::None {
            (Dispatch::Call, Fusion::None, true, self.combining)
        } else {
            (self.dispatch, self.fusion, self.accumulators, self.combining)
        }
    }

    fn new(dispatch: DispatchArg, compile: CompileArg) -> Self {
        Self {
            name: String::new(),
            dispatch: dispatch.into(),
            compilation: compile.into(),
            fusion: Fusion::Full,
            accumulators: true,
            combining: true,
        }
    }

    fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }
}

fn is_available(dispatch: DispatchArg) -> bool {
    let wanted = dispatch.into();
    Engine::new(Config::new().dispatch(wanted)).dispatch() == wanted
}

fn available() -> Vec<DispatchArg> {
    BEST.iter().copied().filter(|dispatch| is_available(*dispatch)).collect()
}

fn name_of<T: clap::ValueEnum>(value: &T) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn combinations(args: &SettingsArgs) -> Result<Vec<Setting>, Failure> {
    let strategies: Vec<DispatchArg> = match &args.dispatch[..] {
        [] => available(),
        named => named.to_vec(),
    };
    if let Some(missing) = strategies.iter().find(|dispatch| !is_available(**dispatch)) {
        return Err(Failure::usage(format_args!(
            "--dispatch {}: this build cannot do that; it needs optimisation, on x86-64 or aarch64",
            name_of(missing)
        )));
    }
    let mut settings = Vec::new();
    for &dispatch in &strategies {
        for &compile in &args.compile {
            for &fusion in &args.fusion {
                for &places in &args.places {
                    for &combining in &args.combining {
                        let mut parts = Vec::new();
                        let mut part = |count: usize, name: String| {
                            if count > 1 {
                                parts.push(name);
                            }
                        };
                        part(strategies.len(), name_of(&dispatch));
                        part(args.compile.len(), name_of(&compile));
                        part(args.fusion.len(), name_of(&fusion));
                        part(args.places.len(), name_of(&places));
                        part(args.combining.len(), format!("combining-{}", name_of(&combining)));
                        if parts.is_empty() {
                            parts.push(name_of(&dispatch));
                        }
                        let setting = Setting {
                            fusion: fusion.into(),
                            accumulators: places == PlacesArg::Acc,
                            combining: combining == SwitchArg::On,
                            ..Setting::new(dispatch, compile)
                        };
                        settings.push(setting.named(&parts.join("/")));
                    }
                }
            }
        }
    }
    Ok(settings)
}

/// Everything first, then less and less of it, then other ways to dispatch.
fn ablation(args: &SettingsArgs) -> Result<Vec<Setting>, Failure> {
    let [compile] = args.compile[..] else {
        return Err(Failure::usage("--ablate goes with one --compile"));
    };
    let available = available();
    let best = available[0];
    let all = || Setting::new(best, compile);
    let mut settings = vec![
        all().named("everything"),
        Setting { fusion: Fusion::Pairs, ..all() }.named("without sequences of more than two"),
        Setting { fusion: Fusion::None, ..all() }.named("without sequences"),
        Setting { accumulators: false, ..all() }.named("without accumulators"),
        Setting { fusion: Fusion::None, accumulators: false, ..all() }
            .named("without sequences and accumulators"),
        Setting { combining: false, ..all() }.named("without combined operators"),
        Setting { fusion: Fusion::None, accumulators: false, combining: false, ..all() }
            .named("without all three"),
    ];
    for &dispatch in &available[1..] {
        let name = format!("{} in place of {} dispatch", name_of(&dispatch), name_of(&best));
        settings.push(Setting::new(dispatch, compile).named(&name));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use clap::Parser as _;

    use super::Setting;
    use crate::args::{Cli, Command};

    fn settings(line: &[&str]) -> Vec<Setting> {
        let line = ["wapiti", "bench", "file"].iter().chain(line);
        let Command::Bench(args) =
            Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{error}")).command
        else {
            panic!("not `bench`")
        };
        Setting::all(&args.settings).unwrap_or_else(|failure| panic!("{}", failure.message))
    }

    #[test]
    fn names_say_what_differs_and_nothing_else() {
        let names =
            |line: &[&str]| settings(line).into_iter().map(|setting| setting.name).collect::<Vec<_>>();
        assert_eq!(names(&["--dispatch", "match"]), ["match"]);
        assert_eq!(
            names(&["--dispatch", "match,call", "--fusion", "none,basic"]),
            ["match/none", "match/pairs", "call/none", "call/pairs"]
        );
        assert_eq!(
            names(&["--dispatch", "call", "--places", "slots,acc", "--combining", "on,off"]),
            ["slots/combining-on", "slots/combining-off", "acc/combining-on", "acc/combining-off"]
        );
    }

    #[test]
    fn an_ablation_leaves_out_one_thing_after_the_other() {
        let settings = settings(&["--ablate"]);
        let names: HashSet<&str> = settings.iter().map(|setting| &*setting.name).collect();
        assert_eq!(names.len(), settings.len());
        assert!(settings.len() >= 8);
        let keys: HashSet<_> = settings[..6].iter().map(Setting::counting_key).collect();
        assert!(keys.len() >= 5, "{keys:?}");
    }
}
