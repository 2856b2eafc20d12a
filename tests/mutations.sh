# Breaks code in ways that are listed, one at a time and in a copy, and tells which of them its tests notice. Sourced by the lists beside it, which
# set: breaks, the list; tests_of FILE, the test project for a file; least, how many of the listed must be noticed. Ends with 1 when fewer are.
# A list of what is no .NET also sets: sources, the folder of its files; test_it PROJECT, which builds (2 where that fails) and tests (0 where
# all is well); find_noticing, which tells the test that failed, and fails again. Takes the time of as many test runs, so it is no part of tests/run.sh.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
first=${1:-1} last=${2:-99}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# What is built must not be what another checkout has built.
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - --ignore-failed-read 2>/dev/null) | tar -xf - -C "$copy"
cd "$copy" || exit 2

if ! declare -F test_it >/dev/null; then
  test_it() {
    tests=tests/$1
    dotnet build "$tests" -c Debug -v quiet -p:RunAnalyzers=false -p:BuildPage=false -p:UseSharedCompilation=true >build.log 2>&1 || return 2
    timeout "${MUTATION_LIMIT:-1200}" dotnet test "$tests" --no-build --filter 'Category!=Conformance&Category!=Chaos&Category!=Long' \
      -- xUnit.StopOnFail=true >test.log 2>&1
  }

  # The test that has failed and fails again: one that fails on a busy machine now and then has noticed nothing.
  find_noticing() {
    local failed
    failed=$(sed -n 's/.* \(MotionGateway\.[A-Za-z0-9_.]*\).*\[FAIL\].*/\1/p' test.log | head -1)
    [ -n "$failed" ] && ! timeout "${MUTATION_LIMIT:-1200}" dotnet test "$tests" --no-build --filter "FullyQualifiedName=$failed" >again.log 2>&1 &&
      grep -q '\[FAIL\]' again.log && echo "$failed" | grep -oE '[^.]+\.[^.]+$'
  }
fi

known=""
expect_good() {
  case " $known " in *" $1 "*) return ;; esac
  known="$known $1"
  test_it "$1"
  case $? in
  0) ;;
  2) cat build.log; exit 2 ;;
  *) tail -50 test.log; echo "The tests fail without a break." >&2; exit 2 ;;
  esac
}

number=0 noticed=0 tried=0
while IFS= read -r line; do
  number=$((number + 1))
  [ $number -ge "$first" ] && [ $number -le "$last" ] || continue
  file=${sources:-src}/${line%% | *} rest=${line#* | }
  what=${rest##* | } edit=${rest% | *}
  project=$(tests_of "$file")
  expect_good "$project"
  cp "$file" original
  sed -E -i "$edit" "$file"
  if cmp -s original "$file"; then
    echo "$number: changes nothing any more: $what"
    exit 2
  fi
  tried=$((tried + 1))
  test_it "$project"
  case $? in
  0) verdict="NOT noticed" ;;
  2) verdict="does not build" ;;
  124) verdict="timed out" ;; # Of a slow machine or of a break that hangs: not counted.
  *) if by=$(find_noticing); then verdict="noticed by $by" noticed=$((noticed + 1)); else verdict="unclear: nothing fails twice"; fi ;;
  esac
  echo "$number: $verdict: $what"
  [ "$verdict" = "does not build" ] && grep -m1 error build.log
  cp original "$file"
done <<<"$breaks"
echo "$noticed of $tried noticed"
[ $((noticed * $(grep -c . <<<"$breaks"))) -ge $((tried * least)) ]
