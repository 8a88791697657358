//! Renders templates.
use minijinja::{Environment, context};
use training::{Rng, word};

const PAGE: &str = "{% for user in users if user.age > 20 %}<li class='{{ loop.cycle(\"a\", \"b\") }}'>{{ user.name|upper }}
{% if user.age is even %}{{ user.age * 2 + 1 }}{% else %}{{ '%05d'|length }}-{{ user.tags|join(', ') }}{% endif %}</li>
{% endfor %}{% macro m(x) %}[{{ x|e }}]{% endmacro %}{{ m('<b>') }}{{ users|map(attribute='age')|sum }}";

fn main() {
    let mut rng = Rng::new(24);
    let mut environment = Environment::new();
    environment.add_template("page", PAGE).unwrap();
    let page = environment.get_template("page").unwrap();
    let mut length = 0;
    for _ in 0..12 {
        let users: Vec<_> = (0..60)
            .map(|_| context!(name => word(&mut rng), age => rng.below(80), tags => vec![word(&mut rng), word(&mut rng)]))
            .collect();
        length += page.render(context!(users)).unwrap().len();
    }
    println!("{length}");
}
