# shellcheck shell=sh
# haproxy's statistics from its socket S, by whatever here can speak to one. 127: nothing can.
has() { command -v "$1" >/dev/null 2>&1; }
if has socat; then printf 'show stat\n' | socat -t 3 - UNIX-CONNECT:"$S"
elif has perl; then
	# shellcheck disable=SC2016 # they are perl's
	perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$!\n"; print $s "show stat\n"; $s->flush; print while <$s>' "$S"
elif has python3; then
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(b"show stat\n")
sys.stdout.write(s.makefile(errors="replace").read())' "$S"
else exit 127; fi
