#!/usr/bin/env bash
# Fetches Slurm with its REST daemon, and libfaketime, from Debian's packages into the user's cache without installing
# them, and prints the folder. The tests run real clusters from there.
set -euo pipefail
here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
# shellcheck source=debian.sh
. "$here/debian.sh"

folder="$parts_home/slurm-22.05"
if [ ! -e "$folder/.complete" ] && [ "${1:-}" = --where ]; then exit 1; fi
fetch_packages "$folder" slurmctld slurmd slurmrestd slurm-client munge slurm-wlm-jwt-plugin libfaketime ||
  { parts_say "Debian's packages of Slurm cannot be had here"; exit 1; }
# The daemons know by their name what they are; the packages name them otherwise.
for daemon in slurmctld slurmd slurmstepd; do ln -sfn "$daemon-wlm" "$folder/usr/sbin/$daemon"; done
printf '%s\n' "$folder"
