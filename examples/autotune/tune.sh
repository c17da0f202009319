#!/bin/sh
# Finds the parameters of matmul.c that are fastest on the machine where the probes run, and writes them to the file $1.
# Coordinate search: one parameter at a time, each time keeping the best. Compiler and flags come from the environment.
set -eu

output=$1
: "${CC:=cc}" "${CFLAGS:=-O3}"
UM=1 UN=1 MB=32 NB=32 KB=32
best=0
runs=0
tried=" "

measure() { # compiles and runs a probe with the present parameters; sets rate
  parameters="UM=$UM UN=$UN MB=$MB NB=$NB KB=$KB"
  $CC $CFLAGS -DUM=$UM -DUN=$UN -DMB=$MB -DNB=$NB -DKB=$KB -o probe probe.c matmul.c
  rate=$(./probe) || { echo "tune.sh: ./probe failed ($parameters)" >&2; exit 1; }
  runs=$((runs + 1))
  tried="$tried$UM/$UN/$MB/$NB/$KB "
}

better() { # sh has no fractions
  awk -v new="$rate" -v old="$best" 'BEGIN { exit !(new > old) }'
}

search() { # PARAMETER VALUE...: sets the parameter to the fastest of the values
  name=$1
  shift
  eval "winner=\$$name"
  for value in "$@"; do
    eval "$name=$value"
    case $tried in *" $UM/$UN/$MB/$NB/$KB "*) continue ;; esac
    measure
    note=
    if better; then best=$rate winner=$value note="  best so far"; fi
    printf '%3d  UM=%-2d UN=%-2d MB=%-3d NB=%-3d KB=%-3d %9.1f MFLOP/s%s\n' \
      "$runs" "$UM" "$UN" "$MB" "$NB" "$KB" "$rate" "$note"
  done
  eval "$name=$winner"
}

echo "tuning: each line is a program compiled, run and timed"
search UM 1 2 4 8
search UN 2 4 8
search MB 16 64 96
search NB 16 64 96
search KB 16 64 96
# The blocks have changed, so the tile is looked at once more.
search UM 1 2 4 8
search UN 1 2 4 8
rm -f probe

chosen="UM=$UM UN=$UN MB=$MB NB=$NB KB=$KB"
{
  echo "/* Written by tune.sh: the best of $runs candidates, $best MFLOP/s. */"
  for parameter in $chosen; do echo "#define ${parameter%=*} ${parameter#*=}"; done
} > "$output.new"
mv "$output.new" "$output"
echo "chosen: $chosen, $best MFLOP/s, after $runs runs"
