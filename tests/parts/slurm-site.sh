#!/usr/bin/env bash
# Runs one small Slurm cluster on this machine until it is killed: slurm-site.sh PARTS FOLDER PORT POOL
# PARTS is what slurm.sh printed. FOLDER gets everything it writes. PORT and the 30 ports after it are used on 127.0.0.1;
# the REST daemon listens on PORT + 20. POOL names the nodes, POOL-0000 and POOL-0001, and a partition.
# Start it as root as the first process of a namespace of its own, so that nothing of it outlives it:
#   unshare --pid --fork --mount-proc --kill-child slurm-site.sh ...
set -euo pipefail
parts=$1 folder=$2 port=$3 pool=$4
lib="$parts/usr/lib/x86_64-linux-gnu"
host="$(hostname)"
export LD_LIBRARY_PATH="$lib:$lib/slurm-wlm" SLURM_CONF="$folder/slurm.conf"

mkdir -p "$folder"/{state,devices,munge,shared}
chmod 755 "$folder" "$folder/munge"
umask 077
[ -s "$folder/munge.key" ] || head -c 1024 /dev/urandom >"$folder/munge.key"
[ -s "$folder/jwt.key" ] || head -c 32 /dev/urandom >"$folder/jwt.key"
umask 022
for device in 0 1 2 3 4 5 6 7; do : >"$folder/devices/gpu$device"; done

cat >"$folder/slurm.conf" <<CONF
ClusterName=$pool
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=$folder/jwt.key
CredType=cred/munge
PluginDir=$lib/slurm-wlm
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
SlurmdParameters=config_overrides
ReturnToService=2
GresTypes=gpu
MpiDefault=none
SlurmctldTimeout=10
SlurmdTimeout=10
KillWait=2
JobRequeue=0
MailProg=/bin/true
NodeName=$pool-0000 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 10)) CPUs=96 RealMemory=768000 Gres=gpu:8
NodeName=$pool-0001 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 11)) CPUs=96 RealMemory=768000 Gres=gpu:8
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=$pool Nodes=ALL MaxTime=INFINITE State=UP
CONF
printf 'Name=gpu File=%s/devices/gpu[0-7]\n' "$folder" >"$folder/gres.conf"

"$parts/usr/sbin/munged" --key-file="$folder/munge.key" --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
  --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" --force
"$parts/usr/sbin/slurmctld" -D >/dev/null 2>&1 &
for node in "$pool-0000" "$pool-0001"; do
  "$parts/usr/sbin/slurmd" -D -N "$node" -d "$parts/usr/sbin/slurmstepd" >/dev/null 2>&1 &
done
# It refuses to be root; in a user namespace it is not, and can still read the packages in root's cache.
SLURM_JWT=daemon unshare --user --map-user=1000 --map-group=1000 "$parts/usr/sbin/slurmrestd" \
  -a rest_auth/jwt -s openapi/v0.0.38 "127.0.0.1:$((port + 20))" >"$folder/slurmrestd.log" 2>&1 &
# When daemons die, jobs live on; only the end of this process ends everything.
while :; do wait || true; sleep 1; done
