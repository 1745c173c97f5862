"""The parts of the routing page that are lists: rules in words, and what was decided for single templates."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, icon_button, select, text_input
from components.i18n import T, T_dynamic
from components.provider_parts import TemplateChooser
from components.run_form import LANGUAGE_NAMES
from state.policy import PolicyState
from state.policy_view import KindName, ModelOption, OverrideRow, RuleRow
from state.session import SessionState

MANAGES = SessionState.scopes.contains("providers:write")
TIER_WORDS = {"fast": "fast", "strong": "strong", "critical": "critical"}
QUALITY_WORDS = {"saver": "Saver", "balanced": "Balanced", "best": "Best"}
EFFECT_WORDS = {"at_least": "At least {tier}", "at_most": "At most {tier}", "tier": "Always {tier}"}


def tier_word(tier: rx.Var[str]) -> rx.Var[str]:
    """Return the name of a tier that only the data knows."""
    return rx.match(tier, *[(name, T(f"tier.word.{name}", word)) for name, word in TIER_WORDS.items()], tier)


def error_text(at: str) -> rx.Var[str]:
    """Return what is wrong with the field `at`, "" when it is another one."""
    said = T_dynamic(PolicyState.error_code, PolicyState.error, PolicyState.error_params)
    return rx.cond(PolicyState.error_field.startswith(at), said, "")


def error_line(at: str) -> rx.Component:
    """Return what is wrong with a part of the policy, as a line of its own."""
    return rx.cond(error_text(at) != "", rx.el.p(error_text(at), class_name="st bad small wide-st", role="alert"))


def rules() -> rx.Component:
    """Return the rules as sentences, and the form for one more."""
    none = rx.el.p(T("policy.rules.none", "No rule: each template's own word holds."), class_name="muted")
    return rx.fragment(
        rx.cond(
            PolicyState.rules.length() > 0,
            rx.el.ol(rx.foreach(PolicyState.rules, _rule), class_name="rule-rows"),
            none,
        ),
        error_line("routing.rules"),
        rx.cond(MANAGES, _rule_form()),
    )


def _rule(rule: rx.Var[RuleRow], place: rx.Var[int]) -> rx.Component:
    quality = [(name, T(f"quality.{name}", word)) for name, word in QUALITY_WORDS.items()]
    effect = [
        (name, T(f"policy.effect.{name}", words, tier=tier_word(rule.tier))) for name, words in EFFECT_WORDS.items()
    ]
    longer = T("policy.rule.longer", "Answers that may be longer than {n} tokens.", n=rule.longer_than)
    return rx.el.li(
        rx.el.div(
            rx.el.b(rule.name),
            rx.el.small(
                rx.cond(rule.kinds.length() > 0, rx.foreach(rule.kinds, _kind_name)),
                rx.cond(rule.languages != "", rx.el.span(rule.languages, ". ", dir="ltr")),
                rx.cond(rule.quality != "", rx.el.span(rx.match(rule.quality, *quality, rule.quality), ". ")),
                rx.cond(rule.longer_than > 0, longer, ""),
            ),
        ),
        rx.el.span(rx.match(rule.effect, *effect, ""), class_name="effect"),
        rx.cond(
            MANAGES,
            icon_button(
                "x",
                T("policy.rule.remove", "Take away the rule {name}", name=rule.name),
                on_click=PolicyState.remove_rule(place),
            ),
        ),
        key=place.to_string(),
    )


def _kind_name(kind: rx.Var[KindName]) -> rx.Component:
    return rx.el.span(T(f"category.{kind.id}.name", kind.name), ". ")


def _rule_form() -> rx.Component:
    anything = T("policy.any", "Any")
    tiers = [
        (f"{effect}:{tier}", T(f"policy.effect.{effect}", words, tier=T(f"tier.word.{tier}", word)))
        for effect, words in EFFECT_WORDS.items()
        for tier, word in TIER_WORDS.items()
    ]
    kinds = [(name, T(f"category.{name}.name", label)) for name, label in _categories().items()]
    qualities = [(name, T(f"quality.{name}", word)) for name, word in QUALITY_WORDS.items()]
    return rx.el.details(
        rx.el.summary(T("policy.rule.add", "Add a rule"), class_name="btn sm"),
        rx.el.form(
            field(
                T("policy.rule.name", "Name"),
                text_input(id="r-name", name="name", max_length=120),
                control_id="r-name",
                required=True,
                error=error_text("new_rule.name"),
            ),
            _choice("r-kind", "kind", T("policy.rule.kind", "Category"), [("", anything), *kinds]),
            _choice("r-language", "language", T("run.language", "Language"), [("", anything), *LANGUAGE_NAMES.items()]),
            _choice("r-quality", "quality", T("run.quality", "Quality"), [("", anything), *qualities]),
            field(
                T("policy.rule.length", "Answers longer than (tokens)"),
                text_input(id="r-length", name="longer_than", input_mode="numeric", dir="ltr", max_length=7),
                control_id="r-length",
                error=error_text("new_rule.longer_than"),
            ),
            _choice("r-effect", "effect", T("policy.rule.effect", "Then"), tiers),
            rx.el.p(button(T("policy.rule.save", "Add this rule"), small=True, type="submit")),
            on_submit=PolicyState.add_rule,
            reset_on_submit=True,
            class_name="rule-form",
        ),
        class_name="adder",
    )


def _categories() -> dict[str, str]:
    from app.content.catalogue_files import load_catalogue

    return {name: category.name for name, category in load_catalogue().categories.items()}


def _choice(id_: str, name: str, label: rx.Var[str], options: list[tuple[str, object]]) -> rx.Component:
    chooser = select(*[rx.el.option(words, value=value) for value, words in options], id=id_, name=name)
    return field(label, chooser, control_id=id_)


def overrides() -> rx.Component:
    """Return what was decided for single templates, and the form for one more."""
    none = rx.el.p(T("policy.overrides.none", "Nothing is decided for a single template."), class_name="muted")
    return rx.fragment(
        rx.cond(
            PolicyState.overrides.length() > 0,
            rx.el.ol(rx.foreach(PolicyState.overrides, _override), class_name="rule-rows"),
            none,
        ),
        error_line("routing.templates"),
        error_line("routing.routes"),
        rx.cond(MANAGES, _override_form()),
    )


def _override(row: rx.Var[OverrideRow]) -> rx.Component:
    name = T(f"template.{row.template_id}.name", row.name)
    always = T("policy.effect.tier", "Always {tier}", tier=tier_word(row.tier))
    return rx.el.li(
        rx.el.div(rx.el.b(name)),
        rx.el.span(rx.cond(row.tier != "", always, row.model), class_name="effect"),
        rx.cond(
            MANAGES,
            icon_button(
                "x",
                T("policy.override.remove", "Leave {name} to the rules", name=name),
                on_click=PolicyState.remove_override(row.template_id),
            ),
        ),
        key=row.template_id,
    )


def _override_form() -> rx.Component:
    tiers = [
        rx.el.option(T("policy.effect.tier", "Always {tier}", tier=T(f"tier.word.{tier}", word)), value=f"tier:{tier}")
        for tier, word in TIER_WORDS.items()
    ]
    return rx.el.form(
        rx.el.div(
            rx.el.label(T("simulator.template", "Template"), html_for="o-template"),
            TemplateChooser.create(
                id="o-template", name="template", value=PolicyState.template_id, on_choose=PolicyState.choose_template
            ),
            class_name="field",
        ),
        field(
            T("policy.override.target", "Goes to"),
            select(
                rx.el.option(T("run.choose", "Choose"), value=""),
                *tiers,
                rx.foreach(PolicyState.models, _model_option),
                id="o-target",
                name="target",
            ),
            control_id="o-target",
            error=error_text("new_override"),
        ),
        rx.el.p(button(T("policy.override.add", "Decide so"), small=True, type="submit"), class_name="foot"),
        on_submit=PolicyState.add_override,
        reset_on_submit=False,
        class_name="override-form",
    )


def _model_option(model: rx.Var[ModelOption]) -> rx.Component:
    return rx.el.option(model.label, value=model.ref)
