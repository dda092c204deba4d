"""`manufold serve` that takes a claimed key for abandoned after seconds, not after two minutes."""

import sys

import manufold.store.desk
from manufold.cli import main

if __name__ == "__main__":
    manufold.store.desk.CLAIM_S = 4
    sys.exit(main(["serve", *sys.argv[1:]]))
