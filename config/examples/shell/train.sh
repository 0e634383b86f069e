#!/bin/sh
# Train a small network on the iris data: an objective that needs no Python.
#
#     HARMONICA_SEED=1 HARMONICA_BUDGET=9 sh config/examples/shell/train.sh CONFIG.json RESULT.json
#
# This file is the part to copy: it turns a configuration into lines of "name=value" and hands the
# result over in one piece. The training itself is train.awk; it could be any program.
set -eu
export LC_ALL=C  # a decimal point is a point

if [ $# -ne 2 ]; then
    echo "usage: HARMONICA_SEED=N HARMONICA_BUDGET=EPOCHS sh $0 CONFIG.json RESULT.json" >&2
    exit 2
fi
config=$1
result=$2
here=$(dirname "$0")
seed=${HARMONICA_SEED:?a whole number must be given in the environment}
epochs=${HARMONICA_BUDGET:?the number of epochs must be given in the environment}

# A flat JSON object has one "name": value between two separators, as long as no string contains
# one. What is not of that form stays as it is, and the training refuses it.
options() {
    tr '{},' '\n\n\n' <"$config" | sed \
        -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d' \
        -e 's/^"\([^"]*\)"[[:space:]]*:[[:space:]]*/\1=/' \
        -e 's/="\([^"]*\)"$/=\1/'
}

if [ ! -r "$config" ]; then
    echo "$0: cannot read the configuration $config" >&2
    exit 2
fi

# Written beside and renamed: nobody ever reads half a result.
beside=$result.$$
trap 'rm -f "$beside"' EXIT
options | awk -f "$here/train.awk" seed="$seed" epochs="$epochs" result="$beside" \
    part=options - part=data "$here/iris.csv"
mv "$beside" "$result"
