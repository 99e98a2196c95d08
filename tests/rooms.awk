# The house rules that only the linker sees: no circle of files leads from a call back to itself,
# and a header declares what the files of its name define (io/http.h: http.c and http_*.c;
# ui/view/views.h: view_*.c). Private headers stand beside their .c and are not looked at.
# Reads what objects define and use, then the headers; prints each breach, exits 1 if there is one.
# usage: nm -A -g OBJECT... | awk -f tests/rooms.awk - HEADER...

# "ops/watch/feeds" of build/debug/src/ops/watch/feeds.o, of include/ops/watch/feeds.h.
function room(path) {
	sub(/^(build\/[^\/]*\/)?(src|include)\//, "", path)
	sub(/^build\/[^\/]*\//, "", path)
	sub(/\.[coh]$/, "", path)
	return path
}

FILENAME == "-" {
	file = room(substr($1, 1, index($1, ":") - 1))
	if ($(NF - 1) ~ /U$/)
		uses[file] = uses[file] " " $NF
	else if ($(NF - 1) ~ /^[TDRBVW]$/)
		home[$NF] = file
	next
}

function declared(name,    here, there) {
	here = room(FILENAME)
	there = home[name]
	if (there == "" || there == here || index(there, here "_") == 1)
		return
	if (sub(/s$/, "_", here) && index(there, here) == 1)
		return
	print FILENAME ": " name " is defined in " there ".c"
	bad = 1
}

# One declaration, whole, without comments and bodies.
function declaration(text) {
	gsub(/__attribute__ *\(\(.*\)\)/, "", text)
	if (text ~ /(^| )(typedef|static) /)
		return
	if (match(text, /[A-Za-z_][A-Za-z0-9_]* *\(/))
		declared(substr(text, RSTART, RLENGTH - 1))
	else if (text ~ /(^| )extern / && match(text, /[A-Za-z_][A-Za-z0-9_]*( *\[[^\]]*\])* *$/)) {
		text = substr(text, RSTART)
		sub(/[ \[].*/, "", text)
		declared(text)
	}
}

FNR == 1 {
	said = ""
	in_comment = depth = 0
}

# Headers: column by column would be exact; a comment that ends before code begins is enough here.
/^[ \t]*#/ && !in_comment { next }
{
	line = $0
	while (in_comment || match(line, /\/\*/)) {
		head = in_comment ? "" : substr(line, 1, RSTART - 1)
		rest = in_comment ? line : substr(line, RSTART + 2)
		at = index(rest, "*/")
		in_comment = at == 0
		line = head (at ? substr(rest, at + 2) : "")
		if (in_comment)
			break
	}
	while (match(line, /[{};]/)) {
		mark = substr(line, RSTART, 1)
		if (depth == 0)
			said = said " " substr(line, 1, RSTART - 1)
		line = substr(line, RSTART + 1)
		depth += (mark == "{") - (mark == "}")
		if (mark == ";" && depth == 0) {
			declaration(said)
			said = ""
		}
	}
	if (depth == 0)
		said = said " " line
}

# Walks what a file calls; path is how we came here.
function walk(file, path,    list, n, i) {
	if (index(path " ", " " file " ") > 0) {
		sub(".* " file " ", " " file " ", path)
		print "circle of files:" path " " file
		bad = 1
		return
	}
	if (file in walked)
		return
	n = split(uses[file], list, " ")
	for (i = 1; i <= n; i++)
		if (list[i] in home && home[list[i]] != file)
			walk(home[list[i]], path " " file)
	walked[file] = 1
}

END {
	for (file in uses)
		walk(file, "")
	exit bad
}
