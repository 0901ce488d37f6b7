"""Writes the columns of the data set physical's customers.csv with Faker: the peer of bench/generate.

Usage: faker_customers.py ROWS FILE
"""

import csv
import random
import sys

from faker import Faker

LOCALES = {"BR": "pt_BR", "US": "en_US", "DE": "de_DE"}
COLUMNS = (
    "customer_id", "first_name", "last_name", "email", "phone", "street", "postal_code", "city", "state", "country",
    "segment", "registered_on", "marketing_consent", "updated_at",
)  # fmt: skip


def main():
    count, path = int(sys.argv[1]), sys.argv[2]
    Faker.seed(7)
    chance = random.Random(7)
    fakers = {country: Faker(locale) for country, locale in LOCALES.items()}
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number in range(1, count + 1):
            country = chance.choices(("BR", "US", "DE"), (34, 30, 36))[0]
            fake = fakers[country]
            writer.writerow((
                f"C{number:07}", fake.first_name(), fake.last_name(), fake.email(), fake.phone_number(), fake.street_address(),
                fake.postcode(), fake.city(), fake.state(), country,
                chance.choices(("consumer", "business", "wholesale"), (78, 16, 6))[0],
                fake.date_between("-3y", "today"), chance.choice(("true", "false")), fake.date_time_between("-3y", "now"),
            ))  # fmt: skip


if __name__ == "__main__":
    main()
