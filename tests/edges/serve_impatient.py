"""`manufold serve` that takes work for abandoned after seconds, not after a minute or two."""

import sys

import manufold.store.desk
from manufold.cli import main

if __name__ == "__main__":
    manufold.store.desk.CLAIM_S = manufold.store.desk.TAKEN_S = 4
    sys.exit(main(["serve", *sys.argv[1:]]))
