#!/bin/sh
# Runs one executor and writes its exit code to disk. It outlives the site that started it.
#
#   supervise.sh FOLDER STDIN STDOUT STDERR COMMAND [ARGUMENT...]
#
# FOLDER/supervisor  "PID START", made exclusively: of two supervisors for one folder the second ends at once
# FOLDER/child       the process id of the command
# FOLDER/exit        the exit code and a line break; 128 + N after signal N; its time is the end of the executor
#
# A shell and not node: it costs a megabyte and a millisecond for each executor. It calls no other program, because the environment,
# with its PATH, is the executor's. So nothing can rename a file: who reads counts a line only with its line break.

folder=$1 in=$2 out=$3 err=$4
shift 4

# Field 22 of stat, counted behind the name of the program.
start_time() {
  IFS= read -r stat <"/proc/$1/stat"
  IFS=' '
  set -- ${stat##*) }
  shift 19
  printf '%s' "$1"
}

own=$(start_time $$)
(set -C && printf '%s %s\n' "$$" "$own" >"$folder/supervisor") 2>/dev/null || exit 0

# Caught, not ignored: an ignored signal would stay ignored in the command.
trap : HUP INT TERM

finish() {
  printf '%s\n' "$1" >"$folder/exit"
  exit 0
}

"$@" <"$in" >"$out" 2>"$err" &
child=$!
printf '%s\n' "$child" >"$folder/child"

# A caught signal ends `wait` early; while the command is there, wait again.
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" 2>/dev/null || finish "$code"
done
