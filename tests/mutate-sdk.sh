#!/usr/bin/env bash
# Breaks the Server SDK in twenty ways, and tells which of them its tests notice: at least 18 must be. Usage: tests/mutate-sdk.sh [first-number [last-number]]
least=18
tests_of() { echo MotionGateway.MotionServer.Tests; }

# FILE | SED EXPRESSION | WHAT IS BROKEN THEN
breaks=$(cat <<'END'
MotionGateway.MotionServer/Requests/MotionInbox.cs | s/_owedSince = isLast \|\| _bytes/_owedSince = _bytes/ | the end of a request makes no motion due
MotionGateway.MotionServer/Requests/MotionInbox.cs | s/held \+ bytes <= options\.ReceiveBufferBytes/held + bytes >= 0/ | unread motion has no bound
MotionGateway.MotionServer/Requests/MotionInbox.cs | s/^        if \(Interlocked\.Exchange\(ref _readers, 1\) != 0\)/        if (_readers == 7)/ | two readers share a request's motion
MotionGateway.MotionServer/Requests/RequestTable.cs | s/\(report\.RequestId \?\? request\.Id\) == request\.Id/request.Id.Length > 0/ | a report about one request reaches all
MotionGateway.MotionServer/Requests/RequestTable.cs | s/if \(FindUnderWayLocked\(message\.RequestId\) is not/if (_known.Values.FirstOrDefault() is not/ | motion goes to the first request
MotionGateway.MotionServer/Requests/RequestTable.cs | s/request\.Signalled == state \|\| // | each playback signal is told
MotionGateway.MotionServer/Requests/RequestSpeech.cs | s/_half = audio\.Span\[\^1\]/_half = null/ | half a sample is lost
MotionGateway.MotionServer/Connections/Outbox.cs | s/if \(request\.IsEnded && !isLast\)/if (request.IsEnded \&\& request.Id.Length == 0)/ | audio after the end is no mistake
MotionGateway.MotionServer/Connections/Outbox.cs | s/if \(!request\.IsBegun \|\| request\.IsInterruptSent/if (request.Id.Length > 0 || request.IsInterruptSent/ | interrupts are not sent
MotionGateway.MotionServer/Connections/ReceiveLoop.cs | s/MaxWarnings = 5;/MaxWarnings = 5000;/ | a broken peer fills the log
MotionGateway.MotionServer/Connections/ReceiveLoop.cs | s/if \(context\.Connection\.Egress is null\)/if (context.Connection is not null)/ | playback signals are queued as motion
MotionGateway.MotionServer/Connections/ReportHold.cs | s/FromMilliseconds\(250\)/FromMilliseconds(0)/ | a report does not wait for its close
MotionGateway.MotionServer/Connections/MotionConnection.Life.cs | s/limit = new\(_context\.Options\.CloseTimeout/limit = new(_context.Options.StepTimeout/ | a mute peer holds a goodbye up for as long as a step
MotionGateway.MotionServer/Connections/LastBytesStream.cs | s/EmptyCloseFrame = 0x8800/EmptyCloseFrame = 0x8801/ | a close without a code is a normal end
MotionGateway.MotionServer/Connections/Handshake.cs | s/ConnectionId\.Length > 0/ConnectionId.Length >= 0/ | a session without a connection id is confirmed
MotionGateway.MotionServer/Errors/ErrorRules.cs | s/new\(TokenAnswer, SessionTokenInvalid, 401\)/new(TokenAnswer, SessionTokenExpired, 401)/ | a wrong API key is an expired token
MotionGateway.MotionServer/Errors/ErrorRules.cs | s/new\(ErrorSources\.ServerError, SessionTokenInvalid\) \{ Codes = \["4010"\] \}/new(ErrorSources.ServerError, UpstreamError) { Codes = ["4010"] }/ | error 4010 asks for no fresh token
MotionGateway.MotionServer/Errors/ErrorRules.cs | s/ConcurrencyLimit => MotionServerRetry\.Delayed/ConcurrencyLimit => MotionServerRetry.Backoff/ | a limit is tried again at once
MotionGateway.MotionServer/Errors/Secrets.cs | s/, url, LowerEscapes/, LowerEscapes/ | secrets in URLs are not masked
MotionGateway.MotionServer/Regions/RegionRoute.cs | s/failure\.Retry == MotionServerRetry\.Backoff/failure.Retry == MotionServerRetry.Immediate/ | a region that fails leads to no other
END
)

. "$(dirname "$0")/mutations.sh"
