"""Train a line through the origin: a program with an argument parser that prints its loss."""

import argparse
import pathlib

parser = argparse.ArgumentParser()
parser.add_argument("data", type=pathlib.Path, help="one number per line")
parser.add_argument("--learning-rate", type=float, required=True)
parser.add_argument("--momentum", type=float, default=0.0)
parser.add_argument("--optimizer", choices=["sgd", "plain gradient"], default="sgd")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--nesterov", action="store_true")
parser.add_argument("--bias", action=argparse.BooleanOptionalAction, default=True)
args = parser.parse_args()

with args.data.open() as stream:
    target = sum(map(float, stream))
weight = speed = 0.0
for epoch in range(args.epochs):
    speed = args.momentum * speed - args.learning_rate * (weight - target)
    weight += speed
    print(f"epoch {epoch} loss {(weight - target) ** 2:.6f}", flush=True)
print({name: value for name, value in vars(args).items() if name != "data"})
