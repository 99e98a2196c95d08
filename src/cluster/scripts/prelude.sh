# shellcheck shell=sh
# Helpers of every script. M: the nonce that marks a section.
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
LC_ALL=C
export PATH LC_ALL
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
has() { command -v "$1" >/dev/null 2>&1; }
s() { printf '\n@@%s %s\n' "$M" "$1"; }
lim() { l=$1; shift; timeout -k 1 "$l" "$@"; }
# Certificates of a PEM file, never a key: it ends at the first line of dashes, whatever that opens.
pem() { sed -n '/^-----BEGIN CERTIFICATE-----/,/^-----/p' | head -c 16384; }
# An answer with its head from a port of this machine.
get() {
	if has curl; then curl -s -i -m 1 "http://127.0.0.1:$1$2"
	elif has wget; then wget -q -S -T 1 -t 1 -O - "http://127.0.0.1:$1$2" 2>&1
	elif has bash; then
		# shellcheck disable=SC2016 # bash is to expand them
		timeout 1 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "GET %s HTTP/1.0\r\n\r\n" "$1" >&3 && cat <&3' "$1" "$2" 2>/dev/null
	else echo 'not asked'; fi
}
