"""Draw docs/pictures/body-measures.svg: the mean of the statistical body, scanned and measured."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "bodies"))
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from body_measures import as_ply
from generated_scans import Fault, Person, scan, standard_truth

from manufold.design.garment.measure import measured
from manufold.design.garment.measure.picture import picture
from manufold.design.garment.measure.shape import shape


def main() -> None:
    """Write the picture beside this file."""
    rest, joints = shape().at_rest(np.zeros(1))
    mean = Person(rest, joints, standard_truth(rest, joints))
    points, _ = scan(mean, Fault(noise_mm=0.5), 1)
    drawn = picture(measured("mean.ply", as_ply(points)))
    (Path(__file__).parent / "body-measures.svg").write_bytes(drawn)


if __name__ == "__main__":
    main()
