namespace MotionGateway.Sessions;

/// <summary>What must hold of a session's bounds.</summary>
internal static class SessionLimitsRules
{
    private const int BytesPerKeyframe = 640;
    private const int HighestRate = 48_000;

    // Timers take no more.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    public static IEnumerable<string> Validate(SessionLimits limits)
    {
        var durations = new (string Name, TimeSpan Value, bool MayBeZero)[]
        {
            (nameof(limits.MaxTurn), limits.MaxTurn, false),
            (nameof(limits.OpenTurnTimeout), limits.OpenTurnTimeout, false),
            (nameof(limits.ResumeWindow), limits.ResumeWindow, true),
            (nameof(limits.IdleTimeout), limits.IdleTimeout, true),
            (nameof(limits.RecoveryGrace), limits.RecoveryGrace, true),
            (nameof(limits.ParkAfter), limits.ParkAfter, true),
            (nameof(limits.MaxLead), limits.MaxLead, false),
            (nameof(limits.MaxMotionWait), limits.MaxMotionWait, false),
            (nameof(limits.PauseLimit), limits.PauseLimit, false),
            (nameof(limits.PlaybackSignalTimeout), limits.PlaybackSignalTimeout, false),
            (nameof(limits.MaxViewerLag), limits.MaxViewerLag, true),
            (nameof(limits.ClosedRetention), limits.ClosedRetention, true),
            ("Log:Retention", limits.Log.Retention, true),
        };
        foreach (var (name, value, mayBeZero) in durations)
        {
            if (value < TimeSpan.Zero || (value == TimeSpan.Zero && !mayBeZero) || value > Longest)
            {
                yield return $"{name} must be {(mayBeZero ? "zero to" : "longer than zero and at most")} {Longest.TotalDays:0} days.";
            }
        }

        var numbers = new (string Name, long Value, long Least, long Most)[]
        {
            (nameof(limits.MaxChunkBytes), limits.MaxChunkBytes, 2, 16 * 1024 * 1024),
            (nameof(limits.MaxWaitingTurns), limits.MaxWaitingTurns, 1, 65_536),
            (nameof(limits.ReaderWindowBytes), limits.ReaderWindowBytes, 1024, 64 * 1024 * 1024),
            (nameof(limits.KeyframeTolerance), limits.KeyframeTolerance, 0, 25),
            (nameof(limits.MaxRecoveries), limits.MaxRecoveries, 0, 100),
            ("Log:MaxReaders", limits.Log.MaxReaders, 1, 1_000_000),
            ("Log:MaxBytes", limits.Log.MaxBytes, 1024 * 1024, 4L * 1024 * 1024 * 1024),
        };
        foreach (var (name, value, least, most) in numbers)
        {
            if (value < least || value > most)
            {
                yield return $"{name} must be {least} to {most}.";
            }
        }

        if (limits.AudioCreditBytes is { } credit && credit < HighestRate * sizeof(short))
        {
            yield return $"{nameof(limits.AudioCreditBytes)} must be at least {HighestRate * sizeof(short)}, which is a second of speech.";
        }

        if (limits.MaxLead < SessionLimits.MinLead)
        {
            yield return $"{nameof(limits.MaxLead)} must be at least {SessionLimits.MinLead.TotalMilliseconds:0} ms.";
        }

        // What has not been heard does not leave the log: it must hold all that a session may have released.
        double unheard = limits.MaxLead.TotalSeconds * ((HighestRate * sizeof(short)) + (25 * BytesPerKeyframe));
        if (unheard > limits.Log.MaxBytes)
        {
            yield return $"Log:MaxBytes must be at least {unheard:0}, since {nameof(limits.MaxLead)} allows so many bytes that nobody has heard.";
        }
    }
}
