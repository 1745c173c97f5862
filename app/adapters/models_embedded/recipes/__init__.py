"""One recipe per template: how its structure is filled from a brief."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.adapters.models_embedded.desk import Desk
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.recipes.ads import google_rsa
from app.adapters.models_embedded.recipes.condensing import shorten, summarise
from app.adapters.models_embedded.recipes.learning import quiz_multiple_choice, training_outline
from app.adapters.models_embedded.recipes.legal import contract_summary
from app.adapters.models_embedded.recipes.listing import amazon_listing
from app.adapters.models_embedded.recipes.messages import cold_email, newsletter, sms_campaign, support_reply
from app.adapters.models_embedded.recipes.pictures import (
    ad_banner_set,
    blog_hero_image,
    diagram_image,
    icon_set,
    image_prompt_writer,
    product_photo_scene,
    social_image,
    youtube_thumbnail,
)
from app.adapters.models_embedded.recipes.press import press_release
from app.adapters.models_embedded.recipes.product import api_endpoint_doc, changelog_entry, user_stories
from app.adapters.models_embedded.recipes.search import meta_tags, product_jsonld, url_slugs
from app.adapters.models_embedded.recipes.social import linkedin_post, x_post
from app.adapters.models_embedded.recipes.spoken import explainer_storyboard, ivr_prompt, shorts_script, speech_toast
from app.adapters.models_embedded.recipes.subtitles import subtitles_srt


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one template is written, and the languages in which it cannot be."""

    write: Callable[[Desk], Draft]
    cannot: frozenset[str] = frozenset()


RECIPES: Mapping[str, Recipe] = {
    "google-rsa": Recipe(google_rsa),
    "press-release": Recipe(press_release),
    "sms-campaign": Recipe(sms_campaign),
    "newsletter": Recipe(newsletter),
    "x-post": Recipe(x_post),
    "linkedin-post": Recipe(linkedin_post),
    "meta-tags": Recipe(meta_tags),
    "product-jsonld": Recipe(product_jsonld),
    "url-slugs": Recipe(url_slugs),
    "amazon-listing": Recipe(amazon_listing),
    "cold-email": Recipe(cold_email),
    "support-reply": Recipe(support_reply),
    "user-stories": Recipe(user_stories),
    "api-endpoint-doc": Recipe(api_endpoint_doc),
    "changelog-entry": Recipe(changelog_entry),
    "contract-summary": Recipe(contract_summary),
    "training-outline": Recipe(training_outline),
    "quiz-multiple-choice": Recipe(quiz_multiple_choice),
    "speech-toast": Recipe(speech_toast),
    "subtitles-srt": Recipe(subtitles_srt),
    "shorts-script": Recipe(shorts_script),
    "ivr-prompt": Recipe(ivr_prompt),
    "explainer-storyboard": Recipe(explainer_storyboard),
    "image-prompt-writer": Recipe(image_prompt_writer),
    "social-image": Recipe(social_image),
    "ad-banner-set": Recipe(ad_banner_set),
    "product-photo-scene": Recipe(product_photo_scene),
    "youtube-thumbnail": Recipe(youtube_thumbnail),
    "blog-hero-image": Recipe(blog_hero_image),
    "icon-set": Recipe(icon_set),
    "diagram-image": Recipe(diagram_image),
    "shorten": Recipe(shorten),
    "summarise": Recipe(summarise),
}
