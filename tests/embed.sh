#!/bin/sh
# embed.sh FLOOR KIND FILE...: C source with the table KIND_files of these files,
# as include/FLOOR/KIND_files.h declares it. Bytes as numbers: no quoting, no limit.
floor=$1 kind=$2
shift 2
echo "#include \"$floor/${kind}_files.h\""
n=0
for file; do
	n=$((n + 1))
	echo "static const char file_$n[] = {"
	od -An -v -td1 "$file" | sed 's/\(-*[0-9][0-9]*\)/\1,/g'
	echo '0};'
done
echo "const struct ${kind}_file ${kind}_files[] = {"
n=0
for file; do
	n=$((n + 1)) name=${file##*/}
	name=${name%.*}
	echo "{\"$name\", file_$n, sizeof(file_$n) - 1},"
done
echo '};'
echo "const size_t ${kind}_files_count = $n;"
