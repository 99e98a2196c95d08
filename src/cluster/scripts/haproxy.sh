# shellcheck shell=sh
# haproxy's statistics from its socket S.
ask "$S" 'show stat'
