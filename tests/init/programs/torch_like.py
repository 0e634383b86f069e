# ruff: noqa: UP032 (as people write it)
"""The shape of PyTorch's MNIST example: subcommands, unknown arguments, a printed summary."""

import argparse


def common():
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--seed", type=int, default=1, metavar="S")
    shared.add_argument("--no-cuda", action="store_true", default=False)
    return shared


def main():
    shared = common()
    parser = argparse.ArgumentParser()
    parser.add_argument("--log-interval", type=int, default=10)
    commands = parser.add_subparsers(dest="command", required=True)
    evaluate = commands.add_parser("evaluate", parents=[shared])
    evaluate.add_argument("model")
    train = commands.add_parser("train", parents=[shared])
    group = train.add_argument_group("optimiser")
    group.add_argument("--lr", type=float, default=1e-3)
    group.add_argument("--momentum", type=float, default=0.9)
    group.add_argument("--optimizer", default="sgd", choices=("sgd", "adam"))
    train.add_argument("-b", "--batch_size", type=int, default=64)
    train.add_argument("--hidden", type=int, default=128)
    train.add_argument("--dropout", type=float, default=0.25)
    train.add_argument("--amsgrad", action="store_true")
    train.add_argument("--bias", action=argparse.BooleanOptionalAction, default=True)
    train.add_argument("--epochs", type=int, default=14)
    train.add_argument("--output-dir", default="runs")
    args, _ = parser.parse_known_args()

    for epoch in range(1, args.epochs + 1):
        loss = (args.lr * 100 - 1) ** 2 / epoch + args.dropout
        print("Train Epoch: {} [{}/{}]\tLoss: {:.6f}".format(epoch, 0, 10, loss))
        print(
            "\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\n".format(loss, 9, 10, 90)
        )


if __name__ == "__main__":
    main()
