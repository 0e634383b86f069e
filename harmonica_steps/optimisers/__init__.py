"""The optimisers of the final search: one file each, named in `config.optimisers.OPTIMISERS`.

An optimiser says which rounds of trainings it has (`Final.schedule`), and where the configurations
of each come from. `Optimiser` is the base of those that choose configurations themselves, and
`InRounds` of those that do so in equal rounds.
"""

from harmonica_steps.config.rounds import Final, Round
from harmonica_steps.optimisers.in_rounds import InRounds
from harmonica_steps.optimisers.optimiser import Chosen, Earlier, Optimiser, Request

__all__ = ["Chosen", "Earlier", "Final", "InRounds", "Optimiser", "Request", "Round"]
