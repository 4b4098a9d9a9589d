# Sourced after common.sh: runs test projects as programs and adds up their results.
passed=0 failed=0 skipped=0

# The last line of xunit is: Total: 61, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 12.3s
count() { sed -nE "s/.* $1: ([0-9]+),.*/\1/p" "$2" | tail -n 1 | grep . || echo 0; }

# run_tests PROJECT LOG ARGUMENTS...: runs the tests that the arguments select, shows failures and a final count.
run_tests() {
    local project=$1 log=$2 started=$SECONDS total wrong left_out ended=0
    shift 2
    mkdir -p artifacts/log
    "artifacts/bin/$project/release/$project" -noColor "$@" >"$log" 2>&1 || ended=$?
    total=$(count Total "$log") left_out=$(count Skipped "$log")
    wrong=$(($(count Failed "$log") + $(count Errors "$log")))
    # A program that ended without a count has failed too.
    ((wrong > 0 || ended == 0)) || wrong=1
    grep -F -A 6 '[FAIL]' "$log" || true
    ((wrong == 0 || total > 0)) || tail -n 20 "$log"
    echo "$project: $((total - wrong - left_out)) passed, $wrong failed, $left_out skipped in" \
        "$((SECONDS - started))s ($log)"
    passed=$((passed + total - wrong - left_out)) failed=$((failed + wrong)) skipped=$((skipped + left_out))
}

# summarize: prints the last line; fails if a test failed or no test ran.
summarize() {
    echo "$passed passed, $failed failed, $skipped skipped"
    ((passed > 0 && failed == 0 && skipped == 0))
}
