# shellcheck shell=sh
# A file FROM to stdout, behind a line that says its bytes and its sum.
[ -f "$FROM" ] || end 21 "$FROM"
[ -r "$FROM" ] || end 27 "$FROM"
n=$(stat -c %s "$FROM")
[ "$n" -le "$MOST" ] || end 23 "$FROM has $n bytes"
tell file "bytes=$n sha256=$(sum "$FROM") $(stat -c 'mode=%a owner=%u:%g' "$FROM")"
head -c "$n" "$FROM"
