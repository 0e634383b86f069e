"""A Hydra application that logs its result."""

import logging

import hydra
from omegaconf import DictConfig

log = logging.getLogger(__name__)


@hydra.main(version_base=None, config_path="conf", config_name="train")
def main(cfg: DictConfig) -> None:
    loss = abs(cfg.optimizer.lr - 0.003) + cfg.model.dropout / cfg.trainer.max_epochs
    log.info("val/loss: %.5f", loss)


if __name__ == "__main__":
    main()
