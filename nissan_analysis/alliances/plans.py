"""Nissan's partners and the moves made with them: names, words, and which events belong to which.

Words only: what happened, when, and who says so is in `data/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: The parameter's names of partners, and how events and pages call them.
PARTNERS = {
    "honda": "Honda",
    "renault": "Renault",
    "mitsubishi": "Mitsubishi Motors",
    "foxconn": "Foxconn",
    "dongfeng": "Dongfeng",
    "tsinghua": "Tsinghua University",
    "iat": "IAT Automobile Technology",
    "geely": "Geely",
    "huawei": "Huawei",
    "wayve": "Wayve",
    "chery": "Chery",
    "mercedes": "Mercedes-Benz",
}


@dataclass(frozen=True)
class Plan:
    """What a move is called, with whom it is, and which entities of `events.csv` belong to it."""

    partner: str
    short: str  #: beside a mark of a chart
    what: str  #: in a sentence
    entities: tuple[str, ...]
    question: str = ""  #: what nobody has answered while the move is open
    #: "work" done together; a "sale": shares or plants sold, ties loosened; or a "partner": a partner's
    #: own move, to which Nissan is no party
    kind: str = "work"
    categories: tuple[str, ...] = ()  #: of events; all when empty

    def holds(self, event: Any) -> bool:
        """Whether an event belongs to this move."""
        return event.entity in self.entities and event.category in (
            self.categories or (event.category,)
        )


#: Every move with a partner. A test asks that no event of the category alliance is left out.
PLANS = (
    Plan(
        "honda",
        "Honda: electric cars, projects",
        "electric cars and joint projects with Honda",
        ("honda_nissan", "honda_nissan_mitsubishi"),
        "What will the two do together, and when?",
    ),
    Plan(
        "honda",
        "Honda: merger",
        "the merger talks with Honda",
        ("honda_nissan_merger",),
        "Will the two come under one holding company?",
    ),
    Plan(
        "honda",
        "Honda: pick-ups at Canton",
        "pick-ups for Honda from Canton",
        ("honda_canton",),
        "Will Canton build pick-ups for Honda?",
    ),
    Plan(
        "renault",
        "Renault: shareholdings",
        "the new shareholdings with Renault",
        ("renault_in_nissan", "renault_nissan_cross"),
        "How far and how fast will each side sell its shares in the other?",
        "sale",
    ),
    Plan(
        "renault",
        "Renault: money for Ampere",
        "the investment in Renault's Ampere",
        ("ampere",),
        "How much will Nissan put in?",
    ),
    Plan(
        "renault",
        "Renault: Chennai plant",
        "the sale of the Chennai plant",
        ("chennai",),
        "When does the plant pass to Renault?",
        "sale",
    ),
    Plan(
        "mitsubishi",
        "Mitsubishi: kei cars, NMKV",
        "NMKV, the kei car venture",
        ("nmkv",),
        "Does NMKV keep the next electric kei car?",
    ),
    Plan(
        "mitsubishi",
        "Mitsubishi: kei EV in house",
        "taking the electric kei car in house",
        ("kei_ev_inhouse",),
        "Who will build the next electric kei car, and where?",
    ),
    Plan(
        "mitsubishi",
        "Mitsubishi: sale of shares",
        "the sale of Mitsubishi Motors shares",
        ("nissan_in_mitsubishi",),
        "How many of its Mitsubishi Motors shares did Nissan sell?",
        "sale",
    ),
    Plan(
        "mitsubishi",
        "Mitsubishi: Foxtron car",
        "the electric car that Foxtron is to supply",
        ("mitsubishi_foxtron",),
        "Has the memorandum led to a contract?",
        "partner",
    ),
    Plan(
        "foxconn",
        "Foxconn: cars at Oppama",
        "Foxconn's cars at Oppama",
        ("foxconn_oppama",),
        "Will Foxconn build cars at Oppama?",
    ),
    Plan(
        "dongfeng",
        "Dongfeng: electric platform",
        "a platform from Dongfeng",
        ("dongfeng_nissan",),
        "Did a Nissan ever use the platform?",
        categories=("alliance",),
    ),
    Plan(
        "dongfeng",
        "Dongfeng: exports from China",
        "exports from China with Dongfeng",
        ("nissan_china", "nissan_dongfeng_export_jv", "dongfeng_nissan"),
        "How many Nissan cars leave China, and for where?",
        categories=("export",),
    ),
    Plan(
        "dongfeng",
        "Dongfeng: cars at Sunderland",
        "Dongfeng's cars at Sunderland",
        ("dongfeng_sunderland",),
        "Will Dongfeng build cars at Sunderland?",
    ),
    Plan(
        "tsinghua",
        "Tsinghua: research centre",
        "the research centre with Tsinghua University",
        ("nissan_tsinghua",),
        "What has the research centre produced?",
    ),
    Plan(
        "iat",
        "IAT: software for export",
        "the software work with IAT",
        ("nissan_iat",),
        "Is the car's software cleared for markets abroad?",
    ),
    Plan(
        "geely",
        "Geely: engines, with Renault",
        "the engine company of Renault and Geely",
        ("renault_geely",),
        "When does the engine company start?",
        "partner",
    ),
    Plan(
        "geely",
        "Geely: bid for COMPAS",
        "the bids for the COMPAS plant",
        ("compas_sale",),
        "Who takes over COMPAS, if anyone?",
        "sale",
    ),
    Plan(
        "huawei",
        "Huawei: cockpit",
        "the cockpit from Huawei",
        ("nissan_huawei", "teana"),
        "Which cars get the cockpit?",
    ),
    Plan(
        "wayve",
        "Wayve: driver assistance",
        "driver assistance from Wayve",
        ("nissan_wayve",),
        "Does the first model come when it was announced?",
    ),
    Plan(
        "chery",
        "Chery: Rosslyn plant",
        "the sale of Rosslyn to Chery",
        ("chery_rosslyn",),
        "Has Chery taken over Rosslyn?",
        "sale",
    ),
    Plan(
        "chery",
        "Chery: cars at Sunderland",
        "Chery's cars at Sunderland",
        ("chery_sunderland",),
        "Will Chery build cars at Sunderland?",
    ),
    Plan(
        "mercedes",
        "Mercedes: end of COMPAS",
        "the end of COMPAS, shared with Mercedes-Benz",
        ("compas",),
        "Has COMPAS built its last car?",
        "sale",
    ),
    Plan(
        "mercedes",
        "Mercedes: sale of shares",
        "the sale of Mercedes-Benz's Nissan shares",
        ("mercedes_in_nissan",),
        "",
        "partner",
    ),
)

#: Events whose outcome rests on a press report that nobody confirmed.
UNCONFIRMED = ("foxconn-oppama-reported", "foxconn-oppama-answer")

#: Reports that tell no plan, with what they tell: an end, something done, another company.
NO_PLANS = {
    "honda-merger-doubt": "the end of talks",
    "foxconn-left": "the end of talks",
    "dfn-export-division": "a division already set up",
    "mercedes-trust-sale": "a sale already made",
    "civac-output-stopped": "the last working days of a plant",
    "tochigi-use": "the use of a plant",
    "kia-yancheng-exports": "another company",
    "dpca-export-base": "another company",
}
