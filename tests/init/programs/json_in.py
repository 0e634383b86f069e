# ruff: noqa: PTH123 (as people write it)
"""Settings from a JSON file, the result in another one."""

import argparse
import json


def load(path):
    with open(path) as stream:
        return json.load(stream)


def train(settings, epochs):
    loss = abs(settings["learning_rate"] - 0.03) + settings.get("dropout", 0.1) / epochs
    if settings["optimizer"] == "sgd":
        loss += 1 - settings.get("momentum", 0.9)
    return loss


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="default.json")
    parser.add_argument("--out", default="metrics.json")
    args = parser.parse_args()
    config = load(args.config)
    metrics = {"val_loss": train(config, config["epochs"]), "data": config["data"]}
    with open(args.out, "w") as stream:
        json.dump(metrics, stream)


if __name__ == "__main__":
    main()
