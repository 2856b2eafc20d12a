#!/usr/bin/env bash
# Runs every test: installs what is missing, checks format and contracts, builds, tests. The last line tells the count.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 CI="${CI:-}"
# Most of what runs here runs for seconds, and is compiled for most of them: counting what it does, to compile it once more, took a third of
# the processor time, compiling anew what is called thirty times instead of 512 a fifth, and keeping apart the pages that
# are written and those that are run a tenth.
export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0 DOTNET_TC_CallCountThreshold=200
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
passed=0 failed=0 skipped=0 broken=() unsteady=()
filter='Category!=Long' untried=()
declare -A begun

say() { printf '\n== %s\n' "$*"; }

# Counts one check that is no xunit test: NAME COMMAND...
check() {
  local name=$1
  shift
  say "$name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    broken+=("$name")
  fi
}

# Begins one check beside those that follow; finish tells its output and result: NAME COMMAND...
begin() {
  local name=$1
  shift
  "$@" >"$results/$name.log" 2>&1 &
  begun[$name]=$!
}

finish() {
  local status=0
  wait "${begun[$1]}" || status=$?
  cat "$results/$1.log"
  return $status
}

# Installs the distribution's packages that are missing: COMMAND-OR-FILE PACKAGE...
install_missing() {
  local packages=() sudo=""
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || packages+=("$2")
    shift 2
  done
  [ ${#packages[@]} -eq 0 ] && return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install: ${packages[*]}" >&2
    return 1
  fi
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -q >/dev/null &&
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "${packages[@]}" >/dev/null
}

# One compiler for all projects, of this build alone, also where the environment would have each begin anew.
build() {
  local compiler=motiongateway-$$ status=0
  dotnet build MotionGateway.sln -c Release --no-restore -v q --nologo \
    -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" || status=$?
  pkill -f -- "-pipename:$compiler"
  return $status
}

# Runs the tests of one project: NAME
run_tests() {
  local project=MotionGateway.$1.Tests
  dotnet test "tests/$project/bin/Release/net10.0/$project.dll" --nologo --filter "$filter" \
    --logger "trx;LogFileName=$project.trx" --results-directory "$results"
}

# All projects, side by side. The longest has a processor, and the browser the other until it has painted and played; the rest mostly
# waits, and goes two at a time, long ones first.
run_all_tests() {
  local status=0
  export -f run_tests
  export filter results
  run_tests EndToEnd &
  run_tests Browser || status=1
  {
    printf '%s\n' Chaos MotionServer Gateway Cli EdgeRelay Interop
    ls tests | sed -n 's/^MotionGateway\.\(.*\)\.Tests$/\1/p'
  } | awk '!seen[$0]++ && $0 != "EndToEnd" && $0 != "Browser"' | xargs -P 2 -I '{}' bash -c 'run_tests {}' || status=1
  wait $! || status=1
  return $status
}

tests() {
  local status=0 before=$failed file counts
  run_all_tests || status=1
  cat "$results/feed-conformance.md" || status=1
  for file in "$results"/*.trx; do
    counts=$(grep -o '<Counters [^>]*>' "$file" | head -1)
    [ -n "$counts" ] || { broken+=("$file holds no count"); return 1; }
    passed=$((passed + $(sed 's/.* passed="\([0-9]*\)".*/\1/' <<<"$counts")))
    failed=$((failed + $(sed 's/.* failed="\([0-9]*\)".*/\1/' <<<"$counts")))
    skipped=$((skipped + $(sed 's/.* total="\([0-9]*\)".*/\1/' <<<"$counts") - $(sed 's/.* executed="\([0-9]*\)".*/\1/' <<<"$counts")))
  done
  # Tests that failed have been counted, one by one; what is left are runs that broke off.
  [ "$failed" -gt "$before" ] || return $status
  try_again
}

# A few tests that failed are tried once more, alone: what then passes is told as unsteady, with what it said, and to be mended. What
# chaos and fuzzing find is found: they are not tried again.
try_again() {
  local tests file method count
  mapfile -t tests < <(python3 tests/failed_tests.py "$results")
  [ ${#tests[@]} -le 3 ] || return 0
  mkdir -p "$results/again"
  for test in "${tests[@]}"; do
    read -r file method count <<<"$test"
    dotnet test "$file" --filter "FullyQualifiedName=$method&Category!=Chaos&Category!=Fuzz" \
      --logger "trx;LogFileName=$method.trx" --results-directory "$results/again" || continue
    grep -qs "<UnitTestResult " "$results/again/$method.trx" || continue
    passed=$((passed + count))
    failed=$((failed - count))
    unsteady+=("$method")
  done
}

# What failed, once more and together: it may stand far above.
tell_failures() {
  local name
  for name in "${broken[@]}"; do echo "FAILED: $name"; done
  for name in "${unsteady[@]}"; do echo "UNSTEADY: $name failed as told below, and passed when it was tried again alone"; done
  # Of each message as many lines as tell what it was: the first is often only a heading.
  awk '/<UnitTestResult .*outcome="Failed"/ { match($0, /testName="[^"]*"/); print "FAILED: " substr($0, RSTART + 10, RLENGTH - 11); left = 12 }
    /<Message>/ { telling = 1; sub(/.*<Message>/, "") }
    telling && left > 0 { left--; line = $0; sub(/<\/Message>.*/, "", line); print "  " substr(line, 1, 500) }
    /<\/Message>/ { telling = 0; left = 0 }' "$results"/*.trx
  sed -n 's/^ *not ok [0-9]* - /FAILED: /p' "$results/web.tap"
}

# The web client's own tests, counted one by one; then its package and page.
web_client() (
  cd clients/web &&
    npm ci --no-audit --no-fund --silent &&
    npm test | tee "../../$results/web.tap" &&
    npm run -s build
)

# What needs none of the tools begins while they are installed.
begin restore dotnet restore MotionGateway.sln -v q
# Style and analyzers are part of the build.
begin format dotnet format whitespace --folder --include src/ tests/ benchmarks/ clients/samples/dotnet/ --verify-no-changes
check 'Tools' install_missing \
  /usr/bin/python3 python3 \
  /usr/lib/python3/dist-packages/grpc python3-grpcio \
  /usr/lib/python3/dist-packages/google/protobuf python3-protobuf \
  /usr/lib/python3/dist-packages/websockets python3-websockets \
  /usr/bin/protoc protobuf-compiler \
  /usr/include/google/protobuf/timestamp.proto libprotobuf-dev \
  grpc_python_plugin protobuf-compiler-grpc \
  espeak-ng espeak-ng \
  protoc-gen-go protoc-gen-go \
  protoc-gen-go-grpc protoc-gen-go-grpc \
  /usr/bin/chromium chromium \
  /usr/bin/systemd-analyze systemd \
  /usr/sbin/haproxy haproxy \
  curl curl \
  opusdec opus-tools \
  sox sox \
  node nodejs \
  npm npm \
  promtool prometheus
# Go's modules, which its sample is compiled with, are not everywhere to be had.
install_missing \
  go golang-go \
  /usr/share/gocode/src/google.golang.org/grpc golang-google-grpc-dev \
  /usr/share/gocode/src/google.golang.org/protobuf golang-google-protobuf-dev \
  /usr/share/gocode/src/github.com/golang/protobuf/proto/registry.go golang-github-golang-protobuf-1-5-dev || {
  filter+='&Needs!=Go'
  untried+=('clients/samples/go: neither Go nor its modules could be installed')
}
# Node's part leaves a core to .NET's, and the build takes the page that it makes.
begin node-tools npm ci --prefix tests/MotionGateway.Interop.Tests/node --no-audit --no-fund --silent
begin node-sample npm ci --prefix clients/samples/node --no-audit --no-fund --silent
begin web-client web_client
check 'Restore' finish restore
check 'Format' finish format
check 'Node tools' finish node-tools
check 'Node sample' finish node-sample
check 'Contracts' tests/MotionGateway.Interop.Tests/node/node_modules/.bin/buf lint
check 'Web client' finish web-client
check 'Build' build
check 'Tests' tests
passed=$((passed + $(sed -n 's/^# pass \([0-9]*\)$/\1/p' "$results/web.tap" | tail -1)))
failed=$((failed + $(sed -n 's/^# fail \([0-9]*\)$/\1/p' "$results/web.tap" | tail -1)))

printf '\n'
tell_failures
for name in "${untried[@]}"; do echo "UNTRIED: $name"; done
if [ "$skipped" -gt 0 ]; then
  echo "$skipped tests were skipped: see the reasons above." >&2
  [ "$CI" = true ] && failed=$((failed + skipped))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
