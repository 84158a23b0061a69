#!/bin/bash
# Runs a benchmark in a network of its own, with the kernel's send buffers as docker-compose.yml sets them, so that an
# image can be measured on loopback: bench/in-image.sh node bench/held.ts --image camgate. As root, with Docker.
set -eu
image=${IMAGE:-camgate}
holder=$(docker run --detach --rm --network none --sysctl net.ipv4.tcp_wmem='4096 65536 262144' --entrypoint sleep "$image" infinity)
trap 'docker kill "$holder" >/dev/null' EXIT
export BENCH_NETWORK="container:$holder"
nsenter --net --target "$(docker inspect --format '{{.State.Pid}}' "$holder")" -- "$@"
