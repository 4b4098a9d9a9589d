#!/usr/bin/env bash
# Runs for SOAK_MINUTES each (default 10) what make test runs for a minute: crash schedules of the log and of whole
# runtimes, the decoders' fuzz target, and kills of the real agent. Begins with a seed of its own each time;
# AETHER_SEED repeats one.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export AETHER_SOAK_MINUTES="${SOAK_MINUTES:-10}"
export AETHER_SEED="${AETHER_SEED:-$((RANDOM * 32768 + RANDOM))}"
tests=artifacts/bin/Aether.Persistence.Tests/release/Aether.Persistence.Tests

status=0
for class in ScheduleTests RuntimeScheduleTests FuzzTests KillRoundTests; do
    say "$class for $AETHER_SOAK_MINUTES minutes, from AETHER_SEED=$AETHER_SEED"
    [[ $class != KillRoundTests ]] || tests=${tests//Aether.Persistence.Tests/Aether.Agent.Tests}
    "$tests" -noColor -showLiveOutput -class "*.$class" || status=1
done
exit "$status"
