"""PhoneSim: a small phone of web apps, rendered by a real Chromium."""
