# ruff: noqa: UP031 (as people write it)
"""The options of a program that pretrains on images, many of them of no interest to a search."""

import argparse

MODELS = {"cnn": 1, "mlp": 2}
OPTIONS = ("alpha", "omega")


def str2bool(text):
    return text.lower() == "true"


def get_parser():
    parser = argparse.ArgumentParser("pretraining", add_help=False)
    parser.add_argument("--batch_size", default=2**6, type=int)
    parser.add_argument("--model", default="cnn", choices=MODELS.keys())
    parser.add_argument("--mask_ratio", default=0.75, type=float)
    parser.add_argument("--norm_pix_loss", action="store_true")
    parser.set_defaults(norm_pix_loss=False)
    parser.add_argument("--weight_decay", type=float, default=0.05)
    parser.add_argument("--betas", type=float, nargs=2, default=[0.9, 0.999])
    parser.add_argument("--use_bn", type=str2bool, default=True)
    parser.add_argument("--ema", type=bool, default=False)
    parser.add_argument("--untyped", default=3)
    parser.add_argument("--status", type=float, default=0.5)
    parser.add_argument("--a b", type=float, default=0.5)
    parser.add_argument("--data_path", default="/datasets01/", type=str)
    parser.add_argument("--output_dir", default="./output_dir")
    parser.add_argument("--save", default="model.pt")
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--seed", default=0, type=int)
    parser.add_argument("--epochs", default=400, type=int)
    parser.add_argument("--max_steps", default=1000, type=int)
    parser.add_argument("--num_workers", default=10, type=int)
    for name in OPTIONS:
        parser.add_argument("--" + name, type=float)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--adam", action="store_true")
    group.add_argument("--sgd", action="store_true")
    return parser


if __name__ == "__main__":
    get_parser().parse_args()
    accuracy = 0.5
    print("Accuracy of the network on the %d test images: %.1f%%" % (10, accuracy))
    print(f"Max accuracy: {accuracy:.2f}%")
