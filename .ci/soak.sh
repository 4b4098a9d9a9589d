#!/usr/bin/env bash
# Runs the tests that make test limits to a minute for SOAK_MINUTES each (default 10): crash schedules of the log and of
# whole runtimes, fuzzing of the decoders, and kills of the real agent. Each run has a new seed; AETHER_SEED repeats a
# run.
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
