"""A sampler of Optuna's as its users run it: one study, one trial at a time.

The rounds of the workflow build the study anew each time, which makes hundreds of them slow.
"""

import numpy as np
import optuna
from inprocess import Done, History, Train, retrained, trained

from harmonica_steps.config import Search
from harmonica_steps.optimisers.optuna_rounds import OptunaRounds
from harmonica_steps.search.draw import ASKED, Sample, draw, seed_of_round
from harmonica_steps.search.plan import parts
from harmonica_steps.study.ask import SamplerSpace
from harmonica_steps.study.sampler import make_sampler

FAIL = optuna.trial.TrialState.FAIL


def run_sequentially(config: Search, final: OptunaRounds, train: Train) -> History:
    """Ask, train and tell, as often as the search has rounds."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    history = History(config, config.build_space())
    choices = SamplerSpace(history.space, history.restriction)
    sampler = make_sampler(final.sampler, final.settings, seed_of_round(config.seed, 1))
    study = optuna.create_study(sampler=sampler)
    for number, part in enumerate(parts(config), start=1):
        drawn = list(draw(history.space, history.restriction, config.seed, number, part.trials))
        if part.origin == "retrain":
            history.done[part.name] = retrained(history, part, drawn, train)
            continue
        trial = study.ask(choices.distributions)
        configuration = choices.configuration(trial.params)
        point = tuple(history.space.point(configuration).tolist())
        sample = Sample(0, drawn[0].seed, 0, point, configuration, ASKED)
        values = trained(history, part, [sample], train)
        failed = np.isnan(values[0])
        study.tell(trial, None if failed else values[0], FAIL if failed else None)
        history.done[part.name] = Done(part, [sample], values, [])
    return history
