"""Words that the phones' contents are made of; whatever is drawn comes from a generator that the caller seeds."""

from __future__ import annotations

import random

FIRST_NAMES = (
    *(
        "Ada",
        "Amir",
        "Anika",
        "Bela",
        "Bruno",
        "Carla",
        "Cem",
        "Dalia",
        "Dario",
        "Edith",
        "Emre",
        "Fatou",
        "Felix",
        "Greta",
        "Hana",
        "Hugo",
    ),
    *("Ines", "Ivo", "Jana", "Jonas", "Kofi", "Lena", "Luca", "Maja", "Milan", "Nadia", "Nils", "Olga", "Omar", "Paula", "Pavel", "Quinn"),
    *("Rosa", "Ravi", "Selma", "Stefan", "Tara", "Tomas", "Uma", "Viktor", "Wanda", "Xenia", "Yara", "Yusuf", "Zeno", "Zoe"),
)
LAST_NAMES = (
    *("Abbott", "Adler", "Bakker", "Bauer", "Castro", "Chen", "Dumas", "Eriksen", "Farah", "Ferrari", "Garcia", "Haas", "Ibrahim", "Ito"),
    *(
        "Jansen",
        "Kaya",
        "Keller",
        "Kim",
        "Larsen",
        "Lopez",
        "Mbeki",
        "Moreau",
        "Nagy",
        "Novak",
        "Okafor",
        "Olsen",
        "Park",
        "Patel",
        "Quist",
    ),
    *("Rossi", "Sato", "Schmidt", "Silva", "Tanaka", "Tran", "Ueda", "Varga", "Vogel", "Weber", "Wong", "Xu", "Yilmaz", "Zeman", "Zhang"),
)
COMPANIES = ("Northgate", "Bluefin", "Oakline", "Sunmill", "Redstone", "Harbour & Co", "Papertrail", "Lumen Works", "Fairfield", "Quartz")
STREETS = (
    "Mill Lane",
    "High Street",
    "Station Road",
    "Park Avenue",
    "Church Road",
    "River Walk",
    "Castle Hill",
    "Garden Close",
    "Elm Grove",
)
TOWNS = ("Ashford", "Brightwell", "Carlton", "Dunmore", "Eastbrook", "Fernhill", "Glenwood", "Hartley", "Kingsmere", "Lynford", "Milton")
SMALL_TALK = (
    *("See you soon!", "Thanks a lot", "On my way", "Did you get home safely?", "That was fun yesterday", "Let me think about it"),
    *("Call me when you can", "Happy to help", "No worries", "The train is late again", "Great news!", "I will bring the cake"),
    *("Can we talk tomorrow?", "Good luck today", "Just saw your photo", "Sounds good to me", "Have a nice weekend", "Nothing new here"),
)
ERRANDS = (
    *("pick up the parcel", "water the plants", "return the library books", "book the dentist", "renew the passport", "fix the bike"),
    *("order new filters", "pay the electricity bill", "feed the cat", "print the tickets", "call the plumber", "wash the car"),
)
TOPICS = (
    *("Garden", "Kitchen", "Holiday", "Budget", "Recipes", "Books", "Films", "Meeting", "Gifts", "Workshop", "Fitness", "Languages"),
    *("Projects", "Music", "House", "Car", "School", "Camping", "Garage", "Party", "Dreams", "Quotes", "Packing", "Repairs"),
)
GOODS = (
    *("apples", "bread", "butter", "carrots", "cheese", "coffee", "eggs", "flour", "honey", "lemons", "milk", "noodles", "oats", "olives"),
    *("onions", "pears", "pepper", "rice", "salt", "soap", "spinach", "sugar", "tea", "tomatoes", "vinegar", "walnuts", "yeast", "yoghurt"),
)
OCCASIONS = (
    *("Team lunch", "Dentist", "Yoga class", "Piano lesson", "Budget review", "Book club", "Car service", "Parents' evening", "Haircut"),
    *(
        "Swimming",
        "Project call",
        "Choir practice",
        "Board games",
        "Eye test",
        "Flat viewing",
        "Job interview",
        "Chess club",
        "First aid course",
    ),
    *("Photo walk", "Spanish class", "Neighbours' meeting", "Running group", "Physiotherapy", "Theatre", "Quiz night", "Vaccination"),
)
PLACES = (
    "Room 4",
    "Town hall",
    "Cafe Verde",
    "Main office",
    "Sports centre",
    "Library",
    "Station",
    "Studio 2",
    "Clinic",
    "Old mill",
    "Online",
)
FILE_STEMS = (
    *("invoice", "report", "contract", "budget", "minutes", "slides", "letter", "manual", "ticket", "receipt", "plan", "survey", "thesis"),
    *("holiday", "portrait", "sunset", "garden", "concert", "interview", "lecture", "poster", "map", "menu", "recipe", "backup", "logo"),
)
SITE_NAMES = ("Birdwatch", "Trailhead", "Old Maps", "Tin Kitchen", "Harbour News", "Clockmakers", "Moss & Fern", "Night Sky", "Bread Lab")


def people(rng: random.Random, count: int) -> list[str]:
    """Return `count` full names; no first name and no last name comes twice."""
    return [" ".join(parts) for parts in zip(rng.sample(FIRST_NAMES, count), rng.sample(LAST_NAMES, count), strict=True)]


def phone_number(rng: random.Random) -> str:
    """Return a number like `+44 555 203 9146`; the middle keeps it from being anybody's."""
    return f"+{rng.choice((31, 34, 44, 45, 49))} 555 {rng.randrange(100, 1000)} {rng.randrange(1000, 10000)}"


def address(rng: random.Random) -> str:
    """Return a street, a number and a town."""
    return f"{rng.randrange(1, 99)} {rng.choice(STREETS)}, {rng.choice(TOWNS)}"


def clock(rng: random.Random, first: int = 8, last: int = 19) -> str:
    """Return a time of day on the quarter, between the hours."""
    return f"{rng.randrange(first, last):02d}:{rng.choice(('00', '15', '30', '45'))}"
