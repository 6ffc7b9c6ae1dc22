#!/bin/sh
# deps.sh PACKAGE... - install the packages that are missing, and only those.
missing=
for package; do
	dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
	echo "缺少软件包，请以 root 执行 / missing packages, as root run:" >&2
	echo "  apt-get install -y$missing" >&2
	exit 69
fi
echo "安装 / installing:$missing"
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >/tmp/casebridge-deps.log 2>&1 && exit 0
cat /tmp/casebridge-deps.log >&2
echo "软件包安装失败，请先执行 apt-get update / installing failed; run apt-get update first" >&2
exit 69
