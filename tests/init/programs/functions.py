"""A module with a function to call."""


def objective(configuration, *, seed, budget):
    rate = configuration.get("learning_rate", 0.05)
    depth = configuration.get("depth", 4)
    shuffle = configuration.get("shuffle", True)
    error = abs(rate - 0.02) + abs(depth - 3) / budget + shuffle * 0.01
    return {"error": error, "depth": depth}
