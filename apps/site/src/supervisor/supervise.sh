#!/bin/sh
# Runs one executor and writes its exit code to disk. It outlives the site that started it.
#
#   supervise.sh FOLDER STDIN STDOUT STDERR PROGRAM NAME COMMAND [ARGUMENT...]
#
# PROGRAM            what must be there for the command to run; NAME is what the task calls it
# FOLDER/supervisor  "PID START", made exclusively: of two supervisors for one folder the second ends at once
# FOLDER/child       the process id of the command
# FOLDER/exit        the exit code and a line break; 128 + N after signal N; its time is the end of the executor
#
# A shell and not node: it costs a megabyte and a millisecond for each executor. It calls no other program, because the environment,
# with its PATH, is the executor's. So nothing can rename a file: who reads counts a line only with its line break.

folder=$1 in=$2 out=$3 err=$4 program=$5 name=$6
shift 6

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

# 0: it can be run, 126: it cannot, 127: there is none. The messages of shells for it differ, and none says what to do.
find_program() (
  found=127
  case $1 in
    */*)
      [ ! -e "$1" ] || found=126
      [ -d "$1" ] || [ ! -x "$1" ] || found=0
      ;;
    *)
      set -f
      IFS=:
      for directory in $PATH; do
        [ -f "${directory:-.}/$1" ] || continue
        found=126
        [ ! -x "${directory:-.}/$1" ] || exit 0
      done
      ;;
  esac
  exit "$found"
)

refuse() {
  : >"$out"
  printf '%s\n' "$2" >"$err"
  finish "$1"
}

find_program "$program"
case $? in
  126) refuse 126 "$name: this file cannot be run: it is a directory, or lacks the permission to be executed" ;;
  127) refuse 127 "$name: there is no such program: name one that is on PATH, or its absolute path" ;;
esac

# By exec only a program can be meant: no builtin and no function of this shell.
exec "$@" <"$in" >"$out" 2>"$err" &
child=$!
printf '%s\n' "$child" >"$folder/child"

# A caught signal ends `wait` early; while the command is there, wait again.
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" 2>/dev/null || finish "$code"
done
