"""What instances are made of."""

ITEMS = (
    "apples",
    "beans",
    "candles",
    "drills",
    "envelopes",
    "files",
    "gloves",
    "hammers",
    "inks",
    "jars",
    "kettles",
    "lamps",
    "mugs",
    "nails",
)
NAMES = ("Amara", "Bela", "Chen", "Dilan", "Esra", "Farid", "Greta", "Hana", "Ivo", "Jonas", "Kofi", "Lena", "Mira", "Noor")
CITIES = ("Accra", "Bergen", "Cusco", "Dakar", "Essen", "Fez", "Graz", "Hanoi", "Izmir", "Jaipur", "Kyoto", "Lyon", "Malmo", "Nantes")
TOPICS = ("budget", "garden", "harvest", "journey", "kitchen", "library", "market", "museum", "orchard", "railway", "theatre", "workshop")
SENTENCES = (
    "The meeting was moved to the large room.",
    "Nobody had seen the key since Tuesday.",
    "Two boats were waiting at the pier.",
    "The new lamp is too bright for reading.",
    "All parcels arrive before noon.",
    "The bridge will be closed in March.",
    "Tea is served in the garden.",
    "Every visitor gets a map at the door.",
)
