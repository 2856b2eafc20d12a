using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;

namespace MotionGateway.Testing;

/// <summary>Advances the fake clock beside what other threads do.</summary>
public static class FakeTimeExtensions
{
    /// <summary>
    /// Advances in steps until a condition holds. For what other threads do in answer to time: one that has read the clock and has
    /// not set its timer yet would miss a single advance.
    /// </summary>
    /// <param name="time">The clock.</param>
    /// <param name="step">How far at once.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="file">The caller's file.</param>
    /// <param name="line">The caller's line.</param>
    public static Task AdvanceUntilAsync(
        this FakeTimeProvider time, TimeSpan step, Func<bool> condition,
        [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => Eventually.TrueAsync(
        () =>
        {
            if (condition())
            {
                return true;
            }

            time.Advance(step);
            return false;
        },
        file: file, line: line);
}
