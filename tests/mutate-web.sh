#!/usr/bin/env bash
# Breaks the web client in fifteen ways, and tells which of them its tests notice: at least 13 must be.
# Usage: tests/mutate-web.sh [first-number [last-number]]
least=13
sources=clients/web/src
tests_of() { echo clients/web; }

# FILE | SED EXPRESSION | WHAT IS BROKEN THEN
breaks=$(cat <<'END'
feed/feed.ts | s/this\.#start = "current_turn";// | a feed whose position has left the log asks for it again
feed/sequence-ledger.ts | s/ && position\.sequence === own\.sequence// | a feed goes on at another place than it was left
feed/sequence-ledger.ts | s/ && discarded\.through >= sequence - 1// | a hole behind what an interrupt discarded is not seen
feed/connection.ts | s/Math\.min\(acknowledgeBytes, window \/ 4\)/Math.min(acknowledgeBytes, window)/ | a small window is full before anything is acknowledged
feed/connection.ts | s/, this\.#acknowledgeTimer\]/]/ | a connection that is over acknowledges
feed/feed.ts | /this\.#state = "closed";/,/signal/ s/this\.#callOff\(\);// | a feed that is closed while it waits opens a connection
feed/retry.ts | s/const delayMs = atLeastMs \+ (.*);/const delayMs = Math.max(atLeastMs, \1);/ | viewers who were sent away together come back together
turn/continuity.ts | s/subarray\(known \* 2\)/subarray(known)/ | half of what was known is heard twice
player/turn-audio.ts | s/this\.isDry\(time\);/this.isDry(time + 1);/ | the next turn begins before the last one is heard
player/turn-audio.ts | s/this\.#placedTo = this\.#schedule\.isEmpty .*;// | what lay ready before a pause is left out after it
player/motion-wait.ts | s/ \|\| this\.usedMs\(turn\.now\) >= this\.#maxWaitMs// | speech waits for motion beyond its limit
speech/packet-speech-decoder.ts | s/piece\.firstSample === 0 \? -this\.#head\.preSkip : // | the decoder's run-in is heard as speech
speech/file-speech-decoder.ts | s/Math\.max\(0, samples\.length - wanted\)/0/ | what was decoded once more for its own sake is heard again
microphone/microphone.ts | s/this\.#pieces\.clear\(\);// | what was said before the mute is sent after it
avatarkit/attach.ts | s/turn\.begun && !turn\.heard/turn.begun/ | an interrupt of what has been heard stops what plays
END
)

# Types are checked first: what a compiler refuses is no break that a test has to notice.
test_it() (
  cd "$1" || exit 2
  if [ ! -e node_modules ]; then
    { npm ci && npm run -s generate; } >"$copy/build.log" 2>&1 || exit 2
  fi
  npm run -s check >"$copy/build.log" 2>&1 || exit 2
  timeout "${MUTATION_LIMIT:-1200}" node scripts/test.mjs >"$copy/test.log" 2>&1
)

# By the innermost failure that the report tells of first; its file is run once more.
find_noticing() (
  cd clients/web || exit
  failed=$(sed -nE 's/^ +not ok [0-9]+ - //p' "$copy/test.log" | head -1)
  file=$(sed -nE "s/^ +location: '.*\/([a-z-]+\.test)\.[a-z]+:.*/\1/p" "$copy/test.log" | head -1)
  [ -n "$failed" ] && [ -n "$file" ] && ! timeout "${MUTATION_LIMIT:-1200}" node scripts/test.mjs "$file" >"$copy/again.log" 2>&1 &&
    grep -E '^ +not ok' "$copy/again.log" | grep -qF -- "- $failed" && echo "\"$failed\" of $file.ts"
)

. "$(dirname "$0")/mutations.sh"
