# Sourced by the other scripts: changes to the repository and defines how to print progress.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

# run_logged NAME COMMAND...: runs the command with its output in artifacts/log/NAME.log. Prints a dot every five
# seconds to show progress, and the end of the log if the command fails.
run_logged() {
    local name=$1 log=artifacts/log/$1.log started=$SECONDS status=0
    shift
    mkdir -p artifacts/log
    printf '%s ' "$name"
    "$@" >"$log" 2>&1 &
    local pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1
        (((SECONDS - started) % 5)) || printf '.'
    done
    wait "$pid" || status=$?
    if ((status)); then
        printf ' failed after %ss; the end of %s:\n' "$((SECONDS - started))" "$log"
        tail -n 40 "$log"
        return "$status"
    fi
    printf ' %ss\n' "$((SECONDS - started))"
}
