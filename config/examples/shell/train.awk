# A network with one hidden layer on the iris data, in POSIX awk; train.sh starts it.
#
# Variables: seed, epochs, result (the JSON file to write). Input: the options as lines of
# "name=value" while part is "options", then the data while part is "data".

BEGIN {
    FS = ","
    # The options with their defaults. One whose condition does not hold is never looked at.
    option["standardise"] = "true"
    option["activation"] = "tanh"
    option["hidden"] = 8
    option["batch"] = 1
    option["input_noise"] = 0
    option["learning_rate"] = 0.1
    option["weight_decay"] = 0.0001
    option["optimiser"] = "sgd"
    option["momentum"] = 0
    option["memory"] = 0.9

    words["standardise"] = "true false"
    words["activation"] = "tanh relu sigmoid"
    words["optimiser"] = "sgd rmsprop"

    features = 4
    classes = 3
}

function fail(message) {
    print "train.awk: " message > "/dev/stderr"
    failed = 2
    exit failed
}

# --- Input ---------------------------------------------------------------------------------------

part == "options" {
    cut = index($0, "=")
    name = substr($0, 1, cut - 1)
    value = substr($0, cut + 1)
    if (!(name in option)) fail("not an option: " $0)
    if (name in words) {
        if (index(" " words[name] " ", " " value " ") == 0)
            fail(name " must be one of: " words[name] "; not: " value)
    } else if (value !~ /^-?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?$/)
        fail(name " must be a number, not: " value)
    option[name] = value
    next
}

/^#/ || /^[a-z]/ { next }

{
    # Every third flower is for validation; the species follow each other, so all are there.
    rows++
    if (rows % 3 == 0) held_out[++validation] = rows
    else order[++training] = rows
    for (i = 1; i <= features; i++) x[rows, i] = $i
    label[rows] = $(features + 1) + 1
}

# --- Random numbers ------------------------------------------------------------------------------

# Park and Miller's generator rather than rand(), which every awk has its own of.
function uniform() {
    state = (state * 16807) % 2147483647
    return state / 2147483647
}

function normal() {
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform())
}

# --- Network -------------------------------------------------------------------------------------

# Keeps exp() in range, where the awks differ.
function clip(z) {
    return z > 30 ? 30 : z < -30 ? -30 : z
}

function activate(z,    e) {
    if (activation == "relu") return z > 0 ? z : 0
    e = exp(clip(activation == "tanh" ? 2 * z : z))
    return activation == "tanh" ? (e - 1) / (e + 1) : e / (e + 1)
}

# The derivative as a function of the activation's own value.
function slope(h) {
    if (activation == "relu") return h > 0
    return activation == "tanh" ? 1 - h * h : h * (1 - h)
}

# Weights lie in one array: a row a hidden unit, then a row a class, each with its bias first.
# Fills `probability` for one flower and returns the loss.
function forward(row, noise,    i, j, k, p, z, highest, total) {
    for (i = 1; i <= features; i++) input[i] = x[row, i] + (noise > 0 ? noise * normal() : 0)
    p = 0
    for (j = 1; j <= hidden; j++) {
        z = w[++p]
        for (i = 1; i <= features; i++) z += w[++p] * input[i]
        h[j] = activate(z)
    }
    for (k = 1; k <= classes; k++) {
        z = w[++p]
        for (j = 1; j <= hidden; j++) z += w[++p] * h[j]
        probability[k] = z
        if (k == 1 || z > highest) { highest = z; guess = k }
    }
    total = 0
    for (k = 1; k <= classes; k++) total += probability[k] = exp(clip(probability[k] - highest))
    for (k = 1; k <= classes; k++) probability[k] /= total
    return -log(probability[label[row]])
}

# Adds the gradient for the flower of the last `forward`.
function backward(row,    i, j, k, p, delta) {
    for (j = 1; j <= hidden; j++) back[j] = 0
    p = hidden * (features + 1)
    for (k = 1; k <= classes; k++) {
        delta = probability[k] - (k == label[row])
        gradient[++p] += delta
        for (j = 1; j <= hidden; j++) {
            back[j] += delta * w[++p]
            gradient[p] += delta * h[j]
        }
    }
    p = 0
    for (j = 1; j <= hidden; j++) {
        delta = back[j] * slope(h[j])
        gradient[++p] += delta
        for (i = 1; i <= features; i++) gradient[++p] += delta * input[i]
    }
}

# Takes one step of SGD or RMSprop with the mean gradient of `count` flowers.
function update(count,    p, g) {
    for (p = 1; p <= size; p++) {
        g = gradient[p] / count + decay * w[p]
        gradient[p] = 0
        if (optimiser == "sgd") {
            moment[p] = momentum * moment[p] + g
            w[p] -= rate * moment[p]
        } else {
            moment[p] = memory * moment[p] + (1 - memory) * g * g
            w[p] -= rate * g / (sqrt(moment[p]) + 1e-6)
        }
        # Said before a number overflows: awks disagree on how to compare and print a NaN.
        if (w[p] > 1e8 || w[p] < -1e8) diverged = 1
    }
}

# --- Training ------------------------------------------------------------------------------------

function standardise_columns(    i, n, row, sum, squares, mean, deviation) {
    for (i = 1; i <= features; i++) {
        sum = squares = 0
        for (n = 1; n <= training; n++) {
            sum += x[order[n], i]
            squares += x[order[n], i] ^ 2
        }
        mean = sum / training
        deviation = sqrt(squares / training - mean ^ 2)
        for (row = 1; row <= rows; row++) x[row, i] = (x[row, i] - mean) / deviation
    }
}

function draw_weights(    p, inputs) {
    size = hidden * (features + 1) + classes * (hidden + 1)
    for (p = 1; p <= size; p++) {
        inputs = p <= hidden * (features + 1) ? features : hidden
        w[p] = normal() / sqrt(inputs)
    }
}

function shuffle(    n, other, kept) {
    for (n = training; n > 1; n--) {
        other = int(uniform() * n) + 1
        kept = order[n]
        order[n] = order[other]
        order[other] = kept
    }
}

END {
    if (failed) exit failed
    if (seed !~ /^[0-9]+$/ || epochs !~ /^[0-9]+$/)
        fail("seed and budget must be whole numbers, not: " seed ", " epochs)
    activation = option["activation"]
    optimiser = option["optimiser"]
    hidden = option["hidden"] + 0
    batch = option["batch"] + 0
    rate = option["learning_rate"] + 0
    decay = option["weight_decay"] + 0
    momentum = option["momentum"] + 0
    memory = option["memory"] + 0
    if (hidden < 1 || batch < 1) fail("hidden and batch must be 1 or more")

    state = seed % 2147483646 + 1
    for (n = 1; n <= 10; n++) uniform()  # the first numbers of small seeds are small
    if (option["standardise"] == "true") standardise_columns()
    draw_weights()

    for (epoch = 1; epoch <= epochs && !diverged; epoch++) {
        shuffle()
        loss = 0
        for (n = 1; n <= training; n++) {
            loss += forward(order[n], option["input_noise"] + 0)
            backward(order[n])
            if (n % batch == 0 || n == training) update((n - 1) % batch + 1)
        }
        printf "epoch %d/%d: training loss %.4f\n", epoch, epochs, loss / training
    }

    loss = wrong = 0
    for (n = 1; n <= validation && !diverged; n++) {
        loss += forward(held_out[n], 0)
        wrong += guess != label[held_out[n]]
    }
    # NaN is no number of strict JSON, but what Python writes and reads for one.
    format = "{\"validation_loss\": %s, \"validation_error\": %s}\n"
    if (diverged) printf format, "NaN", "NaN" > result
    else printf format, sprintf("%.9g", loss / validation), 100 * wrong / validation > result
}
