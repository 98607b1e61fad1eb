use std::fmt;

/// What is wrong with the configuration, where, why, and what to do. Nothing has been done then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// `kiln.toml:3:1`, `--jobs` or `KILN_JOBS`.
    pub place: String,
    pub message: String,
    pub help: Option<String>,
}

impl ConfigError {
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), help: None }
    }

    /// The parser's own message, with what was probably meant where it lists what it knows.
    pub fn explained(place: impl Into<String>, message: &str) -> Self {
        // What the parser says of a key that takes one of some names.
        if message == "wanted string or table" {
            let error = Self::new(place, "wanted a word in quotes");
            return error.help("`kiln init` writes a file with every key and the words that it takes");
        }
        let error = Self::new(place, message);
        let mut quoted = message.split('`').skip(1).step_by(2);
        let Some(typed) = quoted.next().filter(|_| message.starts_with("unknown")) else { return error };
        match suggestion(typed, quoted) {
            Some(meant) => error.help(format!("did you mean `{meant}`?")),
            None => error.help("`kiln init` writes a file with every key"),
        }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ConfigError {}

/// The word that was probably meant.
pub fn suggestion<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = known.into_iter().map(|k| (strsim::damerau_levenshtein(typed, k), k)).min();
    close.filter(|(distance, k)| *distance <= 1 + k.len() / 4).map(|(_, k)| k)
}
