#!/usr/bin/env bash
# Breaks the relay and the cursors of the log in fifteen ways, and tells which of them their tests notice: at least 13 must be.
# Usage: tests/mutate-relay.sh [first-number [last-number]]
least=13
tests_of() {
  case $1 in
  */MotionGateway.Feeds/*) echo MotionGateway.Feeds.Tests ;;
  *) echo MotionGateway.EdgeRelay.Tests ;;
  esac
}

# FILE | SED EXPRESSION | WHAT IS BROKEN THEN
breaks=$(cat <<'END'
MotionGateway.Feeds/LogReader.cs | s/\|\| kind == PayloadKind\.Motion;/|| kind == PayloadKind.Audio;/ | speech is dropped in place of motion
MotionGateway.Feeds/LogReader.cs | s/_sparedThrough = turn\.FirstSequence;/_sparedThrough = long.MaxValue - 1;/ | what is left out of one turn is left out of all
MotionGateway.Feeds/ReaderWindow.cs | s/log\.GetAge\(waiting\) - \(_ageWhenFilled \?\? TimeSpan\.Zero\)/log.GetElapsed(_waitsSince)/ | a reader that acknowledges now and then is never slow
MotionGateway.Feeds/ReaderWindow.cs | s/bytes == int\.MaxValue \|\| !entry\.IsMedia/bytes == int.MaxValue/ | events wait behind a full window
MotionGateway.EdgeRelay/Viewers/ViewerPace.cs | s/cursor\.Policy == SlowReaderPolicy\.Disconnect \?/cursor.Policy != SlowReaderPolicy.Unspecified ?/ | viewers are spared only when they would be disconnected
MotionGateway.EdgeRelay/Viewers/FeedCursor.cs | s/, IsSpared: false, /, / | the window brings back what the gateway has left out
MotionGateway.EdgeRelay/Viewers/ViewerWatch.cs | s/now \+ \(identity\.EndTime - time\)/TimeSpan.MaxValue/ | a feed outlives its token
MotionGateway.EdgeRelay/Viewers/ViewerRequests.cs | s/var identity = _renewed \?\? feed\.Identity;/var identity = feed.Identity;/ | a newer token permits nothing new
MotionGateway.EdgeRelay/Viewers/ViewerEventRules.cs | s/Permit\(permissions, ViewerPermissions\.Talk, "viewer_event\.playback"\);// | anybody reports playback
MotionGateway.EdgeRelay/Admission/ViewerAdmission.cs | s/\(origin\.Count == 1 && options\.AllowedOrigins\.Contains/(origin.Count == 1 || options.AllowedOrigins.Contains/ | pages of any origin open feeds
MotionGateway.EdgeRelay/Admission/ViewerRegistry.cs | s/oldest = _strangers\.First!\.Value;/oldest = _strangers.Last!.Value;/ | connections without a token keep newer ones out
MotionGateway.EdgeRelay/Feeds/EventLanes.cs | s/&& age > MaxInterruptAge\)/\&\& age > MaxSpeechAge * 1000)/ | an interrupt stops what plays long after it was meant
MotionGateway.EdgeRelay/Feeds/EventLanes.cs | s/node\.Value\.IsMicrophone && node\.Value\.Event\.ViewerId == viewerId/node.Value.IsMicrophone/ | a viewer makes room by another's speech
MotionGateway.EdgeRelay/FanOut/FeedShare.cs | s/last\.PlaceInShare = viewer\.PlaceInShare;// | a viewer that leaves takes another with it
MotionGateway.EdgeRelay/Formats/ProtobufJsonFormat.cs | s/entry\.GetFrame\(this\)/entry.Encoded/ | JSON viewers are sent binary payloads
END
)

. "$(dirname "$0")/mutations.sh"
