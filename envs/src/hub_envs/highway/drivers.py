"""Who drives: the parameters of IDM and MOBIL for each kind of driver.

Values are those of the authors' package (`heterogeneous-highway-env` 0.0.3); those of the normal driver are highway-env's, but for
politeness, which is 0 in highway-env 1.12.
"""

from __future__ import annotations

import numpy as np

PLAYER, NORMAL, AGGRESSIVE, DEFENSIVE = range(4)
"""Kinds of drivers."""

PARAMETERS = 10
(LARGEST, PUSH, BRAKE, GAP, HEADWAY, POLITENESS, GAIN, IMPOSED, PERIOD, ABORT) = range(PARAMETERS)
"""Columns of `DRIVERS`: bound of acceleration either way; IDM's a and b (m/s2); its jam gap d0 between centres (m) and time headway (s);
MOBIL's politeness, gain threshold and bound of braking imposed (m/s2); seconds between two decisions; what the gap is multiplied with
when a change of lane is given up."""

DRIVERS = np.array(
    [
        #  clip   a    b    d0   tau   p    g    B    T    k
        [6.0, 3.0, 5.0, 10.0, 1.5, 0.2, 0.2, 2.0, 1.0, 1.0],  # a player on autopilot drives like a normal driver
        [6.0, 3.0, 5.0, 10.0, 1.5, 0.2, 0.2, 2.0, 1.0, 1.0],
        [9.0, 6.0, 9.0, 5.5, 1.2, 0.0, 0.1, 9.0, 0.5, 0.5],
        [5.0, 2.0, 4.0, 18.0, 1.8, 0.5, 0.3, 2.0, 1.0, 1.0],
    ]
)
"""(kinds, PARAMETERS). d0 holds the car length that the formulas of the aggressive and the defensive driver add: 0.5 + 5 and 8 + 5 + 5."""

EXPONENTS = np.array([[4.0, 4.0], [3.5, 4.5], [4.0, 4.0], [3.0, 4.0]])
"""(kinds, 2): bounds of the uniform draw of IDM's exponent."""
