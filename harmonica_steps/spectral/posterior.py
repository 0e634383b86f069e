"""Bayesian linear regression: what is known of many small effects, without a test of any."""

import numpy as np

WIDTHS = (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)
"""Variances of the prior that are compared, in units of the noise's."""


class Posterior:
    """The Gaussian posterior of the coefficients of some columns.

    All coefficients have the same Gaussian prior. Its width is the one of `WIDTHS` under which the
    target is most likely (type II maximum likelihood), and so is the variance of the noise.

    Parameters
    ----------
    columns : ndarray of shape (samples, columns)
        About orthonormal; more columns than samples are fine.
    target : ndarray of shape (samples,)
        What they are to explain, of about mean 0.
    weights : ndarray of shape (samples,)
        Of the samples, of mean 1.

    Attributes
    ----------
    mean : ndarray of shape (columns,)
        The expected coefficients.
    noise : float
        Variance of the target that the columns leave.
    """

    def __init__(self, columns: np.ndarray, target: np.ndarray, weights: np.ndarray) -> None:
        root = np.sqrt(weights)
        u, sizes, self._axes = np.linalg.svd(columns * root[:, None], full_matrices=False)
        y = target * root
        along = u.T @ y
        beyond = max(float(y @ y - along @ along), 1e-9)
        count = float(weights.sum())

        def fit(width: float) -> tuple[float, float, float]:
            spread = 1.0 + width * sizes**2
            noise = (float((along**2 / spread).sum()) + beyond) / count
            return -0.5 * (count * np.log(noise) + float(np.log(spread).sum())), width, noise

        _, width, self.noise = max(map(fit, WIDTHS))
        spread = 1.0 + width * sizes**2
        self.mean = self._axes.T @ (width * sizes / spread * along)
        self._prior = float(np.sqrt(self.noise * width))
        self._known = 1.0 - 1.0 / np.sqrt(spread)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Coefficients drawn from the posterior."""
        z = rng.standard_normal(len(self.mean))
        drawn: np.ndarray = z - self._axes.T @ (self._known * (self._axes @ z))
        return np.asarray(self.mean + self._prior * drawn)
