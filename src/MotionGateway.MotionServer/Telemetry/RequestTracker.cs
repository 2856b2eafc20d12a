using System.Diagnostics;

namespace MotionGateway.MotionServer;

/// <summary>
/// The requests under way on one connection: each is one span and two durations, from its first audio to its first and its last
/// motion. Used by the sending and the receiving half.
/// </summary>
internal sealed class RequestTracker(TimeProvider time, string connectionId, bool hasEgress, Peer peer = default)
{
    // A caller that never ends its requests must not make this grow: the oldest is given up.
    private const int MaxOpen = 64;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, Request> _open = new(StringComparer.Ordinal);

    // Requests that were over before their audio was: what still comes of that begins no second request.
    private readonly List<string> _cut = [];
    private Request? _latest;

    /// <summary>Notes audio that is about to be sent.</summary>
    /// <returns>For a request's first audio, the span that the service's own shall join, if there is one.</returns>
    public Activity? OnAudio(string requestId, bool isLast)
    {
        lock (_lock)
        {
            if (_cut.Contains(requestId))
            {
                if (isLast)
                {
                    _cut.Remove(requestId);
                }

                return null;
            }

            Activity? trace = null;
            if (Find(requestId) is null)
            {
                Begin(requestId);
                trace = _latest!.Span ?? Activity.Current;
            }

            _latest!.IsWhole |= isLast;
            return trace is { IdFormat: ActivityIdFormat.W3C } ? trace : null;
        }
    }

    public void OnMotion(string requestId, bool end)
    {
        lock (_lock)
        {
            if (Find(requestId) is not { } request)
            {
                return;
            }

            NoteFirst(request);
            if (end)
            {
                End(request, Outcome.Completed);
            }
        }
    }

    public void OnPlayback(PlaybackUpdate update)
    {
        lock (_lock)
        {
            if (Find(update.RequestId) is not { } request)
            {
                return;
            }

            switch (update.State)
            {
                case PlaybackState.Playing:
                    NoteFirst(request);
                    break;
                case PlaybackState.Ended:
                    End(request, Outcome.Completed);
                    break;
                case PlaybackState.Interrupted:
                    End(request, Outcome.Interrupted);
                    break;
            }
        }
    }

    public void OnInterrupt(string requestId)
    {
        lock (_lock)
        {
            if (Find(requestId) is { } request)
            {
                End(request, Outcome.Interrupted);
            }
        }
    }

    /// <summary>The server reports an error about one request.</summary>
    public void OnError(string? requestId, string errorType)
    {
        lock (_lock)
        {
            if (requestId is not null && Find(requestId) is { } request)
            {
                End(request, Outcome.Failed, errorType);
            }
        }
    }

    /// <summary>The connection has ended, and with it whatever was under way.</summary>
    /// <param name="errorType">Why; null for a normal end.</param>
    public void OnConnectionEnded(string? errorType)
    {
        lock (_lock)
        {
            while (_open.Count > 0)
            {
                Request request = _open.GetAt(0).Value;
                // Where the service publishes, an older one tells nothing of a request after its audio.
                End(request, hasEgress && request.IsWhole && errorType is null ? Outcome.Completed : Outcome.Abandoned, errorType);
            }
        }
    }

    private Request? Find(string requestId)
    {
        // Chunks of one request follow one another, mostly.
        if (_latest is null || !string.Equals(_latest.Id, requestId, StringComparison.Ordinal))
        {
            _latest = _open.GetValueOrDefault(requestId) ?? _latest;
        }

        return string.Equals(_latest?.Id, requestId, StringComparison.Ordinal) ? _latest : null;
    }

    private void Begin(string requestId)
    {
        if (_open.Count >= MaxOpen)
        {
            End(_open.GetAt(0).Value, Outcome.Abandoned);
        }

        // A span that is started becomes the caller's current one, which it must not stay.
        Activity? current = Activity.Current;
        Activity? span = MotionServerTelemetry.Source.StartActivity("motion_server request", ActivityKind.Client);
        Activity.Current = current;
        span?.SetTag("motion_server.connection.id", connectionId);
        peer.Describe(span);
        span?.SetTag("motion_server.request.id", requestId);
        _latest = new Request(requestId, time.GetTimestamp(), span);
        _open.Add(requestId, _latest);
    }

    private void NoteFirst(Request request)
    {
        if (!request.HasMotion)
        {
            request.HasMotion = true;
            request.Span?.AddEvent(new ActivityEvent("first_motion"));
            MotionServerTelemetry.RecordFirstMotion(time.GetElapsedTime(request.StartedAt));
        }
    }

    private void End(Request request, string outcome, string? errorType = null)
    {
        _open.Remove(request.Id);
        _latest = null;
        if (!request.IsWhole)
        {
            RememberCut(request.Id);
        }

        MotionServerTelemetry.RecordRequest(time.GetElapsedTime(request.StartedAt), outcome, errorType);
        if (request.Span is not { } span)
        {
            return;
        }

        span.SetTag(MotionServerTelemetry.OutcomeTag, outcome);
        if (errorType is not null)
        {
            span.SetTag(MotionServerTelemetry.ErrorType, errorType);
            span.SetStatus(ActivityStatusCode.Error);
        }

        // Stopping changes what is current, here that of whoever sends or receives.
        Activity? current = Activity.Current;
        span.Stop();
        Activity.Current = current;
    }

    private void RememberCut(string requestId)
    {
        if (_cut.Count >= MaxOpen)
        {
            _cut.RemoveAt(0);
        }

        _cut.Add(requestId);
    }

    private static class Outcome
    {
        public const string Completed = "completed";
        public const string Interrupted = "interrupted";
        public const string Failed = "failed";
        public const string Abandoned = "abandoned";
    }

    private sealed class Request(string id, long startedAt, Activity? span)
    {
        public string Id => id;

        public long StartedAt => startedAt;

        public Activity? Span => span;

        public bool HasMotion { get; set; }

        /// <summary>All of its audio has been sent.</summary>
        public bool IsWhole { get; set; }
    }
}
