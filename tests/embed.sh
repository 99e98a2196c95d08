#!/bin/sh
# embed.sh KIND FILE...: C source of KIND_files, these files as base/embedded_file.h has them.
# Bytes as numbers: no quoting, no limit.
kind=$1
shift
echo '#include "base/embedded_file.h"'
echo "extern const struct embedded_files ${kind}_files;"
n=0
for file; do
	n=$((n + 1))
	echo "static const char file_${n}[] = {"
	od -An -v -td1 "$file" | sed 's/\(-*[0-9][0-9]*\)/\1,/g'
	echo '0};'
done
echo "static const struct embedded_file files[] = {"
n=0
for file; do
	n=$((n + 1)) name=${file##*/}
	name=${name%.*}
	echo "{\"$name\", file_$n, sizeof(file_$n) - 1},"
done
echo '};'
echo "const struct embedded_files ${kind}_files = {files, $n};"
