# What the host is.
os=unknown
if [ -r /etc/os-release ]; then os=$(. /etc/os-release; echo "${ID:-unknown} ${VERSION_ID:-}"); fi
echo "os=$os"
echo "machine=$(uname -m)"
echo "memory_kb=$(sed -n 's/^MemTotal: *\([0-9]*\).*/\1/p' /proc/meminfo)"
below=$releases
while [ ! -d "$below" ]; do below=$(dirname "$below"); done
echo "disk_kb=$(df -Pk "$below" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)"
echo "time=$(date +%s)"
if systemd; then echo "systemd=true"; else echo "systemd=false"; fi
if command -v zstd > /dev/null; then echo "zstd=true"; else echo "zstd=false"; fi
for tool in tar gzip sha256sum flock setsid timeout; do
  command -v "$tool" > /dev/null || echo "lacks=$tool"
done
if [ "$ROOTLESS" = 0 ]; then
  for tool in useradd userdel setpriv; do
    command -v "$tool" > /dev/null || echo "lacks=$tool"
  done
  [ "$(id -u)" = 0 ] || echo "lacks=root"
elif [ ! -e "/var/lib/systemd/linger/$(id -un)" ]; then
  echo "lacks=linger"
fi
