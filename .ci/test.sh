#!/usr/bin/env bash
# Runs every test project; the last line is: N passed, N failed, N skipped. PROJECT (Aether.Cli.Tests, or Cli) and NAME
# (a class or a method, or a part of its name) select tests; then only the projects with such tests are built and run.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if [[ -n ${NAME-}${PROJECT-} ]]; then
    source .ci/tests.sh
    projects=()
    for folder in tests/*.Tests; do
        project=${folder#tests/}
        [[ -z ${PROJECT-} || $project == "$PROJECT" || $project == "Aether.$PROJECT.Tests" ]] || continue
        # Only the last part of a full name occurs in the source.
        [[ -z ${NAME-} ]] || grep -rqF --include='*.cs' -e "${NAME##*.}" "$folder" || continue
        projects+=("$project")
    done
    if ((${#projects[@]} == 0)); then
        echo "No test project fits PROJECT='${PROJECT-}' NAME='${NAME-}'. The projects are:" \
            "$(basename -a tests/*.Tests | xargs)" >&2
        exit 1
    fi
    for project in "${projects[@]}"; do
        run_logged "build-$project" dotnet build -c Release "tests/$project"
        case $project in
        Aether.Agent.Tests | Aether.Chart.Tests | Aether.EndToEnd.Tests)
            # These projects run the native agent.
            run_logged publish-agent .ci/publish-agent.sh
            ;;
        esac
    done
    for project in "${projects[@]}"; do
        run_tests "$project" "artifacts/log/test-$project.log" ${NAME:+-method "*$NAME*"}
    done
    summarize
    exit
fi

log=artifacts/log/test.log
mkdir -p artifacts/log
status=0
say "Checking the format"
.ci/fmt-check.sh || status=1

say "Testing"
# One assembly at a time, because each uses all cores and starts its own servers. An assembly in which no test ends for
# ten minutes is killed; a file of its own lists the tests that were running.
hung=artifacts/log/hung
rm -rf "$hung"
dotnet test --solution aether-persistence.slnx -c Release --no-build --max-parallel-test-modules 1 --no-progress \
    --hangdump --hangdump-timeout 10m --hangdump-type None --results-directory "$hung" 2>&1 | tee "$log" || status=$?

# Readers of CI see the end of the output first, and often nothing else: it lists each failure with its cause and place
# in a few lines.
awk '/^failed / {lines = 4; frames = 2; print ""}
    lines-- > 0 || (frames > 0 && /^ +at Aether/ && frames--) {print substr($0, 1, 240)}' "$log"

# The tests that were still running when their assembly was killed; they count as failed.
mkdir -p "$hung"
find "$hung" -name '*_hang.log' -exec sed 's/^/hung: /' {} + | tee "$log.hung"

count() { sed -nE "s/^ *$1: ([0-9]+)$/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(($(count failed) + $(wc -l <"$log.hung"))) skipped=$(count skipped)
echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
[[ ${passed:-0} -gt 0 && ${failed:-1} -eq 0 && ${skipped:-1} -eq 0 ]] || status=1
exit "$status"
