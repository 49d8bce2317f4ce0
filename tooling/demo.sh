#!/bin/sh
# The main job, shown on a copy of this repository's own notes: a line written, a paper added, found again, published.
#   demo.sh CARREL FOLDER
set -eu
carrel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(pwd)
folder=$here/$2

bold='' plain=''
if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi
say() { printf '\n%s$ %s%s\n' "$bold" "$1" "$plain"; }
run() { # what is shown is what is typed: an argument with a blank has its quotes
  shown=carrel
  for word in "$@"; do
    case $word in *[\ \>]*) word="'$word'" ;; esac
    shown="$shown $word"
  done
  say "$shown"
  "$carrel" "$@"
}

rm -rf "$folder"
mkdir -p "$folder"
cp -R notes papers site mkdocs.yml .carrel "$folder"
rm -rf "$folder/site/public" "$folder/.carrel/lock"
cd "$folder"
XDG_CACHE_HOME=$folder/.cache
export XDG_CACHE_HOME

run log "Probes on layer 12 beat the logit lens by 0.06" -t probing
say "carrel paper add -   # a BibTeX entry on standard input"
"$carrel" paper add - <<'BIB'
@article{dijkstra1972humble,
  author  = {Dijkstra, Edsger W.},
  title   = {The Humble Programmer},
  journal = {Communications of the ACM},
  year    = {1972},
  doi     = {10.1145/355604.361591}
}
BIB
run index
run search "research log"
run search "kind:paper rating:>=4" -n 3
run build --audience public
printf '\nThe notes:  %s\nThe index:  %s\nThe site:   file://%s\n' "$folder/notes" "$folder/.cache/carrel" "$folder/site/public/index.html"
printf '\nNow yours:  %s init ~/desk && cd ~/desk && %s log "first entry"\n' "$1" "$1"
