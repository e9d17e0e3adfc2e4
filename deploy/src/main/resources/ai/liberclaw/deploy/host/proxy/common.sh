set -eu
umask 022
PROGRAM=/opt/liberclaw/proxy/$SHA256/caddy
CONFIG=/etc/liberclaw/proxy
UNIT=/etc/systemd/system/liberclaw-proxy.service
