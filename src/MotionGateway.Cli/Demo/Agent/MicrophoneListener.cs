using MotionGateway.V1;

namespace MotionGateway.Cli.Demo.Agent;

/// <summary>
/// Listens to viewers' microphones, one at a time: while one is on, another viewer's is not heard. A microphone is over when nothing
/// has come of it for <see cref="Absence"/>, since a page that switches it off says no more than that.
/// </summary>
/// <param name="onUtterance">Is given each utterance as it ends, and an empty one for a microphone on which nothing was said.</param>
/// <param name="time">The clock.</param>
internal sealed class MicrophoneListener(Action<Utterance> onUtterance, TimeProvider time) : IDisposable
{
    /// <summary>A microphone of which nothing has come for so long is off.</summary>
    public static readonly TimeSpan Absence = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    // All below is guarded by the lock.
    private UtteranceRecorder? _recorder;
    private ITimer? _absence;
    private string _viewerId = "";
    private bool _hasSpoken;
    private long _heardAt;

    /// <summary>Takes a piece of a viewer's speech.</summary>
    public void Hear(string viewerId, MicrophoneAudio audio)
    {
        Utterance? ended;
        lock (_lock)
        {
            if (_recorder is not null && _viewerId != viewerId)
            {
                return;
            }

            if (_recorder?.SampleRate != audio.SampleRate)
            {
                (_recorder, _viewerId, _hasSpoken) = (new UtteranceRecorder(audio.SampleRate), viewerId, false);
            }

            _heardAt = time.GetTimestamp();
            _absence ??= time.CreateTimer(_ => EndOfMicrophone(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _absence.Change(Absence, Timeout.InfiniteTimeSpan);
            ended = _recorder.Add(audio.Data.Span);
            _hasSpoken |= ended is not null;
        }

        if (ended is not null)
        {
            onUtterance(ended);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _absence?.Dispose();
            _recorder = null;
        }
    }

    private void EndOfMicrophone()
    {
        Utterance rest;
        lock (_lock)
        {
            if (_recorder is null)
            {
                return;
            }

            // The timer may have run out just as more came, or a moment early by the clock.
            var left = Absence - time.GetElapsedTime(_heardAt);
            if (left > TimeSpan.Zero)
            {
                _absence!.Change(left + Moment, Timeout.InfiniteTimeSpan);
                return;
            }

            rest = _recorder.Complete();
            _recorder = null;
            if (rest.Samples.IsEmpty && _hasSpoken)
            {
                return;
            }
        }

        onUtterance(rest);
    }
}
