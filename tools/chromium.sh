#!/usr/bin/env bash
# Install Chromium, in which the tests open the pages of plots; one that is there is left alone.
set -euo pipefail
command -v chromium >/dev/null 2>&1 && exit 0
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
