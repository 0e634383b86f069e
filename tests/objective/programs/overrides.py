"""A Hydra application with nested settings that prints its loss."""

import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

DEFAULTS = {
    "model": {"width": 1, "bias": True},
    "optimizer": {"name": "sgd", "lr": 0.1},
    "note": "",
}
ConfigStore.instance().store(name="defaults", node=DEFAULTS)


@hydra.main(version_base=None, config_path=None, config_name="defaults")
def main(config: DictConfig) -> None:
    loss = config.optimizer.lr * config.model.width + (0.5 if config.model.bias else 0.0)
    print(OmegaConf.to_container(config, resolve=True))
    print(f"final loss: {loss}")


if __name__ == "__main__":
    main()
