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
# Its own variables begin with `_`: an executor's environment holds any other, and what a shell assigns is passed on.
#
# A shell and not node: it costs a megabyte and a millisecond for each executor. It calls no other program, because the environment,
# with its PATH, is the executor's. So nothing can rename a file: who reads counts a line only with its line break.

_folder=$1 _in=$2 _out=$3 _err=$4 _program=$5 _name=$6
shift 6

# Field 22 of stat, counted behind the name of the program.
start_time() {
  IFS= read -r _stat <"/proc/$1/stat"
  IFS=' '
  set -- ${_stat##*) }
  shift 19
  printf '%s' "$1"
}

_own=$(start_time $$)
(set -C && printf '%s %s\n' "$$" "$_own" >"$_folder/supervisor") 2>/dev/null || exit 0

# Caught, not ignored: an ignored signal would stay ignored in the command.
trap : HUP INT TERM

finish() {
  printf '%s\n' "$1" >"$_folder/exit"
  exit 0
}

# 0: it can be run, 126: it cannot, 127: there is none. The messages of shells for it differ, and none says what to do.
find_program() (
  _found=127
  case $1 in
    */*)
      [ ! -e "$1" ] || _found=126
      [ -d "$1" ] || [ ! -x "$1" ] || _found=0
      ;;
    *)
      set -f
      IFS=:
      for _directory in $PATH; do
        [ -f "${_directory:-.}/$1" ] || continue
        _found=126
        [ ! -x "${_directory:-.}/$1" ] || exit 0
      done
      ;;
  esac
  exit "$_found"
)

refuse() {
  : >"$_out"
  printf '%s\n' "$2" >"$_err"
  finish "$1"
}

find_program "$_program"
case $? in
  126) refuse 126 "$_name: this file cannot be run: it is a directory, or lacks the permission to be executed" ;;
  127) refuse 127 "$_name: there is no such program: name one that is on PATH, or its absolute path" ;;
esac

# By exec only a program can be meant: no builtin and no function of this shell.
exec "$@" <"$_in" >"$_out" 2>"$_err" &
_child=$!
printf '%s\n' "$_child" >"$_folder/child"

# A caught signal ends `wait` early; while the command is there, wait again.
while :; do
  wait "$_child"
  _code=$?
  kill -0 "$_child" 2>/dev/null || finish "$_code"
done
